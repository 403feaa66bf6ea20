// A field of a form whose value is a geometry: draw it, reshape it, or write its coordinates.
//
//   <div data-draw-field data-input="ID of the hidden input" data-kinds="multipolygon|geometry"
//        data-style="address of the style" data-bounds="[[west,south],[east,north]]"></div>
//
// The input holds GeoJSON (EPSG:4490) or nothing. It changes only when the reader changes something,
// and a vertex that was not touched keeps every digit. Events on the input: "input".
import { canDraw, makeMap, onTheme, styleUrl } from "./map-base.mjs";
import { DrawBoard } from "./draw-board.mjs";
import { boxOf, fromText, partsOf, toText } from "./map-geometry.mjs";
import { areaText, geometryArea, geometryLength, lengthText } from "./map-geodesy.mjs";

const KEPT = 100;

async function tools(root) {
  const address = root.dataset.tools ?? "/map/draw-field/";
  const url = `${address}?kinds=${encodeURIComponent(root.dataset.kinds ?? "geometry")}&id=${encodeURIComponent(root.dataset.input)}`;
  const response = await fetch(url, { headers: { Accept: "text/html" } });
  if (!response.ok) throw new Error(`${response.status} ${url}`);
  root.innerHTML = await response.text();
}

function readValue(input) {
  if (!input.value.trim()) return null;
  try {
    const thing = JSON.parse(input.value);
    return thing.type === "Feature" ? thing.geometry : thing;
  } catch {
    return null; // What another way of typing left there stays until something is drawn.
  }
}

class DrawField {
  constructor(root, input) {
    this.root = root;
    this.input = input;
    this.areas = root.dataset.kinds === "multipolygon";
    this.lang = document.documentElement.lang.startsWith("en") ? "en" : "zh";
    this.find = (name) => root.querySelector(`[data-draw="${name}"]`);
    this.words = root.querySelector("[data-draw-words]").dataset;
    this.past = [];
    this.future = [];
    this.value = readValue(input);
  }

  start() {
    this.show();
    this.find("apply").addEventListener("click", () => this.applyText());
    if (!canDraw()) {
      this.root.querySelector("[data-draw-map]").hidden = true;
      this.find("tools").hidden = true;
      this.root.querySelector("details").open = true;
      this.say(this.words.noWebgl);
      return;
    }
    this.startMap();
  }

  startMap() {
    const frame = this.root.querySelector("[data-draw-map]");
    const { style } = this.root.dataset;
    const own = boxOf(partsOf(this.value));
    const map = makeMap(frame, {
      style: styleUrl(style),
      bounds: own ?? JSON.parse(this.root.dataset.bounds),
      padding: own ? 60 : 16,
    });
    this.map = map;
    this.board = new DrawBoard(map, {
      onChange: () => this.changed(),
      onMode: (mode) => this.press(mode),
    });
    map.on("style.load", () => {
      this.board.start();
      this.draw(this.value);
      frame.dataset.ready = "1";
    });
    onTheme(() => {
      this.board.stop();
      map.setStyle(styleUrl(style));
    });
    this.root.addEventListener("click", (event) => {
      const button = event.target.closest("button[data-draw]");
      if (button) this.act(button.dataset.draw);
    });
  }

  act(name) {
    if (name === "undo") this.travel(this.past, this.future);
    else if (name === "redo") this.travel(this.future, this.past);
    else if (name === "delete") this.board.removeSelected();
    else if (name === "zoom") this.zoom();
    else if (name !== "apply") this.board.choose(name);
  }

  zoom() {
    const box = boxOf(partsOf(this.value));
    if (box) this.map.fitBounds(box, { padding: 60, maxZoom: 18, animate: false });
  }

  press(mode) {
    for (const button of this.root.querySelectorAll("button[aria-pressed]")) {
      button.setAttribute("aria-pressed", String(button.dataset.draw === mode));
    }
    this.say(this.words[`mode${mode[0].toUpperCase()}${mode.slice(1)}`] ?? "");
  }

  draw(value) {
    this.board.load(value);
    this.board.choose("select");
    this.drawn = JSON.stringify(this.board.value({ multi: this.areas }));
  }

  // What was drawn becomes the value; choosing a part changes nothing.
  changed() {
    const value = this.board.value({ multi: this.areas });
    if (JSON.stringify(value) === this.drawn) return;
    this.drawn = JSON.stringify(value);
    this.remember();
    this.take(value);
  }

  remember() {
    this.past.push(this.value);
    if (this.past.length > KEPT) this.past.shift();
    this.future = [];
  }

  take(value) {
    this.value = value;
    this.input.value = value ? JSON.stringify(value) : "";
    this.input.dispatchEvent(new Event("input", { bubbles: true }));
    this.show();
  }

  travel(from, to) {
    if (!from.length) return;
    to.push(this.value);
    const value = from.pop();
    this.draw(value);
    this.take(value);
  }

  applyText() {
    const field = this.root.querySelector("textarea");
    const fault = this.find("fault");
    try {
      const parts = fromText(field.value, { areas: this.areas });
      if (this.areas && parts.some((part) => part.type !== "Polygon")) throw new TypeError("areas");
      const value = DrawBoard.join(parts, { multi: this.areas });
      fault.hidden = true;
      field.removeAttribute("aria-invalid");
      this.remember();
      if (this.board) this.draw(value);
      this.take(value);
      if (this.map) this.zoom();
    } catch (error) {
      const known = error instanceof TypeError ? this.words.onlyAreas : this.words.unreadable;
      fault.textContent = known;
      fault.hidden = false;
      field.setAttribute("aria-invalid", "true");
    }
  }

  // Size, buttons and text follow the value.
  show() {
    const parts = partsOf(this.value);
    const area_m2 = geometryArea(this.value);
    const length_m = geometryLength(this.value);
    const said = [this.words.parts.replace("{count}", String(parts.length))];
    if (area_m2) said.push(areaText(area_m2, this.lang));
    if (length_m) said.push(lengthText(length_m, this.lang));
    if (this.value?.type === "GeometryCollection") said.push(this.words.oneKind);
    this.root.querySelector("[data-draw-size]").textContent = parts.length
      ? said.join(" · ")
      : this.words.nothing;
    this.root.querySelector("textarea").value = toText(this.value);
    const can = { undo: this.past.length, redo: this.future.length, zoom: parts.length };
    for (const [name, possible] of Object.entries(can)) this.find(name).disabled = !possible;
    this.root.dataset.parts = String(parts.length);
  }

  say(text) {
    this.root.querySelector("[data-draw-hint]").textContent = text;
  }
}

export async function startField(root) {
  if (root.dataset.started) return;
  root.dataset.started = "1";
  const input = document.getElementById(root.dataset.input);
  await tools(root);
  new DrawField(root, input).start();
}

export function startFields(within = document) {
  for (const root of within.querySelectorAll("[data-draw-field]")) startField(root);
}

startFields();
document.addEventListener("htmx:load", (event) => startFields(event.target));
