"""Addresses of the pages of a return's sheets in templates."""

from __future__ import annotations

from django import template
from django.template import Context

from zonewright.web.return_tables import SheetTable

register = template.Library()


@register.simple_tag(takes_context=True)
def return_page(context: Context, table: SheetTable, number: int) -> str:
    """Return the address of another page of a sheet; the other sheets stay where they are."""
    given = context["request"].GET.copy()
    given[f"page-{table.sheet.code}"] = str(number)
    return f"?{given.urlencode()}#sheet-{table.sheet.code}"
