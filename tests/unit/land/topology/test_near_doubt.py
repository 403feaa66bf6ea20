"""Parcels that are surveyed in full: none too few, and where all is drawn alike none at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

import numpy as np
import pytest
import shapely
from shapely import Polygon, box

from tests.unit.land.topology.coverage import PLANE, coverage, jittered, with_corners
from zonewright.land.block_outlines import block_outlines
from zonewright.land.flat import flat_of_shapes
from zonewright.land.groups import regroup
from zonewright.land.outlines import invalid
from zonewright.land.scale import Scale
from zonewright.land.topology import Topology, near_survey, topology_of
from zonewright.land.topology.exact import match_edges
from zonewright.land.topology.near_doubt import rows_in_doubt
from zonewright.land.topology.near_frame import NearFrame

LOT = box(0, 0, 100, 50)
# Around a point one way, from the corner (10, 10), and on around it: they hang together by equal
# edges, and the outlines cross at that corner or do not come near one another at all.
FAN = [
    [(5, 5), (-20, 30), (-20, -20)],
    [(5, 5), (-20, -20), (30, -20)],
    [(5, 5), (30, -20), (30, 10), (10, 10), (10, 7)],
    [(5, 5), (10, 7), (10, 10), (0, 10)],
    [(5, 5), (0, 10), (0, 0)],
    [(5, 5), (0, 0), (10, 0)],
    [(5, 5), (10, 0), (10, 10), (7, 10)],
    [(5, 5), (7, 10), (10, 10), (10, 30), (-20, 30)],
]
LEVELS = [
    [(-20, -50), (0, -50), (0, -20), (-2, 0), (0, 20), (0, 50), (-20, 50)],
    [(0, -50), (20, -50), (20, 50), (0, 50), (0, 20), (2, 0), (0, -20)],
    [(-9, -30), (0, -30), (0, -20), (2, 0), (0, 20), (0, 30), (-9, 30)],
    [(0, -30), (9, -30), (9, 30), (0, 30), (0, 20), (-2, 0), (0, -20)],
]


def surveyed_in_full(monkeypatch: pytest.MonkeyPatch, shapes: Sequence[Polygon]) -> Topology:
    def everyone(*_: object, **__: object) -> tuple[np.ndarray, bool]:
        return np.ones(len(shapes), dtype=np.bool_), True

    monkeypatch.setattr(near_survey, "rows_in_doubt", everyone)
    return topology_of(flat_of_shapes(shapes), PLANE, slit_m=1.0)


def assert_same(found: Topology, whole: Topology) -> None:
    for name in ("first", "second", "shared_m", "near_m"):
        assert getattr(found, name).tobytes() == getattr(whole, name).tobytes(), name
    for part in ("overlaps", "slits"):
        one, other = getattr(found.survey, part), getattr(whole.survey, part)
        for field in fields(one):
            assert getattr(one, field.name).tobytes() == getattr(other, field.name).tobytes()


def doubtful(*shapes: Polygon, side_m: float = 60.0, reach_m: float = 1.0) -> list[bool]:
    flat = flat_of_shapes(shapes)
    frame = NearFrame.of(flat, Scale.of(flat, PLANE))
    found, crossed = rows_in_doubt(flat, frame, match_edges(flat), side_m=side_m, reach_m=reach_m)
    assert not crossed
    return found.tolist()


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(box(0, 50, 100, 90), id="a common edge"),
        pytest.param(box(100, 50, 150, 90), id="a common corner"),
        pytest.param(box(0, 51.01, 100, 90), id="beyond the reach"),
        pytest.param(Polygon([(0, 50), (100, 50), (150, 10), (150, 90)]), id="a blunt corner"),
    ],
)
def test_what_touches_by_equal_edges_and_corners_is_not_in_doubt(other: Polygon) -> None:
    assert doubtful(LOT, other) == [False, False]


@pytest.mark.parametrize("side_m", [3.0, 17.0, 60.0, 1_000.0])
@pytest.mark.parametrize(
    "other",
    [
        pytest.param(box(0, 50.03, 100, 90), id="drawn apart"),
        pytest.param(box(0, 50.99, 100, 90), id="just within the reach"),
        pytest.param(box(30, 50, 70, 90), id="corners on an edge"),
        pytest.param(box(40, -40, 60, 90), id="across, all corners far away"),
        pytest.param(Polygon([(-40, -3), (99, 70), (98, 80), (-41, 20)]), id="slanting across"),
        pytest.param(Polygon([(99.5, -40), (140, -40), (99.5, -0.5)]), id="a corner near a corner"),
        pytest.param(Polygon([(100, 50), (60, 20), (90, 10)]), id="into the land at a corner"),
        pytest.param(
            Polygon([(100, 50), (83, 150), (-99, 150), (-99, -99), (400, -99), (400, -3)]),
            id="around the land at a corner",
        ),
        pytest.param(Polygon([(0, 50), (300, 60), (0, 80)]), id="at an acute angle"),
        pytest.param(LOT, id="the same"),
        pytest.param(shapely.segmentize(LOT, 30), id="the same with other corners"),
    ],
)
def test_what_is_near_otherwise_is_in_doubt(other: Polygon, side_m: float) -> None:
    for one, two in [(LOT, other), (other, LOT)]:
        assert doubtful(one, two, side_m=side_m) == [True, True]


def test_many_acute_corners_of_one_parcel_are_in_doubt_together() -> None:
    """Two corners make six tenths of what would be frontage; those of three spikes make more."""
    ridge = [(100 * k + x, y) for k in range(4) for x, y in ((0, 0), (50, 15))]
    low = Polygon([(0, -90), *ridge, (400, 0), (400, -90)])
    spikes = [Polygon([(100 * k, 0), (100 * k + 1, 300), (100 * k - 1, 300)]) for k in (1, 2, 3)]
    comb = shapely.union_all([*spikes, box(0, 299, 400, 350)])
    assert doubtful(low, spikes[0], side_m=1_000.0) == [False, False]
    assert doubtful(low, comb, side_m=1_000.0) == [True, True]


@pytest.mark.parametrize("seed", range(4))
def test_the_survey_of_those_in_doubt_finds_what_the_survey_of_all_does(
    monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    lots = coverage(14, 14, rng)
    share = 0.0 if seed == 0 else 0.05
    drawn = with_corners(jittered(lots, rng, share=share, by_m=0.2), rng, share=share)
    drawn = drawn[rng.random(len(drawn)) < 0.7]
    if seed % 2:
        drawn = np.append(drawn, [shapely.buffer(drawn[20], -9), shapely.buffer(drawn[40], 3)])
    found = topology_of(flat_of_shapes(drawn), PLANE, slit_m=1.0)
    doubtful = found.survey.doubtful
    assert doubtful.any() == (seed > 0)
    assert doubtful.mean() < 0.7

    whole = surveyed_in_full(monkeypatch, drawn)
    assert_same(found, whole)
    groups = regroup(found)
    outlines = [block_outlines(some, groups, int(groups.max()) + 1) for some in (found, whole)]
    assert not invalid(outlines[0]).any()
    assert shapely.to_wkb(outlines[0]).tolist() == shapely.to_wkb(outlines[1]).tolist()


def test_parcels_inside_another_are_found_though_no_edges_are_near() -> None:
    inner = [box(20, 20, 30, 30), box(30, 20, 40, 30)]
    shapes = [LOT, *inner, box(200, 0, 250, 50)]
    assert doubtful(*shapes) == [False] * 4
    found = topology_of(flat_of_shapes(shapes), PLANE).survey
    pairs = zip(found.overlaps.first.tolist(), found.overlaps.second.tolist(), strict=True)
    assert sorted(pairs) == [(0, 1), (0, 2)]
    assert found.doubtful.tolist() == [True, True, True, False]


@pytest.mark.parametrize("turn", range(4))
@pytest.mark.parametrize("rings", [FAN, LEVELS], ids=["crossing at a corner", "on two levels"])
def test_a_fan_that_winds_twice_round_a_point_overlaps_itself(
    monkeypatch: pytest.MonkeyPatch, rings: list[list[tuple[float, float]]], turn: int
) -> None:
    shapes = [Polygon(ring) for ring in [*rings[turn:], *rings[:turn]]]
    edges = match_edges(flat_of_shapes(shapes))
    assert not len(edges.surplus)
    found = topology_of(flat_of_shapes(shapes), PLANE, slit_m=1.0)
    assert found.survey.overlaps.area_m2.sum() > 50
    assert_same(found, surveyed_in_full(monkeypatch, shapes))


@pytest.mark.parametrize("side", [0.16, 0.17, 0.3, 2.0])
def test_overlaps_of_a_pair_of_which_one_is_in_doubt_are_measured_as_of_all(
    monkeypatch: pytest.MonkeyPatch, side: float
) -> None:
    """A small parcel lies in a large one, which another comes near at an edge.

    What the two share by acute corners, which the survey leaves out for a parcel that is not in
    doubt, would count against an overlap of this size.
    """
    near = box(0, 50.03, 100, 90)
    small = box(20, 20, 20 + side, 20 + side)
    spike = Polygon([(20, 20), (12, 20 - side), (20, 20 - side / 2)])
    shapes = [small, LOT, near, spike]
    found = topology_of(flat_of_shapes(shapes), PLANE, slit_m=1.0)
    assert not doubtful(small, LOT)[0]
    assert len(found.survey.overlaps)
    assert_same(found, surveyed_in_full(monkeypatch, shapes))
