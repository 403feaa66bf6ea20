"""What a look-back states, and what the files say of themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from django.db.models import Model, QuerySet

from zonewright.core.periods import Period
from zonewright.store import models as store
from zonewright.store.models import SourceFile
from zonewright.store.selectors._frames import utc

_Row = TypeVar("_Row", bound=Model)


@dataclass(frozen=True, slots=True)
class OutlineItem:
    """A figure that the look-back states: what is asked, and how it is to be phrased.

    Parameters
    ----------
    record
        ``"outline_item:12"``.
    code
        Number in the outline.
    chapter
        ``scope``, ``mechanism``, ``projects`` or ``guarantees``.
    indicator, zone, subject
        Codes; `subject` is empty unless the figure is of one project.
    period
        Period asked.
    unit, bound, step
        How it is stated: unit code, ``exact``/``ge``/``le``/``approx``, and to which step (None for
        a date).
    wording, wording_en
        The words before the figure.
    """

    record: str
    code: str
    chapter: str
    indicator: str
    zone: str
    subject: str
    period: Period
    unit: str
    bound: str
    step: Decimal | None
    wording: str
    wording_en: str


def outline(as_of: datetime | None = None) -> tuple[OutlineItem, ...]:
    """Return the figures that the look-back states, in order.

    Parameters
    ----------
    as_of
        Time at which the workspace is seen; None means now.
    """
    items = _known(store.OutlineItem.objects.select_related("indicator", "zone"), as_of)
    return tuple(
        OutlineItem(
            record=f"outline_item:{item.pk}",
            code=item.code,
            chapter=item.chapter,
            indicator=item.indicator.code,
            zone=item.zone.code,
            subject=item.subject,
            period=Period.parse(item.period),
            unit=item.unit,
            bound=item.bound,
            step=item.step,
            wording=item.wording,
            wording_en=item.wording_en,
        )
        for item in items
    )


def _known(rows: QuerySet[_Row], as_of: datetime | None) -> QuerySet[_Row]:
    return rows if as_of is None else rows.filter(recorded_at__lte=utc(as_of))


def notices() -> list[str]:
    """Return what the imported files say of their data (synthetic, provisional), each once.

    A notice is told whatever the time at which the workspace is seen: it can only warn too much.
    """
    found = SourceFile.objects.exclude(notice="").order_by("imported_at", "name", "pk")
    return list(dict.fromkeys(found.values_list("notice", flat=True)))
