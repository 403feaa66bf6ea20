"""The rows of observations as columns of numbers, on either database, without an object a row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from zonewright.core.units import UNITS
from zonewright.steering.cube_facts import slot_of
from zonewright.store.selectors import _observed_arrays
from zonewright.store.selectors._frames import Params, query

_CHUNK = 200_000
# As many keys as a statement takes on either database.
_MANY_KEYS = 30_000
# How units are written, each by its code first; their places number them.
_ALIASES = (name for known in UNITS.values() for name in known.aliases)
UNIT_NAMES = tuple(dict.fromkeys((*UNITS, *_ALIASES)))
# Kinds of a period, beside its last month: that month alone, or January to it.
MONTH, YTD = 0, 1
# Every text of a period once, each found by one step in the index of months.
_TEXTS = """
    WITH RECURSIVE known(period) AS (
        SELECT min(period) FROM store_observation
        UNION ALL
        SELECT (SELECT min(o.period) FROM store_observation o WHERE o.period > known.period)
          FROM known WHERE known.period IS NOT NULL
    )
    SELECT period FROM known WHERE period IS NOT NULL"""
# Columns of a row, as numbers.
_COLUMNS = 6
# Periods whose rows one statement gathers, where all are read.
_SPAN = 12


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
    texts = [text for (text,) in query(_TEXTS)]
    if connection.vendor == "sqlite":
        yield from _read(condition, (*keys, when), units, texts)
        return
    for start in range(0, len(texts), _SPAN):
        some = texts[start : start + _SPAN]
        spans = f"o.period IN ({_marks(some)}) AND {condition}"
        yield from _read(spans, (*some, *keys, when), units, some)


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
    if connection.vendor == "postgresql":
        numbers = {name: at for at, name in enumerate(units)}
        for group in _observed_arrays.read(condition, params):
            yield _gathered(group, numbers)
        return
    cases = " ".join(f"WHEN '{name}' THEN {at}" for at, name in enumerate(units))
    sql = f"""
        SELECT o.id, o.indicator_id, coalesce(o.zone_id, -o.firm_id), {_searched(sorted(texts))},
               CASE o.unit {cases.replace("%", "%%")} ELSE -1 END,
               CAST(o.value AS double precision)
          FROM store_observation o WHERE {condition}"""  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        while rows := cursor.fetchmany(_CHUNK):
            flat = np.fromiter(chain.from_iterable(rows), np.float64, _COLUMNS * len(rows))
            columns = flat.reshape(len(rows), _COLUMNS).T
            keys = columns[:-1].astype(np.int64)
            yield Rows(keys[0], keys[1], keys[2], keys[3], keys[4], columns[-1])


def _gathered(groups: Sequence[_observed_arrays.Group], numbers: Mapping[str, int]) -> Rows:
    """Return the rows of groups of one period and unit each."""
    sizes = [len(group.id) for group in groups]
    periods = [_numbered(group.period) for group in groups]
    given = [numbers.get(group.unit, -1) for group in groups]
    joined = {
        name: np.concatenate([getattr(group, name) for group in groups] or [np.zeros(0)])
        for name in ("id", "indicator", "reporter", "value")
    }
    return Rows(
        joined["id"].astype(np.int64),
        joined["indicator"].astype(np.int64),
        joined["reporter"].astype(np.int64),
        np.repeat(np.array(periods, dtype=np.int64), sizes),
        np.repeat(np.array(given, dtype=np.int64), sizes),
        joined["value"].astype(np.float64),
    )


def _numbered(text: str) -> int:
    """Return a period as ``2 * last month + kind``; -1 is any other span."""
    slot = slot_of(text)
    return -1 if slot is None else 2 * slot[0] + (MONTH if slot[1] else YTD)


def _searched(texts: Sequence[str]) -> str:
    """Return SQL that finds a period among sorted texts by halves, as SQLite compares bytes.

    A text that is not among them is -1: a row that came meanwhile is no other month's.
    """
    if len(texts) > 1:
        middle = len(texts) // 2
        lower, upper = _searched(texts[:middle]), _searched(texts[middle:])
        return f"CASE WHEN o.period < {_quoted(texts[middle])} THEN {lower} ELSE {upper} END"
    number = _numbered(texts[0]) if texts else -1
    if number < 0:
        return "-1"
    return f"CASE WHEN o.period = {_quoted(texts[0])} THEN {number} ELSE -1 END"


def _quoted(text: str) -> str:
    """Return a text as SQL holds it beside parameters."""
    return "'" + text.replace("'", "''").replace("%", "%%") + "'"


def _marks(given: Sequence[object]) -> str:
    return ", ".join(["%s"] * len(given))
