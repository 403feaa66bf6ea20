"""Laws of blocks found in flat coordinates, in a projected frame."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS
from shapely import Polygon

from zonewright.land.contiguity import BlockTable, contiguous_blocks
from zonewright.land.flat import flat_of_shapes
from zonewright.land.groups import group_sums, regroup
from zonewright.land.topology import Topology, topology_of

METRES = CRS.from_proj4("+proj=tmerc +lon_0=114 +k=1 +ellps=GRS80")
SIDE = 5
trials = settings(max_examples=30, deadline=None)
seeds = st.integers(0, 2**32 - 1)
flags = st.lists(st.booleans(), min_size=SIDE * SIDE, max_size=SIDE * SIDE).map(np.array)


def ground(seed: int) -> list[Polygon]:
    """Draw irregular lots around shared corners; some have bends in their edges."""
    rng = np.random.default_rng(seed)
    at = np.stack(np.meshgrid(np.arange(SIDE + 1), np.arange(SIDE + 1)), -1) * 80.0
    at = np.round(at + rng.uniform(-20, 20, at.shape), 3)
    bent = rng.random((2, SIDE + 1, SIDE + 1)) < 0.4
    bend = rng.uniform(-6, 6, (2, SIDE + 1, SIDE + 1, 2))
    lots = []

    def edge(row: int, column: int, up: int) -> list[tuple[float, float]]:
        one, other = at[row, column], at[row + up, column + 1 - up]
        middle = np.round((one + other) / 2 + bend[up, row, column], 3)
        return [tuple(one), tuple(middle)] if bent[up, row, column] else [tuple(one)]

    for row in range(SIDE):
        for column in range(SIDE):
            north = [*edge(row + 1, column, 0), tuple(at[row + 1, column + 1])]
            west = [*edge(row, column, 1), tuple(at[row + 1, column])]
            ring = edge(row, column, 0) + edge(row, column + 1, 1)
            lots.append(Polygon([*ring, *north[::-1], *west[::-1]]))
    return lots


def topology(lots: list[Polygon]) -> Topology:
    return topology_of(flat_of_shapes(lots), METRES)


def blocks(lots: list[Polygon], ready: np.ndarray, **options: float) -> BlockTable:
    return contiguous_blocks(topology(lots), ready=ready, **{"min_area_m2": 1.0, **options})  # type: ignore[arg-type]


def partition(found: BlockTable, names: np.ndarray | None = None) -> set[frozenset[int]]:
    names = np.arange(SIDE * SIDE) if names is None else names
    return {frozenset(names[found.members(block)].tolist()) for block in range(len(found))}


def walked(ready: np.ndarray) -> set[frozenset[int]]:
    """Return the groups by walking over the rows and columns: no geometry at all."""
    left = set(np.flatnonzero(ready).tolist())
    found = set()
    while left:
        edge = [left.pop()]
        group = set(edge)
        while edge:
            row, column = divmod(edge.pop(), SIDE)
            for other in (
                (row + 1, column),
                (row - 1, column),
                (row, column + 1),
                (row, column - 1),
            ):
                place = other[0] * SIDE + other[1]
                if 0 <= other[1] < SIDE and place in left:
                    left.remove(place)
                    group.add(place)
                    edge.append(place)
        found.add(frozenset(group))
    return found


@trials
@given(seeds, flags)
def test_an_edge_joins_a_corner_never_does_and_area_is_kept(seed: int, ready: np.ndarray) -> None:
    lots = ground(seed)
    found = blocks(lots, ready)
    assert partition(found) == walked(ready)
    assert shapely.is_valid(found.outline).all()
    total = sum(lot.area for lot, chosen in zip(lots, ready, strict=True) if chosen)
    assert shapely.area(found.outline).sum() == pytest.approx(total, rel=1e-9)
    own = topology(lots).area_m2[ready].sum()
    assert found.area_m2.sum() == pytest.approx(own, rel=1e-12)


@trials
@given(seeds, flags, seeds)
def test_order_of_rows_and_direction_of_rings_are_irrelevant(
    seed: int, ready: np.ndarray, shuffle: int
) -> None:
    lots = ground(seed)
    rng = np.random.default_rng(shuffle)
    order = rng.permutation(len(lots))
    turned = [
        Polygon(
            np.roll(
                np.array((lot.reverse() if rng.random() < 0.5 else lot).exterior.coords)[:-1],
                rng.integers(4),
                axis=0,
            )
        )
        for lot in (lots[row] for row in order)
    ]
    one, other = blocks(lots, ready), blocks(turned, ready[order])
    assert partition(one) == partition(other, order)
    assert sorted(one.area_m2) == pytest.approx(sorted(other.area_m2), rel=1e-12)
    assert sorted(shapely.to_wkb(shapely.normalize(one.outline))) == sorted(
        shapely.to_wkb(shapely.normalize(other.outline))
    )


@trials
@given(seeds, flags, st.floats(0, 6.3), st.floats(-2e4, 2e4), st.floats(-2e4, 2e4))
def test_a_rigid_move_changes_no_block(
    seed: int, ready: np.ndarray, angle: float, east: float, north: float
) -> None:
    """Moved and turned together; corners agree bit by bit, at other coordinates."""
    lots = ground(seed)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    moved = [shapely.transform(lot, lambda points: points @ turn.T + [east, north]) for lot in lots]
    one, other = blocks(lots, ready), blocks(moved, ready)
    assert partition(one) == partition(other)
    assert shapely.area(other.outline) == pytest.approx(shapely.area(one.outline), rel=1e-6)


@trials
@given(seeds, flags, st.floats(1e3, 2e5), st.floats(1e3, 2e5))
def test_a_larger_least_size_only_takes_blocks_away(
    seed: int, ready: np.ndarray, one: float, other: float
) -> None:
    lots = ground(seed)
    loose, tight = sorted((one, other))
    kept = partition(blocks(lots, ready, min_area_m2=tight))
    assert kept <= partition(blocks(lots, ready, min_area_m2=loose))


@trials
@given(seeds, flags, st.floats(0.3, 130), st.floats(0.3, 130))
def test_a_longer_frontage_only_divides_blocks(
    seed: int, ready: np.ndarray, one: float, other: float
) -> None:
    lots = ground(seed)
    loose, tight = sorted((one, other))
    coarse = partition(blocks(lots, ready, min_frontage_m=loose))
    for block in partition(blocks(lots, ready, min_frontage_m=tight)):
        assert any(block <= whole for whole in coarse)


@trials
@given(seeds, flags, st.integers(0, SIDE * SIDE - 1))
def test_a_parcel_that_becomes_ready_never_takes_area_from_a_block(
    seed: int, ready: np.ndarray, row: int
) -> None:
    graph = topology(ground(seed))
    more = ready.copy()
    more[row] = True
    before, after = regroup(graph, ready), regroup(graph, more)
    sums = group_sums(before, graph.area_m2), group_sums(after, graph.area_m2)
    for place in np.flatnonzero(ready):
        assert sums[1][after[place]] >= sums[0][before[place]] - 1e-6


@trials
@given(seeds, flags, st.integers(0, SIDE * (SIDE - 1) - 1))
def test_two_ready_neighbours_drawn_as_one_lose_no_area(
    seed: int, ready: np.ndarray, row: int
) -> None:
    lots = ground(seed)
    ready = ready.copy()
    ready[[row, row + SIDE]] = True
    merged = [*lots]
    merged[row] = shapely.coverage_union_all([lots[row], lots[row + SIDE]])
    rest = np.delete(np.arange(len(lots)), row + SIDE)
    one = blocks(lots, ready)
    other = blocks([merged[place] for place in rest], ready[rest])
    assert other.area_m2 == pytest.approx(one.area_m2, rel=1e-9)
    assert shapely.area(other.outline) == pytest.approx(shapely.area(one.outline), rel=1e-9)
