"""Keep what is given out of a month: what a later correction is set against."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from zonewright.core.errors import InputError
from zonewright.core.periods import Period
from zonewright.store.access import Access
from zonewright.store.actions import trail
from zonewright.store.models import Publication


def give_out(
    period: Period,
    values: Mapping[str, Mapping[str, Mapping[str, object]]],
    *,
    title: str,
    as_of: datetime,
    fingerprint: str,
    access: Access,
    origin: str = "",
    at: datetime | None = None,
) -> Publication:
    """Keep the figures of a month as they are given out; nothing changes them afterwards.

    Parameters
    ----------
    period
        Any span that ends with the month.
    values
        Zone to indicator to ``{"value": …, "unit": …}``.
    as_of, fingerprint
        The state of the workspace that was seen.
    access
        Who gives out; needs the permission to approve in the whole workspace.
    at
        When, where kept files are replayed; None means now.

    Raises
    ------
    NotAllowedError
        If they may not.
    InputError
        If there is nothing to give out.
    """
    access.require("approve")
    month = f"{period.year:04d}-{period.last_month:02d}"
    if not any(values.values()):
        raise InputError("publication-empty", period=month)
    with transaction.atomic():
        made = Publication.objects.create(
            period=month,
            title=title.strip(),
            as_of=as_of,
            fingerprint=fingerprint,
            values={zone: dict(given) for zone, given in values.items()},
            by=access.name,
            at=at or timezone.now(),
        )
        trail.note(
            "publish",
            by=access.name,
            origin=origin,
            table="publications",
            code=month,
            record=f"publication:{made.pk}",
            after={"title": made.title, "figures": sum(map(len, values.values()))},
        )
    return made
