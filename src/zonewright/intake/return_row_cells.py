"""Read the cells of a return's rows: as they stand, or as they were filled in beforehand.

What was filled in beforehand and may not be changed is taken as it was, and a change of it is told.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime

from zonewright.core.findings import Severity
from zonewright.intake.context import Context
from zonewright.intake.faults import CellError
from zonewright.intake.grids import Cell, Grid, letter_of
from zonewright.intake.numbers import decimal_of
from zonewright.intake.problems import Problems, Spot
from zonewright.intake.return_cells import CellReader, shown
from zonewright.intake.return_columns import Found
from zonewright.intake.return_layout import narrowed
from zonewright.intake.return_sheets import clean
from zonewright.intake.return_words import named
from zonewright.steering.returns.kinds import ReturnColumn, ReturnSheet
from zonewright.steering.returns.rows import value_of

_UNIT = "unit"
_MERGES, _MERGED_ROWS = 2_000, 2_000
Plain = Mapping[str, Mapping[str, object]]
"""Key of a row to its plain values."""


class RowCells:
    """Reads the cells of a sheet's rows.

    Parameters
    ----------
    grid, sheet, found
        The cells, what they should hold, and where its columns stand.
    given
        Key of a row to the plain values that stood in it when it was made.
    context
        Year and month of the return.
    lang
        Language in which the workbook was made.
    problems
        Takes what is wrong.
    """

    def __init__(
        self,
        grid: Grid,
        sheet: ReturnSheet,
        found: Found,
        *,
        given: Plain,
        context: Context,
        lang: str,
        problems: Problems,
    ) -> None:
        self.grid, self.sheet, self.found = grid, sheet, found
        self.given, self.lang, self.problems = given, lang, problems
        self.columns = [column for column in sheet.columns if column.name in found.columns]
        self.absent = [column for column in sheet.columns if column.name not in found.columns]
        # A number stands in the unit that its row names.
        self.columns.sort(key=lambda column: column.name != _UNIT)
        self.readers = {column.name: CellReader(column, context) for column in self.columns}
        self.own = [found.columns[column.name] for column in self.columns]
        self.merged = _covered(grid, found.bottom, self.own)

    def key(self, index: int) -> tuple[str, str]:
        """Return the key that a row shows (empty if it cannot be read), and its cell's text."""
        at = self.found.columns.get(self.sheet.key)
        cell = None if at is None else self.grid.rows[index][at]
        if cell is None:
            return "", ""
        text = narrowed(cell).strip()
        try:
            value = self.readers[self.sheet.key].read(cell).values[self.sheet.key]
        except CellError:
            return "", text
        return ("" if value is None else str(value)), text

    def filled(self, index: int) -> list[int]:
        """Return the columns of the return that a row fills, in the order of the return."""
        row = self.grid.rows[index]
        return [at for at in self.own if row[at] is not None or (index, at) in self.grid.faults]

    def values(self, index: int, key: str) -> dict[str, object]:
        """Return the values of a row (from 0) that is of a key."""
        before = self.given.get(key)
        kept = self._typed(before) if before is not None else {}
        values: dict[str, object] = {}
        beside = ""
        for column in self.columns:
            read = self._cell(index, key, column, kept if before is not None else None, beside)
            if column.name == _UNIT:
                beside = str(read.get(_UNIT) or "")
            values.update(read)
        for column in self.absent:
            if column.given and column.name in kept:
                values.update(_beside(column, kept))
        return values

    def _typed(self, plain: Mapping[str, object]) -> dict[str, object]:
        fields = {column.name: column.field for column in self.sheet.columns}
        return {
            name: value_of(fields[name], value) if name in fields else value
            for name, value in plain.items()
        }

    def _cell(
        self,
        index: int,
        key: str,
        column: ReturnColumn,
        kept: Mapping[str, object] | None,
        beside: str,
    ) -> dict[str, object]:
        """Return what a cell says; nothing where it cannot be read."""
        at = self.found.columns[column.name]
        cell = self.grid.rows[index][at]
        top = self.merged.get((index, at))
        fault = self.grid.faults.get((index, at))
        if kept is not None and fault is None and _same(cell, shown(column, kept, self.lang)):
            if top is not None and not column.given and cell is None:
                self.note("return-book-merged", "error", index, at, key, column, top=top)
            return _beside(column, kept) or {column.name: None}
        if kept is not None and column.given:
            if column.name != self.sheet.key:
                was = shown(column, kept, self.lang)
                now = fault or ("" if cell is None else cell)
                self.note(
                    "return-book-given-changed", "warning", index, at, key, column,
                    **named(column.field), was="" if was is None else was, now=now,
                )  # fmt: skip
            return _beside(column, kept) or {column.name: None}
        if top is not None:
            self.note("return-book-merged", "error", index, at, key, column, top=top)
        if fault is not None:
            code = "intake-formula-unread" if fault == "=" else "intake-excel-error"
            self.note(code, "error", index, at, key, column, text=fault)
            return {}
        try:
            unit = beside or self.sheet.row_unit(column, key)
            read = self.readers[column.name].read(self._as_shown(index, at), beside=unit)
        except CellError as found:
            params = {**named(column.field), **found.params}
            self.note(found.code, "error", index, at, key, column, **params)
            return {}
        if read.note:
            params = {**named(column.field), **read.note.params}
            self.note(read.note.code, read.note.severity, index, at, key, column, **params)
        return dict(read.values)

    def _as_shown(self, index: int, at: int) -> Cell:
        """Return a cell; one that is formatted as a percentage with its sign."""
        cell, percents = self.grid.rows[index][at], self.grid.percents
        bare = isinstance(cell, (int, float)) and not isinstance(cell, bool)
        if percents and bare and (index, at) in percents:
            return f"{decimal_of(float(cell) * 100)}%"  # type: ignore[arg-type]
        return cell

    def note(
        self,
        code: str,
        severity: Severity,
        index: int | None,
        at: int | None,
        key: str,
        column: ReturnColumn | None,
        /,
        **params: object,
    ) -> None:
        """Note a fault at a cell, a row or the sheet (rows and columns from 0)."""
        spot = Spot(
            table=self.sheet.table,
            field=column.name if column else "",
            sheet=self.grid.name,
            row=None if index is None else index + 1,
            column="" if at is None else letter_of(at),
            ids=(key,) if key else (),
        )
        self.problems.add(code, severity, spot, **params)


