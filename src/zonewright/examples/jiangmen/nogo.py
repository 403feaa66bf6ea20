"""Synthetic no-go areas: rivers and their floodways, wooded hills, basic farmland."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from zonewright.examples.jiangmen.frame import Floats, shape_to_degrees, to_metres
from zonewright.examples.jiangmen.shapes import blob, smooth, wandering

# Synthetic rivers and creeks [degrees]: course, width [m], width of the floodway beside it [m].
_RIVERS: tuple[tuple[tuple[tuple[float, float], ...], float, float], ...] = (
    (
        ((113.09, 22.79), (113.15, 22.64), (113.17, 22.55), (113.22, 22.43), (113.30, 22.28)),
        620.0,
        140.0,
    ),
    (
        ((113.15, 22.65), (113.08, 22.6), (113.06, 22.46), (113.07, 22.34), (113.09, 22.1)),
        420.0,
        110.0,
    ),
    (
        ((112.25, 22.19), (112.45, 22.27), (112.66, 22.385), (112.85, 22.42), (113.07, 22.37)),
        260.0,
        90.0,
    ),
    (((112.78, 22.66), (112.85, 22.54), (112.90, 22.44), (112.93, 22.40)), 110.0, 60.0),
    (((112.78, 22.30), (112.86, 22.17), (112.95, 22.11), (113.06, 22.06)), 150.0, 70.0),
    (((112.97, 22.76), (113.0, 22.66), (113.06, 22.63)), 90.0, 50.0),
)
_KINDS = (
    ("ecology", 34, 900.0, 3_400.0),
    ("farmland", 46, 500.0, 1_700.0),
    ("heritage", 5, 150.0, 260.0),
)
_NAMES = {
    "water": "示例水域",
    "flood": "示例行洪通道",
    "ecology": "示例生态保护红线",
    "farmland": "示例永久基本农田",
    "heritage": "示例文物保护范围",
}
_LEAST_M2 = 10_000.0
_LEAST_DEGREES2 = 1e-8


@dataclass(frozen=True, slots=True)
class NoGoArea:
    """An area that may not be built on, in metres and in degrees."""

    code: str
    kind: str
    name: str
    metres: Any
    degrees: Any


def build_no_go(land: Any, towns: Floats, seed: int) -> tuple[NoGoArea, ...]:
    """Draw the no-go areas on land [m], hills and farmland away from the towns.

    Parameters
    ----------
    land
        Union of the districts in the local frame.
    towns
        Centre and radius of each town's industrial land, shape (n, 3) [m].
    seed
        Seed of chance.
    """
    rng = np.random.default_rng([seed, 10])
    drawn: list[tuple[str, Any]] = []
    rivers, floodways = [], []
    for course, width, side in _RIVERS:
        line = shapely.linestrings(wandering(to_metres(np.array(course)), rng, stray_m=420.0))
        rivers.append(line.buffer(width / 2))
        floodways.append(line.buffer(width / 2 + side))
    water = shapely.union_all(rivers).intersection(land)
    flood = shapely.union_all(floodways).intersection(land).difference(water)
    drawn += [("water", part) for part in shapely.get_parts(water)]
    drawn += [("flood", part) for part in shapely.get_parts(flood)]
    taken = water.union(flood)
    for kind, count, least, most in _KINDS:
        for _ in range(count):
            centre, radius = _place(towns, rng, least, most)
            shape = smooth(blob(centre, radius, rng, wild=0.4), radius / 8)
            shape = shape.intersection(land).difference(taken)
            parts = [part for part in shapely.get_parts(shape) if part.area > _LEAST_M2]
            drawn += [(kind, part) for part in parts if part.geom_type == "Polygon"]
            taken = taken.union(shape)
    return tuple(_number(drawn))


def _place(
    towns: Floats, rng: np.random.Generator, least: float, most: float
) -> tuple[Floats, float]:
    town = towns[rng.integers(len(towns))]
    radius = rng.uniform(least, most)
    away = town[2] * rng.uniform(0.5, 1.5) + radius
    angle = rng.uniform(0, 2 * np.pi)
    return town[:2] + away * np.array([np.cos(angle), np.sin(angle)]), radius


def _number(drawn: list[tuple[str, Any]]) -> list[NoGoArea]:
    areas = []
    for kind, name in _NAMES.items():
        parts = [shape for key, shape in drawn if key == kind and shape.area > _LEAST_M2]
        for number, shape in enumerate(parts, start=1):
            code = f"NG-{kind[:2].upper()}-{number:03d}"
            degrees = _mended(shape_to_degrees(shape))
            areas.append(NoGoArea(code, kind, f"{name}{number:02d}", shape, degrees))
    return areas


def _mended(shape: Any) -> Any:
    """Return the sound part of a shape that rounding may have folded at a sliver."""
    parts = shapely.get_parts(shapely.make_valid(shape))
    sound = [part for part in parts if part.geom_type == "Polygon"]
    sound += [q for p in parts if p.geom_type == "MultiPolygon" for q in shapely.get_parts(p)]
    return shapely.union_all([part for part in sound if part.area > _LEAST_DEGREES2])
