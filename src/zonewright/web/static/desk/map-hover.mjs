// What lies under the pointer is named beside it, from what the tiles carry.
const ORDER = ["works-point", "works-line", "parcels", "no_go"];

export class Hover {
  constructor(map, frame, legend, sketch) {
    this.map = map;
    this.frame = frame;
    this.legend = legend;
    this.sketch = sketch;
    this.tag = document.getElementById("map-name");
    this.lit = "";
    map.on("mousemove", (event) => this.move(event));
    map.on("mouseout", () => this.leave());
  }

  layers() {
    const all = this.map.getStyle().layers;
    const ids = all.filter(({ id }) => ORDER.includes(id) || /^(ref-.*|zone-.*-fill)$/.test(id));
    return ids.map(({ id }) => id);
  }

  move(event) {
    if (this.sketch.active) return this.leave();
    const { x, y } = event.point;
    const box = [[x - 3, y - 3], [x + 3, y + 3]];
    const found = this.map.queryRenderedFeatures(box, { layers: this.layers() });
    const zones = found.filter(({ source }) => source === "zones");
    zones.sort((a, b) => a.properties.area_km2 - b.properties.area_km2);
    this.light(zones[0]?.properties.code ?? "");
    const lines = [...found.filter(({ source }) => source !== "zones").slice(0, 2), ...zones.slice(0, 1)];
    const text = [...new Set(lines.map((feature) => this.nameOf(feature)))].filter(Boolean).join("\n");
    this.map.getCanvas().style.cursor = text ? "pointer" : "";
    this.tag.hidden = !text;
    if (!text) return undefined;
    this.tag.textContent = text;
    const left = Math.min(x + 14, this.frame.clientWidth - this.tag.offsetWidth - 8);
    const top = Math.min(y + 14, this.frame.clientHeight - this.tag.offsetHeight - 8);
    this.tag.style.left = `${left}px`;
    this.tag.style.top = `${top}px`;
    return undefined;
  }

  nameOf({ source, properties }) {
    const { code, name, name_en: english, kind, stage } = properties;
    if (source === "zones") return document.documentElement.lang === "en" ? english || name : name;
    if (source === "parcels") return [code, this.legend.nameOf("parcels", stage ?? "L0")].filter(Boolean).join(" · ");
    if (source === "works" || source === "no_go") {
      return [name || code, this.legend.nameOf(source, kind)].filter(Boolean).join(" · ");
    }
    return name || code || "";
  }

  light(code) {
    if (code === this.lit) return;
    const set = (id, lit) => id && this.map.setFeatureState({ source: "zones", sourceLayer: "zones", id }, { lit });
    set(this.lit, false);
    set(code, true);
    this.lit = code;
  }

  leave() {
    this.tag.hidden = true;
    this.light("");
  }
}
