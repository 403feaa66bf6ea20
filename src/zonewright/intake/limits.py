"""How much a workbook would unpack to, told before it is: a few kilobytes can fill a memory."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import IO

from zonewright.intake.faults import CellError
from zonewright.intake.grids import index_of

MAX_BYTES = 1_000_000_000
# A sheet is held as a rectangle from its first cell to the last that is filled.
MAX_CELLS = 30_000_000
_SHEET = re.compile(r"^xl/worksheets/[^/]+\.xml$")
_FILLED = re.compile(
    rb'<(?:\w+:)?c\b[^<>]*?\br="([A-Z]{1,3})(\d{1,7})"[^<>]*>\s*<(?:\w+:)?(?:v>[^<]|f\b|is\b)'
)
_CHUNK, _LONGEST_TAG = 1 << 20, 400


def require_readable(path: Path) -> None:
    """Refuse a workbook that no machine should unpack; what is no ZIP cannot be one.

    Raises
    ------
    CellError
        If its parts are too large together, or a cell lies too far away.
    """
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as archive:
        if sum(part.file_size for part in archive.infolist()) > MAX_BYTES:
            raise CellError("intake-workbook-large", most_mb=MAX_BYTES // 1_000_000)
        for part in archive.infolist():
            if not _SHEET.match(part.filename):
                continue
            with archive.open(part) as stream:
                rows, columns = _reach(stream)
            if rows * columns > MAX_CELLS:
                raise CellError("intake-workbook-wide", rows=rows, columns=columns)


def _reach(stream: IO[bytes]) -> tuple[int, int]:
    """Return the last row and column, from 1, of which a cell is filled."""
    rows = columns = 0
    rest = b""
    while chunk := stream.read(_CHUNK):
        text = rest + chunk
        found = _FILLED.findall(text)
        rows = max(rows, max((int(number) for _, number in found), default=0))
        names = {name.decode() for name, _ in found}
        columns = max(columns, max(map(index_of, names), default=-1) + 1)
        rest = text[-_LONGEST_TAG:]
    return rows, columns
