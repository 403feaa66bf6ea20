"""Polygons that are not valid: what is left of them, what is said of them, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS
from shapely import MultiPolygon, Polygon, box

from zonewright.land.flat import EMPTY, Flat, flat_of_shapes
from zonewright.land.scale import Scale
from zonewright.land.topology.repair import Fault, Repair, repaired, repeated_rows
from zonewright.land.topology.repair_kernels import doubtful_rows

PLANE = CRS.from_proj4("+proj=tmerc +lat_0=0 +lon_0=114 +k=1 +x_0=0 +ellps=GRS80 +units=m")
SQUARE = box(0, 0, 10, 10)


def mend(*shapes: shapely.Geometry) -> tuple[Flat, tuple[Repair, ...]]:
    flat = flat_of_shapes(shapes)
    return repaired(flat, Scale.of(flat, PLANE))


CASES = {
    "bow-tie": (Polygon([(0, 0), (10, 10), (10, 0), (0, 10)]), Fault.CROSSING, 50.0),
    "loop at a corner": (
        Polygon([(0, 0), (5, 5), (10, 0), (10, 10), (5, 5), (0, 10)]), Fault.CROSSING, 50.0),
    "drawn twice around": (
        Polygon([*box(0, 0, 10, 10).exterior.coords] * 2), Fault.CROSSING, 100.0),
    "spike outwards": (
        Polygon([(0, 0), (10, 0), (10, 5), (20, 5), (10, 5), (10, 10), (0, 10)]),
        Fault.SPIKE, 100.0),
    "spike inwards": (
        Polygon([(0, 0), (10, 0), (10, 5), (5, 5), (10, 5), (10, 10), (0, 10)]),
        Fault.SPIKE, 100.0),
    "hole outside": (
        Polygon(SQUARE.exterior, [[(20, 20), (25, 20), (25, 25)]]), Fault.HOLE_OUTSIDE, 100.0),
    "hole across the edge": (
        Polygon(SQUARE.exterior, [[(5, 5), (15, 5), (15, 7), (5, 7)]]), Fault.PARTS_OVERLAP, 90.0),
    "holes in holes": (
        Polygon(SQUARE.exterior, [box(k, k, w, w).exterior.coords for k, w in [(1, 9), (2, 3)]]),
        Fault.PARTS_OVERLAP, 36.0),
    "parts over one another": (
        MultiPolygon([SQUARE, box(5, 5, 15, 15)]), Fault.PARTS_OVERLAP, 175.0),
    "parts that share an edge": (
        MultiPolygon([SQUARE, box(10, 0, 15, 10)]), Fault.PARTS_OVERLAP, 150.0),
    "a part inside a part": (MultiPolygon([SQUARE, box(2, 2, 5, 5)]), Fault.PARTS_OVERLAP, 100.0),
    "flat": (Polygon([(0, 0), (10, 0), (20, 0)]), Fault.NO_AREA, 0.0),
}  # fmt: skip


@pytest.mark.parametrize(("shape", "fault", "area_m2"), CASES.values(), ids=CASES)
def test_what_is_left_of_it(shape: shapely.Geometry, fault: Fault, area_m2: float) -> None:
    flat, found = mend(SQUARE, shape, box(30, 0, 40, 10))
    assert [(repair.row, repair.fault) for repair in found] == [(1, fault)]
    assert found[0].after_m2 == pytest.approx(area_m2, rel=1e-6)
    assert found[0].before_m2 == pytest.approx(shape.area, rel=1e-6, abs=1e-9)
    one, mended, three = flat.shapes()
    assert one.equals(SQUARE)
    assert three.equals(box(30, 0, 40, 10))
    if area_m2:
        assert mended.is_valid
        assert mended.area == pytest.approx(area_m2)
    else:
        assert mended is None
        assert flat.state.tolist() == [0, EMPTY, 0]


def test_a_ring_whose_two_ways_up_cross_is_not_taken_for_simple() -> None:
    _, (repair,) = mend(Polygon([(0, 0), (6, 3), (-2, 7), (0, 10)]))
    assert repair.fault is Fault.CROSSING
    assert (repair.x, repair.y) == (0.0, 6.0)


def test_the_place_of_a_crossing() -> None:
    _, (repair,) = mend(CASES["bow-tie"][0])
    assert (repair.x, repair.y) == (5.0, 5.0)


VALID = {
    "a hole": Polygon(SQUARE.exterior, [box(2, 2, 3, 3).exterior.coords]),
    "a hole that touches": Polygon(SQUARE.exterior, [[(0, 5), (5, 4), (5, 6)]]),
    "two parts": MultiPolygon([SQUARE, box(20, 0, 30, 10)]),
    "parts that touch at a corner": MultiPolygon([SQUARE, box(10, 10, 30, 30)]),
    "an island in a lake": MultiPolygon(
        [Polygon(SQUARE.exterior, [box(1, 1, 9, 9).exterior.coords]), box(3, 3, 4, 4)]
    ),
    "drawn clockwise": shapely.reverse(SQUARE),
    "a corner on a straight edge": Polygon([(0, 0), (5, 0), (10, 0), (10, 10), (0, 10)]),
}


@pytest.mark.parametrize("shape", VALID.values(), ids=VALID)
def test_valid_polygons_stay_as_they_are(shape: shapely.Geometry) -> None:
    flat = flat_of_shapes([SQUARE, shape])
    same, found = repaired(flat, Scale.of(flat, PLANE))
    assert found == ()
    assert same is flat


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=3, max_size=24))
def test_nothing_that_geos_calls_invalid_is_overlooked(corners: list[tuple[int, int]]) -> None:
    flat = flat_of_shapes([Polygon(corners)])
    if flat.state[0]:
        return
    doubtful = doubtful_rows(flat.xy, flat.ring_start, flat.row_rings())[0]
    assert doubtful or flat.shapes()[0].is_valid


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(3, 60))
def test_stars_are_not_in_doubt_and_shuffled_ones_are_judged_as_by_geos(
    seed: int, count: int
) -> None:
    rng = np.random.default_rng(seed)
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
    star = np.column_stack([np.cos(angle), np.sin(angle)]) * rng.uniform(1, 2, (count, 1))
    shapes = [Polygon(star), Polygon(rng.permutation(star))]
    flat = flat_of_shapes(shapes)
    doubtful = doubtful_rows(flat.xy, flat.ring_start, flat.row_rings())
    assert doubtful.tolist() == [not shape.is_valid for shape in shapes]


def test_repeated_polygons_are_found_wherever_they_begin() -> None:
    turned = Polygon([(10, 10), (0, 10), (0, 0), (10, 0)])
    flat = flat_of_shapes([SQUARE, box(5, 0, 9, 9), shapely.reverse(turned), None, SQUARE, None])
    rows, earlier = repeated_rows(flat)
    assert (rows.tolist(), earlier.tolist()) == ([2, 4], [0, 0])


def test_polygons_of_the_same_corners_in_another_order_are_not_repeated() -> None:
    corners = [(0, 0), (10, 0), (10, 10), (5, 4), (0, 10)]
    other = [(0, 0), (10, 0), (5, 4), (10, 10), (0, 10)]
    rows, _ = repeated_rows(flat_of_shapes([Polygon(corners), Polygon(other)]))
    assert rows.tolist() == []
