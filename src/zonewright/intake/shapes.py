"""Check geometries and give them the one form in which they are kept; never repair them."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import shapely
from numpy.typing import NDArray

from zonewright.intake.coordinates import CHINA

_REASON = re.compile(r"^(.*?)\[(-?[\d.eE+-]+) (-?[\d.eE+-]+)\]$")
_AREAS = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)
_REASONS_ZH = {
    "Self-intersection": "自相交",
    "Ring Self-intersection": "环自相交",
    "Hole lies outside shell": "洞在外环之外",
    "Holes are nested": "洞相互嵌套",
    "Interior is disconnected": "内部不连通",
    "Nested shells": "外环相互嵌套",
    "Duplicate Rings": "环重复",
    "Too few points in geometry component": "点数过少",
    "Invalid Coordinate": "坐标无效",
}
Note = Callable[..., None]


def check_shapes(
    geometries: NDArray[np.object_], *, areas: bool, required: bool, note: Note
) -> list[bytes | None]:
    """Return each geometry as WKB (EPSG:4490, 2D), None where it is empty or at fault.

    Parameters
    ----------
    geometries
        Shapely geometries in EPSG:4490 lon/lat or None, shape (n,).
    areas
        Whether only polygons are allowed; they become multipolygons with outer rings
        counter-clockwise.
    required
        Whether every feature must have one.
    note
        Called with the position, code, severity and parameters of each finding.
    """
    shapes = shapely.force_2d(geometries)
    usable = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    for position in np.flatnonzero(~usable):
        severity = "error" if required else "info"
        note(int(position), "intake-geometry-empty", severity)
    if areas:
        wrong = usable & ~np.isin(shapely.get_type_id(shapes), _AREAS)
        for position in np.flatnonzero(wrong):
            note(int(position), "intake-geometry-type", "error", found=shapes[position].geom_type)
        usable &= ~wrong
    usable &= _inside_china(shapes, usable, note)
    usable &= _valid(shapes, usable, areas, note)
    tidy = shapely.remove_repeated_points(shapes, 0.0)
    repeated = usable & (shapely.get_num_coordinates(tidy) < shapely.get_num_coordinates(shapes))
    for position in np.flatnonzero(repeated):
        count = shapely.get_num_coordinates(shapes[position]) - shapely.get_num_coordinates(
            tidy[position]
        )
        note(int(position), "intake-geometry-repeated-vertex", "warning", count=int(count))
    shapes = np.where(repeated, tidy, shapes)
    if areas:
        shapes = _multipolygons(shapes, usable)
    wkb = shapely.to_wkb(shapes, output_dimension=2, byte_order=1)
    return [bytes(item) if keep else None for item, keep in zip(wkb, usable, strict=True)]


def _inside_china(
    shapes: NDArray[np.object_], usable: NDArray[np.bool_], note: Note
) -> NDArray[np.bool_]:
    bounds = shapely.bounds(shapes)
    with np.errstate(invalid="ignore"):
        inside: NDArray[np.bool_] = (
            (bounds[:, 0] >= CHINA[0])
            & (bounds[:, 1] >= CHINA[1])
            & (bounds[:, 2] <= CHINA[2])
            & (bounds[:, 3] <= CHINA[3])
        )
    for position in np.flatnonzero(usable & ~inside):
        x, y = bounds[position, :2]
        note(int(position), "intake-geometry-outside", "error", x=f"{x:.6f}", y=f"{y:.6f}")
    return inside


def _valid(
    shapes: NDArray[np.object_], usable: NDArray[np.bool_], areas: bool, note: Note
) -> NDArray[np.bool_]:
    valid: NDArray[np.bool_] = shapely.is_valid(shapes)
    if areas:
        flat = usable & valid & (shapely.area(shapes) == 0)
        for position in np.flatnonzero(flat):
            note(int(position), "intake-geometry-no-area", "error")
        valid &= ~flat
    broken = np.flatnonzero(usable & ~shapely.is_valid(shapes))
    for position, text in zip(broken, shapely.is_valid_reason(shapes[broken]), strict=True):
        match = _REASON.match(text)
        reason, x, y = match.groups() if match else (text, "", "")
        where = f"{float(x):.7f}, {float(y):.7f}" if x else "-"
        note(
            int(position),
            "intake-geometry-invalid",
            "error",
            reason=reason,
            reason_zh=_REASONS_ZH.get(reason, reason),
            where=where,
        )
    return valid


def _multipolygons(shapes: NDArray[np.object_], usable: NDArray[np.bool_]) -> NDArray[np.object_]:
    result = shapes.copy()
    single = np.flatnonzero(usable & (shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON))
    if len(single):
        result[single] = shapely.multipolygons(shapes[single], indices=np.arange(len(single)))
    result[usable] = shapely.orient_polygons(result[usable])
    return result
