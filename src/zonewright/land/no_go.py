"""How much of parcels lies where nothing may be built."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from zonewright.land.flat import flat_of_shapes
from zonewright.land.scale import Scale
from zonewright.land.topology.near_frame import NearFrame

Floats = NDArray[np.float64]
Shapes = NDArray[np.object_]
# An overlap narrower than this is a boundary drawn twice, not land in a no-go area [m].
SLIVER_M = 0.1


def no_go_m2(parcels: Shapes, areas: Shapes, crs: CRS) -> Floats:
    """Return how much of each parcel lies in no-go areas [m² on the ellipsoid].

    Where no-go areas overlap, the land counts for each of them. What is narrower than `SLIVER_M`
    is a boundary drawn twice, and counts as nothing.

    Parameters
    ----------
    parcels
        Shape (n,): polygons; one that is absent or not valid has no land.
    areas
        Shape (k,): polygons in the same frame; one that is not valid is made valid, what is no
        polygon is left out.
    crs
        Their frame.

    Examples
    --------
    >>> lots = np.array([shapely.box(x, 0, x + 50, 40) for x in (500_000, 500_050)])
    >>> wood = np.array([shapely.box(500_090, 10, 500_200, 20)])
    >>> no_go_m2(lots, wood, CRS.from_epsg(4547)).round().tolist()
    [0.0, 100.0]
    """
    lost = np.zeros(len(parcels))
    areas = polygons_of(areas)
    usable = np.flatnonzero(~shapely.is_missing(parcels) & shapely.is_valid(parcels))
    if not len(areas) or not len(usable):
        return lost
    area, place = shapely.STRtree(parcels[usable]).query(areas, predicate="intersects")
    common = shapely.intersection(areas[area], parcels[usable[place]])
    parts, owner = shapely.get_parts(common, return_index=True)
    flat = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    parts, owner = parts[flat], owner[flat]
    if not len(parts):
        return lost
    given = flat_of_shapes(parts)
    scale = Scale.of(given, crs)
    metric = shapely.transform(parts, NearFrame.of(given, scale).metric)
    wide = 2 * shapely.area(metric) / shapely.length(metric) >= SLIVER_M
    np.add.at(lost, usable[place[owner[wide]]], scale.areas_m2(given)[wide])
    return lost


def polygons_of(areas: Shapes) -> Shapes:
    """Return the polygons among geometries, made valid."""
    parts = shapely.get_parts(areas[~shapely.is_missing(areas)])
    parts = np.where(shapely.is_valid(parts), parts, shapely.make_valid(parts))
    parts = shapely.get_parts(parts)
    polygons: Shapes = parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON]
    return polygons
