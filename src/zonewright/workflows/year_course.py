"""How a year went in one figure, month by month, beside what its target asked and may bring."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from zonewright.core.periods import Period
from zonewright.steering.figure import Question
from zonewright.steering.forecast_year import YearEnd
from zonewright.steering.rollup import evaluate
from zonewright.store.access import Access
from zonewright.workflows.books import Books, open_books
from zonewright.workflows.forecasting import forecast_view
from zonewright.workflows.kept import Kept

KEPT_COURSES = 64


@dataclass(frozen=True, slots=True)
class Course:
    """A figure's year.

    Parameters
    ----------
    year
        The year.
    unit
        Of all amounts [unit code].
    done
        January to each month that is known, or a stock at its end; None where it cannot be told.
    target
        Of the year; None if there is none, or its unit does not fit.
    due
        What the target's curve asks by the end of January … December; empty without.
    ahead
        The forecast, or why there is none.
    """

    year: int
    unit: str
    done: tuple[float | None, ...]
    target: float | None
    due: tuple[float, ...]
    ahead: YearEnd

    @property
    def month(self) -> int:
        """The last month that counts as known."""
        return len(self.done)


_kept: Kept[tuple[str, datetime | None, Question], tuple[float | None, ...]] = Kept(KEPT_COURSES)


def course_of(
    zone: str,
    indicator: str,
    period: Period,
    *,
    access: Access | None = None,
    as_of: datetime | None = None,
) -> Course:
    """Return the months of a year up to a period's last one, with target and forecast.

    Parameters
    ----------
    zone, indicator
        Codes.
    period
        January to a month.
    access
        Who asks; None means the operator of the machine.
    as_of
        Time at which the workspace is seen; None means now.

    Raises
    ------
    UnknownReferenceError
        If there is no such zone or indicator, or they may not see the zone.
    """
    view = forecast_view(zone, indicator, period, access=access, as_of=as_of)
    done: tuple[float | None, ...] = view.months
    if not done:  # no flow whose every month is known: each month's figure for itself
        books = open_books(as_of)
        asked = Question(indicator, zone, period)
        done = _kept.get((books.fingerprint, as_of, asked), lambda: _months(books, asked))
    end = view.year_end
    return Course(end.year, end.unit, done, end.target, view.expected, end)


def _months(books: Books, asked: Question) -> tuple[float | None, ...]:
    # Boundaries are those of the period's end: a year is told of one and the same ground.
    facts = books.facts(asked.period.end_on)
    months = range(1, asked.period.last_month + 1)
    periods = (Period.year_to_date(asked.period.year, month) for month in months)
    return tuple(evaluate(replace(asked, period=period), facts).number for period in periods)
