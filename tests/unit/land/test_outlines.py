"""Groups, their outlines, and outlines of badly drawn ground."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from pyproj import CRS
from shapely import MultiPolygon, Polygon, box

from tests.unit.land.topology.test_exact import METRES, grid
from zonewright.land.contiguity import BlockTable, contiguous_blocks
from zonewright.land.flat import flat_of_shapes
from zonewright.land.groups import NONE, group_sums, joined, regroup
from zonewright.land.outlines import outlines
from zonewright.land.topology import topology_of
from zonewright.land.topology.exact import match_edges


def outlined(*shapes: Polygon) -> shapely.Geometry:
    flat = flat_of_shapes(list(shapes))
    return outlines(flat, match_edges(flat), np.zeros(flat.rows, dtype=np.int32), 1)[0][0]


def blocks(shapes: list, **options: float) -> BlockTable:
    tolerance_m = options.pop("tolerance_m", 0.1)
    topology = topology_of(flat_of_shapes(shapes), METRES, tolerance_m=tolerance_m)
    return contiguous_blocks(topology, **{"min_area_m2": 1.0, **options})  # type: ignore[arg-type]


def test_groups_are_numbered_by_their_first_parcel_and_change_with_readiness() -> None:
    topology = topology_of(flat_of_shapes([box(x, 0, x + 10, 10) for x in (0, 30, 10, 20)]), METRES)
    assert regroup(topology).tolist() == [0, 0, 0, 0]
    ready = np.array([True, True, False, True])
    groups = regroup(topology, ready)
    assert groups.tolist() == [0, 1, NONE, 1]
    assert group_sums(groups, np.array([1.0, 2.0, 4.0, 8.0])).tolist() == [1.0, 10.0]
    assert regroup(topology, min_frontage_m=10.5).tolist() == [0, 1, 2, 3]


def test_a_thousand_random_links_join_as_sets_do() -> None:
    rng = np.random.default_rng(8)
    first, second = rng.integers(0, 900, (2, 700)).astype(np.int32)
    sets = [{node} for node in range(900)]
    for one, other in zip(first, second, strict=True):
        if sets[one] is not sets[other]:
            sets[one] |= sets[other]
            for node in sets[other]:
                sets[node] = sets[one]
    groups = joined(900, first, second)
    assert {
        frozenset(np.flatnonzero(groups == group).tolist()) for group in range(groups.max() + 1)
    } == {frozenset(group) for group in sets}


@pytest.mark.parametrize("seed", range(4))
def test_outlines_are_those_of_geos_corner_by_corner(seed: int) -> None:
    lots = np.array(grid(14, seed=seed))
    ready = np.random.default_rng(seed).random(len(lots)) < 0.6
    topology = topology_of(flat_of_shapes(lots), METRES, tolerance_m=0)
    found = contiguous_blocks(topology, min_area_m2=1.0, ready=ready).outline
    expected = shapely.get_parts(shapely.coverage_union_all(lots[ready]))
    assert shapely.is_valid(found).all()
    assert sorted(shapely.to_wkb(shapely.normalize(found))) == sorted(
        shapely.to_wkb(shapely.normalize(expected))
    )


def test_a_hole_stays_a_hole_and_is_filled_by_its_parcel() -> None:
    ring, core = box(0, 0, 9, 9).difference(box(3, 3, 6, 6)), box(3, 3, 6, 6)
    assert outlined(ring).equals(ring)
    assert outlined(ring, core).equals(box(0, 0, 9, 9))


def test_a_ground_that_touches_itself_in_a_corner_gets_a_hole_there() -> None:
    """Eight lots around one that is missing, and one missing at the corner of that one."""
    lots = [
        box(x, y, x + 1, y + 1)
        for x in range(4)
        for y in range(4)
        if (x, y) not in {(1, 1), (2, 2)}
    ]
    found = outlined(*lots)
    assert found.is_valid
    assert len(found.interiors) == 2
    bay = [
        box(x, y, x + 1, y + 1)
        for x in range(3)
        for y in range(3)
        if (x, y) not in {(1, 1), (2, 2)}
    ]
    found = outlined(*bay)
    assert found.is_valid
    assert (found.area, len(found.interiors)) == (7.0, 1)


def test_parts_of_a_group_and_their_holes() -> None:
    far = box(20, 0, 29, 9).difference(box(23, 3, 26, 6))
    found = outlined(MultiPolygon([box(0, 0, 5, 5), far]))
    assert found.geom_type == "MultiPolygon"
    assert found.equals(MultiPolygon([box(0, 0, 5, 5), far]))
    assert outlined(MultiPolygon([box(0, 0, 5, 5), box(9, 0, 12, 5)])).area == 40.0


def test_a_spike_is_no_part_of_the_outline() -> None:
    spike = Polygon([(0, 0), (10, 0), (10, 5), (15, 5), (10, 5), (10, 10), (0, 10)])
    assert outlined(spike).equals(box(0, 0, 10, 10))
    assert outlined(spike).is_valid


def test_slits_and_missing_corners_are_drawn_alike() -> None:
    lots = [box(0, 0, 100, 50), box(0, 50.03, 40, 90), box(40, 49.98, 100, 90.02)]
    found = blocks(lots)
    assert found.parcel_count.tolist() == [3]
    shape = found.outline[0]
    assert shape.is_valid
    assert shape.geom_type == "Polygon"
    assert not shape.interiors
    assert shapely.hausdorff_distance(shape, box(0, 0, 100, 90)) < 0.15


def test_overlapping_land_counts_once_in_area_and_outline() -> None:
    lots = [box(0, 0, 100, 50), box(0, 40, 100, 90), box(100, 0, 150, 90)]
    found = blocks(lots)
    assert found.area_m2 == pytest.approx([150 * 90], rel=1e-4)
    assert shapely.equals(shapely.set_precision(found.outline[0], 1e-6), box(0, 0, 150, 90))
    twice = blocks([box(0, 0, 100, 50)] * 3)
    assert twice.area_m2 == pytest.approx([5_000], rel=1e-4)
    assert twice.outline[0].equals(box(0, 0, 100, 50))


def test_badly_drawn_ground_gives_valid_outlines_within_the_tolerance() -> None:
    rng = np.random.default_rng(3)
    lots = grid(16, seed=3)
    shaken = list(lots)
    for row in rng.choice(len(lots), 40, replace=False):
        by = rng.uniform(-0.05, 0.05, 2)
        shaken[row] = shapely.transform(lots[row], lambda points, by=by: points + by)
    for row in rng.choice(len(lots), 40, replace=False):
        shaken[row] = shapely.segmentize(shaken[row], 37.0)
    ready = rng.random(len(lots)) < 0.7
    clean, dirty = (
        contiguous_blocks(topology_of(flat_of_shapes(shapes), METRES), min_area_m2=1.0, ready=ready)
        for shapes in (lots, shaken)
    )
    assert sorted(dirty.block_id) == sorted(clean.block_id)
    assert shapely.is_valid(dirty.outline).all()
    assert {shape.geom_type for shape in dirty.outline} == {"Polygon"}
    expected = dict(zip(clean.block_id.tolist(), clean.outline, strict=True))
    for name, shape in zip(dirty.block_id.tolist(), dirty.outline, strict=True):
        assert shapely.hausdorff_distance(shape, expected[name]) < 0.16
        apart = shapely.symmetric_difference(shape, expected[name])
        assert apart.area < 0.15 * shape.length


def test_gaps_are_bridged_if_asked_for() -> None:
    lots = [box(0, 0, 100, 50), box(0, 60, 100, 90), box(0, 110, 100, 150)]
    assert len(blocks(lots)) == 3
    found = blocks(lots, gap_m=12.5)
    assert found.parcel_count.tolist() == [2, 1]
    assert found.outline[0].equals(MultiPolygon(lots[:2]))


def test_blocks_are_named_and_ordered() -> None:
    shapes = [box(0, 0, 10, 10), box(10, 0, 20, 10), box(50, 0, 70, 10), box(90, 0, 95, 10), None]
    topology = topology_of(flat_of_shapes(shapes), METRES)
    names = np.array(["d", "b", "c", "a", "e"], dtype=object)
    found = contiguous_blocks(topology, min_area_m2=60.0, ids=names)
    assert found.block_id.tolist() == ["b", "c"]
    assert [found.members(block).tolist() for block in range(2)] == [[1, 0], [2]]
    assert found.groups == 3
    assert contiguous_blocks(topology, min_area_m2=1e9, ids=names).outline.tolist() == []


def test_degrees_and_metres_give_the_same_blocks() -> None:
    lots = np.array(grid(6))
    plane = topology_of(flat_of_shapes(lots), METRES)
    scaled = shapely.transform(lots, lambda points: points / [102_000.0, 110_600.0] + [114.0, 22.5])
    degrees = topology_of(flat_of_shapes(scaled), CRS.from_epsg(4490))
    assert degrees.first.tolist() == plane.first.tolist()
    assert degrees.shared_m == pytest.approx(plane.shared_m, rel=0.02)


def test_edges_that_cross_within_a_group_give_the_union() -> None:
    lots = [
        box(0, 0, 10, 10),
        box(10, 0, 20, 10),
        Polygon([(10, 10), (20, 10), (20, 20), (0, 20), (0, 9.99)]),
    ]
    found = blocks(lots, tolerance_m=0.0)
    assert found.parcel_count.tolist() == [3]
    assert not outlined(*lots).is_valid
    assert found.outline[0].is_valid
    assert found.outline[0].equals(box(0, 0, 20, 20))
    assert found.area_m2 == pytest.approx([400.05], rel=1e-3)


@pytest.mark.parametrize("tolerance_m", [0.0, 0.1])
def test_a_corner_upon_an_edge_of_its_own_group_closes_a_hole(tolerance_m: float) -> None:
    lots = [
        box(0, 0, 30, 10),
        Polygon([(30, 0), (40, 0), (40, 30), (30, 30), (30, 20), (30, 10)]),
        Polygon([(30, 20), (30, 30), (10, 30), (15, 10)]),
    ]
    found = blocks(lots, tolerance_m=tolerance_m)
    assert found.parcel_count.tolist() == [3]
    assert not outlined(*lots).is_valid
    assert found.outline[0].is_valid
    assert found.outline[0].geom_type == "Polygon"
    assert len(found.outline[0].interiors) == 1
    assert found.outline[0].area == pytest.approx(sum(lot.area for lot in lots))


@pytest.mark.parametrize("seed", range(3))
def test_badly_drawn_ground_without_a_tolerance_gives_the_union_of_each_group(seed: int) -> None:
    rng = np.random.default_rng(seed)
    lots = list(grid(12, seed=seed))
    for row in rng.choice(len(lots), 30, replace=False):
        corners = shapely.get_coordinates(lots[row])
        corners[1] += rng.uniform(-0.5, 0.5, 2)
        lots[row] = Polygon(corners)
    found = blocks(lots, tolerance_m=0.0)
    for block, shape in enumerate(found.outline):
        expected = shapely.union_all(np.array(lots)[found.members(block)])
        assert shape.is_valid
        assert shapely.symmetric_difference(shape, expected).area < 1e-6


def test_a_lot_drawn_twice_counts_once_without_a_tolerance() -> None:
    lots = [box(0, 0, 100, 50)] * 3 + [box(100, 0, 150, 50)]
    topology = topology_of(flat_of_shapes(lots), METRES, tolerance_m=0.0)
    whole_m2 = topology.area_m2[0]
    assert topology.own_area_m2()[:3].tolist() == [whole_m2, 0.0, 0.0]
    ready = np.array([False, True, True, True])
    assert topology.own_area_m2(ready)[ready].tolist() == [whole_m2, 0.0, topology.area_m2[3]]
    found = contiguous_blocks(topology, min_area_m2=1.0)
    assert found.area_m2 == pytest.approx([150 * 50], rel=1e-4)
    assert found.outline[0].equals(box(0, 0, 150, 50))
