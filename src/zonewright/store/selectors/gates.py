"""Planned days of works, projects and parcels that were not kept, or are to come."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Exists, Min, OuterRef, Q

from zonewright.core.schema import table
from zonewright.store.models import Milestone, Parcel, ParcelEvent, Place, Work, ZoneVersion

# From this stage on a parcel can be supplied.
READY_STAGE = "L7"
_ALWAYS = date(1900, 1, 1)


@dataclass(frozen=True, slots=True)
class Gate:
    """A gate that was not reached by a day.

    Parameters
    ----------
    zone
        The zone in which the record is declared; else the smallest in which it lies; else empty.
    gate
        ``start``, ``finish``, ``ready``, or a step of a project's ladder.
    record, code, name, owner
        The record, as in ``work:12``, how a reader knows it, and whom it names as responsible.
    planned_on
        When it was to be reached.
    """

    zone: str
    gate: str
    record: str
    code: str
    name: str
    owner: str
    planned_on: date


def gates(on: date, *, since: date = _ALWAYS, until: date | None = None) -> tuple[Gate, ...]:
    """Return the gates planned within some days that were not reached by a day.

    Parameters
    ----------
    on
        The day as of which it is judged whether a gate was reached.
    since, until
        First and last planned day; None for `until` means the day before `on`: what is overdue.

    Returns
    -------
    gates
        By planned day and code. A project that reached a later step of its ladder is not asked
        for an earlier one, and a work that is finished is not asked for its start.
    """
    last = until if until is not None else on - timedelta(days=1)
    found = [*_of_works(on, since, last), *_of_ventures(on, since, last)]
    found += _of_parcels(on, since, last)
    return tuple(sorted(found, key=lambda item: (item.planned_on, item.code, item.gate)))


def _of_works(on: date, since: date, until: date) -> Iterator[Gate]:
    started = Q(started_on__lte=on) | Q(finished_on__lte=on)
    sorts = (
        ("start", "planned_start", started),
        ("finish", "planned_finish", Q(finished_on__lte=on)),
    )
    for gate, planned, reached in sorts:
        rows = Work.objects.filter(**{f"{planned}__range": (since, until)}).exclude(reached)
        values = list(
            rows.values_list("pk", "code", "name", "owner", planned, "zone__code", "place_id")
        )
        zones = _zones([row[6] for row in values if not row[5]])
        for key, code, name, owner, planned_on, zone, place in values:
            where = zone or zones.get(place, "")
            yield Gate(where, gate, f"work:{key}", code, name, owner, planned_on)


def _of_ventures(on: date, since: date, until: date) -> Iterator[Gate]:
    steps = {step: place for place, step in enumerate(table("milestones")["step"].choices)}
    reached: dict[int, int] = {}
    done = Milestone.objects.filter(actual_on__lte=on).values_list("venture_id", "step")
    for venture, step in done:
        reached[venture] = max(reached.get(venture, -1), steps.get(step, -1))
    rows = Milestone.objects.filter(planned_on__range=(since, until))
    for key, step, planned_on, code, name, owner, zone in rows.values_list(
        "venture_id", "step", "planned_on", "venture__code", "venture__name", "venture__officer",
        "venture__zone__code",
    ):  # fmt: skip
        if planned_on is not None and steps.get(step, -1) > reached.get(key, -1):
            yield Gate(zone, step, f"venture:{key}", code, name, owner, planned_on)


def _of_parcels(on: date, since: date, until: date) -> Iterator[Gate]:
    ready = ParcelEvent.objects.filter(parcel=OuterRef("pk"), stage__gte=READY_STAGE, on__lte=on)
    rows = Parcel.objects.filter(available_on__range=(since, until)).exclude(Exists(ready))
    values = list(
        rows.values_list("pk", "code", "town", "owner", "available_on", "zone__code", "place_id")
    )
    zones = _zones([row[6] for row in values if not row[5]])
    for key, code, town, owner, planned_on, zone, place in values:
        if planned_on is not None:
            where = zone or zones.get(place, "")
            yield Gate(where, "ready", f"parcel:{key}", code, town, owner, planned_on)


def _zones(places: list[int | None]) -> dict[int, str]:
    """Return the smallest zone of each place."""
    wanted = {key for key in places if key is not None}
    if not wanted:
        return {}
    sizes = dict(
        ZoneVersion.objects.order_by().values_list("zone__code").annotate(size=Min("area_m2"))
    )
    found: dict[int, list[str]] = {}
    pairs = Place.objects.filter(pk__in=wanted).values_list("pk", "zones__code")
    for key, code in pairs:
        if code:
            found.setdefault(key, []).append(code)
    return {
        key: min(codes, key=lambda code: (sizes.get(code) or float("inf"), code))
        for key, codes in found.items()
    }
