"""Cut and fill of a surface: by cells of the grid, and by triangular prisms."""

from __future__ import annotations

from dataclasses import dataclass

import shapely

from zonewright.core.errors import InputError
from zonewright.land.grading.columns import columns_of
from zonewright.land.grading.pads import Plane
from zonewright.land.grading.prisms import prisms_of
from zonewright.land.grading.terrain import Terrain


@dataclass(frozen=True, slots=True)
class Volumes:
    """What lies above and below a surface, measured in place.

    Parameters
    ----------
    cut_m3, fill_m3
        Ground above the surface, room below it [m³].
    area_m2
        Area that was measured [m²].
    missing_m2
        Area of the polygon without heights, which no volume counts [m²].
    """

    cut_m3: float
    fill_m3: float
    area_m2: float
    missing_m2: float

    @property
    def net_m3(self) -> float:
        """Cut less fill [m³]."""
        return self.cut_m3 - self.fill_m3


def volumes_by_grid(terrain: Terrain, polygon: shapely.Geometry, plane: Plane) -> Volumes:
    """Return cut and fill with each cell as a column of one height.

    Parameters
    ----------
    terrain
        Heights on a grid.
    polygon
        Outline in the terrain's frame [m].
    plane
        The finished surface.

    Raises
    ------
    InputError
        If no cell with a height meets the polygon.

    Examples
    --------
    >>> import numpy as np
    >>> terrain = Terrain(np.array([[1.0, 3.0]]), west=0, north=10, cell_x_m=10, cell_y_m=10)
    >>> found = volumes_by_grid(terrain, shapely.box(0, 0, 20, 10), Plane(2.0, 0, 0))
    >>> found.cut_m3, found.fill_m3
    (100.0, 100.0)
    """
    columns = columns_of(terrain, polygon)
    if not len(columns.area_m2):
        raise InputError("terrain-outside", file="")
    cut, fill = columns.cut_fill(plane)
    return Volumes(cut, fill, columns.total_m2, columns.missing_m2)


def volumes_by_prisms(terrain: Terrain, polygon: shapely.Geometry, plane: Plane) -> Volumes:
    """Return cut and fill with the ground as triangles between the middles of cells.

    A triangle that the plane crosses is divided where it crosses. Parameters and errors are those
    of `volumes_by_grid`.

    Examples
    --------
    >>> import numpy as np
    >>> terrain = Terrain(np.array([[1.0, 3.0]]), west=0, north=10, cell_x_m=10, cell_y_m=10)
    >>> found = volumes_by_prisms(terrain, shapely.box(0, 0, 20, 10), Plane(2.0, 0, 0))
    >>> found.cut_m3, found.fill_m3
    (75.0, 75.0)
    """
    prisms = prisms_of(terrain, polygon)
    area = float(prisms.area_m2.sum())
    if not area > 0:
        raise InputError("terrain-outside", file="")
    cut, fill = prisms.cut_fill(plane)
    return Volumes(cut, fill, area, prisms.missing_m2)
