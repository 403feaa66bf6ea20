"""Tables as files: XLSX written row by row, and CSV, with no cell that a spreadsheet computes.

A text stays a text whatever it begins with: in a workbook its cell is of type text and carries the
quote prefix, in CSV an apostrophe stands before it.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from tempfile import SpooledTemporaryFile

from django.http import FileResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from zonewright.web.lines import safe

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MAX_ROWS = 200_000
MOMENT_FORMAT = "yyyy-mm-dd hh:mm"
DAY_FORMAT = "yyyy-mm-dd"
Value = str | bool | int | float | Decimal | date | datetime | None
# What Excel can hold: characters of XML 1.0, and not more than this in a cell.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LONGEST = 32_767
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n")
_NO_SHEET_NAME = re.compile(r"[\[\]:*?/\\]")
_IN_MEMORY = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a sheet.

    Parameters
    ----------
    title
        Its header.
    format
        Number format of its cells as Excel writes one; empty for text.
    width
        Width [characters].
    """

    title: str
    format: str = ""
    width: float = 16.0


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: its name, its columns, and its rows, which may come one by one."""

    name: str
    columns: tuple[Column, ...]
    rows: Iterable[Sequence[Value]]


def xlsx_response(filename: str, sheets: Sequence[Sheet]) -> FileResponse:
    """Return a workbook to be saved by the reader.

    Parameters
    ----------
    filename
        Name of the file, with its ending.
    sheets
        What stands in it, in order. Rows are read once and kept on disk, not in memory.
    """
    book = Workbook(write_only=True)
    for sheet in sheets:
        _write(book, sheet)
    file = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115  (the answer closes it)
    book.save(file)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=filename, content_type=XLSX)


def csv_response(filename: str, sheet: Sheet) -> StreamingHttpResponse:
    """Return a table as CSV, with a byte order mark so that Excel reads it as UTF-8."""
    response = StreamingHttpResponse(_csv_lines(sheet), content_type="text/csv; charset=utf-8")
    named = content_disposition_header(as_attachment=True, filename=filename) or "attachment"
    response["Content-Disposition"] = named
    return response


def _write(book: Workbook, sheet: Sheet) -> None:
    made = book.create_sheet(_NO_SHEET_NAME.sub(" ", sheet.name)[:31])
    for number, column in enumerate(sheet.columns, 1):
        made.column_dimensions[get_column_letter(number)].width = column.width
    made.freeze_panes = "B2"
    made.append([_header(made, column) for column in sheet.columns])
    writer = _Cells(made, sheet.columns)
    count = 0
    for row in sheet.rows:
        made.append(writer.cells(row))
        count += 1
    if sheet.columns and count:
        made.auto_filter.ref = f"A1:{get_column_letter(len(sheet.columns))}{count + 1}"


def _header(made: WriteOnlyWorksheet, column: Column) -> Cell:
    cell = WriteOnlyCell(made, value=clean(column.title))
    cell.data_type = "s"
    cell.font = Font(bold=True)
    cell.fill = PatternFill("solid", fgColor="FFE7EFF5")
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    return cell


class _Cells:
    """Make the cells of one row after another; a row is written before the next one is made."""

    def __init__(self, made: WriteOnlyWorksheet, columns: Sequence[Column]) -> None:
        self._texts = [WriteOnlyCell(made) for _ in columns]
        self._quoted = [WriteOnlyCell(made) for _ in columns]
        self._numbers = [WriteOnlyCell(made) for _ in columns]
        self._days = [WriteOnlyCell(made) for _ in columns]
        self._formats = [column.format for column in columns]
        for cell in self._quoted:
            cell.quotePrefix = True
        for cell, form in zip(self._numbers, self._formats, strict=True):
            if form:
                cell.number_format = form

    def cells(self, row: Sequence[Value]) -> list[Cell | None]:
        """Return the cells of a row; an empty value has none."""
        return [self._cell(place, value) for place, value in enumerate(row)]

    def _cell(self, place: int, value: Value) -> Cell | None:
        if value is None or value == "":
            return None
        if isinstance(value, str):
            text = clean(value)
            cell = (self._quoted if text.startswith(_FORMULA_SIGNS) else self._texts)[place]
            # Only after the value: openpyxl takes a text that begins with "=" for a formula.
            cell.value = text
            cell.data_type = "s"
            return cell
        if not isinstance(value, date):
            self._numbers[place].value = value
            return self._numbers[place]
        cell = self._days[place]
        cell.value = _local(value) if isinstance(value, datetime) else value
        usual = MOMENT_FORMAT if isinstance(value, datetime) else DAY_FORMAT
        cell.number_format = self._formats[place] or usual
        return cell


def _local(value: datetime) -> datetime:
    return timezone.make_naive(value) if timezone.is_aware(value) else value


def clean(text: str) -> str:
    """Return a text without what a workbook cannot hold."""
    return _UNWRITABLE.sub("", text)[:_LONGEST]


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        """Return the text."""
        return text


def _csv_lines(sheet: Sheet) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield "\ufeff"
    yield str(writer.writerow([safe(column.title) for column in sheet.columns]))
    for row in sheet.rows:
        yield str(writer.writerow([safe(_plain(value)) for value in row]))


def _plain(value: Value) -> object:
    if isinstance(value, datetime):
        return _local(value).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else value
