"""Columns that grow at their end, so that a change of a row does not copy a million others.

What stands in a column never changes: a row that is written again gets a new slot. Whoever holds a
view of the first rows reads them undisturbed while others are added.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from zonewright.web.tiles.wkb import Shapes


class Column:
    """A column of numbers that grows.

    Parameters
    ----------
    dtype
        Type of its numbers.
    width
        Numbers a row; 0 for a plain column.
    """

    def __init__(self, dtype: DTypeLike, *, width: int = 0) -> None:
        self._data: NDArray[Any] = np.empty((0, width) if width else 0, dtype=dtype)
        self._count = 0

    def add(self, more: NDArray[Any]) -> None:
        """Add rows at the end."""
        end = self._count + len(more)
        if end > len(self._data):
            shape = (max(end, self._count + self._count // 4), *self._data.shape[1:])
            larger = np.empty(shape, dtype=self._data.dtype)
            larger[: self._count] = self._data[: self._count]
            self._data = larger
        self._data[self._count : end] = more
        self._count = end

    def keep(self, count: int) -> None:
        """Drop the rows behind the first ones."""
        self._count = count

    def __len__(self) -> int:
        return self._count

    @property
    def rows(self) -> NDArray[Any]:
        """The rows that are there now."""
        return self._data[: self._count]


class ShapeColumns:
    """Shapes that grow in number."""

    def __init__(self) -> None:
        self._kind, self._box = Column(np.uint8), Column(np.int32, width=4)
        self._ring_end, self._outer = Column(np.int64), Column(np.uint8)
        self._point_end, self._xy = Column(np.int64), Column(np.int32, width=2)

    def add(self, more: Shapes) -> None:
        """Add shapes at the end."""
        rings, points = len(self._outer), len(self._xy)
        self._kind.add(more.kind)
        self._box.add(more.box)
        self._ring_end.add(more.ring_end + rings)
        self._outer.add(more.outer)
        self._point_end.add(more.point_end + points)
        self._xy.add(more.xy)

    def keep(self, count: int) -> None:
        """Drop the shapes behind the first ones."""
        rings = int(self._ring_end.rows[count - 1]) if count else 0
        points = int(self._point_end.rows[rings - 1]) if rings else 0
        for column in (self._kind, self._box, self._ring_end):
            column.keep(count)
        for column in (self._outer, self._point_end):
            column.keep(rings)
        self._xy.keep(points)

    @property
    def shapes(self) -> Shapes:
        """The shapes that are there now."""
        return Shapes(
            self._kind.rows,
            self._box.rows,
            self._ring_end.rows,
            self._outer.rows,
            self._point_end.rows,
            self._xy.rows,
        )
