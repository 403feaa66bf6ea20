"""Blocks of parcel files: every format, what is wrong with them, and the command."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from click.testing import CliRunner, Result

from zonewright.cli import zonewright
from zonewright.core.errors import (
    CRSError,
    InputError,
    RangeError,
    SchemaError,
    UnknownReferenceError,
    ZonewrightError,
)
from zonewright.intake.parcel_file import read_parcels
from zonewright.workflows.block_file import blocks_of_file, write_blocks

READY = "status = 'ready'"
CORNER = np.array([460_000.0, 2_500_000.0])
FORMATS = ("gpkg", "shp", "geojson", "parquet", "fgb")


def parcels() -> gpd.GeoDataFrame:
    """Draw six lots of 100 m: a row of three, of which the middle is occupied, and one of three."""
    squares = [shapely.box(x, y, x + 100, y + 100) for y in (0, 300) for x in (0, 100, 200)]
    shapes = shapely.transform(np.array(squares), lambda points: points + CORNER)
    return gpd.GeoDataFrame(
        {
            "code": ["A1", "A2", "A3", "B3", "B1", "B2"],
            "status": ["ready", "occupied", "ready", "ready", "ready", "ready"],
            "ready_on": pd.to_datetime(["2023-05-01"] * 6),
            "状态": ["成熟", "在用", "成熟", "成熟", "成熟", "成熟"],
        },
        geometry=shapes,
        crs="EPSG:4547",
    )


def write(folder: Path, ending: str, frame: gpd.GeoDataFrame | None = None) -> Path:
    path = folder / f"lots.{ending}"
    given = parcels() if frame is None else frame
    if ending == "parquet":
        given.to_parquet(path)
    elif ending == "shp":
        given.drop(columns="ready_on").to_file(path, encoding="gbk")
    else:
        given.to_file(path)
    return path


def run(*args: object, lang: str = "en") -> Result:
    return CliRunner().invoke(zonewright, ["--lang", lang, "blocks", *map(str, args)])


@pytest.mark.parametrize("ending", FORMATS)
def test_all_formats_give_the_same_blocks(tmp_path: Path, ending: str) -> None:
    frame = parcels().to_crs(4326) if ending == "geojson" else None
    path = write(tmp_path, ending, frame)
    found = blocks_of_file(path, ready_where=READY, id_column="code", min_area_mu=10)
    expected = [("B1", 3, 45.0), ("A1", 1, 15.0), ("A3", 1, 15.0)]
    items = [(item["block_id"], item["parcel_count"], item["area_mu"]) for item in found.items()]
    assert [item[:2] for item in sorted(items)] == sorted(item[:2] for item in expected)
    assert [item[2] for item in items] == pytest.approx([45, 15, 15], rel=1e-3)
    assert found.findings == ()
    assert set(found.timing) == {"read_s", "topology_s", "blocks_s"}


@pytest.mark.parametrize("ending", ["gpkg", "parquet", "shp"])
def test_conditions_in_chinese(tmp_path: Path, ending: str) -> None:
    found = read_parcels(write(tmp_path, ending), where="\"状态\" = '成熟'", id_column="code")
    assert sorted(found.ids) == ["A1", "A3", "B1", "B2", "B3"]


def test_conditions_on_days_and_on_no_row(tmp_path: Path) -> None:
    for ending in ("gpkg", "parquet"):
        path = write(tmp_path, ending)
        assert len(read_parcels(path, where="ready_on >= '2023-05-01'").numbers) == 6
        none = blocks_of_file(path, ready_where="ready_on > '2024-01-01'", id_column="code")
        assert none.items() == []


@pytest.mark.parametrize("ending", FORMATS)
@pytest.mark.parametrize("condition", ["stat = 'ready'", "status = ready", "status ==== 'ready'"])
def test_a_wrong_condition_names_the_columns(tmp_path: Path, ending: str, condition: str) -> None:
    with pytest.raises(SchemaError, match="code, status"):
        read_parcels(write(tmp_path, ending), where=condition)


def test_areas_are_geodesic_and_members_are_listed(tmp_path: Path) -> None:
    frame = parcels()
    found = blocks_of_file(
        write(tmp_path, "gpkg"), ready_where=READY, id_column="code", min_area_mu=40
    )
    (item,) = found.items(members=True)
    assert item["members"] == ["B1", "B2", "B3"]
    geod = frame.crs.get_geod()
    drawn = frame.geometry.segmentize(5).to_crs(4490)[3:]
    expected = sum(abs(geod.geometry_area_perimeter(shape)[0]) for shape in drawn)
    assert item["area_m2"] == pytest.approx(expected, rel=1e-7)


def test_rows_that_are_no_polygons_are_findings_with_their_numbers(tmp_path: Path) -> None:
    frame = parcels()
    shapes = frame.geometry.to_numpy().copy()
    shapes[0], shapes[2], shapes[4] = None, shapely.Point(460_000, 2_500_000), shapely.Polygon()
    bow = shapely.transform(shapes[5], lambda points: points[[0, 2, 1, 3, 4]])
    shapes[5] = bow
    frame = frame.set_geometry(gpd.GeoSeries(shapes, crs=frame.crs))
    for ending, first in (("gpkg", 1), ("parquet", 0)):
        found = blocks_of_file(write(tmp_path, ending, frame), id_column="code", min_area_mu=1)
        said = {(finding.code, finding.place.row) for finding in found.findings}
        assert {
            ("parcel-geometry-missing", first),
            ("parcel-geometry-other", first + 2),
            ("parcel-geometry-empty", first + 4),
        } <= said
        assert any(row == first + 5 for _, row in said)
        assert {item["block_id"] for item in found.items()} == {"A2", "B2", "B3"}
        assert all(finding.place.file == f"lots.{ending}" for finding in found.findings)


def test_layers_have_to_be_named_where_there_are_several(tmp_path: Path) -> None:
    path = tmp_path / "lots.gpkg"
    for layer in ("east", "west"):
        parcels().to_file(path, layer=layer)
    with pytest.raises(InputError, match="east, west"):
        read_parcels(path)
    with pytest.raises(UnknownReferenceError, match="north"):
        read_parcels(path, layer="north")
    assert read_parcels(path, layer="west").layer == "west"


def test_frames_of_files(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="crs"):
        path = write(tmp_path, "gpkg", parcels().set_crs(None, allow_override=True))
    with pytest.raises(CRSError, match="--crs"):
        read_parcels(path)
    assert read_parcels(path, crs="EPSG:4547").crs.to_epsg() == 4547
    with pytest.raises(CRSError, match="EPSG:0"):
        read_parcels(path, crs="EPSG:0")
    bare = tmp_path / "bare.parquet"
    parcels().to_crs("OGC:CRS84").to_parquet(bare)
    assert read_parcels(bare).crs.is_geographic


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "text.gpkg").write_text("no database")
    (tmp_path / "text.parquet").write_text("no table")
    pd.DataFrame({"code": ["A"]}).to_parquet(tmp_path / "flat.parquet")
    pyogrio.write_dataframe(pd.DataFrame({"code": ["A"]}), tmp_path / "flat.gpkg")
    for name in ("text.gpkg", "text.parquet", "flat.parquet", "flat.gpkg", "none.gpkg"):
        with pytest.raises(InputError, match=name.replace(".", r"\.")) as told:
            read_parcels(tmp_path / name)
        assert str(tmp_path) not in str(told.value)


def test_columns_that_do_not_exist(tmp_path: Path) -> None:
    for ending in FORMATS:
        with pytest.raises(SchemaError, match="code, status"):
            read_parcels(write(tmp_path, ending), id_column="parcel")


def test_sizes_that_make_no_sense(tmp_path: Path) -> None:
    path = write(tmp_path, "gpkg")
    for options in (
        {"min_area_mu": 0},
        {"min_frontage_m": 0.1},
        {"tolerance_m": -1},
        {"gap_m": -1},
    ):
        with pytest.raises(RangeError):
            blocks_of_file(path, **options)  # type: ignore[arg-type]


def test_blocks_are_written_and_nothing_is_overwritten(tmp_path: Path) -> None:
    found = blocks_of_file(
        write(tmp_path, "gpkg"), ready_where=READY, id_column="code", min_area_mu=10
    )
    out = tmp_path / "blocks.gpkg"
    write_blocks(found, out)
    written = gpd.read_file(out, layer="blocks").set_index("block_id")
    assert written.loc["B1", "parcel_count"] == 3
    assert written.crs == "EPSG:4547"
    assert written.geometry["B1"].equals(parcels().geometry[3:].union_all())
    with pytest.raises(InputError, match="exists"):
        write_blocks(found, out)
    with pytest.raises(ZonewrightError, match=r"blocks\.docx"):
        write_blocks(found, tmp_path / "blocks.docx")


def test_the_command_prints_json_and_writes_a_file(tmp_path: Path) -> None:
    path, out = write(tmp_path, "gpkg"), tmp_path / "blocks.gpkg"
    result = run(path, "--ready-where", READY, "--min-area-mu", 40, "--json", "--out", out)
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert [item["block_id"] for item in told["items"]] == [4]
    assert set(told["items"][0]) == {"block_id", "area_m2", "area_mu", "parcel_count"}
    assert told["findings"] == []
    assert {"read_s", "topology_s", "blocks_s"} <= set(told["timing"])
    assert out.exists()


def test_the_command_prints_a_table_and_says_what_is_wrong(tmp_path: Path) -> None:
    path = write(tmp_path, "gpkg")
    result = run(path, "--ready-where", READY, "--id", "code", "--min-mu", 40, lang="zh")
    assert result.exit_code == 0
    assert "B1" in result.stdout
    assert "45.0" in result.stdout
    assert "没有 500 亩以上" in run(path, lang="zh").stdout
    assert run(path, "--gap-m", 250, "--id", "code", "--min-area-mu", 80).stdout.count("A1") == 1
    wrong = run(path, "--ready-where", "status = ready")
    assert (wrong.exit_code, "code, status" in wrong.output) == (2, True)


def test_options_of_the_two_forms_do_not_mix(tmp_path: Path) -> None:
    path = write(tmp_path, "gpkg")
    wrong = run(path, "--on", "2023-11-30")
    assert (wrong.exit_code, "--zone" in wrong.output) == (2, True)
    wrong = run("w.sqlite", "--zone", "A", "--layer", "lots", "--strips", "s.gpkg")
    assert wrong.exit_code == 2
    assert "--layer" in wrong.output
    assert "--strips" in wrong.output


def test_nothing_is_half_written(tmp_path: Path) -> None:
    path = write(tmp_path, "gpkg")
    kept = {"lots.gpkg"}
    for out in ("none/blocks.gpkg", "blocks.docx"):
        result = run(path, "--json", "--out", tmp_path / out)
        assert (result.exit_code, result.stdout) == (2, "")
        assert "Traceback" not in result.output
        assert {item.name for item in tmp_path.iterdir()} == kept
    empty = run(path, "--min-area-mu", 9_999, "--json", "--out", tmp_path / "blocks.gpkg")
    assert empty.exit_code == 0, empty.output
    assert pyogrio.read_info(tmp_path / "blocks.gpkg")["features"] == 0
    shapes = run(path, "--min-area-mu", 1, "--json", "--out", tmp_path / "blocks.shp")
    assert shapes.exit_code == 0, shapes.output
    assert len(gpd.read_file(tmp_path / "blocks.shp")) == 2
    assert not [item for item in tmp_path.iterdir() if item.name.startswith(".")]


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--gap-m", "nan"), "10000"),
        (("--gap-m", "inf"), "10000"),
        (("--tolerance-m", "nan"), "nan"),
        (("--min-area-mu", "nan"), "nan"),
        (("--ready-where", " "), "--ready-where"),
        (("--layer", "none"), "lots"),
        (("--crs", "EPSG:none"), "EPSG:none"),
        (("--ready-where", "status = 'ready'; DROP TABLE lots"), "code, status"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(
    tmp_path: Path, args: tuple[str, str], said: str, lang: str
) -> None:
    result = run(write(tmp_path, "gpkg"), *args, "--json", lang=lang)
    assert (result.exit_code, said in result.stderr) == (2, True), result.output
    assert result.stdout == ""
    assert "Traceback" not in result.stderr


def test_folders_and_curves_are_refused_in_words(tmp_path: Path) -> None:
    wrong = run(tmp_path, "--json")
    assert (wrong.exit_code, tmp_path.name in wrong.stderr) == (2, True)
    ring = struct.pack("<BII", 1, 8, 5) + struct.pack("<10d", -9, 0, 0, 9, 9, 0, 0, -9, -9, 0)
    curve = struct.pack("<BII", 1, 10, 1) + ring
    pyogrio.raw.write(
        tmp_path / "curve.gpkg", np.array([curve], dtype=object),
        [np.array(["A"], dtype=object)], ["code"],
        layer="curve", geometry_type="Unknown", crs="EPSG:4547",
    )  # fmt: skip
    wrong = run(tmp_path / "curve.gpkg", "--json")
    assert (wrong.exit_code, "curve" in wrong.stderr) == (2, True), wrong.output


def test_ids_that_are_no_ids_and_layers_without_rows_are_told(tmp_path: Path) -> None:
    frame = parcels().assign(code=["A", "A", "B", None, "C", "C"])
    found = blocks_of_file(write(tmp_path, "gpkg", frame), id_column="code", min_area_mu=1)
    said = {finding.code: finding for finding in found.findings}
    assert set(said["parcel-id-repeated"].ids) == {"A", "C"}
    assert said["parcel-id-missing"].params["count"] == "1"
    none = blocks_of_file(tmp_path / "lots.gpkg", ready_where="status = 'none'")
    assert [finding.code for finding in none.findings] == ["parcel-rows-none-ready"]
    empty = write(tmp_path, "parquet", frame.iloc[:0])
    assert [finding.code for finding in blocks_of_file(empty).findings] == ["parcel-rows-none"]


@pytest.mark.parametrize("ending", ["gpkg", "parquet", "shp"])
def test_heights_change_nothing(tmp_path: Path, ending: str) -> None:
    frame = parcels()
    high = frame.set_geometry(shapely.force_3d(frame.geometry.to_numpy(), 7.5))
    found = blocks_of_file(write(tmp_path, ending, high.set_crs(4547)), min_area_mu=1)
    assert [item["parcel_count"] for item in found.items()] == [3, 3]
    assert found.findings == ()
