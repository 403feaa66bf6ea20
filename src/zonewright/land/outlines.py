"""The outlines of blocks: one polygon around parcels that share edges."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from zonewright.core.compiled import in_halves
from zonewright.land._trace import trace
from zonewright.land.flat import Flat, Ints
from zonewright.land.scale import Scale
from zonewright.land.topology.exact import Edges
from zonewright.land.topology.repair_kernels import doubtful_rows

Slots = NDArray[np.int32]
Flags = NDArray[np.bool_]

# Fewer outlines than this are not worth a second thread.
_FEW = 500


def outlines(
    flat: Flat, edges: Edges, groups: Slots, count: int
) -> tuple[NDArray[np.object_], Flags]:
    """Return the outline of each group of parcels, from the edges that they share exactly.

    It is the union of the parcels: shared edges fall away, all corners stay. It is exact where
    every common edge is drawn alike from both sides and no land lies twofold; where edges of a
    group cross, it may be `invalid`.

    Parameters
    ----------
    flat, edges
        n polygons and their shared edges.
    groups
        Shape (n,): group of each polygon, from 0; below 0: of none.
    count
        Number of groups.

    Returns
    -------
    outlines
        Shape (count,): a polygon; a multipolygon where a group has parts; None where it has no
        land.
    doubtful
        Shape (count,): which of them may be `invalid`.

    Examples
    --------
    >>> from zonewright.land.flat import flat_of_shapes
    >>> from zonewright.land.topology.exact import match_edges
    >>> flat = flat_of_shapes([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)])
    >>> outlines(flat, match_edges(flat), np.zeros(2, dtype=np.int32), 1)[0][0].area
    2.0
    """
    found, doubtful = np.full(count, None, dtype=object), np.ones(count, dtype=np.bool_)
    if not len(flat.xy):
        return found, doubtful
    points, sizes, ring_group, shell = _rings(flat, edges, groups, count)
    if not len(sizes):
        return found, doubtful
    order = np.lexsort((~shell, ring_group))
    begins, sizes = (np.cumsum(sizes) - sizes)[order], sizes[order]
    spots = np.repeat(begins - (np.cumsum(sizes) - sizes), sizes)
    xy = flat.xy[points[spots + np.arange(len(spots))]]
    ring_start = np.append(0, np.cumsum(sizes))
    present, begins = np.unique(ring_group[order], return_index=True)
    ends = np.append(begins, len(order))
    polygons = shapely.from_ragged_array(shapely.GeometryType.POLYGON, xy, (ring_start, ends))
    shells = np.add.reduceat(shell[order].astype(np.int64), begins)
    holes = np.diff(ends) - shells
    apart = np.flatnonzero((shells > 1) & (holes == 0))
    if len(apart):
        polygons[apart] = _simple_parts(xy, ring_start, ends, apart)
    for place in np.flatnonzero((shells != 1) & ((shells == 0) | (holes > 0))):
        rings = [
            xy[ring_start[ring] : ring_start[ring + 1]]
            for ring in range(ends[place], ends[place + 1])
        ]
        polygons[place] = _of_parts(rings, int(shells[place]))
    found[present] = polygons
    parts = in_halves(
        len(present), lambda a, b: doubtful_rows(xy, ring_start, ends[a : b + 1]), few=_FEW
    )
    doubtful[present] = np.concatenate(parts)
    return found, doubtful


def invalid(outlines: NDArray[np.object_]) -> Flags:
    """Return which outlines are no valid polygons, shape (n,); None is none.

    Outlines that were traced along edges drawn alike are valid; they are not where other edges of
    the same group cross, or touch one another without a common corner.

    Examples
    --------
    >>> bow = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    >>> invalid(np.array([bow, bow.envelope, None])).tolist()
    [True, False, False]
    """
    found = shapely.is_missing(outlines)
    valid = in_halves(len(outlines), lambda a, b: shapely.is_valid(outlines[a:b]), few=_FEW)
    return np.asarray(~(found | np.concatenate(valid)))


def closed_outline(
    polygons: NDArray[np.object_], scale: Scale, *, tolerance_m: float
) -> shapely.Geometry:
    """Return one outline around polygons whose common edges are drawn in two ways.

    Slits up to the tolerance are closed, so the outline is true to the tolerance only: it is for
    drawing, not for areas.

    Parameters
    ----------
    polygons
        Shape (n,).
    scale
        What a unit of their coordinates is on the ground.
    tolerance_m
        Widest slit to close [m].

    Examples
    --------
    >>> from pyproj import CRS
    >>> scale = Scale(CRS.from_epsg(4547), 5e5, 25e5, 6e5, 26e5)
    >>> pair = np.array([shapely.box(0, 0, 50, 50), shapely.box(50.03, 0, 90, 50)])
    >>> closed_outline(pair, scale, tolerance_m=0.05).geom_type
    'Polygon'
    """
    bounds = shapely.total_bounds(polygons)
    middle = (bounds[:2] + bounds[2:]) / 2
    place = (middle[1] - scale.south) / scale.table_step
    unit_m = scale.table[int(np.clip(round(place), 0, len(scale.table) - 1))]
    metric = shapely.transform(polygons, lambda points: (points - middle) * unit_m)
    grown = shapely.union_all(shapely.buffer(metric, tolerance_m, join_style="mitre"))
    closed = shapely.buffer(grown, -tolerance_m, join_style="mitre")
    return shapely.transform(closed, lambda points: points / unit_m + middle)


def _rings(flat: Flat, edges: Edges, groups: Slots, count: int) -> tuple[Slots, Ints, Slots, Flags]:
    """Return points of the rings around groups, sizes and groups of these, and which are outer."""
    own = np.asarray(groups, dtype=np.int32)[flat.owner]
    group = flat.of_points(own)

    def traced(first: int, last: int) -> tuple[Slots, Ints, Slots, NDArray[np.float64]]:
        rings = np.flatnonzero((own >= first) & (own < last))
        some = flat.ring_start[rings[:1]].sum(), flat.ring_start[rings[-1:] + 1].sum()
        return trace(flat.xy, flat.xy.view(np.uint64), edges.twin, group, first, last, *some)

    parts = in_halves(count, traced, few=_FEW)
    points, ends, ring_group, twice = zip(*parts, strict=True)
    return (
        np.concatenate(points),
        np.concatenate([np.diff(some, prepend=0) for some in ends]),
        np.concatenate(ring_group),
        np.concatenate(twice) > 0,
    )


def _simple_parts(
    xy: NDArray[np.float64], ring_start: Ints, ends: Ints, places: Ints
) -> NDArray[np.object_]:
    """Return multipolygons of shells only."""
    sizes = np.diff(ends)[places]
    rings = np.repeat(ends[places] - np.append(0, np.cumsum(sizes)[:-1]), sizes)
    rings = rings + np.arange(len(rings))
    each = (ring_start, np.arange(len(ring_start)))
    parts = shapely.from_ragged_array(shapely.GeometryType.POLYGON, xy, each)[rings]
    numbers = np.repeat(np.arange(len(places)), sizes)
    return np.asarray(shapely.multipolygons(parts, indices=numbers))


def _of_parts(rings: list[NDArray[np.float64]], shells: int) -> shapely.Geometry | None:
    """Return a multipolygon of several shells (the first so many rings) and holes."""
    if not shells:
        return None
    outer = shapely.polygons([shapely.linearrings(ring) for ring in rings[:shells]])
    holes: list[list[NDArray[np.float64]]] = [[] for _ in range(shells)]
    size = shapely.area(outer)
    for ring in rings[shells:]:
        around = np.flatnonzero(shapely.covers(outer, shapely.Polygon(ring)))
        if len(around):
            holes[around[np.argmin(size[around])]].append(ring)
    return shapely.MultiPolygon(
        [shapely.Polygon(ring, inside) for ring, inside in zip(rings, holes, strict=False)]
    )
