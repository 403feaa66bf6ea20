"""Read a return's workbook as it was filled in, whatever became of it in the meantime.

Our own workbook is known by its hidden signs, also after it was saved by another program, sorted,
or its columns moved; the office's own workbook of the same table is read by its captions
(`return_free`). What is wrong is in the findings, never an exception.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

from zonewright.core.errors import PeriodError
from zonewright.core.findings import Finding, Severity, has_errors
from zonewright.core.periods import Period
from zonewright.core.records import FileRead
from zonewright.intake import _calamine
from zonewright.intake.context import Context
from zonewright.intake.dates import find_period
from zonewright.intake.faults import CellError
from zonewright.intake.grids import Grid
from zonewright.intake.problems import Problems, Spot
from zonewright.intake.return_columns import Found, find_columns, sign_row
from zonewright.intake.return_free import FreeRead, read_free
from zonewright.intake.return_guard import measure
from zonewright.intake.return_layout import FINDINGS_SIGN, LISTS, META, Meta, read_meta
from zonewright.intake.return_row_cells import Plain
from zonewright.intake.return_rows import RowReader
from zonewright.steering.returns.kinds import ReturnKind, ReturnSheet
from zonewright.steering.returns.rows import Given, Places, RowsOf, SheetPlace, SheetRow

SUFFIXES = _calamine.SUFFIXES


@dataclass(frozen=True, slots=True)
class Asked:
    """Which return is meant, where whoever hands it in has said so; empty where they have not."""

    kind: str = ""
    zone: str = ""
    period: str = ""


@dataclass(frozen=True, slots=True)
class ReturnRead:
    """A return's workbook as read.

    Parameters
    ----------
    kind, zone, period
        Of which return it is: codes, and the month as in ``2023-04``; empty if nothing says.
    rows
        Sheet to its rows; only sheets that were found.
    places
        Sheet to its tab and the letters of its fields' columns.
    file
        Name, fingerprint and size; its tables are empty: a return's rows become records when it is
        locked.
    findings
        Every fault and notice, with sheet, row and column.
    template
        Whether it is a workbook that we made.
    given
        What stood in it when it was made: sheet and key of a row to its plain values.
    """

    kind: str
    zone: str
    period: str
    rows: RowsOf
    places: Places
    file: FileRead
    findings: tuple[Finding, ...]
    template: bool
    given: Given = field(default_factory=lambda: MappingProxyType({}))

    @property
    def refused(self) -> bool:
        """Whether nothing of it can be taken: the file or its return is not known."""
        return not (self.kind and self.zone and self.period and self.rows)


def read_return(
    name: str,
    data: bytes,
    kinds: Mapping[str, ReturnKind],
    *,
    asked: Asked | None = None,
    zones: Mapping[str, str] | None = None,
    given: RowsOf | None = None,
) -> ReturnRead:
    """Read a workbook.

    Parameters
    ----------
    name
        Name of the file, with its ending.
    data
        Its bytes.
    kinds
        Kinds of return by code.
    asked
        Which return is meant, if that is known: a workbook of another one is refused, and a
        workbook that says nothing of itself is taken for it.
    zones
        Code of each zone to its name, by which an office's own workbook names its zone.
    given
        Rows of the return as the workspace would fill them in, by which the codes of an office's
        own workbook are checked.
    """
    name = name.replace("\\", "/").rpartition("/")[2]
    problems = Problems(name)
    asked = asked or Asked()
    book = _Book("", "", "", {}, {}, template=False)
    try:
        grids = read_grids(name, data, problems)
        meta = _meta(grids)
        if meta is not None or any(sign_row(grid) for grid in grids):
            book = _template(grids, meta, kinds, asked, problems)
        else:
            free = read_free(
                name,
                grids,
                kinds,
                asked.kind,
                zone=asked.zone,
                zones=zones or {},
                given=given,
                problems=problems,
            )
            book = _of_free(free, asked)
        book = _as_asked(book, asked, problems)
    except CellError as fault:
        problems.add(fault.code, "error", Spot(), **fault.params)
    found = problems.found()
    file = FileRead(name, hashlib.sha256(data).hexdigest(), len(data), (), found)
    return ReturnRead(
        book.kind,
        book.zone,
        book.period,
        book.rows,
        book.places,
        file,
        found,
        book.template,
        book.given,
    )


@dataclass(frozen=True, slots=True)
class _Book:
    kind: str
    zone: str
    period: str
    rows: Mapping[str, Sequence[SheetRow]]
    places: Mapping[str, SheetPlace]
    template: bool
    given: Given = field(default_factory=lambda: MappingProxyType({}))


def read_grids(name: str, data: bytes, problems: Problems) -> list[Grid]:
    """Return the sheets of a workbook.

    Raises
    ------
    CellError
        If it is no workbook, is protected, damaged, or unpacks to more than a return can hold.
    """
    suffix = Path(name).suffix.casefold()
    if not data:
        raise CellError("intake-file-empty")
    if suffix not in SUFFIXES:
        raise CellError("intake-type-unknown", suffix=suffix, known=" ".join(sorted(SUFFIXES)))
    if measure(data).macros:
        problems.add("return-book-macros", "info", Spot())
    with tempfile.TemporaryDirectory(prefix="zonewright-") as folder:
        path = Path(folder) / f"book{suffix}"
        path.write_bytes(data)
        return _calamine.read_workbook(path)


def _meta(grids: Sequence[Grid]) -> Meta | None:
    for grid in sorted(grids, key=lambda item: item.name != META):
        if meta := read_meta(grid.rows):
            return meta
    return None


# ---- Our own workbook -------------------------------------------------------------------------


def _template(
    grids: Sequence[Grid],
    meta: Meta | None,
    kinds: Mapping[str, ReturnKind],
    asked: Asked,
    problems: Problems,
) -> _Book:
    if meta is None:
        problems.add("return-book-meta-gone", "error", Spot())
        meta = Meta(asked.kind, asked.zone, "", asked.period)
        return _Book(meta.kind, meta.zone, meta.period, {}, {}, template=True)
    kind = kinds.get(meta.kind)
    if kind is None:
        raise CellError("return-book-kind-unknown", kind=meta.kind)
    sheets = _sheets_of(grids, kind, problems)
    rows: dict[str, tuple[SheetRow, ...]] = {}
    places: dict[str, SheetPlace] = {}
    for sheet in kind.sheets:
        grid = sheets.get(sheet.code)
        if grid is None:
            problems.add(
                "return-book-sheet-missing", "error", Spot(table=sheet.table), name=sheet.zh
            )
            continue
        given = {key: values for (code, key), values in meta.given.items() if code == sheet.code}
        found = find_columns(grid, sheet, problems, known=given)
        if found is None:
            continue
        _note_title(grid, found, meta, problems)
        rows[sheet.code] = _rows(grid, sheet, found, given, meta, problems)
        places[sheet.code] = place_of_sheet(grid, sheet, found)
    _note_others(grids, problems)
    return _Book(kind.code, meta.zone, meta.period, rows, places, template=True, given=meta.given)


def _rows(
    grid: Grid, sheet: ReturnSheet, found: Found, given: Plain, meta: Meta, problems: Problems
) -> tuple[SheetRow, ...]:
    return RowReader(
        grid, sheet, found, given=given, context=context_of(meta.period), lang=meta.lang,
        problems=problems,
    ).read()  # fmt: skip


def context_of(period: str) -> Context:
    """Return what a month says of dates without a year; nothing if it is no month."""
    try:
        month = Period.parse(period)
    except PeriodError:
        return Context()
    return Context(period=month, year=month.year)


def place_of_sheet(grid: Grid, sheet: ReturnSheet, found: Found) -> SheetPlace:
    """Return the tab of a sheet and the letters of its fields' columns."""
    letters = {column.name: found.letter(column.name) for column in sheet.columns}
    return SheetPlace(grid.name, {name: letter for name, letter in letters.items() if letter})


