// Lengths and areas on the ellipsoid (GRS 80, that of CGCS2000), and how they are written.
const A = 6378137;
const F = 1 / 298.257222101;
const E2 = F * (2 - F);
const E = Math.sqrt(E2);
const RADIANS = Math.PI / 180;
const Q_POLE = authalicQ(1);
// Radius of the sphere that has the ellipsoid's surface.
const R_AUTHALIC = A * Math.sqrt(Q_POLE / 2);

function authalicQ(sine) {
  const es = E * sine;
  return (1 - E2) * (sine / (1 - es * es) + Math.atanh(es) / E);
}

// The latitude at which a sphere of the same surface has the same area below it.
function authalic(lat) {
  const share = authalicQ(Math.sin(lat * RADIANS)) / Q_POLE;
  return Math.asin(Math.max(-1, Math.min(1, share)));
}

// Distance of two points [m], by Lambert's formula: metres in thousands of kilometres.
export function distance([lon1, lat1], [lon2, lat2]) {
  const b1 = Math.atan((1 - F) * Math.tan(lat1 * RADIANS));
  const b2 = Math.atan((1 - F) * Math.tan(lat2 * RADIANS));
  const half = (angle) => Math.sin(angle / 2) ** 2;
  const chord = half(b2 - b1) + Math.cos(b1) * Math.cos(b2) * half((lon2 - lon1) * RADIANS);
  const sigma = 2 * Math.asin(Math.min(1, Math.sqrt(chord)));
  if (sigma === 0) return 0;
  const p = (b1 + b2) / 2;
  const q = (b2 - b1) / 2;
  const x = (sigma - Math.sin(sigma)) * ((Math.sin(p) * Math.cos(q)) / Math.cos(sigma / 2)) ** 2;
  const bend = Math.sin(sigma / 2);
  const y = (sigma + Math.sin(sigma)) * ((Math.cos(p) * Math.sin(q)) / bend) ** 2;
  return A * (sigma - (F / 2) * (x + y));
}

// Length of a line [m].
export function lineLength(points) {
  let sum = 0;
  for (let i = 1; i < points.length; i += 1) sum += distance(points[i - 1], points[i]);
  return sum;
}

// Area inside a ring [m²], never negative; the ring may be closed or open.
export function ringArea(ring) {
  let excess = 0;
  for (let i = 0; i < ring.length; i += 1) {
    const [lon1, lat1] = ring[i];
    const [lon2, lat2] = ring[(i + 1) % ring.length];
    const t1 = Math.tan(authalic(lat1) / 2);
    const t2 = Math.tan(authalic(lat2) / 2);
    const turn = Math.tan(((lon2 - lon1) * RADIANS) / 2);
    excess += 2 * Math.atan2(turn * (t1 + t2), 1 + t1 * t2);
  }
  return Math.abs(excess) * R_AUTHALIC * R_AUTHALIC;
}

// Area of a polygon [m²]: its outer ring without its holes.
export function polygonArea([outer, ...holes]) {
  return ringArea(outer) - holes.reduce((sum, hole) => sum + ringArea(hole), 0);
}

export function geometryArea(geometry) {
  if (!geometry) return 0;
  if (geometry.type === "Polygon") return polygonArea(geometry.coordinates);
  if (geometry.type === "MultiPolygon") {
    return geometry.coordinates.reduce((sum, part) => sum + polygonArea(part), 0);
  }
  return 0;
}

export function geometryLength(geometry) {
  if (geometry?.type === "LineString") return lineLength(geometry.coordinates);
  if (geometry?.type === "MultiLineString") {
    return geometry.coordinates.reduce((sum, part) => sum + lineLength(part), 0);
  }
  return 0;
}

function number(value, digits) {
  return value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

// As a reader of a language writes it: 亩, 公顷 and 平方公里, or ha, km² and mu.
export function areaText(area_m2, lang) {
  const mu = (area_m2 * 3) / 2000;
  const fine = (value) => number(value, value < 100 ? 2 : value < 1000 ? 1 : 0);
  const km2 = number(area_m2 / 1e6, area_m2 < 1e7 ? 4 : 2);
  if (lang === "en") return `${fine(area_m2 / 1e4)} ha · ${km2} km² · ${fine(mu)} mu`;
  return `${fine(mu)} 亩 · ${fine(area_m2 / 1e4)} 公顷 · ${km2} 平方公里`;
}

export function lengthText(length_m, lang) {
  const [metres, kilometres] = lang === "en" ? ["m", "km"] : ["米", "公里"];
  if (length_m < 1000) return `${number(length_m, length_m < 100 ? 1 : 0)} ${metres}`;
  return `${number(length_m / 1000, length_m < 1e5 ? 2 : 1)} ${kilometres}`;
}
