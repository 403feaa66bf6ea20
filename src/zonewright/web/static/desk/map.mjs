// The map: zones that overlap, their layers, and the panel of the zone chosen.
import { canDraw, makeMap, onTheme, styleUrl } from "./map-base.mjs";

const frame = document.getElementById("map");
const nameTag = document.getElementById("map-name");
const stageLegend = document.getElementById("stage-legend");

function zoneLayers(map) {
  return map
    .getStyle()
    .layers.filter((layer) => layer.id.startsWith("zone-") && layer.id.endsWith("-fill"))
    .map((layer) => layer.id);
}

// Zones under a point, the smallest first, each once: tiles repeat a zone that crosses their edge.
function zonesAt(map, point) {
  const found = new globalThis.Map();
  for (const feature of map.queryRenderedFeatures(point, { layers: zoneLayers(map) })) {
    found.set(feature.properties.code, feature.properties);
  }
  return [...found.values()].sort((a, b) => a.area_km2 - b.area_km2);
}

function title(zone) {
  return frame.dataset.lang === "en" ? zone.name_en || zone.name : zone.name;
}

function mark(map, code, name, on) {
  if (!code) return;
  map.setFeatureState({ source: "zones", sourceLayer: "zones", id: code }, { [name]: on });
}

function applyToggles(map) {
  for (const box of document.querySelectorAll(".legend input[data-kind]")) {
    for (const layer of map.getStyle().layers) {
      if (layer.metadata?.kind === box.dataset.kind) {
        map.setLayoutProperty(layer.id, "visibility", box.checked ? "visible" : "none");
      }
    }
  }
  const hidden = [...document.querySelectorAll(".legend input[data-kind]:not(:checked)")];
  const kinds = hidden.map((box) => box.dataset.kind);
  for (const id of ["name-small", "name-large"]) {
    if (!map.getLayer(id)) continue;
    const own = ["!", ["in", ["get", "kind"], ["literal", kinds]]];
    nameFilters[id] ??= map.getFilter(id);
    map.setFilter(id, ["all", nameFilters[id], own]);
  }
}
const nameFilters = {};

function roomBesideLegend() {
  const legend = document.querySelector(".legend");
  const room = frame.clientWidth - (legend?.offsetWidth ?? 0);
  const left = legend?.open && room > 420 ? legend.offsetWidth + 28 : 24;
  return { top: 24, right: 44, bottom: 32, left };
}

function start() {
  const narrow = matchMedia("(max-width: 40rem)").matches;
  if (narrow) document.querySelector(".legend").open = false;
  const bounds = JSON.parse(frame.dataset.bounds);
  const map = makeMap(frame, {
    style: styleUrl(frame.dataset.style),
    bounds,
    padding: roomBesideLegend(),
    maxZoom: 17,
    minZoom: 6,
  });

  let lit = "";
  let chosen = frame.dataset.focus || "";
  let lastSpot = null;

  function showStages() {
    const box = document.querySelector('.legend input[data-kind="parcels"]');
    if (stageLegend) stageLegend.hidden = !box?.checked;
  }
  function choose(code) {
    mark(map, chosen, "chosen", false);
    chosen = code;
    mark(map, chosen, "chosen", true);
  }

  map.on("style.load", () => {
    for (const id of Object.keys(nameFilters)) delete nameFilters[id];
    applyToggles(map);
    mark(map, chosen, "chosen", true);
    showStages();
  });
  map.on("mousemove", (event) => {
    const [zone] = zonesAt(map, event.point);
    const code = zone?.code ?? "";
    if (code !== lit) {
      mark(map, lit, "lit", false);
      mark(map, code, "lit", true);
      lit = code;
    }
    map.getCanvas().style.cursor = zone ? "pointer" : "";
    nameTag.hidden = !zone;
    if (zone) {
      nameTag.textContent = title(zone);
      const left = Math.min(event.point.x + 14, frame.clientWidth - nameTag.offsetWidth - 8);
      nameTag.style.left = `${left}px`;
      nameTag.style.top = `${event.point.y + 14}px`;
    }
  });
  map.on("mouseout", () => {
    nameTag.hidden = true;
    mark(map, lit, "lit", false);
    lit = "";
  });
  map.on("click", (event) => {
    const zones = zonesAt(map, event.point);
    if (!zones.length) return;
    const same = lastSpot && lastSpot.dist(event.point) < 6;
    const index = same ? zones.findIndex((zone) => zone.code === chosen) : -1;
    const zone = zones[(index + 1) % zones.length];
    lastSpot = event.point;
    choose(zone.code);
    const url = frame.dataset.zone.replace("__code__", encodeURIComponent(zone.code));
    if (frame.dataset.panel) globalThis.htmx.ajax("GET", url, frame.dataset.panel);
    else globalThis.location.assign(url);
  });
  document.querySelector(".legend")?.addEventListener("change", () => {
    applyToggles(map);
    showStages();
  });
  onTheme(() => map.setStyle(styleUrl(frame.dataset.style)));
}

if (frame && canDraw()) start();
else if (frame) document.getElementById("map-without").hidden = false;
