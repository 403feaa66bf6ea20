"""The exchange copy goes out whole, carries no secret, and comes back as a merge."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import geopandas as gpd
import pyogrio
import pytest
from shapely.affinity import translate

from tests.acceptance.conftest import contents, zonewright

LAYERS = ("zones", "parcels", "works", "no_go")


@pytest.fixture
def copy(workspace: Path, tmp_path: Path) -> Path:
    path = tmp_path / "copy.gpkg"
    answer = zonewright("export", workspace, "--gpkg", path)
    assert answer.code == 0, answer.err
    return path


def test_gdal_reads_every_layer_in_cgcs2000(copy: Path) -> None:
    listed = {name for name, _ in pyogrio.list_layers(copy)}
    assert set(LAYERS) <= listed
    for layer in LAYERS:
        info = pyogrio.read_info(copy, layer=layer)
        assert info["crs"] == "EPSG:4490"
        assert info["features"] > 0
        with sqlite3.connect(copy) as database:
            columns = [row[1] for row in database.execute(f'PRAGMA table_info("{layer}")')]
        database.close()
        # GDAL drops columns whose type it does not know: all but id and geometry must be there.
        assert len(info["fields"]) == len(columns) - 2, (layer, columns)


def test_it_holds_no_account_and_no_secret(copy: Path) -> None:
    with sqlite3.connect(copy) as database:
        tables = [row[0] for row in database.execute("SELECT name FROM sqlite_master")]
    database.close()
    for word in ("user", "session", "audit", "auth", "permission"):
        assert not [name for name in tables if word in name.lower()], word
    assert b"argon2" not in copy.read_bytes()


def test_an_untouched_copy_changes_nothing(workspace: Path, copy: Path) -> None:
    answer = zonewright("import", workspace, copy, "--json")
    assert answer.code == 0, answer.err
    counts = answer.json["counts"]
    assert all(count["created"] == count["updated"] == 0 for count in counts.values()), counts


def edit(copy: Path) -> tuple[str, str]:
    """Move one parcel by about 10 m and change the use of another; return their codes."""
    parcels = gpd.read_file(copy, layer="parcels", use_arrow=False)
    moved, renamed = str(parcels["code"][10]), str(parcels["code"][20])
    parcels.loc[10, "geometry"] = translate(parcels.geometry[10], xoff=1e-4)
    parcels.loc[20, "use"] = "一类工业用地（改）"
    pyogrio.write_dataframe(parcels, copy, layer="parcels", driver="GPKG")
    return moved, renamed


def test_an_edit_comes_back_as_findings_and_a_merge(workspace: Path, copy: Path) -> None:
    moved, renamed = edit(copy)
    before = contents(workspace)
    checked = zonewright("check", copy, "--workspace", workspace, "--json")
    assert checked.code == 0, checked.err
    assert contents(workspace) == before
    said = [item for item in checked.json["findings"] if set(item["ids"]) & {moved, renamed}]
    # A parcel that was moved also overlaps its neighbours now, and that is said too.
    assert {code for item in said for code in item["ids"]} >= {moved, renamed}

    answer = zonewright("import", workspace, copy, "--json")

    assert answer.code == 0, answer.err
    assert answer.json["counts"]["parcels"]["updated"] == 2
    with sqlite3.connect(workspace) as database:
        (use,) = database.execute(
            "SELECT use FROM store_parcel WHERE code = ?", (renamed,)
        ).fetchone()
    database.close()
    assert use == "一类工业用地（改）"


def test_what_both_changed_is_a_fault_until_decided(workspace: Path, copy: Path) -> None:
    _, renamed = edit(copy)
    with sqlite3.connect(workspace) as database:
        database.execute("UPDATE store_parcel SET use = '物流仓储' WHERE code = ?", (renamed,))
    database.close()
    before = contents(workspace)
    refused = zonewright("import", workspace, copy, "--json")
    assert refused.code == 1
    assert contents(workspace) == before
    assert renamed in {code for item in refused.json["findings"] for code in item["ids"]}
    kept = zonewright("import", workspace, copy, "--prefer", "workspace", "--json")
    assert kept.code == 0, kept.err
    with sqlite3.connect(workspace) as database:
        (use,) = database.execute(
            "SELECT use FROM store_parcel WHERE code = ?", (renamed,)
        ).fetchone()
    database.close()
    assert use == "物流仓储"
