"""Which parcels come near another otherwise than by common edges and corners: the few in doubt.

Where all neighbours draw their common edges alike, nothing lies near the segments that are left but
what shares a corner with them. That is cheap to prove, so that only parcels for which it does not
hold are surveyed in full.
"""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from zonewright.core.compiled import Whole, at_once, compiled
from zonewright.land.flat import Flat
from zonewright.land.topology.exact import ALONE, CLOSING, Edges
from zonewright.land.topology.near_frame import NearFrame
from zonewright.land.topology.overlaps_kernels import between, goes_into

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Rows = NDArray[np.int32]
Flags = NDArray[np.bool_]

# Fewer points than this are not worth a second thread.
_FEW = 50_000
# Segments so crowded that more than so many are compared with one on average are left in doubt.
_MOST_COMPARED = 2_000
# A distance is taken for so much longer, which is more than its rounding.
_ROUNDING = 1e-6
# Of the frontage that acute corners may make together, 1 being the tolerance.
_MOST_ACUTE = 0.9


def rows_in_doubt(
    flat: Flat, frame: NearFrame, edges: Edges, *, side_m: float, reach_m: float
) -> tuple[Flags, bool]:
    """Return which rows may run along or cross another within a reach, and whether outlines cross.

    Two others may still share corners. Of those that meet at such a corner neither enters the land
    of the other there, and they run along one another within any distance up to the reach for less
    than that distance, all their corners together. A row may lie inside another all the same.

    Parameters
    ----------
    flat, frame, edges
        n polygons, their metric frame and their equal segments.
    side_m
        Side of the cells in which segments are sought; about their length is best [m].
    reach_m
        How near is near [m].

    Returns
    -------
    doubtful
        Shape (n,).
    crossed
        Whether the outlines of parcels that hang together by equal edges may cross at a corner, as
        those of a fan that winds twice round a point do. Else `outer_loops` tell what overlaps.

    Notes
    -----
    Segments without a counterpart are compared as they enter the cells that they pass. Two that
    share no corner must not come near one another. Two that do, at an angle whose cotangent is c,
    run along one another within a distance d for c d; the sum of c over the corners of a row is
    kept small.
    """
    doubtful = np.zeros(flat.rows, dtype=np.bool_)
    doubtful[flat.owner[np.searchsorted(flat.ring_start, edges.surplus, "right") - 1]] = True
    west, south, east, north = flat.box()
    unit = frame.unit_x_m, frame.unit_y_m
    bits = max(4, int(np.ceil(np.log2(len(flat.xy) + 1))) - 1)
    wide = min(max(2, int(np.ceil(np.log2((east - west) * unit[0] / side_m + 2)))), bits - 2)
    high = min(max(2, int(np.ceil(np.log2((north - south) * unit[1] / side_m + 2)))), bits - wide)

    def doubt(first: int, last: int) -> tuple[Floats, bool, bool]:
        return _doubt(
            flat.xy, flat.ring_start, flat.owner, edges.twin, west, south, *unit, side_m,
            reach_m * (1 + _ROUNDING), 1 << wide, 1 << high, first, last, flat.rows,
        )  # fmt: skip

    middle = 1 << (high - 1)
    bands = [(0, middle), (middle, 2 * middle)] if len(flat.xy) >= _FEW else [(0, 2 * middle)]
    parts = at_once([partial(doubt, *band) for band in bands])
    acute, crossed, done = zip(*parts, strict=True)
    if not all(done):
        return np.ones(flat.rows, dtype=np.bool_), True
    return np.asarray(doubtful | (np.sum(acute, axis=0) > _MOST_ACUTE)), any(crossed)


@compiled
def outer_loops(xy: Floats, ring_start: Ints, owner: Rows, twin: Rows) -> tuple[Floats, Rows]:
    """Return a point on each outer loop around parcels with equal edges, and the row that it is of.

    Loops go by segments without a counterpart, with land on their left. Where loops neither cross
    nor run along one another, land is drawn twice only if a whole outer loop lies in other land.

    Returns
    -------
    point
        Shape (k, 2): the middle of a segment.
    row
        Shape (k,): its parcel.
    """
    seen = np.zeros(len(twin), dtype=np.bool_)
    point = np.empty((64, 2))
    row = np.empty(64, dtype=np.int32)
    count = 0
    for ring in range(len(owner)):
        for begin in range(ring_start[ring], ring_start[ring + 1] - 1):
            if seen[begin] or twin[begin] != ALONE:
                continue
            x, y, twice = xy[begin, 0], xy[begin, 1], 0.0
            p = begin
            while not seen[p]:
                seen[p] = True
                twice += (xy[p, 0] - x) * (xy[p + 1, 1] - y) - (xy[p, 1] - y) * (xy[p + 1, 0] - x)
                p = _onward(twin, p)
            if twice > 0.0:
                if count == len(row):
                    point = np.concatenate((point, np.empty_like(point)))
                    row = np.concatenate((row, np.empty_like(row)))
                point[count, 0] = (x + xy[begin + 1, 0]) / 2
                point[count, 1] = (y + xy[begin + 1, 1]) / 2
                row[count] = owner[ring]
                count += 1
    return point[:count].copy(), row[:count].copy()


