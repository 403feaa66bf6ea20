"""Which returns were locked: for a month zone by zone, and month by month how many."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db.models import Count, QuerySet

from zonewright.store.models.returns import ReturnStep
from zonewright.store.selectors._frames import utc


def locks_made() -> int:
    """Return how often a return was locked so far: another number means that one more is."""
    return ReturnStep.objects.filter(action="locked").count()


def locked_zones(period: str, as_of: datetime | None = None) -> Mapping[str, frozenset[str]]:
    """Return the zones whose return of a month (``2023-04``) was locked, by kind of return."""
    found: dict[str, set[str]] = {}
    rows = _locked(as_of).filter(of__period=period).order_by()
    for kind, zone in rows.values_list("of__kind", "of__zone__code").distinct():
        found.setdefault(kind, set()).add(zone)
    return {kind: frozenset(zones) for kind, zones in found.items()}


def locked_counts(as_of: datetime | None = None) -> Mapping[str, Mapping[str, int]]:
    """Return of how many zones a return was locked, by month (``2023-04``) and kind of return."""
    found: dict[str, dict[str, int]] = {}
    rows = _locked(as_of).order_by().values_list("of__period", "of__kind")
    for period, kind, count in rows.annotate(count=Count("of", distinct=True)):
        found.setdefault(period, {})[kind] = count
    return found


def _locked(as_of: datetime | None) -> QuerySet[ReturnStep]:
    rows = ReturnStep.objects.filter(action="locked")
    return rows if as_of is None else rows.filter(at__lte=utc(as_of))
