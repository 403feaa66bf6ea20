// The pages of map services and layers: colours of the list, and a tile to see whether a service answers.
for (const swatch of document.querySelectorAll("[data-color]")) {
  swatch.style.setProperty("--swatch", swatch.dataset.color);
}

const ZOOM = 10;

function tileOf([[west, south], [east, north]]) {
  const count = 2 ** ZOOM;
  const lat = (((south + north) / 2) * Math.PI) / 180;
  const x = Math.floor((((west + east) / 2 + 180) / 360) * count);
  const y = Math.floor(((1 - Math.asinh(Math.tan(lat)) / Math.PI) / 2) * count);
  return { z: ZOOM, x, y, s: 0 };
}

const test = document.querySelector("[data-test-tile]");
if (test) {
  const place = tileOf(JSON.parse(test.dataset.bounds));
  const picture = test.querySelector("img");
  const status = test.querySelector("[role=status]");
  picture.addEventListener("load", () => {
    status.textContent = test.dataset.fine;
  });
  picture.addEventListener("error", () => {
    status.textContent = test.dataset.failed;
  });
  picture.src = test.dataset.testTile.replace(/\{([zxys])\}/g, (_whole, name) => String(place[name]));
}
