// Print: the map is drawn once more, light and finer, away from the page; then saved as a picture
// with title, legend, scale and sources, or sent to the desk, which makes a PDF of it.
import { Map as MapLibreMap } from "../vendor/maplibre-gl.mjs";
import { filtersOf } from "./map-legend.mjs";
import { distance } from "./map-geodesy.mjs";

const SIZE = { a4: [1120, 830], a3: [1500, 1112] };
const FINENESS = 2;
const WAIT_MS = 60_000;
const SIDE = 230;
const EDGE = 28;
const INK = "#16222c";
const MUTED = "#5a6975";

// The colours of the light theme, whatever the page shows.
function inLight(read) {
  const root = document.documentElement;
  const before = root.dataset.theme;
  root.dataset.theme = "light";
  const found = read();
  root.dataset.theme = before;
  return found;
}

function visible(element) {
  return !element.closest("[hidden]");
}

// What the legend shows, as entries of colour, shape and text.
function legendEntries(root) {
  const hex = /^#[0-9a-f]{6}$/;
  const colourOf = (swatch) => getComputedStyle(swatch).getPropertyValue("--swatch").trim().toLowerCase();
  const entries = [];
  for (const group of root.querySelectorAll(".legend-group")) {
    const found = [];
    for (const row of group.querySelectorAll("label, li")) {
      const swatch = row.querySelector(".swatch");
      const box = row.querySelector("input[type=checkbox]");
      const head = box?.dataset.filter ? root.querySelector(`input[data-kind="${box.dataset.filter}"]`) : null;
      const works = row.closest("[data-works-by]") ? root.querySelector('input[data-kind="works"]') : null;
      const off = (box && !box.checked) || (head && !head.checked) || (works && !works.checked);
      if (!swatch || off || !visible(row)) continue;
      const color = colourOf(swatch);
      if (!hex.test(color)) continue;
      const label = row.cloneNode(true);
      label.querySelector(".count")?.remove();
      const shape = swatch.classList.contains("works") ? "line" : "fill";
      found.push({ color, shape, text: label.textContent.trim() });
    }
    if (found.length) {
      entries.push({ color: "", shape: "heading", text: group.querySelector("summary").textContent.trim() });
      entries.push(...found);
    }
  }
  return entries;
}

function widthOf(map) {
  const bounds = map.getBounds();
  const lat = map.getCenter().lat;
  return distance([bounds.getWest(), lat], [bounds.getEast(), lat]);
}

// The map once more, in the light theme, of the paper's shape.
function redrawn(page, paper) {
  const [width, height] = SIZE[paper];
  const frame = document.createElement("div");
  frame.className = "map-offscreen";
  frame.setAttribute("aria-hidden", "true");
  frame.style.width = `${width}px`;
  frame.style.height = `${height}px`;
  document.body.append(frame);
  const map = new MapLibreMap({
    container: frame,
    style: `${page.work.dataset.style}&theme=light${page.time.query()}`,
    bounds: page.map.getBounds(),
    fitBoundsOptions: { padding: 0 },
    interactive: false,
    attributionControl: false,
    fadeDuration: 0,
    pixelRatio: FINENESS,
    canvasContextAttributes: { preserveDrawingBuffer: true },
  });
  map.on("style.load", () => {
    page.legend.apply(map, filtersOf(map));
    if (page.panel.shape) addChosen(map, page.panel.shape);
  });
  return new Promise((resolve, reject) => {
    const done = () => {
      clearTimeout(timer);
      resolve({ map, frame });
    };
    const timer = setTimeout(() => reject(new Error("time")), WAIT_MS);
    map.on("load", () => (map.loaded() ? done() : map.once("idle", done)));
  });
}

function addChosen(map, shape) {
  map.addSource("chosen", { type: "geojson", data: shape });
  map.addLayer({ id: "chosen", type: "line", source: "chosen", paint: { "line-color": INK, "line-width": 2.6 } });
}

function asBlob(canvas) {
  return new Promise((resolve) => {
    canvas.toBlob(resolve, "image/png");
  });
}

// ---- The picture with everything around it ----

function niceScale(width_m) {
  const most = width_m / 4;
  const power = 10 ** Math.floor(Math.log10(most));
  const length = [5, 2, 1].map((step) => step * power).find((step) => step <= most);
  return { share: length / width_m, text: length >= 1000 ? `${length / 1000} km` : `${length} m` };
}

function wrapped(pen, text, width) {
  const lines = [];
  let line = "";
  for (const piece of text.match(/[A-Za-z0-9.,:;()/_-]+\s?|\s|./gu) ?? []) {
    if (line && pen.measureText(line + piece).width > width) {
      lines.push(line.trim());
      line = "";
    }
    line += piece;
  }
  return [...lines, line.trim()].filter(Boolean);
}

