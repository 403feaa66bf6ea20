"""The audit trail, by a filter; the latest entries first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from zonewright.store.access import Access
from zonewright.store.models import AuditEntry

_CHUNK = 2_000
# Days beyond which nothing stands in a trail, and of which some zones have no midnight.
_FIRST, _LAST = date(1900, 1, 1), date(9000, 1, 1)


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries are asked for; an empty value asks for all.

    Parameters
    ----------
    by, action, table
        Who, what was done, and to a record of which table.
    code
        Part of the record's code.
    since, until
        First and last day, in the desk's time zone.
    """

    by: str = ""
    action: str = ""
    table: str = ""
    code: str = ""
    since: date | None = None
    until: date | None = None


def audit_entries(asked: AuditFilter, *, access: Access) -> QuerySet[AuditEntry]:
    """Return entries of the trail; it concerns the whole workspace.

    Raises
    ------
    NotAllowedError
        If who asks does not administer the whole workspace.
    """
    access.require("administer")
    entries = AuditEntry.objects.order_by("-at", "-id")
    for name in ("by", "action", "table"):
        if getattr(asked, name):
            entries = entries.filter(**{name: getattr(asked, name)})
    if asked.code:
        entries = entries.filter(code__icontains=asked.code)
    if asked.since:
        entries = entries.filter(at__gte=_midnight(min(max(asked.since, _FIRST), _LAST)))
    if asked.until and asked.until < _LAST:
        entries = entries.filter(at__lt=_midnight(max(asked.until, _FIRST) + timedelta(days=1)))
    return entries


def in_chunks(entries: QuerySet[AuditEntry], most: int) -> Iterator[AuditEntry]:
    """Yield at most so many entries without holding them all."""
    return entries[:most].iterator(chunk_size=_CHUNK)


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
