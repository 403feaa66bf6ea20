"""The land benchmark: its ground is what it says, and its judge finds what is wrong."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray

from benchmarks._land_check import Right, check, found_groups, lowest
from benchmarks._land_dirt import soiled
from benchmarks._land_files import Files, drawn
from benchmarks._land_ground import Ground, draw
from benchmarks._land_methods import CLEAN, METHODS, TASKS
from benchmarks._land_table import goals

LIMIT_M2 = 100_000.0
Shapes = NDArray[np.object_]


@pytest.fixture(scope="module")
def land() -> Ground:
    return draw(1_200, seed=7)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    (clean,) = drawn(tmp_path_factory.mktemp("land"), 1_200, seed=7, dirty=False)
    return clean


def polygons(xy: NDArray[np.float64], start: NDArray[np.int64]) -> Shapes:
    offsets = (start, np.arange(len(start)))
    return shapely.from_ragged_array(shapely.GeometryType.POLYGON, xy, offsets)


def parcels_of(files: Files) -> Shapes:
    land = draw(1_200, seed=7)
    return polygons(land.xy / 1_000, land.start)


def unions(files: Files) -> Shapes:
    """The right blocks, as GEOS unites them."""
    groups, shapes = files.truth.groups, parcels_of(files)
    assert groups is not None
    parts = [shapely.union_all(shapes[groups == group]) for group in np.unique(groups[groups >= 0])]
    return np.array(parts, dtype=object)


def answer(files: Files, outlines: Shapes, **changed: object) -> dict[str, object]:
    groups = files.truth.groups
    assert groups is not None
    numbers = np.unique(groups[groups >= 0])
    area_m2 = np.array([files.truth.area_m2[groups == number].sum() for number in numbers])
    kept = area_m2 >= LIMIT_M2
    fields: dict[str, object] = {
        "area_m2": area_m2[kept],
        "outlines": shapely.to_wkb(outlines[kept]),
        "labels": None,
        "groups": len(numbers),
        "parcel_count": None,
        "members": None,
    }
    return {**fields, **changed}


def judged(files: Files, found: dict[str, object]) -> list[str]:
    assert files.truth.groups is not None
    told = check(files, CLEAN, found, Right.of(files.truth.groups), min_area_m2=LIMIT_M2)
    assert told["right"] == (not told["differences"])
    return list(told["differences"])  # type: ignore[call-overload]


def test_the_ground_is_a_coverage_and_its_neighbours_are_those_that_geos_finds(
    land: Ground,
) -> None:
    shapes = polygons(land.xy / 1_000, land.start)
    assert shapely.is_valid(shapes).all()
    assert shapely.coverage_is_valid(shapes)
    first, second = shapely.STRtree(shapes).query(shapes, "intersects")
    first, second = first[first < second], second[first < second]
    common_m = shapely.length(shapely.intersection(shapes[first], shapes[second]))
    found = set(zip(first[common_m > 0], second[common_m > 0], strict=True))
    drawn_pairs = np.sort(np.column_stack([land.first, land.second]), axis=1)
    assert found == {(one, other) for one, other in drawn_pairs.tolist()}
    assert common_m[common_m > 0].min() > 2.5
    assert (common_m == 0).sum() > 100
    assert 0.4 < land.ready.mean() < 0.5


def test_soiled_ground_is_near_the_clean_one_and_less_than_a_tenth_is_touched(land: Ground) -> None:
    clean, dirty = polygons(land.xy / 1_000, land.start), polygons(*soiled(land, seed=7))
    assert shapely.is_valid(dirty).all()
    apart_m = shapely.hausdorff_distance(clean, dirty)
    assert 0.03 < (apart_m > 0).mean() < 0.10
    assert apart_m.max() <= 0.61
    assert (apart_m > 0.06).mean() < 0.02
    fewer = shapely.get_num_coordinates(dirty) < shapely.get_num_coordinates(clean)
    more = shapely.get_num_coordinates(dirty) > shapely.get_num_coordinates(clean)
    assert fewer.any()
    assert more.any()
    assert not shapely.coverage_is_valid(dirty)


def test_the_right_answer_is_right(files: Files) -> None:
    outlines = unions(files)
    assert judged(files, answer(files, outlines)) == []
    assert files.truth.groups is not None
    every = {"outlines": shapely.to_wkb(outlines), "labels": None}
    np.testing.assert_array_equal(found_groups(files, every), files.truth.groups)


def test_what_is_wrong_is_found(files: Files) -> None:
    outlines = unions(files)
    right = answer(files, outlines)
    area_m2, wkb = np.asarray(right["area_m2"]), np.asarray(right["outlines"])
    fewer = {**right, "area_m2": area_m2[1:], "outlines": wkb[1:]}
    assert "another partition" in judged(files, fewer)[0]
    assert "groups instead of" in judged(files, answer(files, outlines, groups=1))[0]
    assert "an area is wrong" in judged(files, answer(files, outlines, area_m2=area_m2 * 1.0001))[0]
    swollen = shapely.to_wkb(shapely.buffer(shapely.from_wkb(wkb), 0.05))
    assert "an outline is wrong" in judged(files, {**right, "outlines": swollen})[0]
    once_more = {**right, "area_m2": np.append(area_m2, area_m2[0]), "outlines": [*wkb, wkb[0]]}
    assert "in several blocks" in judged(files, once_more)[0]


def test_a_list_of_parcels_must_be_that_of_the_outline(files: Files) -> None:
    groups = files.truth.groups
    assert groups is not None
    sums = np.bincount(groups[groups >= 0], files.truth.area_m2[groups >= 0])
    kept = np.flatnonzero(sums >= LIMIT_M2)
    members = np.concatenate([np.flatnonzero(groups == group) for group in kept])
    counts = np.array([(groups == group).sum() for group in kept])
    found = answer(files, unions(files), parcel_count=counts, members=members)
    assert judged(files, found) == []
    assert "lists of parcels" in judged(files, {**found, "members": members[::-1]})[0]


def test_groups_that_hang_on_a_distance_are_left_open() -> None:
    fine, coarse = np.array([0, 0, 2, 3, 3, -1]), np.array([0, 0, 0, 3, 3, -1])
    right = Right.between(fine, coarse)
    assert right.unsure.tolist() == [True, True, True, False, False, False]
    assert (right.fewest, right.most) == (2, 3)


def test_labels_are_numbered_by_their_lowest_row() -> None:
    assert lowest(np.array([5, -1, 3, 5, 3])).tolist() == [0, -1, 2, 0, 2]


def test_a_wrong_answer_reaches_no_goal() -> None:
    part = {
        "parcels": 1_000_000,
        "public": False,
        "task": CLEAN,
        "methods": {
            "read": {"seconds": 1.0},
            "zonewright-exact": {"seconds": 2.0, "right": True, "peak_mb": 500.0, "load_s": 0.0},
            "geopandas-sjoin": {"seconds": 100.0, "right": True, "load_s": 0.0},
            "postgis-dbscan": {"seconds": 50.0, "right": True, "load_s": 20.0},
            "duckdb-coverage": {"seconds": 3.0, "right": False, "load_s": 0.0},
        },
    }
    found = {goal["goal"]: (goal["reached"], goal["met"]) for goal in goals([part])}
    assert found == {
        "times as fast without tolerance as GeoPandas sjoin + dissolve": (50.0, False),
        "times as fast without tolerance as the best peer (postgis-dbscan)": (15.0, True),
        "times as long without tolerance as only reading the file": (2.0, True),
        "MB at the peak without tolerance": (500.0, True),
    }
    part["methods"]["zonewright-exact"]["right"] = False  # type: ignore[index]
    assert goals([part]) == []


def test_every_method_has_a_task_and_a_place() -> None:
    assert len({method.name for method in METHODS}) == len(METHODS)
    for method in METHODS:
        module, function = method.place.split(":")
        source = Path(__file__).parents[2] / "benchmarks" / f"{module}.py"
        assert f"def {function}(" in source.read_text(encoding="utf-8")
        assert set(method.tasks) <= set(TASKS)
