"""The targets of a year in bulk: read once for a state of the workspace, told as of any time."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

from django.db import connection

from zonewright.store.models import Target, TargetVersion
from zonewright.store.selectors._frames import query, utc
from zonewright.store.selectors.state import tokens

# What the years that are kept rest on, beside the versions.
_RESTS_ON = ("store_target", "store_zone", "store_indicator")
_YEARS_KEPT = 24


@dataclass(frozen=True, slots=True)
class TargetRow:
    """A target as the ledger holds it.

    Parameters
    ----------
    id
        Primary key; its record's name is ``target:ID``.
    indicator, zone
        Codes.
    subject
        Code of the work or project that brings it; empty for the zone's own.
    year
        Of the target.
    value, unit
        As it was set.
    curve, points
        Kind of the curve, and month to share of the target [%] if it is stepped.
    recorded_at
        When the workspace learned of it.
    """

    id: int
    indicator: str
    zone: str
    subject: str
    year: int
    value: Decimal
    unit: str
    curve: str
    points: Mapping[int, float]
    recorded_at: datetime

    @property
    def record(self) -> str:
        """The record's name."""
        return f"target:{self.id}"


def targets_of_year(year: int, as_of: datetime | None) -> tuple[TargetRow, ...]:
    """Return the targets of a year as `target_rows` does."""
    last = query("SELECT max(id) FROM store_targetversion")[0][0]
    kept = _kept(year, tokens(*_RESTS_ON), last)
    if as_of is None:
        return tuple(row for row, _ in kept)
    when = utc(as_of)
    return tuple(_at(row, versions, when) for row, versions in kept if row.recorded_at <= when)


@dataclass(frozen=True, slots=True)
class _Version:
    """What a target was from some time on."""

    at: datetime
    value: Decimal
    unit: str
    curve: str
    points: Mapping[int, float]


def _at(row: TargetRow, versions: tuple[_Version, ...], when: datetime) -> TargetRow:
    """Return a target as it was at a time; one without versions by then shows what it is."""
    was = [version for version in versions if version.at <= when]
    if not was:
        return row
    known = was[-1]
    return replace(row, value=known.value, unit=known.unit, curve=known.curve, points=known.points)


@lru_cache(maxsize=_YEARS_KEPT)
def _kept(
    year: int, _tokens: str, _last: int | None
) -> tuple[tuple[TargetRow, tuple[_Version, ...]], ...]:
    """Return each target of a year with its versions, the first of them first."""
    versions: dict[int, list[_Version]] = {}
    rows = TargetVersion.objects.filter(target__year=year).order_by("target_id", "number")
    for key, *values in rows.values_list("target_id", "at", "value", "unit", "curve", "points"):
        at, value, unit, curve, points = values
        versions.setdefault(key, []).append(_Version(at, value, unit, curve, points_of(points)))
    return tuple((row, tuple(versions.get(row.id, ()))) for row in _rows(year))


def _rows(year: int) -> Iterator[TargetRow]:
    """Yield the targets of a year; thousands are read without a converter a value."""
    of_value, of_time = (_reader(name) for name in ("value", "recorded_at"))
    known: dict[str, Mapping[int, float]] = {}
    for key, indicator, zone, subject, value, unit, curve, points, at in query(
        """
        SELECT t.id, i.code, z.code, t.subject, t.value, t.unit, t.curve, t.points, t.recorded_at
          FROM store_target t
          JOIN store_indicator i ON i.id = t.indicator_id
          JOIN store_zone z ON z.id = t.zone_id
         WHERE t.year = %s ORDER BY z.code, i.code, t.subject""",
        (year,),
    ):
        text = str(points)
        if text not in known:
            known[text] = points_of(json.loads(text))
        yield TargetRow(
            key, indicator, zone, subject, year, of_value(value), unit, curve, known[text],
            of_time(at),
        )  # fmt: skip


def _reader(name: str) -> Callable[[Any], Any]:
    """Return what makes of a value of the database that of the model, each once."""
    field: Any = Target._meta.get_field(name)
    column = field.get_col(Target._meta.db_table)
    converters = (*connection.ops.get_db_converters(column), *column.get_db_converters(connection))

    @cache
    def read(given: Any) -> Any:
        for convert in converters:
            given = convert(given, column, connection)
        return given

    return read


def points_of(points: Mapping[Any, Any]) -> dict[int, float]:
    """Return the points of a curve as JSON keeps them: month to share [%]."""
    return {int(month): float(share) for month, share in points.items()}
