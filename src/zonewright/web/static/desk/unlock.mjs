// An unlock plan on the map: what is ready, and what the budget of the slider buys.
import { canDraw, colour, makeMap, onTheme, styleUrl } from "./map-base.mjs";

const SOURCE = "plan";

function chosen() {
  return JSON.parse(document.getElementById("plan-step")?.dataset.chosen || "[]");
}

function box(features) {
  const bounds = [[180, 90], [-180, -90]];
  const widen = (part) => {
    if (typeof part[0] === "number") {
      for (const axis of [0, 1]) {
        bounds[0][axis] = Math.min(bounds[0][axis], part[axis]);
        bounds[1][axis] = Math.max(bounds[1][axis], part[axis]);
      }
    } else part.forEach(widen);
  };
  for (const feature of features) widen(feature.geometry.coordinates);
  return bounds;
}

function layers() {
  const bought = ["in", ["get", "code"], ["literal", chosen()]];
  return [
    { id: "plan-ready", type: "fill", source: SOURCE, filter: ["get", "ready"], paint: { "fill-color": colour("block"), "fill-opacity": 0.55 } },
    { id: "plan-bought", type: "fill", source: SOURCE, filter: bought, paint: { "fill-color": colour("red"), "fill-opacity": 0.35 } },
    { id: "plan-line", type: "line", source: SOURCE, filter: bought, paint: { "line-color": colour("red"), "line-width": 2 } },
  ];
}

async function start(frame) {
  frame.dataset.started = "1";
  const response = await fetch(frame.dataset.shapes, { headers: { Accept: "application/geo+json" } });
  const shapes = response.ok ? await response.json() : { type: "FeatureCollection", features: [] };
  const wanted = new Set(chosen());
  const near = shapes.features.filter((feature) => wanted.has(feature.properties.code));
  const looked = near.length ? near : shapes.features;
  const map = makeMap(frame, {
    style: styleUrl(frame.dataset.style),
    ...(looked.length ? { bounds: box(looked) } : {}),
    padding: 48,
    maxZoom: 17,
  });
  map.on("style.load", () => {
    map.addSource(SOURCE, { type: "geojson", data: shapes });
    for (const layer of layers()) map.addLayer(layer);
    frame.dataset.bought = String(chosen().length);
  });
  map.on("click", (event) => {
    const hit = map.queryRenderedFeatures(event.point).find((feature) => ["parcels", SOURCE].includes(feature.source));
    const field = document.getElementById("why-parcel");
    if (!hit || !field) return;
    field.value = hit.properties.code;
    field.form.requestSubmit();
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (!map.getLayer("plan-bought")) return;
    for (const layer of layers()) map.setFilter(layer.id, layer.filter);
    frame.dataset.bought = String(chosen().length);
  });
  onTheme(() => map.setStyle(styleUrl(frame.dataset.style)));
}

function begin() {
  const frame = document.getElementById("plan-map");
  if (!frame || frame.dataset.started) return;
  if (canDraw()) start(frame);
  else document.getElementById("map-without").hidden = false;
}
begin();
// A plan that is finished while its page stands open brings its map with it.
document.addEventListener("htmx:afterSettle", begin);
