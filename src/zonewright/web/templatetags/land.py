"""Areas and money of the land pages, in the units that the reader is used to."""

from __future__ import annotations

from datetime import date, datetime

from django import template

from zonewright.core.phrases import Number
from zonewright.land.readiness import standard_rule
from zonewright.report import numbers
from zonewright.web import language
from zonewright.web.values import HABIT, convert_amount, unit_name

register = template.Library()
_OTHER = {"亩": "ha", "ha": "亩"}


def _is_none(value: object) -> bool:
    return value is None or value != value


@register.simple_tag
def area_unit() -> str:
    """Return the unit in which the reader counts land."""
    return unit_name(HABIT[language.current()]["area"])


@register.simple_tag
def money_unit() -> str:
    """Return the unit in which the reader counts money."""
    return unit_name(HABIT[language.current()]["money"])


@register.filter
def area_number(area_m2: Number | None) -> str:
    """Return an area in the reader's unit, without it; a dash for none."""
    if area_m2 is None or _is_none(area_m2):
        return "—"
    shown = HABIT[language.current()]["area"]
    return numbers.number(convert_amount(area_m2, "m2", shown), 1)


@register.filter
def area(area_m2: Number | None) -> str:
    """Return an area in the reader's unit, with it."""
    if area_m2 is None or _is_none(area_m2):
        return "—"
    shown = HABIT[language.current()]["area"]
    return numbers.quantity(
        convert_amount(area_m2, "m2", shown), shown, language.current(), decimals=1
    )


@register.filter
def area_beside(area_m2: Number | None) -> str:
    """Return an area in the unit of the other office, with it."""
    if area_m2 is None or _is_none(area_m2):
        return ""
    shown = _OTHER[HABIT[language.current()]["area"]]
    return numbers.quantity(
        convert_amount(area_m2, "m2", shown), shown, language.current(), decimals=1
    )


@register.filter
def money_number(cny: Number | None) -> str:
    """Return an amount in the reader's unit, without it; a dash for none."""
    if cny is None or _is_none(cny):
        return "—"
    return numbers.number(convert_amount(cny, "元", HABIT[language.current()]["money"]), 1)


@register.filter
def per_money(m2_per_cny: float | None) -> str:
    """Return area by money in the reader's units, without them; a dash for none."""
    if m2_per_cny is None or _is_none(m2_per_cny):
        return "—"
    habit = HABIT[language.current()]
    area_part = float(convert_amount(m2_per_cny, "m2", habit["area"]))
    return numbers.number(area_part / float(convert_amount(1, "元", habit["money"])), 2)


@register.filter
def ratio(value: float | None) -> str:
    """Return a bare ratio with two decimals; a dash for none, a sign for no limit."""
    if value is None or _is_none(value):
        return "—"
    return "∞" if value == float("inf") else numbers.number(value, 2)


@register.filter
def lack_name(lack: str) -> str:
    """Return what a lack is called."""
    return standard_rule().label(lack, language.current())


@register.filter
def day_or_dash(value: date | datetime | None) -> str:
    """Return a day as ISO writes it; a dash for none."""
    return "—" if value is None or _is_none(value) else value.isoformat()[:10]
