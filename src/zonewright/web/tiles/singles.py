"""Each feature of a tile by itself: cut, rounded, and written with its attributes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from zonewright.core.compiled import compiled
from zonewright.web.tiles.clip import (
    cut_piece,
    cut_ring,
    reverse,
    simplify,
    to_units,
    twice_area,
)
from zonewright.web.tiles.grid import Box
from zonewright.web.tiles.index import Slots
from zonewright.web.tiles.wire import Bytes, put_ring, put_varint, varint_size
from zonewright.web.tiles.wkb import Shapes

Ints = NDArray[np.int64]
Tags = NDArray[np.int32]
# Rings of few points are as they are: parcels keep their corners.
_LONG_RING = 16


def write_singles(
    shapes: Shapes,
    rows: Slots,
    ids: Ints,
    *,
    tags: Tags,
    values: tuple[Bytes, Ints],
    shared: int,
    box: Box,
    margin: int,
    shift: int,
    tolerance: float,
) -> tuple[bytes, bytes]:
    """Return the features of some rows, and the values of their attributes.

    Parameters
    ----------
    shapes
        Shapes of a layer.
    rows
        Which of them to write.
    ids
        Identifier of each row of the layer, above 0; 0 for none.
    tags
        Shape (len(rows), k): of each row and attribute the number of its value, -1 for none.
    values
        All values of the layer, written, and where each ends.
    shared
        How many values, from the first, may be those of several rows: they are written once.
    box
        The tile's box with its margin [units of the world].
    margin
        The margin [units of the world].
    shift
        By how many bits units of the world are finer than those of the tile.
    tolerance
        How far an outline may move [units of the tile]; 0 to keep all points.
    """
    features, used = _write(
        shapes.kind,
        shapes.ring_end,
        shapes.outer,
        shapes.point_end,
        shapes.xy,
        rows,
        ids,
        tags,
        values[0],
        values[1],
        shared,
        box[0],
        box[1],
        box[2],
        box[3],
        margin,
        shift,
        tolerance,
    )
    return features.tobytes(), used.tobytes()


@compiled
def _room(out: Bytes, at: int, need: int) -> Bytes:
    """Return the bytes, or larger ones with the same beginning."""
    if at + need <= len(out):
        return out
    larger = np.empty(max(2 * len(out), at + need), dtype=np.uint8)
    larger[:at] = out[:at]
    return larger


@compiled
def _polygon_ring(
    x: Ints, y: Ints, spare_x: Ints, spare_y: Ints, n: int, outer: bool,
    west: int, north: int, east: int, south: int, margin: int, shift: int, tolerance: float,
) -> int:  # fmt: skip
    """Bring a ring to the units of the tile and its direction; return how many points it has."""
    inside = True
    for i in range(n):
        if x[i] < west or x[i] > east or y[i] < north or y[i] > south:
            inside = False
            break
    if not inside:
        n = cut_ring(x, y, n, spare_x, spare_y, west, north, east, south)
    n = to_units(x, y, n, west + margin, north + margin, shift)
    while n > 1 and x[n - 1] == x[0] and y[n - 1] == y[0]:
        n -= 1
    if n > _LONG_RING and tolerance > 0.0:
        x[n], y[n] = x[0], y[0]
        n = simplify(x, y, n + 1, tolerance) - 1
    if n < 3:
        return 0
    area = twice_area(x, y, n)
    if abs(area) < 2:
        return 0
    if (area > 0) != outer:
        reverse(x, y, n)
    return n


@compiled
def _line(
    out: Bytes, at: int, xy: NDArray[np.int32], first: int, last: int, x: Ints, y: Ints,
    cursor: Ints, west: int, north: int, east: int, south: int, margin: int, shift: int,
    tolerance: float,
) -> int:  # fmt: skip
    """Write the pieces of a line that lie in the box."""
    n = 0
    for i in range(first + 1, last + 1):
        meets, a_x, a_y, b_x, b_y = False, 0, 0, 0, 0
        if i < last:
            meets, a_x, a_y, b_x, b_y = cut_piece(
                np.int64(xy[i - 1, 0]), np.int64(xy[i - 1, 1]), np.int64(xy[i, 0]),
                np.int64(xy[i, 1]), west, north, east, south,
            )  # fmt: skip
        if n > 0 and (not meets or x[n - 1] != a_x or y[n - 1] != a_y):
            n = to_units(x, y, n, west + margin, north + margin, shift)
            if n > _LONG_RING and tolerance > 0.0:
                n = simplify(x, y, n, tolerance)
            if n > 1:
                at = put_ring(out, at, x[:n], y[:n], cursor)
            n = 0
        if meets:
            if n == 0:
                x[0], y[0] = a_x, a_y
                n = 1
            x[n], y[n] = b_x, b_y
            n += 1
    return at


@compiled
def _write(
    kind: NDArray[np.uint8],
    ring_end: Ints,
    outer: NDArray[np.uint8],
    point_end: Ints,
    xy: NDArray[np.int32],
    rows: Slots,
    ids: Ints,
    tags: Tags,
    values: Bytes,
    value_end: Ints,
    shared: int,
    west: int,
    north: int,
    east: int,
    south: int,
    margin: int,
    shift: int,
    tolerance: float,
) -> tuple[Bytes, Bytes]:
    out = np.empty(64 + 64 * len(rows), dtype=np.uint8)
    used = np.empty(64 + 32 * len(rows), dtype=np.uint8)
    at, used_at, next_value = 0, 0, 0
    number = np.full(shared, -1, dtype=np.int64)
    longest = 0
    for row in rows:
        first_ring = ring_end[row - 1] if row > 0 else 0
        for ring in range(first_ring, ring_end[row]):
            start = point_end[ring - 1] if ring > 0 else 0
            longest = max(longest, point_end[ring] - start)
    # A cut adds points: where a ring crosses a side, at most one for each of its points.
    x, y = np.empty(8 * longest + 64, dtype=np.int64), np.empty(8 * longest + 64, dtype=np.int64)
    spare_x, spare_y = np.empty_like(x), np.empty_like(y)
    shape = np.empty(1024, dtype=np.uint8)
    tag_bytes = np.empty(16 + 12 * tags.shape[1], dtype=np.uint8)
    cursor = np.zeros(2, dtype=np.int64)
    for place in range(len(rows)):
        row = rows[place]
        cursor[0] = cursor[1] = 0
        size = 0
        keeps = True
        first_ring = ring_end[row - 1] if row > 0 else 0
        if kind[row] == 1:
            # A set of points is one command: their number must be known first.
            n = 0
            if ring_end[row] - first_ring > len(x):
                x = np.empty(ring_end[row] - first_ring, dtype=np.int64)
                y = np.empty_like(x)
            for ring in range(first_ring, ring_end[row]):
                p = point_end[ring] - 1
                if west <= xy[p, 0] <= east and north <= xy[p, 1] <= south:
                    x[n], y[n] = xy[p, 0], xy[p, 1]
                    n += 1
            n = to_units(x, y, n, west + margin, north + margin, shift)
            shape = _room(shape, 0, 16 + 12 * n)
            if n > 0:
                size = put_varint(shape, 0, n << 3 | 1)
            for i in range(n):
                size = put_varint(
                    shape, size, ((x[i] - cursor[0]) << 1) ^ ((x[i] - cursor[0]) >> 63)
                )
                size = put_varint(
                    shape, size, ((y[i] - cursor[1]) << 1) ^ ((y[i] - cursor[1]) >> 63)
                )
                cursor[0], cursor[1] = x[i], y[i]
        else:
            for ring in range(first_ring, ring_end[row]):
                start = point_end[ring - 1] if ring > 0 else 0
                n = point_end[ring] - start
                shape = _room(shape, size, 96 + 48 * n)
                if kind[row] == 2:
                    size = _line(shape, size, xy, start, point_end[ring], x, y, cursor, west, north,
                                 east, south, margin, shift, tolerance)  # fmt: skip
                    continue
                if outer[ring] == 0 and not keeps:
                    continue
                for i in range(n):
                    x[i], y[i] = xy[start + i, 0], xy[start + i, 1]
                n = _polygon_ring(x, y, spare_x, spare_y, n, outer[ring] == 1, west, north, east,
                                  south, margin, shift, tolerance)  # fmt: skip
                if outer[ring] == 1:
                    keeps = n > 0
                if n > 0:
                    shape = _room(shape, size, 32 + 12 * n)
                    size = put_ring(shape, size, x[:n], y[:n], cursor)
                    shape[size] = 15
                    size += 1
        if size == 0:
            continue
        tag_size = 0
        for key in range(tags.shape[1]):
            value = tags[place, key]
            if value < 0:
                continue
            known = number[value] if value < shared else -1
            if known < 0:
                known = next_value
                next_value += 1
                if value < shared:
                    number[value] = known
                begin = value_end[value - 1] if value > 0 else 0
                length = value_end[value] - begin
                used = _room(used, used_at, length)
                used[used_at : used_at + length] = values[begin : begin + length]
                used_at += length
            tag_size = put_varint(tag_bytes, tag_size, key)
            tag_size = put_varint(tag_bytes, tag_size, known)
        whole = 2 + 1 + varint_size(size) + size
        if ids[row] > 0:
            whole += 1 + varint_size(ids[row])
        if tag_size > 0:
            whole += 1 + varint_size(tag_size) + tag_size
        out = _room(out, at, whole + 8)
        out[at] = 0x12
        at = put_varint(out, at + 1, whole)
        if ids[row] > 0:
            out[at] = 0x08
            at = put_varint(out, at + 1, ids[row])
        if tag_size > 0:
            out[at] = 0x12
            at = put_varint(out, at + 1, tag_size)
            out[at : at + tag_size] = tag_bytes[:tag_size]
            at += tag_size
        out[at], out[at + 1] = 0x18, kind[row]
        out[at + 2] = 0x22
        at = put_varint(out, at + 3, size)
        out[at : at + size] = shape[:size]
        at += size
    return out[:at], used[:used_at]