def _beside(column: ReturnColumn, values: Mapping[str, object]) -> dict[str, object]:
    """Return the value of a column with its unit, bound and precision."""
    names = (column.name, *(f"{column.name}_{end}" for end in ("unit", "bound", "precision")))
    return {name: values[name] for name in names if values.get(name) is not None}


def _same(cell: Cell, written: object) -> bool:
    """Return whether a cell still holds what was written into it."""
    if cell is None or written is None:
        return cell is written
    if isinstance(cell, str) or isinstance(written, str):
        # A code of digits may come back as a number.
        return narrowed(cell).strip() == clean(str(written)).strip()
    if isinstance(written, date):
        return (cell.date() if isinstance(cell, datetime) else cell) == written
    if isinstance(cell, (int, float)) and isinstance(written, (int, float)):
        return decimal_of(float(cell)) == decimal_of(float(written))
    return cell == written


def _covered(grid: Grid, bottom: int, columns: Collection[int]) -> dict[tuple[int, int], str]:
    """Return the cells of some columns that a merged cell covers: position to its first.

    A merged cell is looked at down to `_MERGED_ROWS` rows: a hostile one covers a million.
    """
    found: dict[tuple[int, int], str] = {}
    for top, left, lower, right in grid.merges[:_MERGES]:
        begin = max(top, bottom + 1)
        end = min(lower, len(grid.rows) - 1, begin + _MERGED_ROWS)
        for column in columns:
            if left <= column <= right:
                for row in range(begin, end + 1):
                    if (row, column) != (top, left):
                        found[row, column] = f"{letter_of(left)}{top + 1}"
    return found
