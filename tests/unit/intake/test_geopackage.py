"""Pages read here hold the same rows as GDAL finds; whatever is unusual is left to GDAL."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyogrio import read_info

from zonewright.intake import _geopackage, _layer_rows
from zonewright.intake._geopackage import rows_in_pages
from zonewright.intake.parcel_file import read_parcels

COUNT = 3_000


def drawn(count: int = COUNT) -> gpd.GeoDataFrame:
    """Draw lots, some with a hole, in two parts, in three dimensions, with many corners, absent."""
    shapes = []
    for x in range(count):
        lot = shapely.box(x, 0, x + 1, 1)
        kind = x % 50
        if kind == 1:
            lot = lot.difference(shapely.box(x + 0.2, 0.2, x + 0.4, 0.4))
        elif kind == 2:
            lot = shapely.MultiPolygon([lot, shapely.box(x, 5, x + 1, 6)])
        elif kind == 3:
            lot = shapely.force_3d(lot, 7.0)
        elif kind == 4:
            lot = None
        elif kind == 5:
            lot = shapely.Polygon()
        elif x % 100 == 6:
            lot = shapely.Point(x, 9).buffer(1, quad_segs=400)
        shapes.append(lot)
    columns = {
        "code": [f"P{x:05}" for x in range(count)],
        "status": [("ready", "occupied", None, "planned, but not yet begun")[x % 4]
                   for x in range(count)],
        "grade": [(x * 7919) % 13 - 3 for x in range(count)],
        "Größe": [x % 5 / 2 for x in range(count)],
    }  # fmt: skip
    return gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4547")


@pytest.fixture(scope="module")
def lots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the lots, take some away and change others, so that pages have gaps."""
    path = tmp_path_factory.mktemp("lots") / "all lots #1.gpkg"
    drawn().to_file(path, layer="lots", geometry_type="Unknown")
    with changed(path) as database:
        database.execute("DELETE FROM lots WHERE fid % 17 = 0")
        # GDAL believes this number.
        database.execute("UPDATE gpkg_ogr_contents SET feature_count = NULL")
        database.execute("UPDATE lots SET code = code || hex(zeroblob(200)) WHERE fid % 91 = 0")
        database.execute("ALTER TABLE lots ADD COLUMN zone TEXT DEFAULT 'west'")
        database.execute("UPDATE lots SET zone = 'east' WHERE fid % 3 = 0")
    return path


def changed(path: Path) -> closing[sqlite3.Connection]:
    """Open a file for changes, without the triggers that need functions of GDAL."""
    database = sqlite3.connect(path, isolation_level=None)
    for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
        database.execute(f'DROP TRIGGER "{name}"')
    return closing(database)


def pages(path: Path, where: str | None = None, layer: str = "lots") -> list[bytes] | None:
    """Read a file here."""
    found = rows_in_pages(path, read_info(path, layer=layer), layer=layer, where=where)
    return None if found is None else parts(*found)


def parts(flat: object, numbers: np.ndarray) -> list[bytes]:
    names = ("xy", "ring_start", "owner", "hole", "state")
    return [getattr(flat, name).tobytes() for name in names] + [numbers.tobytes()]


def by_gdal(path: Path, where: str | None = None) -> list[bytes]:
    found = read_parcels(path, where=where)
    return parts(found.flat, found.numbers)


@pytest.mark.parametrize("where", [
    None,
    "status = 'ready'",
    "STATUS <> 'ready' or \"status\" IS NULL",
    "grade between -1 and 4 and not status = 'occupied'",
    "grade < '5'",
    "\"Größe\" >= 1.5 AND grade in (-3, 2, 9)",
    "zone = 'west'",
    "status = 'it''s' or (grade = 1)",
    "status = 'none of them'",
])  # fmt: skip
@pytest.mark.parametrize("at_once", [2, 4_096])
def test_the_rows_are_those_of_gdal(
    monkeypatch: pytest.MonkeyPatch, lots: Path, where: str | None, at_once: int
) -> None:
    monkeypatch.setattr(_geopackage, "_PAGES_AT_ONCE", at_once)
    monkeypatch.setattr(_geopackage, "_FEW", 2)
    monkeypatch.setattr(_geopackage, "_MOST_SPILT", 100)
    found = pages(lots, where)
    assert found is not None
    assert found == by_gdal(lots, where)


