"""Fill in the workbooks of returns, as a reporter does with Excel: the cells left open, by hand."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from zonewright.examples.jiangmen.workbooks import Column, Sheet, frozen, save
from zonewright.examples.jiangmen.year import Figures

# A return's workbook names its fields in a hidden row above the header.
_NAMES_ROW, _FIRST_ROW = 4, 7
_TOTALLED = ("invested", "invested_ytd")


def fill(data: bytes, figures: Figures) -> bytes:
    """Return a blank workbook with figures written into the rows it holds, and their total.

    Parameters
    ----------
    data
        The workbook, as the desk hands it out.
    figures
        Code to fields and what is reported of them, in the workbook's units.
    """
    book = load_workbook(io.BytesIO(data))
    total = dict.fromkeys(_TOTALLED, 0)
    for page in book.worksheets:
        for key, columns, row in _rows(page):
            for name, value in figures.get(key, {}).items():
                if name in columns:
                    page.cell(row, columns[name]).value = value
                if name in total:
                    total[name] += int(str(value))
    for page in book.worksheets:
        for key, columns, row in _rows(page):
            if key == "all":
                for name, value in total.items():
                    page.cell(row, columns[name]).value = value
    stream = io.BytesIO()
    book.save(stream)
    return frozen(stream.getvalue())


def keys(data: bytes) -> tuple[str, ...]:
    """Return the codes of the records that a workbook asks for, in their order."""
    book = load_workbook(io.BytesIO(data))
    return tuple(key for page in book.worksheets for key, _, _ in _rows(page) if key != "all")


def evidence(folder: Path) -> Path:
    """Write what proves the reply to the supervision order, unless it is there; return its path."""
    path = folder / "办结材料（示例）.xlsx"
    if path.exists():
        return path
    columns = (Column("事项", width=30), Column("完成情况", width=40), Column("日期", width=14))
    rows = [["施工单位进场", "已签发开工令（示例，虚构）", "2024-01-28"]]
    return save(
        folder / "办结材料（示例）.xlsx", (Sheet("办结材料", "督办办结材料", columns, rows),)
    )


def _rows(page: Worksheet) -> Iterator[tuple[str, dict[str, int], int]]:
    """Yield the key, the columns by field, and the number of each row of a sheet of a return."""
    names: dict[str, int] = {}
    for cell in page[_NAMES_ROW]:
        if cell.value is not None:
            names.setdefault(str(cell.value), _column(cell))
    for row in page.iter_rows(min_row=_FIRST_ROW, max_col=1):
        if row[0].value is not None and page.sheet_state == "visible":
            yield str(row[0].value), names, int(row[0].row)


def _column(cell: Any) -> int:
    return int(cell.column)
