"""Write one record, and tell the trail: what editing and undoing have in common."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import IntegrityError, models, transaction
from django.utils import timezone

from zonewright.core.errors import FindingsError, NotAllowedError, StateError
from zonewright.core.findings import Finding
from zonewright.store import models as store
from zonewright.store.access import Access
from zonewright.store.actions import trail
from zonewright.store.actions._ledger import accounts
from zonewright.store.actions._shapes import measured
from zonewright.store.actions.blobs import keep_shapes, shape_named
from zonewright.store.fields import BOX, GeometryField
from zonewright.store.mapping import BY_RECORD, SERIES, Mapped, editable, writing
from zonewright.store.models.base import Placed
from zonewright.store.places import forget, locate
from zonewright.store.selectors.record import GEOMETRY, RecordState, plain, states

Row = dict[str, Any]
# What belongs to a record and goes with it.
OWNED: Mapping[str, tuple[tuple[str, str], ...]] = {
    "parcel": (("parcel_event", "parcel_id"),),
    "work": (("work_month", "work_id"),),
    "venture": (("milestone", "venture_id"),),
    "zone": (
        ("zone_version", "zone_id"), ("membership", "parent_id"), ("membership", "child_id"),
    ),
}  # fmt: skip
# Kept in the trail beside the fields of a record, for whoever takes a change back.
ROW, ROWS, ORIGINS = "_row", "_rows", "_origins"
_LEDGERS = ("quota_entry", "fund_entry")
_MEASURED = ("zone_version", "parcel", "no_go")
# What refers to a record and goes with it: its places in zones, and what it was before.
_GOES_WITH = (store.Place.zones.through, store.TargetVersion)


def attributes(mapped: Mapped) -> list[str]:
    """Return the attributes of a model that are written; the key comes first."""
    return [field.attname for field in mapped.model._meta.concrete_fields]


def locked_row(mapped: Mapped, key: int) -> Row | None:
    """Return every attribute of a record, kept from other writers until the transaction ends."""
    rows = mapped.model._default_manager.select_for_update().filter(pk=key)
    found: Row | None = rows.order_by().values(*attributes(mapped)).first()
    return found


def state_of(mapped: Mapped, key: int) -> RecordState:
    """Return a record as it stands, whoever may see it."""
    (found,) = states(mapped, mapped.model._default_manager.filter(pk=key))
    return found


def insert(mapped: Mapped, row: Mapping[str, Any]) -> int:
    """Insert a record with its box, area, place and accounts; return its primary key."""
    row = {**row, **_derived(mapped, row, row)}
    fields = {field.attname for field in mapped.model._meta.concrete_fields}
    made = mapped.model(**{name: value for name, value in row.items() if name in fields})
    with _keys_told(mapped):
        made.save(force_insert=True)
    key = int(made.pk)
    _find_place(mapped, key, row)
    return key


def update(mapped: Mapped, present: Row, changes: Mapping[str, Any]) -> int:
    """Write changes into a record, of a series as a later row; return the primary key."""
    changes = {**changes, **_derived(mapped, {**present, **changes}, changes)}
    key = int(present["id"])
    if mapped.record in SERIES:
        later = {name: value for name, value in present.items() if name != "id"}
        at = max(timezone.now(), present["recorded_at"])
        if "supersedes_id" in later:
            later["supersedes_id"] = key
        return insert(mapped, {**later, **changes, "recorded_at": at})
    with _keys_told(mapped):
        mapped.model._default_manager.filter(pk=key).update(**changes)
    _find_place(mapped, key, changes)
    return key


def remove(mapped: Mapped, key: int) -> None:
    """Delete a record and what belongs to it."""
    if mapped.record == "zone":
        # A place is a set of zones: without one of them it is another.
        store.Place.objects.filter(zones=key).delete()
    mapped.model._default_manager.filter(pk=key).delete()
    if mapped.record in ("zone", "zone_version", "membership"):
        locate()


def owned_rows(mapped: Mapped, key: int) -> dict[str, Row]:
    """Return every row that belongs to a record, by name."""
    found: dict[str, Row] = {}
    for kind, attr in OWNED.get(mapped.record, ()):
        child = BY_RECORD[kind]
        rows = child.model._default_manager.filter(**{attr: key}).order_by("pk")
        for row in rows.values(*attributes(child)):
            found[f"{kind}:{row['id']}"] = row
    return found


def require_unreferred(mapped: Mapped, key: int) -> None:
    """Refuse to delete what something refers to that does not belong to it.

    Raises
    ------
    StateError
        Naming what refers to it and how often.
    """
    owned = {BY_RECORD[kind].model for kind, _ in OWNED.get(mapped.record, ())}
    for relation in mapped.model._meta.get_fields(include_hidden=True):
        if not isinstance(relation, models.ManyToOneRel):
            continue
        other: type[models.Model] = relation.related_model
        if other in owned or other in _GOES_WITH:
            continue
        count = other._default_manager.filter(**{f"{relation.field.name}_id": key}).count()
        if count:
            raise StateError("edit-referred", count=count, kind=other._meta.verbose_name)


def require_written_inside(record: str, mapped: Mapped, access: Access) -> None:
    """Refuse a record that lies where whoever wrote it may not write.

    Raises
    ------
    NotAllowedError
        The transaction is to be rolled back then.
    """
    if not access.sees(record, writing(mapped)):
        raise NotAllowedError("edit-outside")


def credited(row: Row, fields: Iterable[str], *, by: str, at: datetime) -> list[dict[str, Any]]:
    """Return where a row's fields come from, once some were written by hand."""
    names = {name for name in fields if not name.startswith("_")}
    rest = []
    for group in row.get("origins") or []:
        left = [name for name in group["fields"] if name not in names]
        if left:
            rest.append({**group, "fields": left})
    group = {
        "source": None, "sheet": "", "row": None, "columns": {}, "by": by,
        "at": at.isoformat(timespec="seconds"), "fields": sorted(names),
    }  # fmt: skip
    return [*rest, group] if names else rest


