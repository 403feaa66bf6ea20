"""A record that lies in several zones counts once in every total."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pytest
from pyproj import Geod
from shapely import MultiPolygon, Polygon, box, to_wkb

from tests.acceptance.conftest import zonewright

SIDE = 0.002


def spot_in_two_zones(files: Path) -> Polygon:
    """Return a square inside a start-up area (so in cluster and group too), off every parcel."""
    zones = gpd.read_file(files / "园区图层.gpkg", layer="zones")
    parcels = gpd.read_file(files / "园区图层.gpkg", layer="parcels")
    area = zones[zones["片区类型"] == "先行启动区"].geometry.iloc[0]
    west, south, east, north = area.bounds
    lon = west
    while lon < east:
        lat = south
        while lat < north:
            square = box(lon, lat, lon + SIDE, lat + SIDE)
            if area.contains(square) and not len(parcels.sindex.query(square, "intersects")):
                return square
            lat += SIDE / 2
        lon += SIDE / 2
    raise AssertionError("no free spot")


def figures(workspace: Path) -> dict[str, dict[str, Any]]:
    items = zonewright("figures", workspace, "--json").json["items"]
    return {item["id"]: item for item in items}


def test_a_parcel_in_overlapping_zones_counts_once(
    demo: Path, workspace: Path, tmp_path: Path
) -> None:
    square = spot_in_two_zones(demo / "files")
    gpd.GeoDataFrame(
        {"code": ["TEST-1"], "use": ["工业"]}, geometry=[square], crs="EPSG:4490"
    ).to_file(tmp_path / "新地块.gpkg", layer="parcels", driver="GPKG")
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["地块编号", "阶段", "日期"])
    sheet.append(["TEST-1", "征地", "2023-05-10"])
    book.save(tmp_path / "地块阶段.xlsx")
    before = figures(workspace)

    answer = zonewright(
        "import", workspace, tmp_path / "新地块.gpkg", tmp_path / "地块阶段.xlsx", "--json"
    )
    assert answer.code == 0, answer.out[-3000:]

    after = figures(workspace)
    area_ha = abs(Geod(ellps="GRS80").geometry_area_perimeter(square)[0]) / 10_000
    for code in ("F018", "F028"):  # the cluster, and the three start-up areas
        gained = after[code]["value"] - before[code]["value"]
        assert gained == pytest.approx(area_ha, rel=1e-6), code
        assert after[code]["records"] == before[code]["records"] + 1


def test_a_parcel_added_by_plain_sql_counts_once_in_every_zone(demo: Path, workspace: Path) -> None:
    square = spot_in_two_zones(demo / "files")
    before = figures(workspace)

    with sqlite3.connect(workspace) as database:
        row = database.execute(
            "INSERT INTO store_parcel (code, geometry) VALUES ('SQL-1', ?)",
            (to_wkb(MultiPolygon([square])),),
        )
        database.execute(
            "INSERT INTO store_parcelevent (parcel_id, stage, [on]) VALUES (?, 'L3', '2023-05-10')",
            (row.lastrowid,),
        )
    database.close()

    after = figures(workspace)
    area_ha = abs(Geod(ellps="GRS80").geometry_area_perimeter(square)[0]) / 10_000
    for code in ("F018", "F028"):
        gained = after[code]["value"] - before[code]["value"]
        assert gained == pytest.approx(area_ha, rel=1e-6), code
        assert after[code]["records"] == before[code]["records"] + 1
    assert zonewright("doctor", workspace).code == 0