@compiled
def _onward(twin: Rows, p: Whole) -> Whole:
    """Return the segment without a counterpart that follows one, around parcels at its end."""
    p += 1
    while True:
        if twin[p] <= CLOSING:
            p = CLOSING - twin[p]
        if twin[p] < 0:
            return p
        p = twin[p] + 1


@compiled
def _doubt(
    xy: Floats, ring_start: Ints, owner: Rows, twin: Rows, west: float, south: float,
    unit_x: float, unit_y: float, side: float, reach: float, wide: int, high: int,
    first: int, last: int, rows: int,
) -> tuple[Floats, bool, bool]:  # fmt: skip
    """Look at the cells in rows from one to before another.

    Return the sum of the cotangents of each row's corners, whether outlines cross at a corner, and
    whether the search came to its end.
    """
    crossed = False
    acute = np.zeros(rows)
    head = np.full(wide * (last - first), -1, dtype=np.int32)
    room = len(xy) // 2 + 64
    # Of each entry: the point at which the segment begins, its ring, the next entry of the cell.
    entries = np.empty((room, 3), dtype=np.int32)
    count, compared = 0, 0
    per_x, per_y = unit_x / side, unit_y / side
    reach_x, reach_y = reach / unit_x, reach / unit_y
    for ring in range(len(owner)):
        row = owner[ring]
        for p in range(ring_start[ring], ring_start[ring + 1] - 1):
            if twin[p] != ALONE:
                continue
            s, n = min(xy[p, 1], xy[p + 1, 1]) - reach_y, max(xy[p, 1], xy[p + 1, 1]) + reach_y
            low, top = int((s - south) * per_y + 1.0), int((n - south) * per_y + 1.0)
            up = low & (high - 1)
            if up + top - low < high and (up + top - low < first or up >= last):
                continue
            w, e = min(xy[p, 0], xy[p + 1, 0]) - reach_x, max(xy[p, 0], xy[p + 1, 0]) + reach_x
            left, right = int((w - west) * per_x + 1.0), int((e - west) * per_x + 1.0)
            slope = 0.0
            if right > left + 1 and n - s > 3.0 * reach_y:
                slope = (xy[p + 1, 0] - xy[p, 0]) / (xy[p + 1, 1] - xy[p, 1])
            for level in range(low, top + 1):
                up = level & (high - 1)
                if up < first or up >= last:
                    continue
                if slope != 0.0:
                    left, right = _columns(xy, p, slope, level, s, n, south, per_y, w, e, west,
                                           per_x, reach_x, reach_y)  # fmt: skip
                for across in range(left, right + 1):
                    cell = (up - first) * wide + (across & (wide - 1))
                    entry = head[cell]
                    while entry >= 0:
                        q, other = entries[entry, 0], entries[entry, 1]
                        entry = entries[entry, 2]
                        if other == ring:
                            continue
                        compared += 1
                        if max(xy[q, 0], xy[q + 1, 0]) < w or min(xy[q, 0], xy[q + 1, 0]) > e:
                            continue
                        if max(xy[q, 1], xy[q + 1, 1]) < s or min(xy[q, 1], xy[q + 1, 1]) > n:
                            continue
                        if xy[p + 1, 0] == xy[q + 1, 0] and xy[p + 1, 1] == xy[q + 1, 1]:
                            crossed = crossed or _crossing(xy, twin, p, q)
                        if owner[other] == row:
                            continue
                        cotangent = _meeting(xy, ring_start, p, ring, q, other, unit_x, unit_y,
                                             reach)  # fmt: skip
                        acute[row] += cotangent
                        acute[owner[other]] += cotangent
                    if count == room:
                        room *= 2
                        more = np.empty((room, 3), dtype=np.int32)
                        more[:count] = entries
                        entries = more
                    entries[count, 0], entries[count, 1], entries[count, 2] = p, ring, head[cell]
                    head[cell] = count
                    count += 1
        if compared > _MOST_COMPARED * (len(xy) + 1_000):
            return acute, crossed, False
    return acute, crossed, True


