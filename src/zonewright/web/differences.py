"""What a change changed, as a reader sees it: fields by their names, values with their units."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from zonewright.core.schema import Field, all_tables
from zonewright.store.access import roles
from zonewright.store.mapping import ALL, BY_RECORD, Column
from zonewright.store.models import AuditEntry, Indicator
from zonewright.web import language, values, words
from zonewright.web.run_view import question_name, state_names

# Kind of a record and its key to its code.
Codes = Mapping[tuple[str, int], str]
NOTHING = "—"
_GEOMETRY = "wkb sha256:"
_UNTOLD = frozenset({"origins", "west", "south", "east", "north"})
_SHOWN_OF_HASH = 16
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
# What is no table of the dictionary, and fields that are none of it.
TABLES: Mapping[str, Promise] = {
    "users": _("accounts"),
    "sessions": _("sign-ins"),
    "tokens": _("tokens"),
    "files": _("imported files"),
    "runs": _("runs of analyses"),
    "map_layers": _("map layers"),
    "orders": _("supervision orders"),
}
ACTIONS: Mapping[str, Promise] = {
    "create": _("added"),
    "update": _("changed"),
    "delete": _("deleted"),
    "undo": _("undone"),
    "import": _("imported"),
    "attach": _("file attached"),
    "detach": _("file removed"),
    "raise": _("order given"),
    "reply": _("order replied to"),
    "accept": _("order closed"),
    "refuse": _("reply to an order refused"),
    "extend": _("deadline extended"),
    "escalate": _("order escalated"),
    "withdraw": _("order withdrawn"),
    "queue": _("run asked for"),
    "cancel": _("run cancelled"),
    "grant": _("role given"),
    "revoke": _("taken away"),
    "switch on": _("switched on"),
    "switch off": _("switched off"),
    "make link": _("password link made"),
    "set password": _("password set"),
    "turn on second factor": _("second factor turned on"),
    "turn off second factor": _("second factor turned off"),
    "remove second factor": _("second factor removed"),
    "renew recovery codes": _("recovery codes renewed"),
    "sign in": _("signed in"),
    "sign out": _("signed out"),
    "fail to sign in": _("failed to sign in"),
    "lock out": _("must wait after failures"),
}
_FIELDS: Mapping[str, Promise] = {
    "name": _("Called"),
    "role": _("Role"),
    "zone": _("Zone"),
    "hierarchy": _("Hierarchy"),
    "is_superuser": _("Administrator of everything"),
    "is_active": _("Switched on"),
    "language": _("Language"),
    "prefix": _("Begins with"),
    "expires_at": _("Valid until"),
    "count": _("Number of records"),
    "sha256": "SHA-256",  # type: ignore[dict-item]
    "size": _("Bytes"),
    "color": _("Colour"),
    "features": _("Number of features"),
    "question": _("Question"),
    "params": _("Asked with"),
    "on": _("Day"),
    "files": _("Files"),
    "status": _("Status"),
}


# Measured by the workspace, so in no file and not in the dictionary.
_MEASURED = {
    "area_m2": Field("area_m2", "area", "m2", False, False, "图上面积", "Area on the map", {})
}


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that a change changed, with its values as texts; `NOTHING` stands for none."""

    label: str
    before: str
    after: str


def action_name(action: str) -> str:
    """Return what was done, in the reader's language."""
    return str(ACTIONS.get(action, action))


def table_name(table: str) -> str:
    """Return a table's name in the reader's language."""
    if table in TABLES:
        return str(TABLES[table])
    known = all_tables().get(table)
    return known.label(language.current()) if known else table


def codes_of(entries: Iterable[AuditEntry]) -> Codes:
    """Return the codes of the records to which entries refer by their keys, in few queries."""
    wanted: dict[str, set[int]] = {}
    for entry in entries:
        for given in (entry.before or {}, entry.after or {}):
            for name, value in given.items():
                column = _column(entry.table, name)
                if column is not None and name == column.attr and isinstance(value, int):
                    wanted.setdefault(column.refers, set()).add(value)
    wanted.pop("", None)
    found: dict[tuple[str, int], str] = {}
    for kind, keys in wanted.items():
        model: Any = Indicator if kind == "indicator" else BY_RECORD[kind].model
        rows = model.objects.filter(pk__in=keys).values_list("pk", "code")
        found.update({(kind, key): code for key, code in rows})
    return found


