"""Find out in which reference system coordinates are, and bring them to EPSG:4490 lon/lat.

What a file states is believed only as far as the coordinates agree with it: swapped axes, a zone
prefix that does not belong, and degrees that are metres are noticed. What is missing is inferred
where the coordinates leave one answer, and refused where they do not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError as ProjError

TARGET = 4490
CHINA = (73.0, 3.0, 136.0, 54.0)
_THREE_DEGREE = {zone: 4513 + zone - 25 for zone in range(25, 46)}
_SIX_DEGREE = {zone: 4491 + zone - 13 for zone in range(13, 24)}
_WITH_PREFIX = {**_THREE_DEGREE, **_SIX_DEGREE}
_WITHOUT_PREFIX = {
    **{4534 + zone - 25: 4513 + zone - 25 for zone in range(25, 46)},
    **{4502 + zone - 13: 4491 + zone - 13 for zone in range(13, 24)},
}
_PLAIN_TWIN = {prefixed: plain for plain, prefixed in _WITHOUT_PREFIX.items()}
_OLD_DATUMS = ("xian", "beijing", "hu tzu", "new beijing")
_WEB_MERCATOR = frozenset({3857, 900913, 3785, 102100, 102113})
Note = Callable[..., None]


@dataclass(frozen=True, slots=True)
class Frame:
    """How to read coordinates: their EPSG code (or CRS), and whether the axes must be swapped."""

    crs: CRS
    swapped: bool = False


def to_target(geometries: NDArray[np.object_], stated: str | None, note: Note) -> bool:
    """Bring geometries to EPSG:4490 in place; return False if their system stays unknown.

    Parameters
    ----------
    geometries
        Shapely geometries or None, shape (n,); replaced.
    stated
        What the file says: an EPSG code or WKT; None or empty if nothing.
    note
        Called with code, severity and parameters for each finding.
    """
    box = _middle(geometries)
    if box is None:
        return True
    frame = _frame(stated, box, note)
    if frame is None:
        return False
    transformer = _transformer(frame.crs)
    if transformer is None and not frame.swapped:
        return True

    def moved(points: NDArray[np.float64]) -> NDArray[np.float64]:
        ordered = points[:, ::-1] if frame.swapped else points
        if transformer is None:
            return np.ascontiguousarray(ordered)
        lon, lat = transformer.transform(ordered[:, 0], ordered[:, 1])
        return np.column_stack([lon, lat])

    geometries[:] = shapely.transform(geometries, moved)
    return True


def _middle(geometries: NDArray[np.object_]) -> tuple[float, float] | None:
    """Return the median of the coordinates, which a stray vertex does not move."""
    coordinates = shapely.get_coordinates(geometries)
    finite = coordinates[np.isfinite(coordinates).all(axis=1)]
    if not len(finite):
        return None
    middle = np.median(finite, axis=0)
    return float(middle[0]), float(middle[1])


def _frame(stated: str | None, at: tuple[float, float], note: Note) -> Frame | None:
    if not stated:
        return _infer(at, note, missing=True)
    try:
        crs = CRS.from_user_input(stated)
    except ProjError:
        note("intake-crs-unknown", "warning", stated=stated[:80])
        return _infer(at, note, missing=True)
    if not _known_datum(crs, note):
        return None
    return _agreeing(crs, at, note)


def _known_datum(crs: CRS, note: Note) -> bool:
    geodetic = crs.geodetic_crs
    name = (geodetic.datum.name if geodetic and geodetic.datum else "").casefold()
    if any(word in name for word in _OLD_DATUMS):
        note("intake-crs-old-datum", "error", name=crs.name)
        return False
    if "china 2000" in name or "cgcs2000" in name or "d_china_2000" in name:
        return True
    if "1984" in name or "wgs" in name or "itrf" in name:
        note("intake-crs-wgs84", "info", name=crs.name)
        return True
    note("intake-crs-foreign-datum", "error", name=crs.name)
    return False


def _agreeing(crs: CRS, at: tuple[float, float], note: Note) -> Frame | None:
    code = crs.to_epsg(min_confidence=25)
    if code in _WEB_MERCATOR:
        note("intake-crs-web-mercator", "warning", name=crs.name)
    if _lands_in_china(crs, at):
        return Frame(crs)
    if _lands_in_china(crs, at[::-1]):
        note("intake-axes-swapped", "warning", name=crs.name)
        return Frame(crs, swapped=True)
    if crs.is_geographic:
        if max(abs(at[0]), abs(at[1])) > 180:
            note("intake-crs-contradicted", "warning", name=crs.name, x=at[0], y=at[1])
            return _infer(at, note, missing=False)
    elif _in_degrees(at):
        note("intake-crs-contradicted", "warning", name=crs.name, x=at[0], y=at[1])
        return _infer(at, note, missing=False)
    else:
        found = _other_prefix(code, at, note)
        if found is not None:
            return found
    note("intake-outside-china", "error", name=crs.name, x=at[0], y=at[1])
    return None


def _other_prefix(code: int | None, at: tuple[float, float], note: Note) -> Frame | None:
    """Return the twin system, with or without zone prefix, if the coordinates fit that one."""
    twin = _WITHOUT_PREFIX.get(code or 0) or _PLAIN_TWIN.get(code or 0)
    if twin is None:
        return None
    crs = CRS.from_epsg(twin)
    for swapped, point in ((False, at), (True, at[::-1])):
        if _lands_in_china(crs, point):
            note("intake-zone-prefix", "warning", stated=f"EPSG:{code}", used=f"EPSG:{twin}")
            if swapped:
                note("intake-axes-swapped", "warning", name=crs.name)
            return Frame(crs, swapped=swapped)
    return None


def _infer(at: tuple[float, float], note: Note, *, missing: bool) -> Frame | None:
    """Return the system that the coordinates alone allow, or None after saying what is missing."""
    for swapped, (x, y) in ((False, at), (True, at[::-1])):
        code = _code_of(x, y)
        if code is None:
            continue
        crs = CRS.from_epsg(code)
        if missing or code != TARGET:
            note("intake-crs-assumed", "warning", used=f"EPSG:{code}", name=crs.name)
        if swapped:
            note("intake-axes-swapped", "warning", name=crs.name)
        return Frame(crs, swapped=swapped)
    x, y = at
    if any(_is_easting(a) and _is_northing(b) for a, b in ((x, y), (y, x))):
        note("intake-crs-zone-unknown", "error", x=x, y=y)
    else:
        note("intake-crs-missing", "error", x=x, y=y)
    return None


def _code_of(x: float, y: float) -> int | None:
    if CHINA[0] <= x <= CHINA[2] and CHINA[1] <= y <= CHINA[3]:
        return TARGET
    zone = int(x // 1_000_000)
    if zone in _WITH_PREFIX and _is_easting(x - zone * 1_000_000) and _is_northing(y):
        return _WITH_PREFIX[zone]
    return None


def _is_easting(value: float) -> bool:
    return 100_000 <= value <= 900_000


def _is_northing(value: float) -> bool:
    return 300_000 <= value <= 6_000_000


def _in_degrees(at: tuple[float, float]) -> bool:
    return any(_code_of(x, y) == TARGET for x, y in (at, at[::-1]))


def _lands_in_china(crs: CRS, at: tuple[float, float]) -> bool:
    if not crs.is_geographic and not _near_axis(crs, at):
        return False
    transformer = _transformer(crs)
    lon, lat = at if transformer is None else transformer.transform(*at)
    return CHINA[0] <= lon <= CHINA[2] and CHINA[1] <= lat <= CHINA[3]


def _near_axis(crs: CRS, at: tuple[float, float]) -> bool:
    """Return whether an easting lies within 500 km of a Gauss-Kruger zone's own axis."""
    code = crs.to_epsg(min_confidence=25)
    if code in _WITHOUT_PREFIX:
        return 0 <= at[0] <= 1_000_000
    if code in _PLAIN_TWIN:
        return 13_000_000 <= at[0] <= 46_000_000
    return True


def _transformer(crs: CRS) -> Transformer | None:
    """Return the way to EPSG:4490 in x, y order; None where coordinates are in it already."""
    if crs.is_geographic and crs.to_epsg(min_confidence=25) == TARGET:
        return None
    return Transformer.from_crs(crs, CRS.from_epsg(TARGET), always_xy=True)
