"""Monthly returns as they stand: states, versions, steps, who owes which, what was locked when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Min, QuerySet
from django.utils import timezone

from zonewright.core.errors import UnknownReferenceError
from zonewright.core.findings import Finding, Place
from zonewright.core.periods import Period
from zonewright.steering.returns.kinds import ReturnKind, kind, owing
from zonewright.steering.returns.rows import (
    Given,
    Places,
    RowsOf,
    from_plain,
    given_from_plain,
    places_from_plain,
    plain,
)
from zonewright.store.access import Access, access_of, roles
from zonewright.store.models import Grant, Observation, User, Zone
from zonewright.store.models.returns import Return, ReturnStep, ReturnVersion

OPEN_STATES = ("draft", "sent_back", "reopened")


@dataclass(frozen=True, slots=True)
class ReturnState:
    """A return as it stands.

    Parameters
    ----------
    version, locked
        Numbers of the latest version, and of the one whose rows are records; None if there is none.
    submitted_on
        Day on which it was first submitted; None if it never was.
    """

    id: int
    kind: str
    zone: str
    zone_name: str
    zone_name_en: str
    period: str
    state: str
    due_on: date
    version: int | None
    locked: int | None
    changed_at: datetime
    submitted_on: date | None


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a return: its rows, where they stand, and what is known of its making.

    Parameters
    ----------
    given
        What stood in the rows when they were handed out.
    findings
        What its reading found, as it was kept.
    checked
        What the rules found when it was submitted.
    source
        Primary key of the imported file; None if its rows never became records.
    """

    number: int
    rows: RowsOf
    places: Places
    given: Given
    findings: tuple[Finding, ...]
    file: str | None
    name: str
    origin: str
    made_by: str
    made_at: datetime
    source: int | None
    checked: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class TakenStep:
    """A step on a return's way (`store.models.ReturnStep`)."""

    action: str
    by: str
    at: datetime
    version: int | None
    remark: str


def returns_of(
    access: Access,
    *,
    period: str | None = None,
    kinds: Sequence[str] | None = None,
    states: Sequence[str] | None = None,
) -> tuple[ReturnState, ...]:
    """Return the returns that somebody sees, by month (the latest first), kind and zone."""
    rows: QuerySet[Return] = access.narrow(Return.objects.all())
    if period is not None:
        rows = rows.filter(period=period)
    if kinds is not None:
        rows = rows.filter(kind__in=kinds)
    if states is not None:
        rows = rows.filter(state__in=states)
    return _states(rows)


def return_state(number: int, access: Access) -> ReturnState:
    """Return a return as it stands.

    Raises
    ------
    UnknownReferenceError
        If it is not there, or they may not see its zone.
    """
    found = _states(access.narrow(Return.objects.filter(pk=number)))
    if not found:
        raise UnknownReferenceError("return-unknown", id=number)
    return found[0]


def find_return(kind_code: str, zone: str, period: str, access: Access) -> ReturnState | None:
    """Return the return of a kind, zone and month; None if nobody began it."""
    rows = Return.objects.filter(kind=kind_code, zone__code=zone, period=period)
    found = _states(access.narrow(rows))
    return found[0] if found else None


def version(state: ReturnState, number: int | None = None) -> Version | None:
    """Return a version of a return, the latest if no number is given; None if there is none yet.

    Raises
    ------
    UnknownReferenceError
        If there is no version of that number.
    """
    wanted = number if number is not None else state.version
    if wanted is None:
        return None
    row = ReturnVersion.objects.filter(of=state.id, number=wanted).first()
    if row is None:
        raise UnknownReferenceError("return-version-unknown", id=state.id, number=wanted)
    return version_of(row, kind(state.kind))


def version_of(row: ReturnVersion, of: ReturnKind) -> Version:
    """Return a version as values."""
    read = tuple(_finding(item) for item in row.findings if item.get("by") != "rules")
    checked = tuple(_finding(item) for item in row.findings if item.get("by") == "rules")
    return Version(
        row.number, from_plain(of, row.rows), places_from_plain(row.rows),
        given_from_plain(row.rows), read, row.file_id, row.name, row.origin, row.made_by,
        row.made_at, row.source_id, checked,
    )  # fmt: skip


