"""Take a change back: the record is as it was before, and the trail says so."""

from __future__ import annotations

from typing import Any

from django.db import models, transaction

from zonewright.core.errors import FindingsError, StateError, UnknownReferenceError
from zonewright.store.access import Access
from zonewright.store.actions._fields import Draft, read_values
from zonewright.store.actions._rules import check_structure
from zonewright.store.actions._writing import (
    ORIGINS,
    ROW,
    ROWS,
    Row,
    owned_rows,
    restored,
    state_of,
)
from zonewright.store.actions.blobs import shape_named
from zonewright.store.actions.editing import (
    differing_values,
    open_record,
    remove_record,
    require_sound,
    write_changes,
    write_new,
)
from zonewright.store.mapping import BY_RECORD, SERIES, Mapped, editable
from zonewright.store.models import AuditEntry
from zonewright.store.selectors.history import by_field, in_effect, stands
from zonewright.store.selectors.record import (
    GEOMETRY,
    RecordState,
    beside,
    latest_name,
    parse_record,
    rows_of_key,
)

__all__ = ["undo"]


def undo(entry: int, *, access: Access, origin: str, reason: str = "") -> RecordState | None:
    """Take back a change; taking that back in turn does it again.

    Of a series the row that the change recorded goes, and the one before it counts again.

    Parameters
    ----------
    entry
        Primary key of the change in the audit trail.
    access, origin, reason
        Who does it, from where, and why.

    Returns
    -------
    state
        The record as it stands, of a series the row that counts; None if there is none any more.

    Raises
    ------
    UnknownReferenceError
        If there is no such change, or they may not see the record.
    NotAllowedError
        If they may not write the record.
    StateError
        If it was taken back already, or what it changed was changed again since.
    """
    with transaction.atomic():
        change = AuditEntry.objects.select_for_update().filter(pk=entry).first()
        if change is None or change.record.partition(":")[0] not in BY_RECORD:
            raise UnknownReferenceError("undo-unknown", entry=entry)
        told: dict[str, Any] = {"access": access, "origin": origin, "reason": reason,
                                "action": "undo", "undoes": change}  # fmt: skip
        mapped, _ = parse_record(change.record)
        if change.after is None:
            return _restore(mapped, change, told)
        return _take_back(change, told)


def _take_back(change: AuditEntry, told: dict[str, Any]) -> RecordState | None:
    access: Access = told["access"]
    if not in_effect(change) and access.zones() is None:
        raise StateError("undo-done")
    mapped, present, state = open_record(change.record, access)
    _require_in_effect(change)
    latest = latest_name(mapped, {**present, "pk": present["id"]})
    after = by_field(mapped, change.after or {})
    if latest != state.record or not stands(state, after):
        raise StateError("undo-changed-since")
    if change.before is None or mapped.record in SERIES:
        _require_alone(mapped, present, change)
        remove_record(mapped, present, state, **told)
        return _one_before(mapped, present)
    before = by_field(mapped, change.before)
    draft = Draft(mapped, access, present)
    if GEOMETRY in before:
        # As it was to the last digit: nothing is made of it again.
        shape = before.pop(GEOMETRY)
        draft.values[GEOMETRY] = None if shape is None else shape_named(str(shape))
    read_values(draft, {**_beside(mapped, state, before), **before})
    draft.values = differing_values(mapped, present, draft.values)
    check_structure(draft)
    require_sound(draft.findings)
    origins = change.before.get(ORIGINS)
    if present["origins"] != (change.after or {}).get(ORIGINS):
        origins = None
    return write_changes(mapped, present, state, draft.values, origins=origins, **told)


def _one_before(mapped: Mapped, gone: Row) -> RecordState | None:
    """Return the row of a series that counts again; None if there is none."""
    if mapped.record not in SERIES:
        return None
    key = rows_of_key(mapped, gone).values_list("pk", flat=True).first()
    return None if key is None else state_of(mapped, key)


def _beside(mapped: Mapped, state: RecordState, before: dict[str, Any]) -> dict[str, object]:
    """Return what stands beside the values put back: it stays, unless it changed with them."""
    found: dict[str, object] = {}
    for column in editable(mapped.record):
        if column.field.name in before:
            names = [f"{column.field.name}_{kind}" for kind, _ in beside(column)]
            found.update({name: state.values[name] for name in names})
    if mapped.record == "venture":
        found["currency"] = state.values["currency"]
    return found


def _require_alone(mapped: Mapped, present: Row, change: AuditEntry) -> None:
    """Refuse to unmake what has got something of its own since."""
    known = (change.after or {}).get(ROWS, {})
    if set(owned_rows(mapped, present["id"])) != set(known):
        raise StateError("undo-changed-since")


def _restore(mapped: Mapped, change: AuditEntry, told: dict[str, Any]) -> RecordState:
    try:
        return _restored(mapped, change, told)
    except (StateError, FindingsError) as error:
        # Why it cannot be put back is told to nobody who could not have seen it.
        access: Access = told["access"]
        if access.may("view") or change.by == access.name or access.sees(change.record):
            raise
        raise UnknownReferenceError("undo-unknown", entry=change.pk) from error


def _restored(mapped: Mapped, change: AuditEntry, told: dict[str, Any]) -> RecordState:
    kept = change.before or {}
    if ROW not in kept:
        raise UnknownReferenceError("undo-unknown", entry=change.pk)
    row = restored(mapped, kept[ROW])
    _require_in_effect(change)
    rows = {
        name: restored(BY_RECORD[name.partition(":")[0]], child)
        for name, child in kept.get(ROWS, {}).items()
    }
    _require_referred(mapped, row)
    if mapped.model._default_manager.filter(pk=row["id"]).exists():
        raise StateError("undo-changed-since")
    if mapped.record in SERIES:
        later = rows_of_key(mapped, row).filter(recorded_at__gt=row["recorded_at"])
        if later.exists():
            raise StateError("undo-changed-since")
    else:
        draft = Draft(mapped, told["access"], {}, values=dict(row))
        check_structure(draft)
        require_sound(draft.findings)
    return write_new(mapped, row, owned=rows, **told)


def _require_in_effect(change: AuditEntry) -> None:
    if not in_effect(change):
        raise StateError("undo-done")


def _require_referred(mapped: Mapped, row: Row) -> None:
    """Refuse to put back what refers to a record that is gone."""
    for field in mapped.model._meta.concrete_fields:
        if isinstance(field, models.ForeignKey) and row[field.attname] is not None:
            other: Any = field.related_model
            if not other._default_manager.filter(pk=row[field.attname]).exists():
                raise StateError("undo-reference-gone")
