// Drawing on a map by Terra Draw, which knows neither holes nor several parts: every ring stands as
// a feature of its own here, and the rings are put together when the value is read.
import {
  TerraDraw,
  TerraDrawLineStringMode,
  TerraDrawMapLibreGLAdapter,
  TerraDrawPointMode,
  TerraDrawPolygonMode,
  TerraDrawSelectMode,
} from "../vendor/draw.mjs";
import { colour } from "./map-base.mjs";
import { contains, joined, partsOf, wound } from "./map-geometry.mjs";

const DIGITS = 9;
const SETTLED_MS = 60;
const OWN = ["polygon", "hole", "linestring", "point"];
const RESHAPED = { feature: { draggable: true, coordinates: { midpoints: { draggable: true }, draggable: true, deletable: true } } };

const round = (value) => Math.round(value * 10 ** DIGITS) / 10 ** DIGITS;
function rounded(coordinates) {
  return typeof coordinates[0] === "number" ? coordinates.slice(0, 2).map(round) : coordinates.map(rounded);
}

function paints() {
  const [accent, red, ground] = [colour("accent"), colour("red"), colour("ground")];
  const area = (ink) => ({
    fillColor: ink,
    fillOpacity: 0.2,
    outlineColor: ink,
    outlineWidth: 2.5,
    closingPointColor: ink,
    closingPointOutlineColor: ground,
  });
  const chosen = {
    selectedPolygonColor: accent,
    selectedPolygonFillOpacity: 0.3,
    selectedPolygonOutlineColor: accent,
    selectedPolygonOutlineWidth: 3,
    selectedLineStringColor: accent,
    selectedLineStringWidth: 4,
    selectedPointColor: accent,
    selectedPointWidth: 8,
    selectedPointOutlineColor: ground,
    selectedPointOutlineWidth: 2,
    selectionPointColor: ground,
    selectionPointOutlineColor: accent,
    selectionPointOutlineWidth: 2,
    selectionPointWidth: 6,
    midPointColor: accent,
    midPointOutlineColor: ground,
    midPointOutlineWidth: 1,
    midPointWidth: 4,
  };
  return {
    polygon: area(accent),
    hole: area(red),
    linestring: { lineStringColor: accent, lineStringWidth: 4, closingPointColor: accent },
    point: { pointColor: accent, pointWidth: 8, pointOutlineColor: ground, pointOutlineWidth: 2 },
    select: chosen,
  };
}

function modes() {
  const styles = paints();
  return [
    new TerraDrawSelectMode({
      flags: {
        polygon: RESHAPED,
        hole: RESHAPED,
        linestring: RESHAPED,
        point: { feature: { draggable: true } },
      },
      styles: styles.select,
    }),
    new TerraDrawPolygonMode({ styles: styles.polygon, pointerDistance: 14 }),
    new TerraDrawPolygonMode({ modeName: "hole", styles: styles.hole, pointerDistance: 14 }),
    new TerraDrawLineStringMode({ styles: styles.linestring, pointerDistance: 14 }),
    new TerraDrawPointMode({ styles: styles.point }),
  ];
}

export class DrawBoard {
  constructor(map, { onChange, onMode }) {
    this.map = map;
    this.onChange = onChange;
    this.onMode = onMode;
    this.given = new Map(); // feature to the coordinates that it was given, with all their digits
    this.selected = null;
    this.timer = 0;
  }

  start() {
    const adapter = new TerraDrawMapLibreGLAdapter({ map: this.map, coordinatePrecision: DIGITS });
    this.draw = new TerraDraw({ adapter, modes: modes() });
    this.draw.start();
    this.draw.on("change", (_ids, _type, context) => {
      if (context?.origin !== "api") this.settle();
    });
    this.draw.on("finish", (id, context) => {
      this.settle();
      if (context?.action === "draw") this.finished(id);
    });
    this.draw.on("select", (id) => {
      this.selected = id;
    });
    this.draw.on("deselect", () => {
      this.selected = null;
    });
  }

  stop() {
    clearTimeout(this.timer);
    this.draw?.stop(); // the theme may change before the first style is there
  }

  choose(mode) {
    this.draw.setMode(mode);
    this.onMode(mode);
  }

  // A ring that is done can be reshaped at once.
  finished(id) {
    setTimeout(() => {
      this.choose("select");
      if (this.draw.getSnapshotFeature(id)) this.draw.selectFeature(id);
    });
  }

  settle() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (this.draw.getModeState() === "drawing") return;
      this.onChange();
    }, SETTLED_MS);
  }

  removeSelected() {
    if (this.selected === null) return;
    this.draw.removeFeatures([this.selected]);
    this.selected = null;
    this.onChange();
  }

  load(geometry) {
    this.draw.clear();
    this.given.clear();
    this.selected = null;
    const features = [];
    for (const part of partsOf(geometry)) {
      const rings = part.type === "Polygon" ? part.coordinates : [part.coordinates];
      rings.forEach((coordinates, index) => {
        const name = part.type === "Polygon" && index ? "hole" : part.type.toLowerCase();
        const whole = (points) => (part.type === "Polygon" ? [points] : points);
        features.push({
          given: coordinates,
          type: "Feature",
          properties: { mode: name },
          geometry: { type: part.type, coordinates: whole(rounded(coordinates)) },
        });
      });
    }
    const added = this.draw.addFeatures(features.map(({ given, ...feature }) => feature));
    added.forEach(({ id, valid }, index) => {
      if (valid) this.given.set(id, features[index].given);
    });
  }

  // Coordinates of a feature: as given, if nobody moved them.
  coordinatesOf({ id, geometry }) {
    const own = geometry.type === "Polygon" ? geometry.coordinates[0] : geometry.coordinates;
    const given = this.given.get(id);
    return given && JSON.stringify(rounded(given)) === JSON.stringify(own) ? given : own;
  }

  value({ multi }) {
    const areas = [];
    const holes = [];
    const others = [];
    for (const feature of this.draw.getSnapshot()) {
      const { mode } = feature.properties;
      if (!OWN.includes(mode) || feature.properties.currentlyDrawing || isGuide(feature)) continue;
      const coordinates = this.coordinatesOf(feature);
      if (mode === "polygon") areas.push([wound(coordinates, true)]);
      else if (mode === "hole") holes.push(wound(coordinates, false));
      else others.push({ type: feature.geometry.type, coordinates });
    }
    for (const hole of holes) (areas.find(([outer]) => contains(outer, hole[0])) ?? areas[0])?.push(hole);
    const parts = [...areas.map((list) => ({ type: "Polygon", coordinates: list })), ...others];
    return joined(parts, { multi });
  }

  static join(parts, { multi }) {
    return joined(
      parts.map((part) =>
        part.type === "Polygon"
          ? { ...part, coordinates: part.coordinates.map((ring, index) => wound(ring, index === 0)) }
          : part,
      ),
      { multi },
    );
  }
}

function isGuide({ properties }) {
  return ["closingPoint", "coordinatePoint", "snappingPoint", "midPoint", "selectionPoint"].some(
    (name) => properties[name],
  );
}
