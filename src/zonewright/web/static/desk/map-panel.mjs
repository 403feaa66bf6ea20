// The side panel: what lies at a spot, a record, the sums of an area; and its outline on the map.
import { colour } from "./map-base.mjs";

const NOTHING = { type: "FeatureCollection", features: [] };
const NEAR_ZOOM = 16;

export class Panel {
  constructor(work, { onRecord }) {
    this.work = work;
    this.side = document.getElementById("map-side");
    this.body = document.getElementById("map-panel");
    this.words = document.getElementById("map-words").dataset;
    this.onRecord = onRecord;
    this.record = "";
    this.shape = null;
    this.asked = 0;
    document.getElementById("map-close").addEventListener("click", () => this.close());
    this.side.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.close();
    });
    this.body.addEventListener("click", (event) => {
      const item = event.target.closest("button[data-record]");
      const fly = event.target.closest("button[data-fly]");
      if (item) this.openItem(item);
      if (fly) this.fly(this.record === fly.dataset.fly);
    });
  }

  attach(map) {
    this.map = map;
  }

  // A new style forgets what was added to the last one.
  dress() {
    this.map.addSource("chosen", { type: "geojson", data: this.shape ?? NOTHING });
    const ink = colour("ink");
    const halo = colour("map-halo");
    const line = (id, tint, width) => ({
      id,
      type: "line",
      source: "chosen",
      paint: { "line-color": tint, "line-width": width },
    });
    this.map.addLayer(line("chosen-halo", halo, 6));
    this.map.addLayer(line("chosen-line", ink, 2.6));
    this.map.addLayer({
      id: "chosen-point",
      type: "circle",
      source: "chosen",
      filter: ["==", ["geometry-type"], "Point"],
      paint: { "circle-radius": 8, "circle-opacity": 0, "circle-stroke-color": ink, "circle-stroke-width": 2.6 },
    });
  }

  async load(url, options) {
    this.asked += 1;
    const turn = this.asked;
    this.body.setAttribute("aria-busy", "true");
    let html;
    try {
      const response = await fetch(url, { ...options, headers: { Accept: "text/html", "HX-Request": "true", ...options?.headers } });
      html = await response.text();
      if (response.status === 401) globalThis.location.reload();
    } catch {
      html = "";
    }
    if (turn !== this.asked) return null; // A later question was asked meanwhile.
    this.body.removeAttribute("aria-busy");
    return html;
  }

  show(html) {
    this.side.hidden = false;
    this.body.innerHTML = html;
    if (!html) this.body.textContent = this.words.failed;
    for (const swatch of this.body.querySelectorAll("[data-color]")) {
      swatch.style.setProperty("--swatch", swatch.dataset.color);
    }
    globalThis.htmx?.process(this.body);
    this.side.scrollTop = 0;
    this.work.dataset.panel = "open";
    this.map?.resize();
  }

  async ask(url, options) {
    const html = await this.load(url, options);
    if (html === null) return false;
    this.show(html);
    const card = this.body.querySelector(".map-card[data-record]");
    await this.choose(card?.dataset.record ?? "");
    return true;
  }

  // What the tiles say of a block of ready land, above what lies there.
  addBlock({ code, parcel_count: count, area_mu: mu, area_m2: area_m2 }) {
    const card = document.getElementById("map-block").content.cloneNode(true);
    const say = (name, text) => {
      card.querySelector(`[data-block="${name}"]`).textContent = text;
    };
    const number = (value, digits) => Number(value).toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
    say("code", code);
    say("count", number(count, 0));
    say("mu", number(mu, 1));
    say("ha", number(area_m2 / 1e4, 2));
    this.body.prepend(card);
  }

  async open(record, { fly = false, on = "" } = {}) {
    const url = this.work.dataset.record.replace("__record__", encodeURIComponent(record));
    if (!(await this.ask(`${url}${on}`))) return;
    if (fly) this.fly(true);
  }

  // The list stays; the record is shown below it.
  async openItem(button) {
    const { record } = button.dataset;
    const url = this.work.dataset.record.replace("__record__", encodeURIComponent(record));
    const list = button.closest(".map-here");
    const html = await this.load(url);
    if (html === null) return;
    if (list && !list.closest(".map-card")) {
      for (const other of list.querySelectorAll("[data-record]")) other.removeAttribute("aria-current");
      button.setAttribute("aria-current", "true");
      this.body.querySelector(".map-card")?.remove();
      list.insertAdjacentHTML("afterend", html);
      globalThis.htmx?.process(this.body);
    } else {
      this.show(html);
    }
    await this.choose(record);
  }

  async choose(record) {
    this.record = record;
    this.onRecord(record);
    if (!record) return this.outline(null);
    const url = this.work.dataset.shape.replace("__record__", encodeURIComponent(record));
    const response = await fetch(`${url}${this.day()}`, { headers: { Accept: "application/json" } });
    if (this.record !== record) return undefined;
    return this.outline(response.ok ? await response.json() : null);
  }

  day() {
    return this.work.dataset.on ? `?on=${this.work.dataset.on}` : "";
  }

  outline(feature) {
    this.shape = feature?.geometry ? feature : null;
    this.map?.getSource("chosen")?.setData(this.shape ?? NOTHING);
    this.work.dataset.chosen = this.record;
  }

  fly(known) {
    if (!known || !this.shape?.bbox) return;
    const [west, south, east, north] = this.shape.bbox;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.map.fitBounds([[west, south], [east, north]], {
      padding: 70,
      maxZoom: NEAR_ZOOM,
      animate: !still,
      duration: 600,
    });
  }

  close() {
    this.asked += 1;
    this.side.hidden = true;
    delete this.work.dataset.panel;
    this.choose("");
    this.map?.resize();
    this.map?.getCanvas().focus();
  }
}
