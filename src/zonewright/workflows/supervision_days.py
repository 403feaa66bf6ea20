"""Which month a headquarters looks at on a day, and on which day a month is judged."""

from __future__ import annotations

from datetime import date

from zonewright.core.periods import Period


def default_month(on: date) -> Period:
    """Return the month that a headquarters looks at on a day: the last that is over."""
    last = on.year * 12 + on.month - 2
    return Period(last, last)


def day_of_meeting(period: Period, today: date) -> date:
    """Return the day on which a month is judged where none is given.

    That is today, or, once the meeting lists have gone on to the next month, the last day on which
    this month was called: what was overdue by then counts, not what has become overdue since.

    Examples
    --------
    >>> day_of_meeting(Period.month(2023, 10), date(2023, 11, 8))
    datetime.date(2023, 11, 8)
    >>> day_of_meeting(Period.month(2023, 10), date(2026, 11, 8))
    datetime.date(2023, 11, 30)
    """
    after, present = period.last + 1, today.year * 12 + today.month - 1
    return today if after >= present else Period(after, after).end_on
