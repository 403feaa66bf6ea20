"""The tables that Zonewright exchanges: fields, types, units and names, read from one dictionary.

``core/data/tables.csv`` drives the reading of files, the checks, the store's imports and the
reference pages. A table's rows come from users' files (`zonewright.core.records`).
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

import pandas as pd

from zonewright.core.errors import RangeError, SchemaError

Kind = Literal[
    "code", "text", "number", "area", "money", "energy", "percent", "date", "month", "period",
    "year", "bool", "choice", "unit", "points", "services", "geometry", "multipolygon",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a table.

    Parameters
    ----------
    name
        Name in code, files out and API.
    kind
        What its values are.
    unit
        Unit in which values are kept [unit code]; empty if none.
    required
        Whether a row without it is refused.
    key
        Whether it is part of the row's key.
    zh, en
        Names that readers see, and by which columns are recognised.
    choices
        Allowed value to its Chinese name, for ``choice`` and ``services``.
    note
        What else is to know.
    """

    name: str
    kind: Kind
    unit: str
    required: bool
    key: bool
    zh: str
    en: str
    choices: Mapping[str, str]
    note: str = ""

    def label(self, lang: str = "en") -> str:
        """Return the column's name in a language."""
        return self.zh if lang == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its name in code, its fields in order, and the names that readers see."""

    name: str
    fields: tuple[Field, ...]
    zh: str
    en: str

    def label(self, lang: str = "en") -> str:
        """Return the table's name in a language."""
        return self.zh if lang == "zh" else self.en

    def __getitem__(self, name: str) -> Field:
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(name)

    @property
    def key(self) -> tuple[str, ...]:
        """Names of the fields that identify a row."""
        return tuple(field.name for field in self.fields if field.key)

    @property
    def geometry(self) -> Field | None:
        """The geometry field, if the table has one."""
        kinds = ("geometry", "multipolygon")
        return next((field for field in self.fields if field.kind in kinds), None)


def _rows(name: str) -> list[dict[str, str]]:
    text = (files("zonewright.core") / "data" / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _choices(text: str) -> dict[str, str]:
    pairs = (item.partition("=") for item in text.split("|") if item)
    return {code: label or code for code, _, label in pairs}


@cache
def all_tables() -> Mapping[str, Table]:
    """Return every table by name."""
    fields: dict[str, list[Field]] = {}
    for row in _rows("tables.csv"):
        fields.setdefault(row["table"], []).append(
            Field(
                name=row["field"],
                kind=row["kind"],  # type: ignore[arg-type]
                unit=row["unit"],
                required=row["required"] == "1",
                key=row["key"] == "1",
                zh=row["zh"],
                en=row["en"],
                choices=_choices(row["choices"]),
                note=row["note"],
            )
        )
    names = {row["table"]: (row["zh"], row["en"]) for row in _rows("table_names.csv")}
    return {name: Table(name, tuple(items), *names[name]) for name, items in fields.items()}


def table(name: str) -> Table:
    """Return a table by name.

    Raises
    ------
    SchemaError
        If there is no such table.
    """
    found = all_tables().get(name)
    if found is None:
        raise SchemaError("table-unknown", table=name)
    return found


def require_columns(frame: pd.DataFrame, *names: str, of: str) -> None:
    """Refuse a frame that lacks a column.

    Raises
    ------
    SchemaError
        Naming the first column that is missing.
    """
    for name in names:
        if name not in frame.columns:
            raise SchemaError("schema-column-missing", table=of, field=name)


def require_positive(**values: float) -> None:
    """Refuse numbers that are not above 0.

    Raises
    ------
    RangeError
        Naming the first such argument.
    """
    for name, value in values.items():
        if not value > 0:
            raise RangeError("range-positive", field=name, value=value)
