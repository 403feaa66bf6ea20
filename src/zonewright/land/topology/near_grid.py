"""A grid over segments: which pieces of segments pass each cell, as flat arrays."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zonewright.core.compiled import Whole, at_once, compiled

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Rows = NDArray[np.int32]

# Fewer segments than this are not worth a second thread.
_FEW = 20_000


@dataclass(frozen=True, slots=True)
class SegmentGrid:
    """Pieces of segments by the cells that their boxes, grown by half the reach, touch.

    A segment longer than a cell is cut into equal pieces of at most the cell's side, so that a
    piece touches few cells. Cells repeat every `wide` columns and `high` rows: the table stays as
    large as the segments are many, however far apart they lie.

    Parameters
    ----------
    side_m
        Side of a cell [m].
    reach_m
        Two pieces whose boxes come this near have at least one cell in common [m].
    wide, high
        Columns and rows before the cells repeat; powers of two.
    start
        Shape (wide * high + 1,): where the entries of each cell begin.
    segment, piece
        Shape (e,): position of the segment, and which of its pieces.
    """

    side_m: float
    reach_m: float
    wide: int
    high: int
    start: Rows
    segment: Rows
    piece: Rows


def segment_grid(ends: Floats, *, reach_m: float, side_m: float | None = None) -> SegmentGrid:
    """Return the grid of segments.

    Parameters
    ----------
    ends
        Shape (s, 4): x and y of both ends [m].
    reach_m
        How near two segments must come to be found by a common cell [m].
    side_m
        Side of a cell [m]; None takes one from the lengths of the segments and the reach.

    Examples
    --------
    >>> grid = segment_grid(np.array([[0.0, 0, 40, 0]]), reach_m=0.1, side_m=10.0)
    >>> int(grid.piece.max()) + 1
    4
    """
    if side_m is None:
        side_m = side_of_cells(some_of(ends), reach_m)
    wide, high = _table(ends, side_m)
    start = np.zeros(wide * high + 1, dtype=np.int32)
    none = np.empty(0, dtype=np.int32)
    # The table is filled in bands of rows at once; first the entries of each cell are counted.
    grid = ends, side_m, reach_m / 2, wide, high
    bands = [(0, high)] if len(ends) < _FEW else [(0, high // 2), (high // 2, high)]
    at_once([partial(_fill, *grid, *band, start[1:], none, none) for band in bands])
    np.cumsum(start, out=start)
    segment, piece = np.empty((2, start[-1]), dtype=np.int32)
    begin = start[1:].copy()
    at_once([partial(_fill, *grid, *band, begin, segment, piece) for band in bands])
    return SegmentGrid(side_m, reach_m, wide, high, start, segment, piece)


def some_of(values: NDArray[Any]) -> NDArray[Any]:
    """Return some 20 000 of many values, evenly spread: enough for `side_of_cells`."""
    return values[:: max(1, len(values) // 20_000)]


def side_of_cells(ends: Floats, reach_m: float) -> float:
    """Return the side of a cell: twice the mean segment, unless a few long ones make the mean."""
    if not len(ends):
        return max(1.0, 2 * reach_m)
    spans = np.maximum(np.abs(ends[:, 2] - ends[:, 0]), np.abs(ends[:, 3] - ends[:, 1]))
    usual = min(2 * np.mean(spans), 8 * np.quantile(spans, 0.75))
    return float(max(usual, 2 * reach_m, 1e-3))


def _table(ends: Floats, side_m: float) -> tuple[int, int]:
    """Return powers of two for columns and rows: about a cell for each segment, in shape."""
    if not len(ends):
        return 4, 4
    spans = [float(np.ptp(ends[:, axis::2])) / side_m + 2 for axis in (0, 1)]
    bits = max(4, int(np.ceil(np.log2(len(ends)))) + 1)
    wide = min(max(2, int(np.ceil(np.log2(spans[0])))), bits - 2)
    high = min(max(2, int(np.ceil(np.log2(spans[1])))), bits - wide)
    return 1 << wide, 1 << max(high, 2)


@compiled
def pieces_of(span_x: float, span_y: float, side: float) -> Whole:
    """Return into how many pieces a segment is cut."""
    longest = max(abs(span_x), abs(span_y))
    return 1 if longest <= side else int(np.ceil(longest / side))


@compiled
def _fill(
    ends: Floats, side: float, grow: float, wide: int, high: int, first: int, last: int,
    counts: Rows, segment: Rows, piece: Rows,
) -> None:  # fmt: skip
    """Count the entries of the cells in rows from one to before another, or write them.

    They are counted where there is no room for them. They are written from behind: an entry takes
    the end of its cell, `counts`, down to its begin.
    """
    per_m = 1.0 / side
    write = len(segment) > 0
    for s in range(len(ends)):
        x, y = ends[s, 0], ends[s, 1]
        low = int(np.floor((min(y, ends[s, 3]) - grow) * per_m))
        above = int(np.floor((max(y, ends[s, 3]) + grow) * per_m)) - low
        begin = low & (high - 1)
        # Rows repeat: those beyond the last are the first again. One more at either side allows for
        # the rounding of pieces.
        inside = begin > 0 and begin + above + 1 < high
        if inside and (begin + above + 1 < first or begin - 1 >= last):
            continue
        count = pieces_of(ends[s, 2] - x, ends[s, 3] - y, side)
        step_x, step_y = (ends[s, 2] - x) / count, (ends[s, 3] - y) / count
        for p in range(count):
            ax, ay = x + p * step_x, y + p * step_y
            bx, by = x + (p + 1) * step_x, y + (p + 1) * step_y
            west = int(np.floor((min(ax, bx) - grow) * per_m))
            east = int(np.floor((max(ax, bx) + grow) * per_m))
            south = int(np.floor((min(ay, by) - grow) * per_m))
            north = int(np.floor((max(ay, by) + grow) * per_m))
            for level in range(south, north + 1):
                row = level & (high - 1)
                if row < first or row >= last:
                    continue
                for column in range(west, east + 1):
                    cell = row * wide + (column & (wide - 1))
                    if write:
                        counts[cell] -= 1
                        segment[counts[cell]] = s
                        piece[counts[cell]] = p
                    else:
                        counts[cell] += 1