function composed(picture, { title, facts, entries, legendTitle, sources, width_m }) {
  const f = FINENESS;
  const [wide, high] = [picture.width, picture.height];
  const sheet = document.createElement("canvas");
  const pen = sheet.getContext("2d");
  const font = getComputedStyle(document.body).fontFamily;
  const type = (size, weight = 400) => `${weight} ${size * f}px ${font}`;
  pen.font = type(12);
  const foot = sources.flatMap((text) => wrapped(pen, text, wide + SIDE * f));
  const [edge, headHeight, footHeight] = [EDGE * f, 56 * f, (foot.length * 17 + 14) * f];
  sheet.width = wide + SIDE * f + 2 * edge;
  sheet.height = high + headHeight + footHeight + 2 * edge;
  pen.fillStyle = "#ffffff";
  pen.fillRect(0, 0, sheet.width, sheet.height);
  const write = (text, x, y, size, { weight = 400, fill = INK } = {}) => {
    pen.font = type(size, weight);
    pen.fillStyle = fill;
    pen.fillText(text, x, y);
  };
  write(title, edge, edge + 22 * f, 24, { weight: 650 });
  write(facts.join(" · "), edge, edge + 44 * f, 13, { fill: MUTED });
  const top = edge + headHeight;
  pen.drawImage(picture, edge, top);
  pen.strokeStyle = "#c5ced6";
  pen.strokeRect(edge, top, wide, high);
  const scale = niceScale(width_m);
  const bar = { x: edge + 14 * f, y: top + high - 18 * f, width: wide * scale.share };
  pen.fillStyle = "rgb(255 255 255 / 85%)";
  pen.fillRect(bar.x - 6 * f, bar.y - 20 * f, bar.width + 12 * f, 30 * f);
  write(scale.text, bar.x, bar.y - 5 * f, 12);
  pen.fillRect(bar.x, bar.y, bar.width, 4 * f);
  let y = top + 16 * f;
  const x = edge + wide + 18 * f;
  write(legendTitle, x, y, 15, { weight: 650 });
  for (const { color, shape, text } of entries) {
    y += (shape === "heading" ? 26 : 20) * f;
    if (y > top + high) break;
    if (shape === "heading") {
      write(text, x, y, 12, { weight: 600, fill: MUTED });
      continue;
    }
    pen.fillStyle = color;
    pen.strokeStyle = color;
    if (shape === "line") pen.fillRect(x, y - 6 * f, 18 * f, 3.5 * f);
    else {
      pen.globalAlpha = 0.75;
      pen.fillRect(x, y - 10 * f, 18 * f, 11 * f);
      pen.globalAlpha = 1;
      pen.strokeRect(x, y - 10 * f, 18 * f, 11 * f);
    }
    write(text, x + 26 * f, y, 13);
  }
  foot.forEach((text, index) => write(text, edge, top + high + (20 + index * 17) * f, 12, { fill: MUTED }));
  return sheet;
}

function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

export class Print {
  constructor(page) {
    this.page = page;
    this.dialog = document.getElementById("map-print");
    this.words = document.getElementById("map-words").dataset;
    this.fault = document.getElementById("map-print-fault");
    const opener = document.querySelector('[data-tool="print"]');
    opener.addEventListener("click", () => {
      this.fault.hidden = true;
      this.dialog.showModal();
      opener.setAttribute("aria-expanded", "true");
    });
    this.dialog.addEventListener("close", () => opener.setAttribute("aria-expanded", "false"));
    for (const button of this.dialog.querySelectorAll("[data-print]")) {
      button.addEventListener("click", () => this.make(button));
    }
  }

  async make(button) {
    const form = new FormData(document.getElementById("map-print-form"));
    const label = button.textContent;
    button.disabled = true;
    button.textContent = this.words.printing;
    this.fault.hidden = true;
    let drawn;
    try {
      drawn = await redrawn(this.page, form.get("paper"));
      if (button.dataset.print === "png") await this.png(drawn.map, form);
      else await this.pdf(drawn.map, form);
      this.dialog.close();
    } catch {
      this.fault.textContent ||= this.words.failed;
      this.fault.hidden = false;
    } finally {
      drawn?.map.remove();
      for (const frame of document.querySelectorAll(".map-offscreen")) frame.remove();
      button.disabled = false;
      button.textContent = label;
    }
  }

  day() {
    return document.getElementById("map-day").value;
  }
  sources() {
    const notices = [...document.querySelectorAll(".notice li, .notice p")].map((one) => one.textContent.trim());
    return [...new Set([...notices, document.getElementById("map-attribution").textContent.trim()])].filter(Boolean);
  }
  entries() {
    return inLight(() => legendEntries(this.page.legend.root));
  }

  async png(map, form) {
    const sheet = composed(map.getCanvas(), {
      title: form.get("title"),
      facts: [this.page.work.dataset.title, this.day()].filter((text) => text && text !== form.get("title")),
      entries: this.entries(),
      legendTitle: this.words.legend,
      sources: this.sources(),
      width_m: widthOf(map),
    });
    save(await asBlob(sheet), `map-${this.day()}.png`);
  }

  async pdf(map, form) {
    form.set("picture", await asBlob(map.getCanvas()), "map.png");
    form.set("legend", JSON.stringify(this.entries()));
    form.set("width_m", String(widthOf(map)));
    form.set("on", this.page.time.on);
    form.set("attribution", this.page.attribution());
    const response = await fetch(this.page.work.dataset.print, {
      method: "POST",
      body: form,
      headers: { "X-CSRFToken": this.page.token, "HX-Request": "true" },
    });
    if (!response.ok) {
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      this.fault.textContent = page.querySelector(".lead")?.textContent ?? "";
      throw new Error(String(response.status));
    }
    save(await response.blob(), `map-${this.day()}.pdf`);
  }
}
