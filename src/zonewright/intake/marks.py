"""What calamine leaves out of an .xlsx sheet: percents, errors, formulas, what is hidden.

Sheets are scanned as text: the three patterns are found without building a tree of a large file.
"""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from html import unescape
from pathlib import Path

from zonewright.intake.grids import Position, index_of

# No tag goes beyond the next "<": a comment full of "<c" is looked through once, not once a sign.
_ERROR = re.compile(
    r'<c\b([^<>]*\bt="e"[^<>]*)>(?:<f\b[^<>]*/>|<f\b[^<>]*>[^<]*</f>)?<v>([^<]*)</v>'
)
_FORMULA = re.compile(r"<c\b([^<>]*)>(?:<f\b[^<>]*/>|<f\b[^<>]*>[^<]*</f>)(?:<v\s*/>|<v></v>)?</c>")
_REFERENCE = re.compile(r'\br="([A-Z]+)(\d+)"')
_ROW = re.compile(r"<row\b[^<>]*>")
_HIDDEN = re.compile(r'\bhidden="(?:1|true)"')
_ROW_NUMBER = re.compile(r'\br="(\d+)"')
_COLUMN = re.compile(r"<col\b[^<>]*>")
_SPAN = re.compile(r'\b(min|max)="(\d+)"')
# Columns beyond this one are hidden to the sheet's end as a look, and hold nothing.
_LAST_COLUMN = 2_000
_PERCENT_BUILT_IN = frozenset({"9", "10"})
_MAX_PART = 400_000_000


@dataclass(frozen=True, slots=True)
class Marks:
    """Cells of a sheet, by row and column from 0."""

    percents: frozenset[Position]
    faults: dict[Position, str]
    hidden_rows: tuple[int, ...] = ()
    hidden_columns: tuple[int, ...] = ()


def sheet_marks(path: Path, sheet: str) -> Marks | None:
    """Return the marks of a sheet, or None if the file is no .xlsx or is laid out unusually."""
    if not zipfile.is_zipfile(path):
        return None
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        part = _part_of(archive, names, sheet)
        if part is None or archive.getinfo(part).file_size > _MAX_PART:
            return None
        text = archive.read(part).decode("utf-8", errors="replace")
        styles = _percent_styles(archive) if "xl/styles.xml" in names else frozenset()
    faults: dict[Position, str] = {}
    if 't="e"' in text:
        faults = {_position(match[1]): unescape(match[2]) for match in _ERROR.finditer(text)}
    if "<f" in text:
        for match in _FORMULA.finditer(text):
            faults.setdefault(_position(match[1]), "=")
    return Marks(_percents(text, styles), faults, _hidden_rows(text), _hidden_columns(text))


def _hidden_rows(text: str) -> tuple[int, ...]:
    if "hidden=" not in text:
        return ()
    hidden = (row for row in _ROW.findall(text) if _HIDDEN.search(row))
    return tuple(int(number[1]) - 1 for row in hidden if (number := _ROW_NUMBER.search(row)))


def _hidden_columns(text: str) -> tuple[int, ...]:
    head = text.partition("<sheetData")[0]
    found: list[int] = []
    for column in _COLUMN.findall(head):
        span = {name: int(number[:6]) for name, number in _SPAN.findall(column)}
        if _HIDDEN.search(column) and "min" in span:
            last = min(span.get("max", span["min"]), _LAST_COLUMN)
            found.extend(range(span["min"] - 1, last))
    return tuple(dict.fromkeys(found))


def _part_of(archive: zipfile.ZipFile, names: set[str], sheet: str) -> str | None:
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
        return None
    book = archive.read("xl/workbook.xml").decode("utf-8", errors="replace")
    links = archive.read("xl/_rels/workbook.xml.rels").decode("utf-8", errors="replace")
    targets = {}
    for link in re.findall(r"<Relationship\b[^>]*>", links):
        found = dict(re.findall(r'(\w+)="([^"]*)"', link))
        targets[found.get("Id", "")] = found.get("Target", "")
    for entry in re.findall(r"<(?:\w+:)?sheet\b[^>]*>", book):
        found = dict(re.findall(r'([\w:]+)="([^"]*)"', entry))
        if unescape(found.get("name", "")) == sheet:
            target = targets.get(found.get("r:id", ""), "")
            part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            return part if part in names else None
    return None


def _percent_styles(archive: zipfile.ZipFile) -> frozenset[str]:
    text = archive.read("xl/styles.xml").decode("utf-8", errors="replace")
    formats = set(_PERCENT_BUILT_IN)
    for entry in re.findall(r"<numFmt\b[^>]*>", text):
        found = dict(re.findall(r'(\w+)="([^"]*)"', entry))
        if "%" in found.get("formatCode", ""):
            formats.add(found.get("numFmtId", ""))
    cells = re.search(r"<cellXfs\b.*?</cellXfs>", text, re.DOTALL)
    entries = re.findall(r"<xf\b[^>]*>", cells[0]) if cells else []
    return frozenset(
        str(index)
        for index, entry in enumerate(entries)
        if (match := re.search(r'numFmtId="(\d+)"', entry)) and match[1] in formats
    )


def _percents(text: str, styles: frozenset[str]) -> frozenset[Position]:
    if not styles:
        return frozenset()
    pattern = re.compile(rf'<c\b([^<>]*\bs="(?:{"|".join(sorted(styles))})"[^<>]*)>')
    return frozenset(_position(match[1]) for match in pattern.finditer(text))


def _position(attributes: str) -> Position:
    match = _REFERENCE.search(attributes)
    return (int(match[2]) - 1, index_of(match[1])) if match else (-1, -1)
