"""Write workbooks as an office keeps them: title, note, unit line, merged header, ruled rows.

openpyxl lays out each sheet with one model row; the rows of the ledger are then streamed into the
sheet in that row's styles. A workbook's bytes depend on its contents alone.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from xml.sax.saxutils import escape

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

Cell = str | int | float | date | None
Row = Sequence[Cell]

NOTE = "注：本表为合成示例数据，地块、企业、工程均为虚构，仅总量与公开报道一致"
_SAVED = datetime(2023, 11, 15, 8, 0, 0)
_ZIP_TIME = (2023, 11, 15, 8, 0, 0)
_EXCEL_EPOCH = date(1899, 12, 30).toordinal()
_THIN = Side(style="thin", color="8C8C8C")
_BOX = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_HEAD_FILL = PatternFill("solid", fgColor="DCE6F1")
_STRONG_FILL = PatternFill("solid", fgColor="F2F2F2")
_CENTRE = Alignment(horizontal="center", vertical="center", wrap_text=True)
_FORMATS = {
    "text": "@",
    "date": "yyyy-mm-dd",
    "int": "#,##0",
    "num": "#,##0.00",
    "num4": "#,##0.0000",
    "pct": "0.0",
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its header, the header above it if grouped, its width and number format."""

    header: str
    kind: str = "text"
    width: float = 12.0
    group: str = ""


@dataclass(frozen=True)
class Sheet:
    """A sheet: what stands above the header, its columns, and its rows.

    Parameters
    ----------
    name
        Name of the tab.
    title
        First line, merged across.
    columns
        In order; neighbours of one group share a merged header above theirs.
    rows
        Cells in the order of the columns.
    strong
        Positions of subtotal and total rows.
    unit
        Unit line, such as ``单位：亩``; empty for none.
    note
        Line that says what is synthetic.
    """

    name: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    strong: frozenset[int] = field(default_factory=frozenset)
    unit: str = ""
    note: str = NOTE


