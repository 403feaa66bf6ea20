"""A ground of lots for the land benchmark, drawn in whole millimetres; whose neighbours are known.

Rows of lots lie in street blocks of six rows and two columns, with roads of 8 to 30 m around them.
The lots of two rows meet in corners of four and in T-junctions, where the longer edge has a vertex
too. Who abuts whom follows from the drawing, not from a comparison of coordinates, so that the
partition is known without any of the methods that are measured. Frontages are some 3 m or longer.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

ROWS, COLUMNS = 6, 2
LOTS_A_COLUMN, SHARES = (2, 3, 4, 5, 6, 7), (0.12, 0.24, 0.28, 0.18, 0.12, 0.06)
MOST_CUTS = max(LOTS_A_COLUMN) - 1
# South-west corner of the ground in EPSG:4547 (CGCS2000, the zone of 3 degrees around 114 E).
EAST_MM, NORTH_MM = 352_000_000, 2_420_000_000
READY_SHARE = 0.45
SNAP_MM = 3_000
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Ground:
    """Lots as flat rings, and what is true of them.

    Attributes
    ----------
    xy
        Shape (m, 2): vertices in EPSG:4547 [mm], counter-clockwise, with the closing points.
    start
        Shape (n + 1,): where the ring of each lot begins in `xy`.
    corner
        Shape (m,): False at a vertex that a lot has only because two neighbours meet there.
    ready
        Shape (n,).
    first, second
        Shape (p,): rows of lots that share a frontage; `second` lies north or east of `first`.
    beside
        Shape (p,): whether the frontage is the eastern side of `first`.
    """

    xy: Integers
    start: Integers
    corner: Flags
    ready: Flags
    first: Integers
    second: Integers
    beside: Flags

    def __len__(self) -> int:
        """Return the number of lots."""
        return len(self.ready)

    @property
    def groups(self) -> Integers:
        """The lowest row in the group of each lot, -1 where the lot is not ready; shape (n,)."""
        both = self.ready[self.first] & self.ready[self.second]
        return lowest_rows(self.first[both], self.second[both], self.ready)


def lowest_rows(first: Integers, second: Integers, ready: Flags) -> Integers:
    """Return the lowest row of each ready lot's component, -1 for the others; shape (n,)."""
    count = len(ready)
    links = coo_array((np.ones(len(first), bool), (first, second)), shape=(count, count))
    component = connected_components(links, directed=False)[1]
    lowest = np.full(component.max(initial=0) + 1, count)
    np.minimum.at(lowest, component, np.arange(count))
    return np.where(ready, lowest[component], -1)


