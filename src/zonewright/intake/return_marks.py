"""Give a workbook back with what is wrong marked in it: cells filled and commented, and a list.

Values and formulas stay as they were. A workbook that takes no marks (.xls, .ods, a damaged one) is
given back as a copy of its contents, one that cannot be read at all as the list alone.
"""

from __future__ import annotations

import io
import struct
import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from zonewright.core.findings import Finding, Severity
from zonewright.intake.archives import DAMAGED
from zonewright.intake.faults import CellError
from zonewright.intake.grids import index_of
from zonewright.intake.problems import Problems
from zonewright.intake.return_guard import measure
from zonewright.intake.return_layout import FINDINGS_SIGN, META
from zonewright.intake.return_read import read_grids
from zonewright.intake.return_sheets import GIVEN_FILL, put, saved
from zonewright.intake.return_words import word

_AUTHOR = "Zonewright"
_FILLS = {
    "error": PatternFill("solid", fgColor="FFF8C9C4"),
    "warning": PatternFill("solid", fgColor="FFFDEBB0"),
    "info": PatternFill("solid", fgColor="FFDDEBF7"),
}
_NONE = PatternFill(fill_type=None)
_ORDER: tuple[Severity, ...] = ("error", "warning", "info")
_MOST_LISTED, _MOST_MARKED = 3_000, 2_000
_MOST_SAID, _LONGEST, _LONGEST_SHOWN = 3, 400, 80
_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384
# What openpyxl raises at a workbook that it does not understand.
_UNREADABLE = (
    InvalidFileException, *DAMAGED, OSError, ValueError, TypeError, KeyError, IndexError,
    AttributeError, SyntaxError, struct.error,
)  # fmt: skip
_LINE = Side(style="thin", color="FFB8C4CE")
_BOX = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_HEAD = PatternFill("solid", fgColor="FFDCE8F2")


def marked(data: bytes, findings: Sequence[Finding], lang: str = "zh", *, name: str = "") -> bytes:
    """Return a workbook with its findings marked, as .xlsx (.xlsm if it holds macros).

    Parameters
    ----------
    data
        The workbook as it was handed in.
    findings
        What was found in it; those with a sheet, row and column are marked at their cell.
    lang
        Language of comments and list.
    name
        Name of the file; needed for another format than .xlsx.
    """
    book = _opened(data)
    copied = book is None
    if book is None:
        book = _copy(data, name)
    try:
        return _marked(book, findings, lang, name=name, copied=copied)
    except _UNREADABLE:
        return _marked(_copy(data, name), findings, lang, name=name, copied=True)


def ending_of(data: bytes) -> str:
    """Return the ending of a marked workbook's name: ``.xlsm`` if it holds macros, else ``.xlsx``.

    Parameters
    ----------
    data
        What `marked` returned.
    """
    return ".xlsm" if measure(data).macros else ".xlsx"


def _opened(data: bytes) -> Workbook | None:
    try:
        unpacked = measure(data)
        if not unpacked.size:
            return None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return load_workbook(io.BytesIO(data), keep_vba=unpacked.macros)
    except (CellError, *_UNREADABLE):
        return None


def _copy(data: bytes, name: str) -> Workbook:
    """Return a new workbook with the cells of one that openpyxl cannot hold."""
    book = Workbook()
    book.remove(book.worksheets[0])
    try:
        grids = read_grids(name or "book.xlsx", data, Problems(name))
    except CellError:
        grids = []
    for grid in grids:
        made = book.create_sheet()
        made.title = grid.name[:31]
        if grid.hidden:
            made.sheet_state = "veryHidden" if grid.name.startswith(META) else "hidden"
        for number, row in enumerate(grid.rows, 1):
            for column, value in enumerate(row, 1):
                if isinstance(value, (str, int, float, date)):
                    put(made.cell(number, column), value)
    return book


def _marked(
    book: Workbook, findings: Sequence[Finding], lang: str, *, name: str, copied: bool
) -> bytes:
    _unmark(book)
    by_cell: dict[tuple[str, int, int], list[Finding]] = {}
    for finding in findings:
        spot = _spot_of(book, finding)
        if spot is not None and (spot in by_cell or len(by_cell) < _MOST_MARKED):
            by_cell.setdefault(spot, []).append(finding)
    for (sheet, row, column), found in by_cell.items():
        _mark(book[sheet], row, column, found, lang)
    _list(book, findings, lang, name=name, copied=copied)
    return saved(book)


def _unmark(book: Workbook) -> None:
    """Take away what an earlier marking left: its list, its comments and their fills."""
    for made in list(book.worksheets):
        if made["A1"].value == FINDINGS_SIGN:
            book.remove(made)
            continue
        for line in made.iter_rows():
            for cell in line:
                if isinstance(cell, Cell) and cell.comment and cell.comment.author == _AUTHOR:
                    cell.comment = None
                    cell.fill = GIVEN_FILL if cell.protection.locked else _NONE


def _spot_of(book: Workbook, finding: Finding) -> tuple[str, int, int] | None:
    """Return sheet, row and column to be marked for a finding, or None."""
    place = finding.place
    if place.sheet not in book.sheetnames or not place.row:
        return None
    made = book[place.sheet]
    if not 0 < place.row <= _LAST_ROW or not isinstance(made, Worksheet):
        return None
    column = index_of(place.column) + 1 if place.column.isalpha() else _first_shown(made)
    if not 0 < column <= _LAST_COLUMN:
        return None
    row = place.row
    if isinstance(made.cell(row, column), MergedCell):
        for merged in made.merged_cells.ranges:
            if (
                merged.min_row <= row <= merged.max_row
                and merged.min_col <= column <= merged.max_col
            ):
                row, column = merged.min_row, merged.min_col
                break
    return place.sheet, row, column


