"""A packed tree of bounding boxes: which rows meet a box."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zonewright.core.compiled import compiled
from zonewright.web.tiles.grid import Box

NODE = 16
Boxes = NDArray[np.int32]
Slots = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Index:
    """Boxes in nodes of 16, those in nodes of 16 again, up to a single one.

    Parameters
    ----------
    order
        Rows in the order of the tree's leaves.
    nodes
        Boxes of all levels, the leaves' first.
    level_end
        Where the levels end in `nodes`.
    """

    order: Slots
    nodes: Boxes
    level_end: NDArray[np.int64]

    @classmethod
    def of(cls, boxes: Boxes) -> Index:
        """Return the tree of some boxes; rows without a shape (west beyond east) are left out."""
        rows = np.flatnonzero(boxes[:, 0] <= boxes[:, 2]).astype(np.int32)
        order = rows[np.argsort(_along_curve(boxes[rows]), kind="stable")]
        levels = [boxes[order]]
        while len(levels[-1]) > 1:
            below = levels[-1]
            starts = np.arange(0, len(below), NODE)
            low = np.minimum.reduceat(below[:, :2], starts, axis=0)
            high = np.maximum.reduceat(below[:, 2:], starts, axis=0)
            levels.append(np.hstack([low, high]))
        ends = np.cumsum([len(level) for level in levels])
        return cls(order, np.ascontiguousarray(np.vstack(levels)), ends)

    def search(self, box: Box) -> Slots:
        """Return the rows whose boxes meet a box, in ascending order."""
        if not len(self.order):
            return self.order
        return _search(self.order, self.nodes, self.level_end, *box)


def _along_curve(boxes: Boxes) -> NDArray[np.int64]:
    """Return where the middle of each box lies on a curve that keeps neighbours together."""
    x = (boxes[:, 0].astype(np.int64) + boxes[:, 2]) >> 1
    y = (boxes[:, 1].astype(np.int64) + boxes[:, 3]) >> 1
    return _spread(x) | _spread(y) << 1


def _spread(value: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return numbers below 2**31 with a zero bit after every bit."""
    value = (value | value << 16) & 0x0000FFFF0000FFFF
    value = (value | value << 8) & 0x00FF00FF00FF00FF
    value = (value | value << 4) & 0x0F0F0F0F0F0F0F0F
    value = (value | value << 2) & 0x3333333333333333
    return (value | value << 1) & 0x5555555555555555


@compiled
def _search(
    order: Slots,
    nodes: Boxes,
    level_end: NDArray[np.int64],
    west: int,
    north: int,
    east: int,
    south: int,
) -> Slots:
    here = np.zeros(1, dtype=np.int32)
    for level in range(len(level_end) - 1, -1, -1):
        start = level_end[level - 1] if level > 0 else 0
        size = level_end[level] - start
        found = np.empty(min(len(here) * NODE, size) if level < len(level_end) - 1 else size,
                         dtype=np.int32)  # fmt: skip
        count = 0
        for parent in here:
            first = parent * NODE if level < len(level_end) - 1 else 0
            for node in range(first, min(first + NODE, size)):
                at = start + node
                if (
                    nodes[at, 0] <= east
                    and nodes[at, 2] >= west
                    and nodes[at, 1] <= south
                    and nodes[at, 3] >= north
                ):
                    found[count] = node
                    count += 1
        here = found[:count]
    rows = np.empty(len(here), dtype=np.int32)
    for i in range(len(here)):
        rows[i] = order[here[i]]
    rows.sort()
    return rows
