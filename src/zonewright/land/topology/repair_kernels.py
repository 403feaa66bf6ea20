"""Which polygons may be invalid, and which are drawn twice: compiled, for millions of rings."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from zonewright.core.compiled import Whole, compiled
from zonewright.land.topology.overlaps_common import contains

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

# Up to this many segments each is compared with each; more are sorted from west to east first.
_FEW = 16


@compiled
def _side(xy: Floats, p: int, q: int) -> float:
    """Return on which side of the segment that begins at p the point q lies: above 0 is left."""
    if xy[q, 0] == xy[p + 1, 0] and xy[q, 1] == xy[p + 1, 1]:
        return 0.0
    return _turn(xy, p, p + 1, q)


@compiled
def _meet(xy: Floats, p: int, q: int) -> bool:
    """Return whether the segments that begin at two points have a point in common."""
    if max(xy[p, 0], xy[p + 1, 0]) < min(xy[q, 0], xy[q + 1, 0]):
        return False
    if max(xy[q, 0], xy[q + 1, 0]) < min(xy[p, 0], xy[p + 1, 0]):
        return False
    if max(xy[p, 1], xy[p + 1, 1]) < min(xy[q, 1], xy[q + 1, 1]):
        return False
    if max(xy[q, 1], xy[q + 1, 1]) < min(xy[p, 1], xy[p + 1, 1]):
        return False
    if _side(xy, p, q) * _side(xy, p, q + 1) > 0:
        return False
    return not _side(xy, q, p) * _side(xy, q, p + 1) > 0


@compiled
def _wrong(xy: Floats, p: int, q: int, begin: Ints, end: Ints, i: int, j: int) -> bool:
    """Return whether two segments of a row meet otherwise than as neighbours in one ring.

    Neighbours are wrong if the ring turns back upon itself at their common corner.
    """
    if begin[i] == begin[j]:
        if p > q:
            p, q = q, p
        first, after = p, q
        follows = q == p + 1
        if p == begin[i] and q == end[i] - 1:
            first, after, follows = q, p, True
        if follows:
            back = (xy[first, 0] - xy[after, 0]) * (xy[after + 1, 0] - xy[after, 0])
            back += (xy[first, 1] - xy[after, 1]) * (xy[after + 1, 1] - xy[after, 1])
            return _side(xy, first, after + 1) == 0.0 and back > 0
    return _meet(xy, p, q)


@compiled
def doubtful_rows(xy: Floats, ring_start: Ints, row_rings: Ints) -> Flags:
    """Return which rows may be invalid, shape (n,): the others are valid polygons.

    A row is in doubt if two of its segments meet that are no neighbours, if a ring turns back upon
    itself, if a hole does not lie in the outer ring before it, or if a part lies in another.
    """
    n = len(row_rings) - 1
    found = np.zeros(n, dtype=np.bool_)
    size = 0
    for row in range(n):
        size = max(size, ring_start[row_rings[row + 1]] - ring_start[row_rings[row]])
    at = np.empty(size, dtype=np.int64)
    begin = np.empty(size, dtype=np.int64)
    end = np.empty(size, dtype=np.int64)
    for row in range(n):
        r0, r1 = row_rings[row], row_rings[row + 1]
        if r1 - r0 == 1 and _two_chains(xy, ring_start[r0], ring_start[r1] - 1):
            continue
        count: Whole = 0
        for ring in range(r0, r1):
            for p in range(ring_start[ring], ring_start[ring + 1] - 1):
                at[count], begin[count], end[count] = p, ring_start[ring], ring_start[ring + 1] - 1
                count += 1
        if count <= _FEW:
            found[row] = _compare_all(xy, at[:count], begin[:count], end[:count])
        else:
            found[row] = _compare_sorted(xy, at[:count], begin[:count], end[:count])
        if r1 - r0 > 1 and not found[row]:
            found[row] = _badly_nested(xy, ring_start, r0, r1)
    return found


@compiled
def _two_chains(xy: Floats, begin: int, end: int) -> bool:
    """Return whether a ring is one way up and one way down that keep to its left.

    Such a ring, as most lots are, is simple. Up is slanted, so that level edges have a direction.
    """
    low, high = begin, begin
    for p in range(begin, end):
        if _height(xy, p) < _height(xy, low):
            low = p
        if _height(xy, p) > _height(xy, high):
            high = p
    right, left = low, low
    next_right, next_left = _after(right, begin, end), _before(left, begin, end)
    while True:
        if not (
            _height(xy, next_right) > _height(xy, right)
            and _height(xy, next_left) > _height(xy, left)
        ):
            return False
        if next_right == high and next_left == high:
            return right != low or left != low
        # The lower of the next two corners lies on its own side of the other way.
        if _height(xy, next_right) <= _height(xy, next_left):
            if not _turn(xy, left, next_left, next_right) < 0:
                return False
            right, next_right = next_right, _after(next_right, begin, end)
        else:
            if not _turn(xy, right, next_right, next_left) > 0:
                return False
            left, next_left = next_left, _before(next_left, begin, end)


@compiled
def _height(xy: Floats, p: int) -> float:
    return float(xy[p, 1] + 0.37 * xy[p, 0])


@compiled
def _turn(xy: Floats, p: int, q: int, r: int) -> float:
    return float(
        (xy[q, 0] - xy[p, 0]) * (xy[r, 1] - xy[p, 1])
        - (xy[q, 1] - xy[p, 1]) * (xy[r, 0] - xy[p, 0])
    )


@compiled
def _after(p: int, begin: int, end: int) -> Whole:
    return p + 1 if p + 1 < end else begin


@compiled
def _before(p: int, begin: int, end: int) -> Whole:
    return p - 1 if p > begin else end - 1


@compiled
def _compare_all(xy: Floats, at: Ints, begin: Ints, end: Ints) -> bool:
    for i in range(len(at)):
        for j in range(i):
            if _wrong(xy, at[i], at[j], begin, end, i, j):
                return True
    return False


@compiled
def _compare_sorted(xy: Floats, at: Ints, begin: Ints, end: Ints) -> bool:
    west = np.empty(len(at))
    for i in range(len(at)):
        west[i] = min(xy[at[i], 0], xy[at[i] + 1, 0])
    order = np.arange(len(at))
    # Sorted by Shell's method: numpy's own takes seconds to compile.
    gap = len(at) // 2
    while gap > 0:
        for m in range(gap, len(order)):
            i, n = order[m], m
            while n >= gap and west[order[n - gap]] > west[i]:
                order[n] = order[n - gap]
                n -= gap
            order[n] = i
        gap //= 2
    for m in range(len(order)):
        i = order[m]
        east = max(xy[at[i], 0], xy[at[i] + 1, 0])
        for n in range(m + 1, len(order)):
            j = order[n]
            if west[j] > east:
                break
            if _wrong(xy, at[i], at[j], begin, end, i, j):
                return True
    return False


@compiled
def _badly_nested(xy: Floats, ring_start: Ints, r0: int, r1: int) -> bool:
    """Return whether rings that do not meet lie otherwise than holes each in its own outer ring."""
    shell = r0
    for ring in range(r0, r1):
        hole = _is_hole(xy, ring_start[ring], ring_start[ring + 1])
        if not hole:
            shell = ring
        x, y = xy[ring_start[ring], 0], xy[ring_start[ring], 1]
        for other in range(r0, r1):
            if other == ring:
                continue
            inside = contains(xy, ring_start, other, other + 1, x, y)
            if inside != (hole and other == shell):
                return True
    return False


@compiled
def _is_hole(xy: Floats, first: int, last: int) -> bool:
    x0, y0, twice = xy[first, 0], xy[first, 1], 0.0
    for p in range(first, last - 1):
        twice += (xy[p, 0] - x0) * (xy[p + 1, 1] - y0) - (xy[p, 1] - y0) * (xy[p + 1, 0] - x0)
    return twice < 0


@compiled
def row_marks(bits: NDArray[np.uint64], ring_start: Ints, row_rings: Ints) -> NDArray[np.uint64]:
    """Return a number for each row, equal for the same rings whichever corner is the first.

    It is the sum of a mix of the bits of each segment; 0 for a row without rings.
    """
    n = len(row_rings) - 1
    mark = np.zeros(n, dtype=np.uint64)
    for row in range(n):
        total = np.uint64(0)
        for ring in range(row_rings[row], row_rings[row + 1]):
            for p in range(ring_start[ring], ring_start[ring + 1] - 1):
                here = _mixed(bits[p, 0], bits[p, 1])
                there = _mixed(bits[p + 1, 0], bits[p + 1, 1])
                mixed = (here + (there << np.uint64(1))) * np.uint64(0x9E3779B97F4A7C15)
                total += mixed ^ (mixed >> np.uint64(31))
        mark[row] = total
    return mark


@compiled
def _mixed(x: Whole, y: Whole) -> Whole:
    mixed = (x ^ (y >> np.uint64(32)) ^ (y << np.uint64(32))) * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= mixed >> np.uint64(32)
    mixed *= np.uint64(0xC2B2AE3D27D4EB4F)
    return mixed ^ (mixed >> np.uint64(29))
