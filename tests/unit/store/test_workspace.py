"""Opening a workspace: what is none is refused, and nothing is changed."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from tests.unit.store.conftest import Made, drawing, ledger, register
from zonewright.core.errors import (
    CorruptWorkspaceError,
    ForeignFileError,
    MissingWorkspaceError,
    NewerSchemaError,
    OlderSchemaError,
    StorageError,
)
from zonewright.store import workspace as workspaces
from zonewright.store.actions import take
from zonewright.store.inspection import APPLICATION_ID
from zonewright.store.models import Indicator, Parcel, Workspace


def _as_text(path: Path, template: Path) -> None:
    path.write_text("这不是工作空间\n" * 20, encoding="utf-8")


def _as_empty(path: Path, template: Path) -> None:
    path.touch()


def _as_geopackage(path: Path, template: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute(f"PRAGMA application_id = {int.from_bytes(b'GPKG', 'big')}")
        other.execute("CREATE TABLE gpkg_contents (table_name TEXT)")
        other.commit()


def _as_other_database(path: Path, template: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA journal_mode = WAL")
        other.execute("CREATE TABLE t (a)")
        other.commit()


def _as_cut_off(path: Path, template: Path) -> None:
    path.write_bytes(template.read_bytes()[:-20_000])


def _as_cut_in_the_header(path: Path, template: Path) -> None:
    path.write_bytes(template.read_bytes()[:60])


def _as_damaged(path: Path, template: Path) -> None:
    data = bytearray(template.read_bytes())
    data[4096 * 4 : 4096 * 6] = b"\xff" * 8192
    path.write_bytes(data)


def _with_migration(path: Path, template: Path) -> None:
    shutil.copyfile(template, path)
    with closing(sqlite3.connect(path)) as other:
        other.execute(
            "INSERT INTO django_migrations (app, name, applied)"
            " VALUES ('store', '0099_later', '2030-01-01')"
        )
        other.commit()
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _without_migration(path: Path, template: Path) -> None:
    shutil.copyfile(template, path)
    with closing(sqlite3.connect(path)) as other:
        other.execute("DELETE FROM django_migrations WHERE app = 'store'")
        other.commit()
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        (_as_text, ForeignFileError),
        (_as_empty, ForeignFileError),
        (_as_geopackage, ForeignFileError),
        (_as_other_database, ForeignFileError),
        (_as_cut_off, CorruptWorkspaceError),
        (_as_cut_in_the_header, CorruptWorkspaceError),
        (_as_damaged, CorruptWorkspaceError),
        (_with_migration, NewerSchemaError),
        (_without_migration, OlderSchemaError),
    ],
)
def test_what_is_no_sound_workspace_is_refused_and_unchanged(
    spoil: Callable[[Path, Path], None],
    error: type[StorageError],
    embedded_template: Path,
    embedded: Made,
    tmp_path: Path,
) -> None:
    folder = tmp_path / "other"
    folder.mkdir()
    path = folder / "x.sqlite"
    spoil(path, embedded_template)
    before, names = path.read_bytes(), sorted(folder.iterdir())
    with pytest.raises(error):
        workspaces.connect(path)
    assert path.read_bytes() == before
    assert sorted(folder.iterdir()) == names
    (finding,) = workspaces.check(path)
    assert finding.severity == "error"
    assert path.read_bytes() == before
    assert Workspace.objects.get().title == "测试", "the process must stay where it was"


def test_a_missing_file_is_not_made(embedded: Made, tmp_path: Path) -> None:
    path = tmp_path / "absent.sqlite"
    with pytest.raises(MissingWorkspaceError):
        workspaces.connect(path)
    assert not path.exists()


def test_a_folder_is_foreign(embedded: Made, tmp_path: Path) -> None:
    with pytest.raises(ForeignFileError):
        workspaces.connect(tmp_path)


def test_create_refuses_what_exists(embedded: Made) -> None:
    before = embedded.path.stat().st_size
    with pytest.raises(StorageError) as caught:
        workspaces.create(embedded.path, title="again")
    assert caught.value.code == "workspace-exists"
    assert embedded.path.stat().st_size == before


def test_create_leaves_one_signed_file_and_no_other(
    embedded: Made, tmp_path: Path, django_db_blocker: Any
) -> None:
    folder = tmp_path / "new"
    workspaces.create(folder / "w.sqlite", title="新")
    connection.close()
    assert [entry.name for entry in folder.iterdir()] == ["w.sqlite"]
    assert (folder / "w.sqlite").read_bytes()[68:72] == b"ZWRT"
    assert int.from_bytes(b"ZWRT", "big") == APPLICATION_ID


def test_switching_changes_the_workspace_read(embedded: Made, tmp_path: Path) -> None:
    workspaces.create(tmp_path / "second.sqlite", title="二")
    assert Workspace.objects.get().title == "二"
    workspaces.connect(embedded.path)
    assert Workspace.objects.get().title == "测试"
    workspaces.connect(embedded.path)
    assert Workspace.objects.get().title == "测试"


def test_indicators_are_seeded(workspace: Made) -> None:
    assert Indicator.objects.get(code="land_levelled").unit == "ha"


def test_a_sound_workspace_has_no_findings(workspace: Made) -> None:
    take([register(), ledger(), drawing()], by="t")
    assert [f for f in workspaces.check(workspace.target) if f.severity == "error"] == []


def test_the_doctor_sees_a_stale_spatial_index(embedded: Made) -> None:
    take([register(), ledger(), drawing()], by="t")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM store_parcel_rtree")
    assert "health-rtree" in {f.code for f in workspaces.check(embedded.path)}


def test_the_doctor_sees_a_geometry_changed_behind_its_box(workspace: Made) -> None:
    take([register(), ledger(), drawing()], by="t")
    Parcel.objects.filter(code="P1").update(west=0.0)
    assert "health-boxes" in {f.code for f in workspaces.check(workspace.target)}


def test_migrating_renews_triggers_and_index(embedded: Made) -> None:
    take([register(), ledger(), drawing()], by="t")
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER store_parcel_rtree_update")
        cursor.execute("DELETE FROM store_parcel_rtree")
    assert "health-triggers" in {f.code for f in workspaces.check(embedded.path)}
    call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
    assert workspaces.check(embedded.path) == ()


def test_no_migration_is_missing(embedded: Made) -> None:
    call_command("makemigrations", "store", check=True, dry_run=True, skip_checks=True, verbosity=0)


def test_a_workspace_in_use_by_a_killed_process_opens(embedded: Made) -> None:
    script = (
        "import os, signal, sqlite3, sys\n"
        "c = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "c.execute('BEGIN IMMEDIATE')\n"
        "c.execute(\"UPDATE store_workspace SET title = 'half'\")\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    connection.close()
    subprocess.run([sys.executable, "-c", script, embedded.target], check=False)
    workspaces._opened.name = ""
    workspaces.connect(embedded.path)
    assert Workspace.objects.get().title == "测试"


def test_a_config_names_no_password_in_messages(embedded: Made) -> None:
    target = "postgresql://user:hush@127.0.0.1:1/none"
    with pytest.raises(StorageError) as caught:
        workspaces.connect(target)
    assert "hush" not in str(caught.value)
    assert Workspace.objects.get().title == "测试"


def test_an_address_without_database_is_refused() -> None:
    with pytest.raises(StorageError):
        workspaces.database_config("postgresql://host")
