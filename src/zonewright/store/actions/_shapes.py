"""What follows from geometries: boxes, areas, validity, overlaps, and how far one moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from pyproj import Geod

from zonewright.land.area import geodesic_area_m2
from zonewright.store.fields import BOX

# Two vertices closer than this are the same point (a tenth of a millimetre).
TOLERANCE_DEG = 1e-9
# Neighbours digitised apart overlap by slivers; more than this is worth a look.
MIN_OVERLAP_M2 = 1.0
_GEOD = Geod(a=6_378_137.0, rf=298.257222101)


def same_shape(one: bytes | None, other: bytes | None) -> bool:
    """Return whether two geometries are the same, vertex by vertex, however they are written."""
    if one is None or other is None or one == other:
        return one == other
    a, b = (_normal(wkb) for wkb in (one, other))
    return bool(shapely.equals_exact(a, b, TOLERANCE_DEG))


def _normal(wkb: bytes) -> shapely.Geometry:
    shape = shapely.from_wkb(wkb)
    if shape.geom_type in ("Polygon", "LineString", "Point"):
        shape = shapely.GeometryCollection([shape])
    else:
        shape = shapely.GeometryCollection(list(shape.geoms))
    return shapely.normalize(shape)


def measured(shapes: Sequence[bytes], *, with_area: bool) -> list[dict[str, float | None]]:
    """Return the bounding box and, if asked, the geodesic area [m²] of each geometry."""
    parsed = shapely.from_wkb(list(shapes))
    areas = geodesic_area_m2(parsed) if with_area else np.full(len(parsed), np.nan)
    found: list[dict[str, float | None]] = []
    for box, area in zip(shapely.bounds(parsed).tolist(), areas.tolist(), strict=True):
        values: dict[str, float | None] = dict(zip(BOX, box, strict=True))
        if with_area:
            values["area_m2"] = area
        found.append(values)
    return found


def faults(shapes: Sequence[bytes]) -> list[str]:
    """Return what is wrong with each geometry; empty where nothing is."""
    parsed = shapely.from_wkb(list(shapes), on_invalid="ignore")
    found = [""] * len(parsed)
    for position in np.flatnonzero(~shapely.is_valid(parsed) | shapely.is_empty(parsed)).tolist():
        shape = parsed[position]
        empty = shape is None or shape.is_empty
        found[position] = "empty" if empty else str(shapely.is_valid_reason(shape))
    return found


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two areas that share ground: their positions in the list, and how much [m²]."""

    one: int
    other: int
    area_m2: float


def overlaps(shapes: Sequence[bytes], fresh: Sequence[int]) -> list[Overlap]:
    """Return the overlaps between areas of which at least one is fresh, largest first.

    Parameters
    ----------
    shapes
        Every area, as WKB.
    fresh
        Positions of those that are new or changed.
    """
    if not fresh:
        return []
    parsed = np.asarray(shapely.from_wkb(list(shapes)), dtype=object)
    tree = shapely.STRtree(parsed)
    is_fresh = np.zeros(len(parsed), dtype=bool)
    is_fresh[list(fresh)] = True
    asked = np.flatnonzero(is_fresh)
    left, right = tree.query(parsed[asked])
    left = asked[left]
    once = (left != right) & ((left < right) | ~is_fresh[right])
    left, right = left[once], right[once]
    shapely.prepare(parsed)
    # Neighbours that only touch are most of the pairs; the interiors of these do not meet.
    meet = shapely.intersects(parsed[left], parsed[right]) & ~shapely.touches(
        parsed[left], parsed[right]
    )
    left, right = left[meet], right[meet]
    shared = shapely.intersection(parsed[left], parsed[right])
    latitude = np.radians(shapely.get_y(shapely.centroid(parsed[left])))
    area_m2 = np.nan_to_num(shapely.area(shared) * np.cos(latitude) * 111_320.0**2)
    found = [
        Overlap(int(a), int(b), float(size))
        for a, b, size in zip(left, right, area_m2, strict=True)
        if size > MIN_OVERLAP_M2
    ]
    return sorted(found, key=lambda item: -item.area_m2)


def change_of(before: bytes | None, after: bytes | None) -> dict[str, object]:
    """Return how a geometry changed: distance moved [m], area before and after [m²]."""
    moved_m = 0.0
    if before is not None and after is not None:
        a, b = (shapely.centroid(shapely.from_wkb(wkb)) for wkb in (before, after))
        moved_m = _GEOD.inv(a.x, a.y, b.x, b.y)[2]
    return {
        "moved_m": f"{moved_m:,.1f}",
        "area_before": _area_text(before),
        "area_after": _area_text(after),
    }


def _area_text(wkb: bytes | None) -> str:
    shape = None if wkb is None else shapely.from_wkb(wkb)
    if shape is None or shape.geom_type not in ("Polygon", "MultiPolygon"):
        return "—"
    return f"{geodesic_area_m2([shape])[0]:,.0f} m²"
