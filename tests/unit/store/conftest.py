"""An empty workspace of each kind, and builders of what intake would hand over."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import shapely
from django.db import connection

from zonewright.core.findings import Finding
from zonewright.core.periods import Period
from zonewright.core.records import FileRead, TableRead
from zonewright.store import workspace as workspaces
from zonewright.store.selectors import _counts

SHARED = os.environ.get("ZONEWRIGHT_TEST_DATABASE_URL", "")


@dataclass(frozen=True)
class Made:
    """A workspace made for a test."""

    target: str

    @property
    def path(self) -> Path:
        return Path(self.target)


@pytest.fixture(autouse=True)
def _counts_of_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """Count anew after every change, however slow the machine is."""
    monkeypatch.setattr(_counts, "QUICK_S", float("inf"))


@pytest.fixture(scope="session")
def embedded_template(
    tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any
) -> Iterator[Path]:
    """An empty workspace file, copied for each test: migrating once is enough."""
    path = tmp_path_factory.mktemp("template") / "empty.sqlite"
    with django_db_blocker.unblock():
        workspaces.create(path, title="测试", title_en="Test")
        connection.close()
        yield path


@pytest.fixture
def embedded(embedded_template: Path, tmp_path: Path, django_db_blocker: Any) -> Iterator[Made]:
    """An empty embedded workspace, connected."""
    path = tmp_path / "work.sqlite"
    with django_db_blocker.unblock():
        connection.close()
        shutil.copyfile(embedded_template, path)
        workspaces.connect(path)
        yield Made(str(path))
        connection.close()


def _database(name: str) -> str:
    """Return the address of another database of the test server."""
    return urlsplit(SHARED)._replace(path=f"/{name}").geturl()


def _on_server(*statements: str) -> None:
    psycopg = pytest.importorskip("psycopg")
    with psycopg.connect(_database("postgres"), autocommit=True) as server:
        for statement in statements:
            server.execute(statement)


@pytest.fixture(scope="session")
def shared_template(django_db_blocker: Any) -> str:
    """An empty shared workspace, copied for each test by the server."""
    if not SHARED:
        pytest.skip("ZONEWRIGHT_TEST_DATABASE_URL is not set (tools/with_postgis sets it)")
    name = f"zonewright_template_{secrets.token_hex(4)}"
    _on_server(f"CREATE DATABASE {name}")
    with django_db_blocker.unblock():
        workspaces.create(_database(name), title="测试", title_en="Test")
        connection.close()
    return name


@pytest.fixture
def shared(shared_template: str, django_db_blocker: Any) -> Iterator[Made]:
    """An empty shared workspace, connected."""
    name = f"zonewright_test_{os.getpid()}"
    with django_db_blocker.unblock():
        connection.close()
        _on_server(
            f"DROP DATABASE IF EXISTS {name} WITH (FORCE)",
            f"CREATE DATABASE {name} TEMPLATE {shared_template}",
        )
        workspaces.connect(_database(name))
        yield Made(_database(name))
        connection.close()
    _on_server(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", pytest.param("postgis", marks=pytest.mark.postgis)])
def workspace(request: pytest.FixtureRequest) -> Made:
    """An empty workspace of each kind."""
    name = "embedded" if request.param == "sqlite" else "shared"
    made: Made = request.getfixturevalue(name)
    return made


Rows = Sequence[dict[str, object]]


def read_table(
    table: str, rows: Rows, *, file: str = "a.xlsx", sheet: str = "Sheet1", **more: Any
) -> TableRead:
    """Return rows as intake hands them over, in columns A, B, C … and rows 5, 6, 7 …"""
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = {name: chr(65 + position % 26) for position, name in enumerate(names)}
    numbers = tuple(range(5, 5 + len(rows)))
    return TableRead(table, file, sheet, columns, tuple(rows), numbers, **more)


def read_file(
    *tables: TableRead,
    name: str = "a.xlsx",
    bytes_of: str | None = None,
    findings: tuple[Finding, ...] = (),
    notice: str = "",
) -> FileRead:
    """Return a file; `bytes_of` stands for its bytes."""
    content = bytes_of if bytes_of is not None else repr((name, tables))
    digest = sha256(content.encode()).hexdigest()
    return FileRead(name, digest, len(content), tables, findings, notice)


def square(lon: float, lat: float, size: float = 0.01) -> bytes:
    """Return a square as WKB, its lower left corner given."""
    shape = shapely.MultiPolygon([shapely.box(lon, lat, lon + size, lat + size)])
    return bytes(shapely.to_wkb(shape))


ZONES: Rows = (
    {"code": "JM", "name": "江门市", "kind": "city", "geometry": square(112.0, 22.0, 1.0)},
    {"code": "A", "name": "甲园", "kind": "park"},
)
MEMBERSHIPS: Rows = ({"parent": "JM", "child": "A", "hierarchy": "admin"},)
PARCELS: Rows = (
    {
        "code": "P1", "zone": "甲园", "reported_area": 1_000_000.0, "reported_area_unit": "亩",
        "reported_area_bound": "approx", "use": "M1", "services": {"road": 3},
    },
    {"code": "P2", "zone": "A", "use": "M1"},
)  # fmt: skip
SHAPES: Rows = (
    {"code": "P1", "geometry": square(112.1, 22.1)},
    {"code": "P2", "geometry": square(112.11, 22.1)},
)
EVENTS: Rows = (
    {"parcel": "P1", "stage": "L3", "on": date(2023, 1, 31), "on_precision": "m"},
    {"parcel": "P1", "stage": "L5", "on": date(2023, 6, 1)},
    {"parcel": "P2", "stage": "L5", "on": date(2023, 9, 1)},
)


def register() -> FileRead:
    """Return a file of zones."""
    return read_file(
        read_table("zones", ZONES, file="zones.xlsx"),
        read_table("memberships", MEMBERSHIPS, file="zones.xlsx", sheet="隶属"),
        name="zones.xlsx",
    )


def ledger(rows: Rows = PARCELS, events: Rows = EVENTS, **more: Any) -> FileRead:
    """Return a land ledger."""
    return read_file(
        read_table("parcels", rows, file="ledger.xlsx", sheet="台账"),
        read_table("parcel_events", events, file="ledger.xlsx", sheet="台账"),
        name="ledger.xlsx",
        **more,
    )


def drawing(rows: Rows = SHAPES) -> FileRead:
    """Return a map of the parcels."""
    layer = read_table("parcels", rows, file="map.gpkg", sheet="parcels")
    return read_file(layer, name="map.gpkg", notice="合成示例")


def observation(value: object, **more: object) -> FileRead:
    """Return a bulletin with one observation."""
    row = {
        "indicator": "planned_area", "zone": "JM", "period": Period.whole_year(2023),
        "value": value, "unit": "km2", **more,
    }  # fmt: skip
    return read_file(read_table("observations", [row], file="b.xlsx"), name="b.xlsx")


Snapshot = Callable[[], list[tuple[str, int]]]


@pytest.fixture
def counts_of_rows() -> Snapshot:
    """A function that counts the rows of every table but the files'."""

    def count() -> list[tuple[str, int]]:
        with connection.cursor() as cursor:
            names = [
                name
                for name in connection.introspection.table_names(cursor)
                if name.startswith("store_") and "rtree" not in name
            ]
            found = []
            for name in sorted(names):
                cursor.execute(f'SELECT count(*) FROM "{name}"')
                found.append((name, cursor.fetchone()[0]))
        return found

    return count
