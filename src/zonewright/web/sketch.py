"""A small drawing of a record's shape among the boundaries of zones, without a script or map."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians

import shapely

from zonewright.store.access import Access
from zonewright.store.models import ZoneVersion
from zonewright.web.maplayers import BASE_KINDS

WIDTH, HEIGHT = 320.0, 220.0
_ROOM = 0.35
# A parcel of a few metres still needs some ground around it [degrees].
_LEAST = 0.004
_STEP = 0.4


@dataclass(frozen=True, slots=True)
class Sketch:
    """A drawing: its box, the shape as a path, the boundaries around it, and what kind it is."""

    box: str
    path: str
    boundaries: tuple[str, ...]
    is_area: bool
    point: tuple[float, float] | None


def of(wkb: bytes | None, access: Access) -> Sketch | None:
    """Return the drawing of a shape among the zones that somebody sees; None if there is none."""
    if wkb is None:
        return None
    shape = shapely.from_wkb(wkb)
    if shape.is_empty:
        return None
    frame = _Frame(shape)
    versions = ZoneVersion.objects.all()
    # As on the map: the outlines of city and districts are everybody's ground.
    seen = access.narrow(versions) | versions.filter(zone__kind__in=BASE_KINDS)
    zones = seen.filter(
        west__lte=frame.east, east__gte=frame.west, south__lte=frame.north,
        north__gte=frame.south, valid_to__isnull=True,
    ).values_list("geometry", flat=True)  # fmt: skip
    around = shapely.from_wkb([geometry for geometry in zones if geometry is not None])
    window = shapely.box(frame.west, frame.south, frame.east, frame.north)
    lines = shapely.intersection(shapely.boundary(around), window)
    drawn = frame.drawn(shape)
    center = drawn.centroid
    tiny = max(drawn.bounds[2] - drawn.bounds[0], drawn.bounds[3] - drawn.bounds[1]) < 6
    return Sketch(
        box=f"0 0 {WIDTH:g} {HEIGHT:g}",
        path=_path(shapely.simplify(drawn, _STEP)),
        boundaries=tuple(filter(None, (_path(frame.drawn(line)) for line in lines))),
        is_area=shape.geom_type in ("Polygon", "MultiPolygon"),
        point=(round(center.x, 1), round(center.y, 1)) if tiny else None,
    )


class _Frame:
    """The ground that is drawn, and how degrees become pixels."""

    def __init__(self, shape: shapely.Geometry) -> None:
        west, south, east, north = shape.bounds
        middle = (south + north) / 2
        self.squeeze = cos(radians(middle))
        wide = max((east - west) * self.squeeze, _LEAST) * (1 + 2 * _ROOM)
        high = max(north - south, _LEAST) * (1 + 2 * _ROOM)
        self.scale = min(WIDTH / wide, HEIGHT / high)
        half_x, half_y = WIDTH / self.scale / self.squeeze / 2, HEIGHT / self.scale / 2
        x = (west + east) / 2
        self.west, self.east = x - half_x, x + half_x
        self.south, self.north = middle - half_y, middle + half_y

    def drawn(self, shape: shapely.Geometry) -> shapely.Geometry:
        """Return a shape in pixels, north above."""

        def move(points: shapely.Geometry) -> shapely.Geometry:
            points[:, 0] = (points[:, 0] - self.west) * self.squeeze * self.scale
            points[:, 1] = (self.north - points[:, 1]) * self.scale
            return points

        return shapely.transform(shape, move)


def _path(shape: shapely.Geometry) -> str:
    """Return the path of a shape's lines and rings."""
    parts = []
    for part in shapely.get_parts(shape):
        if part.is_empty:
            continue
        rings = [part.exterior, *part.interiors] if part.geom_type == "Polygon" else [part]
        for ring in rings:
            if ring.geom_type not in ("LineString", "LinearRing"):
                continue
            points = " ".join(f"{x:.1f},{y:.1f}" for x, y, *_ in ring.coords)
            parts.append(f"M{points}" + ("Z" if ring.is_ring else ""))
    return "".join(parts)
