"""The observations of the benchmark, month by month as arrays, and quick ways into the table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from zonewright.core.periods import Period
from zonewright.core.units import unit
from zonewright.store.spatial import sync

TABLE = "store_observation"
# Of a hundred values, how many were corrected later, within so many months.
CORRECTED_PCT, LATEST = 2, 6
_COLUMNS = "id, indicator_id, zone_id, value, unit, period, basis, recorded_at"
# While millions of rows go in nothing has to survive a power cut.
_QUICK = ("journal_mode = OFF", "synchronous = OFF", "cache_size = -1000000", "threads = 2")


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Values of one month that were recorded at one moment.

    Parameters
    ----------
    period, recorded_at
        As the table holds them.
    indicator, zone
        Primary keys.
    value
        In the unit beside it.
    unit
        Names of units.
    """

    period: str
    recorded_at: str
    indicator: NDArray[np.int64]
    zone: NDArray[np.int64]
    value: NDArray[np.float64]
    unit: NDArray[np.object_]

    def __len__(self) -> int:
        return len(self.value)

    def rows(self, after: int) -> Iterator[tuple[Any, ...]]:
        """Return the rows without period and moment; their keys follow one."""
        keys = range(after + 1, after + 1 + len(self))
        columns = (self.indicator, self.zone, self.value, self.unit)
        return zip(keys, *(column.tolist() for column in columns), strict=True)


def blocks(
    indicators: Sequence[int],
    zones: Sequence[int],
    ways: Sequence[tuple[str, Sequence[str]]],
    *,
    first: int,
    months: int,
    begin: datetime,
    seed: int,
) -> Iterator[Block]:
    """Yield the values as they come in, with corrections among those of later months.

    Parameters
    ----------
    indicators, zones
        Primary keys.
    ways
        Units of the indicators, in turn: the indicator's own, and those in which it is written.
    first, months
        The first month, counted as `core.periods.Period` does, and how many.
    begin
        A year before the first month.
    """
    rng = np.random.default_rng(seed)
    shape = (len(indicators), len(zones))
    indicator = np.repeat(np.array(indicators), len(zones))
    zone = np.tile(np.array(zones), len(indicators))
    names, scales = _written(ways, shape)
    waiting: dict[int, list[Block]] = {}
    for month in range(months):
        last = first + month
        period = str(Period(last, last))
        moments = [_moment(begin, month + later) for later in range(LATEST + 1)]
        yield from waiting.pop(month, [])
        values = (rng.gamma(4.0, 12.5, shape).round(2) * scales).round(4).ravel()
        revised = (rng.random(shape) < CORRECTED_PCT / 100).ravel()
        factors = rng.uniform(0.8, 1.2, shape).ravel()
        later = rng.integers(1, LATEST + 1, shape).ravel()
        yield Block(period, moments[0], indicator, zone, values, names)
        for after in range(1, LATEST + 1):
            at = np.flatnonzero(revised & (later == after))
            again = (values[at] * factors[at]).round(4)
            waiting.setdefault(month + after, []).append(
                Block(period, moments[after], indicator[at], zone[at], again, names[at])
            )


def _moment(begin: datetime, month: int) -> str:
    """Return when a month's values come in."""
    on = begin + timedelta(days=365 + 30.44 * (month + 1.4))
    return on.strftime("%Y-%m-%d %H:%M:%S")


def _written(
    ways: Sequence[tuple[str, Sequence[str]]], shape: tuple[int, int]
) -> tuple[NDArray[np.object_], NDArray[np.float64]]:
    """Return in which unit each zone writes each indicator, and how many of it are one."""
    names, scales = np.empty(shape, dtype=object), np.empty(shape)
    for at in range(shape[0]):
        own, written = ways[at % len(ways)]
        of_way = [float(unit(own).factor / unit(name).factor) for name in written]
        turn = (at + np.arange(shape[1])) % len(written)
        names[at] = np.array(written, dtype=object)[turn]
        scales[at] = np.array(of_way)[turn]
    return names.ravel(), scales


def write(given: Iterator[Block]) -> int:
    """Write the blocks without triggers, and make indexes and keys afterwards; return the rows."""
    is_shared = connection.vendor == "postgresql"
    made = _shared(given) if is_shared else _embedded(given)
    with transaction.atomic():
        sync(connection)
    return made


def _embedded(given: Iterator[Block]) -> int:
    count = 0
    with _pragmas(), connection.cursor() as cursor:
        sql = "SELECT type, name, sql FROM sqlite_master WHERE tbl_name = %s AND type <> 'table'"
        cursor.execute(sql, (TABLE,))
        parts = [part for part in cursor.fetchall() if part[2]]
        for kind, name, _ in parts:
            cursor.execute(f"DROP {kind} {name}")
        with transaction.atomic():
            for block in given:
                said = f"'{block.period}', 'nominal', '{block.recorded_at}'"
                connection.connection.executemany(
                    f"INSERT INTO {TABLE} ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, {said})",  # noqa: S608
                    block.rows(count),
                )
                count += len(block)
        for kind, _, sql in parts:
            if kind == "index":
                cursor.execute(sql)
    return count


@contextmanager
def _pragmas() -> Iterator[None]:
    """Write quickly meanwhile; the next connection has its usual settings."""
    with connection.cursor() as cursor:
        for name in _QUICK:
            cursor.execute(f"PRAGMA {name}")
    try:
        yield
    finally:
        connection.close()


def _shared(given: Iterator[Block]) -> int:
    count = 0
    with connection.cursor() as cursor:
        cursor.execute("SET maintenance_work_mem = '1GB'")
        cursor.execute(f"ALTER TABLE {TABLE} DISABLE TRIGGER USER")
        again = [*_dropped_keys(cursor.execute, cursor.fetchall),
                 *_dropped_indexes(cursor.execute, cursor.fetchall)]  # fmt: skip
        with cursor.copy(f"COPY {TABLE} ({_COLUMNS}) FROM STDIN") as copy:
            for block in given:
                row = f"%d\t%d\t%d\t%.4f\t%s\t{block.period}\tnominal\t{block.recorded_at}+00\n"
                copy.write("".join(map(row.__mod__, block.rows(count))))
                count += len(block)
        for sql in reversed(again):
            cursor.execute(sql)
        cursor.execute(
            f"SELECT setval(pg_get_serial_sequence('{TABLE}', 'id'), max(id)) FROM {TABLE}"  # noqa: S608
        )
        cursor.execute(f"ALTER TABLE {TABLE} ENABLE TRIGGER USER")
    return count


def _dropped_keys(
    execute: Callable[..., object], rows: Callable[[], list[tuple[Any, ...]]]
) -> Iterator[str]:
    """Drop foreign keys, which would be looked up for each row; yield how to make them again."""
    execute(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE conrelid = %s::regclass AND contype = 'f'",
        (TABLE,),
    )
    for name, definition in rows():
        execute(f'ALTER TABLE {TABLE} DROP CONSTRAINT "{name}"')
        yield f'ALTER TABLE {TABLE} ADD CONSTRAINT "{name}" {definition}'


def _dropped_indexes(
    execute: Callable[..., object], rows: Callable[[], list[tuple[Any, ...]]]
) -> Iterator[str]:
    """Drop indexes but the primary key's; yield how to make them again."""
    execute(
        "SELECT i.indexname, i.indexdef FROM pg_indexes i WHERE i.tablename = %s"
        " AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conname = i.indexname)",
        (TABLE,),
    )
    for name, definition in rows():
        execute(f'DROP INDEX "{name}"')
        yield definition
