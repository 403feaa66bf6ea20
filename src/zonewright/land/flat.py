"""Polygons as flat arrays: every ring of n rows, without an object for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from zonewright.core.compiled import at_once, in_halves
from zonewright.land._areas import box_of, spread
from zonewright.land._wkb import count_rings, fill_rings

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# What a row holds. Only rows of POLYGON have rings.
POLYGON, MISSING, EMPTY, OTHER, UNREADABLE, BROKEN, STRANGE = range(7)
_POLYGONAL = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)


@dataclass(frozen=True, slots=True)
class Flat:
    """The rings of n polygons and multipolygons.

    Outer rings run counter-clockwise and holes clockwise, so that land lies on the left of every
    segment. No point is repeated at once, every ring is closed, and there is no negative zero.

    Parameters
    ----------
    xy
        Shape (m, 2) [units of the file]: the points of all rings, the closing ones included.
    ring_start
        Shape (r + 1,): where each ring begins in `xy`; the last entry is m.
    owner
        Shape (r,): row to which the ring belongs, ascending.
    hole
        Shape (r,): whether it is a hole of the nearest ring before it that is none.
    state
        Shape (n,): what each row holds: `POLYGON`, or why it has no rings: `MISSING` (null),
        `EMPTY`, `OTHER` (a point or line), `UNREADABLE` (no WKB), `BROKEN` (a ring that is not
        closed, has fewer than three corners or a coordinate that is no number).
    """

    xy: Floats
    ring_start: Ints
    owner: NDArray[np.int32]
    hole: NDArray[np.bool_]
    state: NDArray[np.uint8]

    @property
    def rows(self) -> int:
        """Return the number of rows, those without rings included."""
        return len(self.state)

    def box(self) -> tuple[float, float, float, float]:
        """Return west, south, east and north of all points; zeros if there is none."""
        if not len(self.xy):
            return 0.0, 0.0, 0.0, 0.0
        parts = in_halves(len(self.xy), lambda begin, end: box_of(self.xy[begin:end]))
        west, south, east, north = zip(*parts, strict=True)
        return min(west), min(south), max(east), max(north)

    def point_owner(self) -> NDArray[np.int32]:
        """Return the row to which each point belongs, shape (m,)."""
        return self.of_points(self.owner)

    def of_points(self, of_ring: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return for each point the number of its ring, shape (m,)."""
        found = np.empty(len(self.xy), dtype=np.int32)
        in_halves(
            len(self.owner),
            lambda begin, end: spread(self.ring_start[begin : end + 1], of_ring[begin:end], found),
        )
        return found

    def row_rings(self) -> Ints:
        """Return where the rings of each row begin, shape (n + 1,)."""
        return np.append(0, np.cumsum(np.bincount(self.owner, minlength=self.rows)))

    def shapes(self, rows: Ints | None = None) -> NDArray[np.object_]:
        """Return rows (ascending; all by default) as polygons; None for one without rings.

        Examples
        --------
        >>> flat_of_shapes(np.array([shapely.box(0, 0, 1, 2), None])).shapes().tolist()
        [<POLYGON ((1 0, 1 2, 0 2, 0 0, 1 0))>, None]
        """
        given = self if rows is None else self.take(np.asarray(rows))
        found = np.full(given.rows, None, dtype=object)
        if not len(given.owner):
            return found
        shells = np.flatnonzero(~given.hole)
        polygons = shapely.from_ragged_array(
            shapely.GeometryType.POLYGON,
            given.xy,
            (given.ring_start, np.append(shells, len(given.hole))),
        )
        owner = given.owner[shells]
        present, begins, parts = np.unique(owner, return_index=True, return_counts=True)
        found[present] = polygons[begins]
        for place in np.flatnonzero(parts > 1):
            own = polygons[begins[place] : begins[place] + parts[place]]
            found[present[place]] = shapely.multipolygons(own)
        return found

    def take(self, rows: Ints) -> Flat:
        """Return the rows at ascending positions, renumbered from 0."""
        number = np.full(self.rows, -1, dtype=np.int32)
        number[rows] = np.arange(len(rows), dtype=np.int32)
        kept = number[self.owner] >= 0
        sizes = np.diff(self.ring_start)
        return Flat(
            self.xy[np.repeat(kept, sizes)],
            np.append(0, np.cumsum(sizes[kept])),
            number[self.owner[kept]],
            self.hole[kept],
            self.state[rows],
        )


def flat_of_wkb(wkb: Any) -> Flat:
    """Return polygons written as WKB as flat arrays.

    Parameters
    ----------
    wkb
        An Arrow array (also chunked) of binary, or a sequence of bytes and None, shape (n,). A
        third or fourth dimension is left out; of a collection its polygons are taken.

    Examples
    --------
    >>> flat = flat_of_wkb([shapely.to_wkb(shapely.box(0, 0, 1, 1)), None])
    >>> flat.rows, flat.ring_start.tolist(), flat.state.tolist()
    (2, [0, 5], [0, 1])
    """
    if isinstance(wkb, pa.ChunkedArray):
        return join_flats([flat_of_wkb(chunk) for chunk in wkb.chunks])
    if not isinstance(wkb, pa.Array):
        wkb = pa.array([None if value is None else bytes(value) for value in wkb], pa.binary())
    blob, start, valid = _buffers(wkb)
    flat = flat_in(blob, start[:-1], start[1:], valid)
    if (flat.state == STRANGE).any():
        return flat_of_wkb(_plain(wkb, flat.state))
    return flat


