"""A grid over segments: which pieces of segments pass each cell, as flat arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zonewright.core.compiled import Whole, compiled

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Rows = NDArray[np.int32]


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
        side_m = _side(ends, reach_m)
    wide, high = _table(ends, side_m)
    start, segment, piece = _fill(ends, side_m, reach_m / 2, wide, high)
    return SegmentGrid(side_m, reach_m, wide, high, start, segment, piece)


def _side(ends: Floats, reach_m: float) -> float:
    """Return the side of a cell: twice the mean segment, unless a few long ones make the mean."""
    if not len(ends):
        return max(1.0, 2 * reach_m)
    some = ends[:: max(1, len(ends) // 20_000)]
    spans = np.maximum(np.abs(some[:, 2] - some[:, 0]), np.abs(some[:, 3] - some[:, 1]))
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
def _fill(ends: Floats, side: float, grow: float, wide: int, high: int) -> tuple[Rows, Rows, Rows]:
    """Count the entries of each cell, then write them."""
    per_m = 1.0 / side
    start = np.zeros(wide * high + 1, dtype=np.int32)
    segment = np.empty(0, dtype=np.int32)
    piece = np.empty(0, dtype=np.int32)
    for turn in range(2):
        for s in range(len(ends)):
            x, y = ends[s, 0], ends[s, 1]
            count = pieces_of(ends[s, 2] - x, ends[s, 3] - y, side)
            step_x, step_y = (ends[s, 2] - x) / count, (ends[s, 3] - y) / count
            for p in range(count):
                ax, ay = x + p * step_x, y + p * step_y
                bx, by = x + (p + 1) * step_x, y + (p + 1) * step_y
                west = int(np.floor((min(ax, bx) - grow) * per_m))
                east = int(np.floor((max(ax, bx) + grow) * per_m))
                south = int(np.floor((min(ay, by) - grow) * per_m))
                north = int(np.floor((max(ay, by) + grow) * per_m))
                for row in range(south, north + 1):
                    for column in range(west, east + 1):
                        cell = (row & (high - 1)) * wide + (column & (wide - 1))
                        if turn == 0:
                            start[cell + 1] += 1
                        else:
                            start[cell] -= 1
                            segment[start[cell]] = s
                            piece[start[cell]] = p
        if turn == 0:
            for cell in range(wide * high):
                start[cell + 1] += start[cell]
            total = start[wide * high]
            segment = np.empty(total, dtype=np.int32)
            piece = np.empty(total, dtype=np.int32)
            # Filled from behind: an entry takes the cell's end down to its start.
            for cell in range(wide * high):
                start[cell] = start[cell + 1]
    return start, segment, piece
