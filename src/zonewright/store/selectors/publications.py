"""What was given out, and what came in since."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Min

from zonewright.core.errors import UnknownReferenceError
from zonewright.store.mapping import BY_RECORD
from zonewright.store.models import AuditEntry, Publication
from zonewright.store.selectors._frames import utc

_FEW = 900


def publications(month: str = "") -> list[Publication]:
    """Return what was given out for a month (as in ``2023-04``), or for any, the latest first."""
    found = Publication.objects.all()
    return list(found.filter(period=month) if month else found)


def publication(key: int) -> Publication:
    """Return a publication.

    Raises
    ------
    UnknownReferenceError
        If there is none of that key.
    """
    found = Publication.objects.filter(pk=key).first()
    if found is None:
        raise UnknownReferenceError("publication-unknown", publication=key)
    return found


def defined_after(when: datetime) -> frozenset[str]:
    """Return the codes of the workspace's own indicators that were first defined after a time."""
    rows = AuditEntry.objects.filter(table="indicators").order_by().values_list("code")
    return frozenset(code for code, first in rows.annotate(first=Min("at")) if first > utc(when))


def recorded_after(records: Iterable[str], when: datetime) -> tuple[str, ...]:
    """Return those of some records (``"observation:12"``) that came in after a time, in order."""
    wanted: dict[str, list[int]] = {}
    given = tuple(records)
    for name in given:
        kind, _, number = name.partition(":")
        if kind in BY_RECORD and number.isdecimal():
            wanted.setdefault(kind, []).append(int(number))
    late: set[str] = set()
    for kind, keys in wanted.items():
        rows = BY_RECORD[kind].model._default_manager
        for start in range(0, len(keys), _FEW):
            found = rows.filter(pk__in=keys[start : start + _FEW], recorded_at__gt=utc(when))
            late.update(f"{kind}:{key}" for key in found.values_list("pk", flat=True))
    return tuple(name for name in given if name in late)
