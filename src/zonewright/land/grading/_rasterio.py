"""GeoTIFF and whatever else GDAL reads, and the change to another frame, by rasterio."""

from __future__ import annotations

from math import ceil, floor, hypot
from pathlib import Path

import numpy as np
import rasterio
from pyproj import CRS
from rasterio import Affine
from rasterio.errors import RasterioIOError
from rasterio.warp import Resampling, reproject, transform_bounds
from rasterio.windows import Window

from zonewright.core.errors import InputError
from zonewright.land.grading.raster import Raster
from zonewright.land.grading.terrain import Bounds

_MARGIN_CELLS = 2


def read_gdal(path: Path, *, crs: CRS | None, bounds: Bounds | None, of: CRS | None) -> Raster:
    """Read the first band, or the part of it that meets a box.

    Parameters
    ----------
    path
        A file that GDAL reads.
    crs
        Frame to take in place of the file's own; None for the file's.
    bounds
        Box in the frame `of`; None reads everything.
    of
        Frame of the box; None if it is the raster's.

    Raises
    ------
    InputError
        If the file cannot be read, is turned against the axes, or lies outside the box.
    """
    try:
        with rasterio.open(path) as source:
            own = crs or (CRS.from_wkt(source.crs.to_wkt()) if source.crs else None)
            grid = source.transform
            if grid.b or grid.d or grid.a <= 0 or grid.e >= 0:
                raise InputError("terrain-turned", file=path.name)
            window = _window(source, own, bounds, of)
            if window is None:
                raise InputError("terrain-outside", file=path.name)
            band = source.read(1, window=window, masked=True)
            scale, offset = source.scales[0], source.offsets[0]
            unit = source.units[0] or ""
    except RasterioIOError as error:
        raise InputError("terrain-unreadable", file=path.name, detail=str(error)) from error
    heights = np.ma.filled(band.astype(np.float64), np.nan) * scale + offset
    west = grid.c + window.col_off * grid.a
    north = grid.f + window.row_off * grid.e
    return Raster(heights, float(west), float(north), float(grid.a), float(-grid.e), own, unit)


def warped(raster: Raster, into: CRS) -> Raster:
    """Return a raster in another frame, bilinear, with square cells of about the same size.

    Raises
    ------
    InputError
        If the raster's own frame is not known.
    """
    if raster.crs is None:
        raise InputError("terrain-no-crs")
    rows, columns = raster.heights.shape
    source, target = raster.crs.to_wkt(), into.to_wkt()
    west, east = raster.west, raster.west + columns * raster.cell_x
    south, north = raster.north - rows * raster.cell_y, raster.north
    left, bottom, right, top = transform_bounds(source, target, west, south, east, north)
    cell = hypot(right - left, top - bottom) / hypot(columns, rows)
    width, height = ceil((right - left) / cell), ceil((top - bottom) / cell)
    heights = np.full((height, width), np.nan)
    reproject(
        raster.heights,
        heights,
        src_transform=Affine(raster.cell_x, 0.0, west, 0.0, -raster.cell_y, north),
        src_crs=source,
        src_nodata=np.nan,
        dst_transform=Affine(cell, 0.0, left, 0.0, -cell, top),
        dst_crs=target,
        dst_nodata=np.nan,
        resampling=Resampling.bilinear,
    )
    return Raster(heights, left, top, cell, cell, into, raster.unit)


def _window(
    source: rasterio.DatasetReader, own: CRS | None, bounds: Bounds | None, of: CRS | None
) -> Window | None:
    """Return the cells that meet the box, with a margin for the interpolation, if any do."""
    if bounds is None:
        return Window(0, 0, source.width, source.height)
    if of is not None and own is not None and of != own:
        bounds = transform_bounds(of.to_wkt(), own.to_wkt(), *bounds)
    grid = source.transform
    west, south, east, north = bounds
    left = max(0, floor((west - grid.c) / grid.a) - _MARGIN_CELLS)
    right = min(source.width, ceil((east - grid.c) / grid.a) + _MARGIN_CELLS)
    top = max(0, floor((north - grid.f) / grid.e) - _MARGIN_CELLS)
    bottom = min(source.height, ceil((south - grid.f) / grid.e) + _MARGIN_CELLS)
    if right <= left or bottom <= top:
        return None
    return Window(left, top, right - left, bottom - top)
