"""Read one sheet: find its table, cut it out, read it, check its sums."""

from __future__ import annotations

from collections.abc import Sequence

from zonewright.core.schema import table
from zonewright.intake.assembly import assemble
from zonewright.intake.balances import check_balances
from zonewright.intake.blocks import Block
from zonewright.intake.context import find_notice
from zonewright.intake.drafts import Draft
from zonewright.intake.duplicates import drop_repeated
from zonewright.intake.grids import Cell, Grid, letter_of
from zonewright.intake.headers import Header, find_header, key_column
from zonewright.intake.layouts import Layout
from zonewright.intake.problems import Problems, Spot
from zonewright.intake.rows import Sorted, sort_rows
from zonewright.intake.sections import Section, sections_of
from zonewright.intake.totals import check_totals
from zonewright.intake.values import DIMENSIONS

_AMBIGUOUS_WITHIN = 0.05
_TABLE_COLUMNS = 3
_LISTED = 20
# Captions of columns that only count the rows.
ROW_NUMBERS = ("序号", "序", "行号", "No.", "#")


def read_sheet(grid: Grid, *, file: str, stem: str, problems: Problems) -> tuple[list[Draft], str]:
    """Return the tables of a sheet (none if it holds none) and its notice of synthetic data."""
    texts = [cell for row in grid.rows for cell in row if isinstance(cell, str)]
    if not texts:
        if any(cell is not None for row in grid.rows for cell in row):
            problems.add("intake-sheet-no-table", "info", Spot(sheet=grid.name))
        return [], ""
    _note_hidden(grid, problems)
    sections = sections_of(grid)
    titles = _titles(grid, sections)
    drafts: list[Draft] = []
    notices = []
    for section in sections:
        above = titles if section.start else ()
        found, notice = _read_table(section, above, file=file, stem=stem, problems=problems)
        _place_apart(found, drafts)
        drafts += found
        notices.append(notice)
    return drafts, next((notice for notice in notices if notice), "")


def _titles(grid: Grid, sections: Sequence[Section]) -> tuple[str, ...]:
    """Return the titles above all tables of a sheet that holds several."""
    if len(sections) < 2:
        return ()
    found = []
    for row in grid.rows:
        cells = [cell for cell in row if cell is not None]
        if len(cells) > 1:
            break
        found += [cell for cell in cells if isinstance(cell, str)]
    return tuple(found)


def _place_apart(drafts: Sequence[Draft], others: Sequence[Draft]) -> None:
    """Give each row its own columns where the sheet holds the same table twice."""
    for draft in drafts:
        if any(other.table == draft.table for other in others):
            draft.row_columns = {
                position: {**draft.columns, **draft.row_columns.get(position, {})}
                for position in range(len(draft.rows))
            }


def _read_table(
    section: Section,
    above: Sequence[str],
    *,
    file: str,
    stem: str,
    problems: Problems,
) -> tuple[list[Draft], str]:
    grid = section.grid
    header = find_header(grid, stem=stem, start=section.start, highest=section.head, above=above)
    if header is None or not _whole(header):
        lower = find_header(grid, stem=stem, start=section.start, above=above)
        header = lower if header is None or (lower and _whole(lower)) else header
    layout = _choose(header, grid, problems) if header else None
    if header is None or layout is None:
        if header is None:
            problems.add("intake-sheet-no-table", "info", Spot(sheet=grid.name))
        texts = [cell for row in grid.rows for cell in row if isinstance(cell, str)]
        return [], find_notice(texts)
    key = key_column(layout)
    found = sort_rows(grid.rows, header, key=key)
    notice = find_notice([*header.context.texts, *found.notes])
    block = _block(grid, header, layout, found, file, problems)
    _note_rows(grid, found, problems)
    if not block.numbers:
        problems.add("intake-sheet-empty", "warning", Spot(table=layout.main, sheet=grid.name))
        return [], notice
    note_columns(block, layout, problems)
    drafts, reads = assemble(block, layout, problems)
    check_totals(block, reads, problems)
    check_balances(block, reads, problems)
    for draft in drafts:
        drop_repeated(draft, shared=len(drafts) > 1 and draft is drafts[0])
    return drafts, notice


