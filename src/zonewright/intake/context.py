"""What stands around a table: title, 单位 line, period, and notes that it is synthetic."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from zonewright.core import units
from zonewright.core.periods import Period
from zonewright.intake.dates import find_period, find_year
from zonewright.intake.wording import narrow

_UNIT_LINE = re.compile(r"单\s*位\s*[:：]\s*([^)）\n]+)")
_NOTICE = re.compile(
    r"合成|synthetic|示例数据|示例|虚构|模拟数据|测试数据|\bdemo\b|provisional|暂定|初步数|快报数",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Context:
    """What a sheet says outside its table.

    Parameters
    ----------
    texts
        Title and note cells above the header.
    units
        Dimension to the unit of the 单位 line.
    period, year
        Period and year that the title, the sheet or the file names.
    title
        Title, sheet name and file name, for words such as 标准厂房.
    """

    texts: tuple[str, ...] = ()
    units: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    period: Period | None = None
    year: int | None = None
    title: str = ""


def read_context(
    texts: Iterable[str], *, sheet: str, stem: str, inherited: Sequence[str] = ()
) -> Context:
    """Gather what the cells above a table, the sheet's name and the file's name say.

    Parameters
    ----------
    texts
        Cells above the table.
    sheet, stem
        Names of the sheet and of the file.
    inherited
        Cells above all tables of the sheet, for what the table's own leave open.

    Examples
    --------
    >>> read_context(["基础设施月报", "单位：万元"], sheet="10月", stem="月报_2023年").period
    Period(first=24285, last=24285)
    """
    above = tuple(texts)
    places = (*above, *inherited, sheet, stem)
    years = (_year_of(text) for text in places)
    year = next((found for found in years if found), None)
    periods = (_period_of(text, year) for text in places)
    period = next((found for found in periods if found), None)
    return Context(
        texts=above,
        units={**units_of(tuple(inherited)), **units_of(above)},
        period=period,
        year=period.year if period else year,
        title=" ".join((*(above or inherited), sheet, stem)),
    )


def _year_of(text: str) -> int | None:
    return None if _is_note(text) else find_year(text)


def _period_of(text: str, year: int | None) -> Period | None:
    return None if _is_note(text) else find_period(text, year=year)


def _is_note(text: str) -> bool:
    return narrow(text).startswith(("注", "说明", "备注", "填表", "依据", "附"))


def units_of(texts: tuple[str, ...]) -> dict[str, str]:
    """Return the units that 单位 lines name, by dimension; none where they name two."""
    found: dict[str, set[str]] = {}
    for text in texts:
        for match in _UNIT_LINE.finditer(narrow(text)):
            for name in re.split(r"[\s,，、;；/]+", match[1]):
                if units.known_unit(name):
                    unit = units.unit(name)
                    found.setdefault(unit.dimension, set()).add(unit.code)
    return {dimension: next(iter(codes)) for dimension, codes in found.items() if len(codes) == 1}


def find_notice(texts: Iterable[str]) -> str:
    """Return the first text that says that the data are synthetic or provisional, verbatim."""
    return next((text.strip() for text in texts if _NOTICE.search(narrow(text))), "")
