"""A province that reports: two hierarchies of zones, indicators, ten years, corrections."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from django.db import connection, transaction

from zonewright.core.periods import Period
from zonewright.core.units import unit
from zonewright.store import workspace as workspaces
from zonewright.store.access import operator
from zonewright.store.actions.indicators import define_indicators
from zonewright.store.models import Indicator, Membership, Target, Zone
from zonewright.store.spatial import sync

BEGIN = datetime(2015, 1, 1, tzinfo=UTC)
# The first month, counted as `core.periods.Period` does.
FIRST = 2016 * 12
DISTRICTS, CLUSTERS = 12, 8
# Of a hundred values, how many were corrected later.
CORRECTED_PCT = 2
_WAYS = (("ha", ("亩", "ha", "km2")), ("亿元", ("亿元", "万元")), ("个", ("个",)), ("ha", ("亩",)),
         ("亿元", ("百万元", "亿元", "元")))  # fmt: skip
_COLUMNS = ("id", "indicator_id", "zone_id", "period", "value", "unit", "basis", "recorded_at")
_TABLE = "store_observation"


@dataclass(frozen=True, slots=True)
class Filled:
    """What was filled in: how many parks report, indicators, months and rows of observations."""

    parks: int
    indicators: int
    months: int
    rows: int


def definitions(count: int) -> list[dict[str, str]]:
    """Return reported indicators, and others made of them: growth, shares, ratios, sums."""
    rows = []
    for number in range(count):
        given, _ = _WAYS[number % len(_WAYS)]
        nature = "stock" if number % 10 == 7 else "flow"
        rows.append(_row(f"r{number:03}", given, nature, "reported", "sum", ""))
        if number < 8:
            rows[-1]["headline"] = str(101 + number)
    for number in range(0, count - 4, 5):
        codes = [f"r{number + at:03}" for at in range(5)]
        rows += [
            _row(f"growth{number:03}", "%", "rate", "formula", "", f"growth({codes[0]})"),
            _row(f"share{number:03}", "%", "ratio", "formula", "", f"share_of({codes[1]}, 'city')"),
            _row(f"per{number:03}", "万元/亩", "ratio", "formula", "",
                 f"ytd({codes[1]}) / ({codes[0]} + {codes[3]})"),
            _row(f"net{number:03}", "亿元", "flow", "formula", "",
                 f"{codes[1]} + {codes[4]} - prev_month({codes[1]})"),
        ]  # fmt: skip
    for place, code in enumerate(("growth000", "share000", "per000", "net000")):
        for row in rows:
            if row["code"] == code:
                row["headline"] = str(111 + place)
    return rows


def _row(code: str, given: str, nature: str, rule: str, rollup: str, of: str) -> dict[str, str]:
    return {
        "code": code, "zh": f"指标{code}", "en": f"Indicator {code}", "unit": given,
        "nature": nature, "basis": "nominal", "rule": rule, "rollup": rollup, "of": of,
        "table": "" if of else "observations", "value": "" if of else "value",
        "department": "统计局", "direction": "up",
    }  # fmt: skip


def fill(target: str, *, parks: int, indicators: int, months: int, seed: int) -> Filled:
    """Make a workspace and fill it."""
    workspaces.create(target, title="基准", title_en="Benchmark")
    with transaction.atomic():
        keys = _zones(parks)
        define_indicators(definitions(indicators), access=operator("benchmark"))
        reported = dict(Indicator.objects.filter(code__startswith="r").values_list("code", "pk"))
        codes = sorted(code for code in reported if code[1:].isdecimal())[:indicators]
        _targets(codes, reported, months, seed)
    rows = _rows([reported[code] for code in codes], keys, months, seed)
    count = _copy(rows) if connection.vendor == "postgresql" else _insert(rows)
    _tidy()
    return Filled(parks, indicators, months, count)


def _zones(parks: int) -> list[int]:
    """Make a city, districts and clusters in it, and parks that lie in one of each."""
    city = _zone("CITY", "city")
    districts = [_zone(f"D{number:02}", "district") for number in range(DISTRICTS)]
    clusters = [_zone(f"K{number:02}", "cluster") for number in range(CLUSTERS)]
    made = [_zone(f"P{number:03}", "park") for number in range(parks)]
    links = [(city, zone, "admin") for zone in districts]
    links += [(city, zone, "industry") for zone in clusters]
    links += [(districts[at % DISTRICTS], zone, "admin") for at, zone in enumerate(made)]
    links += [(clusters[at % CLUSTERS], zone, "industry") for at, zone in enumerate(made)]
    Membership.objects.bulk_create(
        Membership(parent=above, child=below, hierarchy=name, recorded_at=BEGIN)
        for above, below, name in links
    )
    return [zone.pk for zone in made]


def _zone(code: str, kind: str) -> Zone:
    return Zone.objects.create(code=code, name=f"区{code}", name_en=code, kind=kind,
                               recorded_at=BEGIN)  # fmt: skip


def _targets(codes: list[str], keys: dict[str, int], months: int, seed: int) -> None:
    """Give every zone a target of each headline indicator and year."""
    rng = np.random.default_rng(seed + 1)
    curves: tuple[tuple[str, dict[str, float]], ...] = (
        ("linear", {}),
        ("stepped", {"6": 60.0}),
        ("linear", {}),
    )
    rows = []
    for at, code in enumerate(codes[:8]):
        given, _ = _WAYS[at % len(_WAYS)]
        for zone, kind in Zone.objects.values_list("pk", "kind"):
            size = {"park": 1, "district": 25, "cluster": 37}.get(kind, 300)
            for year in range(FIRST // 12, (FIRST + months - 1) // 12 + 1):
                curve, points = curves[at % len(curves)]
                value = round(float(size * 12 * 50 * rng.uniform(0.9, 1.1)), 2)
                rows.append(Target(
                    indicator_id=keys[code], zone_id=zone, year=year, value=value, unit=given,
                    curve=curve, points=points, recorded_at=BEGIN,
                ))  # fmt: skip
    Target.objects.bulk_create(rows, batch_size=2000)


def _rows(
    indicators: list[int], zones: list[int], months: int, seed: int
) -> Iterator[tuple[object, ...]]:
    """Yield the values month by month, as they come in, with corrections among later months."""
    rng = np.random.default_rng(seed)
    waiting: dict[int, list[tuple[object, ...]]] = {}
    number = 0
    for month in range(months):
        last = FIRST + month
        period, on = str(Period(last, last)), BEGIN + timedelta(days=365 + 30.44 * (month + 1.4))
        moment = on.strftime("%Y-%m-%d %H:%M:%S")
        for row in waiting.pop(month, []):
            number += 1
            yield (number, *row[:-1], moment)
        values = rng.gamma(4.0, 12.5, (len(indicators), len(zones))).round(2)
        revised = rng.random(values.shape) < CORRECTED_PCT / 100
        factors = rng.uniform(0.8, 1.2, values.shape)
        later = rng.integers(1, 7, values.shape)
        for at, indicator in enumerate(indicators):
            given, ways = _WAYS[at % len(_WAYS)]
            for place, (zone, value) in enumerate(zip(zones, values[at].tolist(), strict=True)):
                written = ways[(at + place) % len(ways)]
                scale = float(unit(given).factor / unit(written).factor)
                number += 1
                yield (number, indicator, zone, period, round(value * scale, 4), written,
                       "nominal", moment)  # fmt: skip
                if revised[at, place]:
                    again = round(value * scale * factors[at, place], 4)
                    waiting.setdefault(month + int(later[at, place]), []).append(
                        (indicator, zone, period, again, written, "nominal", "")
                    )


def _insert(rows: Iterator[tuple[object, ...]]) -> int:
    """Insert without triggers and with the indexes made afterwards."""
    with connection.cursor() as cursor:
        sql = "SELECT type, name, sql FROM sqlite_master WHERE tbl_name = %s AND type <> 'table'"
        cursor.execute(sql, (_TABLE,))
        parts = [part for part in cursor.fetchall() if part[2]]
        for kind, name, _ in parts:
            cursor.execute(f"DROP {kind} {name}")
    with transaction.atomic():
        names, marks = ", ".join(_COLUMNS), ", ".join("?" * len(_COLUMNS))
        sql = f"INSERT INTO {_TABLE} ({names}) VALUES ({marks})"  # noqa: S608
        found = connection.connection.executemany(sql, rows)
        count = int(found.rowcount)
        with connection.cursor() as cursor:
            for kind, _, made in parts:
                if kind == "index":
                    cursor.execute(made)
        sync(connection)
    return count


def _copy(rows: Iterator[tuple[object, ...]]) -> int:
    """Copy in without triggers and with the indexes made afterwards."""
    count = 0
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {_TABLE} DISABLE TRIGGER USER")
        sql = ("SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s"
               " AND indexname NOT LIKE %s")  # fmt: skip
        cursor.execute(sql, (_TABLE, "%pkey"))
        indexes = cursor.fetchall()
        for name, _ in indexes:
            cursor.execute(f"DROP INDEX {name}")
        with cursor.copy(f"COPY {_TABLE} ({', '.join(_COLUMNS)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
                count += 1
        for _, made in indexes:
            cursor.execute(made)
        cursor.execute(
            f"SELECT setval(pg_get_serial_sequence('{_TABLE}', 'id'), max(id)) FROM {_TABLE}"  # noqa: S608
        )
        cursor.execute(f"ALTER TABLE {_TABLE} ENABLE TRIGGER USER")
    with transaction.atomic():
        sync(connection)
    return count


def _tidy() -> None:
    """Let the database learn what it holds."""
    connection.close()
    orders = ("VACUUM ANALYZE",) if connection.vendor == "postgresql" else (
        "ANALYZE", "PRAGMA wal_checkpoint(TRUNCATE)"
    )  # fmt: skip
    with connection.cursor() as cursor:
        for order in orders:
            cursor.execute(order)
    connection.close()
