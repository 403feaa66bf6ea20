"""Find a return's sheet again in a workbook: its captions, and which field each column holds.

A column is known by its sign in the hidden row, and by its captions in two languages. Where they
contradict each other the captions count if both name the same field (a reader sees them, not the
sign); else the column is not read, with an error.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from zonewright.core import units
from zonewright.intake.captions import Caption
from zonewright.intake.grids import Cell, Grid, letter_of
from zonewright.intake.problems import Problems, Spot
from zonewright.intake.return_layout import FREE_KEY, LAST, captions_of, code_of_sign, marks_of
from zonewright.intake.return_words import named
from zonewright.intake.wording import key_of
from zonewright.steering.returns.kinds import ReturnSheet

_SEARCH_ROWS = 25
_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Found:
    """Where a sheet's parts stand in a grid (rows and columns from 0).

    Parameters
    ----------
    columns
        Field (or ``FIELD@last``) to the position of its column.
    bottom
        Last row above the first record.
    keys
        Position of the hidden column of row keys; None if it is gone.
    technical
        Row of the columns' signs; None if it is gone.
    captions
        Text of each column's captions.
    units
        Field to the unit that its caption gives, where an office's own workbook gives another.
    """

    columns: Mapping[str, int]
    bottom: int
    keys: int | None
    technical: int | None
    captions: tuple[str, ...]
    units: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def letter(self, name: str) -> str:
        """Return the letter of a field's column, or an empty text."""
        return letter_of(self.columns[name]) if name in self.columns else ""


@dataclass(frozen=True, slots=True)
class _Said:
    """What a caption says: the column's sign, the unit if it is another, and if it is its own."""

    sign: str
    unit: str = ""
    own: str = ""


def sign_row(grid: Grid) -> tuple[int, int, str] | None:
    """Return row, column and sheet code of the sign of one of our sheets, or None."""
    for index, row in enumerate(grid.rows[:_SEARCH_ROWS]):
        for column, cell in enumerate(row):
            if isinstance(cell, str) and (code := code_of_sign(cell)):
                return index, column, code
    return None


def find_columns(
    grid: Grid, sheet: ReturnSheet, problems: Problems, *, known: Collection[str] = ()
) -> Found | None:
    """Return where the columns of a sheet stand; None (with an error) if no captions are found.

    Parameters
    ----------
    grid, sheet
        The cells, and what they should hold.
    problems
        Takes what is wrong.
    known
        Keys of the rows with which the workbook was made, by which their column is known.
    """
    sign = sign_row(grid)
    technical, keys = (sign[0], sign[1]) if sign else (None, None)
    heads = _caption_rows(grid, sheet, 0 if technical is None else technical + 1)
    if not heads:
        problems.add("return-book-captions-gone", "error", _spot(sheet, grid))
        if technical is None:
            return None
    bottom = heads[-1] if heads else technical or 0
    texts = [[_text(grid.rows[row][column]) for row in heads] for column in range(grid.width)]
    reader = _Captions(sheet)
    found: dict[int, str] = {}
    for index in range(grid.width):
        if index == keys:
            continue
        own = _text(grid.rows[technical][index]) if technical is not None else ""
        sign_of = own if own in reader.signs else ""
        column = _Column(sign_of, [text for text in texts[index] if text], bare=not heads)
        chosen = _choose(column, reader, _spot(sheet, grid, bottom, index), problems)
        if chosen:
            found[index] = chosen
    if keys is None:
        keys = _key_column(grid, bottom, known, found)
    columns = _unique(found, grid, sheet, bottom, problems)
    captions = tuple(" ".join(dict.fromkeys(text for text in items if text)) for items in texts)
    result = Found(columns, bottom, keys, technical, captions)
    _note_missing(result, set(found.values()), grid, sheet, problems)
    return result


def find_free(grid: Grid, sheet: ReturnSheet) -> Found | None:
    """Return where an office's own workbook holds the columns of a sheet; None if it does not.

    Its captions may give other units; a caption that two columns bear counts for neither.
    """
    heads = _caption_rows(grid, sheet, 0)
    if not heads:
        return None
    reader = _Captions(sheet)
    said: dict[int, _Said] = {}
    for index in range(grid.width):
        texts = [text for row in heads if (text := _text(grid.rows[row][index]))]
        joined = "".join(texts)
        known = [found for text in (joined, *texts) if text and (found := reader.read(text))]
        if known:
            said[index] = known[0]
    times = Counter(found.sign for found in said.values())
    kept = {index: found for index, found in said.items() if times[found.sign] == 1}
    texts_of = [" ".join(_text(grid.rows[row][at]) for row in heads) for at in range(grid.width)]
    return Found(
        {found.sign: index for index, found in kept.items()},
        heads[-1],
        None,
        None,
        tuple(texts_of),
        {found.sign: found.unit or found.own for found in kept.values() if found.unit or found.own},
    )


@dataclass(frozen=True, slots=True)
class _Column:
    """A column's sign and captions, and whether the whole sheet is bare of captions."""

    sign: str
    texts: Sequence[str]
    bare: bool


