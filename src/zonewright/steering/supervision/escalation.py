"""Whom an overdue order reaches, as of a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date


def overdue_days(due_on: date, on: date) -> int:
    """Return for how many days a deadline is over on a day [days]; the deadline's own day is 0.

    Examples
    --------
    >>> overdue_days(date(2023, 4, 10), date(2023, 4, 13))
    3
    """
    return max((on - due_on).days, 0)


def level_due(ladder: Sequence[tuple[int, int]], due_on: date, on: date) -> int:
    """Return the level that an order has to reach on a day; 0 if it is nobody's but its owner's.

    Parameters
    ----------
    ladder
        Level and the days overdue after which the order reaches it [days].
    due_on
        Its deadline.
    on
        The day.

    Examples
    --------
    >>> ladder = ((1, 3), (2, 10), (3, 20))
    >>> [level_due(ladder, date(2023, 4, 1), date(2023, 4, day)) for day in (1, 3, 4, 11, 21)]
    [0, 0, 1, 2, 3]
    """
    days = overdue_days(due_on, on)
    return max((level for level, after in ladder if days > 0 and days >= after), default=0)
