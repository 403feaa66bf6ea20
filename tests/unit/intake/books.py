"""Write the ugly files that the tests read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import geopandas as gpd
import openpyxl
from openpyxl.worksheet.worksheet import Worksheet
from shapely import box
from shapely.geometry.base import BaseGeometry

from zonewright.core.findings import Finding
from zonewright.core.records import FileRead, TableRead


def write_book(
    path: Path,
    sheets: Mapping[str, Sequence[Sequence[object]]],
    *,
    merge: Mapping[str, Sequence[str]] | None = None,
    formats: Mapping[str, Mapping[str, str]] | None = None,
) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet: Worksheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
        for cells in (merge or {}).get(name, ()):
            sheet.merge_cells(cells)
        for cell, code in (formats or {}).get(name, {}).items():
            sheet[cell].number_format = code
    book.save(path)
    return path


def table_of(read: FileRead, name: str) -> TableRead:
    found = [table for table in read.tables if table.table == name]
    assert len(found) == 1, [table.table for table in read.tables]
    return found[0]


def coded(read: FileRead, code: str) -> list[Finding]:
    return [finding for finding in read.findings if finding.code == code]


def faults(read: FileRead) -> list[tuple[str, str]]:
    """Return code and cell of every finding that is no mere information."""
    return [
        (finding.code, f"{finding.place.column}{finding.place.row or ''}")
        for finding in read.findings
        if finding.severity != "info"
    ]


def squares(count: int = 2, *, west: float = 113.0, south: float = 22.5) -> list[BaseGeometry]:
    return [
        box(west + 0.01 * i, south, west + 0.01 * i + 0.005, south + 0.005) for i in range(count)
    ]


def parcels(geometries: Sequence[BaseGeometry | None], crs: object) -> gpd.GeoDataFrame:
    codes = [f"P-{i + 1}" for i in range(len(geometries))]
    return gpd.GeoDataFrame({"地块编号": codes}, geometry=list(geometries), crs=crs)
