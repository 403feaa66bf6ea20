"""Which reported values make up a period: the value itself, or months and years to date joined.

A return may give a month, a year to date, or both; the bureau gives January and February as one.
So of a flow

- the year to date is what was reported as such, else that of the month before and the month's;
- a month is what was reported as such, else the difference of two years to date.

A stock holds at the end of its period, however the period was written. A rate, a ratio or a rank is
only ever taken for exactly the period for which it was published.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from zonewright.core.errors import PeriodError
from zonewright.core.periods import Period
from zonewright.steering.indicator import Indicator

# A period as observations write it, and whether its value is added (1) or taken off (-1).
Part = tuple[str, int]


def parts_of(
    known: Collection[str], indicator: Indicator, asked: Period
) -> tuple[Part, ...] | None:
    """Return which reported periods make up the one that is asked; None if they do not.

    Parameters
    ----------
    known
        Periods for which there is a value, as text.

    Examples
    --------
    >>> from zonewright.steering.catalogue import load
    >>> flow = load()["output"]
    >>> parts_of({"2023-01..2023-02", "2023-03"}, flow, Period.parse("2023-01..2023-03"))
    (('2023-01..2023-02', 1), ('2023-03', 1))
    >>> parts_of({"2023-01..2023-04", "2023-01..2023-05"}, flow, Period.parse("2023-05"))
    (('2023-01..2023-05', 1), ('2023-01..2023-04', -1))
    """
    if str(asked) in known:
        return ((str(asked), 1),)
    if indicator.rollup == "latest":
        return _latest(known, asked)
    month, ytd = _month(asked.last), _ytd(asked.last)
    if str(asked) not in (month, ytd):
        return None
    if indicator.nature == "stock":
        return next((((text, 1),) for text in (month, ytd) if text in known), None)
    if indicator.nature != "flow":
        return None
    if asked.is_year_to_date:
        return _until(known, asked.last)
    now, before = _until(known, asked.last), _until(known, asked.last - 1)
    if now is None or before is None:
        return None
    return (*now, *((text, -sign) for text, sign in before))


def year_texts(asked: Period) -> Iterator[str]:
    """Yield every text of a month, or of a year to date, from January to a period's last month."""
    for last in range(asked.year * 12, asked.last + 1):
        yield from dict.fromkeys((_month(last), _ytd(last)))


def _until(known: Collection[str], last: int) -> tuple[Part, ...] | None:
    """Return what makes up January to a month: the last year to date, and the months after it."""
    months: list[Part] = []
    for at in range(last, last - last % 12 - 1, -1):
        if _ytd(at) in known:
            return ((_ytd(at), 1), *reversed(months))
        if _month(at) not in known:
            return None
        months.append((_month(at), 1))
    return tuple(reversed(months))


def _latest(known: Collection[str], asked: Period) -> tuple[Part, ...] | None:
    """Return the last value reported by a period's end; of two of one month that of its kind."""
    found: list[tuple[int, bool, str]] = []
    for text in known:
        try:
            period = Period.parse(text)
        except PeriodError:
            continue
        if text in (_month(period.last), _ytd(period.last)) and period.last <= asked.last:
            is_alike = (text == _ytd(period.last)) == asked.is_year_to_date
            found.append((period.last, is_alike, text))
    return ((max(found)[2], 1),) if found else None


def _month(last: int) -> str:
    return str(Period(last, last))


def _ytd(last: int) -> str:
    return str(Period(last - last % 12, last))
