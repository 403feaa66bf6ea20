"""Find the caption rows of a sheet, wherever it starts and however many rows they take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from zonewright.core.schema import table
from zonewright.intake.captions import Caption
from zonewright.intake.context import Context, read_context
from zonewright.intake.grids import Cell, Grid
from zonewright.intake.layouts import Layout, layouts_of
from zonewright.intake.wide import is_wide

SEARCH_ROWS = 20
MAX_DEPTH = 4
_MIN_COLUMNS = 2


@dataclass(frozen=True, slots=True)
class Header:
    """Where the captions of a sheet stand, and how its columns may be read, best first."""

    top: int
    bottom: int
    captions: tuple[Caption, ...]
    context: Context
    layouts: tuple[Layout, ...]


def find_header(
    grid: Grid,
    *,
    stem: str,
    start: int = 0,
    highest: int | None = None,
    above: Sequence[str] = (),
) -> Header | None:
    """Return the best caption block among the first rows, or None if nothing looks like one.

    Parameters
    ----------
    grid, stem
        The sheet, and the name of its file.
    start
        First row of the table, where others stand above it.
    highest
        Row of which the captions are known: they begin there or above it. None if there is none.
    above
        Titles of the sheet that stand above those others.
    """
    filled = _with_merges(grid, start)
    best: Header | None = None
    end = min(start + SEARCH_ROWS, len(grid.rows))
    for top in range(start, end if highest is None else min(end, highest + 1)):
        if not _may_be_caption(grid.rows[top]):
            continue
        own = _texts(grid.rows[start:top])
        context = read_context(own, sheet=grid.name, stem=stem, inherited=above)
        for bottom in range(top, min(top + MAX_DEPTH, len(grid.rows))):
            if bottom > top and not _may_continue(grid.rows[bottom]):
                break
            if _cuts_merge(grid, top, bottom):
                continue
            captions = _captions(filled[top - start : bottom + 1 - start], context.year)
            if sum(bool(caption.parts) for caption in captions) < _MIN_COLUMNS:
                continue
            layouts = layouts_of(captions, context)
            if not layouts:
                continue
            found = Header(top, bottom, captions, context, tuple(layouts))
            if best is None or _better(found, best, grid):
                best = found
    return best


def _better(found: Header, best: Header, grid: Grid) -> bool:
    """Return whether a block is better: more columns known, else sub-captions, else a better fit.

    A row below the captions that leaves the key's column empty holds sub-captions, no record.
    """
    new, old = _used(found.layouts[0]), _used(best.layouts[0])
    if new != old:
        return new > old
    if found.top == best.top and found.bottom > best.bottom:
        key = key_column(found.layouts[0])
        return key is not None and grid.rows[found.bottom][key] is None
    return found.layouts[0].score > best.layouts[0].score + 1e-9


def _used(layout: Layout) -> int:
    return len({role.column for role in layout.roles})


def _cuts_merge(grid: Grid, top: int, bottom: int) -> bool:
    """Return whether a merged cell stands partly in a block of rows and partly outside."""
    return any(
        (first <= bottom < last) or (first < top <= last) for first, _, last, _ in grid.merges
    )


def key_column(layout: Layout) -> int | None:
    """Return the position of the column that identifies a record, or None.

    A wide ledger without numbers is known by its documents.
    """
    documents = ("document",) if is_wide(layout.main, layout.roles) else ()
    return next(
        (
            role.column
            for name in (*table(layout.main).key, *documents)
            for role in layout.roles
            if role.table == layout.main and role.field == name
        ),
        None,
    )


def _may_be_caption(row: Sequence[Cell]) -> bool:
    filled = [cell for cell in row if cell is not None]
    return bool(filled) and all(isinstance(cell, str) for cell in filled)


def _may_continue(row: Sequence[Cell]) -> bool:
    return all(cell is None or isinstance(cell, str) for cell in row)


def _texts(rows: Sequence[Sequence[Cell]]) -> list[str]:
    return [cell for row in rows for cell in row if isinstance(cell, str)]


def _with_merges(grid: Grid, start: int) -> list[list[Cell]]:
    """Return the first rows with merged captions written into every cell that they cover."""
    rows = [list(row) for row in grid.rows[start : start + SEARCH_ROWS + MAX_DEPTH]]
    for first, left, last, right in grid.merges:
        top, bottom = first - start, last - start
        if not 0 <= top < len(rows):
            continue
        value = rows[top][left] if left < len(rows[top]) else None
        for row in rows[top : bottom + 1]:
            for column in range(left, min(right + 1, len(row))):
                row[column] = value
    return rows


def _captions(rows: Sequence[Sequence[Cell]], year: int | None) -> tuple[Caption, ...]:
    filled = [list(row) for row in rows]
    for upper, lower in pairwise(filled):
        for column in range(1, len(upper)):
            left = column - 1
            if upper[column] is None and lower[column] is not None:
                own_group = lower[left] is not None and lower[left] != upper[left]
                if upper[left] is not None and own_group:
                    upper[column] = upper[left]
    found = []
    for column in range(len(filled[0])):
        parts: list[str] = []
        for row in filled:
            cell = row[column]
            text = cell.strip() if isinstance(cell, str) else ""
            if text and (not parts or parts[-1] != text):
                parts.append(text)
        found.append(Caption(tuple(parts), year))
    return tuple(found)
