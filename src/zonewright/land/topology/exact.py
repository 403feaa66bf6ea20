"""Edges that two parcels share bit by bit: found by one pass over a hash table kept by place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zonewright.core.compiled import Whole, at_once, compiled, in_halves
from zonewright.land.flat import Flat, Floats, Ints
from zonewright.land.scale import Scale

Slots = NDArray[np.int32]
Bits = NDArray[np.uint64]

# What stands at a segment that has no counterpart. At the closing point of a ring, which begins no
# segment, stands CLOSING - (position of the ring's first point).
ALONE = -1
CLOSING = -3
_SEGMENTS_A_TILE = 256
_MOST_TILES = 1 << 20
# Surplus pairs for which there is room at first.
_ROOM = 1_024


@dataclass(frozen=True, slots=True)
class Edges:
    """Which segments of polygons are the same edge, drawn from its two sides.

    Parameters
    ----------
    twin
        Shape (m,): for the segment that begins at each point, the point at which its counterpart
        begins, which runs between the same corners the other way; `ALONE` without one. Below -2 at
        the closing point of a ring.
    surplus
        Shape (k, 2): further pairs of equal segments: drawn in the same direction (land that lies
        twofold), or a third one at an edge that has its two sides already.
    """

    twin: Slots
    surplus: Slots


def match_edges(flat: Flat) -> Edges:
    """Return which segments are drawn from both sides.

    Notes
    -----
    The key of a segment is made of the exact bits of its two ends, whatever their order. The table
    is laid out by tiles of the map, each with room for its own segments, so that neighbours lie
    near one another in memory whatever the density; within a tile, slots are probed one by one.
    Two segments are taken as equal only if all four coordinates are.

    Examples
    --------
    >>> from shapely import box
    >>> from zonewright.land.flat import flat_of_shapes
    >>> match_edges(flat_of_shapes([box(0, 0, 1, 1), box(1, 0, 2, 1)])).twin.tolist()
    [7, -1, -1, -1, -3, -1, -1, 0, -1, -8]
    """
    twin = np.empty(len(flat.xy), dtype=np.int32)
    if not len(flat.xy):
        return Edges(twin, np.empty((0, 2), dtype=np.int32))
    west, south, east, north = flat.box()
    across, up = max(east - west, 1e-300), max(north - south, 1e-300)
    tiles = min(max(len(flat.xy) // _SEGMENTS_A_TILE, 1), _MOST_TILES)
    columns = int(min(max(round(np.sqrt(tiles * across / up)), 1), tiles))
    rows = max(tiles // columns, 1)
    step = columns / across, rows / up
    parts = in_halves(
        len(flat.owner),
        lambda begin, end: _count(
            flat.xy, flat.ring_start[begin : end + 1], west, south, *step, columns, rows
        ),
    )
    base = np.append(0, np.cumsum(2 * sum(parts) + 1))
    # As many segments lie in the tiles below the middle one as in the others.
    middle = int(np.searchsorted(base, base[-1] // 2)) if len(parts) > 1 else columns * rows

    def match(first: int, last: int) -> Slots:
        surplus = np.empty((_ROOM, 2), dtype=np.int32)
        while True:
            spare = _match(
                flat.xy, flat.xy.view(np.uint64), flat.ring_start,
                west, south, *step, columns, rows, base, first, last, twin, surplus,
            )  # fmt: skip
            if spare <= len(surplus):
                return surplus[:spare]
            surplus = np.empty((spare, 2), dtype=np.int32)

    if middle == columns * rows:
        return Edges(twin, match(0, middle))
    found = np.concatenate(
        at_once([lambda: match(0, middle), lambda: match(middle, columns * rows)])
    )
    return Edges(twin, found[np.argsort(found[:, 1], kind="stable")])


def shared_edges(
    flat: Flat, edges: Edges, scale: Scale, *, point_owner: Slots | None = None
) -> tuple[Slots, Slots, Floats]:
    """Return each pair of rows that share edges, once, and the length that they share.

    Parameters
    ----------
    flat, edges, scale
        The polygons, their equal segments, and what a unit is on the ground.
    point_owner
        `Flat.point_owner`, if it is at hand.

    Returns
    -------
    first, second, shared_m
        Shape (p,): rows, first < second, ascending, and the length of their common edges [m].
    """
    owner = flat.point_owner() if point_owner is None else point_owner
    table, south, step = scale.table, scale.south, scale.table_step
    if not len(flat.xy):
        empty = np.empty(0, dtype=np.int32)
        return empty, empty, np.empty(0)
    row_rings = flat.row_rings()
    parts = in_halves(
        flat.rows,
        lambda begin, end: _pairs(
            flat.xy, flat.ring_start, row_rings, edges.twin, owner, table, south, step, begin, end
        ),
    )
    first, second, shared_m = (np.concatenate(column) for column in zip(*parts, strict=True))
    if not len(edges.surplus):
        return first, second, shared_m
    one, other = edges.surplus.T
    extra_m = _lengths(flat.xy, one, table, south, step)
    one, other = owner[one], owner[other]
    apart = one != other
    return add_pairs(
        np.concatenate([first, np.minimum(one, other)[apart]]),
        np.concatenate([second, np.maximum(one, other)[apart]]),
        np.concatenate([shared_m, extra_m[apart]]),
    )


def add_pairs(first: Slots, second: Slots, length_m: Floats) -> tuple[Slots, Slots, Floats]:
    """Return each pair once, ascending, with the sum of its lengths."""
    if not len(first):
        return first, second, length_m
    order = np.lexsort((length_m, second, first))
    first, second, length_m = first[order], second[order], length_m[order]
    changed = (first[1:] != first[:-1]) | (second[1:] != second[:-1])
    begins = np.flatnonzero(np.append(True, changed))
    return first[begins], second[begins], np.add.reduceat(length_m, begins)


@compiled
def _tile(
    x: float, y: float, west: float, south: float, dx: float, dy: float, columns: int, rows: int
) -> Whole:
    """Return the tile of a segment from the sums of its ends' coordinates, in either order."""
    column, row = int((x * 0.5 - west) * dx), int((y * 0.5 - south) * dy)
    return min(max(row, 0), rows - 1) * columns + min(max(column, 0), columns - 1)


