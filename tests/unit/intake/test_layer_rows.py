"""A large GeoPackage is read in two halves at once: the same rows as in one go."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from zonewright.core.errors import SchemaError
from zonewright.intake import _layer_rows
from zonewright.intake.parcel_file import ParcelFile, read_parcels


@pytest.fixture
def lots(tmp_path: Path) -> Path:
    """Write 40 lots, some of them without a boundary, and take three away again."""
    shapes = [shapely.box(x, 0, x + 1, 1) if x % 7 else None for x in range(40)]
    columns = {
        "code": [f"P{x:02}" for x in range(40)],
        "status": ["ready" if x % 3 else "occupied" for x in range(40)],
    }
    path = tmp_path / "lots.gpkg"
    gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4547").to_file(path, layer="lots")
    return path


def read(monkeypatch: pytest.MonkeyPatch, path: Path, few: int, where: str | None) -> ParcelFile:
    monkeypatch.setattr(_layer_rows, "_FEW", few)
    monkeypatch.setattr(_layer_rows, "rows_in_pages", lambda *_, **named: None)
    return read_parcels(path, where=where, id_column="code")


CONDITIONS = (
    None,
    "status = 'ready'",
    "status = 'ready' OR code = 'P03'",
    "status = 'ready' -- what is left",
    "code < 'P10'",
    "code > 'P90'",
)


@pytest.mark.parametrize("where", CONDITIONS)
def test_halves_are_the_whole(
    monkeypatch: pytest.MonkeyPatch, lots: Path, where: str | None
) -> None:
    asked: list[str | None] = []
    given = _layer_rows._read

    def noted(path: Path, layer: str, columns: list[str], condition: str | None, *rest, **named):
        if named["shapes"]:
            asked.append(condition)
        return given(path, layer, columns, condition, *rest, **named)

    monkeypatch.setattr(_layer_rows, "_read", noted)
    whole = read(monkeypatch, lots, 10**9, where)
    assert asked == [where]
    halves = read(monkeypatch, lots, 0, where)
    assert len(asked) == 3
    assert whole.numbers.tolist() == halves.numbers.tolist()
    assert whole.ids.tolist() == halves.ids.tolist()
    for name in ("xy", "ring_start", "owner", "hole", "state"):
        assert getattr(whole.flat, name).tobytes() == getattr(halves.flat, name).tobytes()


def test_a_condition_that_is_none_by_itself_is_refused_or_read_as_in_one_go(
    monkeypatch: pytest.MonkeyPatch, lots: Path
) -> None:
    for where in ("status = 'ready') OR (code = 'P03'", "stat = 'ready'", "status ==== 1"):
        told = []
        for few in (10**9, 0):
            try:
                told.append(read(monkeypatch, lots, few, where).numbers.tolist())
            except SchemaError as error:
                told.append(str(error))
        assert told[0] == told[1]


def test_numbers_that_do_not_begin_at_one_are_divided_all_the_same(
    monkeypatch: pytest.MonkeyPatch, lots: Path
) -> None:
    whole = read(monkeypatch, lots, 10**9, None)
    monkeypatch.setattr(_layer_rows, "_halves", lambda info, where: (["fid <= 3", "fid > 3"], 3))
    assert np.array_equal(read(monkeypatch, lots, 0, None).numbers, whole.numbers)
