"""Frontage of parcels whose edges run along one another without being the same segments.

Two surveys of one edge differ by centimetres, a neighbour's corner may stand in the middle of an
edge without a vertex there, and neighbours overlap a little. All are found here, among the segments
that have no equal: for every two of different parcels, the length over which they run along one
another within a tolerance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zonewright.core.compiled import Whole, at_once, compiled
from zonewright.core.errors import RangeError
from zonewright.land.topology.near_grid import SegmentGrid, pieces_of, segment_grid

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Rows = NDArray[np.int32]
Flags = NDArray[np.bool_]

# Less than this is the rounding of two segments that meet end to end [m].
_NOTHING_M = 1e-6
# Fewer segments than this are not worth a second thread.
_FEW = 50_000
# A cadastre of a million parcels compares ten million.
_MOST_PAIRS = 1e10


@dataclass(frozen=True, slots=True)
class Contacts:
    """Segments of different parcels that run along one another, and those that touch or cross.

    Parameters
    ----------
    one, other
        Shape (c,): positions of two segments that run along one another.
    within_m, near_m
        Shape (c,): length over which they do within the tolerance, and within the wider limit [m].
    touch_one, touch_other
        Shape (t,): positions of two segments that have a point in common. Two may be listed more
        than once.
    """

    one: Rows
    other: Rows
    within_m: Floats
    near_m: Floats
    touch_one: Rows
    touch_other: Rows


def near_pairs(ends: Floats, owner: Rows, *, tolerance_m: float = 0.1) -> tuple[Rows, Rows, Floats]:
    """Return the pairs of parcels that run along one another, and how far.

    Parameters
    ----------
    ends
        Shape (s, 4): x and y of both ends of segments without an equal, in a metric frame, with the
        parcel's land on their left [m]. Two that run in the same direction are no frontage: there
        the parcels lie over one another.
    owner
        Shape (s,): parcel to which each segment belongs.
    tolerance_m
        How far apart two drawings of one edge may run [m].

    Returns
    -------
    first, second, frontage_m
        Shape (p,): parcels, first < second, each pair once and in order, and the length over which
        their segments run along one another [m].

    Examples
    --------
    An edge of 100 m, along which two neighbours of 40 m and 60 m are drawn 2 cm away:

    >>> ends = np.array([[0.0, 0, 100, 0], [100, 0.02, 40, 0.02], [40, 0.02, 0, 0.02]])
    >>> first, second, frontage_m = near_pairs(ends, np.array([0, 1, 2], dtype=np.int32))
    >>> first.tolist(), second.tolist(), frontage_m.tolist()
    ([0, 0], [1, 2], [60.0, 40.0])
    """
    found = contacts_of(ends, owner, tolerance_m=tolerance_m)
    return sum_by_pair(owner[found.one], owner[found.other], found.within_m)


def contacts_of(
    ends: Floats,
    owner: Rows,
    *,
    tolerance_m: float,
    limit_m: float | None = None,
    side_m: float | None = None,
) -> Contacts:
    """Return which segments of different parcels run along one another, touch or cross.

    Parameters
    ----------
    ends, owner
        As for `near_pairs`.
    tolerance_m, limit_m
        Two distances within which the common length is measured; the limit is the wider of the two
        (None: the tolerance) [m].
    side_m
        Side of the cells in which segments are compared; as for `segment_grid` [m].
    """
    limit_m = tolerance_m if limit_m is None else max(limit_m, tolerance_m)
    grid = segment_grid(ends, reach_m=limit_m, side_m=side_m)
    _require_room(grid, tolerance_m)
    cells = grid.wide * grid.high
    if len(ends) < _FEW:
        return _contacts(ends, owner, grid, tolerance_m, 0, cells)
    # Two halves at once: the compiled search runs without the interpreter's lock.
    middle = int(np.searchsorted(grid.start, len(grid.segment) // 2))
    parts = at_once(
        [
            lambda: _contacts(ends, owner, grid, tolerance_m, 0, middle),
            lambda: _contacts(ends, owner, grid, tolerance_m, middle, cells),
        ]
    )
    names = ("one", "other", "within_m", "near_m", "touch_one", "touch_other")
    return Contacts(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def _require_room(grid: SegmentGrid, tolerance_m: float) -> None:
    """Refuse segments so crowded that comparing them would not end."""
    sizes = np.diff(grid.start).astype(np.float64)
    if sizes @ sizes > _MOST_PAIRS:
        count, side_m = int(sizes.max()), round(grid.side_m, 3)
        raise RangeError("topology-crowded", count=count, side=side_m, tolerance=tolerance_m)


def _contacts(
    ends: Floats, owner: Rows, grid: SegmentGrid, tolerance_m: float, begin: int, end: int
) -> Contacts:
    """Return the contacts that the cells from one position to before another count."""
    room = len(ends) // 4 + 1_024
    while True:
        one, other = np.empty((2, room), dtype=np.int32)
        lengths = np.empty((room, 2))
        touch = np.empty((room, 2), dtype=np.int32)
        runs, touches = _meet(
            ends, owner, grid.start, grid.segment, grid.piece, grid.side_m, grid.reach_m,
            grid.wide, grid.high, begin, end, tolerance_m, one, other, lengths, touch,
        )  # fmt: skip
        if max(runs, touches) <= room:
            break
        room = max(runs, touches)
    return Contacts(
        one[:runs], other[:runs], lengths[:runs, 0], lengths[:runs, 1],
        touch[:touches, 0], touch[:touches, 1],
    )  # fmt: skip


def sum_by_pair(one: Rows, other: Rows, length_m: Floats) -> tuple[Rows, Rows, Floats]:
    """Return each pair once, the lower first, in order, with the sum of its lengths above 0."""
    some = length_m > 0
    one, other, length_m = one[some], other[some], length_m[some]
    if not len(one):
        return one.astype(np.int32), other.astype(np.int32), length_m
    key = np.minimum(one, other).astype(np.int64) << 32 | np.maximum(one, other).astype(np.int64)
    # Sorted by length within a pair: the sum does not depend on the order of the rows.
    order = np.lexsort((length_m, key))
    key = key[order]
    new = np.flatnonzero(np.append(True, key[1:] != key[:-1]))
    pairs = key[new]
    first, second = (pairs >> 32).astype(np.int32), (pairs & 0xFFFFFFFF).astype(np.int32)
    return first, second, np.add.reduceat(length_m[order], new)


@compiled
def run_along_m(
    ax: float, ay: float, bx: float, by: float,
    cx: float, cy: float, dx: float, dy: float, tolerance: float,
) -> float:  # fmt: skip
    """Return the length of segment ab that segment cd runs along within a tolerance.

    A point of cd at share t of its length lies at s(t) along ab and at d(t) across it, both linear
    in t. The shares with 0 <= s <= length and with abs(d) <= tolerance are two intervals; what they
    have in common gives the length.
    """
    ux, uy = bx - ax, by - ay
    length = np.sqrt(ux * ux + uy * uy)
    if length == 0.0:
        return 0.0
    ux /= length
    uy /= length
    s0 = (cx - ax) * ux + (cy - ay) * uy
    s1 = (dx - ax) * ux + (dy - ay) * uy
    d0 = ux * (cy - ay) - uy * (cx - ax)
    d1 = ux * (dy - ay) - uy * (dx - ax)
    low, high = 0.0, 1.0
    if s0 == s1:
        return 0.0
    one, two = -s0 / (s1 - s0), (length - s0) / (s1 - s0)
    low, high = max(low, min(one, two)), min(high, max(one, two))
    if d0 == d1:
        if abs(d0) > tolerance:
            return 0.0
    else:
        one, two = (-tolerance - d0) / (d1 - d0), (tolerance - d0) / (d1 - d0)
        low, high = max(low, min(one, two)), min(high, max(one, two))
    return float(max(0.0, high - low) * abs(s1 - s0))


@compiled
def side_of(ax: float, ay: float, bx: float, by: float, px: float, py: float) -> float:
    """Return above 0 if p lies left of ab, below 0 if right; exactly 0 if p is a or b."""
    if px == bx and py == by:
        return 0.0
    return (bx - ax) * (py - ay) - (by - ay) * (px - ax)


@compiled
def _opposite(ends: Floats, a: int, b: int) -> bool:
    """Return whether two segments run in opposite directions: their lands face one another."""
    along = (ends[a, 2] - ends[a, 0]) * (ends[b, 2] - ends[b, 0])
    along += (ends[a, 3] - ends[a, 1]) * (ends[b, 3] - ends[b, 1])
    return bool(along < 0)


@compiled
def _touch(ends: Floats, a: int, b: int) -> bool:
    """Return whether two segments, whose boxes meet, have a point in common."""
    ax, ay, bx, by = ends[a, 0], ends[a, 1], ends[a, 2], ends[a, 3]
    cx, cy, dx, dy = ends[b, 0], ends[b, 1], ends[b, 2], ends[b, 3]
    if side_of(ax, ay, bx, by, cx, cy) * side_of(ax, ay, bx, by, dx, dy) > 0:
        return False
    return not side_of(cx, cy, dx, dy, ax, ay) * side_of(cx, cy, dx, dy, bx, by) > 0


@compiled
def _meet(
    ends: Floats, owner: Rows, start: Rows, segment: Rows, piece: Rows, side: float, reach: float,
    wide: int, high: int, begin: int, end: int, tolerance: float, one: Rows, other: Rows,
    lengths: Floats, touch: Rows,
) -> tuple[Whole, Whole]:  # fmt: skip
    """Write contacts and touches; return how many there are, also where the room is too small.

    Of the cells that two pieces have in common, only that of the south-western corner of what their
    boxes have in common counts them.
    """
    runs, touches, room = 0, 0, len(one)
    half, per_m = reach / 2, 1.0 / side
    most = 0
    for cell in range(begin, end):
        most = max(most, start[cell + 1] - start[cell])
    line = np.empty((most, 4))
    box = np.empty((most, 4))
    for cell in range(begin, end):
        first, last = start[cell], start[cell + 1]
        if last - first < 2:
            continue
        for e in range(first, last):
            s, i = segment[e], e - first
            x, y = ends[s, 0], ends[s, 1]
            count = pieces_of(ends[s, 2] - x, ends[s, 3] - y, side)
            step_x, step_y = (ends[s, 2] - x) / count, (ends[s, 3] - y) / count
            p = piece[e]
            line[i, 0], line[i, 1] = x + p * step_x, y + p * step_y
            line[i, 2], line[i, 3] = x + (p + 1) * step_x, y + (p + 1) * step_y
            box[i, 0] = min(line[i, 0], line[i, 2]) - half
            box[i, 1] = min(line[i, 1], line[i, 3]) - half
            box[i, 2] = max(line[i, 0], line[i, 2]) + half
            box[i, 3] = max(line[i, 1], line[i, 3]) + half
        for i in range(last - first):
            for j in range(i):
                west, south = max(box[i, 0], box[j, 0]), max(box[i, 1], box[j, 1])
                if west > min(box[i, 2], box[j, 2]) or south > min(box[i, 3], box[j, 3]):
                    continue
                a, b = segment[first + i], segment[first + j]
                if owner[a] == owner[b]:
                    continue
                row = int(np.floor(south * per_m)) & (high - 1)
                column = int(np.floor(west * per_m)) & (wide - 1)
                if row * wide + column != cell:
                    continue
                # The lower owner's segment is measured, whichever comes first in the table.
                u, v, m, n = i, j, a, b
                if owner[a] > owner[b]:
                    u, v, m, n = j, i, b, a
                near = 0.0
                if _opposite(ends, m, n):
                    near = run_along_m(
                        line[u, 0], line[u, 1], line[u, 2], line[u, 3],
                        line[v, 0], line[v, 1], line[v, 2], line[v, 3], reach,
                    )  # fmt: skip
                if near > _NOTHING_M:
                    if runs < room:
                        one[runs], other[runs] = m, n
                        lengths[runs, 1] = near
                        lengths[runs, 0] = run_along_m(
                            line[u, 0], line[u, 1], line[u, 2], line[u, 3],
                            line[v, 0], line[v, 1], line[v, 2], line[v, 3], tolerance,
                        )  # fmt: skip
                    runs += 1
                if _touch(ends, m, n):
                    if touches < room:
                        touch[touches, 0], touch[touches, 1] = m, n
                    touches += 1
    return runs, touches
