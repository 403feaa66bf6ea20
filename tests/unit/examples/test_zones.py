from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from pyproj import Geod

from zonewright.examples import jiangmen

GROUPS = ("JM-JJ-N", "JM-JJ-E", "JM-JJ-S")
PARKS = ("JM-PT-TS", "JM-PT-KP", "JM-PT-HS")


def area_km2(shape: Any) -> float:
    return abs(Geod(ellps="GRS80").geometry_area_perimeter(shape)[0]) / 1e6


@pytest.mark.parametrize(
    ("figure", "zone"),
    [("F012", "JM-JJ"), ("F034", "JM-DGH"), ("F037", "JM-YHW"), ("F047", "JM-PT")],
)
def test_boundaries_have_the_published_areas(
    files: Any, published: Any, figure: str, zone: str
) -> None:
    wanted = float(published[figure]["value"])
    assert area_km2(files.boundaries[zone]) == pytest.approx(wanted, rel=0.002)


def test_the_groups_tile_the_cluster(files: Any) -> None:
    shapes = np.array([files.boundaries[code] for code in GROUPS])
    assert shapely.coverage_is_valid(shapes)
    assert shapely.union_all(shapes).equals(files.boundaries["JM-JJ"])
    total = sum(area_km2(shape) for shape in shapes)
    assert total == pytest.approx(area_km2(files.boundaries["JM-JJ"]), rel=1e-9)


def test_the_platform_is_its_parks_and_lies_partly_in_the_cluster(files: Any) -> None:
    platform, cluster = files.boundaries["JM-PT"], files.boundaries["JM-JJ"]
    parks = [files.boundaries[code] for code in PARKS]
    assert sum(area_km2(park) for park in parks) == pytest.approx(area_km2(platform), rel=1e-6)
    shared = {
        code: park.intersection(cluster).area / park.area
        for code, park in zip(PARKS, parks, strict=True)
    }
    assert shared["JM-PT-KP"] == 0
    assert 0.1 < shared["JM-PT-TS"] < 0.9
    assert 0.1 < shared["JM-PT-HS"] < 0.9
    assert platform.within(files.boundaries["JM"].buffer(0.001))


def test_the_bay_lies_in_the_economic_zone_and_over_the_south_group(files: Any) -> None:
    bay = files.boundaries["JM-YHW"]
    assert bay.difference(files.boundaries["JM-DGH"]).area < bay.area * 1e-3
    assert bay.intersection(files.boundaries["JM-JJ-S"]).area > bay.area * 0.2


def test_district_outlines_are_the_published_ones(files: Any) -> None:
    path = Path(jiangmen.__file__).parent / "data" / "districts.geojson"
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    frame = files.layer("zones").set_index("片区名称")
    for feature in features:
        real = shapely.from_geojson(json.dumps(feature["geometry"]))
        assert frame.loc[feature["properties"]["name_zh"]].geometry.equals(real)


def test_every_boundary_is_valid_and_dated(files: Any) -> None:
    frame = files.layer("zones")
    assert frame.crs.to_epsg() == 4490
    assert frame.is_valid.all()
    assert not frame.is_empty.any()
    assert frame["边界生效日期"].notna().all()


def test_an_earlier_boundary_ends_where_the_present_one_begins(files: Any) -> None:
    frame = files.layer("zones")
    old = frame[frame["边界失效日期"].notna()].set_index("片区编号")
    now = frame[frame["边界失效日期"].isna()].set_index("片区编号")
    assert len(old) >= 1
    for code, row in old.iterrows():
        assert row["边界失效日期"] == now.loc[code, "边界生效日期"]
        assert area_km2(row.geometry) < 0.95 * area_km2(now.loc[code].geometry)


def test_counts_of_the_hierarchy(files: Any, agrees: Any) -> None:
    kinds = {row["片区编号"]: row["片区类型"] for row in files.rows("片区名录.xlsx", "片区编号")}
    planned = {
        row["片区编号"]
        for row in files.rows("规划编制进度表.xlsx", "规划编号")
        if row["规划类型"] == "统一规划"
    }
    below = [code for code in kinds if files.belongs(code, "JM-JJ")]
    agrees("F014", sum(kinds[code] == "组团" for code in below))
    agrees("F002", sum(kinds[code] == "先行启动区" and code in planned for code in below))
    agrees("F003", sum(kinds[code] == "特色产业园" and code in planned for code in below))


def test_members_lie_on_their_parents_map(files: Any) -> None:
    """What the hierarchy of groups, start-up areas, parks or platform puts inside lies inside."""
    for row in files.rows("片区名录.xlsx", "上级片区编号", 1):
        child = files.boundaries.get(row["下级片区编号"])
        parent = files.boundaries.get(row["上级片区编号"])
        if row["体系"] in ("组团", "先行启动区", "主平台", "特色产业园") and child and parent:
            assert child.difference(parent).area < child.area * 0.002, row


def test_the_collective_zone_has_members_and_no_boundary(files: Any) -> None:
    assert "JM-QD" not in set(files.layer("zones")["片区编号"])
    members = [code for code, ups in files.parents.items() if "JM-QD" in ups]
    assert sorted(members) == ["JM-QD-GX", "JM-QD-PH", "JM-QD-XH"]
