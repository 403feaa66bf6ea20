"""What happened to a record: every change, who made it, and whether it can be taken back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

import shapely
from django.db.models import Q

from zonewright.core.findings import Place
from zonewright.land.area import geodesic_area_m2
from zonewright.store.mapping import BY_RECORD, SERIES, Mapped, editable
from zonewright.store.models import AuditEntry, Blob, SourceFile
from zonewright.store.selectors.cards import record_cards
from zonewright.store.selectors.record import (
    GEOMETRY,
    RecordState,
    beside,
    parse_record,
    plain,
    record_state,
    rows_of_key,
    states,
)

if TYPE_CHECKING:
    from zonewright.store.access import Access

_SHAPE = "wkb sha256:"
_POLYGONS = ("Polygon", "MultiPolygon")


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field that changed.

    Parameters
    ----------
    field
        Name, as in `RecordState.values`.
    zh, en
        Names that readers see.
    kind
        As in ``core.schema``; empty for what stands beside a value.
    before, after
        Plain values; None where there was none.
    before_text, after_text
        The same as text; of a shape its area [m²].
    """

    field: str
    zh: str
    en: str
    kind: str
    before: object
    after: object
    before_text: str
    after_text: str

    def label(self, lang: str = "en") -> str:
        """Return the field's name in a language."""
        return self.zh if lang == "zh" else self.en


@dataclass(frozen=True, slots=True)
class HistoryItem:
    """Something that happened to a record.

    Parameters
    ----------
    id
        Primary key of the change in the audit trail, by which it is taken back; None for what a
        file brought.
    at, by, origin
        When, who, from where; `origin` of a file is its name.
    action
        ``create``, ``update``, ``delete``, ``undo``, ``attach``, ``detach`` or ``import``.
    reason
        Why, in the words of whoever did it.
    record
        Name of the record that it made or changed; of a series, of the row.
    changes
        The fields, before and after.
    undoable
        Whether it can be taken back now.
    undone
        Whether it was taken back.
    place
        File and cell of what a file brought.
    attachment
        Name of the file that was attached or taken off.
    """

    id: int | None
    at: datetime
    by: str
    origin: str
    action: str
    reason: str
    record: str
    changes: tuple[FieldChange, ...]
    undoable: bool
    undone: bool
    place: Place | None = None
    attachment: str = ""


def history(
    record: str, access: Access, *, state: RecordState | None = None
) -> tuple[HistoryItem, ...]:
    """Return what happened to a record, the latest first.

    Of a series (stages, months, observations) the rows that were corrected are told as well.

    Parameters
    ----------
    state
        The record as it stands, from whoever read it for the same access just now.

    Raises
    ------
    UnknownReferenceError
        If the record is not there or not visible.
    """
    state = state or record_state(record, access)
    mapped, key = parse_record(record)
    rows = _rows_alike(mapped, key)
    names = [f"{mapped.record}:{row['pk']}" for row in rows]
    about = _about(mapped, state, [*names, *_gone(mapped, state)])
    entries = list(AuditEntry.objects.filter(about).order_by("-at", "-pk"))
    undone = _undone(entries)
    latest = state if not names or names[0] == record else record_state(names[0], access)
    told = [_item(mapped, entry, latest, entry.pk in undone) for entry in entries]
    made_here = {entry.record for entry in entries if _made(mapped, entry)}
    brought = _brought(mapped, [row for row in rows if row["source_id"]], made_here)
    return tuple(sorted([*told, *brought], key=lambda item: (item.at, item.id or 0), reverse=True))


