"""The targets of a year, as they are or were at a time, with their versions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pandas as pd

from zonewright.store.models import Target, TargetVersion, Venture, Work
from zonewright.store.selectors._frames import as_number, day, frame, moment, utc
from zonewright.store.selectors._targets import TargetRow, points_of, targets_of_year

__all__ = [
    "Subject",
    "TargetChange",
    "TargetRow",
    "subjects",
    "target_changes",
    "target_rows",
    "targets",
    "work_plans",
]

if TYPE_CHECKING:
    from zonewright.store.access import Access

_COLUMNS = ("record", "indicator", "zone", "year", "value", "unit", "curve", "points")


@dataclass(frozen=True, slots=True)
class TargetChange:
    """What a target was from some time on.

    Parameters
    ----------
    target
        Primary key of the target.
    indicator, zone, subject, year
        Of the target.
    number
        1 is as it was set first.
    value, unit, curve, points
        As in `TargetRow`.
    reason, by, at
        Why, who and when.
    before
        Value before [`before_unit`]; None of the first.
    before_unit
        Its unit; empty of the first.
    """

    target: int
    indicator: str
    zone: str
    subject: str
    year: int
    number: int
    value: Decimal
    unit: str
    curve: str
    points: Mapping[int, float]
    reason: str
    by: str
    at: datetime
    before: Decimal | None
    before_unit: str


@dataclass(frozen=True, slots=True)
class Subject:
    """A work or project that may bring a part of a zone's target.

    Parameters
    ----------
    kind
        ``work`` or ``venture``.
    code, name
        Of it.
    zone
        Code of the zone that it is declared in; empty if none.
    plan
        A work's plan of the year [元], a project's investment in its currency; None if not known.
    """

    kind: str
    code: str
    name: str
    zone: str
    plan: float | None


def target_rows(
    year: int | None = None,
    *,
    zone: str | None = None,
    ids: Iterable[int] | None = None,
    access: Access | None = None,
    as_of: datetime | None = None,
) -> tuple[TargetRow, ...]:
    """Return targets of zones and of what brings parts of them.

    Parameters
    ----------
    year, zone, ids
        Only these; None means all.
    access
        Whose targets are left out that may not be seen; None leaves out none.
    as_of
        Time at which the workspace is seen: a target that was changed since shows what it was.
    """
    if year is not None and zone is None and ids is None and access is None:
        return targets_of_year(year, as_of)
    rows = Target.objects.order_by("year", "zone__code", "indicator__code", "subject")
    if access is not None:
        rows = access.narrow(rows)
    if ids is not None:
        rows = rows.filter(pk__in=list(ids))
    if year is not None:
        rows = rows.filter(year=year)
    if zone is not None:
        rows = rows.filter(zone__code=zone)
    if as_of is not None:
        rows = rows.filter(recorded_at__lte=utc(as_of))
    earlier = {} if as_of is None else _versions_by(as_of)
    found = rows.values_list(
        "pk", "indicator__code", "zone__code", "subject", "year", "value", "unit", "curve",
        "points", "recorded_at",
    )  # fmt: skip
    return tuple(_row(values, earlier.get(values[0])) for values in found)


def targets(year: int | None = None, *, as_of: datetime | None = None) -> pd.DataFrame:
    """Return the zones' own targets of a year, or of all years.

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
    rows = [
        (row.record, row.indicator, row.zone, row.year, float(row.value), row.unit, row.curve,
         dict(row.points))
        for row in target_rows(year, as_of=as_of)
        if not row.subject
    ]  # fmt: skip
    return pd.DataFrame.from_records(rows, columns=list(_COLUMNS))


