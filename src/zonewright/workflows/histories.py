"""What each month of the past brought of an indicator, without a gap up to the month asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pandas as pd

from zonewright.core.errors import PeriodError
from zonewright.core.periods import Period
from zonewright.steering.catalogue import Indicator
from zonewright.steering.figure import Facts, Question
from zonewright.steering.forecast_methods import History
from zonewright.steering.rollup import evaluate, indicator_of
from zonewright.steering.series import monthly, series
from zonewright.workflows.books import Books

# Years that are looked back upon: older ones tell nothing of the next.
YEARS = 16
# These are returned as values of a period; all others are added up from dated records.
_RETURNED = ("sum_firms", "sum_zones", "reported")


def history_of(
    books: Books, asked: Question, *, facts: Facts | None = None
) -> tuple[History | None, tuple[str, ...]]:
    """Return what each month brought, up to the end of the period asked.

    Where January and February are returned as one, each counts half. A month of records in which
    nothing is dated brought nothing; a month that was not returned is a gap, and what lies before
    it is left out.

    Parameters
    ----------
    books
        What the workspace says.
    asked
        An indicator that adds up, a zone, and January to the last month that counts.
    facts
        Facts to read instead of the books' own.

    Returns
    -------
    history
        From a January on; None if nothing came in.
    gap
        The months that are missing in what was returned, as in ``2023-04``.
    """
    facts = facts or books.facts(asked.period.end_on)
    indicator = indicator_of(asked.indicator, facts)
    first = _first_year(facts, indicator, asked)
    if first is None:
        return None, ()
    last, upto = asked.period.year, asked.period.last_month
    first = max(first, last - YEARS)
    found: dict[int, float | None] = {}
    for year in range(first, last + 1):
        months = upto if year == last else 12
        found |= _year(indicator, facts, asked, year, months)
    return _without_gap(found, last * 12 + upto - 1)


def _year(
    indicator: Indicator, facts: Facts, asked: Question, year: int, upto: int
) -> dict[int, float | None]:
    """Return month (year * 12 + month - 1) to what it brought; None where nothing is known."""
    if indicator.rule not in _RETURNED:
        periods = [Period.month(year, month) for month in range(1, upto + 1)]
        figures = [evaluate(replace(asked, period=period), facts) for period in periods]
        return {
            year * 12 + position: figure.number for position, figure in enumerate(figures)
        }  # fmt: skip
    found: dict[int, float | None] = {year * 12 + month: None for month in range(upto)}
    if upto == 1:
        figure = evaluate(replace(asked, period=Period.month(year, 1)), facts)
        return {year * 12: figure.number}
    for figure in series(asked, facts, monthly(indicator.code, facts, year, upto)):
        period = figure.question.period
        if period.months == 2:
            half = None if figure.number is None else figure.number / 2
            found[year * 12] = found[year * 12 + 1] = half
        else:
            found[year * 12 + period.last_month - 1] = figure.number
    return found


def _without_gap(
    found: dict[int, float | None], last: int
) -> tuple[History | None, tuple[str, ...]]:
    known = [month for month, amount in found.items() if amount is not None]
    if not known or found.get(last) is None:
        return None, ()
    start = min(known)
    gaps = [month for month in range(start, last + 1) if found.get(month) is None]
    if gaps:
        start = max(gaps) + 1
    # A history begins in a January: of a year that came in late only what is whole is told.
    if start % 12 and start // 12 < last // 12:
        start += 12 - start % 12
    if start % 12:
        return None, tuple(_name(month) for month in gaps)
    amounts = tuple(float(found[month] or 0.0) for month in range(start, last + 1))
    return History(start // 12, amounts), tuple(_name(month) for month in gaps)


def _name(month: int) -> str:
    return f"{month // 12}-{month % 12 + 1:02d}"


def _first_year(facts: Facts, indicator: Indicator, asked: Question) -> int | None:
    """Return the year in which the first record or return of an indicator in a zone is dated."""
    if indicator.rule in _RETURNED:
        rows = facts.observations((indicator.code,))
        rows = rows[rows["indicator"] == indicator.code]
        years = [year for text in rows["period"].unique() if (year := _year_of(text)) is not None]
        return min(years, default=None)
    frame = facts.tables.get(indicator.table)
    if frame is None or frame.empty or indicator.when not in frame:
        return None
    inside = facts.scope.mask(frame, asked.zone)
    days = pd.to_datetime(frame[indicator.when][inside]).dropna()
    days = days[days <= pd.Timestamp(asked.period.end_on)]
    if days.empty:
        return None
    first: date = days.min().date()
    return first.year


def _year_of(text: str) -> int | None:
    try:
        period = Period.parse(text)
    except PeriodError:
        return None
    return None if period.first is None else period.first // 12
