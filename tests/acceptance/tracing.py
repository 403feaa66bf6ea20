"""Read again, without the product's readers, the cells that a figure says it rests on."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import shapely
from openpyxl.utils import column_index_from_string
from openpyxl.worksheet.worksheet import Worksheet
from pyproj import Geod

from zonewright.core.findings import Place
from zonewright.store.models import Blob, ReturnVersion

# What one of a unit is in the smallest one of its kind, as the field counts: 15 mu are a hectare.
SCALES: Mapping[str, Fraction] = {
    "元": Fraction(1), "万元": Fraction(10**4), "亿元": Fraction(10**8),
    "m2": Fraction(1), "㎡": Fraction(1), "平方米": Fraction(1), "万m2": Fraction(10**4),
    "万平方米": Fraction(10**4), "亩": Fraction(2000, 3), "ha": Fraction(10**4),
    "公顷": Fraction(10**4), "平方公里": Fraction(10**6), "%": Fraction(1),
    "项": Fraction(1), "个": Fraction(1), "块": Fraction(1),
}  # fmt: skip
# Titles and captions stand in the rows above this one, at the most.
_TOP = 7
_IN_BRACKETS = re.compile(r"[（(]([^（）()]+)[）)]\*?$")
_OF_SHEET = re.compile(r"单位[：:]\s*(\S+)")
_NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?")
_ELLIPSOID = Geod(ellps="GRS80")


@dataclass
class Shelf:
    """The files of a workspace: those imported, in a folder, and the returns as they were kept.

    Parameters
    ----------
    folder
        Holds the imported files.
    read
        How many cells of returns were read.
    """

    folder: Path
    read: int = 0
    _books: dict[str, Any] = field(default_factory=dict)
    _heads: dict[tuple[str, str], Mapping[int, list[str]]] = field(default_factory=dict)
    _shapes: dict[str, dict[int, tuple[str, bytes]]] = field(default_factory=dict)

    def is_return(self, place: Place) -> bool:
        """Return whether a place is in a workbook that a zone handed in."""
        return not (self.folder / place.file).exists()

    def cell(self, place: Place) -> Any:
        """Return what stands at a place."""
        assert place.row, place
        assert place.column, place
        self.read += self.is_return(place)
        return self.sheet(place).cell(place.row, column_index_from_string(place.column)).value

    def sheet(self, place: Place) -> Worksheet:
        """Return the sheet of a place."""
        if place.file not in self._books:
            path = self.folder / place.file
            content = path.read_bytes() if path.exists() else kept_upload(place.file)
            self._books[place.file] = openpyxl.load_workbook(BytesIO(content))
        found: Worksheet = self._books[place.file][place.sheet]
        return found

    def unit(self, place: Place) -> str:
        """Return the unit in which a column says that its numbers are."""
        at = column_index_from_string(place.column or "")
        heads = self._heads_of(place)
        for text in reversed(heads[at]):
            told = _IN_BRACKETS.search(text.strip())
            if told and told[1] in SCALES:
                return told[1]
        for column, texts in heads.items():
            if "单位" in texts:
                return str(self.sheet(place).cell(place.row or 0, column).value)
        for text in (text for texts in heads.values() for text in texts):
            told = _OF_SHEET.search(text)
            if told:
                return told[1]
        raise AssertionError(f"no unit: {place}")

    def _heads_of(self, place: Place) -> Mapping[int, list[str]]:
        """Return what stands at the top of each column of a sheet."""
        named = (place.file, place.sheet)
        if named not in self._heads:
            page = self.sheet(place)
            self._heads[named] = {
                column: [str(page.cell(row, column).value or "") for row in range(1, _TOP)]
                for column in range(1, page.max_column + 1)
            }
        return self._heads[named]

    def amount(self, place: Place) -> Fraction:
        """Return the number at a place in the smallest unit of its kind."""
        given = self.cell(place)
        if isinstance(given, str):
            told = _NUMBER.search(given)
            assert told, (place, given)
            given = told[0].replace(",", "")
        return Fraction(str(given)) * SCALES[self.unit(place)]

    def day(self, place: Place) -> date:
        """Return the day at a place."""
        given = self.cell(place)
        if isinstance(given, datetime):
            return given.date()
        numbers = [int(part) for part in re.findall(r"\d+", str(given))]
        assert len(numbers) >= 2, (place, given)
        return date(*[*numbers, 1][:3])

    def shape(self, place: Place) -> tuple[str, float]:
        """Return the code of what is drawn at a place, and its area on the ellipsoid [m²]."""
        drawn = f"{place.file} {place.sheet}"
        if drawn not in self._shapes:
            with sqlite3.connect(self.folder / place.file) as database:
                code = {"parcels": "地块编号", "zones": "片区编号"}[place.sheet]
                rows = database.execute(f'SELECT fid, "{code}", geom FROM "{place.sheet}"')
                self._shapes[drawn] = {fid: (code, geom) for fid, code, geom in rows}
            database.close()
        code, content = self._shapes[drawn][place.row or 0]
        shape = shapely.orient_polygons(shapely.from_wkb(_without_head(content)))
        return code, _ELLIPSOID.geometry_area_perimeter(shape)[0]


def kept_upload(name: str) -> bytes:
    """Return the bytes of a return as the workspace keeps them."""
    (version,) = ReturnVersion.objects.filter(source__name=name)
    assert version.file_id is not None
    return bytes(Blob.objects.get(pk=version.file_id).content)


def _without_head(content: bytes) -> bytes:
    """Return the WKB of a GeoPackage's geometry."""
    boxes = (0, 32, 48, 48, 64)
    return content[8 + boxes[(content[3] >> 1) & 7] :]
