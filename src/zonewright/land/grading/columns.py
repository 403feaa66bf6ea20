"""The ground under a pad as columns: of each cell its height and the area that the pad covers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from zonewright.land.grading.pads import Plane
from zonewright.land.grading.terrain import Floats, Ints, Terrain


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """The covered parts of cells with a height, n of them.

    Parameters
    ----------
    row, column
        Cell of the terrain, shape (n,).
    x, y
        Middle of the covered part, shape (n,) [m].
    height_m
        Height of the cell, shape (n,) [m].
    area_m2
        Area of the covered part, shape (n,) [m²].
    missing_m2
        Area of the pad where the terrain has no height [m²].
    """

    row: Ints
    column: Ints
    x: Floats
    y: Floats
    height_m: Floats
    area_m2: Floats
    missing_m2: float

    @property
    def total_m2(self) -> float:
        """Area of the ground that is known [m²]."""
        return float(self.area_m2.sum())

    @property
    def middle(self) -> tuple[float, float]:
        """Center of the known ground [m]."""
        return (
            float(np.average(self.x, weights=self.area_m2)),
            float(np.average(self.y, weights=self.area_m2)),
        )

    @property
    def mean_m(self) -> float:
        """Mean height [m]."""
        return float(np.average(self.height_m, weights=self.area_m2))

    def cut_fill(self, plane: Plane) -> tuple[float, float]:
        """Return the volumes above and below a plane [m³]."""
        above = self.height_m - plane.heights_at(self.x, self.y)
        volume = self.area_m2 * above
        cut = float(volume[above > 0].sum())
        return cut, cut - float(volume.sum())


def columns_of(terrain: Terrain, polygon: shapely.Geometry) -> Columns:
    """Return the columns of the ground under a polygon.

    Parameters
    ----------
    terrain
        Heights on a grid.
    polygon
        In the terrain's frame [m]; it may reach beyond the terrain.

    Returns
    -------
    columns
        Row by row. A cell on the border counts with the part of it that lies inside.

    Examples
    --------
    >>> terrain = Terrain(np.array([[1.0, 3.0]]), west=0, north=10, cell_x_m=10, cell_y_m=10)
    >>> columns = columns_of(terrain, shapely.box(5, 0, 20, 10))
    >>> columns.area_m2.tolist(), columns.height_m.tolist()
    ([50.0, 100.0], [1.0, 3.0])
    """
    rows, columns = terrain.window(shapely.bounds(polygon))
    row, column = (
        axis.ravel()
        for axis in np.meshgrid(
            np.arange(rows.start, rows.stop), np.arange(columns.start, columns.stop), indexing="ij"
        )
    )
    height = terrain.heights_m[row, column]
    known = ~np.isnan(height)
    row, column, height = row[known], column[known], height[known]
    west, north = (
        terrain.west + column * terrain.cell_x_m,
        terrain.north - row * terrain.cell_y_m,
    )
    cells = shapely.box(west, north - terrain.cell_y_m, west + terrain.cell_x_m, north)
    shapely.prepare(polygon)
    whole = shapely.contains_properly(polygon, cells)
    met = whole | shapely.intersects(polygon, cells)
    row, column, height, whole, cells = (
        values[met] for values in (row, column, height, whole, cells)
    )
    x = terrain.west + (column + 0.5) * terrain.cell_x_m
    y = terrain.north - (row + 0.5) * terrain.cell_y_m
    area = np.full(len(row), terrain.cell_m2, dtype=np.float64)
    parts = shapely.intersection(cells[~whole], polygon)
    area[~whole] = shapely.area(parts)
    middle = shapely.centroid(parts)
    x[~whole], y[~whole] = shapely.get_x(middle), shapely.get_y(middle)
    some = area > 0
    return Columns(
        row=row[some],
        column=column[some],
        x=x[some],
        y=y[some],
        height_m=height[some],
        area_m2=area[some],
        missing_m2=max(0.0, float(shapely.area(polygon) - area.sum())),
    )
