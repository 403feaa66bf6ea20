"""Pads: the platforms into which a block is levelled, and their surfaces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot

import numpy as np
import shapely

from zonewright.core.errors import GeometryError, RangeError
from zonewright.land.grading.terrain import Floats

_POLYGONAL = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)
_OVERLAP_SHARE = 1e-6


@dataclass(frozen=True, slots=True)
class Plane:
    """The surface of a pad.

    Parameters
    ----------
    level_m
        Height at the point (x, y) [m].
    x, y
        Where the level is taken: the middle of the pad's ground [m].
    slope_east, slope_north
        Rise to the east and to the north [m/m].

    Examples
    --------
    >>> Plane(10.0, 0.0, 0.0, slope_east=0.01).height_at(100.0, 5.0)
    11.0
    """

    level_m: float
    x: float
    y: float
    slope_east: float = 0.0
    slope_north: float = 0.0

    def height_at(self, x: float, y: float) -> float:
        """Return the height at a point [m]."""
        return self.level_m + self.slope_east * (x - self.x) + self.slope_north * (y - self.y)

    def heights_at(self, x: Floats, y: Floats) -> Floats:
        """Return the heights at points, in the shape of x and y [m]."""
        height: Floats = (
            self.level_m + self.slope_east * (x - self.x) + self.slope_north * (y - self.y)
        )
        return height

    @property
    def slope(self) -> float:
        """The steepest slope [m/m]."""
        return hypot(self.slope_east, self.slope_north)


@dataclass(frozen=True, slots=True)
class Pad:
    """A platform and what its surface must keep.

    Parameters
    ----------
    name
        Unique within the block.
    polygon
        Its outline in the terrain's frame [m].
    min_level_m, max_level_m
        No point of the surface may lie below or above (the drainage or flood level, a road) [m];
        None for no limit.
    max_slope
        Steepest slope allowed [m/m]; 0 for a level platform.
    falls_to_deg, min_slope
        Direction to which water must run, clockwise from north [degrees], and the smallest fall in
        that direction [m/m]; None and 0 for no such rule.

    Raises
    ------
    GeometryError
        If the polygon is empty, invalid or no polygon.
    RangeError
        If a slope is below 0 or not below 1, the smallest fall is above the steepest, or the lowest
        level above the highest.
    """

    name: str
    polygon: shapely.Polygon | shapely.MultiPolygon
    min_level_m: float | None = None
    max_level_m: float | None = None
    max_slope: float = 0.0
    falls_to_deg: float | None = None
    min_slope: float = 0.0

    def __post_init__(self) -> None:
        shape = self.polygon
        sound = shapely.get_type_id(shape) in _POLYGONAL and shapely.is_valid(shape)
        if not sound or not shape.area > 0:
            raise GeometryError("pad-polygon", pad=self.name)
        if not 0 <= self.min_slope <= self.max_slope < 1:
            raise RangeError("pad-slope", pad=self.name, least=self.min_slope, most=self.max_slope)
        low, high = self.min_level_m, self.max_level_m
        if low is not None and high is not None and low > high:
            raise RangeError("pad-levels", pad=self.name, low=low, high=high)

    @property
    def corners(self) -> Floats:
        """Corners of the convex hull, shape (n, 2): a plane is highest and lowest at one [m]."""
        points: Floats = shapely.get_coordinates(shapely.convex_hull(self.polygon))[:-1]
        return points


def require_apart(pads: Sequence[Pad]) -> None:
    """Refuse pads with one name, and pads that lie over one another.

    Raises
    ------
    GeometryError
        Naming the first pair.
    """
    names = [pad.name for pad in pads]
    for name in names:
        if names.count(name) > 1:
            raise GeometryError("pad-name", pad=name)
    shapes = np.array([pad.polygon for pad in pads])
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    once = first < second
    first, second = first[once], second[once]
    over = shapely.area(shapely.intersection(shapes[first], shapes[second]))
    least = np.minimum(shapely.area(shapes[first]), shapely.area(shapes[second]))
    wrong = np.flatnonzero(over > _OVERLAP_SHARE * least)
    if len(wrong):
        one = wrong[0]
        raise GeometryError(
            "pad-overlap",
            pad=names[first[one]],
            other=names[second[one]],
            area=round(float(over[one]), 1),
        )
