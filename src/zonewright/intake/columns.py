"""Read one column of a block into values, noting every cell that cannot be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from zonewright.core import units
from zonewright.core.schema import Field, table
from zonewright.intake.blocks import Block
from zonewright.intake.faults import CellError
from zonewright.intake.grids import Cell
from zonewright.intake.numbers import decimal_of, read_number
from zonewright.intake.problems import Problems, Spot
from zonewright.intake.roles import Role
from zonewright.intake.values import DIMENSIONS, Column, Reading, reader_of, says_nothing

NOTHING = Reading(None)


@dataclass(frozen=True, slots=True)
class ColumnRead:
    """A column as read: one reading a record (None where the cell is at fault), and its unit."""

    role: Role
    field: Field
    unit: str
    readings: Sequence[Reading | None]
    column: Column


def read_column(block: Block, role: Role, problems: Problems) -> ColumnRead | None:
    """Return the values of a column, or None if it cannot be used at all.

    Every fault becomes a finding with row and column. A quantity without any unit is one finding
    for the column, at its caption.
    """
    spec = table(role.table)[role.field]
    unit = unit_of(block, role, spec)
    caption = block.captions[role.column].text
    where = Spot(
        table=role.table,
        field=role.field,
        sheet=block.sheet,
        column=block.labels[role.column],
    )
    wanted = DIMENSIONS.get(spec.kind)
    if wanted and unit:
        given = units.unit(unit).dimension
        if given != wanted and (wanted, given) != ("cny", "usd"):
            problems.add(
                "intake-column-unit-wrong",
                "error",
                replace(where, row=block.header_row),
                caption=caption,
                unit=unit,
                wanted=spec.unit,
            )
            return None
    cells = block.columns[role.column]
    fraction = spec.kind == "percent" and _are_fractions(block, role, cells)
    column = Column(role.table, spec, unit, block.context, fraction)
    if fraction:
        problems.add(
            "intake-percent-fraction",
            "warning",
            replace(where, row=block.header_row),
            caption=caption,
        )
    elif spec.kind == "percent" and (small := _small_among_large(block, role, cells)):
        problems.add(
            "intake-percent-mixed",
            "warning",
            replace(where, row=small[0]),
            caption=caption,
            count=len(small),
        )
    read = reader_of(column)
    readings: list[Reading | None] = []
    without_unit: list[int] = []
    for position, cell in enumerate(cells):
        fault = block.faults.get((position, role.column)) if block.faults else None
        if fault is None and (cell is None or says_nothing(cell, spec.kind)):
            readings.append(NOTHING)
            continue
        number = block.numbers[position]
        if fault is not None:
            code = "intake-formula-unread" if fault == "=" else "intake-excel-error"
            problems.add(code, "error", replace(where, row=number), text=fault)
            readings.append(None)
            continue
        try:
            reading = read(as_percent(block, position, role.column, cell))
        except CellError as found:
            readings.append(None)
            if found.code == "intake-unit-missing-cell":
                without_unit.append(number)
                continue
            problems.add(
                found.code, "error", replace(where, row=number), caption=caption, **found.params
            )
            continue
        if reading.warning:
            problems.add(
                reading.warning,
                "warning",
                replace(where, row=number),
                text=str(cell),
                caption=caption,
            )
        readings.append(reading)
    if without_unit:
        problems.add(
            "intake-unit-missing",
            "error",
            replace(where, row=block.header_row or without_unit[0]),
            caption=caption,
            count=len(without_unit),
            first=without_unit[0],
        )
    return ColumnRead(role, spec, unit, readings, column)


def unit_of(block: Block, role: Role, spec: Field) -> str:
    """Return the unit of a column's bare numbers.

    The caption's own; else, for a column named as the field itself, the field's; else that of the
    单位 line. Empty if there is none.
    """
    if role.unit:
        return role.unit
    dimension = DIMENSIONS.get(spec.kind)
    if dimension is None:
        return ""
    if _is_own_name(block, role):
        return spec.unit
    return block.context.units.get(dimension, "")


def _is_own_name(block: Block, role: Role) -> bool:
    """Return whether a column is named as the field itself, as in files that we write."""
    caption = block.captions[role.column].parts[-1].strip()
    return caption == role.field or (block.truncated and caption == role.field[:10])


def as_percent(block: Block, position: int, column: int, cell: Cell) -> Cell:
    """Return a cell that is formatted as a percentage as a reader sees it, with its sign."""
    if block.percents and (position, column) in block.percents and _is_bare(cell):
        return f"{decimal_of(float(cell) * 100)}%"  # type: ignore[arg-type]
    return cell


def _is_bare(cell: Cell) -> bool:
    return isinstance(cell, (int, float)) and not isinstance(cell, bool)


def _are_fractions(block: Block, role: Role, cells: Sequence[Cell]) -> bool:
    """Return whether a percent column holds shares of 1, where formats are not known."""
    if _is_own_name(block, role):
        return False
    if block.percents is not None and any(key[1] == role.column for key in block.percents):
        return False
    bare = [value for _, value in _bare_numbers(block, role, cells)]
    return len(bare) > 1 and max(bare) <= 1 and any(0 < value < 1 for value in bare)


def _bare_numbers(block: Block, role: Role, cells: Sequence[Cell]) -> list[tuple[int, Decimal]]:
    """Return row number and value of the cells that are numbers without a percent sign."""
    found = []
    for position, cell in enumerate(cells):
        try:
            number = read_number(as_percent(block, position, role.column, cell))
        except CellError:
            continue
        if not number.unit:
            found.append((block.numbers[position], number.value))
    return found


def _small_among_large(block: Block, role: Role, cells: Sequence[Cell]) -> list[int]:
    """Return the rows that seem to give shares of 1 (0.5) where others give percent (60)."""
    bare = _bare_numbers(block, role, cells)
    if not any(value > 1 for _, value in bare):
        return []
    return [row for row, value in bare if 0 < value < 1 and value.as_tuple().exponent in (-1, -2)]
