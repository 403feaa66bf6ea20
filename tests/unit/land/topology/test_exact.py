"""Edges that are drawn alike from both sides, and how long they are."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from pyproj import CRS
from shapely import MultiPolygon, Polygon, box

from zonewright.land.flat import Flat, flat_of_shapes
from zonewright.land.scale import Scale
from zonewright.land.topology.exact import ALONE, CLOSING, match_edges, shared_edges

METRES = CRS.from_proj4("+proj=tmerc +lon_0=114 +k=1 +ellps=GRS80")


def pairs(flat: Flat) -> dict[tuple[int, int], float]:
    first, second, shared_m = shared_edges(flat, match_edges(flat), Scale.of(flat, METRES))
    found = zip(first.tolist(), second.tolist(), shared_m.round(3).tolist(), strict=True)
    return {(one, other): length for one, other, length in found}


def by_geos(shapes: list[Polygon]) -> dict[tuple[int, int], float]:
    found = {}
    for one in range(len(shapes)):
        for other in range(one + 1, len(shapes)):
            length = shapely.length(shapely.intersection(shapes[one], shapes[other]))
            if length:
                found[one, other] = round(float(length), 3)
    return found


def grid(side: int, *, seed: int = 0) -> list[Polygon]:
    """Draw irregular lots that share corners, their rings begun and directed at random."""
    rng = np.random.default_rng(seed)
    at = np.stack(np.meshgrid(np.arange(side + 1), np.arange(side + 1)), -1) * 100.0
    at = np.round(at + rng.uniform(-30, 30, at.shape), 3)
    lots = []
    for row in range(side):
        for column in range(side):
            ring = at[[row, row, row + 1, row + 1], [column, column + 1, column + 1, column]]
            ring = np.roll(ring, rng.integers(4), axis=0)
            lots.append(Polygon(ring if rng.random() < 0.5 else ring[::-1]))
    return lots


def test_neighbours_and_lengths_are_those_of_geos() -> None:
    lots = grid(9)
    assert pairs(flat_of_shapes(lots)) == pytest.approx(by_geos(lots), abs=2e-3)


def test_twins_run_between_the_same_corners_the_other_way() -> None:
    flat = flat_of_shapes(grid(12, seed=1))
    twin = match_edges(flat).twin
    some = np.flatnonzero(twin >= 0)
    assert len(some) == 2 * 2 * 12 * 11
    assert (twin[twin[some]] == some).all()
    assert (flat.xy[some] == flat.xy[twin[some] + 1]).all()
    assert (flat.xy[some + 1] == flat.xy[twin[some]]).all()


def test_the_closing_points_lead_back_to_the_beginning_of_their_ring() -> None:
    flat = flat_of_shapes([box(0, 0, 9, 9).difference(box(2, 2, 5, 5)), box(20, 0, 21, 1)])
    twin = match_edges(flat).twin
    assert (CLOSING - twin[flat.ring_start[1:] - 1]).tolist() == flat.ring_start[:-1].tolist()


def test_a_corner_and_an_edge_without_a_corner_of_its_own_are_no_shared_edge() -> None:
    assert pairs(flat_of_shapes([box(0, 0, 1, 1), box(1, 1, 2, 2)])) == {}
    assert pairs(flat_of_shapes([box(0, 0, 2, 1), box(0, 1, 1, 2)])) == {}


def test_a_last_bit_makes_another_edge() -> None:
    near = np.nextafter(1.0, 2.0)
    flat = flat_of_shapes([box(0, 0, 1, 1), Polygon([(1, 0), (2, 0), (2, 1), (1, near)])])
    assert pairs(flat) == {}


def test_land_in_a_hole_and_parts_of_one_parcel() -> None:
    ring, core = box(0, 0, 100, 100).difference(box(40, 40, 60, 60)), box(40, 40, 60, 60)
    assert pairs(flat_of_shapes([ring, core])) == {(0, 1): 80.0}
    halves = MultiPolygon([box(0, 0, 10, 10), box(10, 0, 20, 10)])
    flat = flat_of_shapes([halves, box(20, 0, 30, 10)])
    assert pairs(flat) == {(0, 1): 10.0}
    assert (match_edges(flat).twin >= 0).sum() == 4


def test_land_drawn_twice_shares_its_edges_with_all_its_neighbours() -> None:
    west, east = box(0, 0, 10, 10), box(10, 0, 20, 10)
    for order in ([west, west, east], [west, east, west], [east, west, west]):
        flat = flat_of_shapes(order)
        edges = match_edges(flat)
        assert len(edges.surplus) == 5
        pair = [row for row in range(3) if order[row] is west]
        assert pairs(flat)[pair[0], pair[1]] == pytest.approx(40.0)
        assert sorted(pairs(flat).values()) == pytest.approx([10.0, 10.0, 40.0])


def test_a_spike_is_an_edge_of_a_parcel_with_itself() -> None:
    spike = Polygon([(0, 0), (10, 0), (10, 5), (15, 5), (10, 5), (10, 10), (0, 10)])
    twin = match_edges(flat_of_shapes([spike])).twin
    assert (twin >= 0).sum() == 2
    assert pairs(flat_of_shapes([spike])) == {}


def test_parcels_far_apart_in_one_file() -> None:
    """The map is cut into tiles by its box; all land in two of them is still matched."""
    lots = grid(6)
    far = [shapely.transform(lot, lambda points: points + 3e7) for lot in lots]
    flat = flat_of_shapes([*lots, *far])
    edges = match_edges(flat)
    assert (edges.twin >= 0).sum() == 2 * (edges.twin[: len(flat.xy) // 2] >= 0).sum()
    assert (edges.twin == ALONE).sum() == 2 * 24


def test_nothing_has_no_edges() -> None:
    flat = flat_of_shapes([None])
    assert pairs(flat) == {}
