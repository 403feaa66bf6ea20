"""Compare the totals of a sheet with the sums of the rows that they cover."""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum, sqrt

from zonewright.intake.blocks import Block, TotalRow
from zonewright.intake.columns import ColumnRead
from zonewright.intake.faults import CellError
from zonewright.intake.numbers import read_number
from zonewright.intake.problems import Problems, Spot
from zonewright.intake.values import DIMENSIONS, reader_of
from zonewright.intake.wording import is_empty

_SUMMED = (*DIMENSIONS, "number")
_NOT_SUMMED = frozenset({"balance"})


def check_totals(block: Block, reads: Sequence[ColumnRead], problems: Problems) -> None:
    """Note every total that differs from its rows by more than rounding explains."""
    summed = [
        read for read in reads if read.field.kind in _SUMMED and read.field.name not in _NOT_SUMMED
    ]
    for total in block.totals:
        if not total.covers:
            continue
        for read in summed:
            _check(block, total, read, problems)


def _check(block: Block, total: TotalRow, read: ColumnRead, problems: Problems) -> None:
    column = read.role.column
    cell = total.cells[column] if column < len(total.cells) else None
    if cell is None or is_empty(cell):
        return
    readings = [read.readings[position] for position in total.covers]
    if any(reading is None for reading in readings):
        return
    try:
        stated = reader_of(read.column)(cell)
    except CellError:
        return
    values = [
        float(str(reading.value))
        for reading in readings
        if reading is not None and reading.value is not None
    ]
    given = float(str(stated.value))
    found = fsum(values)
    size = _size(cell, given)
    slack = shown_step(cell) * size / 2 + abs(given) * 1e-9
    if not values or abs(found - given) <= slack:
        return
    step = max(_step(block.columns[column][position], read, position) for position in total.covers)
    if abs(found - given) <= slack + step * (sqrt(len(values)) + 1) / 2:
        return
    unit = stated.extras.get(f"{read.field.name}_unit", "")
    problems.add(
        "intake-total-differs",
        "warning",
        Spot(
            table=read.role.table,
            field=read.field.name,
            sheet=block.sheet,
            row=total.number,
            column=block.labels[column],
        ),
        label=total.label,
        stated=f"{given / size:,.10g}{unit}",
        found=f"{found / size:,.10g}{unit}",
        rows=len(values),
    )


def _size(cell: object, value: float) -> float:
    """Return how large one unit of the cell is in the field's unit."""
    written = float(read_number(cell).value)
    return value / written if written and value else 1.0


def shown_step(cell: object) -> float:
    """Return the step of the last decimal that a cell shows, in the cell's unit."""
    exponent = read_number(cell).value.normalize().as_tuple().exponent
    return 10.0 ** min(exponent, 0) if isinstance(exponent, int) else 0.0


def _step(cell: object, read: ColumnRead, position: int) -> float:
    """Return the step to which a cell was rounded, in the field's unit; 0 if it was not."""
    reading = read.readings[position]
    if reading is None or reading.value is None:
        return 0.0
    step = shown_step(cell)
    return step * _size(cell, float(str(reading.value))) if step > 1e-7 else 0.0
