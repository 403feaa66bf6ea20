"""What may lie in the gaps of blocks, and what they never reach across, from files."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from click.testing import CliRunner, Result

from zonewright.cli import zonewright
from zonewright.core.errors import CRSError, InputError, UnknownReferenceError
from zonewright.workflows.block_file import FileBlocks, blocks_of_file

CRS = "EPSG:4547"
CORNER = np.array([460_000.0, 2_500_000.0])


def moved(shape: shapely.Geometry) -> shapely.Geometry:
    return shapely.transform(shape, lambda points: points + CORNER)


def write(path: Path, layer: str | None = None, **rows: tuple[shapely.Geometry, ...]) -> str:
    """Write features by kind to a layer, and return how a command names it."""
    kinds = [kind for kind, shapes in rows.items() for _ in shapes]
    shapes = [moved(shape) for some in rows.values() for shape in some]
    frame = gpd.GeoDataFrame({"kind": kinds}, geometry=shapes, crs=CRS)
    frame.to_file(path, layer=layer)
    return str(path) if layer is None else f"{path}:{layer}"


@pytest.fixture
def lots(tmp_path: Path) -> Path:
    """Three lots of 100 m in a row, with a gap of 15 m and one of 12 m, and one that touches."""
    path = tmp_path / "lots.gpkg"
    spans = ((0, 100), (115, 215), (227, 327), (327, 427))
    shapes = [moved(shapely.box(west, 0, east, 100)) for west, east in spans]
    codes = ["A", "B", "C", "D"]
    gpd.GeoDataFrame({"code": codes}, geometry=shapes, crs=CRS).to_file(path)
    return path


ROAD = shapely.LineString([(107.5, -20), (107.5, 120)])
CANAL = shapely.box(215, -20, 227, 120)


def blocks(path: Path, **options: object) -> FileBlocks:
    return blocks_of_file(path, id_column="code", min_area_mu=1, **options)  # type: ignore[arg-type]


def members(found: FileBlocks) -> list[list[object]]:
    return sorted(list(item["members"]) for item in found.items(members=True))  # type: ignore[call-overload]


def codes(found: FileBlocks) -> list[str]:
    return [finding.code for finding in found.findings]


def test_a_gap_without_strips_joins_over_any_land_and_says_so(lots: Path) -> None:
    found = blocks(lots, gap_m=20)
    assert members(found) == [["A", "B", "C", "D"]]
    assert codes(found) == ["blocks-gap-any-land"]
    assert codes(blocks(lots)) == []


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        (None, [["A", "B", "C", "D"]]),
        (["road"], [["A", "B"], ["C", "D"]]),
        (["canal"], [["A"], ["B", "C", "D"]]),
    ],
)
def test_only_the_kinds_that_are_named_are_bridged(
    lots: Path, tmp_path: Path, kinds: list[str] | None, expected: list[list[str]]
) -> None:
    strips = write(tmp_path / "strips.gpkg", road=(ROAD,), canal=(CANAL,))
    found = blocks(lots, gap_m=20, strips=[strips], strip_kinds=kinds)
    assert members(found) == expected
    assert "blocks-gap-any-land" not in codes(found)
    # A strip as wide as the gap asked for, and no wider.
    assert members(blocks(lots, gap_m=10, strips=[strips])) == [["A"], ["B"], ["C", "D"]]


def test_a_river_among_the_strips_is_left_out_and_told(lots: Path, tmp_path: Path) -> None:
    strips = write(tmp_path / "strips.gpkg", river=(CANAL,), road=(ROAD,))
    found = blocks(lots, gap_m=20, strips=[strips])
    assert members(found) == [["A", "B"], ["C", "D"]]
    assert {"strips-of-other-kinds", "strips-widened"} <= set(codes(found))


def test_a_line_is_as_wide_as_its_column_says(lots: Path, tmp_path: Path) -> None:
    path = tmp_path / "roads.gpkg"
    frame = gpd.GeoDataFrame({"宽度": [8.0]}, geometry=[moved(ROAD)], crs=CRS)
    frame.to_file(path, layer="roads")
    narrow = blocks(lots, gap_m=20, strips=[f"{path}:roads"], strip_kinds=["road"])
    assert members(narrow) == [["A"], ["B"], ["C", "D"]]
    frame.assign(宽度=15.0).to_file(path, layer="roads")
    wide = blocks(lots, gap_m=20, strips=[f"{path}:roads"], strip_kinds=["road"])
    assert members(wide) == [["A", "B"], ["C", "D"]]


def test_strips_in_degrees_are_brought_into_the_frame_of_the_parcels(
    lots: Path, tmp_path: Path
) -> None:
    path = tmp_path / "strips.geojson"
    shapes = [moved(CANAL)]
    gpd.GeoDataFrame({"kind": ["canal"]}, geometry=shapes, crs=CRS).to_crs(4326).to_file(path)
    assert members(blocks(lots, gap_m=20, strips=[str(path)])) == [["A"], ["B", "C", "D"]]


def test_no_block_reaches_across_a_barrier(lots: Path, tmp_path: Path) -> None:
    strips = write(tmp_path / "strips.gpkg", road=(ROAD,), canal=(CANAL,))
    along = shapely.LineString([(221, -20), (221, 120)])
    barriers = write(tmp_path / "river.gpkg", river=(along,))
    found = blocks(lots, gap_m=20, strips=[strips], barriers=[barriers])
    assert members(found) == [["A", "B"], ["C", "D"]]
    assert members(blocks(lots, gap_m=20, barriers=[barriers])) == [["A", "B"], ["C", "D"]]


@pytest.mark.parametrize("east", [327.0, 327.05])
@pytest.mark.parametrize("gap_m", [0, 20])
def test_an_edge_along_a_railway_joins_nothing(
    lots: Path, tmp_path: Path, east: float, gap_m: float
) -> None:
    rail = write(tmp_path / "r.gpkg", railway=(shapely.LineString([(east, -20), (east, 120)]),))
    found = members(blocks(lots, barriers=[rail], gap_m=gap_m))
    assert ["D"] in found


def test_beyond_the_end_of_a_barrier_parcels_join(lots: Path, tmp_path: Path) -> None:
    half = shapely.LineString([(327, -20), (327, 90)])
    rail = write(tmp_path / "r.gpkg", railway=(half,))
    assert ["C", "D"] in members(blocks(lots, barriers=[rail]))
    most = shapely.LineString([(327, -20), (327, 99.5)])
    rail = write(tmp_path / "s.gpkg", railway=(most,))
    assert ["D"] in members(blocks(lots, barriers=[rail]))


def test_land_in_a_no_go_area_is_not_ready_and_not_crossed(lots: Path, tmp_path: Path) -> None:
    wood = write(tmp_path / "wood.gpkg", ecology=(shapely.box(150, 50, 160, 60),))
    found = blocks(lots, no_go=[wood])
    assert members(found) == [["A"], ["C", "D"]]
    (finding,) = found.findings
    assert (finding.code, finding.ids) == ("parcel-no-go", ("B",))
    assert float(str(finding.params["area"])) == pytest.approx(100, rel=1e-3)
    between = write(tmp_path / "between.gpkg", ecology=(shapely.box(218, -50, 222, 160),))
    found = blocks(lots, gap_m=20, no_go=[between])
    assert members(found) == [["A", "B"], ["C", "D"]]


def test_files_that_cannot_be_used(lots: Path, tmp_path: Path) -> None:
    both = tmp_path / "both.gpkg"
    write(both, "one", road=(ROAD,))
    write(both, "two", road=(ROAD,))
    with pytest.raises(InputError, match="one, two"):
        blocks(lots, gap_m=20, strips=[str(both)])
    with pytest.raises(UnknownReferenceError, match="three"):
        blocks(lots, gap_m=20, strips=[f"{both}:three"])
    with pytest.raises(InputError, match=r"none\.gpkg"):
        blocks(lots, barriers=[str(tmp_path / "none.gpkg")])
    with pytest.raises(InputError, match="road, canal"):
        blocks(lots, gap_m=20, strips=[f"{both}:one"], strip_kinds=["river"])
    with pytest.raises(InputError, match="--gap-m"):
        blocks(lots, strips=[f"{both}:one"])
    (tmp_path / "text.gpkg").write_text("no database")
    with pytest.raises(InputError, match=r"text\.gpkg") as told:
        blocks(lots, barriers=[str(tmp_path / "text.gpkg")])
    assert str(tmp_path) not in str(told.value)
    bare = tmp_path / "bare.gpkg"
    with pytest.warns(UserWarning, match="crs"):
        gpd.GeoDataFrame(geometry=[moved(CANAL)]).to_file(bare)
    with pytest.raises(CRSError, match=r"bare\.gpkg"):
        blocks(lots, barriers=[str(bare)])


def test_strips_without_kinds(lots: Path, tmp_path: Path) -> None:
    path = tmp_path / "plain.gpkg"
    gpd.GeoDataFrame({"n": [1]}, geometry=[moved(CANAL)], crs=CRS).to_file(path)
    assert members(blocks(lots, gap_m=20, strips=[str(path)])) == [["A"], ["B", "C", "D"]]
    found = blocks(lots, gap_m=20, strips=[str(path)], strip_kinds=["canal"])
    assert members(found) == [["A"], ["B"], ["C", "D"]]
    assert "strips-kind-untold" in codes(found)
    gpd.GeoDataFrame(geometry=[moved(shapely.Point(0, 0))], crs=CRS).to_file(path)
    assert "between-file-empty" in codes(blocks(lots, gap_m=20, strips=[str(path)]))


def run(*args: object, lang: str = "en") -> Result:
    return CliRunner().invoke(zonewright, ["--lang", lang, "blocks", *map(str, args)])


def test_the_command(lots: Path, tmp_path: Path) -> None:
    strips = write(tmp_path / "strips.gpkg", "条带", road=(ROAD,), canal=(CANAL,))
    args = (lots, "--id", "code", "--min-area-mu", 1, "--gap-m", 20, "--strips", strips)
    result = run(*args, "--strip-kinds", "road，canal", "--json", "--members")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert [item["members"] for item in told["items"]] == [["A", "B", "C", "D"]]
    assert [finding["code"] for finding in told["findings"]] == ["strips-widened"]
    wrong = run(*args, "--strip-kinds", "rail", lang="zh")
    assert (wrong.exit_code, "road, canal" in wrong.output) == (2, True)
    assert "Traceback" not in wrong.output


def test_numbers_of_both_halves(lots: Path, tmp_path: Path) -> None:
    """Barriers take nothing from the areas: what is parted has the same sum."""
    rail = write(tmp_path / "r.gpkg", railway=(shapely.LineString([(327, -20), (327, 120)]),))
    whole = blocks(lots).blocks.area_m2.sum()
    assert blocks(lots, barriers=[rail]).blocks.area_m2.sum() == pytest.approx(whole)
    assert np.isfinite(whole)
