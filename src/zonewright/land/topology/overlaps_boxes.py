"""The boxes of polygons in a table of cells: which hold a point, and which meet."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from zonewright.core.compiled import Whole, at_once, compiled, in_halves

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Rows = NDArray[np.int32]

# Fewer boxes than this are not worth a second thread.
_FEW = 20_000


@dataclass(frozen=True, slots=True)
class BoxTable:
    """Boxes by the cells that they touch; cells repeat every 2**bits columns and rows.

    Parameters
    ----------
    side_x, side_y
        Sides of a cell [units].
    bits
        Columns and rows of the table, as a power of two.
    start, entry
        Where the entries of each cell begin, shape (4**bits + 1,), and their rows.
    """

    side_x: float
    side_y: float
    bits: int
    start: Rows
    entry: Rows


def box_table(box: Floats, rows: Ints) -> BoxTable:
    """Return the table of some rows' boxes; those without rings are left out.

    Parameters
    ----------
    box
        Shape (n, 4): `row_boxes`.
    rows
        Rows to enter.
    """
    rows = rows[box[rows, 0] <= box[rows, 2]]
    some = box[rows][:: max(1, len(rows) // 20_000)]
    side = np.ones(2)
    if len(some):
        side = np.maximum(1.5 * (some[:, 2:] - some[:, :2]).mean(axis=0), 1e-12)
    bits = max(2, int(np.ceil(np.log2(len(rows) + 1) / 2)))
    start = np.zeros(4**bits + 1, dtype=np.int32)
    none = np.empty(0, dtype=np.int32)
    # The table is filled in bands of rows at once; first the entries of each cell are counted.
    table = box, rows, float(side[0]), float(side[1]), bits
    size = 1 << bits
    bands = [(0, size)] if len(rows) < _FEW else [(0, size // 2), (size // 2, size)]
    at_once([partial(_fill, *table, *band, start[1:], none) for band in bands])
    np.cumsum(start, out=start)
    entry = np.empty(start[-1], dtype=np.int32)
    begin = start[1:].copy()
    at_once([partial(_fill, *table, *band, begin, entry) for band in bands])
    return BoxTable(float(side[0]), float(side[1]), bits, start, entry)


def boxes_meeting(table: BoxTable, box: Floats) -> Rows:
    """Return pairs (any row, a row of the table whose box overlaps its own), shape (k, 2)."""
    return _meeting(box, table.start, table.entry, table.side_x, table.side_y, table.bits)


def points_in(box: Floats, point: Floats, rows: Rows) -> Rows:
    """Return pairs (position of a point, row whose box holds it, not its own), shape (k, 2)."""
    if not len(point):
        return np.empty((0, 2), dtype=np.int32)
    low, high = point.min(axis=0), point.max(axis=0)
    size = int(np.ceil(np.sqrt(len(point))))
    grid = low, size / np.maximum(high - low, 1e-300), size
    head, following = _listed(point, *grid)
    parts = in_halves(
        len(box),
        lambda begin, end: _points_in(box, point, rows, *grid, head, following, begin, end),
    )
    return np.concatenate(parts)


def row_boxes(xy: Floats, ring_start: Ints, row_rings: Ints) -> Floats:
    """Return west, south, east, north of each row, shape (n, 4); west above east without rings."""
    box = np.empty((len(row_rings) - 1, 4))
    in_halves(len(box), lambda a, b: _boxes(xy, ring_start, row_rings[a : b + 1], box[a:b]))
    return box


@compiled
def _boxes(xy: Floats, ring_start: Ints, row_rings: Ints, box: Floats) -> None:
    for row in range(len(box)):
        box[row, 0], box[row, 1] = np.inf, np.inf
        box[row, 2], box[row, 3] = -np.inf, -np.inf
        for p in range(ring_start[row_rings[row]], ring_start[row_rings[row + 1]]):
            box[row, 0], box[row, 2] = min(box[row, 0], xy[p, 0]), max(box[row, 2], xy[p, 0])
            box[row, 1], box[row, 3] = min(box[row, 1], xy[p, 1]), max(box[row, 3], xy[p, 1])


@compiled
def _fill(
    box: Floats, rows: Ints, side_x: float, side_y: float, bits: int, first: int, last: int,
    counts: Rows, entry: Rows,
) -> None:  # fmt: skip
    """Count the entries of the cells in rows from one to before another, or write them.

    They are counted where there is no room for them. They are written from behind: an entry takes
    the end of its cell, `counts`, down to its begin.
    """
    size = 1 << bits
    write = len(entry) > 0
    for row in rows:
        west, east, south, north = _cells(box, row, side_x, side_y, size)
        for level in range(south, north + 1):
            up = level & (size - 1)
            if up < first or up >= last:
                continue
            for right in range(west, east + 1):
                cell = up * size + (right & (size - 1))
                if write:
                    counts[cell] -= 1
                    entry[counts[cell]] = row
                else:
                    counts[cell] += 1


@compiled
def _cells(
    box: Floats, row: int, side_x: float, side_y: float, size: int
) -> tuple[Whole, Whole, Whole, Whole]:
    """Return the columns and rows of cells of a box, each cell of the table once."""
    west, east = int(np.floor(box[row, 0] / side_x)), int(np.floor(box[row, 2] / side_x))
    south, north = int(np.floor(box[row, 1] / side_y)), int(np.floor(box[row, 3] / side_y))
    return west, min(east, west + size - 1), south, min(north, south + size - 1)


@compiled
def _grown(pairs: Rows) -> Rows:
    more = np.empty((2 * len(pairs), 2), dtype=np.int32)
    more[: len(pairs)] = pairs
    return more


@compiled
def _meeting(
    box: Floats, start: Rows, entry: Rows, side_x: float, side_y: float, bits: int
) -> Rows:
    size = 1 << bits
    found = np.empty((1_024, 2), dtype=np.int32)
    count: Whole = 0
    seen = np.full(len(box), -1, dtype=np.int32)
    for row in range(len(box)):
        if not box[row, 0] <= box[row, 2]:
            continue
        west, east, south, north = _cells(box, row, side_x, side_y, size)
        for up in range(south, north + 1):
            for right in range(west, east + 1):
                cell = (up & (size - 1)) * size + (right & (size - 1))
                for e in range(start[cell], start[cell + 1]):
                    other = entry[e]
                    if other == row or seen[other] == row:
                        continue
                    seen[other] = row
                    if box[other, 0] >= box[row, 2] or box[row, 0] >= box[other, 2]:
                        continue
                    if box[other, 1] >= box[row, 3] or box[row, 1] >= box[other, 3]:
                        continue
                    if count == len(found):
                        found = _grown(found)
                    found[count, 0], found[count, 1] = row, other
                    count += 1
    return found[:count].copy()


@compiled
def _listed(point: Floats, low: Floats, per_unit: Floats, size: int) -> tuple[Rows, Rows]:
    """Return the first point of each cell, and the next in the same cell after each."""
    head = np.full(size * size, -1, dtype=np.int32)
    following = np.empty(len(point), dtype=np.int32)
    for i in range(len(point)):
        cell = _place(point[i, 1], low[1], per_unit[1], size) * size
        cell += _place(point[i, 0], low[0], per_unit[0], size)
        following[i], head[cell] = head[cell], i
    return head, following


@compiled
def _points_in(
    box: Floats, point: Floats, rows: Rows, low: Floats, per_unit: Floats, size: int,
    head: Rows, following: Rows, begin: int, end: int,
) -> Rows:  # fmt: skip
    """Return the pairs of the boxes from one to before another."""
    found = np.empty((1_024, 2), dtype=np.int32)
    count: Whole = 0
    for row in range(begin, end):
        if not box[row, 0] <= box[row, 2]:
            continue
        west = _place(box[row, 0], low[0], per_unit[0], size)
        east = _place(box[row, 2], low[0], per_unit[0], size)
        south = _place(box[row, 1], low[1], per_unit[1], size)
        north = _place(box[row, 3], low[1], per_unit[1], size)
        for up in range(south, north + 1):
            for right in range(west, east + 1):
                i = head[up * size + right]
                while i >= 0:
                    x, y = point[i, 0], point[i, 1]
                    inside = box[row, 0] < x < box[row, 2] and box[row, 1] < y < box[row, 3]
                    if inside and rows[i] != row:
                        if count == len(found):
                            found = _grown(found)
                        found[count, 0], found[count, 1] = i, row
                        count += 1
                    i = following[i]
    return found[:count].copy()


@compiled
def _place(value: float, low: float, per_unit: float, size: int) -> Whole:
    """Return the column or row of a value, the nearest one outside."""
    return int(min(max((value - low) * per_unit, 0.0), size - 1.0))
