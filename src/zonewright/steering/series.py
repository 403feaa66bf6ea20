"""An indicator month by month, or from the start of the year to each month."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction

import pandas as pd

from zonewright.core.periods import Period, statistical_periods
from zonewright.steering.figure import Facts, Figure, Question, finding_of
from zonewright.steering.rollup import evaluate, indicator_of
from zonewright.steering.rules_observed import is_by_difference

# Returns of these rules are cumulative: a month is the difference of two of them.
_CUMULATIVE_RULES = ("sum_firms", "sum_zones", "reported")


def series(question: Question, facts: Facts, periods: Iterable[Period]) -> tuple[Figure, ...]:
    """Return the figures of an indicator for several periods.

    A flow that is returned from the start of the year is broken down by difference: May is January
    to May less January to April, where no value of May itself came in. A revision can make a month
    negative; that is kept, with a finding. Growth rates, ratios and stocks are never broken down.

    Parameters
    ----------
    question
        Its period is put aside.
    facts
        What there is to compute from.
    periods
        Those asked for, in any order; see `monthly` and `year_to_date`.

    Returns
    -------
    figures
        One a period, in the order given.

    Raises
    ------
    UnknownReferenceError, SchemaError
        As `zonewright.steering.rollup.evaluate`.

    Examples
    --------
    See ``tests/unit/steering/test_series.py``.
    """
    return tuple(_one(replace(question, period=period), facts) for period in periods)


def monthly(indicator: str, facts: Facts, year: int, upto: int = 12) -> tuple[Period, ...]:
    """Return the months of a year for an indicator, up to one.

    Figures that the statistics bureau or firms return have no January of their own: January and
    February are one period.

    Examples
    --------
    >>> facts = Facts({}, None, pd.DataFrame(), lambda zone, on: pd.DataFrame())
    >>> [str(period) for period in monthly("output", facts, 2023, upto=3)]
    ['2023-01..2023-02', '2023-03']
    >>> [str(period) for period in monthly("land_levelled", facts, 2023, upto=2)]
    ['2023-01', '2023-02']
    """
    if indicator_of(indicator, facts).rule in _CUMULATIVE_RULES:
        return tuple(period for period in statistical_periods(year) if period.last_month <= upto)
    return tuple(Period.month(year, month) for month in range(1, upto + 1))


def year_to_date(year: int, upto: int = 12) -> tuple[Period, ...]:
    """Return January to each month of a year, up to one.

    Examples
    --------
    >>> [str(period) for period in year_to_date(2023, upto=3)]
    ['2023-01', '2023-01..2023-02', '2023-01..2023-03']
    """
    return tuple(Period.year_to_date(year, month) for month in range(1, upto + 1))


def _one(question: Question, facts: Facts) -> Figure:
    figure = evaluate(question, facts)
    before = _period_before(question.period)
    divisible = figure.indicator.rule in _CUMULATIVE_RULES and figure.indicator.nature == "flow"
    is_whole = figure.value is not None and not is_by_difference(figure.findings)
    if is_whole or not divisible or before is None:
        return figure
    period = question.period
    upto = Period.year_to_date(period.year, period.last_month)
    now = evaluate(replace(question, period=upto), facts)
    earlier = evaluate(replace(question, period=before), facts)
    if now.exact is None or earlier.exact is None:
        return figure
    return _difference(question, now, earlier)


def _period_before(period: Period) -> Period | None:
    """Return January to the month before a period that starts after January of its year."""
    if period.first is None or period.is_year_to_date or period.first // 12 != period.year:
        return None
    return Period.year_to_date(period.year, period.first % 12)


def _difference(question: Question, now: Figure, earlier: Figure) -> Figure:
    exact = (now.exact or Fraction(0)) - (earlier.exact or Fraction(0))
    less = earlier.terms.assign(contribution=-earlier.terms["contribution"])
    findings = [*now.findings, *(f for f in earlier.findings if f not in now.findings)]
    if exact < 0:
        found = finding_of("series-negative", question, now.indicator, value=float(exact))
        findings.append(found)
    spans = [(figure.question.period.label("zh"), figure.question.period.label("en"))
             for figure in (now, earlier)]  # fmt: skip
    return replace(
        now,
        question=question,
        value=float(exact),
        exact=exact,
        bound="exact" if {now.bound, earlier.bound} == {"exact"} else "approx",
        terms=pd.concat([now.terms, less], ignore_index=True),
        records=tuple(dict.fromkeys((*now.records, *earlier.records))),
        inputs=(now, earlier),
        formula_zh=f"{now.indicator.zh}：{spans[0][0]}累计 − {spans[1][0]}累计",
        formula_en=f"{now.indicator.en}: {spans[0][1]} − {spans[1][1]}",
        findings=tuple(findings),
    )
