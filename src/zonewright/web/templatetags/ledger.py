"""Addresses of records in templates."""

from __future__ import annotations

from django import template

from zonewright.web import ledgers

register = template.Library()


@register.filter
def record_address(record: str) -> str:
    """Return the address of a record's page: ``{{ card.record|record_address }}``."""
    return ledgers.address(record)
