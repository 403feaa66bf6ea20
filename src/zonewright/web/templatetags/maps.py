"""Numbers of the map's panels."""

from __future__ import annotations

from django import template

from zonewright.core.phrases import Number
from zonewright.web.templatetags.desk import amount

register = template.Library()


@register.filter
def mu_number(area_m2: float | None) -> str:
    """Return an area in mu, without its unit."""
    return amount(None if area_m2 is None else area_m2 * 3 / 2000, 1)


@register.filter
def wan(value: Number | None) -> str:
    """Return an amount in ten thousands (万), without its unit."""
    return amount(None if value is None else float(value) / 1e4, 1)
