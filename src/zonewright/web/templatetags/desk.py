"""Numbers, names and query strings in templates."""

from __future__ import annotations

from datetime import date, datetime
from typing import Protocol

from django import template
from django.template import Context
from django.utils import timezone

from zonewright.core.findings import Place
from zonewright.core.phrases import Number
from zonewright.core.records import RecordCard
from zonewright.report import numbers
from zonewright.report.view import spot_of
from zonewright.store.access import roles
from zonewright.web import language, records, words

register = template.Library()


@register.filter
def amount(value: Number | None, decimals: int = 0) -> str:
    """Return a number with separators; a dash for none."""
    return "—" if value is None or value != value else numbers.number(value, int(decimals))


@register.filter
def km2(area_m2: float | None) -> str:
    """Return an area in km² with its unit."""
    if area_m2 is None or area_m2 != area_m2:
        return "—"
    return numbers.quantity(area_m2 / 1e6, "km2", language.current(), decimals=2)


@register.filter
def mu(area_m2: float | None) -> str:
    """Return an area in mu with its unit."""
    if area_m2 is None or area_m2 != area_m2:
        return "—"
    return numbers.quantity(area_m2 * 3 / 2000, "亩", language.current(), decimals=1)


@register.filter
def ha(area_m2: float | None) -> str:
    """Return an area in hectares, without its unit."""
    return amount(None if area_m2 is None else area_m2 / 1e4, 2)


@register.filter
def day(value: date | None) -> str:
    """Return a day as ISO writes it; a dash for none."""
    return "—" if value is None or value != value else value.isoformat()[:10]


@register.filter
def moment(value: datetime | None) -> str:
    """Return a time to the minute, in the desk's time zone; a dash for none."""
    return "—" if value is None else timezone.localtime(value).strftime("%Y-%m-%d %H:%M")


@register.filter
def record_title(card: RecordCard) -> str:
    """Return what a reader would call a record, beside its code."""
    return records.title(card)


@register.filter
def cell(place: Place) -> str:
    """Return the cell of a record's source, or its field and feature."""
    return spot_of(place)


@register.filter
def origin(file: str) -> str:
    """Return a source's name in the reader's language: ``{{ place.file|origin }}``."""
    return words.origin(file)


@register.filter
def choice(code: str, field: str) -> str:
    """Return the name of a choice: ``{{ zone.kind|choice:"zones.kind" }}``."""
    return words.choice(code, field)


@register.filter
def role_name(code: str) -> str:
    """Return the name of a role."""
    role = roles().get(code)
    return role.label(language.current()) if role else code


class Named(Protocol):
    """Anything with a name in both languages."""

    name: str
    name_en: str


@register.filter
def named(thing: Named) -> str:
    """Return a name in the reader's language."""
    return language.choose(thing.name, thing.name_en)


@register.filter
def size(value: int) -> str:
    """Return a number of bytes as people read it."""
    amount_left = float(value)
    for unit in ("B", "KiB", "MiB"):
        if amount_left < 1024:
            return f"{amount_left:,.0f} {unit}" if unit == "B" else f"{amount_left:,.1f} {unit}"
        amount_left /= 1024
    return f"{amount_left:,.1f} GiB"


@register.simple_tag(takes_context=True)
def query_with(context: Context, **changes: object) -> str:
    """Return the page's query string with some values changed; an empty one is dropped."""
    given = context["request"].GET.copy()
    for name, value in changes.items():
        given.pop(name, None)
        if value not in ("", None):
            given[name] = str(value)
    encoded = given.urlencode()
    return f"?{encoded}" if encoded else "?"
