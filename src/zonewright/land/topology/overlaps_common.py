"""What two polygons have in common, from their segments alone: area, middle, extent and depth.

A polygon is the sum of the strips below its segments, down to a base line, with the sign of their
direction. So the area of what two polygons have in common is a sum over pairs of segments: of the
area below both. There is no case to tell apart (equal edges, corners on edges, holes, parts), and
nothing to round.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from zonewright.core.compiled import compiled

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Rows = NDArray[np.int32]

# Columns of `common_areas`.
AREA, X, Y, LENGTH, WIDTH = range(5)


@compiled
def common_areas(
    xy: Floats, ring_start: Ints, row_rings: Ints, first: Rows, second: Rows,
    unit_x: float, unit_y: float,
) -> Floats:  # fmt: skip
    """Return what pairs of rows have in common.

    Parameters
    ----------
    xy, ring_start, row_rings
        Polygons with land on the left of every segment, and where the rings of each row begin.
    first, second
        Shape (p,): rows.
    unit_x, unit_y
        Length of a unit of x and y [m].

    Returns
    -------
    common
        Shape (p, 5): area [m²], x and y of its centre of gravity [units], length and width of the
        rectangle of the same moments of inertia [m].
    """
    found = np.zeros((len(first), 5))
    sums = np.empty(6)
    for i in range(len(first)):
        a0, a1 = ring_start[row_rings[first[i]]], ring_start[row_rings[first[i] + 1]]
        b0, b1 = ring_start[row_rings[second[i]]], ring_start[row_rings[second[i] + 1]]
        west, east, base = _span(xy, a0, a1, b0, b1)
        sums[:] = 0.0
        _add_common(xy, ring_start, row_rings, first[i], second[i], west, east, base, unit_x,
                    unit_y, sums)  # fmt: skip
        area = sums[0]
        if not area > 0.0:
            continue
        x, y = sums[1] / area, sums[2] / area
        xx, yy, xy_ = sums[3] / area - x * x, sums[4] / area - y * y, sums[5] / area - x * y
        root = np.sqrt((xx - yy) * (xx - yy) / 4 + xy_ * xy_)
        most, least = (xx + yy) / 2 + root, (xx + yy) / 2 - root
        found[i, 0] = area
        found[i, 1], found[i, 2] = west + x / unit_x, base + y / unit_y
        found[i, 3] = np.sqrt(12 * max(most, 0.0))
        found[i, 4] = np.sqrt(12 * max(least, 0.0))
    return found


@compiled
def _span(xy: Floats, a0: int, a1: int, b0: int, b1: int) -> tuple[float, float, float]:
    """Return the common range of x of two rows, and the lowest y."""
    aw, ae, bw, be, base = np.inf, -np.inf, np.inf, -np.inf, np.inf
    for p in range(a0, a1):
        aw, ae, base = min(aw, xy[p, 0]), max(ae, xy[p, 0]), min(base, xy[p, 1])
    for p in range(b0, b1):
        bw, be, base = min(bw, xy[p, 0]), max(be, xy[p, 0]), min(base, xy[p, 1])
    return max(aw, bw), min(ae, be), base


@compiled
def _add_common(
    xy: Floats, ring_start: Ints, row_rings: Ints, one: int, other: int, west: float, east: float,
    base: float, unit_x: float, unit_y: float, sums: Floats,
) -> None:  # fmt: skip
    """Add area and moments below both segments, for each pair of segments of two rows."""
    for ra in range(row_rings[one], row_rings[one + 1]):
        for p in range(ring_start[ra], ring_start[ra + 1] - 1):
            al, ah = min(xy[p, 0], xy[p + 1, 0]), max(xy[p, 0], xy[p + 1, 0])
            if al == ah or ah <= west or al >= east:
                continue
            slope_a = (xy[p + 1, 1] - xy[p, 1]) / (xy[p + 1, 0] - xy[p, 0])
            sign_a = -1.0 if xy[p + 1, 0] > xy[p, 0] else 1.0
            for rb in range(row_rings[other], row_rings[other + 1]):
                for q in range(ring_start[rb], ring_start[rb + 1] - 1):
                    low = max(al, min(xy[q, 0], xy[q + 1, 0]))
                    high = min(ah, max(xy[q, 0], xy[q + 1, 0]))
                    if low >= high:
                        continue
                    slope_b = (xy[q + 1, 1] - xy[q, 1]) / (xy[q + 1, 0] - xy[q, 0])
                    sign = sign_a if xy[q + 1, 0] < xy[q, 0] else -sign_a
                    x0, x1 = (low - west) * unit_x, (high - west) * unit_x
                    a0 = (xy[p, 1] + (low - xy[p, 0]) * slope_a - base) * unit_y
                    a1 = (xy[p, 1] + (high - xy[p, 0]) * slope_a - base) * unit_y
                    b0 = (xy[q, 1] + (low - xy[q, 0]) * slope_b - base) * unit_y
                    b1 = (xy[q, 1] + (high - xy[q, 0]) * slope_b - base) * unit_y
                    before, after = a0 - b0, a1 - b1
                    if before * after < 0.0:
                        t = before / (before - after)
                        xm, ym = x0 + t * (x1 - x0), a0 + t * (a1 - a0)
                        _add_strip(x0, min(a0, b0), xm, ym, sign, sums)
                        _add_strip(xm, ym, x1, min(a1, b1), sign, sums)
                    else:
                        _add_strip(x0, min(a0, b0), x1, min(a1, b1), sign, sums)


@compiled
def _add_strip(x0: float, y0: float, x1: float, y1: float, sign: float, sums: Floats) -> None:
    """Add area, x, y, x², y² and xy of the strip below a segment."""
    w = (x1 - x0) * sign
    sums[0] += w * (y0 + y1) / 2
    sums[1] += w * (x0 * (2 * y0 + y1) + x1 * (y0 + 2 * y1)) / 6
    sums[2] += w * (y0 * y0 + y0 * y1 + y1 * y1) / 6
    sums[3] += (
        w * (x0 * x0 * (3 * y0 + y1) + 2 * x0 * x1 * (y0 + y1) + x1 * x1 * (y0 + 3 * y1)) / 12
    )
    sums[4] += w * (y0 + y1) * (y0 * y0 + y1 * y1) / 12
    sums[5] += w * (
        x0 * (3 * y0 * y0 + 2 * y0 * y1 + y1 * y1) + x1 * (y0 * y0 + 2 * y0 * y1 + 3 * y1 * y1)
    ) / 24  # fmt: skip


@compiled
def contains(xy: Floats, ring_start: Ints, r0: int, r1: int, x: float, y: float) -> bool:
    """Return whether a point lies in a row, of the rings r0 to r1, by the even-odd rule."""
    inside = False
    for ring in range(r0, r1):
        for p in range(ring_start[ring], ring_start[ring + 1] - 1):
            ay, by = xy[p, 1], xy[p + 1, 1]
            if (ay > y) != (by > y):
                at = xy[p, 0] + (y - ay) / (by - ay) * (xy[p + 1, 0] - xy[p, 0])
                if at > x:
                    inside = not inside
    return inside


@compiled
def _away(
    xy: Floats, ring_start: Ints, r0: int, r1: int, x: float, y: float,
    unit_x: float, unit_y: float,
) -> float:  # fmt: skip
    """Return the distance of a point from the boundary of a row [m]."""
    least = np.inf
    for ring in range(r0, r1):
        for p in range(ring_start[ring], ring_start[ring + 1] - 1):
            ax, ay = (xy[p, 0] - x) * unit_x, (xy[p, 1] - y) * unit_y
            ux, uy = (xy[p + 1, 0] - xy[p, 0]) * unit_x, (xy[p + 1, 1] - xy[p, 1]) * unit_y
            length2 = ux * ux + uy * uy
            t = 0.0
            if length2 > 0:
                t = min(1.0, max(0.0, -(ax * ux + ay * uy) / length2))
            dx, dy = ax + t * ux, ay + t * uy
            least = min(least, dx * dx + dy * dy)
    return float(np.sqrt(least))


@compiled
def reach_inside(
    xy: Floats, ring_start: Ints, row_rings: Ints, first: Rows, second: Rows, limit: float,
    unit_x: float, unit_y: float,
) -> NDArray[np.bool_]:  # fmt: skip
    """Return whether a corner of one row lies deeper in the other than a limit [m], shape (p,)."""
    found = np.zeros(len(first), dtype=np.bool_)
    for i in range(len(first)):
        for turn in range(2):
            one, other = (first[i], second[i]) if turn == 0 else (second[i], first[i])
            r0, r1 = row_rings[other], row_rings[other + 1]
            for p in range(ring_start[row_rings[one]], ring_start[row_rings[one + 1]]):
                x, y = xy[p, 0], xy[p, 1]
                if contains(xy, ring_start, r0, r1, x, y) and (
                    _away(xy, ring_start, r0, r1, x, y, unit_x, unit_y) > limit
                ):
                    found[i] = True
                    break
            if found[i]:
                break
    return found
