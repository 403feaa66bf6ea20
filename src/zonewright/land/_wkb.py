"""The compiled reader of WKB polygons: in place, to flat coordinates."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from zonewright.core.compiled import Whole, compiled

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# The states of `zonewright.land.flat`; a compiled function takes them as constants.
_POLYGON, _MISSING, _EMPTY, _OTHER, _UNREADABLE, _BROKEN, _STRANGE = range(7)


@compiled
def _u32(blob: Bytes, at: int) -> Whole:
    low = np.int64(blob[at]) | np.int64(blob[at + 1]) << 8
    return low | np.int64(blob[at + 2]) << 16 | np.int64(blob[at + 3]) << 24


@compiled
def _head(blob: Bytes, at: int, end: int) -> tuple[Whole, Whole, Whole]:
    """Return the kind (0: not plain), the numbers a point, and where the content begins."""
    if at + 5 > end or blob[at] != 1:
        return 0, 2, at
    code = _u32(blob, at + 1)
    begin = at + 5
    dimensions = 2
    if code & 0x20000000:
        begin += 4
    if code & 0x80000000:
        dimensions += 1
    if code & 0x40000000:
        dimensions += 1
    code &= 0x1FFFFFFF
    thousands = code // 1000
    if thousands > 3:
        return 0, 2, at
    if thousands == 1 or thousands == 2:
        dimensions += 1
    elif thousands == 3:
        dimensions += 2
    return code % 1000, dimensions, begin


@compiled
def _walk(blob: Bytes, at: int, end: int) -> tuple[Whole, Whole, Whole]:
    """Return where a polygon's content ends (-1: it is cut off), its rings and its points."""
    _, dimensions, begin = _head(blob, at, end)
    if begin + 4 > end:
        return -1, 0, 0
    rings, points = _u32(blob, begin), 0
    at = begin + 4
    for _ in range(rings):
        if at + 4 > end:
            return -1, 0, 0
        size = _u32(blob, at)
        at += 4 + 8 * dimensions * size
        points += size
        if at > end:
            return -1, 0, 0
    return at, rings, points


@compiled
def count_rings(
    blob: Bytes, begin: Ints, end: Ints, valid: NDArray[np.bool_]
) -> tuple[NDArray[np.uint8], Ints, Ints]:
    """Return the state of each WKB value, and the rings and points that it has at most."""
    n = len(begin)
    state = np.zeros(n, dtype=np.uint8)
    rings = np.zeros(n, dtype=np.int64)
    points = np.zeros(n, dtype=np.int64)
    for row in range(n):
        at, last = begin[row], end[row]
        if not valid[row]:
            state[row] = _MISSING
            continue
        if last - at == 1 and blob[at] == 63:
            state[row] = _UNREADABLE
            continue
        kind, _, content = _head(blob, at, last)
        if kind == 1 or kind == 2 or kind == 4 or kind == 5:
            state[row] = _OTHER
        elif kind == 3:
            after, rings[row], points[row] = _walk(blob, at, last)
            if after != last:
                state[row] = _STRANGE
            elif points[row] == 0:
                state[row] = _EMPTY
        elif kind == 6 and content + 4 <= last:
            parts = _u32(blob, content)
            at = content + 4
            for _ in range(parts):
                part, _, _ = _head(blob, at, last)
                after, part_rings, part_points = -1, 0, 0
                if part == 3:
                    after, part_rings, part_points = _walk(blob, at, last)
                if after < 0:
                    state[row] = _STRANGE
                    break
                rings[row] += part_rings
                points[row] += part_points
                at = after
            if state[row] != _STRANGE:
                if at != last:
                    state[row] = _STRANGE
                elif points[row] == 0:
                    state[row] = _EMPTY
        else:
            state[row] = _STRANGE
        if state[row] != _POLYGON:
            rings[row] = 0
            points[row] = 0
    return state, rings, points


@compiled
def _put(blob: Bytes, at: int, size: int, dimensions: int, xy: Floats, first: int) -> Whole:
    """Write a ring without repeated points; return where it ends, or -1 if it is broken."""
    numbers = blob[at : at + 8 * dimensions * size].view(np.float64)
    p = first
    for i in range(size):
        x = numbers[i * dimensions] + 0.0
        y = numbers[i * dimensions + 1] + 0.0
        if not (np.isfinite(x) and np.isfinite(y)):
            return -1
        if p == first or x != xy[p - 1, 0] or y != xy[p - 1, 1]:
            xy[p, 0] = x
            xy[p, 1] = y
            p += 1
    if p - first < 4 or xy[first, 0] != xy[p - 1, 0] or xy[first, 1] != xy[p - 1, 1]:
        return -1
    return p


@compiled
def twice_area(xy: Floats, first: int, last: int) -> float:
    """Return twice the plane area of a closed ring, above 0 if it runs counter-clockwise."""
    x0, y0 = xy[first, 0], xy[first, 1]
    total = 0.0
    for i in range(first + 1, last - 2):
        ax, ay = xy[i, 0] - x0, xy[i, 1] - y0
        bx, by = xy[i + 1, 0] - x0, xy[i + 1, 1] - y0
        total += ax * by - ay * bx
    return total


@compiled
def _turn(xy: Floats, first: int, last: int) -> None:
    i, j = first, last - 1
    while i < j:
        x, y = xy[i, 0], xy[i, 1]
        xy[i, 0], xy[i, 1] = xy[j, 0], xy[j, 1]
        xy[j, 0], xy[j, 1] = x, y
        i += 1
        j -= 1


@compiled
def fill_rings(
    blob: Bytes,
    begin: Ints,
    end: Ints,
    state: NDArray[np.uint8],
    xy: Floats,
    ring_start: Ints,
    owner: NDArray[np.int32],
    hole: NDArray[np.bool_],
) -> tuple[Whole, Whole]:
    """Write the rings of all rows, directed; return how many rings and points there are.

    A row with a broken outer ring keeps none and its state says so. A hole that is no ring encloses
    nothing and is left out.
    """
    ring, point = 0, 0
    ring_start[0] = 0
    for row in range(len(state)):
        if state[row] != _POLYGON:
            continue
        first_ring, first_point = ring, point
        kind, _, at = _head(blob, begin[row], end[row])
        parts = 1
        if kind == 6:
            parts = _u32(blob, at)
            at += 4
        else:
            at = begin[row]
        for _ in range(parts):
            _, dimensions, content = _head(blob, at, end[row])
            rings = _u32(blob, content)
            at = content + 4
            for place in range(rings):
                size = _u32(blob, at)
                at += 4
                last = _put(blob, at, size, dimensions, xy, point)
                at += 8 * dimensions * size
                if last < 0:
                    if place == 0:
                        state[row] = _BROKEN
                    continue
                if (twice_area(xy, point, last) > 0) == (place > 0):
                    _turn(xy, point, last)
                owner[ring] = row
                hole[ring] = place > 0
                ring += 1
                point = last
                ring_start[ring] = point
        if state[row] != _POLYGON:
            ring, point = first_ring, first_point
    return ring, point
