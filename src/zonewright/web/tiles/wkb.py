"""Shapes from WKB in bulk, as flat arrays in units of the world: no object for each row."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from zonewright.core.compiled import Whole, compiled
from zonewright.core.errors import GeometryError
from zonewright.web.tiles.grid import MAX_LATITUDE, WORLD

Ints = NDArray[np.int64]
# What the compiled reader understands: little-endian, two dimensions, a point to a multipolygon.
_WORLD = float(WORLD)
_TOP = float(MAX_LATITUDE)


@dataclass(frozen=True, slots=True)
class Shapes:
    """Shapes of one row each.

    Parameters
    ----------
    kind
        Shape (n,): 1 point, 2 line, 3 polygon; 0 without a shape.
    box
        Shape (n, 4): west, north, east, south [units of the world].
    ring_end
        Shape (n,): where the rows' rings (lines, sets of points) end.
    outer
        Shape (r,): 1 for the outer ring of a polygon, 0 for a hole.
    point_end
        Shape (r,): where the rings' points end.
    xy
        Shape (p, 2) [units of the world]; a ring does not repeat its first point.
    """

    kind: NDArray[np.uint8]
    box: NDArray[np.int32]
    ring_end: Ints
    outer: NDArray[np.uint8]
    point_end: Ints
    xy: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.kind)


def read_shapes(values: Sequence[bytes]) -> Shapes:
    """Return WKB geometries (EPSG:4490) as shapes.

    Raises
    ------
    GeometryError
        If a value is no WKB: another program wrote it.
    """
    blob, ends = _joined(values)
    kind, rings, points = _count(blob, ends)
    strange = np.flatnonzero(kind == 255)
    if len(strange):
        plain = list(values)
        for row in strange:
            plain[row] = _plain(plain[row])
        blob, ends = _joined(plain)
        kind, rings, points = _count(blob, ends)
    total_rings, total_points = int(rings.sum()), int(points.sum())
    found = Shapes(
        kind,
        np.empty((len(kind), 4), dtype=np.int32),
        np.cumsum(rings),
        np.empty(total_rings, dtype=np.uint8),
        np.empty(total_rings, dtype=np.int64),
        np.empty((total_points, 2), dtype=np.int32),
    )
    _fill(blob, ends, kind, found.box, found.outer, found.point_end, found.xy)
    return found


def _joined(values: Sequence[bytes]) -> tuple[NDArray[np.uint8], Ints]:
    blob = np.frombuffer(b"".join(values), dtype=np.uint8)
    ends = np.cumsum(np.fromiter(map(len, values), dtype=np.int64, count=len(values)))
    return blob, ends


def _plain(value: bytes) -> bytes:
    """Return a geometry as the compiled reader wants it; of a collection, the parts that count."""
    try:
        shape = shapely.force_2d(shapely.from_wkb(bytes(value)))
    except shapely.errors.ShapelyError as error:
        raise GeometryError("geometry-value", found="bytes") from error
    if shape.is_empty:
        shape = shapely.MultiPolygon()
    elif shape.geom_type == "GeometryCollection":
        parts = [part for part in shape.geoms if not part.is_empty]
        most = max(shapely.get_dimensions(parts))
        kinds = (shapely.multipoints, shapely.multilinestrings, shapely.multipolygons)
        of_kind = [part for part in parts if shapely.get_dimensions(part) == most]
        shape = kinds[most](shapely.get_parts(of_kind))
    elif shape.geom_type == "LinearRing":
        shape = shapely.LineString(shape)
    return bytes(shapely.to_wkb(shape, flavor="iso", byte_order=1))


@compiled
def _u32(blob: NDArray[np.uint8], at: int) -> Whole:
    low = np.int64(blob[at]) | np.int64(blob[at + 1]) << 8
    return low | np.int64(blob[at + 2]) << 16 | np.int64(blob[at + 3]) << 24


@compiled
def _count(blob: NDArray[np.uint8], ends: Ints) -> tuple[NDArray[np.uint8], Ints, Ints]:
    """Return each row's kind (255 if it is not plain), number of rings and of points."""
    n = len(ends)
    kind = np.zeros(n, dtype=np.uint8)
    rings = np.zeros(n, dtype=np.int64)
    points = np.zeros(n, dtype=np.int64)
    start = 0
    for row in range(n):
        end = ends[row]
        code = 0
        if end - start >= 9 and blob[start] == 1:
            code = _u32(blob, start + 1)
        whole = _u32(blob, start + 5) if code > 1 else 1
        if code < 1 or code > 6:
            kind[row] = 255
        elif whole > 0:
            kind[row] = (code - 1) % 3 + 1
            fine = True
            at, parts = start, 1
            if code > 3:
                at, parts = start + 9, whole
            for _ in range(parts):
                if at + 9 > end or blob[at] != 1 or _u32(blob, at + 1) != (code - 1) % 3 + 1:
                    fine = False
                    break
                if kind[row] == 1:
                    rings[row] += 1
                    points[row] += 1
                    at += 21
                elif kind[row] == 2:
                    count = _u32(blob, at + 5)
                    rings[row] += 1
                    points[row] += count
                    at += 9 + 16 * count
                else:
                    count = _u32(blob, at + 5)
                    at += 9
                    for _ring in range(count):
                        if at + 4 > end:
                            fine = False
                            break
                        size = _u32(blob, at)
                        rings[row] += 1
                        points[row] += max(size - 1, 0)
                        at += 4 + 16 * size
            if not fine or at != end:
                kind[row] = 255
        start = end
    return kind, rings, points


