"""Comma, semicolon or tab separated text in UTF-8, UTF-16 or GB18030."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from zonewright.intake.faults import CellError
from zonewright.intake.grids import Cell, Grid

SUFFIXES = frozenset({".csv", ".tsv"})
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def decode(content: bytes) -> str:
    """Return text from bytes of which nobody said how they are encoded.

    Raises
    ------
    CellError
        If they are neither UTF-8, UTF-16 with a mark, nor GB18030.
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content.decode(encoding, errors="strict")
    for encoding in ("utf-8", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise CellError("intake-file-encoding")


def read_delimited(path: Path) -> list[Grid]:
    """Read a text table as one sheet.

    Raises
    ------
    CellError
        If it is no text, or its quotes do not close.
    """
    text = decode(path.read_bytes())
    if "\x00" in text:
        raise CellError("intake-file-unreadable", reason="NUL")
    head = text[:20_000]
    delimiter = max(",\t;，", key=head.count) if path.suffix.casefold() != ".tsv" else "\t"
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise CellError("intake-file-unreadable", reason=str(error)) from None
    width = max((len(line) for line in lines), default=0)
    rows: list[list[Cell]] = [
        [*(cell if cell.strip() else None for cell in line), *[None] * (width - len(line))]
        for line in lines
    ]
    return [Grid(name="", rows=rows)]
