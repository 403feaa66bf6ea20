from __future__ import annotations

import json
import warnings
import zipfile
from datetime import date
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely
from pyproj import CRS
from shapely import Polygon, box

from tests.unit.intake.books import coded, faults, parcels, squares, table_of
from zonewright.core.records import FileRead
from zonewright.intake.reading import read_file

BOW_TIE = Polygon([(113, 22), (113.01, 22.01), (113.01, 22), (113, 22.01)])


def shapes(read: FileRead, name: str = "parcels") -> list[shapely.Geometry]:
    return [shapely.from_wkb(row["geometry"]) for row in table_of(read, name).rows]  # type: ignore[call-overload]


def apart(read: FileRead, wanted: list[shapely.Geometry]) -> float:
    """Return the largest distance between what was read and what was drawn [degrees]."""
    found = shapes(read)
    assert len(found) == len(wanted)
    return max(shapely.hausdorff_distance(a, b) for a, b in zip(found, wanted, strict=True))


def save(
    frame: gpd.GeoDataFrame, path: Path, *, crs: object = "keep", layer: str | None = None
) -> Path:
    if crs != "keep":
        frame = frame.set_crs(crs, allow_override=True) if crs else gpd.GeoDataFrame(
            frame.drop(columns="geometry"), geometry=frame.geometry.to_numpy()
        )  # fmt: skip
    options = {"layer": layer} if layer else {}
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="'crs' was not provided")
        pyogrio.write_dataframe(frame, path, **options)
    return path


def test_an_official_layer_is_taken_as_it_is(tmp_path: Path) -> None:
    frame = parcels(squares(), 4490)
    read = read_file(save(frame, tmp_path / "p.gpkg", layer="地块"))
    assert faults(read) == []
    table = table_of(read, "parcels")
    assert (table.sheet, table.numbers, table.columns["geometry"]) == ("地块", (1, 2), "geometry")
    for shape, drawn in zip(shapes(read), squares(), strict=True):
        assert shape.geom_type == "MultiPolygon"
        assert shape.geoms[0].exterior.is_ccw
        assert shape.equals(drawn)
        assert not shape.has_z


@pytest.mark.parametrize("epsg", [4547, 4546, 4526, 4525, 4508, 4497, 3857, 32649, 4326])
def test_known_systems_come_to_the_same_place(tmp_path: Path, epsg: int) -> None:
    frame = parcels(squares(), 4490).to_crs(epsg)
    read = read_file(save(frame, tmp_path / "p.gpkg"))
    assert not read.refused
    assert apart(read, squares()) < 1e-8
    assert bool(coded(read, "intake-crs-web-mercator")) == (epsg == 3857)
    assert bool(coded(read, "intake-crs-wgs84")) == (epsg in (3857, 32649, 4326))


@pytest.mark.parametrize(
    ("epsg", "stated", "code"),
    [
        (4526, None, "intake-crs-assumed"),
        (4497, None, "intake-crs-assumed"),
        (4490, None, "intake-crs-assumed"),
        (4526, 4547, "intake-zone-prefix"),
        (4547, 4526, "intake-zone-prefix"),
        (4526, 4490, "intake-crs-contradicted"),
        (4490, 4547, "intake-crs-contradicted"),
    ],
)
def test_a_missing_or_wrong_system_is_inferred_and_said(
    tmp_path: Path, epsg: int, stated: int | None, code: str
) -> None:
    frame = parcels(squares(), 4490).to_crs(epsg)
    read = read_file(save(frame, tmp_path / "p.gpkg", crs=stated))
    assert not read.refused
    assert coded(read, code)[0].severity == "warning"
    assert apart(read, squares()) < 1e-8


