"""The land of a zone on a day: the stages, what is ready, the blocks, and what changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from zonewright.core.findings import Finding
from zonewright.core.periods import Period
from zonewright.core.units import convert
from zonewright.land.changes import Changes, changes
from zonewright.land.measures import BlockTests, standard_tests
from zonewright.land.stages import flow, stock
from zonewright.workflows.books import Books
from zonewright.workflows.land_ground import Ground, ground_of
from zonewright.workflows.land_rules import SUPPLY, RuleName

Marks = NDArray[np.bool_]
MIN_BLOCK_MU = 500.0
# Groups below the threshold that are listed, and how small one may be [share of the threshold].
MOST_NEAR = 30
NEAR_SHARE = 0.1
# Findings of a kind that are listed; one more then tells how many are not.
MOST_LISTED = 1_000
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
    rule
        By which rule land counts: ready to supply, or levelled (`land_rules`).
    gap_m
        Widest gap over a road or canal across which land is joined as well [m]; 0 joins none.
    """

    zones: frozenset[str] | None
    on: date
    min_mu: float = MIN_BLOCK_MU
    rule: RuleName = SUPPLY
    gap_m: float = 0.0

    @property
    def min_area_m2(self) -> float:
        """Smallest block [m²]."""
        return float(convert(self.min_mu, "亩", "m2"))


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
        Land that is ready by the rule, each square metre once [m²].
    blocks, near
        Groups of ready parcels that are large enough, and the largest that are not: index
        ``block_id``; ``parcel_count``, ``area_m2`` [m²], ``members``, ``geometry``.
    tests
        What blocks are tested for (`land_tested.with_tests`).
    overlaps
        As `Ground.overlaps`: pairs of these parcels that lie over one another.
    findings
        The same as findings, and what keeps gaps from being bridged.
    """

    question: Question
    parcel_count: int
    area_m2: float
    off_map: int
    stages: pd.DataFrame
    ready_count: int
    ready_m2: float
    blocks: gpd.GeoDataFrame
    near: gpd.GeoDataFrame
    tests: BlockTests
    overlaps: pd.DataFrame
    findings: tuple[Finding, ...]

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
    ground, on = ground_of(books, question.rule), question.on
    tests = tests or standard_tests()
    inside = ground.inside(question.zones, on)
    ready = ground.ready(on, inside)
    threshold = question.min_area_m2
    gap_m = question.gap_m
    sizes = ground.group_areas(ready, gap_m=gap_m)
    below = sizes[sizes < threshold]
    least = max(NEAR_SHARE * threshold, below[:MOST_NEAR].min(initial=threshold))
    groups = ground.blocks(ready, min_area_m2=min(least, threshold), gap_m=gap_m)
    overlaps = ground.overlaps(inside)
    said = ground.between.findings if gap_m > 0 else ()
    large = (groups["area_m2"] >= threshold - 1e-6).to_numpy()
    return Land(
        question,
        int(inside.sum()),
        float(ground.area_m2[inside].sum()),
        int((inside & ~ground.on_map).sum()),
        _stages(ground, inside, on),
        int(ready.sum()),
        float(ground.counted_m2(ready)[ready].sum()),
        groups[large],
        groups[~large].head(MOST_NEAR),
        tests,
        overlaps,
        (*said, *overlap_findings(overlaps)),
    )


def overlap_findings(overlaps: pd.DataFrame) -> tuple[Finding, ...]:
    """Return a finding for each pair of parcels that lie over one another, the largest first."""
    found = [
        Finding(
            "parcel-overlap",
            "warning",
            table="parcels",
            field="geometry",
            ids=(str(row["second"]), str(row["first"])),
            params={
                "x": round(row["lon"], 7),
                "y": round(row["lat"], 7),
                "area": f"{row['area_m2']:.2f}",
            },
        )
        for row in overlaps.head(MOST_LISTED).to_dict("records")
    ]
    more = len(overlaps) - MOST_LISTED
    if more > 0:
        about = {"count": more, "listed": MOST_LISTED, "like": "parcel-overlap"}
        found.append(Finding("parcel-more", "info", table="parcels", params=about))
    return tuple(found)


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
    ground = ground_of(books, question.rule)
    inside = ground.inside(question.zones, question.on)
    blocks, parcels = [], []
    for day in (since, question.on):
        ready = ground.ready(day, inside)
        blocks.append(ground.blocks(ready, min_area_m2=question.min_area_m2, gap_m=question.gap_m))
        judged = ground.judged(day)[["ready", "lacks", "since"]]
        parcels.append(judged.assign(area_m2=ground.counted_m2(ready))[inside])
    return changes(blocks[0], blocks[1], parcels_before=parcels[0], parcels_after=parcels[1])
