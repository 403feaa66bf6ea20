"""Compare the totals of a return's sheet with the sums of its rows.

A total is never read as a row. One that states another sum than its rows give is told, whatever
rows it may cover: all of them, those above it, or those since the total before it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from zonewright.core.units import factor
from zonewright.intake.faults import CellError
from zonewright.intake.grids import letter_of
from zonewright.intake.problems import Problems, Spot
from zonewright.intake.return_row_cells import RowCells
from zonewright.intake.totals import shown_step
from zonewright.steering.returns.kinds import ReturnColumn, ReturnSheet
from zonewright.steering.returns.rows import SheetRow
from zonewright.steering.returns.showing import MEASURES, number_of


@dataclass(frozen=True, slots=True)
class Total:
    """A row of a sheet that is a total: its position in the grid (from 0), and what it says."""

    index: int
    label: str


def check_totals(
    cells: RowCells, totals: Sequence[Total], rows: Sequence[SheetRow], problems: Problems
) -> None:
    """Note every total that states another sum than its rows give.

    Parameters
    ----------
    cells
        Reads the cells of the sheet.
    totals
        The totals, from top to bottom.
    rows
        The rows that were read.
    problems
        Takes what is wrong.
    """
    marks = [total.index + 1 for total in totals]
    for column in _summed(cells.sheet, cells.columns):
        parts = {row.row: number_of(row.values.get(column.name)) for row in rows}
        known = {at: part for at, part in parts.items() if part is not None}
        for total in totals:
            stated = _stated(cells, column, total)
            if stated is None or not known:
                continue
            number, slack = stated
            sums = [*_sums(known, total.index + 1, marks)]
            if any(abs(number - done) <= slack for done, _ in sums):
                continue
            of_part = "小计" in total.label and sums[2][1] > 0
            done, count = sums[2 if of_part else 0]
            at = cells.found.columns[column.name]
            problems.add(
                "intake-total-differs", "warning",
                Spot(cells.sheet.table, column.name, cells.grid.name, total.index + 1,
                     letter_of(at)),
                label=total.label, stated=_text(column, number), found=_text(column, done),
                rows=count,
            )  # fmt: skip


def _summed(sheet: ReturnSheet, columns: Sequence[ReturnColumn]) -> Iterator[ReturnColumn]:
    """Yield the columns whose rows add up: amounts, and numbers that are alike in each row."""
    alike = sheet.rows == "open" or (sheet.rows == "records" and sheet.table)
    for column in columns:
        if column.field.kind in MEASURES or (alike and column.field.kind == "number"):
            yield column


def _stated(
    cells: RowCells, column: ReturnColumn, total: Total
) -> tuple[Fraction, Fraction] | None:
    """Return what a total states, and how far off its own rounding may put it [base unit]."""
    at = cells.found.columns[column.name]
    cell = cells.grid.rows[total.index][at]
    if cell is None or (total.index, at) in cells.grid.faults:
        return None
    try:
        number = number_of(cells.readers[column.name].read(cell).values[column.name])
        step = Fraction(repr(shown_step(cell)))
    except CellError:
        return None
    if number is None:
        return None
    return number, step / 2 * _size(column) + abs(number) / 10**9


def _sums(
    parts: Mapping[int, Fraction], row: int, marks: Sequence[int]
) -> Iterator[tuple[Fraction, int]]:
    """Yield the sums that a total of a row may state, each with its number of rows."""
    before = max((mark for mark in marks if mark < row), default=0)
    after = min((mark for mark in marks if mark > row), default=max(parts) + 1)
    spans = ((0, max(parts) + 1), (0, row), (before, row), (row, after))
    for low, high in spans:
        inside = [part for at, part in parts.items() if low < at < high]
        yield sum(inside, Fraction(0)), len(inside)


def _size(column: ReturnColumn) -> Fraction:
    """Return how large one of the column's unit is in the field's unit."""
    if column.field.kind in MEASURES and column.unit:
        return factor(column.unit, column.field.unit)
    return Fraction(1)


def _text(column: ReturnColumn, number: Fraction) -> str:
    return f"{float(number / _size(column)):,.10g}{column.unit}"
