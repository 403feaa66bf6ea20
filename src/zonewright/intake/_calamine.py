"""Workbooks through python-calamine: .xlsx, .xlsm, .xlsb, .xls and .ods."""

from __future__ import annotations

from pathlib import Path

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetVisibleEnum,
)

from zonewright.intake._ods import error_cells
from zonewright.intake.archives import DAMAGED
from zonewright.intake.faults import CellError
from zonewright.intake.grids import Cell, Grid, Position
from zonewright.intake.limits import require_readable
from zonewright.intake.marks import sheet_marks

SUFFIXES = frozenset({".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".et"})
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_ZIP = b"PK"
_OLE = bytes.fromhex("D0CF11E0A1B11AE1")


def read_workbook(path: Path) -> list[Grid]:
    """Read every sheet of a workbook.

    Raises
    ------
    CellError
        If it is no workbook whatever its name says, is damaged, or is protected by a password.
    """
    content = path.read_bytes()
    if content.startswith(_OLE) and _ENCRYPTED in content:
        raise CellError("intake-file-password")
    if not content.startswith((_OLE, _ZIP)):
        raise CellError("intake-file-disguised", suffix=path.suffix)
    try:
        require_readable(path)
        book = _open(path, content)
        return [_grid(path, content, book, index) for index in range(len(book.sheet_names))]
    except PasswordError:
        raise CellError("intake-file-password") from None
    except (CalamineError, OSError, ValueError, *DAMAGED) as error:
        raise CellError("intake-file-unreadable", reason=str(error) or "-") from None


def _open(path: Path, content: bytes) -> CalamineWorkbook:
    """Open a workbook by what it holds, not by what its name says."""
    suffix = path.suffix.casefold()
    if suffix != ".et" and content.startswith(_OLE) == (suffix == ".xls"):
        return CalamineWorkbook.from_path(str(path))
    with path.open("rb") as stream:
        return CalamineWorkbook.from_object(stream)


def _errors_of(path: Path, content: bytes, sheet: str) -> dict[Position, str]:
    is_ods = content.startswith(_ZIP) and b"opendocument.spreadsheet" in content[:200]
    return error_cells(path, sheet) if is_ods else {}


def _grid(path: Path, content: bytes, book: CalamineWorkbook, index: int) -> Grid:
    sheet: CalamineSheet = book.get_sheet_by_index(index)
    rows: list[list[Cell]] = [
        [None if cell == "" else cell for cell in row]
        for row in sheet.to_python(skip_empty_area=False)
    ]
    width = max((len(row) for row in rows), default=0)
    for row in rows:
        row.extend([None] * (width - len(row)))
    ranges = sheet.merged_cell_ranges or []
    merges = tuple((top, left, bottom, right) for (top, left), (bottom, right) in ranges)
    marks = sheet_marks(path, book.sheet_names[index])
    return Grid(
        name=book.sheet_names[index],
        rows=rows,
        merges=merges,
        percents=marks.percents if marks else None,
        faults=marks.faults if marks else _errors_of(path, content, book.sheet_names[index]),
        hidden=book.sheets_metadata[index].visible != SheetVisibleEnum.Visible,
        hidden_rows=marks.hidden_rows if marks else (),
        hidden_columns=marks.hidden_columns if marks else (),
    )
