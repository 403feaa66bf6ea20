"""Can the year's targets be met, and where is it short? Each target against what was done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

import pandas as pd

from zonewright.core.errors import InputError
from zonewright.core.findings import Finding
from zonewright.core.periods import Period
from zonewright.core.units import convert, unit
from zonewright.steering.catalogue import Indicator
from zonewright.steering.figure import Figure, Question
from zonewright.steering.pace import Pace, pace
from zonewright.steering.rollup import evaluate
from zonewright.steering.shortfall import Due
from zonewright.store import selectors
from zonewright.workflows.books import Books, open_books
from zonewright.workflows.curves import curve_for
from zonewright.workflows.shortfalls import Cause, Shortfalls


@dataclass(frozen=True, slots=True, eq=False)
class TargetPace:
    """One target of the year and how far it is met.

    Parameters
    ----------
    zone, zone_name_zh, zone_name_en
        Whose target.
    figure
        What was done, in the indicator's unit.
    target
        Target of the year in the same unit.
    pace
        Standing against the curve; None if what was done cannot be told.
    causes
        Who is behind their part of it, the largest lack first; empty unless it is behind.
    """

    zone: str
    zone_name_zh: str
    zone_name_en: str
    figure: Figure
    target: float
    pace: Pace | None
    causes: tuple[Cause, ...] = ()

    @property
    def indicator(self) -> Indicator:
        """What is measured."""
        return self.figure.indicator

    def zone_name(self, lang: str) -> str:
        """Return the zone's name in a language."""
        return self.zone_name_zh if lang == "zh" else self.zone_name_en

    def as_dict(self) -> dict[str, object]:
        """Return plain values for JSON."""
        return {
            "zone": self.zone,
            "indicator": self.indicator.code,
            "period": str(self.figure.question.period),
            "unit": self.indicator.unit,
            "target": self.target,
            "done": self.figure.number,
            "completion_pct": self.pace.completion_pct if self.pace else None,
            "expected_pct": self.pace.expected_pct if self.pace else None,
            "ahead_pp": self.pace.ahead_pp if self.pace else None,
            "rate_needed": self.pace.rate_needed if self.pace else None,
            "rate_so_far": self.pace.rate_so_far if self.pace else None,
            "colour": self.pace.colour if self.pace else None,
            "causes": [cause.as_dict() for cause in self.causes],
        }

    def cells(self, lang: str) -> tuple[str, ...]:
        """Return the cells of a table row."""
        names = (self.zone_name(lang), self.indicator.label(lang))
        label = unit(self.indicator.unit).label(lang) or self.indicator.unit
        if self.pace is None or self.figure.number is None:
            return (*names, label, f"{self.target:,.2f}", "—", "—", "—", "—", "—")
        needed = self.pace.rate_needed
        return (
            *names,
            label,
            f"{self.target:,.2f}",
            f"{self.figure.number:,.2f}",
            f"{self.pace.completion_pct:.2f}",
            f"{self.pace.ahead_pp:+.2f}",
            "—" if needed is None else f"{needed:,.2f}",
            self.pace.word(lang),
        )


def pace_of_targets(
    *, month: Period | None = None, zone: str | None = None, as_of: datetime | None = None
) -> tuple[TargetPace, ...]:
    """Compare every target of a year with what was done by a month.

    Parameters
    ----------
    month
        Month up to which it is counted; None means the last that is reported.
    zone
        Only this zone's targets; None means all.
    as_of
        Time at which the workspace is seen; None means now.

    Raises
    ------
    InputError
        If no month is given and there are no returns.
    UnknownReferenceError
        If there is no such zone.
    """
    books = open_books(as_of)
    if zone is not None:
        books.require_zone(zone)
    period = books.reporting_period()
    if month is not None:
        period = Period.year_to_date(month.year, month.last_month)
    if period is None:
        raise InputError("pace-no-returns")
    return tuple(_target_paces(books, period, zone))


