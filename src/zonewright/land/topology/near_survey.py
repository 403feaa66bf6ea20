"""What the exact match of edges leaves open, in one search: near frontage, overlaps and slits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zonewright.core.compiled import both_at_once
from zonewright.land.flat import Flat
from zonewright.land.scale import Scale
from zonewright.land.topology.exact import ALONE, Edges
from zonewright.land.topology.near import Contacts, contacts_of, sum_by_pair
from zonewright.land.topology.near_doubt import outer_loops, rows_in_doubt
from zonewright.land.topology.near_frame import NearFrame
from zonewright.land.topology.near_grid import side_of_cells, some_of
from zonewright.land.topology.overlaps import Overlaps, overlaps_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Rows = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Slits:
    """Narrow strips between two parcels, wider than the tolerance, that belong to neither.

    Parameters
    ----------
    first, second
        Shape (k,): rows, first < second, ascending.
    length_m, width_m
        Shape (k,): length, and mean width over it [m].
    x, y
        Shape (k,): a point in it [units of the file].
    """

    first: Rows
    second: Rows
    length_m: Floats
    width_m: Floats
    x: Floats
    y: Floats

    def __len__(self) -> int:
        return len(self.first)


@dataclass(frozen=True, slots=True)
class Survey:
    """What neighbours share besides equal edges.

    Parameters
    ----------
    first, second, frontage_m
        Shape (p,): rows, first < second, ascending, and the length over which they run along one
        another within the tolerance, or lie over one another [m].
    overlaps
        Pairs that lie over one another, wider than the tolerance.
    slits
        Strips between two parcels, wider than the tolerance.
    doubtful
        Shape (n,): `rows_in_doubt`, and what overlaps; the others touch their neighbours by common
        edges and corners only.
    """

    first: Rows
    second: Rows
    frontage_m: Floats
    overlaps: Overlaps
    slits: Slits
    doubtful: NDArray[np.bool_]


def survey(
    flat: Flat,
    scale: Scale,
    edges: Edges,
    *,
    tolerance_m: float = 0.1,
    slit_m: float | None = None,
    point_owner: Rows | None = None,
) -> Survey:
    """Return what the segments without a counterpart show of their neighbours.

    Parameters
    ----------
    flat
        n polygons, valid each by itself.
    scale, edges
        What their units are on the ground, and their equal segments.
    tolerance_m
        How far apart two drawings of one edge may run [m].
    slit_m
        Widest strip between two parcels that is reported [m]; None reports none.
    point_owner
        `Flat.point_owner`, if it is at hand.

    Examples
    --------
    >>> import shapely
    >>> from pyproj import CRS
    >>> from zonewright.land.flat import flat_of_shapes
    >>> from zonewright.land.topology.exact import match_edges
    >>> flat = flat_of_shapes([shapely.box(0, 0, 9, 5), shapely.box(0, 5.01, 9, 9)])
    >>> scale = Scale.of(flat, CRS.from_proj4("+proj=tmerc +lon_0=114 +ellps=GRS80"))
    >>> found = survey(flat, scale, match_edges(flat))
    >>> found.first.tolist(), found.second.tolist(), found.frontage_m.round(3).tolist()
    ([0], [1], [9.0])
    """
    frame = NearFrame.of(flat, scale)
    at = np.flatnonzero(edges.twin == ALONE)
    reach_m = tolerance_m if slit_m is None else max(slit_m, tolerance_m)
    side_m = side_of_cells(frame.ends(flat, some_of(at)), reach_m)
    (doubtful, crossed), loops = both_at_once(
        lambda: rows_in_doubt(flat, frame, edges, side_m=side_m, reach_m=reach_m),
        lambda: outer_loops(flat.xy, flat.ring_start, flat.owner, edges.twin),
    )
    owner = (flat.point_owner() if point_owner is None else point_owner)[at]
    some = np.flatnonzero(doubtful[owner])
    at, owner = at[some], owner[some]
    ends = frame.ends(flat, at)
    found = contacts_of(ends, owner, tolerance_m=tolerance_m, limit_m=slit_m, side_m=side_m)
    one, other = owner[found.one], owner[found.other]
    stretch = frame.stretch(ends[found.one])
    near = sum_by_pair(one, other, found.within_m * stretch)
    overlaps = overlaps_of(
        flat, frame, at=at, touches=(found.touch_one, found.touch_other), contacts=near,
        alike=edges.surplus, loops=None if crossed else loops, tolerance_m=tolerance_m,
    )  # fmt: skip
    doubtful[overlaps.first] = doubtful[overlaps.second] = True
    slits = _slits(ends, owner, found, stretch, frame, overlaps, slit_m or 0.0)
    first, second, frontage_m = near
    if len(overlaps):
        first, second, frontage_m = sum_by_pair(
            np.concatenate([first, overlaps.first]),
            np.concatenate([second, overlaps.second]),
            np.concatenate([frontage_m, overlaps.frontage_m]),
        )
    return Survey(first, second, frontage_m, overlaps, slits, doubtful)


def _slits(
    ends: Floats,
    owner: Rows,
    found: Contacts,
    stretch: Floats,
    frame: NearFrame,
    overlaps: Overlaps,
    slit_m: float,
) -> Slits:
    """Return the strips: a common length beyond the tolerance above twice the widest strip.

    A shorter one is a corner, whose two sides come near one another where they meet.
    """
    beyond = found.near_m - found.within_m
    some = np.flatnonzero(beyond > 1e-3)
    one, other = owner[found.one[some]], owner[found.other[some]]
    key = np.minimum(one, other).astype(np.int64) << 32 | np.maximum(one, other)
    pairs, pair = np.unique(key, return_inverse=True)
    length_m = beyond[some] * stretch[some]
    total_m: Floats = np.bincount(pair, length_m, len(pairs)).astype(np.float64)
    wanted = total_m > 2 * slit_m
    wanted &= ~np.isin(pairs, overlaps.first.astype(np.int64) << 32 | overlaps.second)
    number = np.cumsum(wanted) - 1
    inside = wanted[pair]
    pair, length_m, some = number[pair[inside]], length_m[inside], some[inside]
    pairs, total_m = pairs[wanted], total_m[wanted]
    columns = [
        np.bincount(pair, weights=length_m * value, minlength=len(pairs)) / total_m
        for value in _across(ends[found.one[some]], ends[found.other[some]])
    ]
    spot = frame.units(np.column_stack(columns[1:]))
    low, high = (pairs >> 32).astype(np.int32), (pairs & 0xFFFFFFFF).astype(np.int32)
    return Slits(low, high, total_m, columns[0], spot[:, 0], spot[:, 1])


def _across(one: Floats, other: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the distance between two segments in the middle of what they share, and where."""
    along = one[:, 2:] - one[:, :2]
    length = np.hypot(along[:, 0], along[:, 1])
    along /= np.maximum(length, 1e-12)[:, None]
    start, end = other[:, :2] - one[:, :2], other[:, 2:] - one[:, :2]
    s0, s1 = (start * along).sum(axis=1), (end * along).sum(axis=1)
    low = np.clip(np.minimum(s0, s1), 0, length)
    high = np.clip(np.maximum(s0, s1), 0, length)
    middle = (low + high) / 2
    share = np.divide(middle - s0, s1 - s0, out=np.full(len(s0), 0.5), where=s1 != s0)
    facing = start + np.clip(share, 0, 1)[:, None] * (end - start)
    base = middle[:, None] * along
    width = np.hypot(*(facing - base).T)
    spot = one[:, :2] + (base + facing) / 2
    return width, spot[:, 0], spot[:, 1]
