"""Add, change and delete one record: checked, in one transaction, told in the audit trail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.utils import timezone

from zonewright.core.errors import (
    EditConflictError,
    FindingsError,
    NotAllowedError,
    UnknownReferenceError,
)
from zonewright.core.findings import Finding, has_errors
from zonewright.store.access import Access
from zonewright.store.actions._fields import Draft, read_values
from zonewright.store.actions._return_locks import require_owned_unlocked, require_unlocked
from zonewright.store.actions._rules import check_rules, reach_of, require_within
from zonewright.store.actions._shapes import same_shape
from zonewright.store.actions._versions import keep_version
from zonewright.store.actions._writing import (
    ORIGINS,
    ROW,
    ROWS,
    Row,
    attributes,
    credited,
    difference,
    fields_of,
    insert,
    locked_row,
    note,
    owned_rows,
    raw,
    remove,
    require_unreferred,
    require_written_inside,
    state_of,
    told,
    update,
)
from zonewright.store.mapping import (
    BY_RECORD,
    EVER,
    ZONE_VERSIONS,
    ZONES,
    Mapped,
    ledger,
    writing,
)
from zonewright.store.models import AuditEntry, OutlineItem
from zonewright.store.selectors.record import (
    GEOMETRY,
    RecordState,
    latest_name,
    parse_record,
    record_state,
)

__all__ = ["add", "delete", "edit"]

_BOUNDARY = ("valid_from", "valid_to", "legal_basis", GEOMETRY)


def add(
    table: str,
    values: Mapping[str, object],
    *,
    access: Access,
    origin: str,
    reason: str = "",
) -> RecordState:
    """Make a record.

    Parameters
    ----------
    table
        A name of `mapping.NAMES`, or a prefix as in ``parcel``.
    values
        Field to value as in `RecordState.values`; a geometry as WKB or shapely (EPSG:4490). A zone
        may come with its first boundary.
    access, origin
        Who makes it, and from where, for the audit trail.
    reason
        Why, in their words.

    Returns
    -------
    state
        The record as it stands, with the warnings.

    Raises
    ------
    FindingsError
        If a value or the record as a whole is refused: every fault, each with its field.
    NotAllowedError
        If it lies where they may not write.
    """
    mapped = ledger(table)
    _require_somewhere(mapped, access)
    if mapped is not ZONES:
        with transaction.atomic():
            return _add(mapped, values, access=access, origin=origin, reason=reason)
    boundary = {name: values[name] for name in _BOUNDARY if values.get(name) not in (None, "")}
    own = {name: value for name, value in values.items() if name not in _BOUNDARY}
    with transaction.atomic():
        state = _add(ZONES, own, access=access, origin=origin, reason=reason)
        if boundary:
            drawn = {"zone": state.code, "valid_from": EVER, **boundary}
            made = _add(ZONE_VERSIONS, drawn, access=access, origin=origin, reason=reason)
            state = replace(state, findings=(*state.findings, *made.findings))
    return state


def edit(
    record: str,
    changes: Mapping[str, object],
    *,
    token: str,
    access: Access,
    origin: str,
    reason: str = "",
) -> RecordState:
    """Change a record; one of a series is corrected by a later row, whose state comes back.

    What is already so is no change: the same edit a second time has no effect.

    Parameters
    ----------
    record
        Its name, as in ``parcel:12``.
    changes
        Field to new value, as in `add`; None empties a field, what is not named stays.
    token
        `RecordState.token` of what they saw when they decided.
    access, origin, reason
        As in `add`.

    Raises
    ------
    EditConflictError
        If somebody changed it since; `theirs` holds all its present values, and the parameters its
        present ``token`` and name (``record``).
    FindingsError
        If a value or the record as a whole is refused.
    UnknownReferenceError, NotAllowedError
        If they may not see the record, or not write it, there or where it would come to lie.
    """
    with transaction.atomic():
        mapped, present, state = open_record(record, access)
        draft = Draft(mapped, access, present)
        read_values(draft, changes)
        differing = differing_values(mapped, present, draft.values)
        if not differing and not has_errors(draft.findings):
            return replace(state, findings=tuple(draft.findings))
        require_unchanged(mapped, present, state, token)
        draft.values = differing
        check_rules(draft)
        require_sound(draft.findings)
        after = write_changes(mapped, present, state, differing, access=access, origin=origin,
                              action="update", reason=reason)  # fmt: skip
    return replace(after, findings=tuple(draft.findings))


def delete(record: str, *, token: str, access: Access, origin: str, reason: str = "") -> int:
    """Delete a record and what belongs to it; the trail keeps everything, so it can be taken back.

    Of a series only the row goes: the one before it counts again.

    Returns
    -------
    change
        Primary key of the change in the audit trail, by which it is taken back.

    Raises
    ------
    EditConflictError, UnknownReferenceError, NotAllowedError
        As in `edit`.
    StateError
        If other records refer to it.
    """
    with transaction.atomic():
        mapped, present, state = open_record(record, access)
        require_unchanged(mapped, present, state, token)
        return remove_record(mapped, present, state, access=access, origin=origin,
                             action="delete", reason=reason)  # fmt: skip


def open_record(record: str, access: Access) -> tuple[Mapped, Row, RecordState]:
    """Return a record that somebody may write, kept from other writers.

    Raises
    ------
    UnknownReferenceError, NotAllowedError
        If they may not see it, or see but not write it.
    """
    mapped, key = parse_record(record)
    present = locked_row(mapped, key)
    if present is None:
        raise UnknownReferenceError("record-unknown", record=record)
    state = record_state(record, access)
    if not access.sees(record, writing(mapped)):
        zones = ", ".join(sorted(access.among(state.zones))) or "*"
        raise NotAllowedError("not-allowed", permission=writing(mapped), zone=zones)
    return mapped, present, state


def require_unchanged(mapped: Mapped, present: Row, state: RecordState, token: str) -> None:
    """Refuse to write over what somebody wrote in the meantime.

    Raises
    ------
    EditConflictError
        With their values.
    """
    latest = latest_name(mapped, {**present, "pk": present["id"]})
    if token == state.token and latest == state.record:
        return
    if latest != state.record:
        state = state_of(mapped, parse_record(latest)[1])
    last = AuditEntry.objects.filter(record=state.record).first()
    theirs = dict(state.values)
    if GEOMETRY in attributes(mapped):
        theirs[GEOMETRY] = state.geometry
    raise EditConflictError(
        "edit-conflict", theirs=theirs, by=last.by if last else "—",
        at=f"{timezone.localtime(last.at):%Y-%m-%d %H:%M}" if last else "—",
        token=state.token, record=state.record,
    )  # fmt: skip


def require_sound(findings: list[Finding]) -> None:
    """Refuse what has a fault.

    Raises
    ------
    FindingsError
        With every finding.
    """
    if has_errors(findings):
        raise FindingsError(tuple(findings))


def differing_values(mapped: Mapped, present: Row, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that are not those of the record."""
    return {
        name: value
        for name, value in values.items()
        if not (
            same_shape(present[name], value) if name == GEOMETRY else present[name] == value
        )
    }  # fmt: skip