def _target_paces(books: Books, period: Period, zone: str | None) -> Iterator[TargetPace]:
    facts = books.facts(period.end_on)
    rows = books.targets[books.targets["year"] == period.year]
    shortfalls = shortfalls_of(books, period)
    for row in rows.to_dict("records"):
        if zone not in (None, row["zone"]):
            continue
        figure = evaluate(Question(row["indicator"], row["zone"], period), facts)
        standing = standing_of(books, figure)
        names = (books.zone_name(row["zone"], "zh"), books.zone_name(row["zone"], "en"))
        if standing.target is not None:
            yield TargetPace(
                row["zone"],
                *names,
                standing.noted(figure),
                standing.target,
                standing.pace,
                _causes(shortfalls, standing, figure.question),
            )


def shortfalls_of(books: Books, period: Period) -> Shortfalls:
    """Return who carries the shortfalls from January to a month."""
    facts = books.facts(period.end_on)
    targets = books.targets[books.targets["year"] == period.year]
    set_for = set(zip(targets["zone"], targets["indicator"], strict=True))

    @cache
    def standing(zone: str, indicator: str) -> Due | None:
        if (zone, indicator) not in set_for:
            return None
        found = standing_of(books, evaluate(Question(indicator, zone, period), facts)).pace
        return None if found is None else Due("zone", zone, found.expected, found.done)

    return Shortfalls(
        books=lambda: books,
        period=period,
        catalogue=books.catalogue,
        hierarchy=books.scope(period.end_on).hierarchy,
        names={str(code): (str(zh), str(en)) for code, zh, en in books.names.itertuples()},
        targets=selectors.target_rows(period.year, as_of=books.as_of),
        standing=standing,
    )


def _causes(shortfalls: Shortfalls, standing: Standing, asked: Question) -> tuple[Cause, ...]:
    if standing.pace is None or standing.pace.ahead_pp >= 0:
        return ()
    return shortfalls.of(asked.zone, asked.indicator)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a figure stands against its target.

    Parameters
    ----------
    target
        Target of the year in the figure's unit; None if there is none, or its unit does not fit.
    pace
        Standing against the curve; None without target, or if figure or curve cannot be told.
    findings
        Why a target cannot be compared.
    """

    target: float | None = None
    pace: Pace | None = None
    findings: tuple[Finding, ...] = ()

    def noted(self, figure: Figure) -> Figure:
        """Return the figure with these findings added to its own."""
        if not self.findings:
            return figure
        return replace(figure, findings=(*figure.findings, *self.findings))


def standing_of(books: Books, figure: Figure) -> Standing:
    """Return how a figure stands against the year's target.

    A figure of another span than the year to date has no pace. A target that cannot be compared
    (its unit does not fit, it is 0, its curve lacks what it needs) is a finding: one row must not
    keep all other figures from being seen.
    """
    asked = figure.question
    if not asked.period.is_year_to_date or asked.subject:
        return Standing()
    rows = books.targets
    hits = rows[
        (rows["indicator"] == asked.indicator)
        & (rows["zone"] == asked.zone)
        & (rows["year"] == asked.period.year)
    ]
    if hits.empty:
        return Standing()
    row = hits.iloc[0]
    target = None
    try:
        target = float(convert(row["value"], row["unit"], figure.unit))
        return Standing(target, _pace(books, figure, target, row))
    except InputError as error:
        ids = (str(row["record"]),)
        found = Finding(error.code, "warning", "targets", ids=ids, params=error.params)
        return Standing(target, None, (found,))


def _pace(books: Books, figure: Figure, target: float, row: pd.Series[Any]) -> Pace | None:
    if figure.number is None:
        return None
    asked = figure.question
    curve = curve_for(books, asked, str(row["curve"]), row["points"])
    return pace(figure.number, target, month=asked.period.last_month, curve=curve)
