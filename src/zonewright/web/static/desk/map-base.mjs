// What every map of the desk shares: theme, the map itself, and what is said without WebGL.
import { Map as MapLibreMap, NavigationControl, ScaleControl } from "../vendor/maplibre-gl.mjs";

const DARK = matchMedia("(prefers-color-scheme: dark)");

export function theme() {
  const chosen = document.documentElement.dataset.theme;
  if (chosen === "light" || chosen === "dark") return chosen;
  return DARK.matches ? "dark" : "light";
}

export function styleUrl(address) {
  return `${address}${address.includes("?") ? "&" : "?"}theme=${theme()}`;
}

export function onTheme(change) {
  DARK.addEventListener("change", change);
}

export function canDraw() {
  const canvas = document.createElement("canvas");
  return Boolean(canvas.getContext("webgl2") ?? canvas.getContext("webgl"));
}

// A colour of the theme, for what is drawn on the map by script.
export function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

// A flat map with north up. `frame` counts in `data-idle` how often everything was drawn.
export function makeMap(frame, { style, bounds, padding = 24, ...more }) {
  const map = new MapLibreMap({
    container: frame,
    style,
    bounds,
    fitBoundsOptions: { padding },
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    maxPitch: 0,
    maxZoom: 19,
    minZoom: 5,
    ...more,
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new NavigationControl({ showCompass: false }), "top-right");
  map.addControl(new ScaleControl({ maxWidth: 110, unit: "metric" }), "bottom-right");
  map.on("idle", () => {
    frame.dataset.idle = String(Number(frame.dataset.idle || 0) + 1);
  });
  return map;
}
