"""What the map's side panel says of a record: its values, its dates, where it came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Model
from django.urls import NoReverseMatch, reverse

from zonewright.core.records import RecordCard
from zonewright.core.schema import table
from zonewright.store import selectors
from zonewright.store.mapping import BY_RECORD
from zonewright.store.models import Parcel, ParcelEvent, WorkMonth, Zone
from zonewright.store.selectors.maps import Found
from zonewright.web import language, values, words

KINDS = ("zone", "parcel", "work", "no_go", "venture")
MONTHS_SHOWN = 6
_COLOURED = {"parcel": "stage", "work": "work", "no_go": "no-go", "zone": "kind"}


@dataclass(frozen=True, slots=True)
class Item:
    """An entry of a list of what lies at a spot, or of what a search found."""

    record: str
    kind: str
    sort: str
    code: str
    name: str
    detail: str
    swatch: str
    value: str
    area_m2: float | None


def item(found: Found) -> Item:
    """Return something found on the map in the reader's words."""
    field_of = {
        "zone": "zones.kind",
        "parcel": "parcel_events.stage",
        "work": "works.kind",
        "no_go": "no_go.kind",
        "venture": "ventures.category",
    }[found.kind]
    detail = words.choice(found.detail, field_of) if found.detail else ""
    if found.kind == "parcel" and detail:
        detail = f"{found.detail} {detail}"
    return Item(
        record=found.record,
        kind=found.kind,
        sort=sort(found.kind),
        code=found.code,
        name=language.choose(found.name, found.name_en),
        detail=detail,
        swatch=_COLOURED.get(found.kind, ""),
        value=found.detail,
        area_m2=found.area_m2,
    )


def sort(kind: str) -> str:
    """Return what a record is called: the name of its table."""
    return table(BY_RECORD[kind].table).label(language.current())


@dataclass(frozen=True, slots=True)
class Panel:
    """A record in the side panel."""

    card: RecordCard
    kind: str
    sort: str
    title: str
    code: str
    rows: tuple[tuple[str, str], ...]
    address: str
    stages: tuple[tuple[str, str, date, str], ...] = ()
    boundaries: tuple[selectors.Boundary, ...] = ()
    months: tuple[WorkMonth, ...] = field(default=())
    area_m2: float | None = None


def panel(record: str) -> Panel:
    """Return a record as the panel shows it.

    Raises
    ------
    UnknownReferenceError
        If there is no such record.
    """
    kind, _, number = record.partition(":")
    (card,) = selectors.record_cards([record])
    row: Model = BY_RECORD[kind].model._default_manager.get(pk=int(number))
    title = card.title
    if isinstance(row, Zone):
        title = language.choose(row.name, row.name_en)
    return Panel(
        card=card,
        kind=kind,
        sort=sort(kind),
        title=title,
        code=card.code,
        rows=tuple(_rows(kind, card, row)),
        address=_address(kind, card, int(number)),
        stages=_stages(int(number)) if kind == "parcel" else (),
        boundaries=selectors.boundaries(card.code) if kind == "zone" else (),
        months=_months(int(number)) if kind == "work" else (),
        area_m2=row.area_m2 if isinstance(row, Parcel) else None,
    )


def _rows(kind: str, card: RecordCard, row: Model) -> list[tuple[str, str]]:
    """Return the values with their names, but for what the panel's head says already."""
    fields = table(BY_RECORD[kind].table)
    rows = []
    for name, text in card.values.items():
        if name in ("code", "name", "name_en"):
            continue
        column = fields[name]
        shown, value = text, getattr(row, name, None)
        if column.kind == "choice":
            shown = words.choice(text, f"{fields.name}.{name}")
        elif isinstance(value, bool | Mapping):
            shown = values.text(column, fields.name, {name: value}, {})
        rows.append((column.label(language.current()), shown))
    return rows


def _address(kind: str, card: RecordCard, number: int) -> str:
    """Return the page of a record; of a zone that page."""
    if kind == "zone":
        return reverse("zone", args=[card.code])
    try:
        return reverse("record", args=[BY_RECORD[kind].table, number])
    except NoReverseMatch:
        return ""


def _stages(number: int) -> tuple[tuple[str, str, date, str], ...]:
    """Return the dated stages of a parcel, the furthest first; of a stage the date that counts."""
    rows = ParcelEvent.objects.filter(parcel=number).order_by("recorded_at", "pk")
    last = {row.stage: row for row in rows}
    return tuple(
        (stage, words.choice(stage, "parcel_events.stage"), last[stage].on, last[stage].evidence)
        for stage in sorted(last, reverse=True)
    )


def _months(number: int) -> tuple[WorkMonth, ...]:
    """Return the latest months of a work, of each the return that counts."""
    rows = WorkMonth.objects.filter(work=number).order_by("recorded_at", "pk")
    last = {row.month: row for row in rows}
    return tuple(last[month] for month in sorted(last, reverse=True)[:MONTHS_SHOWN])
