"""A record's values as the reader is used to: units, decimals, names of choices and of records.

Chinese readers count land in 亩 and money in 万元, English ones in ha and CNY million; both may
choose another unit, which then holds for a whole table.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from zonewright.core.errors import ZonewrightError
from zonewright.core.periods import Period
from zonewright.core.phrases import Number, exact
from zonewright.core.schema import Field
from zonewright.core.units import convert, known_unit, unit
from zonewright.report import numbers
from zonewright.store.mapping import BY_RECORD
from zonewright.store.models import Indicator
from zonewright.web import language, words
from zonewright.web.language import Lang

Values = Mapping[str, Any]
AREA_UNITS = ("亩", "ha", "km2", "m2")
MONEY_UNITS = ("万元", "亿元", "百万元", "元")
FOREIGN_UNITS = {"万元": "万美元", "亿元": "亿美元", "百万元": "百万美元", "元": "美元"}
ENERGY_UNITS = ("kWh", "万kWh")
UNITS_OF: Mapping[str, tuple[str, ...]] = {
    "area": AREA_UNITS,
    "money": MONEY_UNITS,
    "energy": ENERGY_UNITS,
}
HABIT: Mapping[Lang, Mapping[str, str]] = {
    "zh": {"area": "亩", "money": "万元", "energy": "万kWh"},
    "en": {"area": "ha", "money": "百万元", "energy": "kWh"},
}
NUMERIC = ("number", "area", "money", "energy", "percent")
SHAPES = ("geometry", "multipolygon")
BOUNDS = ("exact", "ge", "le", "approx")
_SIGNS = {"ge": "≥ ", "le": "≤ ", "approx": "≈ "}
_DOLLARS = "USD"


@dataclass(frozen=True, slots=True)
class Reading:
    """A value as it is read: its text, and the same in another unit beside it."""

    text: str
    beside: str = ""


def unit_of(field: Field, chosen: Mapping[str, str]) -> str:
    """Return the unit in which a field is shown; empty if it has none."""
    if field.kind == "percent":
        return "%"
    if field.kind not in UNITS_OF:
        return field.unit
    given = chosen.get(field.kind, "")
    return given if given in UNITS_OF[field.kind] else HABIT[language.current()][field.kind]


def unit_name(code: str) -> str:
    """Return a unit as a heading names it in the reader's language."""
    return unit(code).label(language.current()) if known_unit(code) else code


def amount(field: Field, value: Number, shown: str) -> Decimal:
    """Return a number of a field in the unit in which it is shown."""
    if field.kind in UNITS_OF and shown and field.unit and shown != field.unit:
        return convert_amount(value, field.unit, shown)
    return exact(value)


def convert_amount(value: Number, base: str, shown: str) -> Decimal:
    """Return an amount of one unit in another."""
    return exact(convert(exact(value), base, shown))


def is_foreign(field: Field, values: Values) -> bool:
    """Return whether an amount of money is in dollars."""
    return field.kind == "money" and values.get("currency") == _DOLLARS


def text(field: Field, table: str, values: Values, chosen: Mapping[str, str]) -> str:
    """Return a value as a cell of a table shows it, its unit standing in the header.

    Parameters
    ----------
    field
        The field.
    table
        Name of its table.
    values
        The record's values in base units (`store.selectors.RecordState`).
    chosen
        Kind of field to the unit that the reader chose for it.
    """
    value = values.get(field.name)
    if value in (None, "", {}):
        return ""
    if field.kind in NUMERIC:
        shown = unit_of(field, chosen)
        number = amount(field, value, shown)
        said = numbers.number(number, _decimals(field, number, shown))
        foreign = f"{_DOLLARS} " if is_foreign(field, values) else ""
        return f"{_sign(field, values)}{foreign}{said}"
    return _word(field, table, values, value)


def _sign(field: Field, values: Values) -> str:
    return _SIGNS.get(str(values.get(f"{field.name}_bound") or ""), "")


def _decimals(field: Field, number: Decimal, shown: str) -> int | None:
    if field.kind == "number":
        return None
    return 2 if field.kind == "percent" else numbers.decimals_of(number, shown)


