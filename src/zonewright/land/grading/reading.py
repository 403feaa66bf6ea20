"""Reading terrain: from a GeoTIFF or ASCII grid to heights in metres in a frame of metres."""

from __future__ import annotations

from dataclasses import replace
from os import PathLike
from pathlib import Path

import numpy as np
from pyproj import CRS
from pyproj.exceptions import CRSError as UnknownCRS

from zonewright.core.errors import CRSError, InputError
from zonewright.land.grading._ascii import read_ascii
from zonewright.land.grading._rasterio import read_gdal, warped
from zonewright.land.grading.terrain import Bounds, Terrain, height_factor

_ASCII = (".asc", ".agr", ".grd", ".txt")


def read_terrain(
    path: str | PathLike[str],
    *,
    crs: object = None,
    warp_to: object = None,
    bounds: Bounds | None = None,
    height_unit: str = "",
) -> Terrain:
    """Read the ground's heights from a GeoTIFF or an ASCII grid.

    Parameters
    ----------
    path
        The file; ``.asc``, ``.agr``, ``.grd`` and ``.txt`` are ASCII grids, others are left to
        GDAL.
    crs
        Frame of the file where it names none or a wrong one, such as ``"EPSG:4547"``. An ASCII
        grid names its frame in a ``.prj`` beside it, if at all.
    warp_to
        Projected frame in metres into which to bring it (bilinear); None leaves it as it is. A
        file in degrees needs one.
    bounds
        West, south, east, north of the part to read, in the frame of the result; None for all.
    height_unit
        ``m``, ``ft``, ``us-ft``; empty takes what the file says, else metres.

    Returns
    -------
    terrain
        Heights in metres; NaN where the file has none.

    Raises
    ------
    InputError
        If the file cannot be read, or holds no height (within the bounds).
    CRSError
        If a frame is unknown or the result is not in metres.
    RangeError
        If the unit of height is not known.
    """
    file = Path(path)
    if not file.is_file():
        raise InputError("terrain-unreadable", file=file.name, detail="no such file")
    own, into = _frame(crs), _frame(warp_to)
    if file.suffix.lower() in _ASCII:
        raster = read_ascii(file)
        found = own or _beside(file)
    else:
        raster = read_gdal(file, crs=own, bounds=bounds, of=into)
        found = raster.crs
    if into is not None and found != into:
        if found is None:
            raise CRSError("terrain-no-crs")
        raster = warped(replace(raster, crs=found), into)
        found = into
    heights = raster.heights * height_factor(height_unit or raster.unit)
    heights = np.where(np.isfinite(heights), heights, np.nan)
    terrain = Terrain(heights, raster.west, raster.north, raster.cell_x, raster.cell_y, found)
    return terrain if bounds is None else terrain.cropped(bounds)


def _frame(given: object) -> CRS | None:
    if given is None:
        return None
    try:
        return CRS.from_user_input(given)
    except UnknownCRS as error:
        raise CRSError("terrain-crs-unknown", found=str(given)[:60]) from error


def _beside(file: Path) -> CRS | None:
    """Return the frame that a projection file beside the grid names."""
    note = file.with_suffix(".prj")
    return _frame(note.read_text(encoding="utf-8").strip()) if note.is_file() else None
