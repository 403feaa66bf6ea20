"""Segments, their lengths, and edges that run along one another."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from pyproj import Geod
from shapely import box

from zonewright.land.frame import MetricFrame
from zonewright.land.near import near_frontage, overlap_m
from zonewright.land.segments import Segments, lengths_m, match_exactly, segments_of

GEOD = Geod(a=6_378_137.0, rf=298.257222101)


def test_lengths_agree_with_geodesics() -> None:
    rng = np.random.default_rng(3)
    start = rng.uniform([112, 21], [114, 23], (200, 2))
    ends = np.hstack([start, start + rng.uniform(-0.05, 0.05, (200, 2))])
    _, _, expected = GEOD.inv(*ends.T)
    assert lengths_m(ends) == pytest.approx(expected, abs=1e-3)


def test_the_metric_frame_keeps_lengths_and_comes_back() -> None:
    frame = MetricFrame.around([112.5, 113.0])
    points = np.array([[112.6, 22.5], [112.601, 22.5]])
    metric = frame.to_metric(points)
    _, _, expected = GEOD.inv(*points[0], *points[1])
    assert np.hypot(*(metric[1] - metric[0])) == pytest.approx(expected, rel=1e-5)
    assert frame.to_degrees(metric) == pytest.approx(points, abs=1e-10)


def test_segments_of_two_drawings_of_an_edge_are_equal() -> None:
    squares = np.array([box(0, 0, 1, 1), shapely.reverse(box(1, 0, 2, 1))])
    segments = segments_of(squares)
    assert len(segments) == 8
    first, second = match_exactly(segments)
    assert segments.ends[first].tolist() == [[1, 0, 1, 1]]
    assert {segments.owner[first][0], segments.owner[second][0]} == {0, 1}


def test_repeated_points_give_no_segment() -> None:
    doubled = shapely.Polygon([(0, 0), (1, 0), (1, 0), (1, 1), (0, 0)])
    assert len(segments_of(np.array([doubled]))) == 3


def test_negative_zero_is_zero() -> None:
    one, other = (
        shapely.Polygon([(0.0, 0), (1, 0), (1, 1)]),
        shapely.Polygon([(-0.0, 0), (1, 0), (1, -1)]),
    )
    first, _ = match_exactly(segments_of(np.array([one, other])))
    assert len(first) == 1


def test_a_polygon_is_not_its_own_neighbour() -> None:
    twice = Segments(np.array([[0.0, 0, 1, 0], [0.0, 0, 1, 0]]), np.array([0, 0]))
    assert len(match_exactly(twice)[0]) == 0


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ([20, 0, 70, 0], 50),  # inside
        ([70, 0, 20, 0], 50),  # drawn the other way
        ([-30, 0.05, 30, 0.05], 30),  # on the tolerance
        ([-30, 0.06, 30, 0.06], 0),  # beyond it
        ([100, 0, 150, 0], 0),  # end to end
        ([50, -10, 50, 10], 0),  # across
        ([0, 0, 100, 0.1], 50),  # leaves the tolerance half-way
        ([0, -0.1, 100, 0.1], 50),  # passes through it
    ],
)
def test_overlap_of_two_segments(other: list[float], expected: float) -> None:
    one = np.array([[0.0, 0, 100, 0]])
    assert overlap_m(one, np.array([other], dtype=float), 0.05)[0] == pytest.approx(expected)


def test_overlap_is_the_same_after_a_rigid_move() -> None:
    rng = np.random.default_rng(2)
    one, other = rng.uniform(-5, 5, (2, 300, 4))
    angle = 0.7
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])

    def moved(ends: np.ndarray) -> np.ndarray:
        return (ends.reshape(-1, 2) @ turn.T + [120.0, -40.0]).reshape(-1, 4)

    expected = overlap_m(one, other, 0.5)
    assert (expected > 0).sum() > 50
    assert overlap_m(moved(one), moved(other), 0.5) == pytest.approx(expected, abs=1e-9)


def test_near_frontage_skips_polygons_that_already_belong_together() -> None:
    segments = segments_of(np.array([box(0, 0, 10, 10), box(0, 10.02, 10, 20)]))
    first, second, length = near_frontage(segments, np.array([0, 1]), tolerance_m=0.05)
    assert (first.tolist(), second.tolist()) == ([0], [1])
    assert length == pytest.approx([10.0])
    assert len(near_frontage(segments, np.array([0, 0]), tolerance_m=0.05)[0]) == 0