def _first_shown(made: Worksheet) -> int:
    return 2 if made.column_dimensions["A"].hidden else 1


def _mark(made: Worksheet, row: int, column: int, findings: Sequence[Finding], lang: str) -> None:
    cell = made.cell(row, column)
    if not isinstance(cell, Cell):
        return
    ranked = sorted(findings, key=lambda finding: _ORDER.index(finding.severity))
    cell.fill = _FILLS[ranked[0].severity]
    lines = [f"{word(item.severity, lang)}：{item.text(lang)}" for item in ranked[:_MOST_SAID]]
    if cell.comment is not None:
        lines.insert(0, cell.comment.text[:_LONGEST])
    text = "\n".join(lines)
    if len(text) > _LONGEST * 2:
        text = f"{text[: _LONGEST * 2 - 1]}…"
    height = 30 + 18 * (1 + sum(1 + len(line) // 26 for line in text.splitlines()))
    cell.comment = Comment(text, _AUTHOR, height=min(height, 400), width=300)


# ---- The list ---------------------------------------------------------------------------------


def _list(
    book: Workbook, findings: Sequence[Finding], lang: str, *, name: str, copied: bool
) -> None:
    taken = set(book.sheetnames)
    title = word("findings_sheet", lang)
    number = 2
    while title in taken:
        title = f"{word('findings_sheet', lang)} {number}"
        number += 1
    made = book.create_sheet(title)
    put(made.cell(1, 1), FINDINGS_SIGN)
    made.column_dimensions["A"].hidden = True
    counts = Counter(finding.severity for finding in findings)
    summary = word(
        "findings_title", lang,
        name=name or "-", errors=counts["error"], warnings=counts["warning"], infos=counts["info"],
    )  # fmt: skip
    put(made.cell(1, 2), summary if findings else word("findings_none", lang))
    made.cell(1, 2).font = Font(size=12, bold=True)
    if copied:
        put(made.cell(2, 2), word("findings_copy", lang))
    heads = [word(text, lang) for text in ("number", "severity", "place", "cell", "message")]
    for column, text in enumerate(heads, 2):
        cell = put(made.cell(3, column), text)
        cell.font, cell.fill, cell.border = Font(bold=True), _HEAD, _BOX
    ranked = sorted(findings, key=lambda finding: _ORDER.index(finding.severity))
    looks = _looks(made)
    for row, finding in enumerate(ranked[:_MOST_LISTED], 4):
        _line(book, made, row, finding, lang, looks)
    if len(ranked) > _MOST_LISTED:
        more = word("findings_more", lang, count=len(ranked) - _MOST_LISTED)
        put(made.cell(4 + _MOST_LISTED, 2), more)
    for letter, width in zip("BCDEF", (6.0, 8.0, 26.0, 20.0, 76.0), strict=True):
        made.column_dimensions[letter].width = width
    made.freeze_panes = "B4"
    made.page_setup.orientation, made.page_setup.paperSize = "landscape", 9
    made.page_setup.fitToWidth, made.page_setup.fitToHeight = 1, 0
    made.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    made.print_title_rows = "3:3"
    for other in book.worksheets:
        other.sheet_view.tabSelected = other is made
    book.active = book.index(made)


def _looks(made: Worksheet) -> dict[str, Cell]:
    """Return cells that stand in no sheet and look as those of the list do."""
    found: dict[str, Cell] = {}
    for name in ("plain", "wide", "link", *_ORDER):
        cell = found[name] = Cell(made, 1, 1)
        cell.border = _BOX
        cell.alignment = Alignment(vertical="top", wrap_text=name in ("wide", "link"))
        if name == "link":
            cell.font = Font(color="FF0B5CAD", underline="single")
        if name in _FILLS:
            cell.fill = _FILLS[name]
    return found


def _line(
    book: Workbook,
    made: Worksheet,
    row: int,
    finding: Finding,
    lang: str,
    looks: Mapping[str, Cell],
) -> None:
    place = finding.place
    cell_name = f"{place.column}{place.row or ''}"
    where = f"{place.sheet}!{cell_name}" if place.sheet and cell_name else place.sheet
    spot = _spot_of(book, finding)
    put(made.cell(row, 2), row - 3, looks["plain"])
    put(made.cell(row, 3), word(finding.severity, lang), looks[finding.severity])
    link = put(made.cell(row, 4), where, looks["link" if spot else "wide"])
    put(made.cell(row, 5), _content(book, finding), looks["plain"])
    put(made.cell(row, 6), finding.text(lang), looks["wide"])
    if spot is not None:
        sheet = spot[0].replace("'", "''")
        target = f"'{sheet}'!{get_column_letter(spot[2])}{spot[1]}"
        link.hyperlink = Hyperlink(ref=link.coordinate, location=target, display=where)


def _content(book: Workbook, finding: Finding) -> str:
    spot = _spot_of(book, finding) if finding.place.column else None
    if spot is None:
        return ""
    value = book[spot[0]].cell(spot[1], spot[2]).value
    return "" if value is None else str(value)[:_LONGEST_SHOWN]