def draw(count: int, *, seed: int) -> Ground:
    """Draw about `count` lots of 1.4 ha on average; some 45 % are ready, in correlated patches.

    The lots follow one another as in a cadastre: street block by street block.
    """
    rng = np.random.default_rng(seed)
    a_column = float(np.dot(LOTS_A_COLUMN, SHARES))
    streets = max(1, round(np.sqrt(count) / a_column / COLUMNS))
    row_count = max(1, round(count / (streets * COLUMNS * a_column)))
    rows, lines = _rows_and_lines(row_count, streets, rng)
    row_of = np.repeat(np.arange(row_count), [len(row.lots) for row in rows])
    street = np.concatenate([row.street[row.lots] for row in rows])
    order = np.lexsort((np.arange(len(street)), street, row_of // ROWS))
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    begin = np.concatenate([[0], np.cumsum([len(line.x) for line in lines])])
    ends = np.concatenate([_ends(number, row, lines, begin) for number, row in enumerate(rows)])
    xy, start, corner = _rings(ends[order], lines)
    first, second, beside = _frontages(ends, row_of, street, int(begin[-1]))
    ready = _ready(row_of, rng)[order]
    return Ground(xy, start, corner, ready, rank[first], rank[second], beside)


@dataclass(frozen=True, slots=True)
class _Row:
    """Where the sides of lots meet the line below and above [mm], and the street block of each."""

    below: Integers
    above: Integers
    street: Integers

    @property
    def lots(self) -> Integers:
        """Which sides have a lot in their east."""
        return np.flatnonzero(self.street[:-1] == self.street[1:])


@dataclass(frozen=True, slots=True)
class _Line:
    """A line between rows from west to east; what is no knot lies straight between two knots."""

    x: Integers
    y: Integers
    knot: Flags


def _rows_and_lines(
    count: int, streets: int, rng: np.random.Generator
) -> tuple[list[_Row], list[_Line]]:
    """Return rows from south to north, and lines: one more than rows in each band of rows."""
    widths = rng.integers(380_000, 560_000, (streets, COLUMNS))
    roads = rng.integers(8_000, 30_000, streets)
    west = EAST_MM + np.concatenate([[0], np.cumsum(widths.sum(axis=1) + roads)[:-1]])
    sides = np.column_stack([west, west + widths[:, 0], west + widths.sum(axis=1)])
    rows: list[_Row] = []
    lines: list[_Line] = []
    y = NORTH_MM
    for done in range(0, count, ROWS):
        band = min(ROWS, count - done)
        at_lines = [sides + _shake((streets, 3), 2_000, rng) for _ in range(band + 1)]
        new = _band(band, sides, at_lines, rng)
        for number in range(band + 1):
            south = new[number - 1].above if number else at_lines[0].ravel()
            north = new[number].below if number < band else at_lines[-1].ravel()
            bend_mm = 5_000 if 0 < number < band else 1_000
            lines.append(_line(south, north, at_lines[number].ravel(), y, bend_mm, rng))
            y += int(rng.integers(80_000, 160_000) if number < band else roads[number % streets])
        rows.extend(new)
    return rows, lines


def _band(
    count: int, sides: Integers, at_lines: list[Integers], rng: np.random.Generator
) -> list[_Row]:
    """Cut the columns of each row into lots; some columns take over the cuts of the row before."""
    rows: list[_Row] = []
    above = np.zeros((sides.shape[0], COLUMNS, MOST_CUTS), np.int64)
    cuts = np.zeros(above.shape[:2], np.int64)
    place = np.arange(1, MOST_CUTS + 1)
    widths = np.diff(sides, axis=1)
    for number in range(count):
        taken = rng.random(cuts.shape) < (0.25 if number else 0.0)
        cuts = np.where(taken, cuts, rng.choice(LOTS_A_COLUMN, p=SHARES, size=cuts.shape) - 1)
        share = (place + rng.uniform(-0.3, 0.3, above.shape)) / (cuts[..., None] + 1)
        middle = sides[:, :-1, None] + (share * widths[..., None]).astype(np.int64)
        own = middle + _shake(above.shape, 5_000, rng)
        below = _snapped(np.where(taken[..., None], above, own), above)
        above = np.where(taken[..., None], above, middle) + _shake(above.shape, 5_000, rng)
        there = place <= cuts[..., None]
        above = np.where(there, above, 0)
        south, street = _with_sides(at_lines[number], below, there)
        north, _ = _with_sides(at_lines[number + 1], above, there)
        rows.append(_Row(south, north, street))
    return rows


def _snapped(cuts: Integers, onto: Integers) -> Integers:
    """Return cuts, those that lie too near to a cut of the row before moved onto it."""
    apart = np.abs(cuts[..., :, None] - onto[..., None, :])
    nearest = np.take_along_axis(onto, apart.argmin(axis=-1), axis=-1)
    return np.where(apart.min(axis=-1) < SNAP_MM, nearest, cuts)


def _with_sides(sides: Integers, cuts: Integers, there: Flags) -> tuple[Integers, Integers]:
    """Return sides of columns and cuts from west to east, and the street block of each."""
    always = np.ones((len(sides), 1), bool)
    columns = [sides[:, :1], cuts[:, 0], sides[:, 1:2], cuts[:, 1], sides[:, 2:]]
    present = np.hstack([always, there[:, 0], always, there[:, 1], always])
    street = np.repeat(np.arange(len(sides)), present.sum(axis=1))
    return np.hstack(columns)[present], street


def _line(
    south: Integers,
    north: Integers,
    sides: Integers,
    y: int,
    bend_mm: int,
    rng: np.random.Generator,
) -> _Line:
    """Return the line on which sides from south and north end, with some bends."""
    thirds = np.concatenate([(2 * south[:-1] + south[1:]) // 3, (south[:-1] + 2 * south[1:]) // 3])
    bends = thirds[rng.random(len(thirds)) < 0.45]
    bends = bends[~_in_road(bends, sides)]
    knots = _sorted(
        np.concatenate([sides, np.intersect1d(south, north, assume_unique=True), bends])
    )
    at = y + _shake(knots.shape, bend_mm, rng)
    x = _sorted(np.concatenate([knots, south, north]))
    return _Line(x, np.rint(np.interp(x, knots, at)).astype(np.int64), np.isin(x, knots))


def _in_road(x: Integers, sides: Integers) -> Flags:
    """Return whether a place lies outside of the street blocks (three sides each)."""
    return np.searchsorted(sides, x) % 3 == 0


def _ends(number: int, row: _Row, lines: list[_Line], begin: Integers) -> Integers:
    """Return the four corners of each lot, as numbers of vertices: south, then north; (n, 4)."""
    below = number + number // ROWS
    found = [
        np.searchsorted(lines[line].x, side[row.lots + step]) + begin[line]
        for line, side in ((below, row.below), (below + 1, row.above))
        for step in (0, 1)
    ]
    return np.stack(found, axis=1)


def _rings(ends: Integers, lines: list[_Line]) -> tuple[Integers, Integers, Flags]:
    """Return vertices of closed rings, where each begins, and which are no mere meetings."""
    vertices = np.concatenate([np.column_stack([line.x, line.y]) for line in lines])
    knots = np.concatenate([line.knot for line in lines])
    south_west, south_east, north_west, north_east = ends.T
    south = south_east - south_west + 1
    sizes = south + north_east - north_west + 2
    start = np.concatenate([[0], np.cumsum(sizes)])
    step = np.arange(start[-1]) - np.repeat(start[:-1], sizes)
    behind = step - np.repeat(south, sizes)
    at = np.where(behind < 0, np.repeat(south_west, sizes) + step,
                  np.repeat(north_east, sizes) - behind)  # fmt: skip
    at[start[1:] - 1] = south_west
    own = (at[:, None] == np.repeat(ends, sizes, axis=0)).any(axis=1)
    return vertices[at], start, knots[at] | own


def _frontages(
    ends: Integers, row_of: Integers, street: Integers, vertices: int
) -> tuple[Integers, Integers, Flags]:
    """Return pairs of lots with a common side, or common parts of the line between their rows."""
    side = np.flatnonzero((np.diff(row_of) == 0) & (np.diff(street) == 0))
    lots = np.arange(len(ends))
    south_of, north_of = np.full((2, vertices), -1)
    for of, west, east in ((north_of, ends[:, 0], ends[:, 1]), (south_of, ends[:, 2], ends[:, 3])):
        sizes = east - west
        step = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        of[np.repeat(west, sizes) + step] = np.repeat(lots, sizes)
    both = (south_of >= 0) & (north_of >= 0)
    across = _sorted(south_of[both] * len(ends) + north_of[both])
    first = np.concatenate([side, across // len(ends)])
    second = np.concatenate([side + 1, across % len(ends)])
    return first, second, np.arange(len(first)) < len(side)


def _ready(row_of: Integers, rng: np.random.Generator) -> Flags:
    """Return which lots are ready: by the weakest of three correlated fields and some noise."""
    sizes = np.bincount(row_of)
    place = np.arange(len(row_of)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    fields = [gaussian_filter(rng.normal(size=(len(sizes), sizes.max())), 4.0) for _ in range(3)]
    least = np.min([field / field.std() for field in fields], axis=0)[row_of, place]
    least += rng.normal(scale=0.25, size=len(least))
    return least > np.quantile(least, 1 - READY_SHARE)


def _sorted(values: Integers) -> Integers:
    """Return each value once, in order; numpy's own goes by a hash table, which takes longer."""
    ordered = np.sort(values)
    return ordered[np.diff(ordered, prepend=ordered[:1] - 1) != 0]


def _shake(shape: tuple[int, ...], most_mm: int, rng: np.random.Generator) -> Integers:
    return rng.integers(-most_mm, most_mm, shape, endpoint=True)