def _choose(header: Header, grid: Grid, problems: Problems) -> Layout | None:
    """Return the reading to use, or note why none can be."""
    best = header.layouts[0]
    caption_count = sum(bool(caption.parts) for caption in header.captions)
    whole = _whole(header)
    if not whole:
        return _incomplete(header, grid, best, caption_count, problems)
    best = whole[0]
    rivals = [
        layout
        for layout in whole[1:]
        if best.score - layout.score < _AMBIGUOUS_WITHIN
        and not set(layout.tables) & set(best.tables)
    ]
    if rivals:
        problems.add(
            "intake-sheet-ambiguous",
            "error",
            Spot(sheet=grid.name, row=header.bottom + 1),
            candidates="、".join(layout.main for layout in (best, *rivals)),
        )
        return None
    return best


def _whole(header: Header) -> list[Layout]:
    return [layout for layout in header.layouts if layout.has_key and not layout.missing]


def _incomplete(
    header: Header, grid: Grid, best: Layout, caption_count: int, problems: Problems
) -> Layout | None:
    used = len({role.column for role in best.roles})
    looks = caption_count >= _TABLE_COLUMNS and len(grid.rows) > header.bottom + 1
    fields = table(best.main)
    missing = "、".join(f"“{fields[name].zh}”({name})" for name in best.missing)
    if looks and used >= max(2, 0.5 * caption_count):
        problems.add(
            "intake-column-missing",
            "error",
            Spot(table=best.main, sheet=grid.name, row=header.bottom + 1),
            missing=missing,
        )
    elif looks and used >= 2:
        problems.add(
            "intake-sheet-unrecognised",
            "warning",
            Spot(sheet=grid.name, row=header.bottom + 1),
            nearest=best.main,
            missing=missing,
        )
    else:
        problems.add("intake-sheet-no-table", "info", Spot(sheet=grid.name))
    return None


def _block(
    grid: Grid, header: Header, layout: Layout, found: Sorted, file: str, problems: Problems
) -> Block:
    records = found.records
    columns: list[list[Cell]] = [
        [grid.rows[index][column] for index in records] for column in range(grid.width)
    ]
    position_of = {index: position for position, index in enumerate(records)}
    _fill_merged(grid, layout, columns, position_of, header, problems)
    return Block(
        file=file,
        sheet=grid.name,
        captions=header.captions,
        labels=[letter_of(index) for index in range(grid.width)],
        columns=columns,
        numbers=[index + 1 for index in records],
        context=header.context,
        header_row=header.bottom + 1,
        percents=None
        if grid.percents is None
        else frozenset(
            (position_of[row], column) for row, column in grid.percents if row in position_of
        ),
        faults={
            (position_of[row], column): text
            for (row, column), text in grid.faults.items()
            if row in position_of
        },
        totals=tuple(found.totals),
    )


def _fill_merged(
    grid: Grid,
    layout: Layout,
    columns: list[list[Cell]],
    position_of: dict[int, int],
    header: Header,
    problems: Problems,
) -> None:
    """Write the value of cells merged downwards into each record; amounts count once."""
    roles = {role.column: role for role in layout.roles}
    for top, left, bottom, right in grid.merges:
        if top <= header.bottom:
            continue
        over = [column for column in range(left, right + 1) if column in roles]
        if left < right and len(over) > 1 and top in position_of:
            problems.add(
                "intake-merged-across",
                "warning",
                Spot(table=layout.main, sheet=grid.name, row=top + 1, column=letter_of(left)),
                last=letter_of(right),
            )
        if top == bottom or left != right:
            continue
        covered = [position_of[row] for row in range(top, bottom + 1) if row in position_of]
        role = roles.get(left)
        if role is None or len(covered) < 2:
            continue
        kind = table(role.table)[role.field].kind
        if kind in (*DIMENSIONS, "number"):
            problems.add(
                "intake-merged-amount",
                "warning",
                Spot(
                    table=role.table,
                    field=role.field,
                    sheet=grid.name,
                    row=top + 1,
                    column=letter_of(left),
                ),
                last=bottom + 1,
            )
            continue
        for position in covered:
            columns[left][position] = grid.rows[top][left]


