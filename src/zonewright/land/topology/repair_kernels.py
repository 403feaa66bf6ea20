"""Which polygons may be invalid, and which are drawn twice: compiled, for millions of rings."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from zonewright.core.compiled import Whole, compiled
from zonewright.land._areas import box_of
from zonewright.land.topology.overlaps_common import contains

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

# So many segments that follow one another are compared as one first.
_RUN = 6
# Rounding of a difference of two products of differences, as a share of the products.
_ROUNDING = 4e-16


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
def doubtful_rows(xy: Floats, ring_start: Ints, row_rings: Ints) -> Flags:
    """Return which rows may be invalid, shape (n,): the others are valid polygons.

    A row is in doubt if two of its segments meet that are no neighbours, if a ring turns back upon
    itself, if a hole does not lie in the outer ring before it, or if a part lies in another.
    """
    n = len(row_rings) - 1
    found = np.zeros(n, dtype=np.bool_)
    size = 0
    for row in range(n):
        r0, r1 = row_rings[row], row_rings[row + 1]
        size = max(size, (ring_start[r1] - ring_start[r0]) // _RUN + r1 - r0)
    box = np.empty((size, 4))
    run = np.empty((size, 3), dtype=np.int64)
    for row in range(n):
        r0, r1 = row_rings[row], row_rings[row + 1]
        if r1 - r0 == 1 and _two_chains(xy, ring_start[r0], ring_start[r1] - 1):
            continue
        count: Whole = 0
        for ring in range(r0, r1):
            begin, end = ring_start[ring], ring_start[ring + 1] - 1
            found[row] = found[row] or _turns_back(xy, begin, end)
            for first in range(begin, end, _RUN):
                last = min(first + _RUN, end)
                run[count, 0], run[count, 1], run[count, 2] = first, last, ring
                box[count] = box_of(xy[first : last + 1])
                count += 1
        found[row] = (
            found[row]
            or _runs_meet(xy, ring_start, box[:count], run)
            or (r1 - r0 > 1 and _badly_nested(xy, ring_start, r0, r1))
        )
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
    """Return on which side of the way from p to q the point r lies; 0 if rounding may tell it."""
    one = (xy[q, 0] - xy[p, 0]) * (xy[r, 1] - xy[p, 1])
    other = (xy[q, 1] - xy[p, 1]) * (xy[r, 0] - xy[p, 0])
    turn = one - other
    return float(turn) if abs(turn) > _ROUNDING * (abs(one) + abs(other)) else 0.0


@compiled
def _after(p: int, begin: int, end: int) -> Whole:
    return p + 1 if p + 1 < end else begin


@compiled
def _before(p: int, begin: int, end: int) -> Whole:
    return p - 1 if p > begin else end - 1


@compiled
def _turns_back(xy: Floats, begin: int, end: int) -> bool:
    """Return whether a ring turns back upon itself at a corner."""
    before = end - 1
    for p in range(begin, end):
        back = (xy[before, 0] - xy[p, 0]) * (xy[p + 1, 0] - xy[p, 0])
        back += (xy[before, 1] - xy[p, 1]) * (xy[p + 1, 1] - xy[p, 1])
        if back > 0 and _side(xy, before, p + 1) == 0.0:
            return True
        before = p
    return False


@compiled
def _runs_meet(xy: Floats, ring_start: Ints, box: Floats, run: Ints) -> bool:
    """Return whether two segments meet that do not follow one another.

    Parameters
    ----------
    xy, ring_start
        Points of rings.
    box
        Shape (k, 4): box around some segments that follow one another.
    run
        Shape (≥ k, 3): the first of them, the one after the last, and their ring.
    """
    order = np.arange(len(box))
    # Sorted from west to east by Shell's method: numpy's own takes seconds to compile.
    gap = len(order) // 2
    while gap > 0:
        for m in range(gap, len(order)):
            i, n = order[m], m
            while n >= gap and box[order[n - gap], 0] > box[i, 0]:
                order[n] = order[n - gap]
                n -= gap
            order[n] = i
        gap //= 2
    for m in range(len(order)):
        i = order[m]
        for n in range(m, len(order)):
            j = order[n]
            west, south, east, north = box[j]
            if west > box[i, 2]:
                break
            if south > box[i, 3] or north < box[i, 1]:
                continue
            # The first and the last of a ring follow one another as well.
            most = ring_start[run[i, 2] + 1] - ring_start[run[i, 2]] - 2
            if run[i, 2] != run[j, 2]:
                most = len(xy)
            for p in range(run[i, 0], run[i, 1]):
                if min(xy[p, 0], xy[p + 1, 0]) > east or max(xy[p, 0], xy[p + 1, 0]) < west:
                    continue
                if min(xy[p, 1], xy[p + 1, 1]) > north or max(xy[p, 1], xy[p + 1, 1]) < south:
                    continue
                for q in range(run[j, 0], p if i == j else run[j, 1]):
                    if 1 < abs(p - q) < most and _meet(xy, p, q):
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
