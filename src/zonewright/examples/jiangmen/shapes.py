"""Irregular outlines that look grown, not drawn, and meet a given area."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import shapely

from zonewright.examples.jiangmen.frame import Floats, geodesic_area_m2, shape_to_degrees

_AREA_TOLERANCE = 5e-5
_STEPS = 40
_MOST_ROUNDING_M = 700.0


def blob(centre: Floats, radius_m: float, rng: np.random.Generator, *, wild: float = 0.28) -> Any:
    """Return an irregular closed outline round a point of the local frame.

    Parameters
    ----------
    centre
        Shape (2,) [m].
    radius_m
        Mean radius [m].
    rng
        Source of chance.
    wild
        How far the radius strays from its mean, as a share.
    """
    angle = np.linspace(0.0, 2 * np.pi, 72, endpoint=False)
    radius = np.ones_like(angle)
    for wave in range(2, 9):
        size = wild * rng.normal() / wave
        radius += size * np.cos(wave * angle + rng.uniform(0, 2 * np.pi))
    radius = radius_m * np.clip(radius, 0.45, 1.7)
    ring = centre + radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    return shapely.make_valid(shapely.polygons(ring))


def smooth(shape: Any, reach_m: float) -> Any:
    """Round the corners and narrow necks of a shape."""
    return shape.buffer(reach_m).buffer(-2 * reach_m).buffer(reach_m)


def calibrate(make: Callable[[float], Any], area_m2: float, *, spread_m: float) -> Any:
    """Return the shape of a growing family whose geodesic area is the one asked for.

    Parameters
    ----------
    make
        Shape in the local frame for a growth in metres; more growth never gives less area.
    area_m2
        Geodesic area wanted [m²], met to 0.005 %.
    spread_m
        The growth is sought between minus and plus this distance.
    """
    low, high = -spread_m, spread_m
    shape = make(0.0)
    for _ in range(_STEPS):
        middle = (low + high) / 2
        shape = make(middle)
        area = geodesic_area_m2(shape_to_degrees(shape))
        if abs(area / area_m2 - 1) < _AREA_TOLERANCE:
            break
        low, high = (middle, high) if area < area_m2 else (low, middle)
    return shape


def grown(
    seeds: Sequence[tuple[Floats, float]],
    area_m2: float,
    rng: np.random.Generator,
    *,
    clip: Any | None = None,
) -> Any:
    """Return one outline round several places, grown to an area and clipped.

    Parameters
    ----------
    seeds
        Centre [m] and radius [m] of each place.
    area_m2
        Geodesic area after clipping [m²].
    rng
        Source of chance.
    clip
        Shape of the local frame that the outline stays in; None for no limit.
    """
    core = shapely.union_all([blob(centre, radius, rng) for centre, radius in seeds])
    reach = min(0.12 * float(np.sqrt(area_m2 / np.pi)), _MOST_ROUNDING_M)
    core = smooth(core, reach)

    def make(growth_m: float) -> Any:
        shape = _filled(core.buffer(growth_m)).simplify(reach / 40)
        return shape if clip is None else _polygons(shape.intersection(clip))

    return calibrate(make, area_m2, spread_m=float(np.sqrt(area_m2)))


def _filled(shape: Any) -> Any:
    parts = shapely.get_parts(shape)
    return shapely.union_all(shapely.polygons(shapely.get_exterior_ring(parts)))


def _polygons(shape: Any) -> Any:
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    return shapely.union_all([part for part in parts if part.area > 20_000.0])


def wandering(points: Floats, rng: np.random.Generator, *, stray_m: float) -> Floats:
    """Return a polyline through points [m] that strays sideways like a river or a ridge."""
    line = shapely.linestrings(points)
    steps = np.arange(0.0, line.length, 400.0)
    base = shapely.get_coordinates(shapely.line_interpolate_point(line, steps))
    phase = rng.uniform(0, 2 * np.pi, 3)
    waves = np.array([900.0, 2_300.0, 480.0])
    sizes = np.array([0.5, 0.9, 0.2])
    stray = (sizes * np.sin(steps[:, None] / waves + phase)).sum(axis=1) * stray_m
    along = np.gradient(base, axis=0)
    along /= np.linalg.norm(along, axis=1)[:, None]
    sideways: Floats = np.column_stack([-along[:, 1], along[:, 0]])
    return np.asarray(base + stray[:, None] * sideways, dtype=np.float64)
