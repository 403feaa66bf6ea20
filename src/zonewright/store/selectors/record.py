"""A record as it stands: its values by field, its shape, and a token that any change renews."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet

from zonewright.core.errors import UnknownReferenceError
from zonewright.core.findings import Finding
from zonewright.store.mapping import (
    BY_RECORD,
    SERIES,
    Mapped,
    editable,
    is_key,
    ledger,
    name_of,
    writing,
)
from zonewright.store.models import Place
from zonewright.store.models.base import Placed
from zonewright.store.selectors.cards import title_of, titles_need

if TYPE_CHECKING:
    from zonewright.store.access import Access

Values = Mapping[str, Any]
GEOMETRY = "geometry"
# What the workspace computes of a record, by attribute.
COMPUTED: Mapping[str, tuple[str, ...]] = {
    "parcel": ("stage", "area_m2"),
    "zone_version": ("area_m2",),
    "no_go": ("area_m2",),
}
# Where the zones of a record are read that is in no place of its own.
_ZONES: Mapping[str, tuple[str, ...]] = {
    "zone": ("code",),
    "membership": ("parent__code", "child__code"),
    "milestone": ("venture__zone__code",),
    "observation": ("zone__code", "firm__zone__code"),
}
_PLACES: Mapping[str, str] = {
    "parcel_event": "parcel__place_id",
    "work_month": "work__place_id",
}


@dataclass(frozen=True, slots=True)
class RecordState:
    """A record as it stands.

    Parameters
    ----------
    record
        Its name, as in ``parcel:12``.
    table
        Name of its kind (`mapping.NAMES`): a table of ``core.schema``, or ``zone_versions``.
    code, title
        As in `RecordCard`.
    values
        Field to plain value: codes of what it refers to, numbers in the field's base unit, days as
        ``date`` (a month as its first day), what is empty as None. Beside a value stand
        ``NAME_unit``, ``NAME_bound`` and ``NAME_precision`` as it was written, where they are kept.
    computed
        What the workspace computes: ``stage``, ``area_m2`` [m²].
    geometry
        WKB (EPSG:4490); None if it has none.
    token
        Fingerprint of all values and the geometry: whoever changes one, changes it.
    zones
        Codes of the zones in which it lies.
    refers
        Field to the name of the record that it refers to.
    recorded_at
        When the workspace learned of it.
    findings
        What was noticed when it was written.
    change
        Primary key of the change that was just made of it, by which it is taken back; else None.
    """

    record: str
    table: str
    code: str
    title: str
    values: Mapping[str, object]
    computed: Mapping[str, object]
    geometry: bytes | None
    token: str
    zones: frozenset[str]
    refers: Mapping[str, str]
    recorded_at: datetime
    findings: tuple[Finding, ...] = ()
    change: int | None = None


def parse_record(record: str) -> tuple[Mapped, int]:
    """Return the kind and primary key of a record's name.

    Raises
    ------
    UnknownReferenceError
        If it names no record.
    """
    kind, _, number = record.partition(":")
    if kind not in BY_RECORD or not is_key(number):
        raise UnknownReferenceError("record-unknown", record=record)
    return BY_RECORD[kind], int(number)


def record_state(record: str, access: Access) -> RecordState:
    """Return a record as it stands.

    Raises
    ------
    UnknownReferenceError
        If it is not there, or lies where they may not look.
    """
    mapped, key = parse_record(record)
    rows: QuerySet[Any] = mapped.model._default_manager.filter(pk=key)
    found = states(mapped, access.narrow(rows))
    if not found:
        raise UnknownReferenceError("record-unknown", record=record)
    return found[0]


def records_of(table: str, keys: Sequence[int], access: Access) -> list[RecordState]:
    """Return records of a kind by primary key, in the order asked; what is not seen is left out."""
    mapped = ledger(table)
    rows: QuerySet[Any] = mapped.model._default_manager.filter(pk__in=keys)
    by_name = {state.record: state for state in states(mapped, access.narrow(rows))}
    names = (f"{mapped.record}:{key}" for key in keys)
    return [by_name[name] for name in names if name in by_name]


def may_write(record: str, access: Access) -> bool:
    """Return whether somebody may change or delete a record."""
    mapped, _ = parse_record(record)
    return access.sees(record, writing(mapped))


def states(mapped: Mapped, rows: QuerySet[Any]) -> list[RecordState]:
    """Return the records of a query as they stand."""
    found = list(rows.values(*_names(mapped.record)))
    zones = _zones_of_places(row[path] for row in found for path in _place_path(mapped))
    return [_state(mapped, row, zones) for row in found]


def values_of_row(mapped: Mapped, row: Values) -> dict[str, object]:
    """Return the plain values by field of a row that has every attribute and reference's code."""
    found: dict[str, object] = {}
    for column in editable(mapped.record):
        name = column.field.name
        if name == GEOMETRY:
            continue
        value = row[f"{column.attr.removesuffix('_id')}__code"] if column.refers else (
            row[column.attr]
        )  # fmt: skip
        found[name] = None if value in ("", {}) else value
        for kind, attr in beside(column):
            found[f"{name}_{kind}"] = row[attr] or None
    if mapped.record == "venture":
        found["currency"] = row["currency"]
    return found


