"""What stands in a return's cell for a value, and which value a cell stands for.

`shown` and `CellReader` are each other's inverse. What a cell does not say exactly as it was read
(a text for a number, another unit, a date in words) is noted beside the value: nothing changes
silently.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from fractions import Fraction
from functools import cache, partial
from types import MappingProxyType

from zonewright.core import units
from zonewright.core.findings import Severity
from zonewright.core.schema import Field
from zonewright.intake.aliases import choice_names
from zonewright.intake.context import Context
from zonewright.intake.faults import CellError
from zonewright.intake.numbers import read_number
from zonewright.intake.return_words import word
from zonewright.intake.values import (
    DIMENSIONS,
    SCALE,
    Column,
    Reading,
    decimal_of,
    in_unit_beside,
    reader_of,
    says_nothing,
)
from zonewright.intake.wording import key_of, narrow, text_of_cell
from zonewright.steering.returns.kinds import ReturnColumn

NUMERIC = frozenset({"number", "percent", "money", "energy", "area"})
_BOUND_WORDS = {"ge": "超", "le": "近", "approx": "约"}
_BOUND_SENSES = {"ge": "at least ", "le": "at most ", "approx": "about "}
_EXCEL_ERROR = re.compile(r"^#(?:DIV/0!|N/A|REF!|VALUE!|NAME\?|NUM!|NULL!|SPILL!|CALC!)$")
_SIGNIFICANT = 15
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Note:
    """What a reader must know of how a cell was read: a finding without its place."""

    code: str
    severity: Severity
    params: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class CellRead:
    """The values of a cell (the field's, and unit, bound or precision beside it), and a note."""

    values: Mapping[str, object]
    note: Note | None = None


# ---- From value to cell -----------------------------------------------------------------------


def shown(column: ReturnColumn, values: Mapping[str, object], lang: str = "zh") -> object:
    """Return what stands in a cell for a row's value of a column: text, float, day or None.

    Parameters
    ----------
    column
        The column; quantities are shown in its unit.
    values
        Values of the row, as in `core.records`.
    lang
        Language of the names of choices.
    """
    name, kind = column.name, column.field.kind
    value = values.get(name)
    if value is None or value == "":
        return None
    if kind in NUMERIC:
        return _shown_number(column, value, values)
    if kind == "choice":
        return choice_label(column.field, str(value), lang)
    if kind == "bool":
        return word("yes" if value else "no", lang)
    if kind == "date" and isinstance(value, date):
        cut = {"m": 7, "y": 4}.get(str(values.get(f"{name}_precision", "")), 10)
        return value if cut == 10 else value.isoformat()[:cut]
    if isinstance(value, Mapping):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    return int(str(value)) if kind == "year" else str(value)


def choice_label(entry: Field, code: str, lang: str) -> str:
    """Return the name of a choice; in English its code, with spaces."""
    return entry.choices.get(code, code) if lang == "zh" else code


def _shown_number(column: ReturnColumn, value: object, values: Mapping[str, object]) -> object:
    name, kind, unit = column.name, column.field.kind, column.unit
    exact = Fraction(value) if isinstance(value, float) else Fraction(Decimal(str(value)))
    suffix = ""
    if kind in DIMENSIONS:
        kept = str(values.get(f"{name}_unit") or "")
        base = column.field.unit
        if kept and units.unit(kept).dimension != units.unit(base).dimension:
            base = "美元" if units.unit(kept).dimension == "usd" else base
            unit = suffix = kept
        exact *= units.factor(base, unit or base)
    amount = _ended(exact, binary=isinstance(value, float))
    bound = _BOUND_WORDS.get(str(values.get(f"{name}_bound") or ""), "")
    if bound or suffix or _digits(amount) > _SIGNIFICANT:
        return f"{bound}{format(amount, 'f')}{suffix}"
    return int(amount) if amount == int(amount) else float(amount)


def _ended(exact: Fraction, *, binary: bool) -> Decimal:
    """Return a decimal: exact if it ends, else to 28 digits; a binary number to what is shown."""
    found = decimal_of(exact)
    if binary or Fraction(found) != exact:
        found = Decimal(f"{float(found):.{_SIGNIFICANT}g}")
    return found.normalize() if found else Decimal(0)


def _digits(value: Decimal) -> int:
    return len(value.as_tuple().digits)


# ---- From cell to value -----------------------------------------------------------------------


class CellReader:
    """Reads the cells of one column.

    Parameters
    ----------
    column
        The column; a bare number is in its unit.
    context
        Year and month of the return, for days without a year.
    """

    def __init__(self, column: ReturnColumn, context: Context) -> None:
        self.column = column
        table = column.into.table if column.into else ""
        self._read: Callable[[object], Reading] = (
            partial(_choice, column)
            if column.field.kind == "choice"
            else reader_of(Column(table, column.field, column.unit, context))
        )

    def read(self, cell: object, *, beside: str = "") -> CellRead:
        """Return what a cell says.

        Parameters
        ----------
        cell
            What stands there: text, number, day; a percentage as a text with its sign.
        beside
            Unit of the row, where it has one; a bare number is in it.

        Raises
        ------
        CellError
            If it cannot be read as what the column holds.
        """
        column = self.column
        name, kind = column.name, column.field.kind
        if isinstance(cell, str) and _EXCEL_ERROR.match(cell.strip()):
            raise CellError("intake-excel-error", text=cell.strip())
        if cell is None or says_nothing(cell, kind):
            said = isinstance(cell, str) and bool(cell.strip())
            note = Note("return-book-read-empty", "info", {"text": str(cell)}) if said else None
            return CellRead({name: None}, note)
        reading = self._read(cell)
        values = {name: reading.value, **reading.extras}
        if kind == "number" and beside and SCALE not in values and isinstance(cell, str):
            # Of what the 万 or 亿 counts, the unit of the row says.
            number = read_number(cell)
            if number.scale:
                values |= {name: number.value, SCALE: number.scale}
        if kind == "number" and len(values) > 1:
            _settle_unit(values, name, beside)
        if reading.warning:
            return CellRead(values, Note(reading.warning, "warning", {"text": text_of_cell(cell)}))
        if kind == "percent" and _may_be_share(cell, reading.value):
            return CellRead(values, _note_of_share(column, cell, values))
        if kind in NUMERIC:
            note = note_of_number(column, cell, values, beside or column.unit)
            return CellRead(values, note)
        return CellRead(values, _note_of_other(column, cell, values))


def _may_be_share(cell: object, value: object) -> bool:
    """Return whether a bare number such as 0.86 may mean 86 % in a column of percent."""
    bare = not (isinstance(cell, str) and "%" in narrow(cell))
    return bare and isinstance(value, Decimal) and 0 < value < 1


def _note_of_share(column: ReturnColumn, cell: object, values: Mapping[str, object]) -> Note:
    """Return how a bare number was read that may be a share, and the percentage it would be."""
    whole = Decimal(str(values[column.name])) * 100
    told = {
        "text": text_of_cell(cell), "value": shown(column, values),
        "share": shown(column, {column.name: whole}),
    }  # fmt: skip
    return Note("return-book-percent-small", "warning", told)


def _settle_unit(values: dict[str, object], name: str, beside: str) -> None:
    """Bring a number that names its own unit to that of its row; no unit stays beside it."""
    row = {
        "value": values[name],
        "unit": beside or None,
        "value_unit": values.pop(f"{name}_unit", None),
        SCALE: values.pop(SCALE, 0),
    }
    in_unit_beside(row)
    values[name] = row["value"]


def _choice(column: ReturnColumn, cell: object) -> Reading:
    names, text = _names(column), text_of_cell(cell)
    key = key_of(text)
    if key in names:
        return Reading(names[key])
    near = difflib.get_close_matches(key, names, n=1, cutoff=0.5)
    choices = column.field.choices
    raise CellError(
        "intake-choice-unknown" + ("-near" if near else ""),
        text=text.strip(),
        known="、".join(dict.fromkeys(choices.values())),
        near=choices[names[near[0]]] if near else "",
    )


def _names(column: ReturnColumn) -> Mapping[str, str]:
    into = column.into
    return _choice_names(
        tuple(column.field.choices.items()), into.table if into else "", into.field if into else ""
    )


@cache
def _choice_names(
    pairs: tuple[tuple[str, str], ...], table: str, field_name: str
) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for code, label in pairs:
        found.setdefault(key_of(label), code)
    for code, _ in pairs:
        found.setdefault(key_of(code), code)
    codes = {code for code, _ in pairs}
    others = choice_names(table, field_name) if table else {}
    return {**{key: code for key, code in others.items() if code in codes}, **found}


def note_of_number(
    column: ReturnColumn, cell: object, values: Mapping[str, object], unit: str
) -> Note | None:
    """Return how a text was read that stands for a number; None for a number.

    Parameters
    ----------
    column, cell
        The column, and what stands in its cell.
    values
        What was read of it.
    unit
        Unit in which a bare number of the column is.
    """
    if not isinstance(cell, str):
        return None
    number, text = read_number(cell), cell.strip()
    if column.field.kind == "percent" and not number.bound and narrow(text) == text:
        return None if text.endswith("%") else _as_number(text, values[column.name])
    told = shown(column, values)
    if number.scale or (number.unit and number.unit != unit):
        return Note("return-book-converted", "warning", {"text": text, "value": told, "unit": unit})
    if number.bound:
        bare = {name: item for name, item in values.items() if not name.endswith("_bound")}
        alone = shown(column, bare)
        bound = str(values.get(f"{column.name}_bound") or "")
        said = {
            "value_zh": f"{_BOUND_WORDS.get(bound, '')}{alone}",
            "value_en": f"{_BOUND_SENSES.get(bound, '')}{alone}",
        }
        return Note("return-book-bound", "info", {"text": text, **said, "number": alone})
    return _as_number(text, told)


def _note_of_other(column: ReturnColumn, cell: object, values: Mapping[str, object]) -> Note | None:
    value = values[column.name]
    text = text_of_cell(cell).strip()
    match column.field.kind:
        case "code" | "text" | "unit" | "month" | "period":
            exact = isinstance(cell, str) and str(value) == text
        case "date":
            midnight = isinstance(cell, datetime) and cell.time() == time(0)
            day = isinstance(cell, date) and not isinstance(cell, datetime)
            exact = midnight or day or bool(isinstance(cell, str) and _DAY.fullmatch(text))
        case "choice":
            code = str(value)
            exact = text in (code, column.field.choices.get(code, code))
        case "bool":
            words = {word("yes" if value else "no", lang) for lang in ("zh", "en")}
            exact = isinstance(cell, bool) or text in words
        case _:
            exact = not isinstance(cell, str) or column.field.kind in ("points", "services")
    if exact:
        return None
    told = choice_label(column.field, str(value), "zh") if column.field.choices else value
    precise = str(values.get(f"{column.name}_precision", ""))
    return _as(text, str(told)[: {"m": 7, "y": 4}.get(precise, 200)])


def _as_number(text: str, value: object) -> Note:
    return Note("return-book-text-number", "info", {"text": text, "value": value})


def _as(text: str, value: object) -> Note:
    return Note("return-book-read-as", "info", {"text": text, "value": value})