@compiled
def _place(blob: NDArray[np.uint8], at: int, xy: NDArray[np.int32], p: int) -> None:
    pair = blob[at : at + 16].view(np.float64)
    lat = math.radians(min(max(pair[1], -_TOP), _TOP))
    right = (pair[0] + 180.0) / 360.0 * _WORLD
    down = (1.0 - math.asinh(math.tan(lat)) / math.pi) / 2.0 * _WORLD
    xy[p, 0] = np.int32(min(max(math.floor(right + 0.5), 0.0), _WORLD - 1.0))
    xy[p, 1] = np.int32(min(max(math.floor(down + 0.5), 0.0), _WORLD - 1.0))


@compiled
def _fill(
    blob: NDArray[np.uint8],
    ends: Ints,
    kind: NDArray[np.uint8],
    box: NDArray[np.int32],
    outer: NDArray[np.uint8],
    point_end: Ints,
    xy: NDArray[np.int32],
) -> None:
    start, r, p = 0, 0, 0
    for row in range(len(ends)):
        first = p
        if kind[row] != 0:
            code = _u32(blob, start + 1)
            at, parts = start, 1
            if code > 3:
                at, parts = start + 9, _u32(blob, start + 5)
            for _ in range(parts):
                rings = 1
                if kind[row] == 1:
                    at += 5
                else:
                    rings = _u32(blob, at + 5) if kind[row] == 3 else 1
                    at += 9 if kind[row] == 3 else 5
                for ring in range(rings):
                    count = 1
                    if kind[row] != 1:
                        count = _u32(blob, at)
                        at += 4
                    kept = count - 1 if kind[row] == 3 and count > 0 else count
                    for i in range(kept):
                        _place(blob, at + 16 * i, xy, p)
                        p += 1
                    at += 16 * count
                    outer[r] = 1 if ring == 0 else 0
                    point_end[r] = p
                    r += 1
        west, north, east, south = 2147483647, 2147483647, -1, -1
        for i in range(first, p):
            west, east = min(west, xy[i, 0]), max(east, xy[i, 0])
            north, south = min(north, xy[i, 1]), max(south, xy[i, 1])
        box[row, 0], box[row, 1], box[row, 2], box[row, 3] = west, north, east, south
        start = ends[row]