@pytest.mark.parametrize("where", [
    "fid < 100",
    "code < 'P00100'",  # too many values
    "lower(status) = 'ready'",
    "\"status\"('x') = 1",
    "status like 'r%'",
    "status = \"ready\"",
    "stat = 'ready'",
    "status ==== 'ready'",
    "status = 'ready') or (grade = 1",
    "status = 'ready' -- or not",
    "1 = 1",
    "geom is not null",
    "status in (select status from lots)",
    "status = 'rea",
])  # fmt: skip
def test_other_conditions_are_left_to_gdal(lots: Path, where: str) -> None:
    assert pages(lots, where) is None


@pytest.mark.parametrize("size", [512, 65_536])
def test_pages_of_any_size_and_with_reserved_bytes(tmp_path: Path, size: int) -> None:
    path = tmp_path / "lots.gpkg"
    drawn(400).iloc[7:50].to_file(path, layer="lots", geometry_type="Unknown")
    with changed(path) as database:
        database.execute(f"PRAGMA page_size = {size}")
        database.execute("VACUUM")
    found = pages(path, "grade > 0")
    assert found is not None
    assert found == by_gdal(path, "grade > 0")


def test_layers_that_are_unusual_are_left_to_gdal(
    monkeypatch: pytest.MonkeyPatch, lots: Path, tmp_path: Path
) -> None:
    def left(change: str) -> bool:
        path = tmp_path / "changed.gpkg"
        path.write_bytes(lots.read_bytes())
        with changed(path) as database:
            database.execute(change)
            return pages(path) is None

    monkeypatch.setattr(_geopackage, "_MOST_SPILT", 100)
    assert not left("SELECT 1")
    assert left("PRAGMA journal_mode = WAL")
    assert left("ALTER TABLE lots ADD COLUMN twice INTEGER AS (2 * grade)")
    assert left("UPDATE lots SET geom = x'4750' WHERE fid = 9")
    assert left("UPDATE lots SET geom = 'text' WHERE fid = 9")
    # Big-endian, and a curve.
    assert left("UPDATE lots SET geom = x'475000010000000000000000' || x'0000000003' WHERE fid = 9")
    assert left("UPDATE lots SET geom = CAST(x'4750000100000000010A00000000000000' AS BLOB) "
                "WHERE fid = 9")  # fmt: skip
    assert left("BEGIN EXCLUSIVE")
    monkeypatch.setattr(_geopackage, "_MOST_SPILT", 0)
    assert left("SELECT 1")


def test_a_change_meanwhile_is_noticed(monkeypatch: pytest.MonkeyPatch, lots: Path) -> None:
    given = _geopackage.join_flats

    def changing(flats: list[object]) -> object:
        lots.touch()
        return given(flats)

    monkeypatch.setattr(_geopackage, "_MOST_SPILT", 100)
    assert pages(lots) is not None
    monkeypatch.setattr(_geopackage, "join_flats", changing)
    assert pages(lots) is None


def test_damaged_files_harm_nobody(
    monkeypatch: pytest.MonkeyPatch, lots: Path, tmp_path: Path
) -> None:
    monkeypatch.setattr(_geopackage, "_MOST_SPILT", 100)
    info = read_info(lots, layer="lots")
    whole = np.frombuffer(lots.read_bytes(), np.uint8)
    random = np.random.default_rng(4)
    path = tmp_path / "lots.gpkg"
    read = 0
    for turn in range(150):
        damaged, count = whole.copy(), 2 ** (turn % 10)
        # The heads of pages, their pointers, and anything.
        page = random.integers(1, len(whole) // 4_096, count) * 4_096
        anything = random.integers(100, len(whole), count)
        at = np.concatenate([page + random.integers(0, 40, count), anything])
        damaged[at] = random.integers(0, 256, 2 * count)
        path.write_bytes(damaged.tobytes())
        found = rows_in_pages(path, info, layer="lots", where="grade = 1")
        assert found is None or found[0].rows == len(found[1])
        read += found is not None
    assert 5 < read < 100


def test_ids_are_read_beside(monkeypatch: pytest.MonkeyPatch, lots: Path) -> None:
    monkeypatch.setattr(_geopackage, "_MOST_SPILT", 100)
    expected = read_parcels(lots, where="status = 'ready'", id_column="code")
    monkeypatch.setattr(_layer_rows, "_FEW", 0)
    read = _layer_rows._read

    def beside(*given: object, **named: object) -> object:
        assert not named["shapes"]
        return read(*given, **named)

    monkeypatch.setattr(_layer_rows, "_read", beside)
    found = read_parcels(lots, where="status = 'ready'", id_column="code")
    assert found.ids.tolist() == expected.ids.tolist()
    assert parts(found.flat, found.numbers) == parts(expected.flat, expected.numbers)