def write_changes(
    mapped: Mapped,
    present: Row,
    state: RecordState,
    changes: Mapping[str, Any],
    *,
    access: Access,
    origin: str,
    action: str,
    reason: str,
    undoes: AuditEntry | None = None,
    origins: list[dict[str, Any]] | None = None,
) -> RecordState:
    """Write changes into a record and tell the trail; return the record as it then stands.

    Parameters
    ----------
    origins
        Where its fields come from, if a change is taken back; None means from whoever writes.
    """
    reach = reach_of(access) if mapped is ZONE_VERSIONS else None
    at = timezone.now()
    if origins is None:
        origins = credited(present, fields_of(mapped, changes), by=access.name, at=at)
    require_unlocked(mapped, present, {**present, **changes})
    key = update(mapped, present, {**changes, "origins": origins})
    after = state_of(mapped, key)
    require_written_inside(after.record, mapped, access)
    require_within(reach, access)
    keep_version(mapped, key, by=access.name, at=at, reason=reason, before=present)
    before, now = difference(state, after)
    entry = note(
        action, after, mapped, access=access, origin=origin, reason=reason, undoes=undoes,
        before={**before, ORIGINS: present["origins"]}, after={**now, ORIGINS: origins},
    )  # fmt: skip
    return replace(after, change=entry.pk)