def target_changes(
    ids: Iterable[int] | None = None,
    *,
    year: int | None = None,
    access: Access | None = None,
) -> tuple[TargetChange, ...]:
    """Return the versions of targets, the latest first; parameters as in `target_rows`.

    A target that was never changed and came in before versions were kept has none.
    """
    own = Target.objects.all() if access is None else access.narrow(Target.objects.all())
    if ids is not None:
        own = own.filter(pk__in=list(ids))
    if year is not None:
        own = own.filter(year=year)
    versions = TargetVersion.objects.filter(target__in=own.order_by().values("pk"))
    versions = versions.select_related("target__indicator", "target__zone")
    found: list[TargetChange] = []
    last: TargetVersion | None = None
    for version in versions.order_by("target_id", "number"):
        before = last if last is not None and last.target_id == version.target_id else None
        found.append(_change(version, before))
        last = version
    return tuple(sorted(found, key=lambda change: (change.at, change.number), reverse=True))


def subjects(
    codes: Iterable[str] | None = None, *, access: Access | None = None
) -> tuple[Subject, ...]:
    """Return works, then projects, by code; None means all of them."""
    works, ventures = Work.objects.order_by("code"), Venture.objects.order_by("code")
    if access is not None:
        works, ventures = access.narrow(works), access.narrow(ventures)
    if codes is not None:
        wanted = list(codes)
        works, ventures = works.filter(code__in=wanted), ventures.filter(code__in=wanted)
    return (
        *(_subject("work", *row)
          for row in works.values_list("code", "name", "zone__code", "year_plan_cny")),
        *(_subject("venture", *row)
          for row in ventures.values_list("code", "name", "zone__code", "investment")),
    )  # fmt: skip


def _subject(kind: str, code: str, name: str, zone: str | None, plan: Decimal | None) -> Subject:
    return Subject(kind, code, name, zone or "", None if plan is None else float(plan))


def _row(values: tuple[Any, ...], was: TargetVersion | None) -> TargetRow:
    pk, indicator, zone, subject, year, value, unit, curve, points, at = values
    if was is not None:
        value, unit, curve, points = was.value, was.unit, was.curve, was.points
    return TargetRow(
        pk, indicator, zone, subject, year, value, unit, curve, points_of(points), at
    )  # fmt: skip


def _versions_by(as_of: datetime) -> dict[int, TargetVersion]:
    """Return what each target with versions was at a time."""
    rows = TargetVersion.objects.filter(at__lte=utc(as_of)).order_by("target_id", "number")
    return {version.target_id: version for version in rows}


def _change(version: TargetVersion, before: TargetVersion | None) -> TargetChange:
    target = version.target
    return TargetChange(
        target=target.pk,
        indicator=target.indicator.code,
        zone=target.zone.code,
        subject=target.subject,
        year=target.year,
        number=version.number,
        value=version.value,
        unit=version.unit,
        curve=version.curve,
        points=points_of(version.points),
        reason=version.reason,
        by=version.by,
        at=version.at,
        before=before.value if before else None,
        before_unit=before.unit if before else "",
    )


def work_plans(on: date, *, as_of: datetime | None = None) -> pd.DataFrame:
    """Return what works plan for the year, and how far they are.

    Parameters
    ----------
    on
        Day up to which progress counts.
    as_of
        Time at which the workspace is seen; None means now. Plans show their present values.

    Returns
    -------
    plans
        Index work code; ``year_plan_cny``, ``planned_finish``, and ``physical_pct`` [%] of the
        latest return that gives it; NaN or NaT where nothing is known.
    """
    when = moment(as_of)
    found = frame(
        """
        SELECT w.code, CAST(w.year_plan_cny AS double precision), date(w.planned_finish)
          FROM store_work w WHERE w.recorded_at <= %s ORDER BY w.code""",
        ("work", "year_plan_cny", "planned_finish"),
        (when,),
        dates=("planned_finish",),
    )
    progress = frame(
        """
        SELECT w.code, m.physical_pct
          FROM store_workmonth m JOIN store_work w ON w.id = m.work_id
         WHERE m.recorded_at <= %s AND m.physical_pct IS NOT NULL AND m.month <= %s
         ORDER BY m.month, m.recorded_at, m.id""",
        ("work", "physical_pct"),
        (when, day(on)),
    ).drop_duplicates("work", keep="last")
    found = as_number(found, "year_plan_cny").set_index("work")
    return found.assign(
        physical_pct=as_number(progress, "physical_pct").set_index("work")["physical_pct"]
    )
