"""Areas on the ellipsoid: what the land survey calls 椭球面积."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Geod

from zonewright.core.errors import CRSError, GeometryError

# CGCS2000 (EPSG:4490): semi-major axis in metres and inverse flattening.
CGCS2000 = Geod(a=6_378_137.0, rf=298.257222101)
_POLYGONAL = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)


def geodesic_area_m2(geometries: Iterable[object]) -> NDArray[np.float64]:
    """Return the area of each geometry on the ellipsoid of CGCS2000, its holes subtracted.

    Edges are geodesics. The direction in which a ring is drawn is irrelevant; polygons are taken as
    valid (`shapely.is_valid`), which is not checked.

    Parameters
    ----------
    geometries
        Polygons or multipolygons in EPSG:4490, x = longitude, y = latitude [degrees], shape (n,).
        None stands for an unknown boundary.

    Returns
    -------
    area_m2
        Shape (n,), in the order given [m²]; 0 for an empty geometry, NaN for None.

    Raises
    ------
    GeometryError
        If a geometry is a point or a line.
    CRSError
        If a coordinate is no degree: the geometry is in a projected frame, or x and y are swapped.

    Examples
    --------
    >>> from shapely import box
    >>> geodesic_area_m2([box(113.0, 22.0, 113.01, 22.01), None]).round(1).tolist()
    [1143385.2, nan]
    """
    given = np.asarray(list(geometries), dtype=object)
    known = ~shapely.is_missing(given)
    _require_polygons(given[known])
    area = np.where(known, 0.0, np.nan)
    polygons, owner = shapely.get_parts(given, return_index=True)
    rings, polygon_of_ring = shapely.get_rings(polygons, return_index=True)
    points, ring_of_point = shapely.get_coordinates(rings, return_index=True)
    if not len(points):
        return area
    _require_degrees(points)
    starts = np.searchsorted(ring_of_point, np.arange(len(rings) + 1))
    lon, lat = np.ascontiguousarray(points[:, 0]), np.ascontiguousarray(points[:, 1])
    spans = pairwise(starts)
    sizes = [abs(CGCS2000.polygon_area_perimeter(lon[a:b], lat[a:b])[0]) for a, b in spans]
    first_ring = np.append(True, polygon_of_ring[1:] != polygon_of_ring[:-1])
    np.add.at(area, owner[polygon_of_ring], np.where(first_ring, sizes, np.negative(sizes)))
    return area


def _require_polygons(geometries: NDArray[np.object_]) -> None:
    wrong = ~np.isin(shapely.get_type_id(geometries), _POLYGONAL)
    if wrong.any():
        found = geometries[wrong][0].geom_type
        raise GeometryError("area-not-polygon", found=found, count=int(wrong.sum()))


def _require_degrees(points: NDArray[np.float64]) -> None:
    wrong = (np.abs(points[:, 0]) > 180) | (np.abs(points[:, 1]) > 90)
    if wrong.any():
        x, y = points[wrong][0]
        raise CRSError("area-not-degrees", x=round(float(x), 3), y=round(float(y), 3))
