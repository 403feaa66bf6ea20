"""The same land by both rules: the levelled blocks, those ready to supply, and why they differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from zonewright.workflows.books import Books
from zonewright.workflows.land import Question
from zonewright.workflows.land_ground import Ground, Marks, ground_of
from zonewright.workflows.land_rules import LEVELLED, SUPPLY

# Areas that differ by less are the same [m²].
_SAME_M2 = 0.5


@dataclass(frozen=True, slots=True)
class Count:
    """How many blocks there are by a rule, their area, and all land that meets it [m²]."""

    blocks: int
    area_m2: float
    parcels: int
    land_m2: float


@dataclass(frozen=True, slots=True)
class KeptOut:
    """What keeps levelled land from being ready to supply.

    Parameters
    ----------
    lack
        What is lacked, by its code; a block or parcel may lack several things.
    blocks
        Levelled blocks without any block that is ready to supply, because of parcels with this
        lack.
    parcels, area_m2
        All levelled parcels with this lack, in blocks or not [m²].
    """

    lack: str
    blocks: int
    parcels: int
    area_m2: float


@dataclass(frozen=True, slots=True)
class Both:
    """Some land by both rules.

    Parameters
    ----------
    levelled, supply
        By the stage alone, and by the whole rule.
    kept_out
        Why they differ, in the order of the rule's conditions.
    lost
        Levelled blocks without any block that is ready to supply.
    cut
        Levelled blocks with more than one.
    smaller
        Levelled blocks with exactly one, which is smaller.
    """

    levelled: Count
    supply: Count
    kept_out: tuple[KeptOut, ...]
    lost: int
    cut: int
    smaller: int

    @property
    def missing(self) -> int:
        """How many fewer blocks are ready to supply."""
        return self.levelled.blocks - self.supply.blocks

    @property
    def missing_m2(self) -> float:
        """By how much the blocks' area is smaller [m²]."""
        return self.levelled.area_m2 - self.supply.area_m2


def both_of(books: Books, question: Question) -> Both:
    """Return some land by both rules; the question's own rule does not matter.

    Parameters
    ----------
    books
        What the workspace says.
    question
        Which land, on which day, and from which size a block counts.
    """
    on, threshold = question.on, question.min_area_m2
    ground, by_stage = ground_of(books, SUPPLY), ground_of(books, LEVELLED)
    inside = ground.inside(question.zones, on)
    ready, levelled = ground.ready(on, inside), by_stage.ready(on, inside)
    small = ground.blocks(ready, min_area_m2=threshold, gap_m=question.gap_m)
    large = by_stage.blocks(levelled, min_area_m2=threshold, gap_m=question.gap_m)
    home = {code: block for block, codes in large["members"].items() for code in codes}
    parts: dict[object, list[float]] = {block: [] for block in large.index}
    for codes, area_m2 in zip(small["members"], small["area_m2"], strict=True):
        if codes[0] in home:
            parts[home[codes[0]]].append(float(area_m2))
    lost = [block for block, areas in parts.items() if not areas]
    smaller = sum(
        len(areas) == 1 and areas[0] < float(large.at[block, "area_m2"]) - _SAME_M2
        for block, areas in parts.items()
    )
    return Both(
        _count(ground, large, levelled),
        _count(ground, small, ready),
        _kept_out(ground, question, levelled & ~ready, [large.at[one, "members"] for one in lost]),
        len(lost),
        sum(len(areas) > 1 for areas in parts.values()),
        smaller,
    )


def _count(ground: Ground, blocks: gpd.GeoDataFrame, marks: Marks) -> Count:
    return Count(
        len(blocks),
        float(blocks["area_m2"].sum()),
        int(marks.sum()),
        float(ground.counted_m2(marks)[marks].sum()),
    )


def _kept_out(
    ground: Ground, question: Question, out: Marks, lost: Iterable[tuple[str, ...]]
) -> tuple[KeptOut, ...]:
    places = np.flatnonzero(out)
    lacks = ground.judged(question.on)["lacks"].to_numpy(dtype=object)[places]
    codes = ground.parcels.index[places].astype(str)
    of_parcel = pd.Series(lacks, index=codes)
    blocks: Counter[str] = Counter()
    for members in lost:
        within = of_parcel.reindex(list(members)).dropna()
        blocks.update({lack for some in within for lack in some})
    parcels: Counter[str] = Counter()
    areas: dict[str, float] = {}
    for place, some in zip(places.tolist(), lacks, strict=True):
        parcels.update(some)
        for lack in some:
            areas[lack] = areas.get(lack, 0.0) + float(ground.area_m2[place])
    return tuple(
        KeptOut(lack, blocks[lack], parcels[lack], areas[lack])
        for lack in ground.rule.lacks
        if parcels[lack]
    )
