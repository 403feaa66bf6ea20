"""What changes because a day begins: boundaries that hold from it, and stages that it brings."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import connection, transaction
from django.utils import timezone

from zonewright.store.models import Revision
from zonewright.store.places import locate
from zonewright.store.spatial import renew_stages

_NAME = "day"


def turn_day(now: datetime) -> bool:
    """Bring places and stages up to date, once for each day and workspace.

    Parameters
    ----------
    now
        The time.

    Returns
    -------
    turned
        Whether a day had begun since the last time.
    """
    # Boundaries hold on a day of the desk's time zone; the database counts stages by that of UTC.
    day = f"{timezone.localdate(now)} {now.astimezone(UTC).date()}"
    if Revision.objects.filter(name=_NAME, token=day).exists():
        return False
    with transaction.atomic():
        found, made = Revision.objects.select_for_update().get_or_create(
            name=_NAME, defaults={"token": day}
        )
        if not made and found.token == day:
            return False
        Revision.objects.filter(name=_NAME).update(token=day)
        renew_stages(connection)
        locate()
    return True
