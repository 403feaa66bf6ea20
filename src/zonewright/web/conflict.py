"""Two people edited a record: what it was, what theirs is, what yours is, field by field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext as _

from zonewright.core.units import known_unit
from zonewright.store.mapping import Column, Mapped, editable
from zonewright.web import language, values, words
from zonewright.web.forms import Texts, mark, names_of
from zonewright.web.values import SHAPES

PICK = "pick-"


@dataclass(frozen=True, slots=True)
class Disputed:
    """A field of which there are several contents.

    Parameters
    ----------
    name, label
        The field.
    opened, theirs, yours
        What it held when the form was opened, what it holds now, what was typed.
    pick
        What is proposed: ``theirs`` or ``yours``.
    both
        Whether both changed it, each differently.
    """

    name: str
    label: str
    opened: str
    theirs: str
    yours: str
    pick: str
    both: bool


def disputed(mapped: Mapped, *, opened: Texts, theirs: Texts, yours: Texts) -> list[Disputed]:
    """Return the fields that either side changed, with what to take by default.

    Parameters
    ----------
    opened, theirs, yours
        Contents of the inputs by name (`forms.texts_of`).
    """
    found = []
    for column in editable(mapped.record):
        first, other, own = (_marks(column, texts) for texts in (opened, theirs, yours))
        if own == other:
            continue
        found.append(
            Disputed(
                name=column.field.name,
                label=column.field.label(language.current()),
                opened=_said(mapped, column, opened),
                theirs=_said(mapped, column, theirs),
                yours=_said(mapped, column, yours),
                pick="theirs" if own == first else "yours",
                both=own != first and other != first,
            )
        )
    return found


def picked(mapped: Mapped, data: QueryDict, theirs: Texts) -> QueryDict:
    """Return what was sent, with their content where the reader picked theirs."""
    chosen = data.copy()
    for column in editable(mapped.record):
        if chosen.get(f"{PICK}{column.field.name}") == "theirs":
            for name in names_of(column):
                chosen[name] = theirs.get(name, "")
    return chosen


def _marks(column: Column, texts: Texts) -> tuple[str, ...]:
    return tuple(mark(column, texts.get(name, "")) for name in names_of(column))


def _said(mapped: Mapped, column: Column, texts: Mapping[str, str]) -> str:
    """Return the inputs of a field as a reader understands them."""
    field, name = column.field, column.field.name
    if field.kind in SHAPES:
        return _("a shape") if texts.get(name) else "—"
    parts = []
    for other in names_of(column):
        content = texts.get(other, "")
        if not content or (other != name and not _counts(other, content, texts.get(name, name))):
            continue
        if field.kind == "choice":
            content = words.choice(content, f"{mapped.table}.{name}")
        elif field.kind == "services":
            service = other.removeprefix(f"{name}-")
            content = f"{words.choice(service, f'{mapped.table}.{name}')} {content}"
        elif known_unit(content) and other.endswith("_unit"):
            content = values.unit_name(content)
        parts.append(content)
    return " ".join(parts) or "—"


def _counts(other: str, content: str, main: str) -> bool:
    """Return whether an input beside the main one says anything."""
    if other.endswith(("_bound", "_precision")):
        return bool(main) and content not in ("exact", "d")
    return bool(main)
