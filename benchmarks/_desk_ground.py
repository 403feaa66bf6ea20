"""A workspace as large as a province's: parcels with stages, zones, accounts, an outline."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np
import shapely
from django.db import connection, transaction
from scipy.ndimage import gaussian_filter

from benchmarks._ground import LAT_M, LON_M, SOUTH, WEST
from benchmarks._ground import _corners as ground_corners
from zonewright.store import workspace as workspaces
from zonewright.store.actions import create_user
from zonewright.store.models import (
    Grant,
    Indicator,
    Membership,
    OutlineItem,
    User,
    Zone,
    ZoneVersion,
)
from zonewright.store.places import locate
from zonewright.store.spatial import sync

PASSWORD = "a-long-password-for-a-benchmark"  # noqa: S105
SIDE = 5
# The zone that every reader may see.
COMMON = "Z22"
NOW = datetime(2026, 1, 5, tzinfo=UTC)
FIRST_DAY = date(2023, 1, 1)
# Their triggers are dropped for the filling; `sync` makes them again, with all that they keep.
_FILLED = ("store_parcel", "store_parcelevent")


@dataclass(frozen=True, slots=True)
class Filled:
    """What was filled in.

    Parameters
    ----------
    parcels
        How many; their ids count from 1.
    box
        Of all land [degrees].
    accounts
        Names of the readers.
    seen
        Ids of some parcels that every reader sees.
    """

    parcels: int
    box: tuple[float, float, float, float]
    accounts: tuple[str, ...]
    seen: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Land:
    """Parcels as columns: no object a parcel, so that a million are drawn in seconds.

    Parameters
    ----------
    bounds
        Shape (n, 4): west, south, east, north [degrees].
    area_m2
        In the plane of the generator, within a thousandth of the geodesic one.
    stage
        Position of the stage, 0 to 9.
    wkb
        Of each a multipolygon of one lot.
    """

    bounds: np.ndarray
    area_m2: np.ndarray
    stage: np.ndarray
    wkb: list[bytes]

    def __len__(self) -> int:
        return len(self.stage)

    @property
    def box(self) -> tuple[float, float, float, float]:
        """The box of all land [degrees]."""
        low, high = self.bounds[:, :2].min(axis=0), self.bounds[:, 2:].max(axis=0)
        return (float(low[0]), float(low[1]), float(high[0]), float(high[1]))


def draw(count: int, *, seed: int) -> Land:
    """Return lots that share corners, roads between blocks of them, every stage in patches."""
    rng = np.random.default_rng(seed)
    side = int(np.ceil(np.sqrt(count)))
    lots = ground_corners(side, rng).reshape(-1, 4, 2)[:count]
    patches = gaussian_filter(rng.normal(size=(side, side)), 2.5)
    patches += rng.normal(scale=patches.std() / 2, size=patches.shape)
    rank = patches.ravel()[:count].argsort().argsort() / count
    metres = (lots - (WEST, SOUTH)) * (LON_M, LAT_M)
    x, y = metres[..., 0], metres[..., 1]
    area_m2 = np.abs((x * np.roll(y, -1, 1) - np.roll(x, -1, 1) * y).sum(axis=1)) / 2
    bounds = np.hstack([lots.min(axis=1), lots.max(axis=1)])
    return Land(bounds, area_m2, np.minimum(rank * 10, 9).astype(int), _wkb(lots))


def _wkb(lots: np.ndarray) -> list[bytes]:
    """Return each quadrilateral as WKB: the head is the same for all, the points follow."""
    head = struct.pack("<BIIBIII", 1, 6, 1, 1, 3, 1, 5)
    points = np.ascontiguousarray(np.concatenate([lots, lots[:, :1]], axis=1)).astype("<f8")
    raw, size = points.tobytes(), 80
    return [head + raw[start : start + size] for start in range(0, len(raw), size)]


def fill(target: str, land: Land, *, readers: int, seed: int) -> Filled:
    """Make a workspace and fill it; return what there is."""
    workspaces.create(target, title="基准", title_en="Benchmark")
    zones = _zones(land.box)
    _outline(zones)
    cell = _cells((land.bounds[:, :2] + land.bounds[:, 2:]) / 2, land.box)
    rows, events = _parcel_rows(land, cell, zones), _event_rows(land, seed)
    if connection.vendor == "postgresql":
        _copy(rows, events)
    else:
        _insert(rows, events)
    with transaction.atomic():
        locate()
    accounts = _accounts(readers, zones)
    _tidy()
    seen = np.flatnonzero(cell == _cell_of(COMMON)) + 1
    return Filled(len(land), land.box, accounts, tuple(seen[::97].tolist()))


def _tidy() -> None:
    """Let the database learn what it holds, and leave the workspace."""
    if connection.vendor == "postgresql":
        connection.close()
    orders = ("VACUUM ANALYZE",) if connection.vendor == "postgresql" else (
        "ANALYZE", "PRAGMA wal_checkpoint(TRUNCATE)"
    )  # fmt: skip
    with connection.cursor() as cursor:
        for order in orders:
            cursor.execute(order)
    connection.close()


def _zones(box: Sequence[float]) -> dict[str, int]:
    """Draw a city and squares in it; return their keys."""
    west, south, east, north = box
    wide, high = (east - west) / SIDE, (north - south) / SIDE
    shapes = {"CITY": shapely.box(*box)} | {
        f"Z{row}{column}": shapely.box(
            west + column * wide, south + row * high,
            west + (column + 1) * wide, south + (row + 1) * high,
        )
        for row in range(SIDE) for column in range(SIDE)
    }  # fmt: skip
    made = {}
    for code, shape in shapes.items():
        kind = "city" if code == "CITY" else "cluster"
        zone = Zone.objects.create(code=code, name=f"区{code}", name_en=code, kind=kind,
                                   recorded_at=NOW)  # fmt: skip
        ZoneVersion.objects.create(zone=zone, valid_from=FIRST_DAY, recorded_at=NOW,
                                   geometry=shapely.MultiPolygon([shape]).wkb)  # fmt: skip
        made[code] = zone.pk
    city = Zone.objects.get(code="CITY")
    for zone in Zone.objects.exclude(code="CITY"):
        Membership.objects.create(parent=city, child=zone, hierarchy="admin", recorded_at=NOW)
    return made


def _outline(zones: dict[str, int]) -> None:
    """Ask for some figures of the city and of a zone, so that the overview has work."""
    asked = (("land_acquired", "CITY"), ("land_levelled", "CITY"), ("land_acquired", COMMON))
    for position, (indicator, zone) in enumerate(asked):
        OutlineItem.objects.create(
            code=f"F{position}", chapter="guarantees", position=position, zone_id=zones[zone],
            indicator=Indicator.objects.get(code=indicator), period="2023-01..2023-12", unit="ha",
            wording="用地", wording_en="Land", recorded_at=NOW,
        )  # fmt: skip


def _cells(centres: np.ndarray, box: Sequence[float]) -> np.ndarray:
    west, south, east, north = box
    column = np.clip((centres[:, 0] - west) / (east - west) * SIDE, 0, SIDE - 1).astype(int)
    row = np.clip((centres[:, 1] - south) / (north - south) * SIDE, 0, SIDE - 1).astype(int)
    return row * SIDE + column


def _cell_of(code: str) -> int:
    return int(code[1]) * SIDE + int(code[2])


_PARCEL = ("id", "code", "zone_id", "area_m2", "stage", "west", "south", "east", "north",
           "recorded_at", "town", "geometry")  # fmt: skip
_EVENT = ("id", "parcel_id", "stage", '"on"', "recorded_at")


def _parcel_rows(
    land: Land, cell: np.ndarray, zones: dict[str, int]
) -> Iterable[tuple[object, ...]]:
    keys = [zones[f"Z{row}{column}"] for row in range(SIDE) for column in range(SIDE)]
    moment = NOW.strftime("%Y-%m-%d %H:%M:%S")
    columns = (cell.tolist(), land.area_m2.tolist(), land.stage.tolist(), land.bounds.tolist())
    for i, (where, area, stage, box) in enumerate(zip(*columns, strict=True)):
        yield (i + 1, f"P{i:07}", keys[where], area, f"L{stage}", *box, moment, f"镇{i % 40}",
               land.wkb[i])  # fmt: skip


def _event_rows(land: Land, seed: int) -> Iterable[tuple[object, ...]]:
    """Return one or two events of each parcel: acquired, and its present stage."""
    rng = np.random.default_rng(seed)
    moment = NOW.strftime("%Y-%m-%d %H:%M:%S")
    days = [(FIRST_DAY + timedelta(days=number)).isoformat() for number in range(1000)]
    first = rng.integers(0, 500, len(land))
    later = (first + rng.integers(1, 500, len(land))).tolist()
    number = 0
    for i, (stage, begun, reached) in enumerate(
        zip(land.stage.tolist(), first.tolist(), later, strict=True)
    ):
        if stage > 3:
            number += 1
            yield number, i + 1, "L3", days[begun], moment
        number += 1
        yield number, i + 1, f"L{stage}", days[reached], moment


def _insert(parcels: Iterable[tuple[object, ...]], events: Iterable[tuple[object, ...]]) -> None:
    with connection.cursor() as cursor:
        sql = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN (%s, %s)"
        cursor.execute(sql, _FILLED)
        for (name,) in cursor.fetchall():
            cursor.execute(f"DROP TRIGGER {name}")
    with transaction.atomic():
        raw = connection.connection
        for table, columns, rows in (
            ("store_parcel", _PARCEL, parcels), ("store_parcelevent", _EVENT, events)
        ):  # fmt: skip
            marks = ", ".join("?" * len(columns))
            raw.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)  # noqa: S608
        sync(connection)


def _copy(parcels: Iterable[tuple[object, ...]], events: Iterable[tuple[object, ...]]) -> None:
    """Copy rows in without triggers and with the index made afterwards."""
    # Each statement by itself: references are checked when it ends, not when all ends.
    with connection.cursor() as cursor:
        for table in _FILLED:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute("DROP INDEX IF EXISTS store_parcel_geometry")
        for table, columns, rows in (
            ("store_parcel", _PARCEL, parcels), ("store_parcelevent", _EVENT, events)
        ):  # fmt: skip
            names = ", ".join(columns)
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row([*row[:-1], _ewkb(row[-1])])
            sequence = f"pg_get_serial_sequence('{table}', 'id')"
            cursor.execute(f"SELECT setval({sequence}, max(id)) FROM {table}")  # noqa: S608
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    with transaction.atomic():
        sync(connection)


def _ewkb(value: object) -> object:
    """Return WKB as PostGIS reads it with its reference system; anything else as it is."""
    if not isinstance(value, bytes):
        return value
    kind = int.from_bytes(value[1:5], "little") | 0x20000000
    return (value[:1] + kind.to_bytes(4, "little") + (4490).to_bytes(4, "little") + value[5:]).hex()


def _accounts(readers: int, zones: dict[str, int]) -> tuple[str, ...]:
    """Make an account for each reader: of four, three see everything and one sees a zone."""
    names = []
    for number in range(readers):
        create_user(f"reader{number}", PASSWORD)
        user = User.objects.get(username=f"reader{number}")
        zone = zones[COMMON] if number % 4 == 3 else None
        Grant.objects.create(user=user, role="viewer", zone_id=zone)
        names.append(user.username)
    return tuple(names)
