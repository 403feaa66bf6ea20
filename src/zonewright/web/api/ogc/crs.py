"""Coordinate reference systems of the map service (OGC API - Features, Part 2).

The workspace keeps longitude and latitude in CGCS2000 (EPSG:4490). Coordinates go out, and boxes
come in, with the axes in the order that the authority of a system gives: latitude before longitude
in EPSG:4490 and EPSG:4326, northing before easting in the Gauss-Krüger zones.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from zonewright.store.fields import SRID
from zonewright.web.api.problems import ApiError

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
STORAGE = f"{_EPSG}{SRID}"
# CGCS2000 in degrees, WGS 84, web maps; then the 6° and 3° Gauss-Krüger zones of CGCS2000.
_CODES = (SRID, 4326, 3857, *range(4491, 4555))
KNOWN: tuple[str, ...] = (CRS84, *(f"{_EPSG}{code}" for code in _CODES))
# Decimal places: a tenth of a millimetre.
_DEGREE_DIGITS, _METRE_DIGITS = 9, 4


def require(uri: str, *, name: str) -> str:
    """Return the address of a known system.

    Raises
    ------
    ApiError
        400, if it is none of them.
    """
    if uri not in KNOWN:
        raise ApiError(
            "api-parameter-value", status=400, name=name, text=uri,
            wanted=f"one of {CRS84}, {STORAGE} and what crs of the collection lists",
            wanted_zh=f" {CRS84}、{STORAGE} 或该图层 crs 列出的坐标系",
        )  # fmt: skip
    return uri


def _authority(uri: str) -> str:
    return "OGC:CRS84" if uri == CRS84 else f"EPSG:{uri.removeprefix(_EPSG)}"


@lru_cache(maxsize=32)
def _system(uri: str) -> pyproj.CRS:
    return pyproj.CRS.from_user_input(_authority(uri))


def is_swapped(uri: str) -> bool:
    """Return whether the first axis of a system points north."""
    return bool(_system(uri).axis_info[0].direction == "north")


def is_bent(uri: str) -> bool:
    """Return whether a straight line of a system is none in degrees."""
    return not _system(uri).is_geographic


@lru_cache(maxsize=64)
def _transformer(source: str, target: str) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(_authority(source), _authority(target), always_xy=True)


def outwards(shapes: NDArray[np.object_], uri: str) -> NDArray[np.object_]:
    """Return shapes of the workspace in a system, its axes in their order, rounded."""
    geographic = _system(uri).is_geographic
    change = None if geographic else _transformer(STORAGE, uri)
    digits = _DEGREE_DIGITS if geographic else _METRE_DIGITS
    swapped = is_swapped(uri)

    def moved(points: NDArray[np.float64]) -> NDArray[np.float64]:
        if change is not None:
            points = np.column_stack(change.transform(points[:, 0], points[:, 1]))
        return np.round(points[:, ::-1] if swapped else points, digits)

    return np.asarray(shapely.transform(shapes, moved), dtype=object)


def inwards(shape: shapely.Geometry, uri: str) -> shapely.Geometry:
    """Return a shape of a system, x first, in the workspace's own."""
    if _system(uri).is_geographic:
        return shape
    change = _transformer(uri, STORAGE)

    def moved(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(change.transform(points[:, 0], points[:, 1]))

    return shapely.transform(shape, moved)


def crossed(shape: shapely.Geometry, uri: str) -> shapely.Geometry:
    """Return a shape as it was sent with x first."""
    if not is_swapped(uri):
        return shape
    return shapely.transform(shape, lambda points: points[:, ::-1])
