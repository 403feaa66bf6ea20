"""A raster as its file has it, before frame and units are checked."""

from __future__ import annotations

from dataclasses import dataclass

from pyproj import CRS

from zonewright.land.grading.terrain import Floats


@dataclass(frozen=True, slots=True, eq=False)
class Raster:
    """A raster as its file has it: any frame, any unit of height.

    Parameters
    ----------
    heights
        Shape (rows, columns), the first row in the north; NaN where nothing is known.
    west, north
        Outer corner of the first cell [units of the frame].
    cell_x, cell_y
        Size of a cell [units of the frame].
    crs
        The frame, None if the file names none.
    unit
        Unit of height that the file names, or empty.
    """

    heights: Floats
    west: float
    north: float
    cell_x: float
    cell_y: float
    crs: CRS | None
    unit: str