def flat_in(blob: NDArray[np.uint8], begin: Ints, end: Ints, valid: NDArray[np.bool_]) -> Flat:
    """Return polygons from memory that holds their WKB.

    Parameters
    ----------
    blob
        The memory.
    begin, end
        Shape (n,): where each value begins and ends.
    valid
        Shape (n,): whether there is one.

    Returns
    -------
    flat
        n rows; without rings and of the state `STRANGE` what only GEOS can read.
    """
    state, rings, points = count_rings(blob, begin, end, valid)
    total = int(points.sum())
    xy = np.empty((total, 2))
    ring_start = np.empty(int(rings.sum()) + 1, dtype=np.int64)
    owner = np.empty(len(ring_start) - 1, dtype=np.int32)
    hole = np.empty(len(ring_start) - 1, dtype=np.bool_)
    used, filled = fill_rings(blob, begin, end, state, xy, ring_start, owner, hole)
    return Flat(xy[:filled], ring_start[: used + 1], owner[:used], hole[:used], state)


def flat_of_shapes(shapes: Sequence[Any] | NDArray[np.object_]) -> Flat:
    """Return polygons and multipolygons (None where there is none) as flat arrays.

    Examples
    --------
    >>> flat_of_shapes([shapely.box(0, 0, 1, 1), shapely.Point(0, 0)]).state.tolist()
    [0, 3]
    """
    given = np.asarray(shapes, dtype=object)
    return flat_of_wkb(shapely.to_wkb(given, flavor="iso", byte_order=1, output_dimension=2))


def join_flats(parts: Sequence[Flat]) -> Flat:
    """Return several as one, their rows numbered on."""
    if len(parts) == 1:
        return parts[0]
    points = np.cumsum([0, *(len(part.xy) for part in parts)])
    rows = np.cumsum([0, *(part.rows for part in parts)])
    starts = [part.ring_start[:-1] + at for part, at in zip(parts, points[:-1], strict=True)]
    owners = [part.owner + np.int32(at) for part, at in zip(parts, rows[:-1], strict=True)]
    xy = np.empty((points[-1], 2))

    def copy(begin: int, end: int) -> None:
        for place in range(begin, end):
            xy[points[place] : points[place + 1]] = parts[place].xy

    middle = len(parts) // 2
    at_once([lambda: copy(0, middle), lambda: copy(middle, len(parts))])
    return Flat(
        xy,
        np.concatenate([*starts, points[-1:]]).astype(np.int64),
        np.concatenate([np.empty(0, dtype=np.int32), *owners]),
        np.concatenate([np.empty(0, dtype=np.bool_), *(part.hole for part in parts)]),
        np.concatenate([np.empty(0, dtype=np.uint8), *(part.state for part in parts)]),
    )


def _buffers(wkb: pa.Array) -> tuple[NDArray[np.uint8], Ints, NDArray[np.bool_]]:
    """Return the bytes of an Arrow array, where each value begins, and which are not null."""
    if isinstance(wkb, pa.ExtensionArray):
        wkb = wkb.storage
    if pa.types.is_binary_view(wkb.type) or not (
        pa.types.is_binary(wkb.type) or pa.types.is_large_binary(wkb.type)
    ):
        wkb = wkb.cast(pa.large_binary())
    kind = np.int64 if pa.types.is_large_binary(wkb.type) else np.int32
    _, offsets, data = wkb.buffers()
    size = np.dtype(kind).itemsize
    start = np.frombuffer(offsets, kind, len(wkb) + 1, wkb.offset * size).astype(np.int64)
    blob = np.frombuffer(data, np.uint8) if data is not None else np.empty(0, dtype=np.uint8)
    if not wkb.null_count:
        return blob, start, np.ones(len(wkb), dtype=np.bool_)
    return blob, start, np.asarray(wkb.is_valid().to_numpy(zero_copy_only=False))


def _plain(wkb: pa.Array, state: NDArray[np.uint8]) -> pa.Array:
    """Return the values with those that only GEOS can read written anew; else as ``b"?"``."""
    values = wkb.to_pylist()
    for row in np.flatnonzero(state == STRANGE):
        shape = shapely.from_wkb(values[row], on_invalid="ignore")
        if shape is None:
            values[row] = b"?"
            continue
        shape = shapely.force_2d(shape)
        if shape.is_empty:
            shape = shapely.MultiPolygon()
        elif shape.geom_type == "GeometryCollection":
            parts = shapely.get_parts(shapely.get_parts(shape))
            areas = parts[np.isin(shapely.get_type_id(parts), _POLYGONAL)]
            shape = shapely.multipolygons(shapely.get_parts(areas)) if len(areas) else parts[0]
        plain = shapely.get_type_id(shape) <= shapely.GeometryType.MULTIPOLYGON
        values[row] = shapely.to_wkb(shape, flavor="iso", byte_order=1) if plain else b"?"
    return pa.array(values, pa.large_binary())
