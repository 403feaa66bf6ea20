"""Cut a sheet that holds several tables below one another into one grid a table.

A row of known captions further down opens a new table, unless it repeats the captions above it in
the same columns, as printed pages do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from zonewright.intake.aliases import known_captions
from zonewright.intake.captions import Caption
from zonewright.intake.context import units_of
from zonewright.intake.grids import Cell, Grid
from zonewright.intake.wording import key_of

_MIN_CAPTIONS = 3
_KNOWN_SHARE = 0.6
_TITLE_ROWS = 6


@dataclass(frozen=True, slots=True)
class Section:
    """A table of a sheet.

    Parameters
    ----------
    grid
        The sheet with the rows of its other tables left blank, so that rows keep their numbers.
    start
        Its first row.
    head
        The first row of known captions; None if there is none.
    """

    grid: Grid
    start: int = 0
    head: int | None = None


def sections_of(grid: Grid) -> list[Section]:
    """Return the tables of a sheet, from the top; a sheet of one table as it is."""
    heads = [index for index, row in enumerate(grid.rows) if _is_head(row)]
    opened: list[int] = []
    last = bottom = -1  # of the captions met last, and of those of the open table
    for index in heads:
        if not opened:
            opened, bottom = [index], index
        elif not _is_apart(grid, last, index):
            bottom = index if bottom == last else bottom
        elif _other_unit(grid, opened[-1], index) or not _repeats(grid, opened[-1], bottom, index):
            opened.append(index)
            bottom = index
        last = index
    if len(opened) < 2:
        return [Section(grid, head=opened[0] if opened else None)]
    starts = [0, *(_with_title(grid, index) for index in opened[1:])]
    ends = [*starts[1:], len(grid.rows)]
    return [
        Section(_part(grid, start, end), start, head)
        for start, end, head in zip(starts, ends, opened, strict=True)
    ]


def _is_head(row: Sequence[Cell]) -> bool:
    texts = [cell for cell in row if cell is not None]
    if len(texts) < _MIN_CAPTIONS or not all(isinstance(cell, str) for cell in texts):
        return False
    known = sum(_is_known(str(cell)) for cell in texts)
    return known >= _KNOWN_SHARE * len(texts)


@lru_cache(maxsize=20_000)
def _is_known(text: str) -> bool:
    if len(text) > 40:
        return False
    return any(variant.key in known_captions() for variant in Caption((text,)).variants())


def _is_apart(grid: Grid, upper: int, lower: int) -> bool:
    """Return whether records stand between two caption rows, and no caption spans both."""
    if any(top <= upper and lower <= bottom for top, _, bottom, _ in grid.merges):
        return False
    return any(
        sum(cell is not None for cell in grid.rows[index]) > 1 for index in range(upper + 1, lower)
    )


def _repeats(grid: Grid, first: int, bottom: int, index: int) -> bool:
    """Return whether a caption row says again what the captions of the open table say."""
    above = [
        {key_of(cell) for cell in cells if isinstance(cell, str)}
        for cells in zip(*grid.rows[first : bottom + 1], strict=True)
    ]
    row = grid.rows[index]
    same = sum(isinstance(cell, str) and key_of(cell) in above[at] for at, cell in enumerate(row))
    return same >= _KNOWN_SHARE * sum(cell is not None for cell in row)


def _other_unit(grid: Grid, first: int, index: int) -> bool:
    """Return whether a 单位 line above a caption row names other units than the open table's."""
    own = _units_above(grid, index)
    return bool(own) and own != _units_above(grid, first)


def _units_above(grid: Grid, index: int) -> dict[str, str]:
    rows = grid.rows[_with_title(grid, index) : index]
    return units_of(tuple(cell for row in rows for cell in row if isinstance(cell, str)))


def _with_title(grid: Grid, index: int) -> int:
    """Return the first of the title rows above a caption row: blank, or of one text."""
    start = index
    while start > 0 and index - start < _TITLE_ROWS:
        cells = [cell for cell in grid.rows[start - 1] if cell is not None]
        if len(cells) > 1 or (cells and not isinstance(cells[0], str)):
            break
        start -= 1
    return start


def _part(grid: Grid, start: int, end: int) -> Grid:
    blank: list[Cell] = [None] * grid.width
    rows = [row if start <= index < end else blank for index, row in enumerate(grid.rows[:end])]
    return replace(
        grid,
        rows=rows,
        merges=tuple(merge for merge in grid.merges if start <= merge[0] < end),
        percents=None
        if grid.percents is None
        else frozenset(cell for cell in grid.percents if start <= cell[0] < end),
        faults={cell: text for cell, text in grid.faults.items() if start <= cell[0] < end},
    )
