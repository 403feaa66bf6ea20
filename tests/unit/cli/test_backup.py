"""Backing up and restoring on the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.db import connection

from zonewright.cli import zonewright


@pytest.fixture(autouse=True)
def _database(django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock():
        yield
        connection.close()


def run(*words: object) -> tuple[int, str]:
    result = CliRunner().invoke(zonewright, ["--lang", "en", *map(str, words)])
    return result.exit_code, result.output


def test_it_names_keeps_and_restores(tmp_path: Path) -> None:
    assert run("init", tmp_path / "w.sqlite", "--title", "试")[0] == 0
    folder = tmp_path / "kept"
    folder.mkdir()
    (folder / "other.zwbackup").write_bytes(b"not one")
    for name in ("a", "b", "c"):
        code, _ = run("backup", tmp_path / "w.sqlite", folder / f"{name}.zwbackup")
        assert code == 0
    code, said = run("backup", tmp_path / "w.sqlite", folder, "--keep", 2, "--json")
    assert code == 0
    made = json.loads(said[said.index("{") :])
    left = sorted(path.name for path in folder.iterdir())
    assert len(left) == 3, left
    assert {"other.zwbackup", Path(made["file"]).name} < set(left)
    assert Path(made["file"]).name.startswith("w-")
    code, said = run("restore", made["file"], tmp_path / "again.sqlite")
    assert code == 0
    assert "every table is as in the backup" in said
    code, said = run("restore", made["file"], tmp_path / "again.sqlite")
    assert code == 2
    assert "again.sqlite" in said


def test_what_is_no_backup_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.zwbackup").write_text("hello")
    code, said = run("restore", tmp_path / "x.zwbackup", tmp_path / "w.sqlite")
    assert code == 2
    assert "not a Zonewright backup" in said
    assert not (tmp_path / "w.sqlite").exists()


def test_a_name_that_ends_with_a_slash_is_a_folder(tmp_path: Path) -> None:
    assert run("init", tmp_path / "w.sqlite", "--title", "试")[0] == 0
    code, said = run("backup", tmp_path / "w.sqlite", f"{tmp_path / 'kept'}/")
    assert code == 0, said
    assert [path.suffix for path in (tmp_path / "kept").iterdir()] == [".zwbackup"]
    (tmp_path / "taken").write_text("a file")
    code, said = run("backup", tmp_path / "w.sqlite", f"{tmp_path / 'taken'}/")
    assert code == 2
    assert "could not be written" in said