@pytest.mark.parametrize(
    ("epsg", "stated"), [(4490, True), (4547, True), (4526, True), (4490, False), (4526, False)]
)
def test_swapped_axes_are_turned_and_said(tmp_path: Path, epsg: int, stated: bool) -> None:
    frame = parcels(squares(), 4490).to_crs(epsg)
    turned = [shapely.transform(shape, lambda points: points[:, ::-1]) for shape in frame.geometry]
    frame = parcels(turned, epsg if stated else None)
    read = read_file(save(frame, tmp_path / "p.gpkg", crs=epsg if stated else None))
    assert coded(read, "intake-axes-swapped")[0].severity == "warning"
    assert apart(read, squares()) < 1e-8


def test_metres_without_a_zone_are_refused_with_the_remedy(tmp_path: Path) -> None:
    frame = parcels(squares(), 4490).to_crs(4547)
    read = read_file(save(frame, tmp_path / "p.gpkg", crs=None))
    (finding,) = coded(read, "intake-crs-zone-unknown")
    assert finding.severity == "error"
    assert "EPSG:4547" in finding.text("zh")
    assert read.tables == ()


@pytest.mark.parametrize(
    ("epsg", "west", "code"),
    [(4610, 113.0, "intake-crs-old-datum"), (4490, 150.0, "intake-outside-china")],
)
def test_other_datums_and_places_are_refused(
    tmp_path: Path, epsg: int, west: float, code: str
) -> None:
    frame = parcels(squares(west=west), epsg)
    assert coded(read_file(save(frame, tmp_path / "p.gpkg")), code)[0].severity == "error"


def test_faulty_polygons_are_named_with_their_spot_and_not_repaired(tmp_path: Path) -> None:
    doubled = Polygon([(113, 22.5), (113.01, 22.5), (113.01, 22.5), (113.01, 22.51), (113, 22.51)])
    far = box(10, 10, 11, 11)
    frame = parcels([BOW_TIE, None, Polygon(), doubled, far, *squares(3)], 4490)
    read = read_file(save(frame, tmp_path / "p.gpkg"))
    found = {(item.code, item.place.row, item.severity) for item in read.findings}
    assert {
        ("intake-geometry-invalid", 1, "error"),
        ("intake-geometry-empty", 2, "error"),
        ("intake-geometry-empty", 3, "error"),
        ("intake-geometry-repeated-vertex", 4, "warning"),
        ("intake-geometry-outside", 5, "error"),
    } <= found
    (invalid,) = coded(read, "intake-geometry-invalid")
    assert "113.0050000, 22.0050000" in invalid.text("en")
    assert (invalid.ids, invalid.place.sheet) == (("P-1",), "p")
    assert "自相交" in invalid.text("zh")
    rows = table_of(read, "parcels").rows
    assert rows[0]["geometry"] is None
    assert shapely.from_wkb(rows[3]["geometry"]).equals(doubled)  # type: ignore[call-overload]
    assert shapely.get_num_coordinates(shapely.from_wkb(rows[3]["geometry"])) == 5  # type: ignore[call-overload]


def test_lines_are_no_areas_but_may_be_works(tmp_path: Path) -> None:
    line = shapely.LineString([(113, 22.5), (113.01, 22.5)])
    frame = parcels([line], 4490)
    assert ("intake-geometry-type", "geometry1") in faults(
        read_file(save(frame, tmp_path / "p.gpkg"))
    )
    works = gpd.GeoDataFrame(
        {"项目编号": ["W-1"], "项目名称": ["路"], "项目类型": ["道路"]}, geometry=[line], crs=4490
    )
    read = read_file(save(works, tmp_path / "w.gpkg"))
    assert shapes(read, "works")[0].equals(line)


