"""Groups across gaps: by distance alone, only over roads of one's own, never over a river."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from shapely import LineString, Polygon, box

from tests.unit.land.topology.coverage import coverage
from zonewright.core.errors import RangeError
from zonewright.land.flat import Flat, flat_of_shapes
from zonewright.land.scale import Scale
from zonewright.land.topology.bridge import Ground, bridged_groups, links_between
from zonewright.land.topology.exact import Edges, match_edges
from zonewright.land.topology.near_survey import survey

PLANE = CRS.from_proj4("+proj=tmerc +lat_0=0 +lon_0=114 +k=1 +x_0=500000 +ellps=GRS80 +units=m")
ORIGIN = np.array([500_000.0, 2_500_000.0])
Made = tuple[Flat, Scale, Edges]


def made(shapes: list[Polygon]) -> Made:
    flat = flat_of_shapes(placed(*shapes))
    return flat, Scale.of(flat, PLANE), match_edges(flat)


def placed(*shapes: shapely.Geometry) -> np.ndarray:
    return shapely.transform(np.array(shapes, dtype=object), lambda p: p + ORIGIN)


def bridged(shapes: list[Polygon], gap_m: float, **ground: np.ndarray) -> list[int]:
    each = np.arange(len(shapes), dtype=np.int32)
    found = bridged_groups(*made(shapes), each, gap_m=gap_m, ground=Ground(**ground))
    return found.tolist()


LEFT, RIGHT, FAR = box(0, 0, 50, 50), box(60, 0, 110, 50), box(140, 0, 190, 50)
PAIR = (LEFT, RIGHT)
ROAD = box(50, -20, 60, 80)
RIVER = LineString([(55, -100), (55, 200)])


@pytest.mark.parametrize(
    ("gap_m", "groups"), [(9.9, [0, 1, 2]), (10.001, [0, 0, 1]), (30.001, [0, 0, 0])]
)
def test_any_gap_of_the_width_is_bridged(gap_m: float, groups: list[int]) -> None:
    assert bridged([LEFT, RIGHT, FAR], gap_m) == groups


def test_a_gap_is_bridged_only_over_land_of_a_kind() -> None:
    strips = placed(ROAD)
    assert bridged([LEFT, RIGHT, FAR], 40, strips=strips) == [0, 0, 1]
    assert bridged([LEFT, RIGHT], 40, strips=placed(box(53, -20, 60, 80))) == [0, 1]
    assert bridged([LEFT, RIGHT], 40, strips=placed()) == [0, 1]
    halves = placed(box(50, -20, 55, 80), box(55, -20, 60, 80))
    assert bridged([LEFT, RIGHT], 40, strips=halves) == [0, 0]
    drawn_apart = placed(box(50.08, -20, 59.93, 80))
    assert bridged([LEFT, RIGHT], 40, strips=drawn_apart) == [0, 0]


def test_no_bridge_goes_over_a_barrier() -> None:
    assert bridged([LEFT, RIGHT, FAR], 40, barriers=placed(RIVER)) == [0, 1, 1]
    assert bridged([LEFT, RIGHT], 40, strips=placed(ROAD), barriers=placed(RIVER)) == [0, 1]
    assert bridged([LEFT, RIGHT], 40, barriers=placed(box(52, -9, 58, 90))) == [0, 1]
    assert bridged([LEFT, RIGHT], 40, barriers=placed(box(50, 60, 60, 90))) == [0, 0]


def test_a_barrier_that_only_touches_a_parcel_parts_nothing() -> None:
    beside = box(0, 50, 50, 80), LineString([(0, 0), (50, 0), (50, 50)])
    assert bridged([LEFT, RIGHT], 40, barriers=placed(*beside)) == [0, 0]


def test_one_link_beside_the_barrier_joins_two_groups() -> None:
    """The river ends between the second pair of parcels: they link, the first pair does not."""
    flat, scale, edges = made([LEFT, RIGHT, box(0, 50, 50, 100), box(60, 50, 110, 100)])
    rook = np.array([0, 1, 0, 1], dtype=np.int32)
    ends, passes = placed(LineString([(55, -100), (55, 60)])), placed(RIVER)
    found = [
        bridged_groups(flat, scale, edges, rook, gap_m=12, ground=Ground(barriers=river)).tolist()
        for river in (ends, passes)
    ]
    assert found == [[0, 0, 0, 0], [0, 1, 0, 1]]


def test_corners_that_meet_are_no_gap_that_a_strip_could_bridge() -> None:
    corner = [LEFT, box(50, 50, 100, 100)]
    assert bridged(corner, 5) == [0, 0]
    assert bridged(corner, 5, strips=placed(box(40, 40, 60, 60))) == [0, 1]


def test_links_are_the_shortest_in_the_middle_of_what_faces() -> None:
    links = links_between(*made([LEFT, RIGHT, FAR]), np.arange(3, dtype=np.int32), gap_m=35)
    assert (links.first.tolist(), links.second.tolist()) == ([0, 1], [1, 2])
    assert links.gap_m == pytest.approx([10.0, 30.0], rel=1e-6)
    assert links.ends[0] - np.tile(ORIGIN, 2) == pytest.approx([50, 25, 60, 25], abs=1e-6)


def test_land_that_lies_over_other_land_belongs_to_it() -> None:
    flat, scale, edges = made([box(0, 0, 100, 100), box(40, 40, 60, 60)])
    each = np.arange(2, dtype=np.int32)
    over = survey(flat, scale, edges).overlaps
    assert bridged_groups(flat, scale, edges, each, gap_m=5, overlaps=over).tolist() == [0, 0]
    assert bridged_groups(flat, scale, edges, each, gap_m=5).tolist() == [0, 1]


def test_parcels_that_take_no_part_bridge_nothing() -> None:
    flat, scale, edges = made([LEFT, ROAD, RIGHT])
    groups = np.array([0, -1, 1], dtype=np.int32)
    assert bridged_groups(flat, scale, edges, groups, gap_m=9).tolist() == [0, -1, 1]
    assert bridged_groups(flat, scale, edges, groups, gap_m=11).tolist() == [0, -1, 0]


@pytest.mark.parametrize(
    ("code", "gap_m", "groups"),
    [
        (4547, 10.0005, [0, 0]),  # true to 3 in 10 000 at this place: metres of the frame
        (4547, 9.9995, [0, 1]),
        (3857, 9.3, [0, 0]),  # 10 units are 9.2 m at 22.5°
        (3857, 9.1, [0, 1]),
    ],
)
def test_a_metre_is_that_of_the_ground_where_the_frame_is_not_true(
    code: int, gap_m: float, groups: list[int]
) -> None:
    west, south = (352_000.0, 2_420_000.0) if code == 4547 else (12_580_000.0, 2_571_600.0)
    flat = flat_of_shapes(
        [shapely.transform(s, lambda p: p + np.array([west, south])) for s in PAIR]
    )
    each = np.arange(2, dtype=np.int32)
    scale = Scale.of(flat, CRS.from_epsg(code))
    assert bridged_groups(flat, scale, match_edges(flat), each, gap_m=gap_m).tolist() == groups


def test_the_gap_is_above_nothing() -> None:
    with pytest.raises(RangeError, match="gap_m"):
        bridged([LEFT, RIGHT], 0.0)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.5, 45.0))
def test_groups_by_distance_are_those_of_geos(seed: int, gap_m: float) -> None:
    rng = np.random.default_rng(seed)
    shapes = coverage(7, 7, rng)[rng.random(49) < 0.4]
    flat = flat_of_shapes(shapes)
    edges = match_edges(flat)
    each = np.arange(len(shapes), dtype=np.int32)
    found = bridged_groups(flat, Scale.of(flat, PLANE), edges, each, gap_m=gap_m)
    one, other = np.triu_indices(len(shapes), 1)
    apart_m = shapely.distance(shapes[one], shapes[other])
    if (np.abs(apart_m - gap_m) < 1e-3).any():
        return
    near = apart_m <= gap_m
    size = (len(shapes), len(shapes))
    links = coo_array((np.ones(near.sum()), (one[near], other[near])), shape=size)
    count, expected = connected_components(links, directed=False)
    assert found.max(initial=-1) + 1 == count
    assert len(set(zip(found.tolist(), expected.tolist(), strict=True))) == count


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(2.0, 30.0))
def test_a_barrier_or_a_narrower_gap_never_adds(seed: int, gap_m: float) -> None:
    rng = np.random.default_rng(seed)
    shapes = coverage(6, 6, rng)[rng.random(36) < 0.5]
    flat = flat_of_shapes(shapes)
    scale, edges = Scale.of(flat, PLANE), match_edges(flat)
    each = np.arange(len(shapes), dtype=np.int32)
    rivers = shapely.linestrings(rng.uniform(0, 400, (3, 2, 2)) + ORIGIN)

    def groups(width_m: float, ground: Ground | None = None) -> np.ndarray:
        return bridged_groups(flat, scale, edges, each, gap_m=width_m, ground=ground)

    wide = groups(gap_m)
    nowhere = Ground(barriers=placed())
    assert (groups(gap_m, nowhere) == wide).all()
    for narrow in (groups(gap_m / 2), groups(gap_m, Ground(barriers=rivers))):
        assert len(set(zip(narrow.tolist(), wide.tolist(), strict=True))) == narrow.max() + 1
