"""What a look-back states, the year's targets, and what the files say of themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

import pandas as pd
from django.db.models import Model, QuerySet

from zonewright.core.periods import Period
from zonewright.store import models as store
from zonewright.store.models import SourceFile, Target
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


def targets(year: int | None = None, *, as_of: datetime | None = None) -> pd.DataFrame:
    """Return the targets of a year, or of all years.

    Parameters
    ----------
    year
        The year; None means all.
    as_of
        Time at which the workspace is seen; None means now.

    Returns
    -------
    targets
        Columns ``record``, ``indicator``, ``zone`` (codes), ``year``, ``value``, ``unit``,
        ``curve`` and ``points`` (month to share of the target [%]).
    """
    ordered = _known(Target.objects.order_by("year", "zone__code", "indicator__code"), as_of)
    found = ordered.values_list(
        "pk", "indicator__code", "zone__code", "year", "value", "unit", "curve", "points"
    )
    rows = found if year is None else found.filter(year=year)
    return pd.DataFrame.from_records(
        [
            (
                f"target:{pk}",
                indicator,
                zone,
                in_year,
                float(value),
                unit,
                curve,
                {int(month): float(share) for month, share in points.items()},
            )
            for pk, indicator, zone, in_year, value, unit, curve, points in rows
        ],
        columns=["record", "indicator", "zone", "year", "value", "unit", "curve", "points"],
    )


def notices() -> list[str]:
    """Return what the imported files say of their data (synthetic, provisional), each once.

    A notice is told whatever the time at which the workspace is seen: it can only warn too much.
    """
    found = SourceFile.objects.exclude(notice="").order_by("imported_at", "name", "pk")
    return list(dict.fromkeys(found.values_list("notice", flat=True)))
