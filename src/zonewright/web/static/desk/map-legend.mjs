// The legend: which layers are drawn, which of their features, and how works are coloured.
const FILTERED = ["parcels", "works", "no_go"];
const FIELD = { parcels: ["coalesce", ["get", "stage"], "L0"], works: ["get", "kind"], no_go: ["get", "kind"] };
const HIGH_OPACITY = 100;

export class Legend {
  constructor(root, onChange) {
    this.root = root;
    this.hierarchy = root.querySelector("#map-hierarchy");
    this.by = root.querySelector("#map-works-by");
    this.opacity = root.querySelector("#map-opacity");
    this.defaults = new Map(this.boxes().map((box) => [box, box.checked]));
    for (const swatch of root.querySelectorAll("[data-color]")) {
      swatch.style.setProperty("--swatch", swatch.dataset.color);
    }
    const changed = () => {
      this.follow();
      onChange();
    };
    root.addEventListener("change", changed);
    this.opacity.addEventListener("input", changed);
  }

  boxes() {
    return [...this.root.querySelectorAll("input[type=checkbox]")];
  }
  box(kind) {
    return this.root.querySelector(`input[data-kind="${kind}"]`);
  }
  shows(kind) {
    return this.box(kind)?.checked ?? false;
  }

  // The lists below a switch follow it.
  follow() {
    for (const list of this.root.querySelectorAll("[data-works-by]")) {
      list.hidden = list.dataset.worksBy !== this.by?.value;
    }
  }

  hiddenZoneKinds() {
    const boxes = this.root.querySelectorAll("fieldset input[data-kind]:not(:checked)");
    return [...boxes].map((box) => box.dataset.kind);
  }
  zonesOfHierarchy() {
    const chosen = this.hierarchy?.selectedOptions[0];
    return chosen?.dataset.zones ? JSON.parse(chosen.dataset.zones) : null;
  }
  // Codes of a layer that are not to be drawn.
  without(layer) {
    const boxes = this.root.querySelectorAll(`input[data-filter="${layer}"]:not(:checked)`);
    return [...boxes].map((box) => box.dataset.value);
  }
  nameOf(layer, value) {
    const box = this.root.querySelector(`input[data-filter="${layer}"][data-value="${value}"]`);
    const label = box?.closest("label").cloneNode(true);
    label?.querySelector(".count")?.remove();
    return label?.textContent.trim() ?? "";
  }

  // Draw a map as the legend says. `original` are its filters before anything was switched.
  apply(map, original) {
    const style = map.getStyle();
    const zones = this.zonesOfHierarchy();
    for (const layer of style.layers) {
      if (!original.has(layer.id)) continue; // drawn by script on top of the style
      const kind = layer.metadata?.kind ?? (layer.id === "graticule" ? "graticule" : "");
      if (kind && this.box(kind)) {
        map.setLayoutProperty(layer.id, "visibility", this.shows(kind) ? "visible" : "none");
      }
      if (layer.metadata?.base) {
        map.setPaintProperty(layer.id, "raster-opacity", Number(this.opacity.value) / HIGH_OPACITY);
      }
      const extra = this.filterOf(layer, zones);
      const filters = [original.get(layer.id), ...extra].filter(Boolean);
      map.setFilter(layer.id, filters.length ? ["all", ...filters] : null);
    }
    this.fadeGround(map, style);
    const tints = style.metadata?.works?.[this.by?.value ?? "kind"];
    if (tints) {
      map.setPaintProperty("works-line", "line-color", tints);
      map.setPaintProperty("works-point", "circle-color", tints);
    }
  }

  // Without a map service, strength fades the districts themselves.
  fadeGround(map, style) {
    const covered = style.layers.some((layer) => layer.metadata?.base && this.shows(layer.metadata.kind));
    const share = covered ? 1 : Number(this.opacity.value) / HIGH_OPACITY;
    map.setPaintProperty("district-fill", "fill-opacity", share);
  }

  filterOf(layer, zones) {
    const source = layer["source-layer"] ?? layer.source;
    if (FILTERED.includes(source)) {
      const codes = this.without(source);
      return codes.length ? [["!", ["in", FIELD[source], ["literal", codes]]]] : [];
    }
    const drawnZone = layer.id.startsWith("zone-") && layer.id !== "zone-chosen";
    const ofHierarchy = zones ? [["in", ["get", "code"], ["literal", zones]]] : [];
    if (drawnZone) return ofHierarchy;
    if (layer.id === "name-small" || layer.id === "name-large") {
      return [["!", ["in", ["get", "kind"], ["literal", this.hiddenZoneKinds()]]], ...ofHierarchy];
    }
    return [];
  }

  // ---- In the address of the page ----

  write(params) {
    const show = [];
    const hide = [];
    for (const box of this.boxes()) {
      if (box.checked === this.defaults.get(box)) continue;
      const name = box.dataset.kind ?? `${box.dataset.filter}.${box.dataset.value}`;
      (box.checked ? show : hide).push(name);
    }
    const values = {
      show: show.join(","),
      hide: hide.join(","),
      in: this.hierarchy?.value ?? "",
      by: this.by && this.by.value !== "kind" ? this.by.value : "",
      strength: this.opacity.value === String(HIGH_OPACITY) ? "" : this.opacity.value,
    };
    for (const [name, value] of Object.entries(values)) {
      if (value) params.set(name, value);
      else params.delete(name);
    }
  }

  read(params) {
    const set = (names, checked) => {
      for (const name of (names ?? "").split(",").filter(Boolean)) {
        const box = this.boxes().find(
          (one) => name === (one.dataset.kind ?? `${one.dataset.filter}.${one.dataset.value}`),
        );
        if (box) box.checked = checked;
      }
    };
    set(params.get("show"), true);
    set(params.get("hide"), false);
    const options = [...(this.hierarchy?.options ?? [])].map((option) => option.value);
    if (options.includes(params.get("in"))) this.hierarchy.value = params.get("in");
    if (this.by && params.get("by") === "status") this.by.value = "status";
    const strength = Number(params.get("strength") ?? NaN);
    if (strength >= 0 && strength <= HIGH_OPACITY) this.opacity.value = String(strength);
    this.follow();
  }
}

// The filters that a style gives its layers.
export function filtersOf(map) {
  return new Map(map.getStyle().layers.map((layer) => [layer.id, layer.filter]));
}
