"""Rows of a return as values, where they stand in its workbook, and both as plain JSON values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from zonewright.core.findings import Place
from zonewright.core.periods import Period
from zonewright.core.schema import Field
from zonewright.steering.returns.kinds import ReturnKind

_DECIMAL = frozenset({"number", "percent", "money", "energy"})


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row of a sheet.

    Parameters
    ----------
    row
        Row of the workbook's sheet as a spreadsheet counts; 0 if it stands in no workbook (yet).
    key
        What the row is of, stable from version to version: the record's code (``records``), the
        indicator's code (``indicators``), or a free row's own sign (``open``): ``+1``, ``+2`` …
    values
        Field to value as in `core.records`, with ``NAME_unit``, ``NAME_bound`` and
        ``NAME_precision`` beside it; an empty cell is None or absent.
    """

    row: int
    key: str
    values: Mapping[str, object]


RowsOf = Mapping[str, Sequence[SheetRow]]
"""Code of the sheet (`ReturnSheet.code`) to its rows."""


@dataclass(frozen=True, slots=True)
class SheetPlace:
    """Where a sheet of a return stands in its workbook: name of the tab, field to column letter."""

    name: str
    columns: Mapping[str, str] = field(default_factory=dict)


Places = Mapping[str, SheetPlace]
"""Code of the sheet to where it stands."""


def place_of(places: Places, sheet: str, row: SheetRow, name: str, *, file: str = "") -> Place:
    """Return the cell of a row's field; without a workbook only the sheet's code is known."""
    there = places.get(sheet)
    if there is None or not row.row:
        return Place(file, sheet)
    return Place(file, there.name, row.row, there.columns.get(name, ""))


Given = Mapping[tuple[str, str], Mapping[str, object]]
"""Sheet and key of a row to the plain values that stood in it when it was handed out."""


def to_plain(
    rows: RowsOf, places: Places | None = None, given: Given | None = None
) -> dict[str, Any]:
    """Return rows as JSON keeps them.

    Returns
    -------
    kept
        ``{sheet: {"name", "columns", "rows": [{"row", "key", "values", "given"}]}}``.
    """
    found: dict[str, Any] = {}
    for sheet, lines in rows.items():
        there = (places or {}).get(sheet, SheetPlace(""))
        found[sheet] = {
            "name": there.name,
            "columns": dict(there.columns),
            "rows": [
                {
                    "row": line.row,
                    "key": line.key,
                    "values": plain_values(line.values),
                    "given": dict((given or {}).get((sheet, line.key), {})),
                }
                for line in lines
            ],
        }
    return found


def from_plain(kind: ReturnKind, kept: Mapping[str, Any]) -> RowsOf:
    """Return the rows that `to_plain` gave."""
    found: dict[str, tuple[SheetRow, ...]] = {}
    for sheet in kind.sheets:
        fields = {column.field.name: column.field for column in sheet.columns}
        lines = kept.get(sheet.code, {}).get("rows", ())
        found[sheet.code] = tuple(
            SheetRow(line["row"], line["key"], _values(fields, line["values"])) for line in lines
        )
    return found


def places_from_plain(kept: Mapping[str, Any]) -> Places:
    """Return where the sheets stand of rows that `to_plain` gave; a made one has no place."""
    return {
        sheet: SheetPlace(item["name"], item["columns"])
        for sheet, item in kept.items()
        if item.get("name")
    }


def given_from_plain(kept: Mapping[str, Any]) -> Given:
    """Return what stood in the rows, of rows that `to_plain` gave, when they were handed out."""
    return {
        (sheet, line["key"]): line["given"]
        for sheet, item in kept.items()
        for line in item["rows"]
        if line.get("given")
    }


def given_of(rows: RowsOf) -> Given:
    """Return the plain values of rows by sheet and key."""
    return {
        (sheet, line.key): plain_values(line.values)
        for sheet, lines in rows.items()
        for line in lines
    }


def plain_values(values: Mapping[str, object]) -> dict[str, object]:
    """Return values as JSON keeps them: exact numbers, days and periods as text; empty left out."""
    return {name: plain(value) for name, value in sorted(values.items()) if value is not None}


def plain(value: object) -> object:
    """Return a value as JSON keeps it."""
    if isinstance(value, Decimal):
        return format(value.normalize(), "f") if value else "0"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Period):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    return value


def value_of(field: Field, kept: Any) -> object:
    """Return a field's value of what JSON kept."""
    if kept is None:
        return None
    if field.kind in _DECIMAL:
        return Decimal(str(kept))
    if field.kind == "area":
        return float(kept)
    if field.kind == "date":
        return date.fromisoformat(str(kept))
    if field.kind in ("month", "period"):
        return Period.parse(str(kept))
    if field.kind == "points":
        return {int(key): float(item) for key, item in dict(kept).items()}
    return kept


def _values(fields: Mapping[str, Field], kept: Mapping[str, Any]) -> dict[str, object]:
    return {
        name: value_of(fields[name], value) if name in fields else value
        for name, value in kept.items()
    }
