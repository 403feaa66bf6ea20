"""The columns of a kind of records as a reader meets them: names, units, what may be asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db import models

from zonewright.core.schema import table as schema
from zonewright.store.mapping import NAMES, Mapped, editable, ledger, writing
from zonewright.store.selectors.record import COMPUTED, GEOMETRY

_SHAPES = ("geometry", "multipolygon")
_UNSORTED = ("services", "points", *_SHAPES)
_BOUNDARIES = ("片区边界", "boundaries of zones")
_COMPUTED_NAMES = {
    "stage": ("阶段", "Stage"),
    "area_m2": ("图形面积", "Area on the map"),
}


@dataclass(frozen=True, slots=True)
class ColumnInfo:
    """A column of a kind of records.

    Parameters
    ----------
    field
        Name in values and conditions.
    zh, en
        Names that readers see.
    kind
        As in ``core.schema``.
    unit
        Unit of its values [unit code]; empty if none.
    path
        Where the database keeps it, as Django names it.
    sortable, filterable
        What may be asked of it.
    required, key
        Whether a record needs it, and whether it is part of what identifies one.
    refers
        Kind of record that it names by code; empty if none.
    choices
        Allowed value to its Chinese name.
    units
        Whether its values are kept with the unit in which they were written (``NAME_unit``).
    bounds
        Whether with a bound (``NAME_bound``): 超, 近, 约.
    computed
        Whether the workspace computes it: nobody fills it in.
    note
        What else is to know.
    """

    field: str
    zh: str
    en: str
    kind: str
    unit: str
    path: str
    sortable: bool
    filterable: bool
    required: bool
    key: bool
    refers: str
    choices: Mapping[str, str]
    units: bool
    bounds: bool
    computed: bool
    note: str

    def label(self, lang: str = "en") -> str:
        """Return the column's name in a language."""
        return self.zh if lang == "zh" else self.en


@dataclass(frozen=True, slots=True)
class LedgerInfo:
    """A kind of records: its name, what readers call it, and who may write it."""

    name: str
    record: str
    table: str
    zh: str
    en: str
    permission: str
    located: bool

    def label(self, lang: str = "en") -> str:
        """Return the kind's name in a language."""
        return self.zh if lang == "zh" else self.en


@cache
def ledgers() -> tuple[LedgerInfo, ...]:
    """Return every kind of records, what is referred to first."""
    found = []
    for name, mapped in NAMES.items():
        known = schema(mapped.table)
        zh, en = _BOUNDARIES if name != mapped.table else (known.label("zh"), known.label("en"))
        located = any(column.field.name == GEOMETRY for column in mapped.columns)
        found.append(
            LedgerInfo(name, mapped.record, mapped.table, zh, en, writing(mapped), located)
        )
    return tuple(found)


@cache
def columns(table: str) -> tuple[ColumnInfo, ...]:
    """Return the columns of a kind of records, those that the workspace computes last.

    Parameters
    ----------
    table
        A name of `mapping.NAMES`, or a prefix as in ``parcel``.
    """
    mapped = ledger(table)
    own = []
    for column in editable(mapped.record):
        field = column.field
        asked = field.kind not in _UNSORTED
        path = f"{column.attr.removesuffix('_id')}__code" if column.refers else column.attr
        own.append(
            ColumnInfo(
                field=field.name, zh=field.zh, en=field.en, kind=field.kind, unit=field.unit,
                path=path, sortable=asked, filterable=asked, required=field.required,
                key=field.key, refers=column.refers, choices=field.choices,
                units=bool(column.unit), bounds=bool(column.bound), computed=False,
                note=field.note,
            )
        )  # fmt: skip
    return (*own, *(_computed(mapped, name) for name in COMPUTED.get(mapped.record, ())))


def column(mapped: Mapped, name: str) -> ColumnInfo | None:
    """Return a column by the name of its field; None if there is none."""
    return next((item for item in columns(mapped.record) if item.field == name), None)


def model_field(mapped: Mapped, info: ColumnInfo) -> models.Field[Any, Any] | None:
    """Return the model's field of a column; None for one that stands in another record."""
    return None if "__" in info.path else mapped.field(info.path)


def _computed(mapped: Mapped, name: str) -> ColumnInfo:
    zh, en = _COMPUTED_NAMES[name]
    stage = name == "stage"
    return ColumnInfo(
        field=name, zh=zh, en=en, kind="choice" if stage else "area", unit="" if stage else "m2",
        path=name, sortable=True, filterable=True, required=False, key=False, refers="",
        choices=schema("parcel_events")["stage"].choices if stage else {}, units=False,
        bounds=False, computed=True, note="",
    )  # fmt: skip
