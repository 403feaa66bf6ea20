"""The exchange copy that Zonewright itself exports: what each row was when it left.

The table ``zonewright_base`` holds layer, key and row as JSON, ``zonewright_state`` the fingerprint
of the workspace. Base rows take the form of rows just read, so that an untouched one is equal.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from zonewright.core.periods import Period
from zonewright.core.schema import table
from zonewright.intake._pyogrio import Layer, read_layer
from zonewright.intake.context import find_notice
from zonewright.intake.drafts import Draft, Values
from zonewright.intake.faults import CellError
from zonewright.intake.problems import Problems, Spot
from zonewright.intake.shapes import check_shapes

_BASE, _STATE = "zonewright_base", "zonewright_state"


@dataclass(frozen=True, slots=True)
class Ancestors:
    """Rows as exported, by layer: key to row as JSON values; fingerprint; notice."""

    rows: Mapping[str, Mapping[tuple[object, ...], Mapping[str, object]]] = field(
        default_factory=dict
    )
    version: str = ""
    notice: str = ""

    def of(self, layer: str) -> Mapping[tuple[object, ...], Mapping[str, object]]:
        """Return the exported rows of a layer; empty if there are none."""
        return self.rows.get(layer, {})

    def join(self, draft: Draft, layer: Layer, problems: Problems) -> None:
        """Give a table its common ancestor, and note edits of columns that are only shown."""
        raw = self.of(layer.name)
        if not raw:
            return
        base = {key: _typed(draft.table, row) for key, row in raw.items()}
        _with_geometries(draft.table, list(base.values()))
        draft.base = dict(base)
        draft.base_version = self.version
        _settle(draft, problems)
        _note_shown(draft, layer, raw, problems)


def read_ancestors(path: Path, names: Sequence[str]) -> Ancestors:
    """Return what an exchange copy says of its origin; empty for any other file.

    Raises
    ------
    CellError
        If its own tables are damaged.
    """
    if _BASE not in names:
        return Ancestors()
    rows: dict[str, dict[tuple[object, ...], Mapping[str, object]]] = {}
    base = _records(read_layer(path, _BASE))
    for record in base:
        try:
            key = tuple(json.loads(str(record["key"])))
            row = json.loads(str(record["row"]))
        except (KeyError, ValueError, TypeError):
            raise CellError("intake-exchange-damaged") from None
        rows.setdefault(str(record.get("layer")), {})[key] = row
    state = _records(read_layer(path, _STATE)) if _STATE in names else []
    first = state[0] if state else {}
    notices = [value for value in first.values() if isinstance(value, str)]
    return Ancestors(rows, str(first.get("fingerprint") or ""), find_notice(notices))


def _records(layer: Layer) -> list[dict[str, object]]:
    rows = zip(*layer.columns, strict=True)
    return [dict(zip(layer.fields, values, strict=True)) for values in rows]


def _typed(name: str, raw: Mapping[str, object]) -> Values:
    """Return an exported row with the values that reading its layer gives."""
    fields = {entry.name: entry for entry in table(name).fields}
    row: Values = {}
    for key, value in raw.items():
        if key in fields:
            row[key] = None if value in (None, "") else _VALUE[fields[key].kind](value)
        elif key.rpartition("_")[0] in fields and value not in (None, ""):
            row[key] = value
    return row


def _with_geometries(name: str, rows: list[Values]) -> None:
    """Turn hexadecimal WKB into the form that a layer's geometries are read in, all at once."""
    spec = table(name).geometry
    if spec is None:
        return
    texts = [row.get(spec.name) for row in rows]
    wkb = np.array([bytes.fromhex(str(text)) if text else None for text in texts], dtype=object)
    areas = spec.kind == "multipolygon"
    shapes = check_shapes(shapely.from_wkb(wkb), areas=areas, required=False, note=_ignore)
    for row, shape in zip(rows, shapes, strict=True):
        if spec.name in row:
            row[spec.name] = shape


def _ignore(*seen: object, **params: object) -> None:
    """Take no notice: what was exported had been checked when it came in."""
    del seen, params


def _mapping(value: object) -> Mapping[str, Any]:
    found = json.loads(value) if isinstance(value, str) else value
    return found if isinstance(found, dict) else {}


def _points(value: object) -> dict[int, float]:
    return {int(month): float(share) for month, share in _mapping(value).items()}


def _services(value: object) -> dict[str, int]:
    return {str(name): int(state) for name, state in _mapping(value).items()}


_VALUE: Mapping[str, Callable[[object], object]] = {
    "code": str,
    "text": str,
    "choice": str,
    "unit": str,
    "number": lambda value: Decimal(str(value)),
    "percent": lambda value: Decimal(str(value)),
    "money": lambda value: Decimal(str(value)),
    "energy": lambda value: Decimal(str(value)),
    "area": lambda value: float(str(value)),
    "date": lambda value: date.fromisoformat(str(value)[:10]),
    "month": lambda value: Period.parse(str(value)),
    "period": lambda value: Period.parse(str(value)),
    "year": lambda value: int(str(value)),
    "bool": lambda value: value in (True, 1, "true", "True"),
    "points": _points,
    "services": _services,
    "geometry": str,
    "multipolygon": str,
}


def _settle(draft: Draft, problems: Problems) -> None:
    """Leave out units that were not exported, and name required fields that were emptied."""
    spec = table(draft.table)
    for position, row in enumerate(draft.rows):
        before = (draft.base or {}).get(tuple(row.get(name) for name in spec.key), {})
        for name in [name for name in row if name.endswith("_unit") and name not in before]:
            del row[name]
        for entry in spec.fields:
            emptied = entry.required and row.get(entry.name) is None and entry.name in row
            if emptied and (not before or before.get(entry.name) is not None):
                problems.add(
                    "intake-key-empty" if entry.key else "intake-required-empty",
                    "error",
                    Spot(
                        table=draft.table,
                        field=entry.name,
                        sheet=draft.sheet,
                        row=draft.numbers[position],
                        column=draft.column_of(position, entry.name),
                    ),
                    caption=entry.name,
                )


def _note_shown(
    draft: Draft,
    layer: Layer,
    raw: Mapping[tuple[object, ...], Mapping[str, object]],
    problems: Problems,
) -> None:
    """Warn where a computed column, which is not taken back, was edited."""
    known = set(draft.columns)
    shown = [
        (index, name)
        for index, name in enumerate(layer.fields)
        if name not in known and any(name in row for row in list(raw.values())[:50])
    ]
    if not shown:
        return
    keys = [name for name in table(draft.table).key if name in layer.fields]
    columns = [layer.columns[list(layer.fields).index(name)] for name in keys]
    for position, number in enumerate(layer.numbers):
        row = raw.get(tuple(column[position] for column in columns), {})
        for index, name in shown:
            cell = layer.columns[index][position]
            beside = name.endswith(("_unit", "_bound", "_precision"))
            if name in row and not beside and not _same(cell, row[name]):
                problems.add(
                    "intake-computed-edited",
                    "warning",
                    Spot(table=draft.table, sheet=layer.name, row=number, column=name),
                    caption=name,
                )


def _same(cell: object, exported: object) -> bool:
    if cell in (None, "") and exported in (None, ""):
        return True
    if isinstance(cell, (int, float)) and isinstance(exported, (int, float)):
        return abs(cell - exported) <= 1e-9 * max(1.0, abs(exported))
    return str(cell) == str(exported)
