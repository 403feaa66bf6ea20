"""Columns and cells of a return as pages show them: names, units, choices, texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from zonewright.core.texts import all_texts
from zonewright.report import numbers
from zonewright.steering.returns.kinds import ReturnColumn, ReturnSheet
from zonewright.steering.returns.rows import SheetRow
from zonewright.steering.returns.showing import MEASURES, NUMERIC, shown
from zonewright.web import language, values

LONG_TEXTS = frozenset({"remark", "issue", "progress", "measure", "next_step", "blocker", "task"})
_MEASURED = 2
_SIGNS = {"ge": "≥ ", "le": "≤ ", "approx": "≈ "}


@dataclass(frozen=True, slots=True)
class Column:
    """A column as a page shows it.

    Parameters
    ----------
    column
        The return's column.
    label, unit
        Its name, and the unit of its numbers, in the reader's language.
    options
        Codes and names of its choices; empty for another kind.
    """

    column: ReturnColumn
    label: str
    unit: str
    options: tuple[tuple[str, str], ...]

    @property
    def name(self) -> str:
        """Name of the field."""
        return self.column.field.name

    @property
    def kind(self) -> str:
        """Kind of its values."""
        return self.column.field.kind

    @property
    def is_number(self) -> bool:
        """Whether its values are numbers."""
        return self.kind in NUMERIC

    @property
    def is_long(self) -> bool:
        """Whether its texts are sentences."""
        return self.kind == "text" and self.name in LONG_TEXTS

    @property
    def fixed(self) -> bool:
        """Whether the workspace fills it in."""
        return self.column.given

    @property
    def required(self) -> bool:
        """Whether it must be filled in."""
        return self.column.field.required and not self.column.given

    @property
    def width(self) -> str:
        """How wide its input is: a class of the style sheet."""
        if self.kind in ("choice", "bool"):
            return "pick"
        if self.is_number:
            return "num"
        if self.kind in ("date", "month", "code", "unit"):
            return "day"
        return "long" if self.is_long else "words"

    @property
    def placeholder(self) -> str:
        """What an empty input shows: the form of a day."""
        return {"date": "2023-04-15", "month": "2023-04"}.get(self.kind, "")


def columns_of(sheet: ReturnSheet) -> tuple[Column, ...]:
    """Return the columns of a sheet in the reader's language."""
    return tuple(column_of(sheet, column) for column in sheet.columns)


def column_of(sheet: ReturnSheet, column: ReturnColumn) -> Column:
    """Return a column of a sheet in the reader's language."""
    label = column.field.label(language.current())
    shown_unit = values.unit_name(column.unit) if column.unit else ""
    if column.field.kind == "percent" and ("%" in label or "％" in label):
        shown_unit = ""  # its name says so
    return Column(column, label, shown_unit, options_of(sheet, column))


def options_of(sheet: ReturnSheet, column: ReturnColumn) -> tuple[tuple[str, str], ...]:
    """Return codes and names of a column's choices."""
    if column.field.kind == "bool":
        return (("1", _("yes")), ("0", _("no")))
    if column.field.kind != "choice":
        return ()
    return tuple((code, choice_name(sheet, column, code)) for code in column.field.choices)


def choice_name(sheet: ReturnSheet, column: ReturnColumn, code: str) -> str:
    """Return the name of a choice in the reader's language."""
    if language.current() == "zh":
        return column.field.choices.get(code, code)
    into = column.into
    keys = [f"desk-choice-return-{sheet.code}-{column.name}-{code}"]
    keys += [f"desk-choice-{into.table}-{into.field}-{code}"] if into else []
    for key in keys:
        if key in all_texts():
            return all_texts()[key]["en"]
    return code.replace("_", " ").capitalize()


def title_columns(sheet: ReturnSheet) -> tuple[str, ...]:
    """Return the columns that say what a row is of: its name if it has one, then its key."""
    given = [column.name for column in sheet.columns if column.given]
    if sheet.rows != "open":
        return tuple(name for name in ("name", sheet.key) if name in given)
    return (sheet.key,) if sheet.key else ()


def title_of(sheet: ReturnSheet, row: SheetRow) -> tuple[str, str]:
    """Return what a reader calls a row, and its code beside it; empty if the title is the code."""
    texts = [told(sheet, sheet.column(name), row.values) for name in title_columns(sheet)]
    found = [text for text in texts if text]
    if not found:
        return ("" if row.key.startswith("+") else row.key), ""
    return found[0], next((text for text in found[1:] if text != found[0]), "")


def told(sheet: ReturnSheet, column: ReturnColumn, given: Mapping[str, object]) -> str:
    """Return the value of a row's field as a reader is told it: with separators, choices by name.

    Parameters
    ----------
    given
        The row's values (`SheetRow.values`).
    """
    value, kind = given.get(column.name), column.field.kind
    if value in (None, ""):
        return ""
    if kind == "choice":
        return choice_name(sheet, column, str(value))
    if kind == "bool":
        return _("yes") if value else _("no")
    if kind == "unit":
        return values.unit_name(str(value)) or str(value)
    text = typed(column, value)
    if kind not in NUMERIC:
        return text
    if column.given and kind in MEASURES:
        text = f"{Decimal(text):.{_MEASURED}f}"  # nobody wrote what was measured or summed
    return _SIGNS.get(str(given.get(f"{column.name}_bound") or ""), "") + grouped(text)


def typed(column: ReturnColumn, value: object) -> str:
    """Return a value as an input holds it: digits in the column's unit, the code of a choice."""
    return shown(column, value)


def grouped(text: str) -> str:
    """Return digits with separators; any other text as it stands.

    Examples
    --------
    >>> grouped("-12345.5"), grouped("about 3")
    ('−12,345.5', 'about 3')
    """
    try:
        return numbers.number(Decimal(text))
    except ArithmeticError:
        return text
