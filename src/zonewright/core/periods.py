"""Periods of monthly reporting: a month, a year to date, a year, or all since the start.

The statistics bureau publishes no January: industrial figures of January and February come as one
period. `statistical_periods` gives a year's periods as it counts them.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from zonewright.core.errors import PeriodError

# The calendar has no year 0.
_MONTH = re.compile(r"^(?!0000)(\d{4})-(\d{1,2})$")
_YEAR = re.compile(r"^(?!0000)(\d{4})$")


def _month_index(year: int, month: int) -> int:
    return year * 12 + month - 1


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A span of whole months, both ends included.

    Parameters
    ----------
    first
        First month, counted as ``12 * year + month - 1``; None means since the beginning.
    last
        Last month, counted alike.
    """

    first: int | None
    last: int

    def __post_init__(self) -> None:
        if self.first is not None and self.first > self.last:
            raise PeriodError("period-order", text=str(self))

    @classmethod
    def month(cls, year: int, month: int) -> Period:
        """Return one month."""
        index = _month_index(year, month)
        return cls(index, index)

    @classmethod
    def year_to_date(cls, year: int, month: int) -> Period:
        """Return January to a month of a year."""
        return cls(_month_index(year, 1), _month_index(year, month))

    @classmethod
    def whole_year(cls, year: int) -> Period:
        """Return the twelve months of a year."""
        return cls.year_to_date(year, 12)

    @classmethod
    def until(cls, year: int, month: int) -> Period:
        """Return everything up to the end of a month."""
        return cls(None, _month_index(year, month))

    @classmethod
    def parse(cls, text: str) -> Period:
        """Read ``2023``, ``2023-10``, ``2023-01..2023-10`` or ``..2023-10``.

        Raises
        ------
        PeriodError
            If the text is none of these, or ends before it starts.

        Examples
        --------
        >>> str(Period.parse("2023-01..2023-10"))
        '2023-01..2023-10'
        >>> Period.parse("2023").months
        12
        """
        head, dots, tail = text.strip().partition("..")
        if not dots:
            return cls(_first_month(head), _last_month(head))
        return cls(_first_month(head) if head else None, _last_month(tail))

    @property
    def months(self) -> int | None:
        """Number of months; None if the start is open."""
        return None if self.first is None else self.last - self.first + 1

    @property
    def year(self) -> int:
        """Year of the last month."""
        return self.last // 12

    @property
    def last_month(self) -> int:
        """Month of the year in which the period ends, 1 to 12."""
        return self.last % 12 + 1

    @property
    def start_on(self) -> date:
        """First day; the first day of the calendar if the start is open."""
        return date.min if self.first is None else date(self.first // 12, self.first % 12 + 1, 1)

    @property
    def end_on(self) -> date:
        """Last day."""
        return date(self.year, self.last_month, monthrange(self.year, self.last_month)[1])

    @property
    def is_year_to_date(self) -> bool:
        """Whether the period starts in January of the year in which it ends."""
        return self.first == self.year * 12

    def contains(self, day: date) -> bool:
        """Return whether a day lies in the period."""
        return self.start_on <= day <= self.end_on

    def __str__(self) -> str:
        last = f"{self.year:04d}-{self.last_month:02d}"
        if self.first is None:
            return f"..{last}"
        if self.months == 1:
            return last
        if self.months == 12 and self.is_year_to_date:
            return f"{self.year:04d}"
        return f"{self.first // 12:04d}-{self.first % 12 + 1:02d}..{last}"

    def label(self, lang: str = "en") -> str:
        """Return the period as a reader of a language writes it."""
        if lang == "zh":
            return self._label_zh()
        return f"to {self.end_on:%b %Y}" if self.first is None else self._label_en()

    def _label_zh(self) -> str:
        last = f"{self.year}年{self.last_month}月"
        if self.first is None:
            return f"截至{last}"
        if self.months == 1:
            return last
        if self.months == 12 and self.is_year_to_date:
            return f"{self.year}年"
        head = f"{self.first // 12}年{self.first % 12 + 1}"
        tail = f"{self.last_month}月" if self.first // 12 == self.year else f"月—{last}"
        return f"{head}—{tail}" if self.first // 12 == self.year else f"{head}{tail}"

    def _label_en(self) -> str:
        start, end = self.start_on, self.end_on
        if self.months == 1:
            return f"{end:%b %Y}"
        if self.months == 12 and self.is_year_to_date:
            return str(self.year)
        return f"{start:%b}–{end:%b %Y}" if start.year == end.year else f"{start:%b %Y}–{end:%b %Y}"


def _first_month(text: str) -> int:
    if match := _YEAR.match(text):
        return _month_index(int(match[1]), 1)
    return _month_of(text)


def _last_month(text: str) -> int:
    if match := _YEAR.match(text):
        return _month_index(int(match[1]), 12)
    return _month_of(text)


def _month_of(text: str) -> int:
    match = _MONTH.match(text)
    if match is None or not 1 <= int(match[2]) <= 12:
        raise PeriodError("period-unreadable", text=text)
    return _month_index(int(match[1]), int(match[2]))


def statistical_periods(year: int) -> tuple[Period, ...]:
    """Return a year's eleven periods of industrial statistics: January–February, then each month.

    Examples
    --------
    >>> [str(period) for period in statistical_periods(2023)][:3]
    ['2023-01..2023-02', '2023-03', '2023-04']
    """
    first = Period.year_to_date(year, 2)
    return (first, *(Period.month(year, month) for month in range(3, 13)))
