"""One fabric of lots: towns with bent streets, superblocks between roads, irregular lots inside.

Lots of a superblock share their edges vertex by vertex; roads keep superblocks apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from zonewright.examples.jiangmen.frame import Floats, geodesic_areas_m2, to_degrees, to_metres
from zonewright.examples.jiangmen.zones import read_rows

_LOT_AREA_M2 = 17_500.0
_SNAP_M = 6.0
_CLEAR_M = 25.0
_TOWN_GAP_M = 70.0


@dataclass(frozen=True, slots=True)
class Town:
    """A town's industrial land: centre [m], reach [m], angle of its streets, share long built."""

    abbr: str
    name: str
    centre: Floats
    radius_m: float
    angle: float
    old_share: float


@dataclass(frozen=True, slots=True)
class Superblock:
    """Land between four roads: its outline [m] and the positions of its lots in the fabric."""

    town: Town
    district: str
    outline: Any
    remoteness: float
    lots: NDArray[np.int64]


@dataclass(frozen=True)
class Fabric:
    """The lots: geometry [degrees], geodesic area [m²], code; and their superblocks."""

    geometry: NDArray[Any]
    area_m2: Floats
    codes: NDArray[Any]
    block_of: NDArray[np.int64]
    superblocks: tuple[Superblock, ...]
    roads: tuple[Floats, ...]


def read_towns() -> tuple[Town, ...]:
    """Return the towns that have industrial land."""
    rows = read_rows("patches.csv")
    centres = to_metres(np.array([[float(row["lon"]), float(row["lat"])] for row in rows]))
    return tuple(
        Town(
            row["abbr"],
            row["town"],
            centre,
            float(row["radius_km"]) * 1_000,
            float(np.radians(float(row["angle"]))),
            float(row["old_share"]),
        )
        for row, centre in zip(rows, centres, strict=True)
    )


def build_fabric(
    towns: Sequence[Town], districts: Mapping[str, Any], barriers: Any, seed: int
) -> Fabric:
    """Lay out every town and return its lots.

    Parameters
    ----------
    towns
        As `read_towns` gives them.
    districts
        Outline of each district by administrative code [m].
    barriers
        What no superblock may touch (water, hills) [m].
    seed
        Seed of chance.
    """
    centres = np.array([town.centre for town in towns])
    reaches = np.array([town.radius_m for town in towns])
    shapely.prepare(barriers)
    for outline in districts.values():
        shapely.prepare(outline)
    rings: list[Floats] = []
    blocks: list[Superblock] = []
    roads: list[Floats] = []
    for number, town in enumerate(towns):
        rng = np.random.default_rng([seed, 20, number])
        grid = _Grid(town, rng)
        middle = shapely.points(town.centre)
        district = next(code for code, d in districts.items() if shapely.contains(d, middle))
        roads += grid.roads()
        for corners in grid.cells(rng):
            outline = grid.outline(corners)
            if not _is_free(outline, number, centres, reaches, barriers):
                continue
            if not shapely.contains(districts[district], outline):
                continue
            lots = [grid.place(ring) for ring in _subdivide(corners, rng)]
            where = np.arange(len(rings), len(rings) + len(lots))
            rings += lots
            blocks.append(Superblock(town, district, outline, grid.remoteness(corners), where))
    return _assemble(rings, blocks, roads)


def _is_free(outline: Any, number: int, centres: Floats, reaches: Floats, barriers: Any) -> bool:
    points = shapely.get_coordinates(outline.buffer(_TOWN_GAP_M / 2))
    away = np.linalg.norm(points[:, None, :] - centres, axis=2) / reaches
    if (away.argmin(axis=1) != number).any():
        return False
    return not shapely.intersects(barriers, outline.buffer(_CLEAR_M))


