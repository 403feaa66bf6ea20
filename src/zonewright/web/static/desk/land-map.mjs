// The map of blocks: their outlines over the land by stage, and the parcels in their way.
import { canDraw, colour, makeMap, onTheme, styleUrl } from "./map-base.mjs";

const frame = document.getElementById("land-map");
const nameTag = document.getElementById("land-map-name");
const KINDS = ["beside", "blocker", "near", "block", "rectangle"];

function ofKind(kind) {
  return ["==", ["get", "kind"], kind];
}

// How each kind is drawn: colour, dashes, strength of its ground.
function drawn() {
  return {
    block: { color: colour("block"), fill: 0.22, width: 2.4 },
    near: { color: colour("block"), fill: 0.08, width: 1.6, dash: [2, 2] },
    rectangle: { color: colour("ink"), fill: 0, width: 1.4, dash: [1, 2] },
    blocker: { color: colour("red"), fill: 0.4, width: 2 },
    beside: { color: colour("ink"), fill: 0.02, width: 1, dash: [3, 2] },
  };
}

function addShapes(map, shapes) {
  map.addSource("land", { type: "geojson", data: shapes });
  const looks = drawn();
  for (const kind of KINDS) {
    const look = looks[kind];
    const common = { source: "land", filter: ofKind(kind), metadata: { land: kind } };
    const line = { "line-color": look.color, "line-width": look.width };
    if (look.dash) line["line-dasharray"] = look.dash;
    map.addLayer({ ...common, id: `land-${kind}`, type: "fill", paint: { "fill-color": look.color, "fill-opacity": look.fill } });
    map.addLayer({ ...common, id: `land-${kind}-line`, type: "line", paint: line });
  }
}

function applyToggles(map) {
  for (const box of document.querySelectorAll(".legend input[type=checkbox]")) {
    for (const layer of map.getStyle().layers) {
      const own = box.dataset.land ? layer.metadata?.land === box.dataset.land : layer.metadata?.kind === box.dataset.kind;
      if (own) map.setLayoutProperty(layer.id, "visibility", box.checked ? "visible" : "none");
    }
  }
}

function say(text) {
  nameTag.textContent = text;
  nameTag.hidden = !text;
}

async function shapesOf(address) {
  for (let turn = 0; turn < 40; turn += 1) {
    const response = await fetch(address, { headers: { Accept: "application/json" } });
    if (response.ok) return response.json();
    if (response.status !== 503) throw new Error(response.status);
    await new Promise((resolve) => { setTimeout(resolve, 3000); });
  }
  throw new Error("late");
}

function top(map, point) {
  const layers = KINDS.map((kind) => `land-${kind}`).filter((id) => map.getLayer(id));
  return map.queryRenderedFeatures(point, { layers })[0];
}

function start() {
  if (matchMedia("(max-width: 40rem)").matches) document.querySelector(".legend").open = false;
  const map = makeMap(frame, {
    style: styleUrl(frame.dataset.style),
    bounds: JSON.parse(frame.dataset.bounds),
    padding: 32,
    maxZoom: 18,
    minZoom: 6,
  });
  const shapes = shapesOf(frame.dataset.shapes);
  map.on("style.load", async () => {
    try {
      const found = await shapes;
      if (!map.getSource("land")) addShapes(map, found);
      applyToggles(map);
      frame.dataset.shown = String(found.features.length);
    } catch {
      say(frame.dataset.failed);
    }
  });
  map.on("mousemove", (event) => {
    const feature = top(map, event.point);
    map.getCanvas().style.cursor = feature?.properties.address ? "pointer" : "";
    say(feature ? `${feature.properties.code} ${feature.properties.area_mu.toLocaleString()} ${frame.dataset.mu}`.trim() : "");
    nameTag.style.left = `${Math.min(event.point.x + 14, frame.clientWidth - nameTag.offsetWidth - 8)}px`;
    nameTag.style.top = `${event.point.y + 14}px`;
  });
  map.on("mouseout", () => say(""));
  map.on("click", (event) => {
    const address = top(map, event.point)?.properties.address;
    if (address) globalThis.location.assign(address);
  });
  document.querySelector(".legend")?.addEventListener("change", () => applyToggles(map));
  onTheme(() => map.setStyle(styleUrl(frame.dataset.style)));
}

if (frame && canDraw()) start();
else if (frame) document.getElementById("land-map-without").hidden = false;
