"""The outline of a block, for drawing: one polygon around parcels that share edges."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from zonewright.land.segments import degree_lengths_m


def outline(polygons: NDArray[np.object_], *, tolerance_m: float) -> shapely.Geometry:
    """Return one outline around polygons that belong together.

    Where all edges are noded and equal this is their exact union. Where two drawings of an edge
    differ, or lack a vertex, the slit between them is closed and the outline is true to the
    tolerance only: it is for drawing, not for areas.

    Parameters
    ----------
    polygons
        Shape (n,), EPSG:4490.
    tolerance_m
        Widest slit to close [m].

    Examples
    --------
    >>> pair = np.array([shapely.box(113, 22, 113.5, 23), shapely.box(113.5, 22, 114, 23)])
    >>> outline(pair, tolerance_m=0.05).bounds
    (113.0, 22.0, 114.0, 23.0)
    """
    if len(polygons) == 1:
        return polygons[0]
    joined = _coverage(polygons)
    if joined is None or joined.geom_type != "Polygon" or not joined.is_valid:
        joined = _closed(polygons, tolerance_m)
    return shapely.normalize(joined)


def _coverage(polygons: NDArray[np.object_]) -> shapely.Geometry | None:
    """Return the union of noded polygons; None where their edges cross or lack vertices."""
    try:
        return shapely.coverage_union_all(polygons)
    except shapely.errors.GEOSException:
        return None


def _closed(polygons: NDArray[np.object_], tolerance_m: float) -> shapely.Geometry:
    bounds = shapely.total_bounds(polygons)
    middle = (bounds[:2] + bounds[2:]) / 2
    degree_m = degree_lengths_m(float(middle[1]))
    metric = shapely.transform(polygons, lambda points: (points - middle) * degree_m)
    grown = shapely.union_all(shapely.buffer(metric, tolerance_m, join_style="mitre"))
    closed = shapely.buffer(grown, -tolerance_m, join_style="mitre")
    return shapely.transform(closed, lambda points: points / degree_m + middle)