@pytest.mark.parametrize("cpg", [True, False])
def test_a_shapefile_in_gbk_with_cut_names_is_read(tmp_path: Path, cpg: bool) -> None:
    frame = parcels(squares(), 4490).to_crs(4547)
    frame["reported_a"] = [12.5, 13.5]
    frame["规划用途"] = ["一类工业", "二类工业"]
    frame["是否占基本"] = ["是", "否"]
    path = tmp_path / "地块.shp"
    pyogrio.write_dataframe(frame, path, encoding="GBK")
    if not cpg:
        path.with_suffix(".cpg").unlink()
    read = read_file(path)
    assert not read.refused
    rows = table_of(read, "parcels").rows
    assert [row["basic_farmland"] for row in rows] == [True, False]
    assert [row["code"] for row in rows] == ["P-1", "P-2"]
    assert [row["use"] for row in rows] == ["一类工业", "二类工业"]
    assert [row["reported_area"] for row in rows] == [12.5, 13.5]
    assert apart(read, squares()) < 1e-6
    zipped = tmp_path / "地块.zip"
    with zipfile.ZipFile(zipped, "w") as archive:
        for part in tmp_path.glob("地块.*"):
            if part.suffix != ".zip":
                archive.write(part, f"成果/{part.name}")
    assert table_of(read_file(zipped), "parcels").rows == rows


def test_a_shapefile_without_its_parts_says_which(tmp_path: Path) -> None:
    path = tmp_path / "p.shp"
    pyogrio.write_dataframe(parcels(squares(), 4490), path, encoding="GBK")
    path.with_suffix(".dbf").unlink()
    (finding,) = coded(read_file(path), "intake-shapefile-incomplete")
    assert ".dbf" in finding.text("zh")


def test_geojson_is_read(tmp_path: Path) -> None:
    path = tmp_path / "p.geojson"
    parcels(squares(), 4326).to_file(path, driver="GeoJSON")
    assert apart(read_file(path), squares()) < 1e-12


def test_a_layer_without_its_code_is_named(tmp_path: Path) -> None:
    frame = parcels(squares(), 4490).rename(columns={"地块编号": "用途"})
    read = read_file(save(frame, tmp_path / "x.gpkg", layer="parcels"))
    assert "地块编号" in coded(read, "intake-column-missing")[0].text("zh")


def test_the_metadata_of_a_layer_gives_the_notice(tmp_path: Path) -> None:
    path = tmp_path / "p.gpkg"
    notice = {"DESCRIPTION": "合成示例数据，地块均为虚构"}
    pyogrio.write_dataframe(parcels(squares(), 4490), path, layer_metadata=notice)
    assert read_file(path).notice == notice["DESCRIPTION"]


def exchange_copy(path: Path, *, use: str = "工业", stage: str = "L5") -> Path:
    """Write what `zonewright export --gpkg` writes, with an edit if asked for."""
    drawn = squares(2)
    frame = gpd.GeoDataFrame(
        {
            "code": ["P-1", "P-2"],
            "zone": ["Z", None],
            "use": [use, "工业"],
            "reported_area": [2000 / 3 * 78.83, None],
            "basic_farmland": pd.array([True, None], dtype="boolean"),
            "acquired_pct": [0.5, 0.25],
            "available_on": [date(2023, 4, 21), None],
            "road": pd.array([5, None], dtype="Int64"),
            "water": pd.array([0, None], dtype="Int64"),
            "area_m2": [5.0, 6.0],
            "stage": [stage, "L3"],
            "L3_on": [date(2023, 1, 1), None],
            "zones": ["Z ZZ", ""],
        },
        geometry=[shapely.MultiPolygon([drawn[0]]), None],
        crs=4490,
    )
    pyogrio.write_dataframe(frame, path, layer="parcels", geometry_type="MultiPolygon")
    base = []
    for code in ("P-1", "P-2"):
        whole = code == "P-1"
        row = {
            "code": code,
            "zone": "Z" if whole else None,
            "use": "工业",
            "reported_area": 2000 / 3 * 78.83 if whole else None,
            "basic_farmland": True if whole else None,
            "acquired_pct": 0.5 if whole else 0.25,
            "available_on": "2023-04-21" if whole else None,
            "services": {"road": 5, "water": 0} if whole else None,
            "stage": "L5" if whole else "L3",
            "geometry": shapely.to_wkb(frame.geometry[0], hex=True) if whole else None,
        }
        base.append({"layer": "parcels", "key": json.dumps([code]), "row": json.dumps(row)})
    pyogrio.write_dataframe(pd.DataFrame(base), path, layer="zonewright_base", append=True)
    state = pd.DataFrame([{"fingerprint": "abc", "exported_at": "2023-11-01", "notices": "合成"}])
    pyogrio.write_dataframe(state, path, layer="zonewright_state", append=True)
    return path