def _sheets_of(grids: Sequence[Grid], kind: ReturnKind, problems: Problems) -> dict[str, Grid]:
    """Return the grid of each sheet: by its sign, else by the name of its tab."""
    found: dict[str, Grid] = {}
    codes = {sheet.code for sheet in kind.sheets}
    for grid in grids:
        sign = sign_row(grid)
        if sign is None or sign[2] not in codes:
            continue
        if sign[2] in found:
            first = found[sign[2]].name
            problems.add("return-book-sheet-twice", "error", Spot(sheet=grid.name), other=first)
        else:
            found[sign[2]] = grid
    for sheet in kind.sheets:
        named = [grid for grid in grids if grid.name in (sheet.zh, sheet.en)]
        if sheet.code not in found and named:
            found[sheet.code] = named[0]
    for grid in found.values():
        if grid.hidden:
            problems.add("intake-sheet-hidden", "warning", Spot(sheet=grid.name))
    return found


def _note_title(grid: Grid, found: Found, meta: Meta, problems: Problems) -> None:
    """Say where a sheet's title was changed to another month or zone."""
    top = found.technical if found.technical is not None else found.bottom
    texts = (cell for row in grid.rows[:top] for cell in row if isinstance(cell, str))
    title = next(texts, "")
    named = find_period(title)
    spot = Spot(sheet=grid.name, row=1)
    if named is not None and str(named) != meta.period:
        problems.add("return-book-title-month", "error", spot, title=title[:60], period=meta.period)
    elif title and meta.zone_name not in title:
        problems.add(
            "return-book-title-zone", "warning", spot, title=title[:60], zone=meta.zone_name
        )


def _note_others(grids: Sequence[Grid], problems: Problems) -> None:
    """Say which sheets are none of ours and were not read."""
    for grid in grids:
        filled = any(cell is not None for row in grid.rows for cell in row)
        ours = bool(sign_row(grid)) or grid.name in (META, LISTS)
        ours = ours or _is_list(grid) or _is_meta(grid)
        if filled and not ours:
            severity: Severity = "warning" if grid.hidden else "info"
            code = "return-book-sheet-hidden" if grid.hidden else "return-book-sheet-extra"
            problems.add(code, severity, Spot(sheet=grid.name))


def _is_list(grid: Grid) -> bool:
    """Return whether a sheet is the list of findings of an earlier marking."""
    return bool(grid.rows) and grid.rows[0][:1] == [FINDINGS_SIGN]


def _is_meta(grid: Grid) -> bool:
    try:
        return read_meta(grid.rows[:1]) is not None
    except CellError:
        return True


# ---- Which return it is -----------------------------------------------------------------------


def _of_free(free: FreeRead, asked: Asked) -> _Book:
    return _Book(
        free.kind, free.zone or asked.zone, free.period or asked.period, free.rows, free.places,
        template=False,
    )  # fmt: skip


def _as_asked(book: _Book, asked: Asked, problems: Problems) -> _Book:
    """Refuse a workbook of another return, and say what is not known of it."""
    for name in ("kind", "zone", "period"):
        said, wanted = getattr(book, name), getattr(asked, name)
        if said and wanted and said != wanted:
            problems.add(f"return-book-{name}-other", "error", Spot(), said=said, wanted=wanted)
    if not has_errors(problems.found()):
        for name in ("kind", "zone", "period"):
            if not getattr(book, name):
                problems.add(f"return-book-{name}-unsaid", "error", Spot())
    return replace(book, kind=book.kind or asked.kind)
