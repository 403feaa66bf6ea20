"""What happened to a record, as its page tells it: fields by name, values with their units."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from zonewright.core.schema import Field
from zonewright.store.mapping import Mapped, editable
from zonewright.store.selectors.history import FieldChange, HistoryItem
from zonewright.web import language, values
from zonewright.web.differences import action_name
from zonewright.web.values import NUMERIC, SHAPES

__all__ = ["Line", "Told", "changed_back", "made_again", "tell"]


@dataclass(frozen=True, slots=True)
class Line:
    """A field that changed, before and after, as texts."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Told:
    """Something that happened: the item, what was done in words, and the fields."""

    item: HistoryItem
    action: str
    lines: tuple[Line, ...]


def tell(mapped: Mapped, items: Iterable[HistoryItem]) -> list[Told]:
    """Return what happened to a record, the latest first."""
    return [Told(item, action_name(item.action), lines(mapped, item.changes)) for item in items]


def lines(mapped: Mapped, changes: Iterable[FieldChange]) -> tuple[Line, ...]:
    """Return the fields that changed; a unit or a bound is told with its value."""
    given = {change.field: change for change in changes}
    before = {name: change.before for name, change in given.items()}
    after = {name: change.after for name, change in given.items()}
    found = []
    for column in editable(mapped.record):
        name = column.field.name
        beside = [f"{name}_{kind}" for kind in ("unit", "bound", "precision")]
        if name in given:
            pair = (_said(mapped, column.field, before), _said(mapped, column.field, after))
            if column.field.kind in SHAPES:
                pair = (given[name].before_text or "—", given[name].after_text or "—")
            found.append(Line(column.field.label(language.current()), *pair))
        else:
            found += [
                Line(f"{column.field.label(language.current())} · {_beside(other, name)}",
                     given[other].before_text or "—", given[other].after_text or "—")
                for other in beside if other in given
            ]  # fmt: skip
    return tuple(found)


def made_again(mapped: Mapped, before: Mapping[str, Any]) -> tuple[Line, ...]:
    """Return the values that a deleted record gets back."""
    lang = language.current()
    return tuple(
        Line(column.field.label(lang), "—", _said(mapped, column.field, before))
        for column in editable(mapped.record)
        if before.get(column.field.name) not in (None, "", {}) and column.field.kind not in SHAPES
    )


def changed_back(mapped: Mapped, item: HistoryItem) -> tuple[Line, ...]:
    """Return what taking a change back does: the same fields the other way round."""
    return tuple(
        Line(line.label, line.after, line.before) for line in lines(mapped, item.changes)
    )  # fmt: skip


def _beside(other: str, name: str) -> str:
    part = other.removeprefix(f"{name}_")
    return {"unit": _("unit"), "bound": _("bound")}.get(part, _("how far it is known"))


def _said(mapped: Mapped, field: Field, given: Mapping[str, Any]) -> str:
    held = {**given, field.name: typed(field, given.get(field.name))}
    read = values.reading(field, mapped.table, held)
    return (f"{read.text} ({read.beside})" if read.beside else read.text) or "—"


def typed(field: Field, value: Any) -> Any:
    """Return a plain value of the trail as the dictionary's kind of it."""
    try:
        if field.kind in NUMERIC and isinstance(value, str | int | float):
            return Decimal(str(value))
        if field.kind in ("date", "month") and isinstance(value, str):
            return date.fromisoformat(value)
    except (InvalidOperation, ValueError):
        return value
    return value
