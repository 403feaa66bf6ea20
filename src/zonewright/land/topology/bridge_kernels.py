"""Which outlines come near one another: compiled searches through a grid of segments."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from zonewright.core.compiled import Whole, compiled
from zonewright.land.topology.near import run_along_m
from zonewright.land.topology.near_grid import pieces_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Rows = NDArray[np.int32]


@compiled
def root_of(parent: Rows, node: int) -> Whole:
    """Return the root of a node, and shorten the way to it."""
    while parent[node] != node:
        parent[node] = parent[parent[node]]
        node = parent[node]
    return node


@compiled
def unite(parent: Rows, one: int, other: int) -> None:
    """Make two nodes one; the lower root stays."""
    one, other = root_of(parent, one), root_of(parent, other)
    if one < other:
        parent[other] = one
    else:
        parent[one] = other


@compiled
def unite_all(parent: Rows, one: Rows, other: Rows) -> None:
    """Make the nodes of each pair one."""
    for i in range(len(one)):
        unite(parent, one[i], other[i])


@compiled
def renumbered(groups: Rows, parent: Rows) -> Rows:
    """Return the root of each row's group, numbered from 0 in the order of the rows; else -1."""
    number = np.full(len(parent), -1, dtype=np.int32)
    found = np.full(len(groups), -1, dtype=np.int32)
    count = 0
    for row in range(len(groups)):
        if groups[row] < 0:
            continue
        root = root_of(parent, groups[row])
        if number[root] < 0:
            number[root] = count
            count += 1
        found[row] = number[root]
    return found


@compiled
def _point_gap2(px: float, py: float, ax: float, ay: float, bx: float, by: float) -> float:
    ux, uy = bx - ax, by - ay
    length2 = ux * ux + uy * uy
    t = 0.0
    if length2 > 0:
        t = min(1.0, max(0.0, ((px - ax) * ux + (py - ay) * uy) / length2))
    dx, dy = ax + t * ux - px, ay + t * uy - py
    return dx * dx + dy * dy


@compiled
def gap2(
    ax: float, ay: float, bx: float, by: float, cx: float, cy: float, dx: float, dy: float
) -> float:
    """Return the squared distance of segments ab and cd [m²]."""
    c_side = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
    d_side = (bx - ax) * (dy - ay) - (by - ay) * (dx - ax)
    a_side = (dx - cx) * (ay - cy) - (dy - cy) * (ax - cx)
    b_side = (dx - cx) * (by - cy) - (dy - cy) * (bx - cx)
    if c_side * d_side < 0 and a_side * b_side < 0:
        return 0.0
    return min(
        min(_point_gap2(ax, ay, cx, cy, dx, dy), _point_gap2(bx, by, cx, cy, dx, dy)),
        min(_point_gap2(cx, cy, ax, ay, bx, by), _point_gap2(dx, dy, ax, ay, bx, by)),
    )


@compiled
def _load(
    ends: Floats, segment: Rows, piece: Rows, first: int, last: int, side: float, line: Floats
) -> None:
    """Write the pieces of a cell."""
    for e in range(first, last):
        s, p = segment[e], piece[e]
        x, y = ends[s, 0], ends[s, 1]
        count = pieces_of(ends[s, 2] - x, ends[s, 3] - y, side)
        step_x, step_y = (ends[s, 2] - x) / count, (ends[s, 3] - y) / count
        line[e - first, 0], line[e - first, 1] = x + p * step_x, y + p * step_y
        line[e - first, 2], line[e - first, 3] = x + (p + 1) * step_x, y + (p + 1) * step_y


@compiled
def _apart(line: Floats, i: int, j: int, reach: float) -> bool:
    """Return whether the boxes of two pieces lie further apart than the reach."""
    for axis in range(2):
        low_i, high_i = min(line[i, axis], line[i, axis + 2]), max(line[i, axis], line[i, axis + 2])
        low_j, high_j = min(line[j, axis], line[j, axis + 2]), max(line[j, axis], line[j, axis + 2])
        if low_i - high_j > reach or low_j - high_i > reach:
            return True
    return False


@compiled
def unite_near(
    ends: Floats, node: Rows, start: Rows, segment: Rows, piece: Rows, side: float, reach: float,
    parent: Rows,
) -> None:  # fmt: skip
    """Make the nodes one whose segments come within the reach of one another."""
    most = 0
    for cell in range(len(start) - 1):
        most = max(most, start[cell + 1] - start[cell])
    line = np.empty((most, 4))
    root = np.empty(most, dtype=np.int32)
    limit = reach * reach
    for cell in range(len(start) - 1):
        first, last = start[cell], start[cell + 1]
        count = last - first
        if count < 2:
            continue
        mixed = False
        for k in range(count):
            root[k] = root_of(parent, node[segment[first + k]])
            mixed = mixed or root[k] != root[0]
        if not mixed:
            continue
        _load(ends, segment, piece, first, last, side, line)
        for i in range(count):
            for j in range(i):
                if root[i] == root[j] or _apart(line, i, j, reach):
                    continue
                if gap2(
                    line[i, 0], line[i, 1], line[i, 2], line[i, 3],
                    line[j, 0], line[j, 1], line[j, 2], line[j, 3],
                ) <= limit:  # fmt: skip
                    unite(parent, root[i], root[j])
                    old, new = max(root[i], root[j]), min(root[i], root[j])
                    for k in range(count):
                        if root[k] == old:
                            root[k] = new


@compiled
def near_segments(
    ends: Floats, node: Rows, start: Rows, segment: Rows, piece: Rows, side: float, reach: float,
    found: Rows, measure: Floats,
) -> Whole:  # fmt: skip
    """Write pairs of segments of different nodes within the reach; return how many there are.

    `measure` takes their distance and how far they face one another there [m]. A pair may be
    written several times; pairs are also counted where the room is too small.
    """
    most = 0
    for cell in range(len(start) - 1):
        most = max(most, start[cell + 1] - start[cell])
    line = np.empty((most, 4))
    limit = reach * reach
    total: Whole = 0
    for cell in range(len(start) - 1):
        first, last = start[cell], start[cell + 1]
        if last - first < 2:
            continue
        _load(ends, segment, piece, first, last, side, line)
        for i in range(last - first):
            for j in range(i):
                a, b = segment[first + i], segment[first + j]
                if node[a] == node[b] or _apart(line, i, j, reach):
                    continue
                gap = gap2(
                    line[i, 0], line[i, 1], line[i, 2], line[i, 3],
                    line[j, 0], line[j, 1], line[j, 2], line[j, 3],
                )  # fmt: skip
                if gap <= limit:
                    if total < len(found):
                        found[total, 0], found[total, 1] = a, b
                        measure[total, 0] = np.sqrt(gap)
                        measure[total, 1] = run_along_m(
                            line[i, 0], line[i, 1], line[i, 2], line[i, 3],
                            line[j, 0], line[j, 1], line[j, 2], line[j, 3],
                            measure[total, 0] * 1.01,
                        )  # fmt: skip
                    total += 1
    return total


@compiled
def outline_starts(twin: Rows, owner: Rows, group: Rows) -> Ints:
    """Return the points at which segments begin that bound a group of rows."""
    found = np.empty(len(twin), dtype=np.int64)
    count = 0
    for p in range(len(twin)):
        if twin[p] < -1 or group[owner[p]] < 0:
            continue
        if twin[p] < 0 or group[owner[twin[p]]] != group[owner[p]]:
            found[count] = p
            count += 1
    return found[:count].copy()
