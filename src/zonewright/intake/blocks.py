"""A table's captions and cells by column, cut out of a sheet or a layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from zonewright.intake.captions import Caption
from zonewright.intake.context import Context
from zonewright.intake.grids import Cell, Position


@dataclass(frozen=True, slots=True)
class TotalRow:
    """A subtotal or total: its row number, its label, its cells, and the rows that it covers."""

    number: int
    label: str
    cells: Sequence[Cell]
    covers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """The cells of one table.

    Parameters
    ----------
    file, sheet
        Where it stands.
    captions, labels
        Caption and letter (or name) of each column.
    columns
        Cells of each column, from the first record to the last.
    numbers
        Row number, or feature id, of each record.
    context
        What stands around it.
    header_row
        Row number of the last caption row; None for a layer.
    percents
        Positions (record, column) formatted as a percentage; None if unknown.
    faults
        Positions that hold an Excel error or an uncomputed formula.
    totals
        Rows that sum others.
    truncated
        Whether captions may have been cut to 10 bytes.
    exchange
        Whether it is a layer that Zonewright exported; what it lacked then it may lack now.
    geometries
        WKB of each record, for a layer; None for a sheet.
    """

    file: str
    sheet: str
    captions: Sequence[Caption]
    labels: Sequence[str]
    columns: Sequence[Sequence[Cell]]
    numbers: Sequence[int]
    context: Context
    header_row: int | None = None
    percents: frozenset[Position] | None = None
    faults: Mapping[Position, str] = field(default_factory=dict)
    totals: tuple[TotalRow, ...] = ()
    truncated: bool = False
    exchange: bool = False
    geometries: Sequence[bytes | None] | None = None
