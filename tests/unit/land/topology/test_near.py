"""Frontage that is drawn in two ways: its exact length, and the partition that it gives."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS
from shapely import Polygon, box

from tests.unit.land.topology.coverage import coverage, groups_of, jittered, with_corners
from zonewright.core.errors import RangeError
from zonewright.land.flat import flat_of_shapes
from zonewright.land.scale import Scale
from zonewright.land.topology.exact import match_edges
from zonewright.land.topology.near import contacts_of, near_pairs
from zonewright.land.topology.near_frame import NearFrame, metric
from zonewright.land.topology.near_grid import segment_grid
from zonewright.land.topology.near_survey import Survey, survey

PLANE = CRS.from_proj4("+proj=tmerc +lat_0=0 +lon_0=114 +k=1 +x_0=0 +ellps=GRS80 +units=m")


def surveyed(*shapes: Polygon, **options: float) -> Survey:
    flat = flat_of_shapes(shapes)
    return survey(flat, Scale.of(flat, PLANE), match_edges(flat), **options)


def frontage(*shapes: Polygon, **options: float) -> dict[tuple[int, int], float]:
    found = surveyed(*shapes, **options)
    return {
        (a, b): round(m, 3)
        for a, b, m in zip(
            found.first.tolist(), found.second.tolist(), found.frontage_m.tolist(), strict=True
        )
    }


def test_one_long_edge_against_several_short_ones() -> None:
    rear = [box(0, 50, 30, 90), box(30, 50, 70, 90), box(70, 50, 100, 90)]
    found = frontage(box(0, 0, 100, 50), *rear)
    assert found == {(0, 1): 30.0, (0, 2): 40.0, (0, 3): 30.0}


@pytest.mark.parametrize(
    ("apart", "length"), [(-0.1, 100.0), (-0.06, 100.0), (0.05, 100.0), (0.1, 100.0), (0.11, None)]
)
def test_a_copy_up_to_the_tolerance_away(apart: float, length: float | None) -> None:
    found = frontage(box(0, 0, 100, 50), box(0, 50 + apart, 100, 90), tolerance_m=0.1000001)
    assert found.get((0, 1)) == length


def test_edges_that_leave_the_tolerance_count_as_far_as_they_keep_within() -> None:
    slant = Polygon([(0, 50), (100, 50.2), (100, 90), (0, 90)])
    assert frontage(box(0, 0, 100, 50), slant) == {(0, 1): pytest.approx(50.0, abs=0.01)}


def test_a_long_edge_passes_many_cells() -> None:
    long = box(0, 0, 20_000, 50)
    lots = [box(100 * k, 50.03, 100 * k + 100, 90) for k in range(200)]
    found = frontage(long, *lots)
    assert [found[0, k] for k in range(1, 201)] == [100.0] * 200


def test_corners_and_roads_do_not_count() -> None:
    assert frontage(box(0, 0, 50, 50), box(50, 50, 90, 90)) == {}
    assert frontage(box(0, 0, 50, 50), box(50.03, 50.03, 90, 90)) == {}
    assert frontage(box(0, 0, 50, 50), box(0, 58, 50, 90)) == {}


def test_exact_frontage_is_left_to_the_exact_match() -> None:
    assert frontage(box(0, 0, 50, 50), box(50, 0, 90, 50)) == {}


def test_a_strip_that_both_claim_is_frontage() -> None:
    assert frontage(box(0, 0, 100, 55), box(0, 50, 100, 90)) == {
        (0, 1): pytest.approx(95.0, rel=1e-4)
    }


def test_slits_are_reported_up_to_a_width() -> None:
    below, above = box(0, 0, 100, 50), box(20, 50.3, 100, 90)
    assert len(surveyed(below, above).slits) == 0
    found = surveyed(below, above, slit_m=0.5)
    assert len(found.first) == 0
    slit = found.slits
    assert (slit.first.tolist(), slit.second.tolist()) == ([0], [1])
    assert slit.length_m == pytest.approx([80.0], rel=1e-6)
    assert slit.width_m == pytest.approx([0.3], rel=1e-4)
    assert (slit.x[0], slit.y[0]) == pytest.approx((60.0, 50.15))
    assert len(surveyed(below, above, slit_m=0.25).slits) == 0
    assert len(surveyed(below, box(20, 50.05, 100, 90), slit_m=0.5).slits) == 0


def test_the_angle_between_two_neighbours_is_no_slit() -> None:
    one = Polygon([(0, 0), (50, 0), (50, 30), (50, 50), (0, 50)])
    other = Polygon([(50, 0), (90, 0), (90, 70), (50, 30)])
    assert len(surveyed(one, other, slit_m=0.5).slits) == 0


def test_a_metre_is_a_metre_in_degrees() -> None:
    """100 m of frontage, a degree from the middle of the file."""
    lat = 23.0
    east, north = 102_524.0, 110_746.8  # a degree at 23° on the ellipsoid of CGCS2000 [m]
    below = box(113.0, lat - 50 / north, 113.0 + 100 / east, lat)
    above = box(113.0, lat + 0.05 / north, 113.0 + 100 / east, lat + 40 / north)
    ballast = [box(112.0, 21.0 + k / 1000, 112.0005, 21.0005 + k / 1000) for k in range(9)]
    flat = flat_of_shapes([below, above, *ballast])
    found = survey(flat, Scale.of(flat, CRS.from_epsg(4490)), match_edges(flat))
    assert found.frontage_m == pytest.approx([100.0], rel=1e-4)


def test_degrees_are_scaled_at_a_latitude() -> None:
    ends = metric(np.array([[1.0, 1.0, 2.0, 3.0]]), 22.0)
    assert ends.round(1).tolist() == [[103262.1, 110730.3, 206524.3, 332190.8]]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.05, 3.0), st.floats(0.5, 40.0))
def test_the_grid_finds_what_comparing_all_finds(seed: int, reach: float, side: float) -> None:
    """Whatever the side of its cells, and with stray segments far away."""
    rng = np.random.default_rng(seed)
    ends = rng.uniform(0, 60, (40, 4))
    ends[:8, 2:] = ends[:8, :2] + rng.normal(size=(8, 2)) * 0.3
    ends[8:11] += 1e6
    owner = rng.integers(0, 6, 40).astype(np.int32)
    grid = segment_grid(ends, reach_m=reach, side_m=side)
    assert len(grid.segment) == grid.start[-1]
    together = set()
    for cell in range(grid.wide * grid.high):
        inside = grid.segment[grid.start[cell] : grid.start[cell + 1]].tolist()
        together |= {(a, b) for a in inside for b in inside if a < b}
    lines = shapely.linestrings(ends.reshape(-1, 2, 2))
    one, other = np.triu_indices(40, 1)
    near = shapely.distance(lines[one], lines[other]) <= reach * 0.999
    assert set(zip(one[near].tolist(), other[near].tolist(), strict=True)) <= together
    touching = contacts_of(ends, owner, tolerance_m=reach)
    found = {
        (min(a, b), max(a, b))
        for a, b in zip(touching.touch_one.tolist(), touching.touch_other.tolist(), strict=True)
    }
    cross = shapely.crosses(lines[one], lines[other]) & (owner[one] != owner[other])
    assert set(zip(one[cross].tolist(), other[cross].tolist(), strict=True)) == found


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_frontage_does_not_depend_on_how_segments_are_cut(seed: int) -> None:
    rng = np.random.default_rng(seed)
    turn = rng.uniform(0, 2 * np.pi)
    along = np.array([np.cos(turn), np.sin(turn)])
    start, length = rng.uniform(-500, 500, 2), rng.uniform(20, 900)
    across = np.array([-along[1], along[0]]) * 0.04
    cuts = np.sort(np.concatenate([[0.0, length], rng.uniform(0, length, rng.integers(0, 30))]))
    points = start + np.outer(cuts, along) + across
    short = np.hstack([points[:-1], points[1:]])
    ends = np.vstack([[*(start + length * along), *start], short])
    owner = np.append(0, np.full(len(short), 1)).astype(np.int32)
    _, _, frontage_m = near_pairs(ends, owner)
    assert frontage_m == pytest.approx([length], rel=1e-9)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_jitter_within_half_the_tolerance_keeps_the_partition(seed: int) -> None:
    rng = np.random.default_rng(seed)
    clean = coverage(8, 8, rng)
    ready = rng.random(64) < 0.6
    dirty = jittered(clean, rng, share=0.5, by_m=0.05 / np.sqrt(2))
    assert groups_of(dirty, ready) == groups_of(clean, ready)


def test_ten_thousand_dirty_parcels_give_the_clean_partition() -> None:
    rng = np.random.default_rng(4)
    clean = coverage(100, 100, rng)
    ready = rng.random(10_000) < 0.5
    dirty = with_corners(jittered(clean, rng, share=0.02, by_m=0.05), rng, share=0.02)
    expected = groups_of(clean, ready)
    assert len(expected) > 300
    assert groups_of(dirty, ready) == expected


def test_parcels_that_claim_a_strip_of_their_neighbours_give_the_clean_partition() -> None:
    rng = np.random.default_rng(5)
    clean = coverage(40, 40, rng)
    ready = rng.random(1_600) < 0.5
    grown = clean.copy()
    for row in np.flatnonzero(rng.random(1_600) < 0.03):
        grown[row] = shapely.buffer(clean[row], rng.uniform(0.2, 2.0), join_style="mitre")
    assert groups_of(grown, ready) == groups_of(clean, ready)


def test_degrees_that_are_taken_for_metres_are_refused() -> None:
    ends = np.random.default_rng(1).uniform(0, 0.1, (120_000, 4))
    with pytest.raises(RangeError, match="check that the frame"):
        contacts_of(ends, np.zeros(len(ends), dtype=np.int32), tolerance_m=0.1)


def test_the_frame_of_a_file_without_polygons() -> None:
    flat = flat_of_shapes([None])
    frame = NearFrame.of(flat, Scale.of(flat, PLANE))
    assert (frame.x, frame.y) == (0.0, 0.0)
    assert len(surveyed().first) == 0
