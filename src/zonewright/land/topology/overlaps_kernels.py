"""Where two parcels may overlap: at which common points an edge enters the other's land."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from zonewright.core.compiled import compiled
from zonewright.land.topology.overlaps_common import contains

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Rows = NDArray[np.int32]
Flags = NDArray[np.bool_]


@compiled
def rings_at(ring_start: Ints, at: Ints) -> Ints:
    """Return the rings to which points in ascending order belong."""
    found = np.empty(len(at), dtype=np.int64)
    ring = 0
    for i in range(len(at)):
        while ring_start[ring + 1] <= at[i]:
            ring += 1
        found[i] = ring
    return found


@compiled
def held_by(xy: Floats, ring_start: Ints, row_rings: Ints, point: Floats, pairs: Rows) -> Flags:
    """Return of pairs of rows whether the second holds the point of the first, shape (k,)."""
    found = np.empty(len(pairs), dtype=np.bool_)
    for i in range(len(pairs)):
        row, other = pairs[i, 0], pairs[i, 1]
        found[i] = contains(
            xy, ring_start, row_rings[other], row_rings[other + 1], point[row, 0], point[row, 1]
        )
    return found


@compiled
def plane_areas(
    xy: Floats, ring_start: Ints, row_rings: Ints, rows: Rows, unit_x: float, unit_y: float
) -> Floats:
    """Return the area of rows in the plane [m²]."""
    area = np.zeros(len(rows))
    for i in range(len(rows)):
        for ring in range(row_rings[rows[i]], row_rings[rows[i] + 1]):
            x0, y0 = xy[ring_start[ring], 0], xy[ring_start[ring], 1]
            for p in range(ring_start[ring], ring_start[ring + 1] - 1):
                ax, ay = xy[p, 0] - x0, xy[p, 1] - y0
                bx, by = xy[p + 1, 0] - x0, xy[p + 1, 1] - y0
                area[i] += (ax * by - ay * bx) * unit_x * unit_y / 2
    return area


@compiled
def _cross(ox: float, oy: float, px: float, py: float, qx: float, qy: float) -> float:
    return (px - ox) * (qy - oy) - (py - oy) * (qx - ox)


@compiled
def between(xy: Floats, corner: int, before: int, after: int, x: float, y: float) -> bool:
    """Return whether the way from a corner to a point first goes over the land at that corner.

    The land lies on the left of the way before - corner - after.
    """
    ox, oy = xy[corner, 0], xy[corner, 1]
    px, py, qx, qy = xy[before, 0], xy[before, 1], xy[after, 0], xy[after, 1]
    if _cross(ox, oy, qx, qy, px, py) > 0:
        return _cross(ox, oy, qx, qy, x, y) > 0 and _cross(ox, oy, x, y, px, py) > 0
    return not (_cross(ox, oy, px, py, x, y) >= 0 and _cross(ox, oy, x, y, qx, qy) >= 0)


@compiled
def enters(
    xy: Floats, ring_start: Ints, one: Ints, ring_one: Ints, other: Ints, ring_other: Ints
) -> Flags:
    """Return of segments with a point in common whether one may enter the other's land there."""
    found = np.empty(len(one), dtype=np.bool_)
    for i in range(len(one)):
        found[i] = entering(xy, ring_start, one[i], ring_one[i], other[i], ring_other[i])
    return found


@compiled
def entering(
    xy: Floats, ring_start: Ints, one: int, ring_one: int, other: int, ring_other: int
) -> bool:
    """Return whether one of two segments with a point in common may enter the other's land there.

    If they share an end, it does if one goes into the angle of land at that end. Else they cross,
    or the corner of one stands on the other: then the pair is kept, to be measured.
    """
    shared = False
    for m in range(2):
        for n in range(2):
            p, q = one + m, other + n
            if xy[p, 0] != xy[q, 0] or xy[p, 1] != xy[q, 1]:
                continue
            shared = True
            if goes_into(xy, ring_start, p, ring_one, other + 1 - n):
                return True
            if goes_into(xy, ring_start, q, ring_other, one + 1 - m):
                return True
    return not shared


@compiled
def goes_into(xy: Floats, ring_start: Ints, corner: int, ring: int, end: int) -> bool:
    """Return whether the way from a corner of a ring to a point begins in the land there."""
    first, last = ring_start[ring], ring_start[ring + 1] - 1
    before = corner - 1 if corner > first else last - 1
    after = corner + 1 if corner < last else first + 1
    return between(xy, corner, before, after, xy[end, 0], xy[end, 1])


@compiled
def inner_points(xy: Floats, ring_start: Ints, row_rings: Ints, box: Floats) -> Floats:
    """Return a point inside each row, shape (n, 2); NaN for a row without rings.

    It lies at half the height of the row, in the middle of the widest stretch of land there.
    """
    n = len(row_rings) - 1
    point = np.full((n, 2), np.nan)
    cut = np.empty(16)
    for row in range(n):
        if row_rings[row] == row_rings[row + 1]:
            continue
        y = (box[row, 1] + box[row, 3]) / 2
        count = 0
        for ring in range(row_rings[row], row_rings[row + 1]):
            for p in range(ring_start[ring], ring_start[ring + 1] - 1):
                ay, by = xy[p, 1], xy[p + 1, 1]
                if (ay > y) != (by > y):
                    at = xy[p, 0] + (y - ay) / (by - ay) * (xy[p + 1, 0] - xy[p, 0])
                    if count == len(cut):
                        more = np.empty(2 * count)
                        more[:count] = cut
                        cut = more
                    k = count
                    while k > 0 and cut[k - 1] > at:
                        cut[k] = cut[k - 1]
                        k -= 1
                    cut[k] = at
                    count += 1
        widest = 0.0
        for k in range(0, count - 1, 2):
            if cut[k + 1] - cut[k] > widest:
                widest = cut[k + 1] - cut[k]
                point[row, 0], point[row, 1] = (cut[k] + cut[k + 1]) / 2, y
    return point