def save(path: Path, sheets: Sequence[Sheet]) -> Path:
    """Write a workbook and return its path."""
    book = Workbook()
    book.remove(book.worksheets[0])
    first_rows = [_lay_out(book.create_sheet(sheet.name), sheet) for sheet in sheets]
    book.properties.creator = "园区指挥部（合成示例）"
    book.properties.title = sheets[0].title
    book.properties.description = NOTE
    book.properties.created = _SAVED
    plain = io.BytesIO()
    book.save(plain)
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if match := re.fullmatch(r"xl/worksheets/sheet(\d+)\.xml", name):
                number = int(match[1]) - 1
                data = _fill(data.decode("utf-8"), sheets[number], first_rows[number]).encode()
            elif name == "docProps/core.xml":
                data = _freeze_time(data)
            entry = zipfile.ZipInfo(name, _ZIP_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            target.writestr(entry, data, compresslevel=5)
    return path


def frozen(data: bytes) -> bytes:
    """Return a workbook without the time at which it was saved: equal contents, equal bytes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(stream, "w") as target:
        for name in source.namelist():
            part = source.read(name)
            entry = zipfile.ZipInfo(name, _ZIP_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            whole = _freeze_time(part) if name == "docProps/core.xml" else part
            target.writestr(entry, whole, compresslevel=5)
    return stream.getvalue()


def _freeze_time(data: bytes) -> bytes:
    saved = _SAVED.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    return re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + saved, data)


def _lay_out(work: Worksheet, sheet: Sheet) -> int:
    """Write everything above the rows and two model rows; return the number of the first row."""
    last = get_column_letter(len(sheet.columns))
    lines = [(sheet.title, Font(name="黑体", size=16, bold=True), 30.0, "center")]
    lines.append((sheet.note, Font(name="宋体", size=9, color="C00000"), 18.0, "left"))
    if sheet.unit:
        lines.append((sheet.unit, Font(name="宋体", size=10), 16.0, "right"))
    for row, (text, font, height, side) in enumerate(lines, start=1):
        above = work.cell(row, 1, text)
        above.font = font
        above.alignment = Alignment(horizontal=side, vertical="center", wrap_text=row == 1)
        work.merge_cells(f"A{row}:{last}{row}")
        work.row_dimensions[row].height = height
    head = len(lines) + 1
    depth = 2 if any(column.group for column in sheet.columns) else 1
    _write_header(work, sheet.columns, head, depth)
    first = head + depth
    for offset in range(2):
        for number, column in enumerate(sheet.columns, start=1):
            model = work.cell(first + offset, number)
            model.border = _BOX
            model.number_format = _FORMATS[column.kind]
            model.font = Font(name="宋体", size=10, bold=bool(offset))
            centre = column.kind in ("date", "text") and column.width <= 16
            model.alignment = Alignment(horizontal="center" if centre else None, vertical="center")
            if offset:
                model.fill = _STRONG_FILL
    work.freeze_panes = f"C{first}"
    work.page_setup.orientation = "landscape"
    work.page_setup.fitToHeight = 0
    work.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    work.print_title_rows = f"{head}:{first - 1}"
    return first


def _write_header(work: Worksheet, columns: Sequence[Column], head: int, depth: int) -> None:
    for row in range(head, head + depth):
        work.row_dimensions[row].height = 32.0 if row == head + depth - 1 else 20.0
    start = 0
    for number, column in enumerate(columns, start=1):
        work.column_dimensions[get_column_letter(number)].width = column.width
        for row in range(head, head + depth):
            cell = work.cell(row, number)
            cell.font = Font(name="宋体", size=10, bold=True)
            cell.alignment, cell.border, cell.fill = _CENTRE, _BOX, _HEAD_FILL
        if not column.group:
            work.cell(head, number, column.header)
            if depth == 2:
                work.merge_cells(None, head, number, head + 1, number)
            continue
        work.cell(head + 1, number, column.header)
        before = columns[number - 2].group if number > 1 else ""
        start = number if column.group != before else start
        after = columns[number].group if number < len(columns) else ""
        if column.group != after:
            work.cell(head, start, column.group)
            if number > start:
                work.merge_cells(None, head, start, head, number)


def _fill(xml: str, sheet: Sheet, first: int) -> str:
    """Replace the two model rows of a sheet by its rows."""
    start = xml.index(f'<row r="{first}"')
    end = xml.index("</sheetData>")
    models = xml[start:end].split("</row>")
    styles = [re.findall(r'<c [^>]*?s="(\d+)"', model) for model in models[:2]]
    letters = [get_column_letter(number + 1) for number in range(len(sheet.columns))]
    last = first + max(len(sheet.rows), 1) - 1
    xml_rows = "".join(_rows_xml(sheet, first, letters, styles))
    head = re.sub(
        r'<dimension ref="[^"]*"', f'<dimension ref="A1:{letters[-1]}{last}"', xml[:start]
    )
    return head + xml_rows + xml[end:]


def _rows_xml(
    sheet: Sheet, first: int, letters: Sequence[str], styles: Sequence[Sequence[str]]
) -> Iterable[str]:
    known: dict[str, str] = {}
    for position, row in enumerate(sheet.rows):
        number = first + position
        parts = [f'<row r="{number}">']
        for letter, style, value in zip(
            letters, styles[position in sheet.strong], row, strict=True
        ):
            head = f'<c r="{letter}{number}" s="{style}"'
            if value is None or value == "":
                parts.append(f"{head}/>")
            elif isinstance(value, str):
                text = known.get(value)
                if text is None:
                    text = known[value] = escape(value)
                parts.append(f'{head} t="inlineStr"><is><t>{text}</t></is></c>')
            elif isinstance(value, date):
                parts.append(f"{head}><v>{value.toordinal() - _EXCEL_EPOCH}</v></c>")
            else:
                parts.append(f"{head}><v>{value!r}</v></c>")
        parts.append("</row>")
        yield "".join(parts)