@compiled
def _count(
    xy: Floats,
    ring_start: Ints,
    west: float,
    south: float,
    dx: float,
    dy: float,
    columns: int,
    rows: int,
) -> Ints:
    counts = np.zeros(columns * rows, dtype=np.int64)
    for ring in range(len(ring_start) - 1):
        for p in range(ring_start[ring], ring_start[ring + 1] - 1):
            x, y = xy[p, 0] + xy[p + 1, 0], xy[p, 1] + xy[p + 1, 1]
            counts[_tile(x, y, west, south, dx, dy, columns, rows)] += 1
    return counts


@compiled
def mix(x: Whole, y: Whole) -> Whole:
    """Return a number from the bits of a point; a bit of either coordinate changes half of it."""
    mixed = (x ^ (y >> np.uint64(32)) ^ (y << np.uint64(32))) * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= mixed >> np.uint64(32)
    mixed *= np.uint64(0xC2B2AE3D27D4EB4F)
    return mixed ^ (mixed >> np.uint64(29))


@compiled
def _match(
    xy: Floats,
    bits: Bits,
    ring_start: Ints,
    west: float,
    south: float,
    dx: float,
    dy: float,
    columns: int,
    rows: int,
    base: Ints,
    first: int,
    last: int,
    twin: Slots,
    surplus: Slots,
) -> Whole:
    """Match the segments of the tiles from one to before another.

    Return how many surplus pairs there are, also where the room for them is too small.
    """
    zero = base[first]
    slots = np.full(base[last] - zero, -1, dtype=np.int32)
    spare = 0
    for ring in range(len(ring_start) - 1):
        begin, end = ring_start[ring], ring_start[ring + 1] - 1
        if first == 0:
            twin[end] = CLOSING - begin
        x1, y1, there = xy[begin, 0], xy[begin, 1], mix(bits[begin, 0], bits[begin, 1])
        for p in range(begin, end):
            x0, y0, here = x1, y1, there
            x1, y1, there = xy[p + 1, 0], xy[p + 1, 1], mix(bits[p + 1, 0], bits[p + 1, 1])
            tile = _tile(x0 + x1, y0 + y1, west, south, dx, dy, columns, rows)
            if tile < first or tile >= last:
                continue
            key = (here + there) * np.uint64(0x9E3779B97F4A7C15)
            low, size = base[tile] - zero, base[tile + 1] - base[tile]
            at = low + np.int64(((key >> np.uint64(32)) * np.uint64(size)) >> np.uint64(32))
            found = ALONE
            while True:
                q = slots[at]
                if q < 0:
                    break
                if xy[q, 0] == x1 and xy[q, 1] == y1 and xy[q + 1, 0] == x0 and xy[q + 1, 1] == y0:
                    if found == ALONE and twin[q] == ALONE:
                        found = q
                        twin[q] = p
                    else:
                        spare = _note(surplus, spare, q, p, twin[q])
                elif (
                    xy[q, 0] == x0 and xy[q, 1] == y0 and xy[q + 1, 0] == x1 and xy[q + 1, 1] == y1
                ):
                    spare = _note(surplus, spare, q, p, twin[q])
                at += 1
                if at == low + size:
                    at = low
            twin[p] = found
            if found == ALONE:
                slots[at] = p
    return spare


