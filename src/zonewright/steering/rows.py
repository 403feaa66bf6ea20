"""Which rows of a table a rule reads: by condition, by date, by zone, each record once."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, localcontext
from fractions import Fraction

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from zonewright.core.errors import SchemaError
from zonewright.core.periods import Period
from zonewright.core.schema import require_columns
from zonewright.core.units import UNITS, unit
from zonewright.steering.catalogue import Condition, Indicator
from zonewright.steering.figure import Facts, Question

Mask = NDArray[np.bool_]
# A parcel reaches a stage once: on the first day recorded for it.
_ONCE = {"parcel_events": (("parcel", "stage"), "on")}
_COMPARE = {
    ">": np.greater,
    ">=": np.greater_equal,
    "<": np.less,
    "<=": np.less_equal,
}


def table_of(facts: Facts, name: str) -> pd.DataFrame:
    """Return a table of the facts.

    Raises
    ------
    SchemaError
        If there is none of that name.
    """
    if name not in facts.tables:
        raise SchemaError("table-unknown", table=name)
    return facts.tables[name]


def rows_in_zone(facts: Facts, table: str, zone: str) -> Mask:
    """Return which rows of a table lie in a zone; a zone lies in those above it."""
    frame = table_of(facts, table)
    if table == "zones":
        below = {zone, *facts.scope.descendants(zone)}
        return frame["code"].isin(below).to_numpy(dtype=bool)
    return facts.scope.mask(frame, zone)


def rows_meeting(frame: pd.DataFrame, conditions: Iterable[Condition], *, of: str) -> Mask:
    """Return which rows meet all conditions.

    Examples
    --------
    >>> works = pd.DataFrame({"kind": ["road", "levelling", ""], "cost": [5.0, 7.0, 9.0]})
    >>> wanted = [Condition("kind", "!=", ("road",)), Condition("cost", ">", ("8",))]
    >>> rows_meeting(works, wanted, of="works").tolist()
    [False, False, True]
    """
    meets = np.ones(len(frame), dtype=bool)
    for condition in conditions:
        require_columns(frame, condition.field, of=of)
        meets &= _meets(frame[condition.field], condition)
    return meets


def rows_dated(frame: pd.DataFrame, indicator: Indicator, period: Period) -> Mask:
    """Return which rows count by date: in the period for a flow, up to its end for a stock."""
    if not indicator.when:
        return np.ones(len(frame), dtype=bool)
    require_columns(frame, indicator.when, of=indicator.table)
    on = pd.to_datetime(frame[indicator.when])
    counts = on < pd.Timestamp(period.end_on) + pd.Timedelta(days=1)
    if indicator.nature != "stock" and period.first is not None:
        counts &= on >= pd.Timestamp(period.start_on)
    return counts.to_numpy(dtype=bool)


def rows_once(facts: Facts, table: str) -> Mask:
    """Return which rows of a table count when some repeat the same event: the first of each."""
    frame = table_of(facts, table)
    if table not in _ONCE:
        return np.ones(len(frame), dtype=bool)
    (same, by) = _ONCE[table]
    require_columns(frame, *same, by, of=table)
    kept = facts.keep(
        ("once", table),
        lambda: (
            frame.assign(at=np.arange(len(frame)))
            .sort_values(by, kind="stable")
            .drop_duplicates(list(same))[["at"]]
        ),
    )
    once = np.zeros(len(frame), dtype=bool)
    once[kept["at"].to_numpy()] = True
    return once


def rows_of(facts: Facts, question: Question, indicator: Indicator) -> pd.DataFrame:
    """Return the rows that an indicator counts for a question."""
    frame = table_of(facts, indicator.table)
    counts = (
        rows_meeting(frame, indicator.where, of=indicator.table)
        & rows_dated(frame, indicator, question.period)
        & rows_in_zone(facts, indicator.table, question.zone)
        & rows_once(facts, indicator.table)
    )
    return frame[counts]


def base_unit(dimension: str) -> str:
    """Return the unit in which tables hold a dimension: m², 元, 美元, kWh, or a plain number."""
    return next(
        code for code, known in UNITS.items() if known.dimension == dimension and known.factor == 1
    )


def held_in(indicator: Indicator) -> str:
    """Return the unit in which the table holds an indicator's values."""
    return base_unit(unit(indicator.unit).dimension)


def exact_sum(values: Iterable[float]) -> Fraction:
    """Return the sum of numbers as they are written in decimals, without rounding.

    Examples
    --------
    >>> exact_sum([0.1, 0.2, 0.3])
    Fraction(3, 5)
    """
    with localcontext(prec=80):
        return Fraction(sum((Decimal(repr(float(value))) for value in values), Decimal(0)))


def _meets(column: pd.Series, condition: Condition) -> Mask:
    if condition.op in _COMPARE:
        numbers = pd.to_numeric(column).to_numpy(dtype=float, na_value=np.nan)
        return np.asarray(_COMPARE[condition.op](numbers, float(condition.values[0])))
    if pd.api.types.is_numeric_dtype(column):  # a bool is one, and counts as 1 or 0
        among = column.astype(float).isin([float(value) for value in condition.values])
    else:
        among = column.isin(condition.values)
    found = among.to_numpy(dtype=bool)
    return found if condition.op == "=" else ~found