def version_heads(number: int) -> tuple[Mapping[str, Any], ...]:
    """Return number, name, origin, maker, time, file and lock of each version, latest first."""
    locks: dict[int, datetime] = {}
    for row in ReturnStep.objects.filter(of=number, action="locked").order_by("at", "pk"):
        if row.version_id is not None:
            locks.setdefault(row.version_id, row.at)
    fields = ("pk", "number", "name", "origin", "made_by", "made_at", "file_id")
    rows = ReturnVersion.objects.filter(of=number).order_by("-number").values(*fields)
    return tuple({**row, "locked_at": locks.get(row["pk"])} for row in rows)


def steps(number: int) -> tuple[TakenStep, ...]:
    """Return a return's steps, the earliest first."""
    fields = ("action", "by", "at", "version__number", "remark")
    rows = ReturnStep.objects.filter(of=number).order_by("at", "pk").values_list(*fields)
    return tuple(TakenStep(*row) for row in rows)


def last_steps(numbers: Iterable[int]) -> Mapping[int, TakenStep]:
    """Return the last step of each of some returns; saving is none."""
    rows = ReturnStep.objects.filter(of__in=list(numbers)).exclude(action="saved")
    fields = ("of_id", "action", "by", "at", "version__number", "remark")
    return {
        row[0]: TakenStep(*row[1:]) for row in rows.order_by("at", "pk").values_list(*fields)
    }  # fmt: skip


def content_of(number: int, version_number: int) -> tuple[str, bytes] | None:
    """Return name and bytes of a version's workbook; None if there is none."""
    rows = ReturnVersion.objects.filter(of=number, number=version_number, file__isnull=False)
    found = rows.values_list("name", "file__content").first()
    return None if found is None else (found[0], bytes(found[1]))


def month_before(state: ReturnState) -> Version | None:
    """Return last month's version of the same zone and kind: the locked one, else the latest."""
    return rows_before(state.kind, state.zone, state.period)


def rows_before(kind_code: str, zone: str, period: str) -> Version | None:
    """Return the month before's version of a zone and kind: the locked one, else the latest."""
    last = Period.parse(period).last - 1
    before = str(Period(last, last))
    row = (
        Return.objects.filter(kind=kind_code, zone__code=zone, period=before)
        .exclude(version=None)
        .select_related("locked", "version")
        .first()
    )
    if row is None:
        return None
    kept = row.locked or (row.version if row.state != "draft" else None)
    return None if kept is None else version_of(kept, kind(kind_code))


def rows_of_year(kind_code: str, zone: str, year: int) -> Version | None:
    """Return the latest version of a zone and kind that was locked for a month of a year."""
    row = (
        Return.objects.filter(kind=kind_code, zone__code=zone, period__startswith=f"{year:04d}-")
        .exclude(locked=None)
        .select_related("locked")
        .order_by("-period")
        .first()
    )
    return None if row is None or row.locked is None else version_of(row.locked, kind(kind_code))


def first_locked(number: int) -> int | None:
    """Return the number of the version that was locked first (as reported); None if none was."""
    rows = ReturnStep.objects.filter(of=number, action="locked").order_by("at", "pk")
    return rows.values_list("version__number", flat=True).first()