@compiled
def _note(surplus: Slots, spare: int, q: int, p: int, twin: int) -> Whole:
    """Write a segment's surplus pairs, if there is room; return how many there are by now.

    Of two that have found one another only the first stands in the table.
    """
    if spare < len(surplus):
        surplus[spare, 0], surplus[spare, 1] = q, p
    if twin == ALONE:
        return spare + 1
    if spare + 1 < len(surplus):
        surplus[spare + 1, 0], surplus[spare + 1, 1] = twin, p
    return spare + 2


@compiled
def length_m(xy: Floats, p: int, table: Floats, south: float, step: float) -> float:
    """Return the length of the segment that begins at a point [m]."""
    place = ((xy[p, 1] + xy[p + 1, 1]) * 0.5 - south) / step
    k = min(max(int(place), 0), len(table) - 2)
    share = place - k
    dx = (xy[p + 1, 0] - xy[p, 0]) * (table[k, 0] + (table[k + 1, 0] - table[k, 0]) * share)
    dy = (xy[p + 1, 1] - xy[p, 1]) * (table[k, 1] + (table[k + 1, 1] - table[k, 1]) * share)
    return float(np.sqrt(dx * dx + dy * dy))


@compiled
def _lengths(xy: Floats, points: Slots, table: Floats, south: float, step: float) -> Floats:
    found = np.empty(len(points))
    for i in range(len(points)):
        found[i] = length_m(xy, points[i], table, south, step)
    return found


@compiled
def _pairs(
    xy: Floats,
    ring_start: Ints,
    row_rings: Ints,
    twin: Slots,
    owner: Slots,
    table: Floats,
    south: float,
    step: float,
    first_row: int,
    last_row: int,
) -> tuple[Slots, Slots, Floats]:
    """Return the pairs of which the lower row is one from the first to before the last."""
    # Memory that is not written to costs nothing.
    most = ring_start[row_rings[last_row]] - ring_start[row_rings[first_row]]
    first = np.empty(most, dtype=np.int32)
    second = np.empty(most, dtype=np.int32)
    shared_m = np.empty(most)
    count = 0
    for row in range(first_row, last_row):
        begin = count
        for ring in range(row_rings[row], row_rings[row + 1]):
            for p in range(ring_start[ring], ring_start[ring + 1] - 1):
                t = twin[p]
                if t < 0 or owner[t] <= row:
                    continue
                other = owner[t]
                at = count - 1
                while at >= begin and second[at] != other:
                    at -= 1
                if at < begin:
                    at = count
                    first[at] = row
                    second[at] = other
                    shared_m[at] = 0.0
                    count += 1
                shared_m[at] += length_m(xy, p, table, south, step)
        for i in range(begin + 1, count):
            other, length = second[i], shared_m[i]
            j = i - 1
            while j >= begin and second[j] > other:
                second[j + 1] = second[j]
                shared_m[j + 1] = shared_m[j]
                j -= 1
            second[j + 1] = other
            shared_m[j + 1] = length
    return first[:count], second[:count], shared_m[:count]
