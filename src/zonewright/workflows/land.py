"""The land of a zone on a day: the stages, what is ready, the blocks, and what changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from zonewright.core.periods import Period
from zonewright.core.units import convert
from zonewright.land.blocks import READY_STAGES
from zonewright.land.changes import Changes, changes
from zonewright.land.measures import BlockTests, measures, standard_tests
from zonewright.land.stages import flow, stock
from zonewright.workflows.books import Books
from zonewright.workflows.land_ground import Ground, ground_of

Marks = NDArray[np.bool_]
MIN_BLOCK_MU = 500.0
# Groups below the threshold that are listed, and how small one may be [share of the threshold].
MOST_NEAR = 30
NEAR_SHARE = 0.1
# Blocks whose widths are measured for a list; the page of a block measures any other.
MOST_MEASURED = 100
_MU_M2 = float(convert(1, "亩", "m2"))


@dataclass(frozen=True, slots=True)
class Question:
    """Which land is asked for.

    Parameters
    ----------
    zones
        Codes of the zones; what lies in one of them counts. None means everything.
    on
        Day of boundaries and stages.
    min_mu
        Smallest block [mu]; one of exactly this size counts.
    """

    zones: frozenset[str] | None
    on: date
    min_mu: float = MIN_BLOCK_MU

    @property
    def min_area_m2(self) -> float:
        """Smallest block [m²]."""
        return float(convert(self.min_mu, "亩", "m2"))


@dataclass(frozen=True, slots=True)
class Refused:
    """Land at a ready stage that is not ready for another reason."""

    lack: str
    parcel_count: int
    area_m2: float


@dataclass(frozen=True, slots=True, eq=False)
class Land:
    """What there is to know of some land on a day.

    Parameters
    ----------
    question
        What was asked.
    parcel_count, area_m2
        All of it [m²].
    off_map
        Parcels without a usable outline: they can be in no block.
    stages
        Index stage L0 to L9; ``parcel_count``, ``area_m2`` of what stands there, ``reached_count``,
        ``reached_m2`` of what reached it or went further, ``year_m2`` of what reached it in the
        year up to the day [m²].
    ready_count, ready_m2
        Ready land by the rule.
    refused
        Land at a ready stage that is not ready for another reason, by reason; a parcel may have
        several.
    refused_count, refused_m2
        The same, each parcel once.
    by_stage_count
        How many blocks there would be if the stage alone decided.
    blocks, near
        Groups of ready parcels that are large enough, and the largest that are not: index
        ``block_id``; ``parcel_count``, ``area_m2`` [m²], ``members``, ``geometry``. Blocks have
        also ``min_width_m`` [m], ``passed`` and ``failed`` (tuples of codes of tests), NaN and
        empty beyond the first hundred.
    tests
        What blocks are tested for.
    """

    question: Question
    parcel_count: int
    area_m2: float
    off_map: int
    stages: pd.DataFrame
    ready_count: int
    ready_m2: float
    refused: tuple[Refused, ...]
    refused_count: int
    refused_m2: float
    by_stage_count: int
    blocks: gpd.GeoDataFrame
    near: gpd.GeoDataFrame
    tests: BlockTests

    @property
    def block_m2(self) -> float:
        """Area of all blocks [m²]."""
        return float(self.blocks["area_m2"].sum())


def land_of(books: Books, question: Question, *, tests: BlockTests | None = None) -> Land:
    """Return the stages and blocks of some land on a day.

    Parameters
    ----------
    books
        What the workspace says.
    question
        Which land, on which day.
    tests
        What blocks are tested for; None means those that Zonewright brings.
    """
    ground, on = ground_of(books), question.on
    tests = tests or standard_tests()
    inside = ground.inside(question.zones, on)
    ready = ground.ready(on, inside)
    threshold = question.min_area_m2
    sizes = ground.group_areas(ready)
    below = sizes[sizes < threshold]
    least = max(NEAR_SHARE * threshold, below[:MOST_NEAR].min(initial=threshold))
    groups = ground.blocks(ready, min_area_m2=min(least, threshold))
    large = (groups["area_m2"] >= threshold - 1e-6).to_numpy()
    refused, once = _refused(ground, on, inside)
    return Land(
        question,
        int(inside.sum()),
        float(ground.area_m2[inside].sum()),
        int((inside & ~ground.on_map).sum()),
        _stages(ground, inside, on),
        int(ready.sum()),
        float(ground.area_m2[ready].sum()),
        refused,
        int(once.sum()),
        float(ground.area_m2[once].sum()),
        int((ground.group_areas(ready | once) >= threshold - 1e-6).sum()),
        _tested(groups[large], tests),
        groups[~large].head(MOST_NEAR),
        tests,
    )


def _stages(ground: Ground, inside: Marks, on: date) -> pd.DataFrame:
    events = ground.books.tables["parcel_events"]
    area = pd.Series(ground.area_m2[inside], index=ground.parcels.index[inside])
    events = events[events["parcel"].isin(area.index)]
    events = events.assign(area_m2=events["parcel"].map(area).astype("float64"))
    found = stock(events, on)
    above = found.iloc[::-1].cumsum().iloc[::-1]
    year = flow(events[events["on"] < pd.Timestamp(on) + pd.Timedelta(days=1)], _year_of(on))
    return found.assign(
        reached_count=above["parcel_count"], reached_m2=above["area_m2"], year_m2=year["area_m2"]
    )


def _year_of(on: date) -> Period:
    return Period.year_to_date(on.year, on.month)


def _refused(ground: Ground, on: date, inside: Marks) -> tuple[tuple[Refused, ...], Marks]:
    """Return what is at a ready stage and not ready, by lack, and which parcels these are."""
    judged = ground.judged(on)
    at_stage = np.isin(ground.stages(on).astype(str), READY_STAGES)
    once = at_stage & inside & ~judged["ready"].to_numpy(dtype=bool)
    place = np.flatnonzero(once)
    lacks = judged["lacks"].to_numpy(dtype=object)[place]
    rows = []
    for lack in ground.rule.lacks:
        has = place[[lack in some for some in lacks]] if len(place) else place
        if len(has):
            rows.append(Refused(lack, len(has), float(ground.area_m2[has].sum())))
    return tuple(rows), once


def _tested(blocks: gpd.GeoDataFrame, tests: BlockTests) -> gpd.GeoDataFrame:
    first = blocks.head(MOST_MEASURED)
    found = measures(first, tests, rectangles=any_rectangle(tests))
    empty = pd.Series([()] * len(blocks), index=blocks.index, dtype=object)
    passed, failed = empty.copy(), empty.copy()
    passed.loc[first.index], failed.loc[first.index] = found["passed"], found["failed"]
    return blocks.assign(
        min_width_m=found["min_width_m"].reindex(blocks.index), passed=passed, failed=failed
    )


def any_rectangle(tests: BlockTests) -> bool:
    """Return whether a test asks for the rectangle inside a block."""
    return any(test.measure.startswith("rectangle") for test in tests.tests)


def changes_of(books: Books, question: Question, since: date) -> Changes:
    """Return what became of the blocks of an earlier day.

    Both days are seen within the boundaries of the later one, so that a boundary that was moved is
    no change of land.

    Parameters
    ----------
    books
        What the workspace says.
    question
        Which land; its day is the later one.
    since
        The earlier day.
    """
    ground = ground_of(books)
    inside = ground.inside(question.zones, question.on)
    blocks, parcels = [], []
    for day in (since, question.on):
        blocks.append(ground.blocks(ground.ready(day, inside), min_area_m2=question.min_area_m2))
        judged = ground.judged(day)[["ready", "lacks", "since"]]
        parcels.append(judged.assign(area_m2=ground.area_m2)[inside])
    return changes(blocks[0], blocks[1], parcels_before=parcels[0], parcels_after=parcels[1])
