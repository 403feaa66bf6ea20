"""The metric frame in which the example is drawn, and the geodesic areas in which it is counted."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Geod, Transformer

CRS_CODE = "EPSG:4490"
DECIMALS = 9
_LOCAL = CRS.from_proj4("+proj=tmerc +lat_0=22.2 +lon_0=112.8 +k=1 +ellps=GRS80 +units=m +no_defs")
_TO_LOCAL = Transformer.from_crs(CRS_CODE, _LOCAL, always_xy=True)
_TO_DEGREES = Transformer.from_crs(_LOCAL, CRS_CODE, always_xy=True)
_ELLIPSOID = Geod(ellps="GRS80")

Floats = NDArray[np.float64]


def to_metres(lonlat: Floats) -> Floats:
    """Return coordinates of shape (n, 2) in the local frame [m]."""
    x, y = _TO_LOCAL.transform(lonlat[:, 0], lonlat[:, 1])
    return np.column_stack([x, y])


def to_degrees(xy: Floats) -> Floats:
    """Return local coordinates of shape (n, 2) as longitude and latitude, rounded to 0.1 mm.

    Equal points stay equal, so that shapes which share vertices in metres share them in degrees.
    """
    lon, lat = _TO_DEGREES.transform(xy[:, 0], xy[:, 1])
    return np.round(np.column_stack([lon, lat]), DECIMALS)


def shape_to_metres(shape: Any) -> Any:
    """Return a geometry in degrees in the local frame."""
    return shapely.transform(shape, to_metres)


def shape_to_degrees(shape: Any) -> Any:
    """Return a local geometry in degrees."""
    return shapely.transform(shape, to_degrees)


def _ring_area(ring: Any) -> float:
    xy = shapely.get_coordinates(ring)
    return abs(float(_ELLIPSOID.polygon_area_perimeter(xy[:, 0], xy[:, 1])[0]))


def geodesic_area_m2(shape: Any) -> float:
    """Return the area of one geometry in degrees on the ellipsoid [m²]."""
    total = 0.0
    for part in shapely.get_parts(shape):
        total += _ring_area(part.exterior) - sum(_ring_area(hole) for hole in part.interiors)
    return total


def geodesic_areas_m2(shapes: NDArray[Any]) -> Floats:
    """Return the areas of an array of geometries in degrees on the ellipsoid [m²]."""
    return np.array([geodesic_area_m2(shape) for shape in shapes], dtype=np.float64)
