"""The exchange copy: out to a GeoPackage, edited there, and back as a three-way merge."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyogrio
import pytest
import shapely

from tests.unit.store.conftest import Made, drawing, ledger, read_file, read_table, register
from zonewright.core.errors import FindingsError, StorageError
from zonewright.core.records import FileRead
from zonewright.core.schema import table
from zonewright.store.actions import create_user, take
from zonewright.store.exchange import export_gpkg
from zonewright.store.models import Parcel, ZoneVersion
from zonewright.store.selectors import fingerprint

ON = date(2023, 10, 31)


@pytest.fixture
def copy(workspace: Made, tmp_path: Path) -> Path:
    """An exchange copy of a workspace with two parcels."""
    take([register(), ledger(), drawing()], by="t")
    path = tmp_path / "copy.gpkg"
    export_gpkg(path, on=ON)
    return path


def _value(kind: str, value: Any) -> object:
    if value is None:
        return None
    if kind in ("geometry", "multipolygon"):
        return bytes.fromhex(value)
    return date.fromisoformat(value) if kind == "date" else value


def edited(path: Path, layer: str, *, drop: str = "", **edits: dict[str, object]) -> FileRead:
    """Return the rows of a copy as intake would, with edits by code and one row dropped."""
    fields = {field.name: field.kind for field in table(layer).fields}
    frame = pyogrio.read_dataframe(path, layer="zonewright_base").query("layer == @layer")
    base = {
        tuple(json.loads(key)): {
            name: _value(fields[name], value) for name, value in json.loads(row).items()
        }
        for key, row in zip(frame["key"], frame["row"], strict=True)
    }
    rows = [
        {**row, **edits.get(str(row["code"]), {})}
        for row in base.values()
        if row["code"] != drop
    ]  # fmt: skip
    read = read_table(layer, rows, file=path.name, sheet=layer, base=base)
    return read_file(read, name=path.name)


def test_the_copy_has_curated_layers_and_no_secrets(copy: Path) -> None:
    names = {name for name, _ in pyogrio.list_layers(copy)}
    assert names == {"zones", "parcels", "works", "no_go", "zonewright_base", "zonewright_state"}
    parcels = pyogrio.read_dataframe(copy, layer="parcels")
    assert parcels.crs.to_epsg() == 4490
    one = parcels.set_index("code").loc["P1"]
    assert (one["stage"], one["road"], one["zones"], one["zone"]) == ("L5", 3, "JM", "A")
    assert str(one["L3_on"])[:10] == "2023-01-31"
    assert str(parcels["L3_on"].dtype).startswith("datetime64")
    zones = pyogrio.read_dataframe(copy, layer="zones")
    assert zones["valid_from"].isna().sum() == len(zones), "nobody said since when they hold"
    assert one["reported_area"] == 1_000_000.0
    assert isinstance(parcels, gpd.GeoDataFrame)
    missing = {field.name for field in table("parcels").fields} - set(parcels.columns)
    assert missing == {"services"}
    with closing(sqlite3.connect(copy)) as other:
        tables = {row[0] for row in other.execute("SELECT name FROM sqlite_master")}
    assert not [name for name in tables if name.startswith(("store_", "auth_", "django_"))]


def test_no_account_leaves_the_workspace(copy: Path) -> None:
    create_user("wang", "correct-horse-battery-9")
    export_gpkg(copy, on=ON, overwrite=True)
    assert b"wang" not in copy.read_bytes()
    assert b"argon2" not in copy.read_bytes()


def test_the_copy_says_of_which_state_it_is_and_what_is_synthetic(copy: Path) -> None:
    (state,) = pyogrio.read_dataframe(copy, layer="zonewright_state").itertuples()
    assert (state.fingerprint, state.notices) == (fingerprint(), "合成示例")
    info = pyogrio.read_info(copy, layer="parcels")
    assert info["layer_metadata"]["DESCRIPTION"] == "合成示例"


def test_an_existing_file_is_refused_and_kept(workspace: Made, tmp_path: Path) -> None:
    path = tmp_path / "mine.gpkg"
    path.write_text("mine")
    with pytest.raises(StorageError) as caught:
        export_gpkg(path, on=ON)
    assert caught.value.code == "export-exists"
    assert path.read_text() == "mine"
    assert [entry.name for entry in tmp_path.glob(".*")] == []


def test_an_empty_workspace_has_a_copy_too(workspace: Made, tmp_path: Path) -> None:
    export_gpkg(tmp_path / "empty.gpkg", on=ON)
    names = [name for name, _ in pyogrio.list_layers(tmp_path / "empty.gpkg")]
    assert names[:4] == ["zones", "parcels", "works", "no_go"]
    assert pyogrio.read_info(tmp_path / "empty.gpkg", layer="parcels")["features"] == 0


def test_an_untouched_copy_changes_nothing(copy: Path) -> None:
    files = [edited(copy, "parcels"), edited(copy, "zones")]
    taken = take(files, by="t")
    assert [finding.text() for finding in taken.findings] == []
    assert {(name, count.created, count.updated) for name, count in taken.counts.items()} == {
        ("parcels", 0, 0), ("zones", 0, 0),
    }  # fmt: skip


def test_edits_come_back_as_findings_and_a_merge(copy: Path) -> None:
    shape = shapely.from_wkb(Parcel.objects.get(code="P2").geometry)
    moved = shapely.to_wkb(shapely.affinity.translate(shape, 0.001, 0))
    taken = take([edited(copy, "parcels", P1={"use": "M2"}, P2={"geometry": moved})], by="t")
    told = {finding.code: finding for finding in taken.findings}
    assert set(told) == {"merge-changed", "merge-moved"}
    assert "“M1” to “M2”" in told["merge-changed"].text()
    assert "102" in told["merge-moved"].text() or "103" in told["merge-moved"].text()
    assert told["merge-moved"].ids == ("P2",)
    first, second = Parcel.objects.order_by("code")
    assert (first.use, second.use) == ("M2", "M1")
    assert first.reported_area_unit == "亩"
    assert second.west == pytest.approx(112.111)


def test_an_edit_leaves_what_the_workspace_changed_elsewhere(copy: Path) -> None:
    Parcel.objects.filter(code="P1").update(town="古井")
    take([edited(copy, "parcels", P1={"use": "M2"})], by="t")
    parcel = Parcel.objects.get(code="P1")
    assert (parcel.use, parcel.town) == ("M2", "古井")


def test_an_emptied_cell_of_a_copy_empties_the_field(copy: Path) -> None:
    take([edited(copy, "parcels", P1={"use": None})], by="t")
    assert Parcel.objects.get(code="P1").use == ""


@pytest.mark.parametrize(("prefer", "kept"), [("file", "M2"), ("workspace", "M3")])
def test_a_conflict_is_refused_until_somebody_decides(copy: Path, prefer: Any, kept: str) -> None:
    Parcel.objects.filter(code="P1").update(use="M3")
    file = edited(copy, "parcels", P1={"use": "M2"})
    with pytest.raises(FindingsError) as caught:
        take([file], by="t")
    (finding,) = caught.value.findings
    assert (finding.code, finding.ids) == ("merge-conflict", ("P1",))
    assert all(value in finding.text("zh") for value in ("M1", "M2", "M3"))
    assert Parcel.objects.get(code="P1").use == "M3"
    taken = take([file], by="t", prefer=prefer)
    assert [item.severity for item in taken.findings] == ["info"]
    assert Parcel.objects.get(code="P1").use == kept


def test_the_same_edit_on_both_sides_is_no_conflict(copy: Path) -> None:
    Parcel.objects.filter(code="P1").update(use="M2")
    assert take([edited(copy, "parcels", P1={"use": "M2"})], by="t").findings == ()


def test_a_deleted_row_is_told_and_not_deleted(copy: Path) -> None:
    taken = take([edited(copy, "parcels", drop="P2")], by="t")
    (finding,) = taken.findings
    assert (finding.code, finding.severity, finding.ids) == ("merge-deleted", "warning", ("P2",))
    assert Parcel.objects.filter(code="P2").exists()


def test_a_redrawn_zone_changes_its_boundary_in_place(copy: Path) -> None:
    shape = shapely.MultiPolygon([shapely.box(112.0, 22.0, 112.5, 22.5)])
    take([edited(copy, "zones", JM={"geometry": shapely.to_wkb(shape)})], by="t")
    version = ZoneVersion.objects.get(zone__code="JM")
    assert version.east == 112.5


def test_a_workspace_is_never_overwritten_by_a_copy(embedded: Made, tmp_path: Path) -> None:
    """Neither the connected one nor another; a plain old copy may be."""
    other = tmp_path / "other.sqlite"
    with closing(sqlite3.connect(embedded.path)) as here, closing(sqlite3.connect(other)) as there:
        here.backup(there)
    for path in (embedded.path, other):
        with pytest.raises(StorageError, match="is a workspace"):
            export_gpkg(path, on=ON, overwrite=True)
    copy = tmp_path / "copy.gpkg"
    export_gpkg(copy, on=ON)
    export_gpkg(copy, on=ON, overwrite=True)
