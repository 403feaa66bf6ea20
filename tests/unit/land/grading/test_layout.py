"""Dividing a block into pads, and the edges between them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.land.grading.ground import hills, quarters, terrain_of
from zonewright.core.errors import RangeError
from zonewright.land.grading import Pad, regular_pads, terraces
from zonewright.land.grading.edges import edges_between

L_SHAPE = shapely.Polygon([(0, 0), (300, 0), (300, 100), (100, 100), (100, 300), (0, 300)])


@given(st.floats(25, 400), st.floats(25, 400), st.floats(0, 90))
@settings(max_examples=30, deadline=None)
def test_a_pattern_covers_the_block_once(width: float, depth: float, turned: float) -> None:
    pads = regular_pads(L_SHAPE, width_m=width, depth_m=depth, turned_deg=turned)
    shapes = [pad.polygon for pad in pads]
    assert sum(shape.area for shape in shapes) == pytest.approx(L_SHAPE.area)
    assert shapely.union_all(shapes, grid_size=1e-6).area == pytest.approx(L_SHAPE.area, rel=1e-6)


def test_slivers_join_a_neighbour() -> None:
    pads = regular_pads(shapely.box(0, 0, 205, 100), width_m=100, depth_m=100)
    assert [round(pad.polygon.area) for pad in pads] == [10_000, 10_500]


def test_a_sliver_apart_stays_and_hinders_no_other() -> None:
    island = shapely.box(300, 0, 301, 1)
    block = shapely.union_all([shapely.box(0, 0, 205, 100), island])
    pads = regular_pads(block, width_m=100, depth_m=100)
    assert [round(pad.polygon.area) for pad in pads] == [10_000, 10_500, 1]


@given(st.floats(0, 90))
@settings(max_examples=20, deadline=None)
def test_a_turned_pattern_leaves_no_sliver(turned: float) -> None:
    pads = regular_pads(L_SHAPE, width_m=70, depth_m=70, turned_deg=turned)
    assert min(pad.polygon.area for pad in pads) >= 490
    assert sum(pad.polygon.area for pad in pads) == pytest.approx(L_SHAPE.area)


def test_terraces_lie_along_the_contours_where_the_ground_breaks() -> None:
    rows, _ = np.mgrid[:20, :10]
    terrain = terrain_of(np.where(rows < 6, 30.0, np.where(rows < 15, 20.0, 5.0)))
    pads = terraces(terrain, shapely.box(0, 0, 100, 200), count=3, min_width_m=20)
    assert [pad.polygon.bounds for pad in pads] == [
        pytest.approx((0, 140, 100, 200)),
        pytest.approx((0, 50, 100, 140)),
        pytest.approx((0, 0, 100, 50)),
    ]


def test_terraces_are_turned_as_the_ground_falls() -> None:
    rows, columns = np.mgrid[:30, :30]
    terrain = terrain_of(0.4 * columns + 0.2 * rows)
    block = shapely.box(20, 20, 280, 280)
    pads = terraces(terrain, block, count=4, min_width_m=30)
    assert sum(pad.polygon.area for pad in pads) == pytest.approx(block.area)
    for one, other in pairwise(pads):
        a, b = shapely.get_coordinates(one.polygon.intersection(other.polygon))[[0, -1]]
        along = (b - a) / np.hypot(*(b - a))
        assert abs(along @ (0.4, -0.2)) == pytest.approx(0, abs=1e-6)


def test_more_terraces_than_fit_are_refused() -> None:
    with pytest.raises(RangeError, match="5 terraces"):
        terraces(hills(1), shapely.box(0, 0, 120, 120), count=5, min_width_m=50)


def test_edges_have_their_length_and_corners_have_none() -> None:
    edges = edges_between(quarters(hills(1)), piece_m=7)
    pairs = set(zip(edges.first.tolist(), edges.second.tolist(), strict=True))
    assert pairs == {(0, 1), (0, 2), (1, 3), (2, 3)}
    assert edges.length_m.sum() == pytest.approx(240, abs=0.5)
    assert edges.length_m.max() <= 7


def test_edges_without_common_vertices_are_found() -> None:
    one = Pad("A", shapely.Polygon([(0, 0), (50, 0), (50.02, 33), (50, 100), (0, 100)]))
    other = Pad("B", shapely.box(50, 20, 90, 70))
    edges = edges_between((one, other), piece_m=100)
    assert edges.length_m.sum() == pytest.approx(50, abs=0.3)
    apart = Pad("C", shapely.box(50.2, 20, 90, 70))
    assert len(edges_between((one, apart), piece_m=100)) == 0