def later_values(of: ReturnKind, zone: str, period: str) -> Mapping[tuple[str, str, str], str]:
    """Return what locked returns of later months say of records again.

    Returns
    -------
    later
        Table, key and column to the month: only of columns whose value is the record's present one
        (a work's start), not of those that each month has of its own.
    """
    from_series = ("work_months", "firm_months", "observations", "parcel_events")
    rows = Return.objects.filter(kind=of.code, zone__code=zone, period__gt=period)
    found: dict[tuple[str, str, str], str] = {}
    for row in rows.exclude(locked=None).select_related("locked").order_by("period"):
        if row.locked is None:
            continue
        kept = version_of(row.locked, of)
        for sheet in of.sheets:
            for line in kept.rows.get(sheet.code, ()):
                given = kept.given.get((sheet.code, line.key), {})
                for column in sheet.columns:
                    into = column.into
                    said = line.values.get(column.name) not in (None, "")
                    if into is None or into.table in from_series or not said:
                        continue
                    if column.carried and given.get(column.name) == plain(line.values[column.name]):
                        continue
                    found[into.table, line.key, column.name] = row.period
    return found


def owing_zones(access: Access) -> tuple[Zone, ...]:
    """Return the zones that owe returns and are seen, by code.

    A zone owes returns if somebody holds a role for this very zone by which they report and do not
    plan; where nobody does in the whole workspace, the zones of the kinds that ``returns.toml``
    names.
    """
    reporting = [
        role.code
        for role in roles().values()
        if "report" in role.permissions and "plan" not in role.permissions
    ]
    granted = Grant.objects.filter(role__in=reporting, zone__isnull=False, user__is_active=True)
    zones = Zone.objects.order_by("code")
    if granted.exists():
        zones = zones.filter(pk__in=granted.values("zone"))
    else:
        zones = zones.filter(kind__in=owing())
    return tuple(access.narrow(zones))


def people_for(permission: Any, zones: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    """Return the accounts that hold a role by which they may do something, zone by zone.

    Accounts that may do everything are left out: they stand in for whoever is missing.
    """
    wanted = list(zones)
    found: dict[str, list[str]] = {code: [] for code in wanted}
    for user in User.objects.filter(is_active=True, is_superuser=False).order_by("username"):
        access = access_of(user)
        for code in wanted:
            if access.may(permission, code):
                found[code].append(user.get_username())
    return {code: tuple(names) for code, names in found.items()}


def both_series(zone: str, indicator: str) -> tuple[Mapping[str, Any], ...]:
    """Return an indicator's reported values of a zone as reported and as corrected.

    Returns
    -------
    series
        A row a period, in order: ``period``, ``unit``, ``reported`` and ``reported_at`` (the value
        recorded first), ``corrected`` and ``corrected_at`` (the one recorded last), ``changed``.
    """
    rows = Observation.objects.filter(zone__code=zone, indicator__code=indicator)
    by_period: dict[str, list[Observation]] = {}
    for row in rows.order_by("period", "recorded_at", "pk"):
        by_period.setdefault(row.period, []).append(row)
    return tuple(
        {
            "period": period, "unit": every[-1].unit,
            "reported": every[0].value, "reported_at": every[0].recorded_at,
            "corrected": every[-1].value, "corrected_at": every[-1].recorded_at,
            "changed": (every[0].value, every[0].unit) != (every[-1].value, every[-1].unit),
        }
        for period, every in by_period.items()
    )  # fmt: skip


def _states(rows: QuerySet[Return]) -> tuple[ReturnState, ...]:
    fields = (
        "pk", "kind", "zone__code", "zone__name", "zone__name_en", "period", "state", "due_on",
        "version__number", "locked__number", "changed_at",
    )  # fmt: skip
    found = list(rows.order_by("-period", "kind", "zone__code").values_list(*fields))
    first = dict(
        ReturnStep.objects.filter(of__in=rows.order_by().values("pk"), action="submitted")
        .values_list("of")
        .annotate(at=Min("at"))
    )
    return tuple(
        ReturnState(  # type: ignore[call-arg]
            *row, timezone.localdate(first[row[0]]) if row[0] in first else None
        )
        for row in found
    )


def _finding(kept: Mapping[str, Any]) -> Finding:
    place = Place(kept["file"], kept["sheet"], kept["row"], kept["column"])
    return Finding(
        kept["code"], kept["severity"], kept["table"], kept["field"], place, tuple(kept["ids"]),
        kept.get("params", {}),
    )  # fmt: skip
