"""Terrain models: heights of the ground on a regular grid, in metres."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil, floor

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer

from zonewright.core.errors import CRSError, InputError, RangeError
from zonewright.core.schema import require_positive

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bounds = tuple[float, float, float, float]

_WEB_MERCATOR = 3857


@dataclass(frozen=True, slots=True, eq=False)
class Terrain:
    """Heights of the ground on a grid in a frame of metres.

    Parameters
    ----------
    heights_m
        Shape (rows, columns), the first row in the north [m]; NaN where nothing is known.
    west, north
        Outer corner of the first cell [m].
    cell_x_m, cell_y_m
        Size of a cell, both above 0 [m].
    crs
        Frame of the corner; None if the file names none and the caller knows.
    divided
        Parts of a surveyed cell along each side that these cells are (`refined`); 1 as surveyed.

    Raises
    ------
    InputError
        If no cell has a height.
    CRSError
        If the frame is not projected in metres, is Web Mercator, or is unnamed and looks like
        degrees.
    RangeError
        If a cell has no size.

    Examples
    --------
    >>> Terrain(np.array([[1.0, 2.0]]), west=0, north=10, cell_x_m=10, cell_y_m=10).bounds
    (0.0, 0.0, 20.0, 10.0)
    """

    heights_m: Floats
    west: float
    north: float
    cell_x_m: float
    cell_y_m: float
    crs: CRS | None = None
    divided: int = 1

    def __post_init__(self) -> None:
        require_positive(cell_x_m=self.cell_x_m, cell_y_m=self.cell_y_m)
        if self.heights_m.ndim != 2 or not np.isfinite(self.heights_m).any():
            raise InputError("terrain-empty", shape=str(self.heights_m.shape))
        _require_metres(self)

    @property
    def bounds(self) -> Bounds:
        """West, south, east and north of all cells [m]."""
        rows, columns = self.heights_m.shape
        east = self.west + columns * self.cell_x_m
        return float(self.west), float(self.north - rows * self.cell_y_m), float(east), float(
            self.north
        )  # fmt: skip

    @property
    def cell_m2(self) -> float:
        """Area of a cell [m²]."""
        return float(self.cell_x_m * self.cell_y_m)

    @property
    def center_x(self) -> Floats:
        """Middle of each column, shape (columns,) [m]."""
        middle: Floats = (
            self.west + (np.arange(self.heights_m.shape[1], dtype=np.float64) + 0.5) * self.cell_x_m
        )
        return middle

    @property
    def center_y(self) -> Floats:
        """Middle of each row, shape (rows,), from north to south [m]."""
        middle: Floats = (
            self.north
            - (np.arange(self.heights_m.shape[0], dtype=np.float64) + 0.5) * self.cell_y_m
        )
        return middle

    def window(self, bounds: Bounds) -> tuple[slice, slice]:
        """Return the rows and columns of the cells that meet a box [m]; both may be empty."""
        west, south, east, north = bounds
        rows, columns = self.heights_m.shape
        first_column = max(0, floor((west - self.west) / self.cell_x_m))
        last_column = min(columns, ceil((east - self.west) / self.cell_x_m))
        first_row = max(0, floor((self.north - north) / self.cell_y_m))
        last_row = min(rows, ceil((self.north - south) / self.cell_y_m))
        return (
            slice(first_row, max(first_row, last_row)),
            slice(first_column, max(first_column, last_column)),
        )

    def cropped(self, bounds: Bounds) -> Terrain:
        """Return the cells that meet a box [m].

        Raises
        ------
        InputError
            If no cell with a height meets it.
        """
        rows, columns = self.window(bounds)
        return replace(
            self,
            heights_m=self.heights_m[rows, columns],
            west=self.west + columns.start * self.cell_x_m,
            north=self.north - rows.start * self.cell_y_m,
        )

    def refined(self, times: int) -> Terrain:
        """Return the terrain with each cell divided, its heights bilinear between the old middles.

        Columns of finer cells come nearer to the triangulated ground.

        Parameters
        ----------
        times
            Parts of a cell along each side, 1 or more.
        """
        require_positive(times=times)
        rows, columns = self.heights_m.shape
        x = self.west + (np.arange(columns * times) + 0.5) * self.cell_x_m / times
        y = self.north - (np.arange(rows * times) + 0.5) * self.cell_y_m / times
        all_x, all_y = np.meshgrid(x, y)
        return replace(
            self,
            heights_m=self.heights_at(all_x.ravel(), all_y.ravel()).reshape(all_x.shape),
            cell_x_m=self.cell_x_m / times,
            cell_y_m=self.cell_y_m / times,
            divided=self.divided * times,
        )

    def heights_at(self, x: Floats, y: Floats) -> Floats:
        """Return the height at points, bilinear between the middles of cells.

        Parameters
        ----------
        x, y
            Shape (n,) [m].

        Returns
        -------
        heights_m
            Shape (n,) [m]. NaN outside, and where the cell itself has no height; beside such a cell
            the others count alone, and within half a cell of the border the outer cells' height.
        """
        rows, columns = self.heights_m.shape
        across, down = (x - self.west) / self.cell_x_m, (self.north - y) / self.cell_y_m
        outside = (across < 0) | (across > columns) | (down < 0) | (down > rows)
        own_row = np.clip(down, 0, rows - 1).astype(int)
        own_column = np.clip(across, 0, columns - 1).astype(int)
        across = np.clip(across - 0.5, 0, columns - 1)
        down = np.clip(down - 0.5, 0, rows - 1)
        left, top = np.floor(across).astype(int), np.floor(down).astype(int)
        total, weight = np.zeros(len(x)), np.zeros(len(x))
        for row, share_y in ((top, 1 - down + top), (top + 1, down - top)):
            for column, share_x in ((left, 1 - across + left), (left + 1, across - left)):
                found = self.heights_m[np.minimum(row, rows - 1), np.minimum(column, columns - 1)]
                known = ~np.isnan(found)
                share = share_x * share_y * known
                total += share * np.where(known, found, 0.0)
                weight += share
        bad = outside | np.isnan(self.heights_m[own_row, own_column]) | (weight == 0)
        heights: Floats = np.where(bad, np.nan, total / np.where(weight == 0, 1.0, weight))
        return heights

    def in_this_frame(self, geometry: shapely.Geometry, crs: object) -> shapely.Geometry:
        """Return a geometry of another frame in the terrain's own.

        Parameters
        ----------
        geometry
            In `crs`, x before y.
        crs
            Anything that pyproj reads as a frame, such as ``"EPSG:4490"``.

        Raises
        ------
        CRSError
            If the terrain's own frame is not known.
        """
        if self.crs is None:
            raise CRSError("terrain-no-crs")
        into = Transformer.from_crs(CRS.from_user_input(crs), self.crs, always_xy=True)
        return shapely.transform(
            geometry, lambda points: np.column_stack(into.transform(points[:, 0], points[:, 1]))
        )


def _require_metres(terrain: Terrain) -> None:
    """Refuse a frame in which lengths are not metres on the ground."""
    crs = terrain.crs
    if crs is None:
        if terrain.cell_x_m < 0.1 and abs(terrain.west) <= 360 and abs(terrain.north) <= 90:
            raise CRSError("terrain-degrees", cell=terrain.cell_x_m)
        return
    metric = crs.is_projected and all(axis.unit_conversion_factor == 1 for axis in crs.axis_info)
    if not metric or crs.to_epsg() == _WEB_MERCATOR:
        raise CRSError("terrain-crs", found=crs.to_string()[:60])


def height_factor(unit: str) -> float:
    """Return how many metres a unit of height is.

    Raises
    ------
    RangeError
        If the unit is not known.

    Examples
    --------
    >>> height_factor("ft")
    0.3048
    """
    known = _HEIGHT_UNITS.get(unit.strip().casefold())
    if known is None:
        raise RangeError("terrain-unit", unit=unit)
    return known


_HEIGHT_UNITS = {
    **dict.fromkeys(("", "m", "metre", "meter", "metres", "meters", "米"), 1.0),
    **dict.fromkeys(("ft", "foot", "feet", "international foot"), 0.3048),
    **dict.fromkeys(("us-ft", "ftus", "us survey foot", "us survey feet"), 1200 / 3937),
    **dict.fromkeys(("cm", "centimetre", "centimeter"), 0.01),
    **dict.fromkeys(("dm", "decimetre", "decimeter"), 0.1),
}
