"""The rows of observations as columns of numbers, on either database, without an object a row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from zonewright.core.units import UNITS
from zonewright.steering.cube_facts import slot_of
from zonewright.store.selectors._frames import Params, query

_CHUNK = 200_000
# As many keys as a statement takes on either database.
_MANY_KEYS = 30_000
# How units are written, each by its code first; their places number them.
_ALIASES = (name for known in UNITS.values() for name in known.aliases)
UNIT_NAMES = tuple(dict.fromkeys((*UNITS, *_ALIASES)))
# Kinds of a period, beside its last month: that month alone, or January to it.
MONTH, YTD = 0, 1
# A period as text becomes ``2 * (12 * year + month - 1) + kind``; -1 is any other span.
_PERIOD = """
    CASE WHEN o.period ~ '^[0-9]{4}-[01][0-9]$'
         THEN 2 * (12 * CAST(substr(o.period, 1, 4) AS integer)
                   + CAST(substr(o.period, 6, 2) AS integer) - 1)
         WHEN o.period ~ '^[0-9]{4}$'
         THEN 2 * (12 * CAST(o.period AS integer) + 11) + 1
         WHEN o.period ~ '^[0-9]{4}-01[.]{2}[0-9]{4}-[01][0-9]$'
              AND substr(o.period, 1, 4) = substr(o.period, 10, 4)
         THEN 2 * (12 * CAST(substr(o.period, 1, 4) AS integer)
                   + CAST(substr(o.period, 15, 2) AS integer) - 1) + 1
         ELSE -1 END"""
# Every text of a period once, each found by one step in the index of months.
_TEXTS = """
    WITH RECURSIVE known(period) AS (
        SELECT min(period) FROM store_observation
        UNION ALL
        SELECT (SELECT min(o.period) FROM store_observation o WHERE o.period > known.period)
          FROM known WHERE known.period IS NOT NULL
    )
    SELECT period FROM known WHERE period IS NOT NULL"""
# Of a binary COPY: signature, flags and length of the extension; then of each row how many fields,
# and of each field its length before it.
_COPY_HEAD = 19
_FIELDS = (
    ("id", ">i8"), ("indicator", ">i8"), ("reporter", ">i8"), ("period", ">i4"), ("unit", ">i4"),
    ("value", ">f8"),
)  # fmt: skip
_COPY_ROW = np.dtype(
    [("fields", ">i2")]
    + [part for name, kind in _FIELDS for part in ((f"{name}_size", ">i4"), (name, kind))]
)


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Observations as columns, in no order.

    Parameters
    ----------
    id, indicator
        Primary keys.
    reporter
        Primary key of the zone, or of the firm, negative.
    period
        ``2 * last month + kind``, or -1.
    unit
        Place among the names of units, or -1.
    value
        As it was reported.
    """

    id: NDArray[np.int64]
    indicator: NDArray[np.int64]
    reporter: NDArray[np.int64]
    period: NDArray[np.int64]
    unit: NDArray[np.int64]
    value: NDArray[np.float64]


def read_some(
    wanted: Mapping[str, Sequence[int]], *, units: Sequence[str], when: object
) -> Iterator[Rows]:
    """Yield the rows of some indicators in some periods, by the index of months.

    Parameters
    ----------
    wanted
        Text of each period to the keys of the indicators that are needed in it.
    units
        Names of units, by which they are numbered.
    when
        Rows recorded later are left out.
    """
    groups: dict[tuple[int, ...], list[str]] = {}
    for text, keys in wanted.items():
        groups.setdefault(tuple(sorted(keys)), []).append(text)
    for keys, texts in groups.items():
        condition = (
            f"o.period IN ({_marks(texts)}) AND o.indicator_id IN ({_marks(keys)})"
            " AND o.recorded_at <= %s"
        )
        yield from _read(condition, (*texts, *keys, when), units, texts)


def read_all(keys: Sequence[int], *, units: Sequence[str], when: object) -> Iterator[Rows]:
    """Yield the rows of some indicators in all periods, by one scan of the table."""
    # The plus keeps SQLite from looking up row after row by an index: a scan is quicker.
    column = "+o.indicator_id" if connection.vendor == "sqlite" else "o.indicator_id"
    condition = f"{column} IN ({_marks(keys)}) AND o.recorded_at <= %s"
    texts = [text for (text,) in query(_TEXTS)] if connection.vendor == "sqlite" else []
    yield from _read(condition, (*keys, when), units, texts)