def fields_of(mapped: Mapped, attrs: Iterable[str]) -> set[str]:
    """Return the fields to which attributes belong."""
    wanted = set(attrs)
    found = set()
    for column in editable(mapped.record):
        own = mapped.field(column.attr).attname
        if wanted & {own, column.unit, column.bound, column.precision} - {""}:
            found.add(column.field.name)
    return found


def told(state: RecordState) -> dict[str, object]:
    """Return a record's values and shape as the trail keeps them; empty ones are left out."""
    whole = {**state.values, GEOMETRY: state.geometry}
    return {name: plain(value) for name, value in whole.items() if value is not None}


def difference(
    before: RecordState, after: RecordState
) -> tuple[dict[str, object], dict[str, object]]:
    """Return the fields that differ as they were and as they are, as the trail keeps them."""
    old = {**before.values, GEOMETRY: before.geometry}
    new = {**after.values, GEOMETRY: after.geometry}
    names = [name for name in new if plain(old.get(name)) != plain(new[name])]
    if GEOMETRY in names:
        keep_shapes(before.geometry, after.geometry)
    return ({name: plain(old.get(name)) for name in names},
            {name: plain(new[name]) for name in names})  # fmt: skip


def raw(row: Row) -> dict[str, object]:
    """Return every attribute of a row as the trail keeps it."""
    keep_shapes(row.get(GEOMETRY))
    return {name: plain(value) for name, value in row.items() if name != "place_id"}


def restored(mapped: Mapped, kept: Mapping[str, Any]) -> Row:
    """Return a row as the trail kept it (`raw`)."""
    found: Row = {}
    for field in mapped.model._meta.concrete_fields:
        value = kept.get(field.attname)
        if isinstance(field, GeometryField):
            value = None if value is None else shape_named(str(value))
        elif isinstance(field, models.ForeignKey):
            value = field.target_field.to_python(value)
        elif not isinstance(field, models.JSONField):
            value = field.to_python(value)
        found[field.attname] = value
    return found


def note(
    action: str,
    state: RecordState,
    mapped: Mapped,
    *,
    access: Access,
    origin: str,
    before: Mapping[str, object] | None,
    after: Mapping[str, object] | None,
    reason: str,
    undoes: store.AuditEntry | None = None,
) -> store.AuditEntry:
    """Write what was done to a record into the trail."""
    return trail.note(
        action, by=access.name, origin=origin, table=mapped.table, code=state.code,
        record=state.record, before=before, after=after, reason=reason, undoes=undoes,
    )  # fmt: skip


def _derived(mapped: Mapped, whole: Mapping[str, Any], changes: Mapping[str, Any]) -> Row:
    """Return what follows from changes: box and area of a shape, accounts of a ledger's entry."""
    found: Row = {}
    if GEOMETRY in changes:
        with_area = mapped.record in _MEASURED
        names = (*BOX, "area_m2") if with_area else BOX
        found = dict.fromkeys(names)
        if changes[GEOMETRY] is not None:
            found = dict(measured([changes[GEOMETRY]], with_area=with_area)[0])
    if mapped.record in _LEDGERS and ({"entry", "zone_id"} & set(changes)):
        zone = store.Zone.objects.values_list("code", flat=True).get(pk=whole["zone_id"])
        found["debit"], found["credit"] = accounts(str(whole["entry"]), zone)
    return found


def _find_place(mapped: Mapped, key: int, changes: Mapping[str, Any]) -> None:
    if mapped.record in ("zone", "zone_version", "membership"):
        locate()
    elif issubclass(mapped.model, Placed) and {GEOMETRY, "zone_id"} & set(changes):
        forget(mapped.model, [key])
        locate()


@contextmanager
def _keys_told(mapped: Mapped) -> Iterator[None]:
    """Turn a key that another writer took in the meantime into a finding."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        name = mapped.columns[0].field.name
        fault = Finding("edit-key-taken", "error", mapped.table, name)
        raise FindingsError((fault,)) from error
