"""Parcels that really lie over one another, and the land that is therefore drawn twice.

Overlaps no wider than the tolerance are two drawings of one edge and are left alone: what they take
from one parcel they give to another.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from zonewright.core.compiled import in_halves
from zonewright.land.flat import Flat
from zonewright.land.topology.near_frame import NearFrame
from zonewright.land.topology.overlaps_boxes import (
    box_table,
    boxes_meeting,
    points_in,
    row_boxes,
)
from zonewright.land.topology.overlaps_common import (
    AREA,
    LENGTH,
    WIDTH,
    X,
    Y,
    common_areas,
    reach_inside,
)
from zonewright.land.topology.overlaps_kernels import (
    enters,
    held_by,
    inner_points,
    plane_areas,
    rings_at,
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Rows = NDArray[np.int32]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Overlaps:
    """Pairs of parcels that lie over one another, wider than the tolerance.

    Parameters
    ----------
    first, second
        Shape (p,): rows, first < second, ascending.
    area_m2
        Shape (p,): area that both cover [m²].
    frontage_m
        Shape (p,): length over which they lie over one another: that of the strip, less its width.
        So a common corner counts for nothing, and a parcel that lies half or more inside another
        counts with length and width [m].
    x, y
        Shape (p,): centre of gravity of what both cover [units of the file].
    """

    first: Rows
    second: Rows
    area_m2: Floats
    frontage_m: Floats
    x: Floats
    y: Floats

    def __len__(self) -> int:
        return len(self.first)


def overlaps_of(
    flat: Flat,
    frame: NearFrame,
    *,
    at: Ints,
    touches: tuple[Rows, Rows],
    contacts: tuple[Rows, Rows, Floats],
    alike: Rows | None = None,
    loops: tuple[Floats, Rows] | None = None,
    tolerance_m: float = 0.1,
) -> Overlaps:
    """Return the pairs of parcels that lie over one another.

    Parameters
    ----------
    flat
        n polygons, valid each by itself.
    frame
        Their metric frame.
    at
        Shape (s,): points of `flat` at which the segments without a counterpart begin.
    touches
        Shapes (t,): positions in `at` of two segments that have a point in common.
    contacts
        First row, second row and frontage of the pairs that run along one another [m], ascending.
    alike
        Shape (k, 2): points of `flat` at which two equal segments begin that are not the two sides
        of an edge; None if there are none.
    loops
        `outer_loops` of the parcels, where outlines do not cross at corners: if no edges cross and
        no other parcel holds a point of a loop, none overlap. None looks at all rows.
    tolerance_m
        Widest overlap that is only two drawings of one edge [m].

    Notes
    -----
    Two parcels of which neither holds a point of the other's inside cross at their edges: where an
    edge enters the other parcel. All such pairs, those with equal edges drawn in the same direction
    and those that hold one another's inner point are measured. Every parcel found in an overlap is
    then compared with all parcels whose boxes meet its own.
    """
    row_rings = flat.row_rings()
    first, second = _candidates(flat, at, touches, alike)
    if loops is None or len(first) or _any_held(flat, *loops):
        first, second = _unkeyed(np.union1d(_keys(first, second), _keys(*holders_of(flat).T)))
    done = _keys(first, second)
    found = _measured(flat, frame, row_rings, first, second, contacts, tolerance_m)
    box = row_boxes(flat.xy, flat.ring_start, row_rings) if len(found) else np.empty((0, 4))
    while len(found):
        seen = np.zeros(flat.rows, dtype=np.bool_)
        seen[found.first] = seen[found.second] = True
        meeting = boxes_meeting(box_table(box, np.flatnonzero(seen)), box)
        key = np.setdiff1d(_keys(meeting[:, 0], meeting[:, 1]), done, assume_unique=True)
        if not len(key):
            break
        done = np.union1d(done, key)
        first, second = _unkeyed(key)
        more = _measured(flat, frame, row_rings, first, second, contacts, tolerance_m)
        if not len(more):
            break
        found = _joined(found, more)
    return found


def twofold_m2(
    flat: Flat, frame: NearFrame, overlaps: Overlaps, chosen: Flags | None = None
) -> Floats:
    """Return how much of each parcel lies in parcels of lower rows, and is counted there [m²].

    The sum of the parcels' areas less these is the area that they cover, each square metre once.

    Parameters
    ----------
    flat, frame, overlaps
        Parcels, their metric frame and their overlaps.
    chosen
        Shape (n,): parcels that take part; None means all.
    """
    twofold = np.zeros(flat.rows)
    if not len(overlaps):
        return twofold
    some = np.ones(len(overlaps), dtype=np.bool_)
    if chosen is not None:
        some = chosen[overlaps.first] & chosen[overlaps.second]
    first, second, area_m2 = overlaps.first[some], overlaps.second[some], overlaps.area_m2[some]
    partners = np.bincount(second, minlength=flat.rows)
    single = partners[second] == 1
    twofold[second[single]] = area_m2[single]
    several = ~single
    order = np.lexsort((first[several], second[several]))
    lower, upper = first[several][order], second[several][order]
    if not len(upper):
        return twofold
    begins = np.flatnonzero(np.append(True, upper[1:] != upper[:-1]))
    for row, under in zip(upper[begins], np.split(lower, begins[1:]), strict=True):
        rows = np.unique(np.append(under, row)).astype(np.int64)
        shapes = shapely.transform(flat.shapes(rows), frame.metric)
        below = shapely.union_all(shapes[rows != row])
        common = shapely.intersection(shapes[rows == row][0], below)
        twofold[row] = common.area * frame.area_stretch(np.array([common.centroid.y]))[0]
    return twofold


def holders_of(flat: Flat) -> Rows:
    """Return pairs of rows of which the second holds an inner point of the first, shape (k, 2).

    Each part of a row has such a point: a part may lie whole in land that the others do not touch.
    """
    row_rings = flat.row_rings()
    shells = np.flatnonzero(~flat.hole)
    parts = np.append(shells, len(flat.hole))
    box = row_boxes(flat.xy, flat.ring_start, parts)
    points = in_halves(
        len(shells), lambda a, b: inner_points(flat.xy, flat.ring_start, parts[a : b + 1], box[a:b])
    )
    point, owner = np.concatenate(points), flat.owner[shells]
    known = np.isfinite(point[:, 0])
    point, owner = point[known], owner[known]
    pairs = points_in(row_boxes(flat.xy, flat.ring_start, row_rings), point, owner)
    held = in_halves(
        len(pairs), lambda a, b: held_by(flat.xy, flat.ring_start, row_rings, point, pairs[a:b])
    )
    pairs = pairs[np.concatenate(held)]
    return np.column_stack([owner[pairs[:, 0]], pairs[:, 1]])


def _any_held(flat: Flat, point: Floats, rows: Rows) -> bool:
    """Return whether another row holds the point of one of some rows."""
    row_rings = flat.row_rings()
    pairs = points_in(row_boxes(flat.xy, flat.ring_start, row_rings), point, rows)
    return bool(held_by(flat.xy, flat.ring_start, row_rings, point, pairs).any())


def _candidates(
    flat: Flat, at: Ints, touches: tuple[Rows, Rows], alike: Rows | None
) -> tuple[Rows, Rows]:
    ring_at = rings_at(flat.ring_start, at)

    def entering(begin: int, end: int) -> Rows:
        first, second = (side[begin:end] for side in touches)
        one, other = ring_at[first], ring_at[second]
        enter = enters(flat.xy, flat.ring_start, at[first], one, at[second], other)
        return np.column_stack([flat.owner[one[enter]], flat.owner[other[enter]]])

    pairs = in_halves(len(touches[0]), entering)
    if alike is not None and len(alike):
        pairs.append(flat.owner[np.searchsorted(flat.ring_start, alike, side="right") - 1])
    found = np.concatenate(pairs)
    return _unkeyed(_keys(found[:, 0], found[:, 1]))


def _measured(
    flat: Flat,
    frame: NearFrame,
    row_rings: Ints,
    first: Rows,
    second: Rows,
    contacts: tuple[Rows, Rows, Floats],
    tolerance_m: float,
) -> Overlaps:
    """Return which pairs really overlap, and how much."""
    unit = frame.unit_x_m, frame.unit_y_m
    common = common_areas(flat.xy, flat.ring_start, row_rings, first, second, *unit)
    some = common[:, AREA] > tolerance_m**2
    first, second, common = first[some], second[some], common[some]
    run_m = _looked_up(first, second, contacts)
    real = common[:, AREA] > tolerance_m * (run_m + 2 * tolerance_m)
    unsure = np.flatnonzero(~real)
    real[unsure] = reach_inside(
        flat.xy, flat.ring_start, row_rings, first[unsure], second[unsure], tolerance_m, *unit
    )
    first, second, common = first[real], second[real], common[real]
    area_m2 = common[:, AREA] * frame.area_stretch((common[:, Y] - frame.y) * frame.unit_y_m)
    own_m2 = plane_areas(flat.xy, flat.ring_start, row_rings, np.append(first, second), *unit)
    smaller = np.minimum(own_m2[: len(first)], own_m2[len(first) :])
    within = np.where(common[:, AREA] >= smaller / 2, 1.0, -1.0)
    frontage_m = np.maximum(common[:, LENGTH] + within * common[:, WIDTH], 0.0)
    return Overlaps(first, second, area_m2, frontage_m, common[:, X], common[:, Y])


def _looked_up(first: Rows, second: Rows, contacts: tuple[Rows, Rows, Floats]) -> Floats:
    """Return the frontage of pairs, 0 for those that have none."""
    length_m = np.zeros(len(first))
    if len(contacts[0]):
        known = contacts[0].astype(np.int64) << 32 | contacts[1]
        key = first.astype(np.int64) << 32 | second
        place = np.minimum(np.searchsorted(known, key), len(known) - 1)
        length_m = np.where(known[place] == key, contacts[2][place], 0.0)
    return length_m


def _keys(one: NDArray[np.integer], other: NDArray[np.integer]) -> Ints:
    """Return each pair of two different rows once, as one number, ascending."""
    key = np.minimum(one, other).astype(np.int64) << 32 | np.maximum(one, other).astype(np.int64)
    return np.unique(key[one != other])


def _unkeyed(key: Ints) -> tuple[Rows, Rows]:
    return (key >> 32).astype(np.int32), (key & 0xFFFFFFFF).astype(np.int32)


def _joined(one: Overlaps, other: Overlaps) -> Overlaps:
    columns = [
        np.concatenate([getattr(one, name), getattr(other, name)])
        for name in ("first", "second", "area_m2", "frontage_m", "x", "y")
    ]
    order = np.lexsort((columns[1], columns[0]))
    return Overlaps(*(column[order] for column in columns))
