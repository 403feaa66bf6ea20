"""Tell of an office's own workbook which return it is: by its captions, its titles and its name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from zonewright.intake.context import Context, read_context
from zonewright.intake.faults import CellError
from zonewright.intake.grids import Grid
from zonewright.intake.headers import find_header
from zonewright.intake.return_columns import Found, find_free
from zonewright.intake.wording import key_of
from zonewright.steering.returns.kinds import ReturnKind, ReturnSheet

_TITLE_ROWS, _TITLE_CELLS = 12, 3
_KNOWN_SHARE = 0.5


def kind_of(stem: str, grids: Sequence[Grid], kinds: Mapping[str, ReturnKind]) -> ReturnKind:
    """Return the kind that captions and titles speak for."""
    scores = {code: _score(stem, grids, kind) for code, kind in kinds.items()}
    best = max(scores.values(), default=0.0)
    found = [code for code, score in scores.items() if score == best]
    if best < 1:
        raise CellError("return-book-kind-unsaid")
    if len(found) > 1:
        names = "、".join(kinds[code].zh for code in found)
        raise CellError("return-book-kind-several", kinds=names)
    return kinds[found[0]]


def _score(stem: str, grids: Sequence[Grid], kind: ReturnKind) -> float:
    score = 0.0
    for grid in grids:
        if grid.hidden:
            continue
        title = key_of(" ".join([stem, grid.name, *_texts(grid)]))
        named = any(key_of(text) in title for text in (kind.zh, *(s.zh for s in kind.sheets)))
        for sheet in kind.sheets:
            free = find_free(grid, sheet)
            share = len(free.columns) / len(sheet.columns) if free else 0.0
            header = find_header(grid, stem=stem) if sheet.table else None
            whole = header is not None and any(
                layout.main == sheet.table and layout.has_key and not layout.missing
                for layout in header.layouts[:1]
            )
            fits = whole or share >= _KNOWN_SHARE or _has_required(sheet, free)
            score = max(score, (1.0 + share + named) if fits else 0.0)
    return score


def _has_required(sheet: ReturnSheet, found: Found | None) -> bool:
    names = [column.name for column in sheet.columns if column.field.required]
    return found is not None and len(names) > 1 and set(names) <= set(found.columns)


def _texts(grid: Grid) -> list[str]:
    """Return the titles of a sheet: the texts above the first row of several."""
    found: list[str] = []
    for row in grid.rows[:_TITLE_ROWS]:
        filled = [cell for cell in row if cell is not None]
        if len(filled) > _TITLE_CELLS:
            break
        found += [cell for cell in filled if isinstance(cell, str)]
    return found


def context_of_titles(stem: str, grids: Sequence[Grid]) -> Context:
    """Return what the titles say of month and units, the first sheet that says a month first."""
    found = [read_context(_texts(grid), sheet=grid.name, stem=stem) for grid in grids]
    dated = [context for context in found if context.period]
    return (dated or found or [Context()])[0]


def zone_of(stem: str, grids: Sequence[Grid], zones: Mapping[str, str]) -> str:
    """Return the zone that titles or the file's name name: the longest name that occurs."""
    text = " ".join([stem, *(part for grid in grids for part in (grid.name, *_texts(grid)))])
    named = [(len(name), code) for code, name in zones.items() if name and name in text]
    return max(named)[1] if named else ""
