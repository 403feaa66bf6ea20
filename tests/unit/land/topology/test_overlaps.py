"""Overlaps: which parcels really lie over one another, and each square metre counted once."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS
from shapely import Polygon, box

from zonewright.land.flat import Flat, flat_of_shapes
from zonewright.land.scale import Scale
from zonewright.land.topology.exact import ALONE, match_edges
from zonewright.land.topology.near import contacts_of, sum_by_pair
from zonewright.land.topology.near_frame import NearFrame
from zonewright.land.topology.overlaps import Overlaps, overlaps_of, twofold_m2

# A plane frame whose unit is a metre to within 1 in 10⁶ around this point.
ORIGIN = np.array([500_000.0, 2_500_000.0])
PLANE = CRS.from_proj4("+proj=tmerc +lat_0=0 +lon_0=114 +k=1 +x_0=500000 +ellps=GRS80 +units=m")


def overlaps(*shapes: Polygon, tolerance_m: float = 0.1) -> tuple[Flat, NearFrame, Overlaps]:
    flat = flat_of_shapes([shapely.transform(s, lambda p: p + ORIGIN) for s in shapes])
    frame = NearFrame.of(flat, Scale.of(flat, PLANE))
    edges = match_edges(flat)
    at = np.flatnonzero(edges.twin == ALONE)
    owner = flat.point_owner()[at]
    found = contacts_of(frame.ends(flat, at), owner, tolerance_m=tolerance_m)
    contacts = sum_by_pair(owner[found.one], owner[found.other], found.within_m)
    return (
        flat,
        frame,
        overlaps_of(
            flat, frame, at=at, touches=(found.touch_one, found.touch_other), contacts=contacts,
            alike=edges.surplus, tolerance_m=tolerance_m,
        ),
    )  # fmt: skip


def pairs(*shapes: Polygon) -> list[tuple[int, int, float]]:
    _, _, found = overlaps(*shapes)
    return [
        (int(a), int(b), round(float(m2), 3))
        for a, b, m2 in zip(found.first, found.second, found.area_m2, strict=True)
    ]


def test_a_strip_that_two_parcels_both_claim() -> None:
    flat, frame, found = overlaps(box(0, 0, 100, 55), box(0, 50, 100, 90))
    assert (found.first.tolist(), found.second.tolist()) == ([0], [1])
    assert found.area_m2 == pytest.approx([500.0], rel=1e-5)
    assert found.frontage_m == pytest.approx([95.0], rel=1e-4)
    assert (found.x[0] - ORIGIN[0], found.y[0] - ORIGIN[1]) == pytest.approx((50.0, 52.5), abs=1e-5)
    assert twofold_m2(flat, frame, found) == pytest.approx([0.0, 500.0], rel=1e-5)
    nobody = np.array([True, False])
    assert twofold_m2(flat, frame, found, nobody).tolist() == [0.0, 0.0]


@pytest.mark.parametrize("width", [-0.09, 0.0, 0.04, 0.09])
def test_two_drawings_of_an_edge_are_no_overlap(width: float) -> None:
    assert pairs(box(0, 0, 100, 50 + width), box(0, 50, 100, 90)) == []
    assert pairs(box(0, 0, 100, 50 + width), box(-20, 50, 60, 90), box(60, 50, 90, 90)) == []


def test_a_common_corner_overlaps_without_frontage() -> None:
    _, _, found = overlaps(box(0, 0, 50, 50), box(47, 47, 90, 90))
    assert found.area_m2 == pytest.approx([9.0], rel=1e-4)
    assert found.frontage_m == pytest.approx([0.0], abs=1e-3)


def test_a_notch_is_found_beside_a_long_edge_within_the_tolerance() -> None:
    notched = Polygon([(0, 0), (1000, 0), (1000, 50.05), (505, 50.05), (505, 53), (500, 53),
                       (500, 50.05), (0, 50.05)])  # fmt: skip
    assert pairs(notched, box(0, 50, 1000, 90)) == [(0, 1, pytest.approx(64.75, rel=1e-4))]


def test_corners_that_are_shared_do_not_hide_an_overlap() -> None:
    """The edges of A bend into B by 0.6 m between two corners that both have."""
    bent = Polygon([(0, 0), (100, 0), (100, 50), (50, 50.6), (0, 50)])
    straight = Polygon([(0, 50), (100, 50), (100, 90), (0, 90)])
    assert pairs(bent, straight) == [(0, 1, pytest.approx(30.0, rel=1e-4))]
    assert pairs(Polygon([(0, 0), (100, 0), (100, 50), (50, 49.4), (0, 50)]), straight) == []


def test_a_diagonal_between_corners_of_another_parcel() -> None:
    assert pairs(box(0, 0, 100, 100), Polygon([(0, 0), (100, 100), (-50, 150)])) == [
        (0, 1, pytest.approx(5000.0, rel=1e-4))
    ]


def test_land_inside_other_land() -> None:
    inside = [box(0, 0, 100, 100), box(40, 40, 60, 60)]
    assert pairs(*inside) == [(0, 1, pytest.approx(400.0, rel=1e-4))]
    _, _, found = overlaps(*inside)
    assert found.frontage_m == pytest.approx([40.0], rel=1e-4)
    ring = inside[0].difference(box(30, 30, 70, 70))
    assert pairs(ring, inside[1]) == []


def test_a_second_part_inside_other_land() -> None:
    large, inside = box(0, 0, 90, 40), box(220, 12, 230, 17)
    assert pairs(box(200, 0, 250, 50), shapely.MultiPolygon([large, inside])) == [(0, 1, 50.0)]


def test_a_parcel_drawn_over_a_coverage() -> None:
    """Noded squares; one more parcel lies over all of them with corners of theirs."""
    tiles = [box(10 * c, 10 * r, 10 * c + 10, 10 * r + 10) for r in range(6) for c in range(6)]
    over = shapely.segmentize(box(0, 0, 60, 60), 10)
    assert pairs(*tiles, over) == [(k, 36, pytest.approx(100.0, rel=1e-4)) for k in range(36)]


def test_a_coverage_drawn_twice_some_metres_apart() -> None:
    """Most tiles overlap four others at edges that all have their counterparts."""
    tiles = [box(10 * c, 10 * r, 10 * c + 10, 10 * r + 10) for r in range(5) for c in range(5)]
    again = [shapely.transform(tile, lambda points: points + 6.0) for tile in tiles]
    expected = [
        (i, j + 25, pytest.approx(area, rel=1e-4))
        for i, tile in enumerate(tiles)
        for j, other in enumerate(again)
        if (area := tile.intersection(other).area) > 0
    ]
    assert len(expected) == 81
    assert pairs(*tiles, *again) == expected


def test_a_boundary_drawn_around_a_place_with_roads() -> None:
    islands = [box(20 * c, 20 * r, 20 * c + 10, 20 * r + 10) for r in range(3) for c in range(3)]
    assert len(pairs(*islands, box(-5, -5, 60, 60))) == 9


def test_a_square_metre_under_three_parcels_counts_once() -> None:
    shapes = [box(0, 0, 60, 60), box(40, 0, 100, 60), box(20, 40, 80, 100), box(20, 40, 80, 100)]
    flat, frame, found = overlaps(*shapes)
    once = sum(s.area for s in shapes) - twofold_m2(flat, frame, found).sum()
    assert once == pytest.approx(shapely.union_all(shapes).area, rel=1e-5)


def test_no_parcels() -> None:
    assert len(overlaps()[2]) == 0
    assert len(overlaps(box(0, 0, 1, 1))[2]) == 0


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(*[st.integers(0, 12)] * 2, *[st.integers(1, 6)] * 2), min_size=1, max_size=9)
)
def test_rectangles_on_a_lattice_agree_with_geos(drawn: list[tuple[int, int, int, int]]) -> None:
    """Every kind of common corner, edge and inside: the pairs and the area covered are GEOS's."""
    shapes = [box(x, y, x + w, y + h) for x, y, w, h in drawn]
    flat, frame, found = overlaps(*shapes)
    expected = {
        (i, j): round(shapely.intersection(shapes[i], shapes[j]).area, 2)
        for j in range(len(shapes)) for i in range(j)
        if shapely.intersection(shapes[i], shapes[j]).area > 0
    }  # fmt: skip
    measured = zip(found.first.tolist(), found.second.tolist(), found.area_m2, strict=True)
    assert {(a, b): round(m2, 2) for a, b, m2 in measured} == expected
    once = sum(s.area for s in shapes) - twofold_m2(flat, frame, found).sum()
    assert once == pytest.approx(shapely.union_all(shapes).area, rel=1e-4)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 7))
def test_any_triangles_agree_with_geos(seed: int, count: int) -> None:
    corners = np.random.default_rng(seed).uniform(0, 100, (count, 3, 2))
    shapes = shapely.polygons(corners)
    flat, frame, found = overlaps(*shapes, tolerance_m=0.01)
    measured = {
        (a, b): m2
        for a, b, m2 in zip(
            found.first.tolist(), found.second.tolist(), found.area_m2.tolist(), strict=True
        )
    }
    for j in range(count):
        for i in range(j):
            expected = shapely.intersection(shapes[i], shapes[j]).area
            if expected > 1.0:
                assert measured.pop((i, j)) == pytest.approx(expected, rel=1e-4)
    assert all(m2 < 1.001 for m2 in measured.values())
    once = shapely.area(shapes).sum() - twofold_m2(flat, frame, found).sum()
    assert once == pytest.approx(shapely.union_all(shapes).area, abs=3.0)
