"""A province that reports: two hierarchies of zones, indicators, ten years, corrections."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from django.db import connection, transaction

from benchmarks._steering_rows import blocks, write
from zonewright.store import workspace as workspaces
from zonewright.store.access import operator
from zonewright.store.actions.indicators import define_indicators
from zonewright.store.models import Indicator, Membership, Target, Zone

BEGIN = datetime(2015, 1, 1, tzinfo=UTC)
# The first month, counted as `core.periods.Period` does.
FIRST = 2016 * 12
DISTRICTS, CLUSTERS = 12, 8
_WAYS = (("ha", ("亩", "ha", "km2")), ("亿元", ("亿元", "万元")), ("个", ("个",)), ("ha", ("亩",)),
         ("亿元", ("百万元", "亿元", "元")))  # fmt: skip


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
    count = write(blocks([reported[code] for code in codes], keys, _WAYS, first=FIRST,
                         months=months, begin=BEGIN, seed=seed))  # fmt: skip
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
