"""The ASCII grid of Esri: a header of six lines, then the heights from north to south."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from zonewright.core.errors import InputError
from zonewright.land.grading.raster import Raster

_NODATA = -9999.0  # what the format means where a header names none
_SIZES = ("ncols", "nrows")


def read_ascii(path: Path) -> Raster:
    """Read an ASCII grid.

    Raises
    ------
    InputError
        If the header lacks a line, or the number of heights does not fit it.
    """
    try:
        words = path.read_text(encoding="ascii").split()
    except UnicodeDecodeError as error:
        raise InputError("terrain-unreadable", file=path.name, detail="text") from error
    header, start = _header(words)
    try:
        columns, rows = (int(header[name]) for name in _SIZES)
        cell_x = float(header.get("cellsize") or header["dx"])
        cell_y = float(header.get("cellsize") or header["dy"])
        west, south = _corner(header, "x", cell_x), _corner(header, "y", cell_y)
        nodata = float(header.get("nodata_value", _NODATA))
        values = np.array(words[start:], dtype=np.float64)
    except (KeyError, ValueError) as error:
        raise InputError("terrain-unreadable", file=path.name, detail=str(error)) from error
    if len(values) != rows * columns:
        raise InputError(
            "terrain-count", file=path.name, rows=rows, columns=columns, found=len(values)
        )
    heights = values.reshape(rows, columns)
    heights = np.where(heights == nodata, np.nan, heights)
    return Raster(heights, west, south + rows * cell_y, cell_x, cell_y, None, "")


def _header(words: list[str]) -> tuple[dict[str, str], int]:
    """Return the header, names in lower case, and the position of the first height."""
    header, place = {}, 0
    while place + 1 < len(words) and words[place][0].isalpha() and words[place].lower() != "nan":
        header[words[place].lower()] = words[place + 1]
        place += 2
    return header, place


def _corner(header: dict[str, str], axis: str, cell: float) -> float:
    """Return the outer corner on an axis, from the corner or the middle of the first cell."""
    if f"{axis}llcenter" in header:
        return float(header[f"{axis}llcenter"]) - cell / 2
    return float(header[f"{axis}llcorner"])