def _assemble(rings: list[Floats], blocks: list[Superblock], roads: list[Floats]) -> Fabric:
    sizes = np.array([len(ring) for ring in rings])
    degrees = to_degrees(np.vstack(rings))
    closed = shapely.linearrings(degrees, indices=np.repeat(np.arange(len(rings)), sizes))
    geometry = shapely.polygons(closed)
    block_of = np.empty(len(rings), dtype=np.int64)
    codes = np.empty(len(rings), dtype=object)
    counts: dict[str, int] = {}
    for number, block in enumerate(blocks):
        block_of[block.lots] = number
        for lot in block.lots:
            prefix = f"{block.district}-{block.town.abbr}"
            counts[prefix] = counts.get(prefix, 0) + 1
            codes[lot] = f"{prefix}-{counts[prefix]:05d}"
    return Fabric(
        geometry, geodesic_areas_m2(geometry), codes, block_of, tuple(blocks), tuple(roads)
    )


class _Grid:
    """A town's streets: an uneven grid, bent, turned and moved into place."""

    def __init__(self, town: Town, rng: np.random.Generator) -> None:
        self.town = town
        self.u = _streets(town.radius_m, rng)
        self.v = _streets(town.radius_m, rng)
        self._phase = rng.uniform(0, 2 * np.pi, (2, 2))
        self._wave = rng.uniform(2_600.0, 4_800.0, (2, 2))
        self._bend = rng.uniform(50.0, 105.0, 2)
        angle = np.linspace(0, 2 * np.pi, 9)[:-1]
        self._edge = rng.uniform(0.72, 1.16, len(angle))

    def place(self, uv: Floats) -> Floats:
        """Return points of the grid in the local frame."""
        turn = 2 * np.pi * uv[:, None, :] / self._wave + self._phase
        bent = uv + self._bend * np.column_stack(
            [np.sin(turn[:, 0, 1]) + 0.4 * np.sin(turn[:, 0, 0]), np.sin(turn[:, 1, 0])]
        )
        cos, sin = np.cos(self.town.angle), np.sin(self.town.angle)
        turned = bent @ np.array([[cos, sin], [-sin, cos]])
        return np.asarray(self.town.centre + turned, dtype=np.float64)

    def remoteness(self, corners: tuple[float, float, float, float]) -> float:
        """Return how far from the centre a cell lies, 1 at the town's irregular edge."""
        u, v = (corners[0] + corners[1]) / 2, (corners[2] + corners[3]) / 2
        turn = (np.arctan2(v, u) % (2 * np.pi)) / (2 * np.pi) * len(self._edge)
        low = int(turn) % len(self._edge)
        share = turn - int(turn)
        edge = (1 - share) * self._edge[low] + share * self._edge[(low + 1) % len(self._edge)]
        return float(np.hypot(u, v) / (edge * self.town.radius_m))

    def cells(self, rng: np.random.Generator) -> list[tuple[float, float, float, float]]:
        """Return the corners u0, u1, v0, v1 of the superblocks, roads taken off."""
        half_u = rng.uniform(9.0, 24.0, len(self.u))
        half_v = rng.uniform(9.0, 24.0, len(self.v))
        cells = []
        for i in range(len(self.u) - 1):
            for j in range(len(self.v) - 1):
                corners = (
                    self.u[i] + half_u[i],
                    self.u[i + 1] - half_u[i + 1],
                    self.v[j] + half_v[j],
                    self.v[j + 1] - half_v[j + 1],
                )
                away = self.remoteness(corners)
                if away < 1.0 and rng.random() > 0.04 + 0.22 * max(away - 0.6, 0.0):
                    cells.append(corners)
        return cells

    def outline(self, corners: tuple[float, float, float, float]) -> Any:
        """Return the outline of a superblock [m]."""
        u0, u1, v0, v1 = corners
        steps = np.linspace(0.0, 1.0, 9)[:-1]
        ring = np.concatenate(
            [
                np.column_stack([u0 + steps * (u1 - u0), np.full(8, v0)]),
                np.column_stack([np.full(8, u1), v0 + steps * (v1 - v0)]),
                np.column_stack([u1 + steps * (u0 - u1), np.full(8, v1)]),
                np.column_stack([np.full(8, u0), v1 + steps * (v0 - v1)]),
            ]
        )
        return shapely.polygons(self.place(ring))

    def roads(self) -> list[Floats]:
        """Return the middle lines of the streets [m]."""
        reach = self.town.radius_m * 0.9
        along = np.arange(-reach, reach, 180.0)
        lines = [np.column_stack([np.full(len(along), u), along]) for u in self.u if abs(u) < reach]
        lines += [
            np.column_stack([along, np.full(len(along), v)]) for v in self.v if abs(v) < reach
        ]
        return [self.place(line) for line in lines]


