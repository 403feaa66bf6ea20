"""The demo, run once as a stranger would, and copies of its workspace to try things on."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest


@dataclass(frozen=True)
class Answer:
    """What a command printed, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def zonewright(*args: object, **environment: str) -> Answer:
    """Run the command line in a process of its own."""
    env = {key: value for key, value in os.environ.items() if key != "ZONEWRIGHT_DATABASE_URL"}
    done = subprocess.run(
        [sys.executable, "-m", "zonewright", "--lang", "en", *map(str, args)],
        capture_output=True,
        text=True,
        env={**env, **environment},
        check=False,
    )
    return Answer(done.returncode, done.stdout, done.stderr)


def contents(workspace: Path) -> str:
    """Return a fingerprint of every row of every table of a workspace file."""
    digest = sha256()
    with sqlite3.connect(f"file:{workspace}?mode=ro", uri=True) as database:
        names = database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
        ).fetchall()
        for (name,) in names:
            digest.update(name.encode())
            for row in database.execute(f'SELECT * FROM "{name}"'):
                digest.update(repr(row).encode())
    database.close()
    return digest.hexdigest()


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a demo run from nothing."""
    folder = tmp_path_factory.mktemp("demo")
    done = zonewright("demo", "--no-serve", "--dir", folder)
    assert done.code == 0, done.err[-4000:]
    return folder


@pytest.fixture
def workspace(demo: Path, tmp_path: Path) -> Iterator[Path]:
    """Return a copy of the demo's workspace that a test may change."""
    copy = tmp_path / "copy.sqlite"
    with sqlite3.connect(demo / "jiangmen.sqlite") as source, sqlite3.connect(copy) as target:
        source.backup(target)
    source.close()
    target.close()
    yield copy
    shutil.rmtree(tmp_path, ignore_errors=True)
