// Drawing on the map for a moment: measure a distance or an area, select what lies in one.
import {
  TerraDraw,
  TerraDrawLineStringMode,
  TerraDrawMapLibreGLAdapter,
  TerraDrawPolygonMode,
  TerraDrawRectangleMode,
} from "../vendor/draw.mjs";
import { colour } from "./map-base.mjs";
import { areaText, geometryArea, geometryLength, lengthText } from "./map-geodesy.mjs";

// Tool to the mode of Terra Draw that draws it.
const MODES = { rectangle: "rectangle", polygon: "polygon", distance: "linestring", area: "area" };
const SELECTS = ["rectangle", "polygon"];

function modes() {
  const [accent, ground] = [colour("accent"), colour("ground")];
  const area = {
    fillColor: accent,
    fillOpacity: 0.14,
    outlineColor: accent,
    outlineWidth: 2.5,
    closingPointColor: accent,
    closingPointOutlineColor: ground,
  };
  const line = { lineStringColor: accent, lineStringWidth: 3, closingPointColor: accent, closingPointOutlineColor: ground };
  return [
    new TerraDrawRectangleMode({ styles: area }),
    new TerraDrawPolygonMode({ styles: area, pointerDistance: 14 }),
    new TerraDrawPolygonMode({ modeName: "area", styles: area, pointerDistance: 14 }),
    new TerraDrawLineStringMode({ styles: line, pointerDistance: 14 }),
  ];
}

export class Sketch {
  constructor(work, { onArea }) {
    this.work = work;
    this.lang = work.dataset.lang;
    this.words = document.getElementById("map-words").dataset;
    this.output = document.getElementById("map-measure");
    this.buttons = [...document.querySelectorAll("[data-tool]")].filter(
      (button) => MODES[button.dataset.tool],
    );
    this.onArea = onArea;
    this.tool = "";
    for (const button of this.buttons) {
      button.addEventListener("click", () => this.choose(button.dataset.tool));
    }
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.tool) this.choose(this.tool);
    });
  }

  attach(map) {
    this.draw?.stop();
    const adapter = new TerraDrawMapLibreGLAdapter({ map, prefixId: "sketch" });
    this.draw = new TerraDraw({ adapter, modes: modes() });
    this.draw.start();
    this.draw.on("change", () => this.measure());
    this.draw.on("finish", (id) => setTimeout(() => this.finished(id)));
    if (this.tool) this.draw.setMode(MODES[this.tool]);
  }
  detach() {
    this.draw?.stop();
    this.draw = null;
  }

  get active() {
    return Boolean(this.tool);
  }

  // The same tool again puts it away.
  choose(tool) {
    if (!this.draw) return;
    this.tool = tool === this.tool ? "" : tool;
    this.draw.clear();
    this.draw.setMode(this.tool ? MODES[this.tool] : "static");
    for (const button of this.buttons) {
      button.setAttribute("aria-pressed", String(button.dataset.tool === this.tool));
    }
    this.tell(this.tool ? this.words[this.tool] : "");
  }

  tell(text) {
    this.output.textContent = text;
    this.output.hidden = !text;
  }

  drawn() {
    return this.draw.getSnapshot().find(({ properties }) => Object.values(MODES).includes(properties.mode) && !properties.closingPoint);
  }

  measure() {
    const geometry = this.drawn()?.geometry;
    const length_m = geometryLength(geometry);
    const area_m2 = geometryArea(geometry);
    if (length_m) this.tell(lengthText(length_m, this.lang));
    else if (area_m2) this.tell(areaText(area_m2, this.lang));
  }

  finished(id) {
    const feature = this.draw?.getSnapshotFeature(id);
    if (!feature) return;
    for (const other of this.draw.getSnapshot()) {
      // One at a time: what was drawn before goes.
      if (other.id !== id && other.properties.mode && this.draw.getSnapshotFeature(other.id)) {
        this.draw.removeFeatures([other.id]);
      }
    }
    this.measure();
    if (SELECTS.includes(this.tool)) this.onArea(feature.geometry);
  }
}
