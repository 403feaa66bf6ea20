"""Parcels that a barrier parts: a common edge along a river or a railway joins nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import NDArray

from zonewright.land.flat import Flat
from zonewright.land.topology import Topology
from zonewright.land.topology.near_frame import NearFrame

Shapes = NDArray[np.object_]
# How near a barrier an edge drawn alike may run to lie on it, where no tolerance is asked for [m].
_LEAST_M = 1e-3


def parted(topology: Topology, barriers: Shapes, *, tolerance_m: float | None = None) -> Topology:
    """Return the shared-edge graph without the frontage that lies on or within barriers.

    Parameters
    ----------
    topology
        n parcels.
    barriers
        Shape (b,): lines and valid polygons, in the frame of the parcels.
    tolerance_m
        How far a barrier may be drawn from the edge on which it lies [m]; None means as the
        topology was made.

    Examples
    --------
    >>> from pyproj import CRS
    >>> from zonewright.land.flat import flat_of_shapes
    >>> from zonewright.land.topology import topology_of
    >>> flat = flat_of_shapes([shapely.box(0, 0, 50, 40), shapely.box(50, 0, 99, 40)])
    >>> rail = np.array([shapely.LineString([(50, -9), (50, 30)])])
    >>> utm = CRS.from_proj4("+proj=tmerc +lon_0=114 +ellps=GRS80")
    >>> parted(topology_of(flat, utm), rail).shared_m.round().tolist()
    [10.0]
    """
    if not len(barriers) or not len(topology.first):
        return topology
    reach_m = topology.tolerance_m if tolerance_m is None else tolerance_m
    reach_m = max(reach_m, _LEAST_M)
    frame = NearFrame.of(topology.flat, topology.scale)
    wide = shapely.buffer(shapely.transform(barriers, frame.metric), reach_m)
    tree = shapely.STRtree(wide)
    near = _near(topology.flat, frame, tree, reach_m)
    pairs = np.flatnonzero(near[topology.first] & near[topology.second])
    if not len(pairs):
        return topology
    rows = np.unique(np.append(topology.first[pairs], topology.second[pairs])).astype(np.int64)
    shapes = shapely.transform(topology.flat.shapes(rows), frame.metric)
    first = shapes[np.searchsorted(rows, topology.first[pairs])]
    second = shapes[np.searchsorted(rows, topology.second[pairs])]
    # Of two drawings of one edge, that of the first parcel stands for both.
    common = shapely.intersection(shapely.boundary(first), shapely.buffer(second, reach_m))
    length = shapely.length(common)
    edge, barrier = tree.query(common, predicate="intersects")
    closed = np.zeros(len(pairs))
    for place in np.unique(edge):
        over = shapely.union_all(wide[barrier[edge == place]])
        closed[place] = shapely.length(shapely.intersection(common[place], over))
    open_share = 1.0 - np.divide(closed, length, out=np.zeros(len(pairs)), where=length > 0)
    shared_m = topology.shared_m.copy()
    shared_m[pairs] *= np.clip(open_share, 0.0, 1.0)
    return replace(topology, shared_m=shared_m)


def widened(topology: Topology, barriers: Shapes) -> Shapes:
    """Return barriers as areas as wide as the tolerance, so that no link ends just beside one."""
    if not len(barriers):
        return barriers
    frame = NearFrame.of(topology.flat, topology.scale)
    wide = shapely.buffer(
        shapely.transform(barriers, frame.metric), max(topology.tolerance_m, _LEAST_M)
    )
    found: Shapes = shapely.transform(wide, frame.units)
    return found


def _near(flat: Flat, frame: NearFrame, tree: shapely.STRtree, reach_m: float) -> NDArray[np.bool_]:
    """Return which parcels have a box that meets a barrier, shape (n,)."""
    found = np.zeros(flat.rows, dtype=np.bool_)
    if not len(flat.owner):
        return found
    points = frame.metric(flat.xy)
    starts = flat.ring_start[:-1]
    low = np.minimum.reduceat(points, starts, axis=0) - reach_m
    high = np.maximum.reduceat(points, starts, axis=0) + reach_m
    ring, _ = tree.query(shapely.box(*low.T, *high.T), predicate="intersects")
    found[flat.owner[ring]] = True
    return found
