"""Outlines of blocks whose common edges may be drawn in two ways, or whose parcels overlap."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely
from numpy.typing import NDArray

from zonewright.land.flat import Flat, Floats, Ints, flat_of_shapes, join_flats
from zonewright.land.groups import joined
from zonewright.land.outlines import closed_outline, invalid, outlines
from zonewright.land.snapping import snapped
from zonewright.land.topology import Topology
from zonewright.land.topology.exact import ALONE, Edges, match_edges
from zonewright.land.topology.near import contacts_of, sum_by_pair
from zonewright.land.topology.near_frame import NearFrame

Slots = NDArray[np.int32]
Flags = NDArray[np.bool_]

# Edges that leave a corner at an acute angle run along one another for some tolerances; two that do
# so for longer are a slit that snapping has left.
_SLIT = 10.0
# Segments shorter than this share of the tolerance are none.
_SHORT = 0.1
# Widest slit that is closed where no tolerance is given [m].
_LEAST_M = 1e-3


def block_outlines(topology: Topology, block: Slots, count: int) -> NDArray[np.object_]:
    """Return the outline of each block.

    Where all common edges are drawn alike it is the exact union of the parcels. Else corners within
    the tolerance of one another are moved together first and overlapping parcels united, so that
    the outline is true to the tolerance. Parcels whose edges cross all the same, without a
    tolerance or within it, are united by GEOS. Every outline is valid.

    Parameters
    ----------
    topology
        n parcels and their common frontages.
    block
        Shape (n,): block of each parcel, from 0; below 0: of none.
    count
        Number of blocks.
    """
    doubtful = _doubtful(topology, block, count)
    plain = np.where(doubtful[block], np.int32(-1), block)
    found, unsure = outlines(topology.flat, topology.edges, plain, count)
    if doubtful.any():
        some = np.flatnonzero(doubtful[:count])
        mended, closed = _mended(topology, block, doubtful)
        found[some], unsure[some] = mended[some], closed[some]
    wrong = np.zeros(count + 1, dtype=np.bool_)
    some = np.flatnonzero(unsure)
    wrong[some] = invalid(found[some])
    for place, shapes in _parcels_of(topology.flat, block, wrong):
        found[place] = shapely.union_all(shapes)
    return found


def _doubtful(topology: Topology, block: Slots, count: int) -> Flags:
    """Return which blocks have two drawings of an edge; the last entry stands for no block."""
    doubtful = np.zeros(count + 1, dtype=np.bool_)
    near = topology.near_m > 0
    _mark(doubtful, block[topology.first[near]], block[topology.second[near]])
    owner = topology.flat.point_owner() if len(topology.edges.surplus) else block
    _mark(doubtful, *block[owner[topology.edges.surplus]].T)
    doubtful[-1] = False
    return doubtful


def _mark(flags: Flags, one: Slots, other: Slots) -> None:
    flags[one[one == other]] = True


def _mended(topology: Topology, block: Slots, doubtful: Flags) -> tuple[NDArray[np.object_], Flags]:
    """Return outlines of doubtful blocks, and which were closed by GEOS: the others are valid."""
    count = len(doubtful) - 1
    flat, own = _united(topology, block, doubtful)
    tolerance_m = max(topology.tolerance_m, _LEAST_M)
    frame = NearFrame.of(flat, topology.scale)
    at, one, other, _ = _contacts(flat, match_edges(flat), frame, own, tolerance_m)
    # A corner of a parcel and the crossing that a union has put beside it become one as well.
    ends = frame.ends(flat, at)
    short = np.hypot(*(ends[:, 2:] - ends[:, :2]).T) <= _SHORT * tolerance_m
    merged = [np.concatenate([at[side], at[short]]) for side in (one, other)]
    flat = snapped(flat, frame, merged[0], merged[1], tolerance_m=tolerance_m)
    edges = match_edges(flat)
    found, unsure = outlines(flat, edges, own, count)
    bad = np.append(_left(flat, edges, frame, own, tolerance_m, found, unsure), False)
    for place, shapes in _parcels_of(flat, own, bad):
        found[place] = closed_outline(shapes, topology.scale, tolerance_m=tolerance_m)
    return found, bad[:-1]


def _parcels_of(
    flat: Flat, block: Slots, chosen: Flags
) -> Iterator[tuple[int, NDArray[np.object_]]]:
    """Give the chosen blocks with the polygons of their rows; the last flag is that of no block."""
    rows = np.flatnonzero(chosen[block])
    if not len(rows):
        return
    shapes = flat.shapes(rows)
    order = np.argsort(block[rows], kind="stable")
    places = block[rows][order]
    begins = np.flatnonzero(np.diff(places, prepend=-1))
    for place, part in zip(places[begins], np.split(shapes[order], begins[1:]), strict=True):
        yield int(place), part


def _united(topology: Topology, block: Slots, doubtful: Flags) -> tuple[Flat, Slots]:
    """Return the parcels of doubtful blocks, those that overlap as one; and the block of each."""
    flat, survey = topology.flat, topology.survey
    chosen = doubtful[block]
    if survey is None or not len(survey.overlaps):
        rows = np.flatnonzero(chosen)
        return flat.take(rows), block[rows]
    first, second = survey.overlaps.first, survey.overlaps.second
    same = chosen[first] & (block[first] == block[second])
    cluster = joined(flat.rows, first[same], second[same])
    inside = np.zeros(flat.rows, dtype=np.bool_)
    inside[first[same]] = inside[second[same]] = True
    alone, several = np.flatnonzero(chosen & ~inside), np.flatnonzero(inside)
    several = several[np.argsort(cluster[several], kind="stable")]
    begins = np.flatnonzero(np.diff(cluster[several], prepend=-1))
    order = np.argsort(several)
    shapes = np.empty(len(several), dtype=object)
    shapes[order] = flat.shapes(several[order])
    unions = [shapely.union_all(part) for part in np.split(shapes, begins[1:]) if len(part)]
    whole = join_flats([flat.take(alone), flat_of_shapes(np.array(unions, dtype=object))])
    return whole, np.concatenate([block[alone], block[several[begins]]])


def _contacts(
    flat: Flat, edges: Edges, frame: NearFrame, block: Slots, tolerance_m: float
) -> tuple[Ints, Slots, Slots, Floats]:
    """Return segments without a counterpart, pairs of them within a block, and how far they run."""
    at = np.flatnonzero(edges.twin == ALONE)
    owner = flat.point_owner()[at]
    found = contacts_of(frame.ends(flat, at), owner, tolerance_m=tolerance_m)
    same = block[owner[found.one]] == block[owner[found.other]]
    return at, found.one[same], found.other[same], found.within_m[same]


def _left(
    flat: Flat,
    edges: Edges,
    frame: NearFrame,
    block: Slots,
    tolerance_m: float,
    found: NDArray[np.object_],
    unsure: Flags,
) -> Flags:
    """Return the blocks whose edges could not all be made alike, or whose outline is not valid."""
    count = len(found)
    owner = flat.point_owner()
    at, one, other, length_m = _contacts(flat, edges, frame, block, tolerance_m)
    first, _, near_m = sum_by_pair(owner[at[one]], owner[at[other]], length_m)
    bad = np.zeros(count, dtype=np.bool_)
    bad[block[first[near_m > _SLIT * tolerance_m]]] = True
    _mark(bad, *block[owner[edges.surplus]].T)
    drawn = np.flatnonzero(~bad & unsure & (shapely.get_type_id(found) >= 0))
    bad[drawn] = invalid(found[drawn])
    return bad
