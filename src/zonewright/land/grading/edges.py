"""Where two pads meet: the edges along which a step is measured and retained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from zonewright.land.grading.pads import Pad
from zonewright.land.grading.terrain import Floats, Ints

TOLERANCE_M = 0.05
_SHORTEST_M = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Edges:
    """Straight pieces of the edges between pads, e of them.

    Parameters
    ----------
    first, second
        Positions of the two pads, shape (e,), first < second.
    start, end
        Ends of each piece, shape (e, 2) [m].
    """

    first: Ints
    second: Ints
    start: Floats
    end: Floats

    def __len__(self) -> int:
        return len(self.first)

    @property
    def length_m(self) -> Floats:
        """Length of each piece, shape (e,) [m]."""
        length: Floats = np.hypot(*(self.end - self.start).T)
        return length

    @property
    def middle(self) -> Floats:
        """Middle of each piece, shape (e, 2) [m]."""
        middle: Floats = (self.start + self.end) / 2
        return middle


def edges_between(pads: Sequence[Pad], *, piece_m: float) -> Edges:
    """Return the edges that pads share, in pieces of at most a length.

    Two outlines that run within 5 cm of one another count as one edge; less than a metre together,
    as at a corner, does not.

    Parameters
    ----------
    pads
        Which do not lie over one another.
    piece_m
        Longest piece [m].
    """
    shapes = np.array([pad.polygon for pad in pads])
    first, second = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=TOLERANCE_M)
    once = first < second
    first, second = first[once], second[once]
    shared = shapely.intersection(
        shapely.boundary(shapes[first]), shapely.buffer(shapes[second], TOLERANCE_M)
    )
    long = shapely.length(shared) >= _SHORTEST_M
    lines, pair = shapely.get_parts(shapely.segmentize(shared[long], piece_m), return_index=True)
    points, line = shapely.get_coordinates(lines, return_index=True)
    along = line[1:] == line[:-1]
    pair = pair[line[1:][along]]
    start, end = points[:-1][along], points[1:][along]
    some = (start != end).any(axis=1)
    return Edges(first[long][pair][some], second[long][pair][some], start[some], end[some])