def differences(entry: AuditEntry, codes: Codes) -> list[Difference]:
    """Return what an entry of the trail changed, field by field.

    Parameters
    ----------
    codes
        Of `codes_of` this entry, perhaps among others.
    """
    before = _with_codes(entry.table, entry.before or {}, codes)
    after = _with_codes(entry.table, entry.after or {}, codes)
    names = [name for name in dict.fromkeys((*before, *after)) if _is_told(name)]
    pairs = {name: _pair(entry.table, name, before, after) for name in names}
    return [
        Difference(_label(entry.table, name), *pair)
        for name, pair in pairs.items()
        if before.get(name) != after.get(name) and pair != (NOTHING, NOTHING)
    ]


def _is_told(name: str) -> bool:
    """Return whether readers are shown a value: not what the workspace keeps to take it back."""
    return not name.startswith("_") and name not in _UNTOLD


def _with_codes(table: str, given: Mapping[str, Any], codes: Codes) -> dict[str, Any]:
    """Return values with the codes of records in place of their keys."""
    said = dict(given)
    for name, value in given.items():
        column = _column(table, name)
        if column is not None and column.refers and isinstance(value, int):
            said[name] = codes.get((column.refers, value), str(value))
    return said


def _pair(
    table: str, name: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[str, str]:
    old, new = before.get(name), after.get(name)
    if any(str(value).startswith(_GEOMETRY) for value in (old, new)):
        if old and new:
            return str(_("boundary")), str(_("boundary changed"))
        drawn = (NOTHING, str(_("boundary drawn")))
        return drawn if new else (str(_("boundary")), NOTHING)
    return _text(table, name, before), _text(table, name, after)


@lru_cache(maxsize=2048)
def _column(table: str, name: str) -> Column | None:
    """Return the column that a name of the trail stands for: an attribute, or a field."""
    for mapped in ALL:
        if mapped.table == table:
            for column in mapped.columns:
                if name in (column.attr, column.field.name):
                    return column
    return None


def _field(table: str, name: str) -> Field | None:
    column = _column(table, name)
    return column.field if column is not None else _MEASURED.get(name)


def _label(table: str, name: str) -> str:
    field = _field(table, name)
    if field is not None:
        return field.label(language.current())
    return str(_FIELDS.get(name, name))


def _text(table: str, name: str, given: Mapping[str, Any]) -> str:
    value = given.get(name)
    if value in (None, "", {}, []):
        return NOTHING
    field = _field(table, name)
    if field is not None:
        typed = {**given, field.name: _typed(field, value)}
        read = values.reading(field, table, typed)
        return f"{read.text} ({read.beside})" if read.beside else read.text
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if isinstance(value, Mapping):
        return " · ".join(f"{_FIELDS.get(key, key)} {item}" for key, item in value.items())
    if isinstance(value, list):
        return " · ".join(map(str, value))
    return _own(name, str(value))


def _own(name: str, value: str) -> str:
    """Return a value of what is no table of the dictionary: an account, a token, a file."""
    if name == "role" and value in roles():
        return roles()[value].label(language.current())
    if name == "zone" and value == "*":
        return str(_("the whole workspace"))
    if name == "question":
        return question_name(value)
    if name == "status":
        return state_names().get(value, value)
    if name == "hierarchy":
        return words.choice(value, "memberships.hierarchy")
    if name == "expires_at":
        return f"{timezone.localtime(datetime.fromisoformat(value)):%Y-%m-%d %H:%M}"
    return f"{value[:_SHOWN_OF_HASH]}…" if name == "sha256" else value


def _typed(field: Field, value: Any) -> Any:
    """Return a plain value of the trail as the dictionary's kind of it."""
    text = str(value)
    if field.kind in values.NUMERIC and _NUMBER.fullmatch(text):
        return Decimal(text)
    if field.kind in ("date", "month") and _DAY.fullmatch(text):
        return date.fromisoformat(text)
    return value
