"""Write cells and workbooks: a text stays a text, and the same contents give the same bytes."""

from __future__ import annotations

import io
import re
import zipfile
from copy import copy
from datetime import datetime

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import PatternFill

GIVEN_FILL = PatternFill("solid", fgColor="FFEFF1F3")
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n")
_LONGEST = 32_767
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
MADE = datetime(2000, 1, 1)


def clean(text: str) -> str:
    """Return a text without what a workbook cannot hold."""
    return _UNWRITABLE.sub("", text)[:_LONGEST]


def put(cell: object, value: object, like: Cell | None = None) -> Cell:
    """Write a value into a cell that looks like another one; a text stays a text.

    Taking over a look whole is a hundred times as fast as setting font, border and the like.
    """
    if not isinstance(cell, Cell):  # only the first of merged cells is ever written
        raise TypeError(type(cell).__name__)
    if like is not None:
        cell._style = copy(like._style)  # type: ignore[attr-defined]
    if isinstance(value, str):
        text = clean(value)
        cell.value = text or None
        if text:
            cell.data_type = "s"
        if text.startswith(_FORMULA_SIGNS):
            cell.quotePrefix = True
        if like is None:
            cell.number_format = "@"
    elif value is not None:
        look = cell.number_format
        cell.value = value  # type: ignore[assignment]
        if like is not None and cell.number_format != look:  # a day brings a format with it
            cell.number_format = look
    return cell


def saved(book: Workbook) -> bytes:
    """Return a workbook's bytes without the time at which they were made."""
    plain, fixed = io.BytesIO(), io.BytesIO()
    book.save(plain)
    stamp = MADE.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(fixed, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name == "docProps/core.xml":
                data = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + stamp, data)
            entry = zipfile.ZipInfo(name, _ZIP_TIME)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            target.writestr(entry, data, compresslevel=6)
    return fixed.getvalue()