@compiled
def _columns(
    xy: Floats, p: int, slope: float, level: int, s: float, n: float, south: float, per_y: float,
    w: float, e: float, west: float, per_x: float, reach_x: float, reach_y: float,
) -> tuple[Whole, Whole]:  # fmt: skip
    """Return the columns that a segment, and what lies within the reach, passes at some height."""
    below = max(s, south + (level - 1) / per_y - reach_y)
    above = min(n, south + level / per_y + reach_y)
    one = xy[p, 0] + (below - xy[p, 1]) * slope
    two = xy[p, 0] + (above - xy[p, 1]) * slope
    low, high = max(w, min(one, two) - reach_x), min(e, max(one, two) + reach_x)
    # A thousandth of a cell makes up for rounding.
    return int((low - west) * per_x + 0.999), int((high - west) * per_x + 1.001)


@compiled
def _meeting(
    xy: Floats, ring_start: Ints, p: int, ring_p: int, q: int, ring_q: int,
    unit_x: float, unit_y: float, reach: float,
) -> float:  # fmt: skip
    """Return how far, by distance, two segments run along one another; infinite if in doubt."""
    corner, facing, end_p, end_q = -1, -1, -1, -1
    opposite = False
    for m in range(2):
        for n in range(2):
            if xy[p + m, 0] == xy[q + n, 0] and xy[p + m, 1] == xy[q + n, 1]:
                if corner >= 0:
                    return np.inf
                corner, end_p, facing, end_q = p + m, p + 1 - m, q + n, q + 1 - n
                opposite = m != n
    if corner < 0:
        return np.inf if _near(xy, p, q, unit_x, unit_y, reach) else 0.0
    if goes_into(xy, ring_start, corner, ring_p, end_q):
        return np.inf
    if goes_into(xy, ring_start, facing, ring_q, end_p):
        return np.inf
    ax, ay = (xy[end_p, 0] - xy[corner, 0]) * unit_x, (xy[end_p, 1] - xy[corner, 1]) * unit_y
    bx, by = (xy[end_q, 0] - xy[corner, 0]) * unit_x, (xy[end_q, 1] - xy[corner, 1]) * unit_y
    along, across = ax * bx + ay * by, abs(ax * by - ay * bx)
    if along > 0.0 and across == 0.0:
        return np.inf
    return along / across if opposite and along > 0.0 else 0.0


@compiled
def _crossing(xy: Floats, twin: Rows, p: int, q: int) -> bool:
    """Return whether the outlines cross at the corner where two segments of them end.

    They do not if the beginning and the end of one are both in the land at the corner, or outside.
    """
    one, other = _onward(twin, p), _onward(twin, q)
    before, after = q, other + 1
    came = between(xy, p + 1, before, after, xy[p, 0], xy[p, 1])
    goes = between(xy, p + 1, before, after, xy[one + 1, 0], xy[one + 1, 1])
    return came != goes


@compiled
def _near(xy: Floats, p: int, q: int, unit_x: float, unit_y: float, reach: float) -> bool:
    """Return whether two segments come within a reach of one another [m]."""
    ux, uy = (xy[p + 1, 0] - xy[p, 0]) * unit_x, (xy[p + 1, 1] - xy[p, 1]) * unit_y
    cx, cy = (xy[q, 0] - xy[p, 0]) * unit_x, (xy[q, 1] - xy[p, 1]) * unit_y
    dx, dy = (xy[q + 1, 0] - xy[p, 0]) * unit_x, (xy[q + 1, 1] - xy[p, 1]) * unit_y
    length = np.sqrt(ux * ux + uy * uy)
    one, two = ux * cy - uy * cx, ux * dy - uy * dx
    if min(one, two) > reach * length or max(one, two) < -reach * length:
        return False
    vx, vy = dx - cx, dy - cy
    if one * two <= 0.0:
        three, four = vy * cx - vx * cy, vx * (uy - cy) - vy * (ux - cx)
        if three * four <= 0.0:
            return True
    square = reach * reach
    return bool(
        _apart2(cx, cy, ux, uy) <= square
        or _apart2(dx, dy, ux, uy) <= square
        or _apart2(-cx, -cy, vx, vy) <= square
        or _apart2(ux - cx, uy - cy, vx, vy) <= square
    )


@compiled
def _apart2(x: float, y: float, ux: float, uy: float) -> float:
    """Return the square of the distance of a point from the segment from the origin to u."""
    share = min(max((x * ux + y * uy) / (ux * ux + uy * uy), 0.0), 1.0)
    x, y = x - share * ux, y - share * uy
    return x * x + y * y