def recorded_at(ids: NDArray[np.int64]) -> NDArray[np.str_] | NDArray[np.float64]:
    """Return when rows were recorded, as something that can be compared, in the order of `ids`."""
    is_shared = connection.vendor == "postgresql"
    column = "extract(epoch FROM recorded_at)::float8" if is_shared else "recorded_at"
    found: dict[int, object] = {}
    for start in range(0, len(ids), _MANY_KEYS):
        some = ids[start : start + _MANY_KEYS].tolist()
        found.update(
            query(f"SELECT id, {column} FROM store_observation WHERE id IN ({_marks(some)})", some)  # noqa: S608
        )
    return np.array([found[key] for key in ids.tolist()])


def _read(
    condition: str, params: Params, units: Sequence[str], texts: Sequence[str]
) -> Iterator[Rows]:
    period = _PERIOD if connection.vendor == "postgresql" else _searched(sorted(texts))
    cases = " ".join(f"WHEN '{name}' THEN {at}" for at, name in enumerate(units))
    sql = f"""
        SELECT o.id, o.indicator_id, coalesce(o.zone_id, -o.firm_id), {period},
               CASE o.unit {cases.replace("%", "%%")} ELSE -1 END,
               CAST(o.value AS double precision)
          FROM store_observation o WHERE {condition}"""  # noqa: S608
    if connection.vendor == "postgresql":
        yield from _copied(sql, params)
        return
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        while rows := cursor.fetchmany(_CHUNK):
            flat = np.fromiter(chain.from_iterable(rows), np.float64, len(_FIELDS) * len(rows))
            columns = flat.reshape(len(rows), len(_FIELDS)).T
            yield _rows(columns)


def _searched(texts: Sequence[str]) -> str:
    """Return SQL that finds a period among sorted texts by halves, as SQLite compares bytes.

    A text that is not among them is -1: a row that came meanwhile is no other month's.
    """
    if len(texts) > 1:
        middle = len(texts) // 2
        lower, upper = _searched(texts[:middle]), _searched(texts[middle:])
        return f"CASE WHEN o.period < {_quoted(texts[middle])} THEN {lower} ELSE {upper} END"
    slot = slot_of(texts[0]) if texts else None
    if slot is None:
        return "-1"
    number = 2 * slot[0] + (MONTH if slot[1] else YTD)
    return f"CASE WHEN o.period = {_quoted(texts[0])} THEN {number} ELSE -1 END"


def _quoted(text: str) -> str:
    """Return a text as SQL holds it beside parameters."""
    return "'" + text.replace("'", "''").replace("%", "%%") + "'"


def _copied(sql: str, params: Params) -> Iterator[Rows]:
    """Yield rows by a binary COPY, whose bytes are the columns' numbers."""
    kinds = ("bigint", "bigint", "bigint", "integer", "integer", "double precision")
    names = [name for name, _ in _FIELDS]
    casts = ", ".join(f"q.{name}::{kind}" for name, kind in zip(names, kinds, strict=True))
    copied = f"COPY (SELECT {casts} FROM ({sql}) q ({', '.join(names)})) TO STDOUT (FORMAT BINARY)"  # noqa: S608
    with connection.cursor() as cursor, cursor.copy(copied, params) as copy:
        kept: list[bytes] = []
        size, is_first = 0, True
        for data in copy:
            given = bytes(data)
            kept.append(given[_COPY_HEAD:] if is_first else given)
            is_first = False
            size += len(kept[-1])
            if size >= _CHUNK * _COPY_ROW.itemsize:
                whole = size - size % _COPY_ROW.itemsize
                joined = b"".join(kept)
                yield _parsed(joined[:whole])
                kept, size = [joined[whole:]], size - whole
        joined = b"".join(kept)
        # A last count of -1 ends the copy.
        yield _parsed(joined[: len(joined) - len(joined) % _COPY_ROW.itemsize])


def _parsed(data: bytes) -> Rows:
    found = np.frombuffer(data, _COPY_ROW)
    return _rows([found[name] for name, _ in _FIELDS])


def _rows(columns: Sequence[NDArray[Any]] | NDArray[np.float64]) -> Rows:
    keys = [np.asarray(column).astype(np.int64) for column in columns[:-1]]
    return Rows(keys[0], keys[1], keys[2], keys[3], keys[4], columns[-1].astype(np.float64))


def _marks(given: Sequence[object]) -> str:
    return ", ".join(["%s"] * len(given))
