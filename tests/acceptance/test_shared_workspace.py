"""The same files in PostGIS give the same figures."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from tests.acceptance.conftest import zonewright

pytestmark = pytest.mark.postgis


@pytest.fixture
def shared(demo: Path) -> str:
    """Return the address of a fresh database."""
    server = os.environ.get("ZONEWRIGHT_TEST_DATABASE_URL")
    if not server:
        pytest.skip("ZONEWRIGHT_TEST_DATABASE_URL is not set")
    parts = urlsplit(server)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS zonewright_acceptance")
        connection.execute("CREATE DATABASE zonewright_acceptance")
    address = urlunsplit(parts._replace(path="/zonewright_acceptance"))
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS postgis")
    return address


def test_the_same_import_gives_the_same_figures(demo: Path, shared: str, tmp_path: Path) -> None:
    made = zonewright("init", shared, "--title", "示例")
    assert made.code == 0, made.err
    taken = zonewright("import", shared, demo / "files", "--json")
    assert taken.code == 0, taken.err[-3000:]

    here = zonewright("figures", demo / "jiangmen.sqlite", "--json").json["items"]
    there = zonewright("figures", shared, "--json").json["items"]

    assert [item["id"] for item in there] == [item["id"] for item in here]
    for one, other in zip(here, there, strict=True):
        kept = ("value", "unit", "bound", "stated", "zone", "period")
        assert [other[name] for name in kept] == [one[name] for name in kept], one["id"]
        assert other["records"] == one["records"], one["id"]
    copy = tmp_path / "copy.gpkg"
    assert zonewright("export", shared, "--gpkg", copy).code == 0
    again = zonewright("import", shared, copy, "--json")
    assert again.code == 0, again.err
    counts = again.json["counts"]
    assert all(count["updated"] == 0 for count in counts.values()), counts
