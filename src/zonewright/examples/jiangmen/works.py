"""Infrastructure works, their monthly returns, and standard factories.

Works lie along the streets of the fabric, each wholly inside or wholly outside the cluster, the
start-up areas and the platform. Counts and sums per region are set so that the zones' figures
come out; the investment of single works and months follows chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from zonewright.examples.jiangmen.fabric import Fabric
from zonewright.examples.jiangmen.frame import Floats, shape_to_degrees
from zonewright.examples.jiangmen.selection import split_sum
from zonewright.examples.jiangmen.zones import CLUSTER, PLATFORM, STARTUP_AREAS, Zones

MONTHS = tuple([(2022, month) for month in range(7, 13)] + [(2023, m) for m in range(1, 11)])
_FIRST_2023 = 6


@dataclass(frozen=True, slots=True)
class Region:
    """Works of one part of the map: how many, and what they invested [万元].

    Parameters
    ----------
    name
        Key of the part of the map.
    started
        Works started from January to October 2023.
    continuing
        Works started in the second half of 2022.
    invested_2022, invested_2023
        Investment from July to December 2022 and from January to October 2023.
    """

    name: str
    started: int
    continuing: int
    invested_2022: int
    invested_2023: int


# Cluster 2023: 260 304 + 182 000 + 995 108 = 1 437 412. Platform, both years: 588 397.
REGIONS = (
    Region("startup", 11, 5, 41_280, 260_304),
    Region("both", 10, 4, 21_500, 182_000),
    Region("cluster", 84, 22, 312_600, 995_108),
    Region("platform", 26, 8, 38_600, 346_297),
    Region("outside", 24, 6, 56_900, 214_350),
)
_PREPARATORY = 12
# Standard factories: region, buildings, finished in the period, floor area [m²].
_FACTORIES = (
    ("both", 4, True, 262_000),
    ("platform", 8, True, 518_000),
    ("platform", 3, False, 171_000),
    ("cluster", 6, True, 334_000),
    ("outside", 2, True, 76_500),
)
_KINDS = (
    ("road", "道路及配套工程", 0.30),
    ("water", "供水管网工程", 0.08),
    ("rain", "雨水管渠工程", 0.07),
    ("sewage", "污水管网工程", 0.09),
    ("power", "电力管廊工程", 0.10),
    ("gas", "燃气管道工程", 0.05),
    ("heat", "集中供热管道工程", 0.03),
    ("telecom", "通信管道工程", 0.05),
    ("levelling", "场地平整工程", 0.09),
    ("flood", "防洪排涝工程", 0.05),
    ("green", "生态绿化工程", 0.04),
    ("facility", "公共配套工程", 0.05),
)
_FUNDS = ("专项债", "财政资金", "专项债+财政资金", "银行贷款", "国企自筹")
_POINTS = ("facility", "levelling")


@dataclass(frozen=True, slots=True)
class Work:
    """A work with its monthly investment [万元] in the order of ``MONTHS``."""

    code: str
    name: str
    kind: str
    status: str
    zone: str
    total_cost: int
    year_plan: int
    planned_start: date | None
    started_on: date | None
    planned_finish: date | None
    finished_on: date | None
    funds: str
    owner: str
    floor_area_m2: int
    invested: NDArray[np.int64]
    geometry: Any


def build_works(fabric: Fabric, zones: Zones, seed: int) -> tuple[Work, ...]:
    """Return every work, standard factories last."""
    builder = _Builder(fabric, zones, np.random.default_rng([seed, 50]))
    works: list[Work] = []
    for region in REGIONS:
        works += builder.region(region, len(works))
    works += builder.preparatory(len(works))
    for region_name, count, finished, area in _FACTORIES:
        works += builder.factories(region_name, count, finished, area, len(works))
    return tuple(works)


class _Builder:
    def __init__(self, fabric: Fabric, zones: Zones, rng: np.random.Generator) -> None:
        self.fabric, self.zones, self.rng = fabric, zones, rng
        shapes = zones.metres
        startup = shapely.union_all([shapes[code] for code in STARTUP_AREAS])
        cluster, platform = shapes[CLUSTER], shapes[PLATFORM]
        self.parts = {
            "startup": startup.difference(platform),
            "both": cluster.intersection(platform).difference(startup),
            "cluster": cluster.difference(platform).difference(startup),
            "platform": platform.difference(cluster),
            "outside": shapes["JM"].difference(cluster.union(platform)),
        }
        self.parts = {name: part.buffer(-60.0) for name, part in self.parts.items()}
        for part in self.parts.values():
            shapely.prepare(part)
        self.lines = self._lines()

    def region(self, region: Region, offset: int) -> list[Work]:
        """Return the works of one region with their investment."""
        count = region.started + region.continuing
        begun = self._starts(region)
        size = self.rng.lognormal(0.0, 0.75, count)
        ramp = np.zeros((count, len(MONTHS)))
        for row, start in enumerate(begun):
            months = len(MONTHS) - start
            ramp[row, start:] = (0.4 + np.arange(1, months + 1) ** 0.5) * self.rng.uniform(
                0.6, 1.4, months
            )
        weights = size[:, None] * ramp
        invested = np.zeros(weights.shape, dtype=np.int64)
        for part, total in (
            (slice(0, _FIRST_2023), region.invested_2022),
            (slice(_FIRST_2023, None), region.invested_2023),
        ):
            flat = weights[:, part].ravel()
            invested[:, part] = split_sum(total, flat).reshape(weights[:, part].shape)
        return [
            self._work(region.name, offset + row, int(begun[row]), invested[row])
            for row in range(count)
        ]

    def preparatory(self, offset: int) -> list[Work]:
        """Return works of this year's list that have not started."""
        nothing = np.zeros(len(MONTHS), dtype=np.int64)
        return [self._work("cluster", offset + row, -1, nothing) for row in range(_PREPARATORY)]

    def factories(
        self, region: str, count: int, finished: bool, area: int, offset: int
    ) -> list[Work]:
        """Return standard factories on lots that are in production."""
        outlines = [block.outline for block in self.fabric.superblocks]
        inside = np.flatnonzero(shapely.contains(self.parts[region], np.array(outlines)))
        blocks = self.rng.permutation(inside)[:count]
        areas = 100 * split_sum(area // 100, self.rng.uniform(0.6, 1.6, count))
        works = []
        for row, block in enumerate(blocks):
            lots = self.fabric.superblocks[int(block)].lots
            lot = int(lots[self.fabric.area_m2[lots].argmax()])
            town = self.fabric.superblocks[int(block)].town.name
            floor = int(areas[row])
            cost = int(floor * self.rng.uniform(0.19, 0.27))
            started = date(2021, 10, 1) + timedelta(int(self.rng.integers(0, 300)))
            done = date(2023, 1, 10) + timedelta(int(self.rng.integers(0, 285)))
            plan = done + timedelta(int(self.rng.integers(-30, 45)))
            invested = np.zeros(len(MONTHS), dtype=np.int64)
            if row % 2 == 0:
                last = _FIRST_2023 + done.month if finished else len(MONTHS)
                weights = self.rng.uniform(0.5, 1.5, last)
                invested[:last] = split_sum(int(cost * 0.6), weights)
            geometry = self.fabric.geometry[lot]
            works.append(
                Work(
                    f"JM-W-{offset + row + 1:04d}",
                    f"{town}标准厂房{row + 1}期（示例）",
                    "standard_factory",
                    "completing" if finished else "continuing",
                    self._zone(geometry),
                    cost,
                    int(invested[_FIRST_2023:].sum() * 1.1) // 10 * 10,
                    started - timedelta(10),
                    started,
                    plan if finished else date(2024, 6, 30),
                    done if finished else None,
                    "国企自筹",
                    "示例园区建设公司（虚构）",
                    floor,
                    invested,
                    geometry,
                )
            )
        return works

    def _starts(self, region: Region) -> NDArray[np.int64]:
        early = self.rng.integers(0, _FIRST_2023, region.continuing)
        share = np.array([6, 10, 16, 12, 10, 12, 9, 9, 11, 5], dtype=np.float64)
        late = self.rng.choice(np.arange(10), region.started, p=share / share.sum())
        return np.concatenate([early, late + _FIRST_2023])

    def _work(self, region: str, number: int, start: int, invested: NDArray[np.int64]) -> Work:
        rng = self.rng
        kind, title, _ = _KINDS[int(rng.choice(len(_KINDS), p=[share for *_, share in _KINDS]))]
        town, geometry = self._geometry(region, kind)
        ytd = int(invested[_FIRST_2023:].sum())
        spent = int(invested.sum())
        finished = None
        started = planned = None
        status = "preparatory"
        if start >= 0:
            year, month = MONTHS[start]
            started = date(year, month, int(rng.integers(1, 26)))
            planned = started + timedelta(int(rng.integers(0, 20)))
            status = "new" if year == 2023 else "continuing"
        if start == 0 or (start in (1, 2) and rng.random() < 0.5):
            finished, status = date(2023, 10, int(rng.integers(8, 31))), "completing"
        cost = spent if finished else int(spent / rng.uniform(0.35, 0.9))
        year_plan = int(ytd / rng.uniform(0.86, 1.08)) if start >= 0 else 0
        finish_by = (started or date(2024, 3, 1)) + timedelta(int(rng.integers(380, 800)))
        return Work(
            f"JM-W-{number + 1:04d}",
            f"{town}{title}（{number + 1}号，示例）",
            kind,
            status,
            self._zone(geometry),
            cost if start >= 0 else int(rng.integers(800, 9_000)),
            year_plan,
            planned or date(2023, 12, 1),
            started,
            date(2023, 10, 31) if finished else finish_by,
            finished,
            str(rng.choice(_FUNDS)),
            f"{town}建设办（示例）",
            0,
            invested,
            geometry,
        )

    def _lines(self) -> dict[str, list[tuple[str, Any]]]:
        """Return pieces of street by the region that holds them whole, with their town."""
        towns = {id(block.town): block.town for block in self.fabric.superblocks}.values()
        centres = np.array([town.centre for town in towns])
        names = [town.name for town in towns]
        found: dict[str, list[tuple[str, Any]]] = {name: [] for name in self.parts}
        for road in self.fabric.roads:
            for piece in _pieces(road, self.rng):
                line = shapely.linestrings(piece)
                name = next((n for n, p in self.parts.items() if shapely.contains(p, line)), None)
                if name:
                    nearest = np.linalg.norm(centres - piece.mean(axis=0), axis=1).argmin()
                    found[name].append((names[int(nearest)], line))
        return {
            name: [lines[k] for k in self.rng.permutation(len(lines))]
            for name, lines in found.items()
        }

    def _geometry(self, region: str, kind: str) -> tuple[str, Any]:
        town, line = self.lines[region].pop()
        shape = (
            shapely.line_interpolate_point(line, 0.5, normalized=True) if kind in _POINTS else line
        )
        return town, shape_to_degrees(shape)

    def _zone(self, geometry: Any) -> str:
        point = shapely.get_coordinates(shapely.point_on_surface(geometry))
        return str(self.zones.innermost(point[:, 0], point[:, 1])[0]) or "JM"


def _pieces(road: Floats, rng: np.random.Generator) -> list[Floats]:
    """Cut a street into pieces of half a kilometre to two, and leave some out."""
    pieces = []
    at = 0
    while at < len(road) - 3:
        length = int(rng.integers(4, 12))
        piece = road[at : at + length]
        if len(piece) >= 4 and rng.random() < 0.7:
            pieces.append(piece)
        at += length - 1
    return pieces


def invested_by(works: Sequence[Work], month: int) -> NDArray[np.int64]:
    """Return each work's investment of the year up to a month of ``MONTHS`` [万元]."""
    first = 0 if month < _FIRST_2023 else _FIRST_2023
    return np.array([work.invested[first : month + 1].sum() for work in works])