def test_an_untouched_exchange_copy_equals_its_base(tmp_path: Path) -> None:
    read = read_file(exchange_copy(tmp_path / "copy.gpkg"))
    table = table_of(read, "parcels")
    assert faults(read) == []
    assert table.base_version == "abc"
    assert table.base is not None
    assert [dict(table.base[row["code"],]) for row in table.rows] == [
        dict(row) for row in table.rows
    ]
    assert read.notice == "合成"


def test_an_edit_of_the_copy_differs_from_its_base(tmp_path: Path) -> None:
    read = read_file(exchange_copy(tmp_path / "copy.gpkg", use="仓储"))
    table = table_of(read, "parcels")
    assert table.base is not None
    edited = table.rows[0]
    before = table.base["P-1",]
    assert {name for name in edited if edited[name] != before.get(name)} == {"use"}


def test_an_edit_of_a_computed_column_is_said(tmp_path: Path) -> None:
    read = read_file(exchange_copy(tmp_path / "copy.gpkg", stage="L8"))
    assert faults(read) == [("intake-computed-edited", "stage1")]


def test_a_required_field_may_not_be_emptied_in_the_copy(tmp_path: Path) -> None:
    path = exchange_copy(tmp_path / "copy.gpkg")
    zones = gpd.GeoDataFrame(
        {
            "code": ["A", "B"],
            "name": [None, "乙"],
            "kind": ["park", "park"],
            "valid_from": [None] * 2,
        },
        geometry=[None, None],
        crs=4490,
    )
    pyogrio.write_dataframe(zones, path, layer="zones", geometry_type="MultiPolygon", append=True)
    before = [
        {"code": code, "name": name, "kind": "park", "valid_from": None, "geometry": None}
        for code, name in (("A", "甲"), ("B", "乙"))
    ]
    base = [
        {"layer": "zones", "key": json.dumps([row["code"]]), "row": json.dumps(row)}
        for row in before
    ]
    pyogrio.write_dataframe(pd.DataFrame(base), path, layer="zonewright_base", append=True)
    read = read_file(path)
    assert faults(read) == [("intake-required-empty", "name1")]


def test_every_zone_of_the_official_projections_is_recognised_by_its_prefix(
    tmp_path: Path,
) -> None:
    for epsg, lon in ((4513, 75.0), (4533, 135.0), (4491, 75.0), (4501, 135.0)):
        drawn = [box(lon, 30, lon + 0.001, 30.001)]
        frame = parcels(drawn, 4490).to_crs(epsg)
        read = read_file(save(frame, tmp_path / f"{epsg}.gpkg", crs=None))
        assert coded(read, "intake-crs-assumed")[0].params["name"] == CRS.from_epsg(epsg).name
        assert apart(read, drawn) < 1e-8


def test_reading_leaves_nothing_beside_a_users_file(tmp_path: Path) -> None:
    """GDAL keeps a dataset's own notes in a side file unless it is told not to."""
    path = tmp_path / "map.gpkg"
    frame = parcels(squares(3), "EPSG:4490")
    notes = {"NOTICE": "合成示例数据"}
    pyogrio.write_dataframe(
        frame, path, layer="parcels", dataset_metadata=notes, layer_metadata=notes
    )
    before = {entry.name: entry.read_bytes() for entry in tmp_path.iterdir()}
    read_file(path)
    assert {entry.name: entry.read_bytes() for entry in tmp_path.iterdir()} == before
