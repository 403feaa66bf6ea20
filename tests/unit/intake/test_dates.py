from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zonewright.core.periods import Period
from zonewright.intake.dates import find_period, read_date, read_month, read_period, read_year
from zonewright.intake.faults import CellError

APRIL = date(2023, 4, 30)


@pytest.mark.parametrize(
    ("cell", "on", "precision"),
    [
        (date(2023, 4, 21), date(2023, 4, 21), ""),
        (datetime(2023, 4, 21, 9, 30), date(2023, 4, 21), ""),
        ("2023.4.21", date(2023, 4, 21), ""),
        ("2023-04-21 00:00:00", date(2023, 4, 21), ""),
        ("2023年4月21日", date(2023, 4, 21), ""),
        ("２０２３/４/２１", date(2023, 4, 21), ""),
        ("20230421", date(2023, 4, 21), ""),
        (20230421.0, date(2023, 4, 21), ""),
        (45037.0, date(2023, 4, 21), ""),
        ("45037", date(2023, 4, 21), ""),
        ("4月21日", date(2023, 4, 21), ""),
        ("2023.4", APRIL, "m"),
        (2023.4, APRIL, "m"),
        (2023.11, date(2023, 11, 30), "m"),
        ("2023.10", date(2023, 10, 31), "m"),
        ("2023-04", APRIL, "m"),
        ("2023年4月", APRIL, "m"),
        (202304.0, APRIL, "m"),
        ("4月中旬", APRIL, "m"),
        ("4月底", APRIL, "m"),
        ("2023年4月下旬", APRIL, "m"),
        ("2023年底", date(2023, 12, 31), "m"),
        ("2023年", date(2023, 12, 31), "y"),
        (2023.0, date(2023, 12, 31), "y"),
        ("2023年4月底前", APRIL, "m"),
    ],
)
def test_a_date_is_read_as_exactly_as_it_was_written(
    cell: object, on: date, precision: str
) -> None:
    found = read_date(cell, year=2023)
    assert (found.on, found.precision, found.warning) == (on, precision, "")


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("2023.2.30", "intake-date-impossible"),
        ("2023.13", "intake-date-impossible"),
        (20230431.0, "intake-date-impossible"),
        ("1023-01-01", "intake-date-impossible"),
        ("4月中旬", "intake-date-no-year"),
        ("尽快", "intake-date-unreadable"),
        ("预计2023年5月", "intake-date-not-reached"),
        (True, "intake-date-unreadable"),
        (3.7, "intake-date-unreadable"),
    ],
)
def test_what_is_no_date_says_why(cell: object, code: str) -> None:
    with pytest.raises(CellError) as caught:
        read_date(cell)
    assert caught.value.code == code


def test_a_plan_may_be_an_expectation() -> None:
    assert read_date("预计2023年5月", planned=True).on == date(2023, 5, 31)


def test_a_dropped_zero_is_warned_of() -> None:
    found = read_date(2023.1)
    assert (found.on, found.warning) == (date(2023, 1, 31), "intake-date-month-or-ten")


@given(st.dates(date(1971, 1, 1), date(2099, 12, 31)))
def test_every_way_of_writing_a_day_comes_back_as_that_day(day: date) -> None:
    serial = (day - date(1899, 12, 30)).days
    texts = (f"{day:%Y-%m-%d}", f"{day:%Y%m%d}", f"{day.year}.{day.month}.{day.day}",
             f"{day.year}年{day.month}月{day.day}日", float(serial), day)  # fmt: skip
    assert {read_date(text).on for text in texts} == {day}
    assert serial == timedelta(days=serial).days


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("2023-01..2023-10", "2023-01..2023-10"),
        ("2023年1—10月", "2023-01..2023-10"),
        ("1-10月", "2023-01..2023-10"),
        ("2023年上半年", "2023-01..2023-06"),
        ("2023年前三季度", "2023-01..2023-09"),
        ("2023年10月", "2023-10"),
        ("截至2023年10月", "..2023-10"),
        ("2023年", "2023"),
        (2022.0, "2022"),
        ("..2023-10", "..2023-10"),
    ],
)
def test_a_period_is_read(text: object, period: str) -> None:
    assert str(read_period(text, year=2023)) == period


@pytest.mark.parametrize("cell", ["2023年10月", "2023-10", 202310.0, "10月", 10.0, "2023.10"])
def test_a_month_is_read(cell: object) -> None:
    assert read_month(cell, year=2023) == Period.month(2023, 10)


def test_a_span_is_no_month() -> None:
    with pytest.raises(CellError) as caught:
        read_month("1-10月", year=2023)
    assert caught.value.code == "intake-month-span"


@pytest.mark.parametrize(
    ("title", "period"),
    [
        ("江门市基础设施月报（2023年10月）", "2023-10"),
        ("规上企业月报_2023年1-2月", "2023-01..2023-02"),
        ("月报_2023-09", "2023-09"),
        ("土地台账（截至2023年10月31日）", "..2023-10"),
    ],
)
def test_a_title_names_its_period(title: str, period: str) -> None:
    assert str(find_period(title)) == period


def test_a_title_without_a_period_names_none() -> None:
    assert find_period("先行启动区名单") is None


@pytest.mark.parametrize("cell", ["2023", "2023年", "2023年度", 2023.0])
def test_a_year_is_read(cell: object) -> None:
    assert read_year(cell) == 2023


@pytest.mark.parametrize(
    ("text", "on"),
    [
        ("2023年第三季度", date(2023, 9, 30)),
        ("三季度", date(2023, 9, 30)),
        ("2023年1季度", date(2023, 3, 31)),
        ("2023Q2", date(2023, 6, 30)),
        ("2023年四季度末", date(2023, 12, 31)),
        ("2023年上半年", date(2023, 6, 30)),
    ],
)
def test_a_quarter_is_its_last_day_and_warned_of(text: str, on: date) -> None:
    found = read_date(text, year=2023)
    assert (found.on, found.precision, found.warning) == (on, "m", "intake-date-quarter")
    with pytest.raises(CellError):
        read_month(text, year=2023)


def test_a_quarter_alone_is_no_period_of_one_month() -> None:
    with pytest.raises(CellError):
        read_period("2023Q3")
