"""Read days, months and periods in the many ways in which offices write them."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from zonewright.core.errors import PeriodError
from zonewright.core.periods import Period
from zonewright.intake.faults import CellError
from zonewright.intake.wording import narrow, text_of_cell

FIRST_YEAR, LAST_YEAR = 1970, 2100
_SERIAL_ORIGIN = date(1899, 12, 30)
_SERIALS = (25_569.0, 73_415.0)  # 1970-01-01 to 2100-12-31
_AROUND = r"(?:上旬|中旬|下旬|初|中|底|末|份)?"
_SEP = r"\s*[-./年]\s*"
_DAY = re.compile(rf"^(\d{{4}}){_SEP}(\d{{1,2}})\s*[-./月]\s*(\d{{1,2}})\s*[日号]?(?:[T ].*)?$")
_SHORT_DAY = re.compile(r"^'?(\d{2})[-./年](\d{1,2})[-./月](\d{1,2})[日号]?$")
_COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
_COMPACT_MONTH = re.compile(r"^(\d{4})(\d{2})$")
_MONTH = re.compile(rf"^(\d{{4}}){_SEP}(\d{{1,2}})\s*月?{_AROUND}$")
_YEAR = re.compile(r"^(\d{4})\s*年?度?$")
_YEAR_END = re.compile(r"^(\d{4})\s*年?\s*(?:年底|年末|底|末)$")
_NO_YEAR_DAY = re.compile(r"^(\d{1,2})\s*月\s*(\d{1,2})\s*[日号]$")
_NO_YEAR_MONTH = re.compile(rf"^(\d{{1,2}})\s*月{_AROUND}$")
_OF_QUARTER = "intake-date-quarter"
_QUARTERS = "一二三四1234"
_QUARTER = re.compile(
    r"^(?:(\d{4})\s*年?\s*)?(?:第?([一二三四1-4])季度?[初中底末]?|[Qq]([1-4])|(上半年))$"
)
_PLANNED = re.compile(r"^(?:预计|计划|拟于|拟|力争|争取)\s*")
_BY = re.compile(r"(?:之?前|前完成|完成|左右)$")
_SPAN = re.compile(
    r"(?:(\d{4})\s*年?)?\s*(\d{1,2})\s*月?\s*(?:[-—–~～―]|至|到|\.\.)\s*(\d{1,2})\s*月"
)
_TITLE_MONTH = re.compile(r"(?:(\d{4})\s*年)?\s*(?<!\d)(\d{1,2})\s*月(?!\s*\d*\s*日)")
_TITLE_DASH = re.compile(r"(?<!\d)(20\d{2})[-._](0[1-9]|1[0-2])(?!\d)")
_TITLE_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})\s*年?")
_UNTIL = re.compile(r"(?:截至|截止|截止到|累计至)\s*(?:(\d{4})\s*年)\s*(\d{1,2})\s*月")
_SEASONS = (
    ("前三季度", 9), ("1-3季度", 9), ("三季度", 9), ("上半年", 6), ("半年", 6), ("二季度", 6),
    ("一季度", 3), ("全年", 12),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Day:
    """A day, how exactly it is known (empty, ``m`` or ``y``), and a warning about its reading."""

    on: date
    precision: str = ""
    warning: str = ""


def read_date(cell: object, *, year: int | None = None, planned: bool = False) -> Day:
    """Read a day; where only a month or year was written, the last day of it.

    Parameters
    ----------
    cell
        A date, an Excel serial, or text such as 2023.4, 2023年4月21日, 4月中旬.
    year
        Year of the sheet, for texts without one; None if unknown.
    planned
        Whether 预计 and the like may stand before it.

    Raises
    ------
    CellError
        If it is no date, not a possible one, or lacks its year.

    Examples
    --------
    >>> read_date("2023.4")
    Day(on=datetime.date(2023, 4, 30), precision='m', warning='')
    >>> read_date("4月中旬", year=2023).on
    datetime.date(2023, 4, 30)
    """
    if isinstance(cell, datetime):
        return _checked(cell.date(), cell)
    if isinstance(cell, date):
        return _checked(cell, cell)
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return _from_number(float(cell))
    if not isinstance(cell, str):
        raise CellError("intake-date-unreadable", text=text_of_cell(cell))
    text = narrow(cell).lstrip("'").strip()
    stripped = _PLANNED.sub("", text)
    if stripped != text and not planned:
        raise CellError("intake-date-not-reached", text=text)
    return _from_text(_BY.sub("", stripped).strip(), cell.strip(), year)


def _from_text(text: str, cell: str, year: int | None) -> Day:
    for shape in (_DAY, _COMPACT):
        if match := shape.match(text):
            return _day(int(match[1]), int(match[2]), int(match[3]), cell)
    if match := _SHORT_DAY.match(text):
        found = _day(2000 + int(match[1]), int(match[2]), int(match[3]), cell)
        return Day(found.on, found.precision, "intake-date-short-year")
    for shape in (_MONTH, _COMPACT_MONTH):
        if match := shape.match(text):
            return _month(int(match[1]), int(match[2]), cell)
    if match := _YEAR_END.match(text):
        return _month(int(match[1]), 12, cell)
    if match := _YEAR.match(text):
        return Day(_day(int(match[1]), 12, 31, cell).on, "y")
    if match := _NO_YEAR_DAY.match(text):
        return _day(_known(year, cell), int(match[1]), int(match[2]), cell)
    if match := _NO_YEAR_MONTH.match(text):
        return _month(_known(year, cell), int(match[1]), cell)
    if match := _QUARTER.match(text):
        known = int(match[1]) if match[1] else _known(year, cell)
        last = 6 if match[4] else 3 * _QUARTERS.index(match[2] or match[3]) % 12 + 3
        return Day(_month(known, last, cell).on, "m", _OF_QUARTER)
    if re.fullmatch(r"年底|年末", text):
        return _month(_known(year, cell), 12, cell)
    if re.fullmatch(r"\d{5}(?:\.\d+)?", text):
        return _from_number(float(text))
    raise CellError("intake-date-unreadable", text=cell)


def _known(year: int | None, cell: str) -> int:
    if year is None:
        raise CellError("intake-date-no-year", text=cell)
    return year


def _from_number(value: float) -> Day:
    shown = text_of_cell(value)
    if _SERIALS[0] <= value < _SERIALS[1]:
        return Day(_SERIAL_ORIGIN + timedelta(days=int(value)))
    if value.is_integer():
        if FIRST_YEAR <= value <= LAST_YEAR:
            return Day(date(int(value), 12, 31), "y")
        text = str(int(value))
        if match := _COMPACT.match(text):
            return _day(int(match[1]), int(match[2]), int(match[3]), text)
        if match := _COMPACT_MONTH.match(text):
            return _month(int(match[1]), int(match[2]), text)
        raise CellError("intake-date-unreadable", text=shown)
    year, _, month = f"{value:.10g}".partition(".")
    if FIRST_YEAR <= int(value) <= LAST_YEAR and len(month) <= 2:
        found = _month(int(year), int(month), shown)
        warning = "intake-date-month-or-ten" if month == "1" else ""
        return Day(found.on, found.precision, warning)
    raise CellError("intake-date-unreadable", text=shown)


def _day(year: int, month: int, day: int, cell: object) -> Day:
    try:
        return _checked(date(year, month, day), cell)
    except ValueError:
        raise CellError("intake-date-impossible", text=text_of_cell(cell)) from None


def _month(year: int, month: int, cell: object) -> Day:
    if not 1 <= month <= 12 or not FIRST_YEAR <= year <= LAST_YEAR:
        raise CellError("intake-date-impossible", text=text_of_cell(cell))
    return Day(date(year, month, monthrange(year, month)[1]), "m")


def _checked(day: date, cell: object) -> Day:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise CellError("intake-date-impossible", text=text_of_cell(cell))
    return Day(day)


def read_month(cell: object, *, year: int | None = None) -> Period:
    """Read one month: 2023年10月, 2023-10, 202310, 10月 or a day of it.

    Raises
    ------
    CellError
        If it is no month.
    """
    if isinstance(cell, (int, float)) and not isinstance(cell, bool) and 1 <= cell <= 12:
        return Period.month(_known(year, text_of_cell(cell)), int(cell))
    if isinstance(cell, str) and (span := _SPAN.search(narrow(cell))):
        first, last = int(span[2]), int(span[3])
        raise CellError("intake-month-span", text=cell.strip(), first=first, last=last)
    found = read_date(cell, year=year)
    if found.precision == "y" or found.warning == _OF_QUARTER:
        raise CellError("intake-month-unreadable", text=text_of_cell(cell))
    return Period.month(found.on.year, found.on.month)


def read_period(cell: object, *, year: int | None = None) -> Period:
    """Read a period: 2023-01..2023-10, 2023年1—10月, 上半年, 2023年, 截至2023年10月, or a month.

    Raises
    ------
    CellError
        If it is none of these.

    Examples
    --------
    >>> str(read_period("2023年1—10月"))
    '2023-01..2023-10'
    """
    if isinstance(cell, str):
        try:
            return Period.parse(narrow(cell))
        except PeriodError:
            found = find_period(cell, year=year)
            if found is not None:
                return found
    day = read_date(cell, year=year)
    if day.warning == _OF_QUARTER:
        raise CellError("intake-date-unreadable", text=text_of_cell(cell))
    if day.precision == "y":
        return Period.whole_year(day.on.year)
    return Period.month(day.on.year, day.on.month)


def read_year(cell: object) -> int:
    """Read a year: 2023, 2023年, 2023年度.

    Raises
    ------
    CellError
        If it is none.
    """
    match = _YEAR.match(narrow(text_of_cell(cell)))
    if match is None or not FIRST_YEAR <= int(match[1]) <= LAST_YEAR:
        raise CellError("intake-year-unreadable", text=text_of_cell(cell))
    return int(match[1])


def find_year(text: str) -> int | None:
    """Return the first year that a title names, or None."""
    match = _TITLE_YEAR.search(narrow(text))
    return int(match[1]) if match else None


def find_period(text: str, *, year: int | None = None) -> Period | None:
    """Return the period that a title names, or None.

    Examples
    --------
    >>> str(find_period("江门市基础设施月报（2023年10月）"))
    '2023-10'
    """
    shown = narrow(text)
    if match := _UNTIL.search(shown):
        return _safe_period(None, int(match[1]), None, int(match[2]), until=True)
    if match := _SPAN.search(shown):
        return _safe_period(match[1], find_year(shown) or year, int(match[2]), int(match[3]))
    if match := _TITLE_DASH.search(shown):
        return Period.month(int(match[1]), int(match[2]))
    for word, last in _SEASONS:
        if word in shown and (known := find_year(shown) or year):
            return Period.year_to_date(known, last)
    if match := _TITLE_MONTH.search(shown):
        known = int(match[1]) if match[1] else find_year(shown) or year
        return _safe_period(None, known, int(match[2]), int(match[2]))
    if match := _YEAR.match(shown):
        return Period.whole_year(int(match[1]))
    return None


def _safe_period(
    own: str | None, year: int | None, first: int | None, last: int, *, until: bool = False
) -> Period | None:
    known = int(own) if own else year
    if known is None or not 1 <= last <= 12 or not FIRST_YEAR <= known <= LAST_YEAR:
        return None
    if until:
        return Period.until(known, last)
    if first is None or not 1 <= first <= last:
        return None
    return Period(known * 12 + first - 1, known * 12 + last - 1)