def _word(field: Field, table: str, values: Values, value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if field.kind == "choice":
        name = words.choice(str(value), f"{table}.{field.name}")
        return f"{value} {name}" if field.name == "stage" and str(value)[1:].isdecimal() else name
    if isinstance(value, date):
        return day(value, "m" if field.kind == "month" else values.get(f"{field.name}_precision"))
    if field.kind == "period":
        return period(str(value))
    if field.kind == "unit":
        return unit_name(str(value)) or str(value)
    if isinstance(value, Mapping):
        return " · ".join(part for part in _parts(field, table, value))
    return str(value)


def _parts(field: Field, table: str, value: Mapping[Any, Any]) -> Iterable[str]:
    for name, item in value.items():
        if field.kind == "services":
            yield f"{words.choice(str(name), f'{table}.{field.name}')} {item}"
        else:
            yield f"{month(int(name))} {numbers.number(exact(item))}%"


def month(number: int) -> str:
    """Return the name of a month of the year."""
    return f"{number}月" if language.current() == "zh" else f"{date(2000, number, 1):%b}"


def day(value: date, precision: str | None = "d") -> str:
    """Return a date as far as it is known."""
    if isinstance(value, datetime):
        value = value.date()
    form = {"y": "%Y", "m": "%Y-%m"}.get(precision or "d", "%Y-%m-%d")
    return value.strftime(form)


def period(given: str) -> str:
    """Return a period in the reader's language, or as it stands if it cannot be read."""
    try:
        return Period.parse(given).label(language.current())
    except ZonewrightError:
        return given


def reading(field: Field, table: str, values: Values) -> Reading:
    """Return a value as the page of its record shows it: with its unit, and in another beside.

    An amount that was written in a unit of its own is shown in that one first.
    """
    value = values.get(field.name)
    if value in (None, "", {}):
        return Reading("")
    lang = language.current()
    if field.kind == "percent":
        return Reading(numbers.quantity(exact(value), "%", lang))
    if field.kind == "number" and values.get("unit") and field.name == "value":
        said = numbers.quantity(exact(value), str(values["unit"]), lang)
        return Reading(_sign(field, values) + said)
    if field.kind not in UNITS_OF:
        return Reading(text(field, table, values, {}))
    foreign = is_foreign(field, values)
    given = str(values.get(f"{field.name}_unit") or "")
    first = given if _fits(given, field, foreign) else HABIT[lang][field.kind]
    if foreign and first in FOREIGN_UNITS:
        first = FOREIGN_UNITS[first]
    sign = _SIGNS.get(values.get(f"{field.name}_bound", ""), "")
    # Nobody wrote the area of a shape: its digits beyond the usual ones mean nothing.
    measured = field.kind == "area" and not given
    said = (
        numbers.computed(convert_amount(value, field.unit, first), first, lang)
        if measured
        else _said(field, value, first, foreign)
    )
    return Reading(sign + said, _beside(field, value, first, foreign))


def _fits(given: str, field: Field, foreign: bool) -> bool:
    base = _base(field, foreign)
    return known_unit(given) and unit(given).dimension == unit(base).dimension


def _base(field: Field, foreign: bool) -> str:
    return "美元" if foreign else field.unit


def _said(field: Field, value: Number, shown: str, foreign: bool) -> str:
    number = convert_amount(value, _base(field, foreign), shown)
    kept = number.quantize(Decimal("0.000001")).normalize()
    return numbers.quantity(kept, shown, language.current())


# What stands beside an area or an amount: the unit that the other office would use.
_OTHER = {"亩": "ha", "ha": "亩", "km2": "亩", "m2": "亩", "万m2": "ha", "万亩": "km2"}
_LARGE = 100_000_000


def _beside(field: Field, value: Number, first: str, foreign: bool) -> str:
    if field.kind == "area":
        other = _OTHER.get(first, "ha")
        number = convert_amount(value, field.unit, other)
        return numbers.computed(number, other, language.current())
    if field.kind == "money" and language.current() == "zh" and abs(exact(value)) >= _LARGE:
        other = "亿美元" if foreign else "亿元"
        if other != first:
            number = convert_amount(value, _base(field, foreign), other)
            return numbers.computed(number, other, "zh")
    return ""


def names_of(kind: str, codes: Iterable[str]) -> dict[str, str]:
    """Return the names of records by their codes, in the reader's language.

    Parameters
    ----------
    kind
        Kind of the records (``zone``, ``work`` …).
    codes
        Their codes; a code that is its own name is left out.
    """
    wanted = {code for code in codes if code}
    model: Any = Indicator if kind == "indicator" else BY_RECORD[kind].model
    fields = {field.name for field in model._meta.get_fields()}
    if not wanted or "name" not in fields:
        return {}
    both = ("code", "name", "name_en") if "name_en" in fields else ("code", "name", "name")
    rows = model._default_manager.order_by().filter(code__in=wanted).values_list(*both)
    return {code: language.choose(zh, en if "name_en" in fields else zh) for code, zh, en in rows}
