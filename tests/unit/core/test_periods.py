"""Periods of monthly reporting."""

from __future__ import annotations

from datetime import date

import pytest

from zonewright.core.errors import PeriodError
from zonewright.core.periods import Period, statistical_periods


@pytest.mark.parametrize(
    ("text", "again", "zh", "en"),
    [
        ("2023", "2023", "2023年", "2023"),
        ("2023-10", "2023-10", "2023年10月", "Oct 2023"),
        ("2023-1", "2023-01", "2023年1月", "Jan 2023"),
        ("2023-01..2023-10", "2023-01..2023-10", "2023年1—10月", "Jan–Oct 2023"),
        ("2023-01..2023-12", "2023", "2023年", "2023"),
        ("..2023-10", "..2023-10", "截至2023年10月", "to Oct 2023"),
        ("2022-11..2023-02", "2022-11..2023-02", "2022年11月—2023年2月", "Nov 2022–Feb 2023"),
        ("2022..2023", "2022-01..2023-12", "2022年1月—2023年12月", "Jan 2022–Dec 2023"),
        (" 2023 ", "2023", "2023年", "2023"),
    ],
)
def test_texts_and_labels(text: str, again: str, zh: str, en: str) -> None:
    period = Period.parse(text)
    assert (str(period), period.label("zh"), period.label("en")) == (again, zh, en)


@pytest.mark.parametrize(
    "text",
    ["", "2023-13", "2023-00", "23-10", "Oct 2023", "2023-01..", "2023.4", "0000-01", "0000"],
)
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(PeriodError, match="is not a period"):
        Period.parse(text)


def test_a_period_must_not_end_before_it_starts() -> None:
    with pytest.raises(PeriodError, match="ends before it starts"):
        Period.parse("2023-10..2023-09")


def test_days_and_months() -> None:
    period = Period.parse("2023-01..2024-02")
    assert (period.start_on, period.end_on) == (date(2023, 1, 1), date(2024, 2, 29))
    assert (period.months, period.year, period.last_month) == (14, 2024, 2)
    assert not period.is_year_to_date
    assert Period.parse("..2023-10").months is None
    assert Period.until(2023, 10).start_on == date.min


@pytest.mark.parametrize(
    ("day", "inside"),
    [
        (date(2022, 12, 31), False), (date(2023, 1, 1), True), (date(2023, 10, 31), True),
        (date(2023, 11, 1), False),
    ],
)  # fmt: skip
def test_both_ends_belong_to_a_period(day: date, inside: bool) -> None:
    assert Period.year_to_date(2023, 10).contains(day) is inside


def test_year_to_date() -> None:
    assert Period.year_to_date(2023, 10).is_year_to_date
    assert Period.month(2023, 1).is_year_to_date
    assert Period.whole_year(2023).is_year_to_date
    assert not Period.month(2023, 2).is_year_to_date
    assert not Period.until(2023, 10).is_year_to_date


def test_the_bureau_counts_eleven_periods_a_year() -> None:
    periods = statistical_periods(2023)
    assert len(periods) == 11
    assert periods[0] == Period.year_to_date(2023, 2)
    assert periods[-1] == Period.month(2023, 12)
