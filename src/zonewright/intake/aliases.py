"""The names by which columns and choices are known: schema names and ``data/aliases.csv``.

A target of a column is a field name, or ``FIELD@TAG`` for a column that holds one event of many:
``on@L3`` (parcel events), ``planned_on@signed`` (milestones), ``services@road``, ``points@6``.
``FIELD?`` is a measure of which the caption does not say whether it is monthly or cumulative.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from zonewright.core.schema import Field, all_tables, table
from zonewright.intake.wording import key_of

_ANY = "*"
_PLAN_WORDS = ("计划", "拟", "预计", "计划时间", "计划日期", "planned")
_ACTUAL_WORDS = ("实际", "实际时间", "实际日期", "完成", "时间", "日期", "actual", "")


@cache
def _entries() -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    text = (files("zonewright.intake") / "data" / "aliases.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return tuple((row["table"], row["field"], tuple(row["alias"].split("|"))) for row in rows)


@cache
def column_names(name: str) -> Mapping[str, tuple[str, int]]:
    """Return every name of a table's columns: key to target and rank (0 own name, 1 alias)."""
    fields = {field.name for field in table(name).fields}
    found: dict[str, tuple[str, int]] = {}
    named = [field for field in table(name).fields if field.name != "geometry"]
    for form in ("name", "zh", "en"):
        for field in named:
            found.setdefault(key_of(getattr(field, form)), (field.name, 0))
    for owner, target, aliases in _entries():
        base = target.partition("@")[0].rstrip("?")
        if "=" in target or base not in (fields | {"step"}):
            continue
        if owner not in (name, _ANY):
            continue
        for alias in aliases:
            if base == "step" and "@" in target:
                for key, of_step in _milestone_names(alias, target.partition("@")[2]):
                    found.setdefault(key, (of_step, 1))
            else:
                found.setdefault(key_of(alias), (target, 1))
                if base == "points":
                    found.setdefault(key_of(alias) + "%", (target, 1))
    if "services" in fields:
        for service, label in table(name)["services"].choices.items():
            for text in (service, label, f"{label}状态", f"{label}通"):
                found.setdefault(key_of(text), (f"services@{service}", 1))
    return found


def _milestone_names(alias: str, step: str) -> list[tuple[str, str]]:
    names = []
    for words, field in ((_PLAN_WORDS, "planned_on"), (_ACTUAL_WORDS, "actual_on")):
        for word in words:
            names += [(key_of(alias + word), f"{field}@{step}")]
            names += [(key_of(word + alias), f"{field}@{step}")]
        for end in ("时间", "日期", "年月"):
            lead = words[0]
            names += [(key_of(lead + alias + end), f"{field}@{step}")]
            names += [(key_of(alias + lead + end), f"{field}@{step}")]
    return names


@cache
def truncated_names(name: str) -> Mapping[str, tuple[str, int]]:
    """Return the names as a Shapefile cuts them, to 10 bytes in UTF-8 or GBK, where unambiguous."""
    found: dict[str, set[str]] = {}
    for key, (target, _) in column_names(name).items():
        for text in {key, *_raw_names(name, target)}:
            for encoding in ("utf-8", "gb18030"):
                cut = text.encode(encoding)[:10].decode(encoding, errors="ignore")
                if cut != text:
                    found.setdefault(key_of(cut), set()).add(target)
    return {key: (next(iter(targets)), 3) for key, targets in found.items() if len(targets) == 1}


def _raw_names(name: str, target: str) -> tuple[str, ...]:
    fields = {field.name: field for field in table(name).fields}
    field = fields.get(target)
    return (field.name, field.zh, field.en) if field else ()


@cache
def choice_names(table_name: str, field_name: str) -> Mapping[str, str]:
    """Return every name of a field's choices: key to code."""
    field = table(table_name)[field_name]
    found: dict[str, str] = {}
    for code, label in field.choices.items():
        for text in (code, label):
            found.setdefault(key_of(text), code)
    for owner, target, aliases in _entries():
        name, equals, code = target.partition("=")
        if equals and name == field_name and owner in (table_name, _ANY) and code in field.choices:
            for alias in aliases:
                found.setdefault(key_of(alias), code)
    return found


@cache
def service_states() -> Mapping[str, int]:
    """Return the words for the state of a service: key to 0–5."""
    found = {str(state): state for state in range(6)}
    for _, target, aliases in _entries():
        name, equals, state = target.partition("=")
        if equals and name == "state":
            found.update({key_of(alias): int(state) for alias in aliases})
    return found


@cache
def title_defaults() -> tuple[tuple[str, str, str, str], ...]:
    """Return what a title says of every row: table, field, value, the word that says it."""
    found = []
    for owner, target, aliases in _entries():
        name, marker, value = target.partition("~")
        if marker:
            found += [(owner, name, value, alias) for alias in aliases]
    return tuple(found)


@cache
def table_words() -> Mapping[str, tuple[str, ...]]:
    """Return words of titles that speak for a table: table to words."""
    return {owner: aliases for owner, target, aliases in _entries() if target == "!title"}


def is_reference_to_zone(table_name: str, field: Field) -> bool:
    """Return whether a field names a zone."""
    names = ("parent", "child") if table_name == "memberships" else ("zone",)
    return field.name in names


@cache
def known_captions() -> frozenset[str]:
    """Return every key by which some column of some table is known."""
    return frozenset(key for name in all_tables() for key in column_names(name))
