"""Stage histories of the lots, so that the published areas come out of their dates.

Most lots were built, supplied or reserved long ago, or are waiting. The rest are cohorts: lots
acquired, assembled or levelled from January to October 2023, whose areas add up to the figures
published for the cluster, the start-up areas and the platform.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from zonewright.examples.jiangmen.fabric import Fabric, Superblock
from zonewright.examples.jiangmen.frame import Floats
from zonewright.examples.jiangmen.selection import choose_sum
from zonewright.examples.jiangmen.zones import CLUSTER, PLATFORM, STARTUP_AREAS, STARTUPS, Zones

STAGES = ("L3", "L4", "L5", "L6", "L7", "L8", "L9")
LAST_DAY = date(2023, 10, 31)
FIRST_DAY = date(2023, 1, 1)
MU_500_HA = 100 / 3
_HA = 1e4
_M2_TOLERANCE = 25.0
_EDGE_M = 40.0

# Published areas [ha] and how the rest of the year's land is spread.
ACQUIRED_STARTUPS, ACQUIRED_CLUSTER = 220.87, 1_103.6
LEVELLED_STARTUPS, LEVELLED_CLUSTER = 109.16, 839.1
ASSEMBLED_PLATFORM = 404.67
BLOCK_COUNT = 19
_BLOCKS_IN_STARTUPS, _BLOCKS_LEVELLED_IN_STARTUPS = 3, 2
_BLOCKS_LEVELLED_OUTSIDE = 10
_NEAR_BLOCKS = 14


@dataclass
class Histories:
    """Day on which each lot reached each stage, shape (lots, 7), as days; 0 is never."""

    days: NDArray[np.int64]

    def on(self, lot: int, stage: str) -> date | None:
        """Return when a lot reached a stage."""
        day = int(self.days[lot, STAGES.index(stage)])
        return date.fromordinal(day) if day else None

    def current(self) -> NDArray[Any]:
        """Return the furthest stage of each lot at the end of October 2023, ``L0`` if none."""
        reached = self.days > 0
        last = reached.shape[1] - 1 - reached[:, ::-1].argmax(axis=1)
        return np.where(reached.any(axis=1), np.array(STAGES, dtype=object)[last], "L0")


class _Places:
    """Which superblocks lie wholly in a zone, and which it cuts."""

    def __init__(self, fabric: Fabric, zones: Zones) -> None:
        outlines = np.array([block.outline for block in fabric.superblocks])
        shapes = {code: zones.metres[code] for code in (CLUSTER, PLATFORM)}
        shapes[STARTUPS] = shapely.union_all([zones.metres[code] for code in STARTUP_AREAS])
        wide = shapely.buffer(outlines, _EDGE_M)
        self.inside = {code: shapely.contains(shape, wide) for code, shape in shapes.items()}
        edges = shapely.union_all([shape.boundary for shape in shapes.values()])
        self.clear = ~shapely.intersects(edges, wide)

    def where(self, *inside: str, outside: Sequence[str] = ()) -> NDArray[np.bool_]:
        """Return a mask of superblocks in all of some zones and in none of others."""
        mask: NDArray[np.bool_] = self.clear.copy()
        for code in inside:
            mask &= self.inside[code]
        for code in outside:
            mask &= ~self.inside[code]
        return mask


def build_histories(fabric: Fabric, zones: Zones, seed: int) -> Histories:
    """Give every lot its dated stages."""
    return _Cohorts(fabric, zones, np.random.default_rng([seed, 30])).build()


class _Cohorts:
    def __init__(self, fabric: Fabric, zones: Zones, rng: np.random.Generator) -> None:
        self.fabric = fabric
        self.rng = rng
        self.places = _Places(fabric, zones)
        self.blocks = fabric.superblocks
        self.area_ha = np.array([fabric.area_m2[b.lots].sum() / _HA for b in self.blocks])
        self.free = np.ones(len(self.blocks), dtype=bool)
        self.days = np.zeros((len(fabric.area_m2), len(STAGES)), dtype=np.int64)

    def build(self) -> Histories:
        """Take cohort after cohort from the free superblocks; the remainder is old or waiting."""
        self._levelled()
        self._near_blocks()
        self._assembled()
        self._acquired()
        self._elsewhere()
        for number in np.flatnonzero(self.free):
            self._background(self.blocks[number])
        return Histories(self.days)

    # -- levelled land and the ready blocks

    def _levelled(self) -> None:
        startups = self.places.where(STARTUPS, outside=[PLATFORM])
        others = self.places.where(CLUSTER, outside=[STARTUPS])
        fresh = self._ready_blocks(startups, _BLOCKS_IN_STARTUPS, _BLOCKS_LEVELLED_IN_STARTUPS)
        self._level_rest(startups, LEVELLED_STARTUPS - fresh)
        count = BLOCK_COUNT - _BLOCKS_IN_STARTUPS
        fresh = self._ready_blocks(others, count, _BLOCKS_LEVELLED_OUTSIDE)
        self._level_rest(others, LEVELLED_CLUSTER - LEVELLED_STARTUPS - fresh)

    def _ready_blocks(self, where: NDArray[np.bool_], count: int, fresh: int) -> float:
        """Make whole superblocks ready blocks; return the area levelled in the period [ha]."""
        fits = (self.area_ha > MU_500_HA * 1.02) & (self.area_ha < 48.0)
        numbers = self._take(where & fits, count)
        area = 0.0
        for position, number in enumerate(numbers):
            if position < fresh:
                month = 1 + (position * 10 + 3) // max(fresh, 1) % 10
                start = date(2023, month, 1) + timedelta(int(self.rng.integers(0, 8)))
                area += float(self.area_ha[number])
            else:
                start = date(2022, int(self.rng.integers(2, 12)), 5)
            lots = self.blocks[number].lots
            self._level(lots, start.toordinal() + self.rng.integers(0, 18, len(lots)))
        return area

    def _level_rest(self, where: NDArray[np.bool_], total_ha: float) -> None:
        """Level single lots of small superblocks; the year before for those not chosen."""
        numbers = self._take_area(where & (self.area_ha < 30.0), total_ha * 1.3)
        lots = np.concatenate([self.blocks[number].lots for number in numbers])
        chosen = self._choose(lots, total_ha)
        self._level(
            lots[~chosen], self._days(date(2022, 1, 10), date(2022, 11, 20), (~chosen).sum())
        )
        self._level(lots[chosen], self._days(FIRST_DAY, LAST_DAY, chosen.sum()))
        supplied = self.rng.random(len(lots)) < 0.22
        ready = self.days[lots, STAGES.index("L7")]
        day = ready + self.rng.integers(25, 120, len(lots))
        done = supplied & (ready > 0) & (day <= LAST_DAY.toordinal())
        self.days[lots[done], STAGES.index("L8")] = day[done]

    def _near_blocks(self) -> None:
        """Level land that is contiguous, yet short of 500 mu: whole or cut by a supplied row."""
        inside = self.places.where(CLUSTER, outside=[STARTUPS])
        short = (self.area_ha > 24.0) & (self.area_ha < MU_500_HA * 0.97)
        for number in self._take(inside & short, _NEAR_BLOCKS):
            lots = self.blocks[number].lots
            self._level(lots, self._days(date(2021, 6, 1), date(2022, 11, 20), len(lots)))
        outside = self.places.where(outside=[CLUSTER]) & (self.area_ha > 20.0)
        for number in self._take(outside & (np.abs(self.area_ha - MU_500_HA) > 0.6), 6):
            lots = self.blocks[number].lots
            self._level(lots, self._days(date(2021, 6, 1), date(2022, 11, 20), len(lots)))

    def _level(self, lots: NDArray[np.int64], level: NDArray[np.int64]) -> None:
        """Give lots a history round the day of levelling; what precedes lies before 2023."""
        rng, last = self.rng, LAST_DAY.toordinal()
        assembled = np.minimum(
            level - rng.integers(60, 210, len(lots)),
            date(2022, 12, 18).toordinal() - rng.integers(0, 70, len(lots)),
        )
        self._set(lots, "L4", assembled)
        self._set(lots, "L3", assembled - rng.integers(60, 280, len(lots)))
        self._set(lots, "L5", level)
        served = level + rng.integers(25, 150, len(lots))
        self._set(lots, "L6", np.where(served <= last, served, 0))
        clean = served + rng.integers(15, 60, len(lots))
        self._set(lots, "L7", np.where(clean <= last, clean, 0))

    # -- assembled and acquired land

    def _assembled(self) -> None:
        where = self.places.where(PLATFORM) & (self.area_ha < 31.0)
        numbers = self._take_area(where, ASSEMBLED_PLATFORM * 1.35)
        lots = np.concatenate([self.blocks[number].lots for number in numbers])
        chosen = self._choose(lots, ASSEMBLED_PLATFORM)
        day = self._days(FIRST_DAY, LAST_DAY, len(lots))
        before = self._days(date(2022, 1, 5), date(2022, 12, 20), len(lots))
        day = np.where(chosen, day, before)
        self._set(lots, "L4", day)
        acquired = day - self.rng.integers(60, 300, len(lots))
        latest = date(2022, 12, 20).toordinal() - self.rng.integers(0, 80, len(lots))
        self._set(lots, "L3", np.minimum(acquired, np.minimum(latest, day - 20)))

    def _acquired(self) -> None:
        startups = self.places.where(STARTUPS, outside=[PLATFORM])
        self._acquire(startups, ACQUIRED_STARTUPS)
        others = self.places.where(CLUSTER, outside=[STARTUPS, PLATFORM])
        self._acquire(others, ACQUIRED_CLUSTER - ACQUIRED_STARTUPS)

    def _acquire(self, where: NDArray[np.bool_], total_ha: float) -> None:
        numbers = self._take_area(where, total_ha * 1.3)
        lots = np.concatenate([self.blocks[number].lots for number in numbers])
        chosen = self._choose(lots, total_ha)
        self._set(lots[chosen], "L3", self._days(FIRST_DAY, LAST_DAY, chosen.sum()))
        old = lots[~chosen][self.rng.random((~chosen).sum()) < 0.6]
        self._set(old, "L3", self._days(date(2021, 3, 1), date(2022, 12, 15), len(old)))
        for group, share in ((lots[chosen], 0.35), (old, 0.7)):
            acquired = self.days[group, 0]
            day = acquired + self.rng.integers(50, 190, len(group))
            done = (self.rng.random(len(group)) < share) & (day <= LAST_DAY.toordinal())
            self._set(group[done], "L4", day[done])

    def _elsewhere(self) -> None:
        """Acquire and level some land outside the cluster."""
        outside = self.places.where(outside=[CLUSTER]) & (self.area_ha < 28.0)
        for number in self._take_area(outside, 260.0):
            lots = self.blocks[number].lots
            self._set(lots, "L3", self._days(date(2022, 10, 1), LAST_DAY, len(lots)))
        for number in self._take_area(outside, 180.0):
            lots = self.blocks[number].lots
            self._level(lots, self._days(date(2022, 10, 1), LAST_DAY, len(lots)))

    # -- everything else

    def _background(self, block: Superblock) -> None:
        """Make a superblock long built, supplied, acquired earlier, or reserve."""
        rng, lots = self.rng, block.lots
        built = float(np.clip(block.town.old_share * (1.45 - 0.75 * block.remoteness), 0.05, 0.95))
        fate = rng.random()
        if fate < built:
            keep = lots[rng.random(len(lots)) < 0.95]
            supplied = self._days(date(2004, 1, 5), date(2021, 6, 30), len(keep))
            self._set(keep, "L8", supplied)
            running = supplied + rng.integers(420, 900, len(keep))
            early = running <= LAST_DAY.toordinal()
            self._set(keep[early], "L9", running[early])
        elif fate < built + 0.1:
            self._level(lots, self._days(date(2019, 6, 1), date(2021, 12, 20), len(lots)))
            day = self.days[lots, STAGES.index("L7")] + rng.integers(20, 200, len(lots))
            self._set(lots, "L8", np.minimum(day, LAST_DAY.toordinal()))
        elif fate < built + 0.25:
            day = self._days(date(2019, 1, 10), date(2022, 10, 30), len(lots))
            some = rng.random(len(lots)) < 0.8
            self._set(lots[some], "L3", day[some])

    # -- tools

    def _set(self, lots: NDArray[np.int64], stage: str, day: NDArray[np.int64]) -> None:
        self.days[lots, STAGES.index(stage)] = day

    def _days(self, first: date, last: date, count: int) -> NDArray[np.int64]:
        return self.rng.integers(first.toordinal(), last.toordinal() + 1, int(count))

    def _choose(self, lots: NDArray[np.int64], total_ha: float) -> NDArray[np.bool_]:
        sizes: Floats = self.fabric.area_m2[lots]
        chosen = choose_sum(sizes, total_ha * _HA, tolerance=_M2_TOLERANCE, rng=self.rng)
        mask = np.zeros(len(lots), dtype=bool)
        mask[chosen] = True
        return mask

    def _take(self, where: NDArray[np.bool_], count: int) -> NDArray[np.int64]:
        """Take free superblocks, evenly from the candidates."""
        numbers = np.flatnonzero(where & self.free)
        numbers = np.sort(self.rng.permutation(numbers)[:count])
        self.free[numbers] = False
        return self.rng.permutation(numbers)

    def _take_area(self, where: NDArray[np.bool_], area_ha: float) -> NDArray[np.int64]:
        """Take free superblocks until an area is reached, those at the towns' edges first."""
        numbers = np.flatnonzero(where & self.free)
        away = np.array([self.blocks[number].remoteness for number in numbers])
        numbers = numbers[np.argsort(-(away + self.rng.normal(0.0, 0.25, len(numbers))))]
        count = int(np.searchsorted(np.cumsum(self.area_ha[numbers]), area_ha)) + 1
        self.free[numbers[:count]] = False
        return numbers[:count]