class _Captions:
    """Reads captions of a sheet."""

    def __init__(self, sheet: ReturnSheet) -> None:
        self.signs = dict(marks_of(sheet))
        self._exact = captions_of(sheet)
        self._names: dict[str, str] = {}
        for sign, column in marks_of(sheet):
            if not sign.endswith(LAST):
                for text in (column.field.zh, column.field.en, column.name):
                    self._names.setdefault(key_of(text), sign)

    def read(self, text: str) -> _Said | None:
        """Return what a caption says, or None if it is not known."""
        exact = self._exact.get(key_of(text))
        if exact:
            return _Said(exact, own=self.signs[exact].unit)
        for variant in sorted(Caption((text,)).variants(), key=lambda item: item.rank):
            sign = self._names.get(variant.key)
            if sign is None:
                continue
            wanted = self.signs[sign].unit
            known = units.unit(wanted).code if units.known_unit(wanted) else wanted
            other = variant.unit if variant.unit != known else ""
            return _Said(sign, other, wanted if variant.unit == known else "")
        return None


def _choose(column: _Column, reader: _Captions, at: Spot, problems: Problems) -> str:
    """Return the sign that counts for a column, or an empty text if it holds none of ours."""
    said = [found for text in column.texts if (found := reader.read(text))]
    shown = " / ".join(column.texts)
    other = next((found for found in said if found.unit), None)
    if other:
        wanted = reader.signs[other.sign].unit
        problems.add(
            "return-book-caption-unit", "error", at, caption=shown, unit=other.unit, wanted=wanted
        )
        return ""
    named = {found.sign for found in said}
    if not column.sign:
        if len(named) > 1:
            problems.add("return-book-caption-conflict", "error", at, caption=shown)
        return named.pop() if len(named) == 1 else ""
    if not named:
        if not column.bare:
            problems.add(
                "return-book-caption-changed",
                "warning",
                at,
                caption=shown,
                field=reader.signs[column.sign].field.zh,
            )
        return column.sign
    if named == {column.sign}:
        return column.sign
    whole = len(named) == 1 and len(said) == len(column.texts)
    if not whole:
        problems.add("return-book-caption-conflict", "error", at, caption=shown)
        return ""
    problems.add("return-book-column-moved", "warning", at, caption=shown)
    return named.pop()


def _unique(
    found: Mapping[int, str], grid: Grid, sheet: ReturnSheet, bottom: int, problems: Problems
) -> dict[str, int]:
    """Return the column of each sign; none for one that two columns with other cells hold."""
    times = Counter(found.values())
    columns: dict[str, int] = {}
    for index, sign in found.items():
        if times[sign] == 1:
            columns[sign] = index
            continue
        first = next(at for at, name in found.items() if name == sign)
        if index == first:
            continue
        alike = all(row[index] == row[first] for row in grid.rows[bottom + 1 :])
        problems.add(
            "return-book-column-twice",
            "warning" if alike else "error",
            _spot(sheet, grid, bottom, index),
            used=letter_of(first),
            **named(sheet.column(sign.removesuffix(LAST)).field),
        )
        if alike and times[sign] == 2:
            columns[sign] = first
    return columns


def _note_missing(
    found: Found, seen: set[str], grid: Grid, sheet: ReturnSheet, problems: Problems
) -> None:
    for column in sheet.columns:
        if column.name not in seen:
            problems.add(
                "return-book-column-missing",
                "warning" if column.given and column.name != sheet.key else "error",
                _spot(sheet, grid, found.bottom),
                **named(column.field),
            )
    used = {*found.columns.values(), found.keys}
    for index in range(grid.width):
        cells = [row[index] for row in grid.rows[found.bottom + 1 :]]
        if index in used or not any(cell is not None for cell in cells):
            continue
        problems.add(
            "return-book-column-added",
            "warning",
            _spot(sheet, grid, found.bottom, index),
            caption=found.captions[index] or letter_of(index),
            count=sum(cell is not None for cell in cells),
        )


def _key_column(
    grid: Grid, bottom: int, known: Collection[str], used: Collection[int]
) -> int | None:
    """Return the column that holds the rows' hidden keys, where its sign is gone."""
    for index in range(grid.width):
        cells = [row[index] for row in grid.rows[bottom + 1 :] if row[index] is not None]
        keys = [
            cell for cell in cells
            if isinstance(cell, str) and (cell in known or FREE_KEY.fullmatch(cell))
        ]  # fmt: skip
        if index not in used and keys and len(keys) > _SHARE * len(cells):
            return index
    return None


def _caption_rows(grid: Grid, sheet: ReturnSheet, start: int) -> list[int]:
    """Return the rows that hold captions: the best one, and those around it that are alike."""
    known = _Captions(sheet)
    scores = {}
    for index in range(start, min(len(grid.rows), start + _SEARCH_ROWS)):
        texts = [_text(cell) for cell in grid.rows[index]]
        scores[index] = len({said.sign for text in texts if text and (said := known.read(text))})
    best = max(scores.values(), default=0)
    if best < min(2, len(sheet.columns)) or best < _SHARE * len(sheet.columns) / 2:
        return []
    return [index for index, score in scores.items() if score >= max(2, _SHARE * best)][:3]


def _text(cell: Cell) -> str:
    return cell.strip() if isinstance(cell, str) else ""


def _spot(
    sheet: ReturnSheet, grid: Grid, row: int | None = None, column: int | None = None
) -> Spot:
    return Spot(
        table=sheet.table,
        field="",
        sheet=grid.name,
        row=None if row is None else row + 1,
        column="" if column is None else letter_of(column),
    )