def _note_hidden(grid: Grid, problems: Problems) -> None:
    """Say that hidden rows, columns and sheets count like the others."""
    if grid.hidden:
        problems.add("intake-sheet-hidden", "warning", Spot(sheet=grid.name))
    rows = [row for row in grid.hidden_rows if row < len(grid.rows) and any(grid.rows[row])]
    if rows:
        shown = "、".join(str(row + 1) for row in rows[:_LISTED])
        problems.add(
            "intake-rows-hidden",
            "warning",
            Spot(sheet=grid.name, row=rows[0] + 1),
            count=len(rows),
            rows=shown + ("…" if len(rows) > _LISTED else ""),
        )
    columns = [
        column
        for column in grid.hidden_columns
        if column < grid.width and any(row[column] is not None for row in grid.rows)
    ]
    if columns:
        shown = "、".join(letter_of(column) for column in columns[:_LISTED])
        problems.add(
            "intake-columns-hidden",
            "warning",
            Spot(sheet=grid.name, column=letter_of(columns[0])),
            count=len(columns),
            columns=shown + ("…" if len(columns) > _LISTED else ""),
        )


def _note_rows(grid: Grid, found: Sorted, problems: Problems) -> None:
    if found.aside:
        shown = "、".join(f"{row + 1} “{label[:30]}”" for row, label in found.aside[:_LISTED])
        problems.add(
            "intake-rows-aside",
            "info",
            Spot(sheet=grid.name, row=found.aside[0][0] + 1),
            count=len(found.aside),
            rows=shown + ("…" if len(found.aside) > _LISTED else ""),
        )
    if found.repeated:
        problems.add(
            "intake-caption-repeated",
            "info",
            Spot(sheet=grid.name, row=found.repeated[0] + 1),
            count=len(found.repeated),
        )
    if found.blanks:
        problems.add(
            "intake-blank-rows",
            "info",
            Spot(sheet=grid.name, row=found.blanks[0] + 1),
            count=len(found.blanks),
        )


def note_columns(block: Block, layout: Layout, problems: Problems) -> None:
    """Say which columns are not used, so that a misspelt caption does not pass unseen."""
    used = {role.column for role in layout.roles}
    for role in layout.rivals:
        first = next(held for held in layout.roles if held.slot == role.slot)
        same = first.rank == role.rank
        if not same and table(role.table)[role.field].kind == "code":
            continue  # a name beside the code
        problems.add(
            "intake-column-twice",
            "warning" if same else "info",
            Spot(
                table=role.table,
                field=role.field,
                sheet=block.sheet,
                row=block.header_row,
                column=block.labels[role.column],
            ),
            caption=block.captions[role.column].text,
            used=block.labels[first.column],
        )
    rivals = {role.column for role in layout.rivals}
    unused = [
        f"{block.labels[index]} {caption.text}".strip()
        for index, caption in enumerate(block.captions)
        if caption.parts and index not in used | rivals and caption.text not in ROW_NUMBERS
    ]
    if unused:
        problems.add(
            "intake-columns-unused",
            "info",
            Spot(table=layout.main, sheet=block.sheet, row=block.header_row),
            names="、".join(unused[:30]),
        )
    for index, caption in enumerate(block.captions):
        if caption.parts:
            continue
        filled = [cell for cell in block.columns[index] if cell is not None]
        if filled:
            problems.add(
                "intake-column-unnamed",
                "warning" if any(isinstance(cell, (int, float)) for cell in filled) else "info",
                Spot(
                    table=layout.main,
                    sheet=block.sheet,
                    row=block.header_row,
                    column=block.labels[index],
                ),
                count=len(filled),
            )
