"""Land seen from afar: parcels of one group joined, where they are too small to be told apart.

Corners are rounded to the units of the tile, so that neighbours keep their common edges. An edge
that two parcels of a group run along in opposite directions is taken out; what is left are the
outlines of the joined land. No area is lost by that: the sum over directed edges stays the same.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from zonewright.core.compiled import compiled
from zonewright.web.tiles.clip import cut_ring, reverse, to_units, twice_area
from zonewright.web.tiles.grid import Box
from zonewright.web.tiles.index import Slots
from zonewright.web.tiles.wire import Bytes, put_ring, put_varint, varint_size
from zonewright.web.tiles.wkb import Shapes

Ints = NDArray[np.int64]
# A corner is one number: x and y of a tile of at most 2048 units, with its margin.
_OFFSET = 256
_BITS = 12
_CORNER = 1 << 2 * _BITS


def write_joined(
    shapes: Shapes, rows: Slots, group: Ints, *, groups: int, box: Box, margin: int, shift: int
) -> bytes:
    """Return the joined land of each group as a feature whose one attribute is its group's value.

    Parameters
    ----------
    shapes
        Shapes of a layer; what is no polygon is left out.
    rows
        Which of them to join.
    group
        Shape (len(rows),): group of each, from 0.
    groups
        How many groups there are; below 16.
    box, margin, shift
        As for `write_singles`; the tile has at most 2048 units.
    """
    corners = np.zeros(len(rows) + 1, dtype=np.int64)
    edges = _edges(
        shapes.kind, shapes.ring_end, shapes.outer, shapes.point_end, shapes.xy, rows, group,
        box[0], box[1], box[2], box[3], margin, shift, corners,
    )  # fmt: skip
    return _rings(*edges, groups).tobytes()


@compiled
def _root(parent: Ints, node: int) -> int:
    while parent[node] != node:
        parent[node] = parent[parent[node]]
        node = parent[node]
    return node


@compiled
def _slot(table: Ints, key: int) -> int:
    """Return where a key stands in a table of keys, or where it may be put; 0 is no key."""
    mask = len(table) - 1
    at = (key * -7046029254386353131 >> 20) & mask
    while table[at] != 0 and table[at] != key:
        at = (at + 1) & mask
    return at


@compiled
def _grown(table: Ints, net: NDArray[np.int32], owner: NDArray[np.int32]) -> tuple[
    Ints, NDArray[np.int32], NDArray[np.int32]
]:  # fmt: skip
    larger = np.zeros(4 * len(table), dtype=np.int64)
    larger_net = np.zeros(len(larger), dtype=np.int32)
    larger_owner = np.zeros(len(larger), dtype=np.int32)
    for at in range(len(table)):
        if table[at] != 0:
            to = _slot(larger, table[at])
            larger[to], larger_net[to], larger_owner[to] = table[at], net[at], owner[at]
    return larger, larger_net, larger_owner


@compiled
def _edges(
    kind: NDArray[np.uint8],
    ring_end: Ints,
    outer: NDArray[np.uint8],
    point_end: Ints,
    xy: NDArray[np.int32],
    rows: Slots,
    group: Ints,
    west: int,
    north: int,
    east: int,
    south: int,
    margin: int,
    shift: int,
    parent: Ints,
) -> tuple[Ints, Ints]:
    """Return the directed edges that are left: group, joined land and start in one number; ends."""
    longest = 0
    for row in rows:
        for ring in range(ring_end[row - 1] if row > 0 else 0, ring_end[row]):
            longest = max(longest, point_end[ring] - (point_end[ring - 1] if ring > 0 else 0))
    x, y = np.empty(8 * longest + 64, dtype=np.int64), np.empty(8 * longest + 64, dtype=np.int64)
    spare_x, spare_y = np.empty_like(x), np.empty_like(y)
    table = np.zeros(1 << 14, dtype=np.int64)
    net = np.zeros(1 << 14, dtype=np.int32)
    owner = np.zeros(1 << 14, dtype=np.int32)
    used = 0
    for place in range(len(rows)):
        parent[place] = place
    for place in range(len(rows)):
        row = rows[place]
        if kind[row] != 3:
            continue
        keeps = True
        for ring in range(ring_end[row - 1] if row > 0 else 0, ring_end[row]):
            if outer[ring] == 0 and not keeps:
                continue
            start = point_end[ring - 1] if ring > 0 else 0
            n = point_end[ring] - start
            inside = True
            for i in range(n):
                x[i], y[i] = xy[start + i, 0], xy[start + i, 1]
                if x[i] < west or x[i] > east or y[i] < north or y[i] > south:
                    inside = False
            if not inside:
                n = cut_ring(x, y, n, spare_x, spare_y, west, north, east, south)
            n = to_units(x, y, n, west + margin, north + margin, shift)
            while n > 1 and x[n - 1] == x[0] and y[n - 1] == y[0]:
                n -= 1
            area = twice_area(x, y, n) if n > 2 else 0
            if outer[ring] == 1:
                keeps = area != 0
            if area == 0:
                continue
            if (area > 0) != (outer[ring] == 1):
                reverse(x, y, n)
            if 2 * (used + n) > len(table):
                table, net, owner = _grown(table, net, owner)
            for i in range(n):
                j = i - 1 if i > 0 else n - 1
                a = (x[j] + _OFFSET) | (y[j] + _OFFSET) << _BITS
                b = (x[i] + _OFFSET) | (y[i] + _OFFSET) << _BITS
                low, high = (a, b) if a < b else (b, a)
                key = (group[place] << 4 * _BITS | low << 2 * _BITS | high) + 1
                at = _slot(table, key)
                if table[at] == 0:
                    table[at] = key
                    owner[at] = place
                    used += 1
                else:
                    one, other = _root(parent, owner[at]), _root(parent, place)
                    if one != other:
                        parent[other] = one
                net[at] += 1 if a < b else -1
    count = 0
    for at in range(len(table)):
        count += abs(net[at])
    starts, ends = np.empty(count, dtype=np.int64), np.empty(count, dtype=np.int64)
    count = 0
    for at in range(len(table)):
        if net[at] == 0:
            continue
        key = table[at] - 1
        low, high = key >> 2 * _BITS & (_CORNER - 1), key & (_CORNER - 1)
        a, b = (low, high) if net[at] > 0 else (high, low)
        land = _root(parent, owner[at])
        for _ in range(abs(net[at])):
            starts[count] = (key >> 4 * _BITS) << 46 | land << 2 * _BITS | a
            ends[count] = b
            count += 1
    order = np.argsort(starts)
    return starts[order], ends[order]


@compiled
def _first_at(starts: Ints, key: int) -> int:
    low, high = 0, len(starts)
    while low < high:
        middle = (low + high) >> 1
        if starts[middle] < key:
            low = middle + 1
        else:
            high = middle
    return low


@compiled
def _next(starts: Ints, ends: Ints, used: NDArray[np.bool_], edge: int, first: int) -> int:
    """Return the edge by which an outline goes on: the one farthest to the left, along the outside.

    So land that touches itself at a corner gets a ring for each of its sides.
    """
    corner = ends[edge]
    here = starts[edge] & (_CORNER - 1)
    key = (starts[edge] >> 2 * _BITS) << 2 * _BITS | corner
    mask = (1 << _BITS) - 1
    dx, dy = (corner & mask) - (here & mask), (corner >> _BITS) - (here >> _BITS)
    best, least = -1, 10.0
    at = _first_at(starts, key)
    while at < len(starts) and starts[at] == key:
        if not used[at] or at == first:
            to_x = (ends[at] & mask) - (corner & mask)
            to_y = (ends[at] >> _BITS) - (corner >> _BITS)
            turn = math.atan2(float(dx * to_y - dy * to_x), float(dx * to_x + dy * to_y))
            if turn < least:
                best, least = at, turn
        at += 1
    return best


@compiled
def _holds(x: Ints, y: Ints, px: int, py: int) -> bool:
    inside = False
    for i in range(len(x)):
        j = i - 1 if i > 0 else len(x) - 1
        crosses = (y[i] > py) != (y[j] > py)
        if crosses and px < x[i] + (py - y[i]) * (x[j] - x[i]) / (y[j] - y[i]):
            inside = not inside
    return inside


@compiled
def _without_middles(x: Ints, y: Ints, n: int) -> int:
    """Leave out points in the middle of a straight piece, in place."""
    count = 0
    for i in range(n):
        x[count], y[count] = x[i], y[i]
        count += 1
        while count > 2 and (x[count - 2] - x[count - 3]) * (y[count - 1] - y[count - 2]) == (
            y[count - 2] - y[count - 3]
        ) * (x[count - 1] - x[count - 2]):
            x[count - 2], y[count - 2] = x[count - 1], y[count - 1]
            count -= 1
    return count


@compiled
def _rings(starts: Ints, ends: Ints, groups: int) -> Bytes:
    """Return the features: of each group the rings of its land, every outline before its holes."""
    total = len(starts)
    used = np.zeros(total, dtype=np.bool_)
    x, y = np.empty(total + 1, dtype=np.int64), np.empty(total + 1, dtype=np.int64)
    ring_end = np.empty(total // 2 + 1, dtype=np.int64)
    area = np.empty(total // 2 + 1, dtype=np.int64)
    shape = np.empty(64 + 24 * total, dtype=np.uint8)
    out = np.empty(256 + 24 * total + 64 * groups, dtype=np.uint8)
    cursor = np.zeros(2, dtype=np.int64)
    mask = (1 << _BITS) - 1
    at, begin = 0, 0
    for group in range(groups):
        size = 0
        cursor[0] = cursor[1] = 0
        while begin < total and starts[begin] >> 46 == group:
            land = starts[begin] >> 2 * _BITS
            stop = begin
            rings, points = 0, 0
            while stop < total and starts[stop] >> 2 * _BITS == land:
                if used[stop]:
                    stop += 1
                    continue
                edge, first = stop, stop
                from_point = points
                while True:
                    used[edge] = True
                    corner = starts[edge] & (_CORNER - 1)
                    x[points] = (corner & mask) - _OFFSET
                    y[points] = (corner >> _BITS) - _OFFSET
                    points += 1
                    edge = _next(starts, ends, used, edge, first)
                    if edge < 0 or edge == first:
                        break
                n = _without_middles(
                    x[from_point:points], y[from_point:points], points - from_point
                )
                area[rings] = twice_area(x[from_point:], y[from_point:], n) if n > 2 else 0
                points = from_point
                if area[rings] != 0:
                    points += n
                    ring_end[rings] = points
                    rings += 1
                stop += 1
            begin = stop
            size = _write_land(shape, size, x, y, ring_end[:rings], area[:rings], cursor)
        if size == 0:
            continue
        whole = 4 + 2 + 1 + varint_size(size) + size
        out[at] = 0x12
        at = put_varint(out, at + 1, whole)
        out[at], out[at + 1], out[at + 2], out[at + 3] = 0x12, 2, 0, group
        out[at + 4], out[at + 5], out[at + 6] = 0x18, 3, 0x22
        at = put_varint(out, at + 7, size)
        out[at : at + size] = shape[:size]
        at += size
    return out[:at]


@compiled
def _write_land(
    shape: Bytes, size: int, x: Ints, y: Ints, ring_end: Ints, area: Ints, cursor: Ints
) -> int:
    """Write one piece of joined land: each outline, then the holes that lie in it."""
    outlines = 0
    for ring in range(len(area)):
        if area[ring] > 0:
            outlines += 1
    for ring in range(len(area)):
        if area[ring] < 0:
            continue
        first = ring_end[ring - 1] if ring > 0 else 0
        size = put_ring(shape, size, x[first : ring_end[ring]], y[first : ring_end[ring]], cursor)
        shape[size] = 15
        size += 1
        for hole in range(len(area)):
            if area[hole] > 0:
                continue
            start = ring_end[hole - 1] if hole > 0 else 0
            if outlines > 1 and not _holds(
                x[first : ring_end[ring]], y[first : ring_end[ring]], x[start], y[start]
            ):
                continue
            size = put_ring(
                shape, size, x[start : ring_end[hole]], y[start : ring_end[hole]], cursor
            )
            shape[size] = 15
            size += 1
    return size
