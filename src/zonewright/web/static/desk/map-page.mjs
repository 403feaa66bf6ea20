// The page of the map: its parts are put together here, and its address keeps what is shown.
import { canDraw, makeMap, onTheme, styleUrl } from "./map-base.mjs";
import { Legend, filtersOf } from "./map-legend.mjs";
import { Panel } from "./map-panel.mjs";
import { Print } from "./map-print.mjs";
import { startSearch } from "./map-search.mjs";
import { Sketch } from "./map-sketch.mjs";
import { Time } from "./map-time.mjs";
import { Hover } from "./map-hover.mjs";

const CLICK_PX = 6;
const DIGITS = 5;
const KINDS = { parcel: "parcels", work: "works", no_go: "no_go" };

class MapPage {
  constructor(work) {
    this.work = work;
    this.frame = document.getElementById("map");
    this.params = new URLSearchParams(globalThis.location.search);
    this.token = work.querySelector("[name=csrfmiddlewaretoken]").value;
    this.words = document.getElementById("map-words").dataset;
    this.original = new Map();
    this.legend = new Legend(document.getElementById("map-legend"), () => this.dress());
    this.legend.read(this.params);
    this.panel = new Panel(work, { onRecord: () => this.remember() });
    this.time = new Time(work, { onDay: () => this.remember() });
    this.sketch = new Sketch(work, { onArea: (area) => this.select(area) });
    if (this.params.get("on")) this.time.set(this.params.get("on"), { quiet: true });
    if (matchMedia("(max-width: 60rem)").matches) this.legend.root.open = false;
  }

  start() {
    startSearch(this.work, (record) => this.panel.open(record, { fly: true }));
    document.querySelector('[data-tool="link"]').addEventListener("click", () => this.copyLink());
    if (canDraw()) this.draw();
    else {
      this.frame.hidden = true;
      document.getElementById("map-without").hidden = false;
    }
    const record = this.params.get("record");
    if (record) this.panel.open(record, { fly: !this.params.has("at") });
  }

  address() {
    return styleUrl(`${this.work.dataset.style}${this.time.query()}`);
  }

  draw() {
    const [lon, lat, zoom] = (this.params.get("at") ?? "").split(",").map(Number);
    const seen = [lon, lat, zoom].every(Number.isFinite);
    const view = seen ? { center: [lon, lat], zoom } : { bounds: JSON.parse(this.work.dataset.bounds) };
    const map = makeMap(this.frame, { style: this.address(), padding: this.room(), ...view });
    this.map = map;
    this.panel.attach(map);
    map.on("style.load", () => this.styled());
    map.on("moveend", () => this.remember());
    map.on("click", (event) => this.click(event));
    this.hover = new Hover(map, this.frame, this.legend, this.sketch);
    new Print(this);
    onTheme(() => {
      this.sketch.detach();
      map.setStyle(this.address());
    });
  }

  room() {
    const wide = this.frame.clientWidth > 700 && this.legend.root.open;
    return { top: 24, right: 50, bottom: 32, left: wide ? this.legend.root.offsetWidth + 30 : 24 };
  }

  styled() {
    this.original = filtersOf(this.map);
    this.time.attach(this.map);
    this.panel.dress();
    this.dress();
    this.sketch.attach(this.map);
  }

  dress() {
    if (!this.original.size) return;
    this.legend.apply(this.map, this.original);
    document.getElementById("map-attribution").textContent = this.attributions();
    this.remember();
  }

  attribution() {
    const boxes = this.legend.root.querySelectorAll("input[data-attribution]:checked");
    return [...new Set([...boxes].map((box) => box.dataset.attribution))].filter(Boolean).join(" · ");
  }
  attributions() {
    this.ground ??= document.getElementById("map-attribution").textContent.trim();
    return [this.attribution(), this.ground].filter(Boolean).join(" · ");
  }

  click(event) {
    if (this.sketch.active) return;
    const { lng, lat } = event.lngLat;
    const beside = this.map.unproject([event.point.x + CLICK_PX, event.point.y]);
    const tolerance = Math.abs(beside.lng - lng) * 111_320 * Math.cos((lat * Math.PI) / 180);
    const kinds = ["zone", ...Object.keys(KINDS).filter((kind) => this.legend.shows(KINDS[kind]))];
    const query = new URLSearchParams({
      lon: lng.toFixed(7),
      lat: lat.toFixed(7),
      tolerance: tolerance.toFixed(2),
      kinds: kinds.join(","),
      hidden: this.legend.hiddenZoneKinds().join(","),
      layers: this.referencesShown().join(","),
    });
    if (this.time.on) query.set("on", this.time.on);
    const [block] = this.legend.shows("blocks")
      ? this.map.queryRenderedFeatures(event.point, { layers: ["blocks"] })
      : [];
    this.ask(`${this.work.dataset.at}?${query}`, block);
  }

  async ask(url, block) {
    const shown = await this.panel.ask(url);
    if (shown && block) this.panel.addBlock(block.properties);
  }

  referencesShown() {
    const boxes = this.legend.root.querySelectorAll('input[data-kind^="ref-"]:checked');
    return [...boxes].map((box) => box.dataset.kind.slice("ref-".length));
  }

  select(area) {
    const body = new URLSearchParams({ area: JSON.stringify(area), on: this.time.on });
    this.panel.ask(this.work.dataset.select, {
      method: "POST",
      body,
      headers: { "X-CSRFToken": this.token },
    });
  }

  // ---- The address ----

  remember() {
    if (!this.map) return;
    const { lng, lat } = this.map.getCenter();
    const params = new URLSearchParams();
    params.set("at", [lng.toFixed(DIGITS), lat.toFixed(DIGITS), this.map.getZoom().toFixed(2)].join(","));
    if (this.time.on) params.set("on", this.time.on);
    if (this.panel.record) params.set("record", this.panel.record);
    this.legend.write(params);
    const text = params.toString().replaceAll("%2C", ",").replaceAll("%3A", ":");
    globalThis.history.replaceState(null, "", `?${text}`);
  }

  async copyLink() {
    const { href } = globalThis.location;
    try {
      await navigator.clipboard.writeText(href);
      this.sketch.tell(this.words.copied);
    } catch {
      this.sketch.tell(`${this.words.copy} ${href}`);
    }
    setTimeout(() => {
      if (!this.sketch.active) this.sketch.tell("");
    }, 6_000);
  }
}

const work = document.getElementById("map-work");
if (work) new MapPage(work).start();
