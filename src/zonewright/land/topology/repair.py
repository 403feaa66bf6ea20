"""Polygons made valid, and those drawn twice: nothing is changed without being reported."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import shapely
from numpy.typing import NDArray

from zonewright.core.compiled import in_halves
from zonewright.land.flat import Flat, flat_of_shapes
from zonewright.land.scale import Scale
from zonewright.land.topology.near_frame import NearFrame
from zonewright.land.topology.repair_kernels import doubtful_rows, row_marks

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# An area that changes by less than this share has not changed.
_SAME = 1e-9


class Fault(StrEnum):
    """What was wrong with a polygon."""

    CROSSING = "crossing"
    SPIKE = "spike"
    HOLE_OUTSIDE = "hole-outside"
    PARTS_OVERLAP = "parts-overlap"
    NO_AREA = "no-area"


@dataclass(frozen=True, slots=True)
class Repair:
    """A polygon that was not valid.

    Parameters
    ----------
    row
        Row of the polygon.
    fault
        What was wrong; after `Fault.NO_AREA` nothing is left of it.
    x, y
        Where [units of the file].
    before_m2, after_m2
        Area by its corners as drawn, and after the repair [m²].
    """

    row: int
    fault: Fault
    x: float
    y: float
    before_m2: float
    after_m2: float


def repaired(flat: Flat, scale: Scale) -> tuple[Flat, tuple[Repair, ...]]:
    """Return polygons that are all valid, and what was done to those that were not.

    The land of a polygon is what its outer rings enclose, less what its holes enclose. A ring that
    crosses itself encloses all its loops; a spike encloses nothing; parts that overlap are joined;
    a hole outside takes nothing away.

    Parameters
    ----------
    flat
        n polygons.
    scale
        What a unit of their coordinates is on the ground.

    Returns
    -------
    flat, repairs
        The same n rows, those without area without rings; and the repairs in order of the rows.

    Examples
    --------
    >>> from pyproj import CRS
    >>> bow = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    >>> flat = flat_of_shapes([bow])
    >>> valid, (repair,) = repaired(flat, Scale.of(flat, CRS.from_epsg(3395)))
    >>> valid.shapes()[0].area, repair.fault.value, repair.x, repair.y
    (50.0, 'crossing', 5.0, 5.0)
    """
    row_rings = flat.row_rings()
    doubtful = in_halves(
        flat.rows,
        lambda begin, end: doubtful_rows(flat.xy, flat.ring_start, row_rings[begin : end + 1]),
    )
    rows = np.flatnonzero(np.concatenate(doubtful))
    if not len(rows):
        return flat, ()
    drawn = flat.shapes(rows)
    wrong = ~shapely.is_valid(drawn)
    if not wrong.any():
        return flat, ()
    frame = NearFrame.of(flat, scale)
    rows, drawn = rows[wrong], drawn[wrong]
    mended = np.array([_mended(shape) for shape in drawn], dtype=object)
    before, after = (shapely.area(shapely.transform(s, frame.metric)) for s in (drawn, mended))
    repairs = [
        _repair(int(row), shape, float(old_m2), float(new_m2), frame)
        for row, shape, old_m2, new_m2 in zip(rows, drawn, before, after, strict=True)
    ]
    return _replaced(flat, rows, mended), tuple(repairs)


def repeated_rows(flat: Flat) -> tuple[Ints, Ints]:
    """Return the rows whose polygon has been drawn by an earlier row, and that row.

    Polygons are the same if their segments are, whichever corner comes first.

    Returns
    -------
    rows, earlier
        Shape (k,), ascending.

    Examples
    --------
    >>> rows, earlier = repeated_rows(flat_of_shapes([shapely.box(0, 0, 1, 1)] * 2))
    >>> rows.tolist(), earlier.tolist()
    ([1], [0])
    """
    row_rings = flat.row_rings()
    mark = row_marks(flat.xy.view(np.uint64), flat.ring_start, row_rings)
    ranked = np.sort(mark)
    if not ((ranked[1:] == ranked[:-1]) & (ranked[1:] != 0)).any():
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    order = np.argsort(mark, kind="stable")
    alike = np.flatnonzero((mark[order][1:] == mark[order][:-1]) & (mark[order][1:] != 0))
    rows: list[int] = []
    earlier: list[int] = []
    chain = -1
    for place in alike:
        row, before = int(order[place + 1]), int(order[place])
        first = chain if earlier and rows[-1] == before else before
        chain = first
        if _same_segments(flat, row_rings, first, row):
            rows.append(row)
            earlier.append(first)
    sort = np.argsort(rows)
    return np.array(rows, dtype=np.int64)[sort], np.array(earlier, dtype=np.int64)[sort]


def _mended(shape: shapely.Geometry) -> shapely.Geometry:
    """Return outer rings less holes, as a valid polygon or multipolygon; empty without area."""
    parts = []
    for part in shapely.get_parts(shape):
        rings = shapely.make_valid(
            shapely.polygons(shapely.get_rings(part)), method="structure", keep_collapsed=False
        )
        parts.append(shapely.difference(rings[0], shapely.union_all(rings[1:])))
    joined = shapely.union_all(parts)
    pieces = shapely.get_parts(joined)
    pieces = pieces[shapely.get_type_id(pieces) == shapely.GeometryType.POLYGON]
    if len(pieces) == 1:
        return pieces[0]
    return shapely.multipolygons(pieces)


def _repair(
    row: int,
    drawn: shapely.Geometry,
    before_m2: float,
    after_m2: float,
    frame: NearFrame,
) -> Repair:
    reason = shapely.is_valid_reason(drawn)
    kind, _, rest = reason.partition("[")
    x, y = (float(value) for value in rest.rstrip("]").split()[:2])
    stretch = float(frame.area_stretch(np.array([(y - frame.y) * frame.unit_y_m]))[0])
    fault = Fault.CROSSING
    if after_m2 == 0.0:
        fault = Fault.NO_AREA
    elif kind == "Hole lies outside shell":
        fault = Fault.HOLE_OUTSIDE
    elif kind in ("Nested shells", "Holes are nested") or _rings_valid(drawn):
        fault = Fault.PARTS_OVERLAP
    elif abs(after_m2 - before_m2) <= _SAME * before_m2 and _has_spike(drawn):
        fault = Fault.SPIKE
    return Repair(row, fault, x, y, before_m2 * stretch, after_m2 * stretch)


def _rings_valid(shape: shapely.Geometry) -> bool:
    rings = shapely.get_rings(shapely.get_parts(shape))
    return bool(shapely.is_valid(shapely.polygons(rings)).all())


def _has_spike(shape: shapely.Geometry) -> bool:
    """Return whether a ring somewhere turns back upon the way that it came."""
    for ring in shapely.get_rings(shapely.get_parts(shape)):
        steps = np.diff(shapely.get_coordinates(ring), axis=0)
        steps = steps[(steps != 0).any(axis=1)]
        after = np.roll(steps, -1, axis=0)
        cross = steps[:, 0] * after[:, 1] - steps[:, 1] * after[:, 0]
        along = (steps * after).sum(axis=1)
        size = np.hypot(*steps.T) * np.hypot(*after.T)
        if ((np.abs(cross) <= _SAME * size) & (along < 0)).any():
            return True
    return False


def _replaced(flat: Flat, rows: Ints, shapes: NDArray[np.object_]) -> Flat:
    """Return the polygons with some of their rows drawn anew."""
    new = flat_of_shapes(shapes)
    row_rings, new_rings = flat.row_rings(), new.row_rings()
    xy, owner, hole, sizes = [], [], [], []
    last = 0
    for place, row in enumerate([*rows, flat.rows]):
        r0, r1 = row_rings[last], row_rings[row]
        xy.append(flat.xy[flat.ring_start[r0] : flat.ring_start[r1]])
        sizes.append(np.diff(flat.ring_start[r0 : r1 + 1]))
        owner.append(flat.owner[r0:r1])
        hole.append(flat.hole[r0:r1])
        if place < len(rows):
            r0, r1 = new_rings[place], new_rings[place + 1]
            xy.append(new.xy[new.ring_start[r0] : new.ring_start[r1]])
            sizes.append(np.diff(new.ring_start[r0 : r1 + 1]))
            owner.append(np.full(r1 - r0, row, dtype=np.int32))
            hole.append(new.hole[r0:r1])
        last = row + 1
    state = flat.state.copy()
    state[rows] = new.state
    return Flat(
        np.concatenate(xy),
        np.append(0, np.cumsum(np.concatenate(sizes))).astype(np.int64),
        np.concatenate(owner).astype(np.int32),
        np.concatenate(hole),
        state,
    )


def _same_segments(flat: Flat, row_rings: Ints, one: int, other: int) -> bool:
    found = []
    for row in (one, other):
        segments = []
        for ring in range(row_rings[row], row_rings[row + 1]):
            points = flat.xy[flat.ring_start[ring] : flat.ring_start[ring + 1]]
            segments.append(np.hstack([points[:-1], points[1:]]))
        joined = np.vstack(segments)
        found.append(joined[np.lexsort(joined.T)])
    return found[0].shape == found[1].shape and bool((found[0] == found[1]).all())
