// Geometries as rings and as text: GeoJSON, WKT, or plain pairs of numbers.
const SINGLE = { MultiPoint: "Point", MultiLineString: "LineString", MultiPolygon: "Polygon" };

// The simple parts of a geometry, feature or collection.
export function partsOf(thing) {
  if (!thing) return [];
  if (thing.type === "Feature") return partsOf(thing.geometry);
  if (thing.type === "FeatureCollection") return thing.features.flatMap(partsOf);
  if (thing.type === "GeometryCollection") return thing.geometries.flatMap(partsOf);
  const single = SINGLE[thing.type];
  if (single) return thing.coordinates.map((coordinates) => ({ type: single, coordinates }));
  return [{ type: thing.type, coordinates: thing.coordinates }];
}

// One geometry of parts of one kind; parts of several kinds become a collection.
export function joined(parts, { multi = false } = {}) {
  if (!parts.length) return null;
  const kinds = new Set(parts.map((part) => part.type));
  if (kinds.size > 1) return { type: "GeometryCollection", geometries: parts };
  if (parts.length === 1 && !multi) return parts[0];
  return { type: `Multi${parts[0].type}`, coordinates: parts.map((part) => part.coordinates) };
}

export function boxOf(parts) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  const visit = (item) => {
    if (typeof item[0] !== "number") return item.forEach(visit);
    box[0] = Math.min(box[0], item[0]);
    box[1] = Math.min(box[1], item[1]);
    box[2] = Math.max(box[2], item[0]);
    box[3] = Math.max(box[3], item[1]);
  };
  parts.forEach((part) => visit(part.coordinates));
  return Number.isFinite(box[0]) ? [[box[0], box[1]], [box[2], box[3]]] : null;
}

function turn(ring) {
  let sum = 0;
  for (let i = 0; i < ring.length; i += 1) {
    const [x1, y1] = ring[i];
    const [x2, y2] = ring[(i + 1) % ring.length];
    sum += x1 * y2 - x2 * y1;
  }
  return sum;
}

// The ring counter-clockwise (outer rings) or clockwise (holes).
export function wound(ring, outer) {
  return turn(ring) > 0 === outer ? ring : [...ring].reverse();
}

export function contains(ring, [x, y]) {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
    const [xi, yi] = ring[i];
    const [xj, yj] = ring[j];
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}

// ---- Text ----

function pairs(points, indent) {
  return points.map(([x, y]) => `${indent}${x} ${y}`).join(",\n");
}
function rings(list) {
  return list.map((ring) => `(\n${pairs(ring, "    ")})`).join(", ");
}
const WRITE = {
  Point: ([x, y]) => `POINT (${x} ${y})`,
  LineString: (points) => `LINESTRING (\n${pairs(points, "  ")})`,
  Polygon: (list) => `POLYGON (${rings(list)})`,
  MultiPoint: (points) => `MULTIPOINT (\n${pairs(points, "  ")})`,
  MultiLineString: (lines) => `MULTILINESTRING (${rings(lines)})`,
  MultiPolygon: (parts) => `MULTIPOLYGON (${parts.map((list) => `(${rings(list)})`).join(",\n")})`,
};

// Well-known text, a vertex a line.
export function toText(geometry) {
  if (!geometry) return "";
  if (geometry.type === "GeometryCollection") return geometry.geometries.map(toText).join("\n");
  return WRITE[geometry.type](geometry.coordinates);
}

const KINDS = {
  POINT: "Point",
  LINESTRING: "LineString",
  POLYGON: "Polygon",
  MULTIPOINT: "MultiPoint",
  MULTILINESTRING: "MultiLineString",
  MULTIPOLYGON: "MultiPolygon",
};
const DEPTH = { POINT: 0, LINESTRING: 1, MULTIPOINT: 1, POLYGON: 2, MULTILINESTRING: 2, MULTIPOLYGON: 3 };

function numbers(text) {
  const found = text.trim().split(/[\s,，;；]+/).map(Number);
  if (found.length < 2 || !found.slice(0, 2).every(Number.isFinite)) throw new SyntaxError(text);
  return found.slice(0, 2);
}

// The members of a list in brackets, at the outermost level.
function members(text) {
  const found = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i <= text.length; i += 1) {
    if (text[i] === "(") depth += 1;
    if (text[i] === ")") depth -= 1;
    if (depth < 0) throw new SyntaxError(text);
    if (i === text.length || (text[i] === "," && depth === 0)) {
      found.push(text.slice(start, i).trim());
      start = i + 1;
    }
  }
  if (depth) throw new SyntaxError(text);
  return found;
}

function nested(text, depth) {
  const inner = /^\(([\s\S]*)\)$/.exec(text.trim());
  if (depth === 0) return numbers(inner ? inner[1] : text);
  if (!inner) throw new SyntaxError(text);
  return members(inner[1]).map((item) => nested(item, depth - 1));
}

function fromWkt(text) {
  const found = /^\s*(?:SRID\s*=\s*\d+\s*;)?\s*([A-Z]+)\s*Z?\s*(\([\s\S]*\))\s*$/i.exec(text);
  const name = found?.[1].toUpperCase();
  if (!KINDS[name]) throw new SyntaxError(text);
  return { type: KINDS[name], coordinates: nested(found[2], DEPTH[name]) };
}

// Pairs "longitude latitude", a line each; an empty line begins the next part.
function fromPairs(text, areas) {
  const blocks = text.trim().split(/\n\s*\n/).map((block) => block.trim().split("\n").map(numbers));
  return joined(
    blocks.map((points) => {
      if (areas || points.length > 3) return { type: "Polygon", coordinates: [points] };
      if (points.length > 1) return { type: "LineString", coordinates: points };
      return { type: "Point", coordinates: points[0] };
    }),
  );
}

function closed(ring) {
  const [first, last] = [ring[0], ring[ring.length - 1]];
  return first[0] === last[0] && first[1] === last[1] ? ring : [...ring, first];
}

function checked(part) {
  const flat = part.coordinates.flat(part.type === "Polygon" ? 1 : 0);
  const points = part.type === "Point" ? [part.coordinates] : flat;
  const usable = points.every(
    (point) => point.length >= 2 && Math.abs(point[0]) <= 180 && Math.abs(point[1]) <= 90,
  );
  if (!usable) throw new RangeError("degrees");
  if (part.type !== "Polygon") return part;
  const list = part.coordinates.map(closed);
  if (list.some((ring) => ring.length < 4)) throw new RangeError("ring");
  return { type: "Polygon", coordinates: list };
}

// The parts that a text describes. Throws what cannot be read.
export function fromText(text, { areas = false } = {}) {
  const trimmed = text.trim();
  if (!trimmed) return [];
  if (trimmed.startsWith("{")) return partsOf(JSON.parse(trimmed)).map(checked);
  if (/^(SRID|[A-Z])/i.test(trimmed)) {
    return trimmed.split(/\n(?=[A-Za-z])/).flatMap((one) => partsOf(fromWkt(one))).map(checked);
  }
  return partsOf(fromPairs(trimmed, areas)).map(checked);
}
