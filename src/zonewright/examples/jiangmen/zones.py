"""The overlapping zones: real district outlines, synthetic boundaries round real places."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from importlib.resources import files
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from zonewright.examples.jiangmen.frame import (
    Floats,
    shape_to_degrees,
    shape_to_metres,
    to_metres,
)
from zonewright.examples.jiangmen.shapes import grown, smooth, wandering

CLUSTER, PLATFORM, STARTUPS = "JM-JJ", "JM-PT", "JM-QD"
STARTUP_AREAS = ("JM-QD-PH", "JM-QD-GX", "JM-QD-XH")
GROUPS = ("JM-JJ-N", "JM-JJ-E", "JM-JJ-S")
PLATFORM_PARKS = ("JM-PT-TS", "JM-PT-KP", "JM-PT-HS")
PARKS = tuple(f"JM-TP{number:02d}" for number in range(1, 12))
_KM2 = 1e6
_INNERMOST_FIRST = ("specialised_park", "park", "startup", "group", "district")
_EARLIER = {"JM-PT-KP": (date(2016, 1, 1), 17.8), "JM-GX": (date(2014, 1, 1), 28.5)}
# Where the groups meet: polylines in degrees, from west to east.
_NORTH_OF = ((112.6, 22.53), (112.9, 22.553), (113.03, 22.572), (113.09, 22.612), (113.4, 22.60))
_EAST_OF = ((112.6, 22.40), (112.9, 22.37), (113.02, 22.335), (113.10, 22.30), (113.4, 22.30))


@dataclass(frozen=True, slots=True)
class ZoneVersion:
    """A zone with one of its boundaries [degrees]; None where the zone is its members."""

    code: str
    name: str
    name_en: str
    kind: str
    valid_from: date
    valid_to: date | None
    legal_basis: str
    geometry: Any | None


@dataclass(frozen=True)
class Zones:
    """All zone versions, their memberships, and their present shapes in metres."""

    versions: tuple[ZoneVersion, ...]
    memberships: tuple[Mapping[str, str], ...]

    @cached_property
    def degrees(self) -> dict[str, Any]:
        """Present boundary of each zone that has one [degrees]."""
        return {
            version.code: version.geometry
            for version in self.versions
            if version.geometry is not None and version.valid_to is None
        }

    @cached_property
    def metres(self) -> dict[str, Any]:
        """Present boundary of each zone that has one [m, local frame]."""
        return {code: shape_to_metres(shape) for code, shape in self.degrees.items()}

    def innermost(self, x: Floats, y: Floats) -> NDArray[Any]:
        """Return the code of the smallest kind of zone that holds each point; ``""`` if none."""
        found = np.full(len(x), "", dtype=object)
        for kind in _INNERMOST_FIRST:
            for version in self.versions:
                if version.kind == kind and version.valid_to is None:
                    inside = shapely.contains_xy(version.geometry, x, y)
                    found[(found == "") & inside] = version.code
        return found

    @cached_property
    def names(self) -> dict[str, str]:
        """Name of each zone."""
        return {version.code: version.name for version in self.versions}


def read_rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a CSV file of the example's data."""
    text = files(__package__).joinpath("data", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def district_outlines() -> dict[str, Any]:
    """Return the real outline of each district by administrative code [degrees], unaltered."""
    text = files(__package__).joinpath("data", "districts.geojson").read_text(encoding="utf-8")
    return {
        feature["properties"]["adcode"]: shapely.from_geojson(json.dumps(feature["geometry"]))
        for feature in json.loads(text)["features"]
    }


def build_zones(seed: int) -> Zones:
    """Draw every zone and return them with their hierarchies."""
    rows = read_rows("zones.csv")
    outlines = district_outlines()
    shapes = _district_shapes(rows, outlines)
    degrees = {code: outlines[row["seeds"]] for row in rows if (code := row["code"]) in shapes}
    degrees["JM"] = shapely.union_all(list(degrees.values()))
    land = shapely.union_all(list(shapes.values()))
    chance = {row["code"]: np.random.default_rng([seed, 1, k]) for k, row in enumerate(rows)}
    by_code = {row["code"]: row for row in rows}
    groups = _groups(by_code, land, chance[CLUSTER])
    shapes.update(groups)
    shapes[CLUSTER] = shapely.union_all(list(groups.values()))
    waiting = [row for row in rows if row["area_km2"] and row["code"] != CLUSTER]
    while waiting:
        row = next(r for r in waiting if all(c in shapes for c in _clips(r)))
        waiting.remove(row)
        shapes[row["code"]] = _draw(row, shapes, chance[row["code"]], float(row["area_km2"]))
    shapes[PLATFORM] = shapely.union_all([shapes[code] for code in PLATFORM_PARKS])
    drawn = {code: shape_to_degrees(shape) for code, shape in shapes.items()}
    drawn[CLUSTER] = shapely.union_all([drawn[code] for code in GROUPS])
    degrees = {**drawn, **degrees}
    versions = [_version(row, degrees.get(row["code"])) for row in rows]
    for code, (valid_from, area_km2) in _EARLIER.items():
        row = by_code[code]
        shape = _draw(row, shapes, np.random.default_rng([seed, 2, len(code)]), area_km2)
        versions.append(
            ZoneVersion(
                code,
                row["name"],
                row["name_en"],
                row["kind"],
                valid_from,
                date.fromisoformat(row["valid_from"]),
                "合成范围（示例，调整前）",
                shape_to_degrees(shape),
            )
        )
    return Zones(tuple(versions), tuple(read_rows("memberships.csv")))


def _version(row: Mapping[str, str], shape: Any | None) -> ZoneVersion:
    return ZoneVersion(
        row["code"],
        row["name"],
        row["name_en"],
        row["kind"],
        date.fromisoformat(row["valid_from"]),
        None,
        row["legal_basis"],
        shape,
    )


def _district_shapes(rows: list[dict[str, str]], outlines: Mapping[str, Any]) -> dict[str, Any]:
    return {
        row["code"]: shape_to_metres(outlines[row["seeds"]])
        for row in rows
        if row["kind"] == "district"
    }


def _clips(row: Mapping[str, str]) -> list[str]:
    return [code for code in row["clip"].split("&") if code]


def _seeds(text: str) -> list[tuple[Floats, float]]:
    parts = [[float(number) for number in part.split()] for part in text.split(";")]
    centres = to_metres(np.array([part[:2] for part in parts]))
    return [(centre, part[2] * 1_000) for centre, part in zip(centres, parts, strict=True)]


def _draw(
    row: Mapping[str, str], shapes: Mapping[str, Any], rng: np.random.Generator, area_km2: float
) -> Any:
    clip = None
    for code in _clips(row):
        clip = shapes[code] if clip is None else clip.intersection(shapes[code])
    return grown(_seeds(row["seeds"]), area_km2 * _KM2, rng, clip=clip)


def _groups(
    rows: Mapping[str, Mapping[str, str]], land: Any, rng: np.random.Generator
) -> dict[str, Any]:
    seeds = [seed for code in GROUPS for seed in _seeds(rows[code]["seeds"])]
    whole = grown(seeds, float(rows[CLUSTER]["area_km2"]) * _KM2, rng, clip=smooth(land, 150.0))
    north = _north_of(_NORTH_OF, rng)
    east = _north_of(_EAST_OF, rng)
    parts = (
        whole.intersection(north),
        whole.difference(north).intersection(east),
        whole.difference(north).difference(east),
    )
    return {code: _polygonal(part) for code, part in zip(GROUPS, parts, strict=True)}


def _polygonal(shape: Any) -> Any:
    return shapely.union_all([p for p in shapely.get_parts(shape) if p.geom_type == "Polygon"])


def _north_of(points: tuple[tuple[float, float], ...], rng: np.random.Generator) -> Any:
    line = wandering(to_metres(np.array(points)), rng, stray_m=350.0)
    far = np.array([[line[-1, 0], 200_000.0], [line[0, 0], 200_000.0]])
    return shapely.make_valid(shapely.polygons(np.vstack([line, far])))