def by_field(mapped: Mapped, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values of the trail by field: an import tells them by attribute.

    What the workspace computes or keeps for itself is left out.
    """
    found: dict[str, Any] = {}
    for column in editable(mapped.record):
        name, attr = column.field.name, mapped.field(column.attr).attname
        if name in values:
            found[name] = values[name]
        elif attr in values:
            found[name] = _code(column.refers, values[attr]) if column.refers else values[attr]
        for kind, other in beside(column):
            for given in (f"{name}_{kind}", other):
                if given in values:
                    found[f"{name}_{kind}"] = values[given]
    if mapped.record == "venture" and "currency" in values:
        found["currency"] = values["currency"]
    return found


def in_effect(entry: AuditEntry) -> bool:
    """Return whether a change was not taken back, or that in turn was."""
    return not any(in_effect(other) for other in entry.undone_by.all())


def stands(state: RecordState, after: Mapping[str, object]) -> bool:
    """Return whether a record still has the values that a change gave it."""
    now = {**state.values, GEOMETRY: state.geometry}
    return all(_alike(now.get(name), value) for name, value in after.items())


def _alike(now: object, then: object) -> bool:
    if isinstance(now, Decimal):
        try:
            return now == Decimal(str(then))
        except InvalidOperation:
            return False
    return plain(now) == plain(then) or (now is None and then in ("", {}, None))


def _code(kind: str, key: object) -> str | None:
    model: Any = BY_RECORD[kind].model
    code: str | None = model._default_manager.filter(pk=key).values_list("code", flat=True).first()
    return code


def _rows_alike(mapped: Mapped, key: int) -> list[dict[str, Any]]:
    """Return what is kept of a record's row, or of all rows of its key, the latest first."""
    names = ("pk", "source_id", "recorded_at", "sheet", "row", *mapped.key)
    rows = mapped.model._default_manager.filter(pk=key).order_by()
    (own,) = rows.values(*names)
    if mapped.record not in SERIES:
        return [own]
    return list(rows_of_key(mapped, own).values(*names))


def _gone(mapped: Mapped, state: RecordState) -> list[str]:
    """Return the names of rows of a series that were withdrawn and had the record's key."""
    if mapped.record not in SERIES:
        return []
    attrs = [mapped.field(column.attr).attname for column in editable(mapped.record)]
    names = [column.field.name for column in editable(mapped.record)]
    keys = [name for name, attr in zip(names, attrs, strict=True) if attr in mapped.key]
    removed = AuditEntry.objects.filter(table=mapped.table, code=state.code, after__isnull=True)
    return [
        entry.record
        for entry in removed.exclude(record="")
        if all((entry.before or {}).get(name) == plain(state.values[name]) for name in keys)
    ]


def _made(mapped: Mapped, entry: AuditEntry) -> bool:
    """Return whether a change made the row that it names: a correction makes a later one."""
    corrected = mapped.record in SERIES and None not in (entry.before, entry.after)
    return entry.action == "create" or (corrected and "attachment" not in (entry.after or {}))


def _about(mapped: Mapped, state: RecordState, names: list[str]) -> Q:
    """Return which entries concern a record: by its name, or as older imports told, by its code."""
    older = Q(record="", table=mapped.table, code=state.code, action="update")
    named = Q(record__in=names)
    return named if mapped.record in SERIES else named | older


def _undone(entries: Iterable[AuditEntry]) -> frozenset[int]:
    listed = list(entries)
    by = {entry.undoes_id: entry.pk for entry in sorted(listed, key=lambda item: item.pk)}

    def gone(key: int) -> bool:
        return key in by and not gone(by[key])

    return frozenset(entry.pk for entry in listed if gone(entry.pk))


def _item(mapped: Mapped, entry: AuditEntry, latest: RecordState, undone: bool) -> HistoryItem:
    before, after = entry.before or {}, entry.after or {}
    changed = entry.action in ("create", "update", "undo") and bool(entry.record)
    undoable = (
        changed
        and not undone
        and entry.after is not None
        and entry.record == latest.record
        and stands(latest, by_field(mapped, after))
    )
    return HistoryItem(
        id=entry.pk,
        at=entry.at,
        by=entry.by,
        origin=entry.origin,
        action=entry.action,
        reason=entry.reason,
        record=entry.record or latest.record,
        changes=_changes(mapped, by_field(mapped, before), by_field(mapped, after)),
        undoable=undoable,
        undone=undone,
        attachment=str((entry.after or entry.before or {}).get("attachment", "")),
    )


def _changes(
    mapped: Mapped, before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[FieldChange, ...]:
    found = []
    for column in editable(mapped.record):
        field = column.field
        names = [field.name, *(f"{field.name}_{kind}" for kind, _ in beside(column))]
        for name in names:
            old, new = before.get(name) or None, after.get(name) or None
            if old != new:
                kind = field.kind if name == field.name else ""
                found.append(
                    FieldChange(name, field.zh, field.en, kind, old, new, _text(old), _text(new))
                )
    return tuple(found)


def _text(value: object) -> str:
    if value in (None, "", {}):
        return ""
    if isinstance(value, dict):
        return " · ".join(f"{name} {item}" for name, item in value.items())
    if isinstance(value, float):
        return f"{value:,.2f}".rstrip("0").rstrip(".")
    text = str(value)
    if not text.startswith(_SHAPE):
        return text
    content = Blob.objects.filter(sha256=text.removeprefix(_SHAPE)).values_list("content")
    shape = next((shapely.from_wkb(bytes(row[0])) for row in content), None)
    if shape is None or shape.geom_type not in _POLYGONS:
        return "○"
    return f"{geodesic_area_m2([shape])[0]:,.0f} m²"


def _brought(mapped: Mapped, rows: list[dict[str, Any]], made_here: set[str]) -> list[HistoryItem]:
    """Return what files brought: the record itself, and of a series each row."""
    files = SourceFile.objects.in_bulk([row["source_id"] for row in rows])
    found = []
    for row in rows:
        name = f"{mapped.record}:{row['pk']}"
        if name in made_here or row["source_id"] not in files:
            continue
        file = files[row["source_id"]]
        (card,) = record_cards([name])
        (state,) = states(mapped, mapped.model._default_manager.filter(pk=row["pk"]))
        shown = {field: plain(value) for field, value in state.values.items()}
        found.append(
            HistoryItem(
                id=None, at=row["recorded_at"], by=file.imported_by, origin=file.name,
                action="import", reason="", record=name,
                changes=_changes(mapped, {}, shown) if mapped.record in SERIES else (),
                undoable=False, undone=False, place=Place(
                    file.name, row["sheet"], row["row"], card.place.column
                    if card.place.file == file.name else "",
                ),
            )
        )  # fmt: skip
    return found