def _streets(radius_m: float, rng: np.random.Generator) -> Floats:
    at = [-1.2 * radius_m]
    while at[-1] < 1.2 * radius_m:
        wide = rng.random() < 0.3
        at.append(at[-1] + (rng.uniform(600, 800) if wide else rng.uniform(290, 480)))
    return np.array(at)


def _subdivide(
    corners: tuple[float, float, float, float], rng: np.random.Generator
) -> list[Floats]:
    """Return the rings of a superblock's lots in grid coordinates, noded along every row."""
    u0, u1, v0, v1 = corners
    flip = (v1 - v0) > (u1 - u0)
    length, depth = (v1 - v0, u1 - u0) if flip else (u1 - u0, v1 - v0)
    lot_area = _LOT_AREA_M2 * float(np.clip(rng.lognormal(0.0, 0.42), 0.4, 3.0))
    rows = max(1, round(depth / rng.uniform(125.0, 205.0)))
    breaks = [_breaks(length, lot_area / (depth / rows), rng) for _ in range(rows)]
    skew = [np.clip(rng.normal(0.0, 4.0, len(row)), -9.0, 9.0) for row in breaks]
    lines: list[Floats] = []
    tops = [_inner(row + tilt, length) for row, tilt in zip(breaks, skew, strict=True)]
    feet = [_inner(row - tilt, length) for row, tilt in zip(breaks, skew, strict=True)]
    for row in range(1, rows):
        feet[row] = _snap(feet[row], tops[row - 1])
    edge = np.linspace(0.0, depth, rows + 1)
    tilts = rng.uniform(-0.1, 0.1, (rows + 1, 2)) * depth / rows
    tilts[[0, -1]] = 0.0
    for line in range(rows + 1):
        below = tops[line - 1] if line else np.array([0.0, length])
        above = feet[line] if line < rows else np.array([0.0, length])
        s = np.unique(np.concatenate([below, above]))
        t = edge[line] + tilts[line, 0] + (tilts[line, 1] - tilts[line, 0]) * s / length
        lines.append(np.column_stack([s, t]))
    rings = []
    for row in range(rows):
        for lot in range(len(feet[row]) - 1):
            low = _between(lines[row], feet[row][lot], feet[row][lot + 1])
            high = _between(lines[row + 1], tops[row][lot], tops[row][lot + 1])
            ring = np.vstack([low, high[::-1]])
            ring = ring[:, ::-1] if flip else ring
            rings.append(ring + np.array([u0, v0]))
    return [ring[::-1] for ring in rings] if flip else rings


def _breaks(length: float, width: float, rng: np.random.Generator) -> Floats:
    count = max(1, round(length / max(width, 45.0)))
    widths = np.clip(rng.lognormal(0.0, 0.38, count), 0.45, 2.4)
    at = np.concatenate([[0.0], np.cumsum(widths)])
    return np.asarray(at / at[-1] * length, dtype=np.float64)


def _inner(at: Floats, length: float) -> Floats:
    placed = at.copy()
    placed[0], placed[-1] = 0.0, length
    return placed


def _snap(at: Floats, to: Floats) -> Floats:
    nearest = to[np.abs(at[:, None] - to).argmin(axis=1)]
    snapped = np.where(np.abs(nearest - at) < _SNAP_M, nearest, at)
    return snapped if (np.diff(snapped) > _SNAP_M).all() else _inner(to, to[-1])


def _between(line: Floats, first: float, last: float) -> Floats:
    return line[(line[:, 0] >= first) & (line[:, 0] <= last)]