def write_new(
    mapped: Mapped,
    row: Row,
    *,
    access: Access,
    origin: str,
    action: str,
    reason: str,
    undoes: AuditEntry | None = None,
    owned: Mapping[str, Row] | None = None,
) -> RecordState:
    """Insert a record, and what belongs to it, and tell the trail."""
    reach = reach_of(access) if mapped in (ZONE_VERSIONS, ZONES) else None
    require_unlocked(mapped, row)
    require_owned_unlocked(owned or {})
    key = insert(mapped, row)
    for name, child in (owned or {}).items():
        insert(BY_RECORD[name.partition(":")[0]], child)
    state = state_of(mapped, key)
    if undoes is not None and not access.sees(state.record):
        raise UnknownReferenceError("undo-unknown", entry=undoes.pk)
    require_written_inside(state.record, mapped, access)
    require_within(reach, access)
    keep_version(mapped, key, by=access.name, at=timezone.now(), reason=reason)
    whole = locked_row(mapped, key) or {}
    rows = {name: raw(child) for name, child in owned_rows(mapped, key).items()}
    entry = note(
        action, state, mapped, access=access, origin=origin, reason=reason, undoes=undoes,
        before=None, after={**told(state), ROW: raw(whole), ROWS: rows},
    )  # fmt: skip
    return replace(state, change=entry.pk)


def remove_record(
    mapped: Mapped,
    present: Row,
    state: RecordState,
    *,
    access: Access,
    origin: str,
    action: str,
    reason: str,
    undoes: AuditEntry | None = None,
) -> int:
    """Delete a record, and what belongs to it, and tell the trail."""
    require_unreferred(mapped, present["id"])
    owned = owned_rows(mapped, present["id"])
    require_unlocked(mapped, present)
    require_owned_unlocked(owned)
    rows = {name: raw(child) for name, child in owned.items()}
    reach = reach_of(access) if mapped is ZONE_VERSIONS else None
    remove(mapped, present["id"])
    require_within(reach, access)
    entry = note(
        action, state, mapped, access=access, origin=origin, reason=reason, undoes=undoes,
        before={**told(state), ROW: raw(present), ROWS: rows}, after=None,
    )  # fmt: skip
    return int(entry.pk)


def _add(
    mapped: Mapped, values: Mapping[str, object], *, access: Access, origin: str, reason: str
) -> RecordState:
    draft = Draft(mapped, access, {})
    read_values(draft, values)
    check_rules(draft)
    require_sound(draft.findings)
    at = timezone.now()
    row = blank_row(mapped) | draft.values
    if mapped is ledger("outline"):
        last = OutlineItem.objects.order_by("-position").values_list("position", flat=True)
        row["position"] = (last.first() or 0) + 1
    row |= {"recorded_at": at, "origins": credited(row, draft.given, by=access.name, at=at)}
    state = write_new(mapped, row, access=access, origin=origin, action="create", reason=reason)
    return replace(state, findings=tuple(draft.findings))


def blank_row(mapped: Mapped) -> Row:
    """Return what each attribute of a record holds if nobody said."""
    return {
        field.attname: None if field.null else field.get_default()
        for field in mapped.model._meta.concrete_fields
        if not field.primary_key and field.attname != "recorded_at"
    }


def _require_somewhere(mapped: Mapped, access: Access) -> None:
    if not access.may_anywhere(writing(mapped)):
        raise NotAllowedError("not-allowed", permission=writing(mapped), zone="*")
