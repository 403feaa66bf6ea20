"""A backup holds every table; a restore gives them back on either database, or nothing at all."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from django.db import connection

from tests.unit.store import conftest as server
from tests.unit.store.conftest import Made, drawing, ledger, observation, register
from zonewright.core.errors import InputError, NewerSchemaError, StorageError
from zonewright.store import backup as backups
from zonewright.store import workspace as workspaces
from zonewright.store.actions import create_user, take
from zonewright.store.models import Blob, Parcel, ParcelEvent
from zonewright.store.selectors import fingerprint


@pytest.fixture
def filled(workspace: Made) -> Made:
    """A workspace with records of many kinds, bytes, an account, and a row that was deleted."""
    take([register(), ledger(), drawing(), observation("632.4")], by="t")
    create_user("li", "correct-horse-battery", by="t")
    Blob.objects.create(sha256="0" * 64, size=3, media_type="image/png", content=b"\x00\xff\n")
    Parcel.objects.create(code="gone").delete()
    return workspace


def content(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def write(path: Path, parts: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as packed:
        for name, part in parts.items():
            packed.writestr(name, part)
    return path


@pytest.fixture
def kept(filled: Made, tmp_path: Path) -> Path:
    path = tmp_path / "day.zwbackup"
    backups.backup(path)
    return path


def test_every_table_comes_back(filled: Made, kept: Path, tmp_path: Path) -> None:
    before, state = backups.digests(), fingerprint()
    manifest = backups.restore(kept, tmp_path / "restored.sqlite")
    assert connection.vendor == "sqlite"
    assert backups.digests() == before == manifest.tables
    assert before["store_parcel"].rows == 2
    assert fingerprint() == state
    assert workspaces.check(tmp_path / "restored.sqlite") == ()


def test_only_its_owner_can_read_it(kept: Path) -> None:
    assert kept.stat().st_mode & 0o777 == 0o600


def test_numbers_of_deleted_rows_are_not_given_again(kept: Path, tmp_path: Path) -> None:
    gone = max(Parcel.objects.values_list("pk", flat=True)) + 1
    backups.restore(kept, tmp_path / "restored.sqlite")
    assert Parcel.objects.create(code="next").pk == gone + 1


def test_the_restored_workspace_keeps_itself(kept: Path, tmp_path: Path) -> None:
    backups.restore(kept, tmp_path / "restored.sqlite")
    before = fingerprint()
    ParcelEvent.objects.filter(parcel__code="P1", stage="L5").delete()
    assert Parcel.objects.get(code="P1").stage == "L3"
    assert fingerprint() != before


@pytest.fixture
def other(shared: Made) -> Iterator[str]:
    """The address of an empty database beside the test's."""
    name = "zonewright_restored"
    server._on_server(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name}")
    yield server._database(name)
    connection.close()
    server._on_server(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.mark.postgis
def test_a_file_moves_to_postgis_and_back(
    shared: Made, other: str, embedded: Made, tmp_path: Path
) -> None:
    take([register(), ledger(), drawing(), observation("632.4")], by="t")
    before = backups.digests()
    backups.backup(tmp_path / "a.zwbackup")
    backups.restore(tmp_path / "a.zwbackup", other)
    assert connection.vendor == "postgresql"
    assert backups.digests() == before
    assert workspaces.check(other) == ()
    Parcel.objects.create(code="P3")  # numbers go on where they were
    Parcel.objects.filter(code="P3").delete()
    backups.backup(tmp_path / "b.zwbackup")
    backups.restore(tmp_path / "b.zwbackup", tmp_path / "back.sqlite")
    found = backups.digests()
    assert found["store_parcel"].sha256 == before["store_parcel"].sha256


def test_nothing_is_overwritten(kept: Path, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="already"):
        backups.backup(kept)
    there = tmp_path / "there.sqlite"
    there.write_bytes(b"mine")
    with pytest.raises(StorageError):
        backups.restore(kept, there)
    assert there.read_bytes() == b"mine"


def test_a_changed_row_is_found_and_nothing_is_left(kept: Path, tmp_path: Path) -> None:
    parts = content(kept)
    name = "tables/store_parcel.jsonl"
    parts[name] = parts[name].replace(b"P1", b"P9", 1)
    with pytest.raises(InputError, match="store_parcel"):
        backups.restore(write(tmp_path / "bad.zwbackup", parts), tmp_path / "r.sqlite")
    assert sorted(path.name for path in tmp_path.glob("*r.sqlite*")) == []


def test_a_missing_table_is_found(kept: Path, tmp_path: Path) -> None:
    parts = content(kept)
    del parts["tables/store_zone.jsonl"]
    with pytest.raises(InputError, match="store_zone"):
        backups.restore(write(tmp_path / "bad.zwbackup", parts), tmp_path / "r.sqlite")


def test_a_newer_version_is_named(kept: Path, tmp_path: Path) -> None:
    parts = content(kept)
    said = json.loads(parts["manifest.json"])
    said["migrations"]["store"] = "9999_later"
    said["program"] = "9.9"
    parts["manifest.json"] = json.dumps(said).encode()
    with pytest.raises(NewerSchemaError, match=r"9\.9"):
        backups.restore(write(tmp_path / "new.zwbackup", parts), tmp_path / "r.sqlite")
    assert not (tmp_path / "r.sqlite").exists()


@pytest.mark.parametrize("bytes_", [b"", b"PK\x05\x06" + b"\0" * 18, b"%PDF-1.7"])
def test_another_file_is_no_backup(bytes_: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.zwbackup"
    path.write_bytes(bytes_)
    with pytest.raises(InputError, match="not a Zonewright backup"):
        backups.read_manifest(path)


def test_writers_go_on_while_it_is_read(filled: Made, tmp_path: Path) -> None:
    """The backup shows the moment at which it began."""

    def write_more() -> None:
        Parcel.objects.create(code="late")
        connection.close()

    wrote: list[bool] = []

    def progress(_share: float, table: str) -> None:
        if table == "store_blob" and not wrote:
            thread = Thread(target=write_more)
            thread.start()
            thread.join(10)
            wrote.append(not thread.is_alive())

    manifest = backups.backup(tmp_path / "x.zwbackup", progress=progress)
    assert wrote == [True]
    assert manifest.tables["store_parcel"].rows == 2
    assert Parcel.objects.count() == 3
