// Charts: the specifications that the report draws too, drawn here by Vega without eval.
import { compile, expressionInterpreter, parse, View } from "../vendor/vega.mjs";

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function theme() {
  const chosen = document.documentElement.dataset.theme;
  if (chosen === "light" || chosen === "dark") return chosen;
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

// The page's ground and ink instead of the printed page's.
const LABELS = 140;
// A chart of one panel fills its figure, whatever its labels take; others leave room for them.
const PANELS = ["hconcat", "vconcat", "concat", "facet", "repeat"];
function dressed(spec, width) {
  const text = { labelColor: colour("--ink"), titleColor: colour("--muted") };
  const lines = { domainColor: colour("--edge"), tickColor: colour("--edge"), gridColor: colour("--line") };
  const given = spec.config ?? {};
  const one = !PANELS.some((name) => name in spec);
  const room = Math.max(one ? width : width - LABELS, 160);
  return {
    ...spec,
    ...(typeof spec.width === "number" ? { width: room, ...(one ? { autosize: { type: "fit-x", contains: "padding" } } : {}) } : {}),
    background: "transparent",
    config: {
      ...given,
      font: getComputedStyle(document.body).fontFamily,
      axis: { ...given.axis, ...text, ...lines },
      legend: { ...given.legend, ...text },
      title: { ...given.title, color: colour("--ink") },
      text: { ...given.text, color: colour("--ink") },
    },
  };
}

async function draw(figure) {
  const address = figure.dataset.chart;
  const response = await fetch(`${address}${address.includes("?") ? "&" : "?"}theme=${theme()}`, { headers: { Accept: "application/json" } });
  if (!response.ok) return;
  const spec = await response.json();
  const runtime = parse(compile(dressed(spec, figure.clientWidth)).spec, {}, { ast: true });
  figure.replaceChildren();
  const view = new View(runtime, { expr: expressionInterpreter, renderer: "svg", container: figure });
  await view.runAsync();
  // The figure names the chart; its numbers stand in the table beside it.
  figure.querySelector("svg")?.setAttribute("aria-hidden", "true");
  figure.dataset.drawn = "1";
}

function drawAll() {
  for (const figure of document.querySelectorAll("[data-chart]")) draw(figure);
}
drawAll();
// A chart that HTMX brings in is drawn when it stands on the page.
document.addEventListener("htmx:afterSettle", (event) => {
  for (const figure of event.target.parentElement?.querySelectorAll("[data-chart]:not([data-drawn])") ?? []) draw(figure);
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
