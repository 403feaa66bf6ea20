"""Error cells of an .ods sheet, which calamine gives as empty."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree

from zonewright.intake.grids import Position

_ERROR = re.compile(r"^(?:#REF!|#N/A|#VALUE!|#DIV/0!|#NAME\?|#NUM!|#NULL!|Err:\d+)$")
_ANY_ERROR = re.compile(rb">(?:#REF!|#N/A|#VALUE!|#DIV/0!|#NAME\?|#NUM!|#NULL!|Err:\d+)<")
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_MAX_CONTENT = 400_000_000


def error_cells(path: Path, sheet: str) -> dict[Position, str]:
    """Return the cells of a sheet that hold an error, with its text."""
    with zipfile.ZipFile(path) as archive:
        if archive.getinfo("content.xml").file_size > _MAX_CONTENT:
            return {}
        content = archive.read("content.xml")
    # A file that declares entities could grow without end; no office program writes one.
    if _ANY_ERROR.search(content) is None or b"<!ENTITY" in content:
        return {}
    root = ElementTree.fromstring(content)  # noqa: S314
    tables = (table for table in root.iter(f"{_TABLE}table"))
    found = next((table for table in tables if table.get(f"{_TABLE}name") == sheet), None)
    return {} if found is None else _errors(found)


def _errors(table: ElementTree.Element) -> dict[Position, str]:
    faults: dict[Position, str] = {}
    row = 0
    for line in table.iter(f"{_TABLE}table-row"):
        column = 0
        for cell in line:
            text = "".join(part.text or "" for part in cell.iter(f"{_TEXT}p")).strip()
            if _ERROR.match(text):
                faults[row, column] = text
            column += int(cell.get(f"{_TABLE}number-columns-repeated", "1"))
        row += int(line.get(f"{_TABLE}number-rows-repeated", "1"))
    return faults