def beside(column: Any) -> tuple[tuple[str, str], ...]:
    """Return what is kept beside a column's value: ``unit``, ``bound``, ``precision`` and where."""
    kinds = ("unit", "bound", "precision")
    return tuple((kind, getattr(column, kind)) for kind in kinds if getattr(column, kind))


def plain(value: object) -> object:
    """Return a value as JSON keeps it: numbers that are exact and days as text, bytes by name."""
    if isinstance(value, Decimal):
        return format(value.normalize(), "f") if value else "0"
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes):
        return f"wkb sha256:{sha256(value).hexdigest()}"
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in sorted(value.items(), key=str)}
    return value


def token_of(values: Mapping[str, object], geometry: bytes | None) -> str:
    """Return the fingerprint of a record's values and shape."""
    whole = {**values, GEOMETRY: geometry}
    text = json.dumps({name: plain(item) for name, item in whole.items()}, sort_keys=True)
    return sha256(text.encode()).hexdigest()[:32]


def rows_of_key(mapped: Mapped, row: Values) -> QuerySet[Any]:
    """Return the rows of a series that share a row's key, the one that counts first."""
    same = {name: row[name] for name in mapped.key}
    named = {name: value for name, value in same.items() if value is not None}
    empty = {f"{name}__isnull": True for name, value in same.items() if value is None}
    rows: QuerySet[Any] = mapped.model._default_manager.filter(**named, **empty)
    return rows.order_by("-recorded_at", "-pk")


def latest_name(mapped: Mapped, row: Values) -> str:
    """Return the name of the row that counts among those of a row's key."""
    if mapped.record not in SERIES:
        return f"{mapped.record}:{row['pk']}"
    key = rows_of_key(mapped, row).values_list("pk", flat=True).first()
    return f"{mapped.record}:{key}"


@cache
def _names(record: str) -> tuple[str, ...]:
    mapped = BY_RECORD[record]
    attrs = [mapped.field(column.attr).attname for column in editable(record)]
    codes = [
        f"{column.attr.removesuffix('_id')}__code" for column in editable(record) if column.refers
    ]
    besides = [attr for column in editable(record) for _, attr in beside(column)]
    more = ("pk", "recorded_at", *COMPUTED.get(record, ()), *_place_path(mapped))
    zones = _zone_paths(mapped)
    return tuple(dict.fromkeys((*more, *attrs, *codes, *besides, *zones, *titles_need(record))))


def _place_path(mapped: Mapped) -> tuple[str, ...]:
    if issubclass(mapped.model, Placed):
        return ("place_id",)
    return (_PLACES[mapped.record],) if mapped.record in _PLACES else ()


def _zone_paths(mapped: Mapped) -> tuple[str, ...]:
    return () if _place_path(mapped) else _ZONES.get(mapped.record, ("zone__code",))


def _zones_of_places(keys: Iterable[int | None]) -> dict[int, frozenset[str]]:
    wanted = {key for key in keys if key is not None}
    found: dict[int, set[str]] = {}
    pairs = Place.objects.filter(pk__in=wanted).values_list("pk", "zones__code") if wanted else ()
    for key, code in pairs:
        found.setdefault(key, set()).update([code] if code else [])
    return {key: frozenset(codes) for key, codes in found.items()}


def _state(mapped: Mapped, row: Values, places: Mapping[int, frozenset[str]]) -> RecordState:
    values = values_of_row(mapped, row)
    geometry = row.get(GEOMETRY)
    code, title = title_of(mapped.record, row)
    zones = [row[path] for path in _zone_paths(mapped) if row[path]]
    return RecordState(
        record=f"{mapped.record}:{row['pk']}",
        table=name_of(mapped),
        code=code,
        title=title,
        values=values,
        computed={name: row[name] for name in COMPUTED.get(mapped.record, ())},
        geometry=geometry,
        token=token_of(values, geometry),
        zones=frozenset(zones).union(
            *(places.get(row[path] or 0, frozenset()) for path in _place_path(mapped))
        ),
        refers={
            column.field.name: f"{column.refers}:{row[column.attr]}"
            for column in editable(mapped.record)
            if column.refers and row[column.attr] is not None
        },
        recorded_at=row["recorded_at"],
    )
