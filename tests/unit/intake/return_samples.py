"""Rows of every kind of return, as a zone might report them, and workbooks filled in with them."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

import openpyxl
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from zonewright.core.periods import Period
from zonewright.intake.return_book import blank
from zonewright.intake.return_cells import shown
from zonewright.intake.return_layout import FIRST_ROW, KEYS_ROW
from zonewright.intake.return_read import ReturnRead, read_return
from zonewright.steering.returns.kinds import ReturnColumn, ReturnKind, ReturnSheet, kinds
from zonewright.steering.returns.rows import RowsOf, SheetRow

ZONE, NAME, PERIOD = "TS", "台山工业新城", "2023-10"


def value_for(column: ReturnColumn, number: int) -> dict[str, object]:
    """Return a value that suits a column, with the unit beside it."""
    name, entry = column.name, column.field
    match entry.kind:
        case "code":
            return {name: f"C-{number:03d}"}
        case "text":
            return {name: f"{entry.zh}{number}"}
        case "choice":
            return {name: list(entry.choices)[number % len(entry.choices)]}
        case "bool":
            return {name: number % 2 == 0}
        case "date":
            return {name: date(2023, 1 + number % 10, 1 + number % 28)}
        case "area":
            # Exact in 亩: what offices write.
            return {name: float(Decimal(2000 * (3 * number + 3)) / 3), f"{name}_unit": column.unit}
        case "money" | "energy":
            return {name: Decimal(1_234_500 * (number + 1)), f"{name}_unit": column.unit}
        case "percent":
            return {name: Decimal("86.24") - number % 50}
        case "number":
            return {name: Decimal("12.5") * (number + 1)}
        case "unit":
            return {name: "%"}
        case "month" | "period":
            return {name: Period.parse(PERIOD)}
        case "year":
            return {name: 2023}
    raise NotImplementedError(entry.kind)


def keys_of(sheet: ReturnSheet, count: int) -> list[str]:
    if sheet.rows == "open":
        return [f"+{number}" for number in range(1, count + 1)]
    if sheet.rows == "indicators":
        return list(sheet.indicators)
    if not sheet.table:
        return list(sheet.column(sheet.key).field.choices)
    return [f"C-{number:03d}" for number in range(1, count + 1)]


def rows_of(sheet: ReturnSheet, count: int = 4, *, given_only: bool = False) -> list[SheetRow]:
    rows = []
    for number, key in enumerate(keys_of(sheet, count), 1):
        values: dict[str, object] = {}
        for column in sheet.columns:
            if not given_only or column.given:
                values.update(value_for(column, number))
        if sheet.rows != "open":
            values[sheet.key] = key
        rows.append(SheetRow(0, key, values))
    return rows


def given(kind: ReturnKind, count: int = 4) -> dict[str, list[SheetRow]]:
    """Return what the workspace fills in: nothing for free rows."""
    return {
        sheet.code: [] if sheet.rows == "open" else rows_of(sheet, count, given_only=True)
        for sheet in kind.sheets
    }


def whole(kind: ReturnKind, count: int = 4) -> dict[str, list[SheetRow]]:
    """Return what a reporter says."""
    return {sheet.code: rows_of(sheet, count) for sheet in kind.sheets}


def blank_of(
    kind: ReturnKind,
    prefilled: RowsOf | None = None,
    *,
    lang: str = "zh",
    last: RowsOf | None = None,
) -> bytes:
    return blank(
        kind,
        zone=ZONE,
        zone_name=NAME,
        period=PERIOD,
        prefilled=given(kind) if prefilled is None else prefilled,
        last=last or {},
        lang=lang,
    )


def opened(data: bytes) -> Workbook:
    return openpyxl.load_workbook(io.BytesIO(data))


def saved(book: Workbook) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def tab(book: Workbook, sheet: ReturnSheet) -> Worksheet:
    found = book[sheet.zh] if sheet.zh in book.sheetnames else book[sheet.en]
    assert isinstance(found, Worksheet)
    return found


def column_of(made: Worksheet, name: str) -> int:
    """Return the number of a field's column."""
    for cell in made[KEYS_ROW]:
        if cell.value == name:
            return int(cell.column)
    raise KeyError(name)


def fill(book: Workbook, kind: ReturnKind, rows: Mapping[str, Sequence[SheetRow]]) -> None:
    """Type the values that a reporter fills in into a blank, as they would."""
    for sheet in kind.sheets:
        made = tab(book, sheet)
        for number, row in enumerate(rows[sheet.code], FIRST_ROW):
            for column in sheet.columns:
                if not column.given:
                    cell = made.cell(number, column_of(made, column.name))
                    cell.value = shown(column, row.values)


def filled(kind: ReturnKind, count: int = 4) -> bytes:
    book = opened(blank_of(kind, given(kind, count)))
    fill(book, kind, whole(kind, count))
    return saved(book)


def read(data: bytes, name: str = "报表.xlsx") -> ReturnRead:
    return read_return(name, data, kinds())


def told(result: ReturnRead) -> list[tuple[str, str, str]]:
    """Return severity, code and cell of each finding."""
    return [(f.severity, f.code, f"{f.place.column}{f.place.row or ''}") for f in result.findings]


def values(result: ReturnRead, sheet: str) -> dict[str, dict[str, object]]:
    """Return the values of a sheet's rows by key, without empty ones."""
    return {
        row.key: {name: value for name, value in row.values.items() if value is not None}
        for row in result.rows[sheet]
    }
