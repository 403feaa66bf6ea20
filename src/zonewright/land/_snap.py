"""The compiled steps by which edges drawn in two ways become the same segments."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from zonewright.core.compiled import Whole, compiled
from zonewright.land.topology.exact import mix

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Slots = NDArray[np.int32]
Bits = NDArray[np.uint64]


@compiled
def _root(parent: Ints, node: Whole) -> Whole:
    while parent[node] != node:
        parent[node] = parent[parent[node]]
        node = parent[node]
    return node


@compiled
def _apart(metric: Floats, m: Whole, n: Whole) -> float:
    return float(np.hypot(metric[m, 0] - metric[n, 0], metric[m, 1] - metric[n, 1]))


@compiled
def roots(metric: Floats, number: Ints, reach: float) -> Ints:
    """Return the corner that each corner becomes: the lowest of those that lie within reach.

    Parameters
    ----------
    metric
        Shape (k, 2): corners [m].
    number
        Shape (4, c): corner at the begin and the end of one segment, and of the other.
    reach
        Two ends of such segments that lie this near are one corner [m].
    """
    parent = np.arange(len(metric))
    for c in range(number.shape[1]):
        for i in range(2):
            for j in range(2, 4):
                m, n = number[i, c], number[j, c]
                if m != n and _apart(metric, m, n) <= reach:
                    m, n = _root(parent, m), _root(parent, n)
                    parent[max(m, n)] = min(m, n)
    for node in range(len(parent)):
        parent[node] = _root(parent, node)
    return parent


@compiled
def insertions(
    metric: Floats, number: Ints, root: Ints, one: Ints, other: Ints, reach: float
) -> tuple[Ints, Floats, Ints]:
    """Return which segments get a corner: where they begin, at which share, and the corner."""
    count = number.shape[1]
    begin = np.empty(4 * count, dtype=np.int64)
    share = np.empty(4 * count)
    corner = np.empty(4 * count, dtype=np.int64)
    used = 0
    for c in range(count):
        for side in range(2):
            a, b = root[number[2 * side, c]], root[number[2 * side + 1, c]]
            dx, dy = metric[b, 0] - metric[a, 0], metric[b, 1] - metric[a, 1]
            square = dx * dx + dy * dy
            if square == 0.0:
                continue
            for end in range(2):
                n = root[number[2 * (1 - side) + end, c]]
                if n in (a, b):
                    continue
                x, y = metric[n, 0] - metric[a, 0], metric[n, 1] - metric[a, 1]
                along = (x * dx + y * dy) / square
                across = abs(dx * y - dy * x) / np.sqrt(square)
                if 0.0 < along < 1.0 and across <= reach:
                    begin[used] = one[c] if side == 0 else other[c]
                    share[used] = along
                    corner[used] = n
                    used += 1
    return begin[:used], share[:used], corner[:used]


@compiled
def _find(keys: Bits, slots: Slots, x: Whole, y: Whole) -> Whole:
    """Return the position of a corner among those that move, or -1."""
    mask = len(slots) - 1
    at = np.int64(mix(x, y) & np.uint64(mask))
    while slots[at] >= 0:
        if keys[slots[at], 0] == x and keys[slots[at], 1] == y:
            return slots[at]
        at = (at + 1) & mask
    return -1


@compiled
def rebuilt(
    xy: Floats,
    bits: Bits,
    ring_start: Ints,
    owner: Slots,
    hole: NDArray[np.bool_],
    old: Floats,
    old_bits: Bits,
    new: Floats,
    begin: Ints,
    corner: Floats,
) -> tuple[Floats, Ints, Slots, NDArray[np.bool_]]:
    """Return rings with corners moved from `old` to `new`, and corners put into segments."""
    size = 64
    while size < 4 * len(old):
        size *= 2
    slots = np.full(size, -1, dtype=np.int32)
    for i in range(len(old)):
        at = np.int64(mix(old_bits[i, 0], old_bits[i, 1]) & np.uint64(size - 1))
        while slots[at] >= 0:
            at = (at + 1) & (size - 1)
        slots[at] = i
    out = np.empty((len(xy) + len(begin), 2))
    start = np.empty(len(ring_start), dtype=np.int64)
    kept = np.empty(len(owner), dtype=np.int64)
    start[0] = 0
    p, rings, cursor = 0, 0, 0
    for ring in range(len(owner)):
        first = p
        for i in range(ring_start[ring], ring_start[ring + 1]):
            x, y = xy[i, 0], xy[i, 1]
            j = _find(old_bits, slots, bits[i, 0], bits[i, 1])
            if j >= 0:
                x, y = new[j, 0], new[j, 1]
            if p == first or x != out[p - 1, 0] or y != out[p - 1, 1]:
                out[p, 0], out[p, 1] = x, y
                p += 1
            while cursor < len(begin) and begin[cursor] == i:
                x, y = corner[cursor, 0], corner[cursor, 1]
                if x != out[p - 1, 0] or y != out[p - 1, 1]:
                    out[p, 0], out[p, 1] = x, y
                    p += 1
                cursor += 1
        if p - first < 4:
            p = first
            continue
        kept[rings] = ring
        rings += 1
        start[rings] = p
    kept = kept[:rings]
    return out[:p], start[: rings + 1], owner[kept], hole[kept]
