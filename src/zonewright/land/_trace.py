"""The compiled walk around groups of parcels: from shared edges to rings of their outlines."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from zonewright.core.compiled import Whole, compiled
from zonewright.land.topology.exact import CLOSING, mix

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Slots = NDArray[np.int32]
Bits = NDArray[np.uint64]


@compiled
def trace(
    xy: Floats, bits: Bits, twin: Slots, group: Slots, first: int, last: int, begin: int, end: int
) -> tuple[Slots, Ints, Slots, Floats]:
    """Return the rings around groups of parcels.

    Parameters
    ----------
    xy, bits, twin
        Shape (m, 2), (m, 2) and (m,): points of directed rings, also as whole numbers, and the
        counterparts of their segments.
    group
        Shape (m,): group of the parcel to which each point belongs.
    first, last
        Groups that are asked for: from one to before the other.
    begin, end
        All points of these groups lie from one position to before the other.

    Returns
    -------
    points
        Shape (k,): positions in `xy`, ring after ring, the first of each again at its end.
    ring_end
        Shape (r,): where the rings end in `points`.
    ring_group
        Shape (r,): the group around which each ring runs.
    twice
        Shape (r,): twice the plane area of each ring, above 0 where it is an outer one.

    Notes
    -----
    From the end of an outline segment the walk goes on along the same parcel; where that segment is
    shared with a parcel of the group, it crosses over and goes on along that one. Crossing and
    going on are one-to-one, so each walk comes back to its beginning. The walk stays beside the
    same land at a corner where a group touches itself, and comes by that corner twice: there the
    ring is cut in two, which leaves simple rings only.
    """
    outer = np.zeros(len(twin), dtype=np.bool_)
    total = 0
    for p in range(begin, end):
        if twin[p] > CLOSING and first <= group[p] < last:
            t = twin[p]
            if t < 0 or group[t] != group[p]:
                outer[p] = True
                total += 1
    points = np.empty(total + total // 3, dtype=np.int32)
    ring_end = np.empty(total // 3 + 1, dtype=np.int64)
    ring_group = np.empty(total // 3 + 1, dtype=np.int32)
    twice = np.empty(total // 3 + 1)
    walk = np.empty(total, dtype=np.int32)
    # Corners of the present walk: where in the table, which point, where on the way, which walk.
    slot = np.empty(total, dtype=np.int64)
    corner = np.empty(64, dtype=np.int32)
    place = np.empty(64, dtype=np.int32)
    stamp = np.full(64, -1, dtype=np.int32)
    used, rings = 0, 0
    for start in range(begin, end):
        if not outer[start]:
            continue
        length = 0
        p = start
        while outer[p]:
            outer[p] = False
            walk[length] = p
            length += 1
            p = _next(twin, p)
            # What was walked is no longer `outer`: a shared segment is told by its counterpart.
            while twin[p] >= 0 and group[twin[p]] == group[p]:
                p = _next(twin, twin[p])
        size = 64
        while size < 2 * length:
            size *= 2
        if size > len(corner):
            corner = np.empty(size, dtype=np.int32)
            place = np.empty(size, dtype=np.int32)
            stamp = np.full(size, -1, dtype=np.int32)
        rings_before = rings
        kept = 0
        for i in range(length):
            p = walk[i]
            key = mix(bits[p, 0], bits[p, 1])
            at = np.int64(key & np.uint64(size - 1))
            while stamp[at] == start:
                q = corner[at]
                if xy[q, 0] == xy[p, 0] and xy[q, 1] == xy[p, 1]:
                    break
                at = (at + 1) & (size - 1)
            if stamp[at] == start and place[at] >= 0:
                back = place[at]
                used, rings = _write(xy, walk, back, kept, points, ring_end, twice, used, rings)
                for j in range(back + 1, kept):
                    place[slot[j]] = -1
                kept = back
            stamp[at] = start
            corner[at] = p
            place[at] = kept
            slot[kept] = at
            walk[kept] = p
            kept += 1
        used, rings = _write(xy, walk, 0, kept, points, ring_end, twice, used, rings)
        ring_group[rings_before:rings] = group[start]
    return points[:used], ring_end[:rings], ring_group[:rings], twice[:rings]


@compiled
def _next(twin: Slots, p: Whole) -> Whole:
    p += 1
    if twin[p] <= CLOSING:
        return CLOSING - twin[p]
    return p


@compiled
def _write(
    xy: Floats, walk: Slots, first: int, last: int, points: Slots, ring_end: Ints, twice: Floats,
    used: int, rings: int,
) -> tuple[Whole, Whole]:  # fmt: skip
    """Write a part of a walk as a ring, unless it only goes forth and back."""
    if last - first > 2:
        area = 0.0
        x0, y0 = xy[walk[first], 0], xy[walk[first], 1]
        ax, ay = xy[walk[first + 1], 0] - x0, xy[walk[first + 1], 1] - y0
        for j in range(first + 2, last):
            bx, by = xy[walk[j], 0] - x0, xy[walk[j], 1] - y0
            area += ax * by - ay * bx
            ax, ay = bx, by
        for j in range(first, last):
            points[used] = walk[j]
            used += 1
        points[used] = walk[first]
        used += 1
        ring_end[rings] = used
        twice[rings] = area
        rings += 1
    return used, rings
