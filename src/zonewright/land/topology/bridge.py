"""Groups that belong together across gaps: roads and canals within, never a river between.

Without strips and barriers two groups are joined where they come within the gap of one another,
as by ``ST_ClusterDBSCAN(geometry, gap, 1)``. With strips, the shortest link between two parcels
must lie in land of a kind that may lie within a block (internal road, canal); with barriers (river,
expressway, railway, no-go area) it must not cross one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from zonewright.core.schema import require_positive
from zonewright.land.flat import Flat
from zonewright.land.scale import Scale
from zonewright.land.topology.bridge_kernels import (
    near_segments,
    outline_starts,
    renumbered,
    unite_all,
    unite_near,
)
from zonewright.land.topology.exact import Edges
from zonewright.land.topology.near_frame import NearFrame
from zonewright.land.topology.near_grid import segment_grid
from zonewright.land.topology.overlaps import Overlaps

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Rows = NDArray[np.int32]
Shapes = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Ground:
    """What lies between parcels, in the frame of the parcels' coordinates.

    Parameters
    ----------
    strips
        Polygons of land that may lie within a block, shape (k,); None means any land.
    barriers
        Lines and polygons that no link may cross, shape (b,); None means none.
    """

    strips: Shapes | None = None
    barriers: Shapes | None = None


@dataclass(frozen=True, slots=True)
class Links:
    """Shortest links between parcels of different groups, across a gap.

    Parameters
    ----------
    first, second
        Shape (k,): rows, first < second, ascending.
    gap_m
        Shape (k,): length [m].
    ends
        Shape (k, 4): x and y of both ends [units of the file].
    """

    first: Rows
    second: Rows
    gap_m: Floats
    ends: Floats

    def __len__(self) -> int:
        return len(self.first)

    def take(self, which: NDArray[np.bool_]) -> Links:
        """Return some of the links."""
        return Links(self.first[which], self.second[which], self.gap_m[which], self.ends[which])


def bridged_groups(
    flat: Flat,
    scale: Scale,
    edges: Edges,
    groups: Rows,
    *,
    gap_m: float,
    ground: Ground | None = None,
    overlaps: Overlaps | None = None,
    tolerance_m: float = 0.1,
) -> Rows:
    """Return the groups of parcels after joining those that a gap of at most a width parts.

    Parameters
    ----------
    flat, scale, edges
        n polygons, what their units are on the ground, and their equal segments.
    groups
        Shape (n,): group of each parcel; below 0 for one that takes no part.
    gap_m
        Widest gap [m].
    ground
        What lies between; None: any gap is bridged.
    overlaps
        Parcels that lie over one another belong together.
    tolerance_m
        How far strips may be drawn apart from the parcels that they touch [m].

    Returns
    -------
    groups
        Shape (n,), numbered from 0 in the order of the first parcel of each group; -1 for one that
        takes no part.

    Raises
    ------
    RangeError
        If the gap or the tolerance is not above 0.

    Examples
    --------
    >>> from pyproj import CRS
    >>> from zonewright.land.flat import flat_of_shapes
    >>> from zonewright.land.topology.exact import match_edges
    >>> flat = flat_of_shapes([shapely.box(x, 0, x + 50, 50) for x in (0, 60, 150)])
    >>> scale = Scale.of(flat, CRS.from_proj4("+proj=tmerc +lon_0=114 +ellps=GRS80"))
    >>> each = np.arange(3, dtype=np.int32)
    >>> bridged_groups(flat, scale, match_edges(flat), each, gap_m=12.5).tolist()
    [0, 0, 1]
    """
    require_positive(gap_m=gap_m, tolerance_m=tolerance_m)
    parent = np.arange(max(int(groups.max(initial=-1)) + 1, 1), dtype=np.int32)
    if overlaps is not None and len(overlaps):
        one, other = groups[overlaps.first], groups[overlaps.second]
        both = (one >= 0) & (other >= 0)
        unite_all(parent, one[both], other[both])
    if ground is None or (ground.strips is None and ground.barriers is None):
        ends, owner = _outlines(flat, scale, edges, groups)
        grid = segment_grid(ends, reach_m=gap_m)
        unite_near(
            ends, groups[owner], grid.start, grid.segment, grid.piece, grid.side_m, gap_m, parent
        )
    else:
        links = links_between(flat, scale, edges, groups, gap_m=gap_m)
        kept = links.take(allowed(links, flat, scale, ground, tolerance_m=tolerance_m))
        unite_all(parent, groups[kept.first], groups[kept.second])
    return renumbered(groups, parent)


def links_between(flat: Flat, scale: Scale, edges: Edges, groups: Rows, *, gap_m: float) -> Links:
    """Return the shortest link of every two parcels of different groups within a gap.

    Parameters
    ----------
    flat, scale, edges, groups, gap_m
        As for `bridged_groups`.

    Notes
    -----
    Where edges run parallel many links are equally short: the one in the middle of the two segments
    that face one another furthest is taken, if it is longer by less than a hundredth.
    """
    frame = NearFrame.of(flat, scale)
    ends, owner = _outlines(flat, scale, edges, groups)
    grid = segment_grid(ends, reach_m=gap_m)
    room = 2 * len(ends) + 1_024
    while True:
        found, measure = np.empty((room, 2), dtype=np.int32), np.empty((room, 2))
        total = near_segments(
            ends, groups[owner], grid.start, grid.segment, grid.piece, grid.side_m, gap_m, found,
            measure,
        )  # fmt: skip
        if total <= room:
            break
        room = total
    found, apart_mm, run_m = found[:total], np.round(1e3 * measure[:total, 0]), measure[:total, 1]
    swap = owner[found[:, 0]] > owner[found[:, 1]]
    found[swap] = found[swap][:, ::-1]
    key = owner[found[:, 0]].astype(np.int64) << 32 | owner[found[:, 1]]
    order = np.lexsort((found[:, 1], found[:, 0], -run_m, apart_mm, key))
    key = key[order]
    best = order[np.append(True, key[1:] != key[:-1])] if total else order
    one, other = found[best].T
    line = _link(ends[one], ends[other])
    drawn = frame.units(line.reshape(-1, 2)).reshape(-1, 4)
    length_m = np.hypot(line[:, 2] - line[:, 0], line[:, 3] - line[:, 1]) * frame.stretch(line)
    return Links(owner[one], owner[other], length_m, drawn)


def allowed(
    links: Links, flat: Flat, scale: Scale, ground: Ground, *, tolerance_m: float = 0.1
) -> NDArray[np.bool_]:
    """Return which links cross no barrier and lie in a strip, where strips are given.

    Parameters
    ----------
    links
        Shape (k,).
    flat, scale
        Parcels, and what their units are on the ground.
    ground
        Strips and barriers.
    tolerance_m
        A link may lie outside the strips for so long at each of its ends, and may touch a barrier
        there [m]. One no longer than twice that crosses no strip: the parcels meet at a corner.
    """
    frame = NearFrame.of(flat, scale)
    metric = frame.metric(links.ends.reshape(-1, 2)).reshape(-1, 2, 2)
    length = np.hypot(*(metric[:, 1] - metric[:, 0]).T)
    fine = np.ones(len(links), dtype=np.bool_)
    if ground.barriers is not None and len(ground.barriers):
        cut = np.minimum(tolerance_m / np.maximum(length, 1e-12), 0.25)[:, None]
        along = metric[:, 1] - metric[:, 0]
        within = np.stack([metric[:, 0] + cut * along, metric[:, 1] - cut * along], axis=1)
        barriers = shapely.transform(ground.barriers, frame.metric)
        hit, _ = shapely.STRtree(barriers).query(shapely.linestrings(within), "intersects")
        fine[hit] = False
    if ground.strips is not None:
        lines = shapely.linestrings(metric)
        strips = shapely.transform(np.asarray(ground.strips, dtype=object), frame.metric)
        link, strip = shapely.STRtree(strips).query(lines, "intersects")
        inside = np.zeros(len(links))
        order = np.argsort(link, kind="stable")
        link, strip = link[order], strip[order]
        single = np.bincount(link, minlength=len(links))[link] == 1
        inside[link[single]] = shapely.length(
            shapely.intersection(lines[link[single]], strips[strip[single]])
        )
        for place in np.unique(link[~single]):
            joined = shapely.union_all(strips[strip[link == place]])
            inside[place] = shapely.length(shapely.intersection(lines[place], joined))
        fine &= (inside >= length - 2 * tolerance_m) & (length > 2 * tolerance_m)
    return fine


def _outlines(flat: Flat, scale: Scale, edges: Edges, groups: Rows) -> tuple[Floats, Rows]:
    owner = flat.point_owner()
    at = outline_starts(edges.twin, owner, groups)
    return NearFrame.of(flat, scale).ends(flat, at), owner[at]


def _link(one: Floats, other: Floats) -> Floats:
    """Return the link of segments of shape (k, 4) [m]: the shortest, the middle of equals."""
    first, second = (shapely.linestrings(ends.reshape(-1, 2, 2)) for ends in (one, other))
    shortest = shapely.get_coordinates(shapely.shortest_line(first, second)).reshape(-1, 4)
    along = one[:, 2:] - one[:, :2]
    length = np.hypot(*along.T)
    along = along / np.maximum(length, 1e-12)[:, None]
    s = np.stack([((other[:, k : k + 2] - one[:, :2]) * along).sum(axis=1) for k in (0, 2)])
    low, high = np.clip(s.min(axis=0), 0, length), np.clip(s.max(axis=0), 0, length)
    foot = one[:, :2] + ((low + high) / 2)[:, None] * along
    facing = shapely.shortest_line(shapely.points(foot), second)
    middle = shapely.get_coordinates(facing).reshape(-1, 4)
    longer = np.hypot(middle[:, 2] - middle[:, 0], middle[:, 3] - middle[:, 1])
    least = np.hypot(shortest[:, 2] - shortest[:, 0], shortest[:, 3] - shortest[:, 1])
    equal = (high > low) & (longer <= 1.01 * least)
    link: Floats = np.where(equal[:, None], middle, shortest)
    return link
