"""One group of ready land: what it measures, its parcels, and what lies in its way to grow."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from zonewright.land.groups import NONE, group_sums
from zonewright.land.measures import BlockTests, measures, standard_tests
from zonewright.workflows.books import Books
from zonewright.workflows.land import Question
from zonewright.workflows.land_blockers import priced, standard_rates
from zonewright.workflows.land_ground import Ground, Marks, Rows, ground_of
from zonewright.workflows.unlock_question import UnlockRates


@dataclass(frozen=True, slots=True, eq=False)
class BlockDetail:
    """A group of ready land.

    Parameters
    ----------
    block_id
        Lowest parcel code in it.
    row
        ``parcel_count``, ``area_m2`` [m²], ``geometry`` (EPSG:4490).
    measured
        As `zonewright.land.measures.measures` returns them.
    tests
        What it was tested for.
    parcels
        Index parcel code: ``record``, ``stage``, ``area_m2`` [m²], ``use``, ``since`` (since when
        it is ready), ``twofold_m2`` (of its area, what is counted with another parcel of the block
        that lies there too [m²]).
    around
        Parcels beside it that are not ready, as `priced`, the most rewarding first, and:
        ``merged_m2``, area of the block that arises with that parcel alone; ``gained_m2``, area
        that counts then and did not before, 0 where the threshold is not reached;
        ``gained_per_m2``, ``gained_m2_per_cny``.
    counts
        Whether it reaches the threshold.
    rates
        What the costs rest on [CNY/mu].
    overlaps
        As `Ground.overlaps`: pairs of its parcels that lie over one another.
    """

    block_id: str
    row: pd.Series
    measured: pd.Series
    tests: BlockTests
    parcels: pd.DataFrame
    around: pd.DataFrame
    counts: bool
    rates: UnlockRates
    overlaps: pd.DataFrame


def block_of(
    books: Books,
    question: Question,
    block: str,
    *,
    tests: BlockTests | None = None,
    rates: UnlockRates | None = None,
) -> BlockDetail | None:
    """Return a group of ready land, large or small; None if there is none of that id.

    Parameters
    ----------
    books
        What the workspace says.
    question
        Which land, on which day, and from which size it counts.
    block
        Lowest parcel code in it.
    tests
        What it is tested for; None means those that Zonewright brings.
    rates
        Costs by what a parcel lacks; None for those that Zonewright brings.
    """
    rates = standard_rates() if rates is None else rates
    ground, on, tests = ground_of(books, question.rule), question.on, tests or standard_tests()
    inside = ground.inside(question.zones, on)
    ready = ground.ready(on, inside)
    place = ground.parcels.index.get_indexer([block])[0]
    if place < 0 or not ready[place]:
        return None
    groups = ground.groups(ready, gap_m=question.gap_m)
    members = groups == groups[place]
    one: gpd.GeoDataFrame = ground.blocks(members, min_area_m2=0.001, gap_m=question.gap_m)
    if not len(one) or str(one.index[0]) != block:
        return None
    rows = np.flatnonzero(members)
    parcels = pd.DataFrame(
        {
            "record": ground.parcels["record"].to_numpy()[rows],
            "use": ground.parcels["use"].to_numpy()[rows],
            "stage": ground.stages(on)[rows],
            "area_m2": ground.area_m2[rows],
            "since": ground.judged(on)["since"].to_numpy()[rows],
            "twofold_m2": (ground.area_m2 - ground.counted_m2(members))[rows],
        },
        index=ground.parcels.index[rows].astype(str),
    )
    row = one.iloc[0]
    return BlockDetail(
        block,
        row,
        measures(one, tests).iloc[0],
        tests,
        parcels,
        _around(ground, question, groups, members, inside, rates),
        bool(row["area_m2"] >= question.min_area_m2 - 1e-6),
        rates,
        ground.overlaps(members),
    )


def block_holding(books: Books, question: Question, parcel: str) -> str | None:
    """Return the id of the group of ready land that a parcel is in; None if it is in none."""
    ground = ground_of(books, question.rule)
    ready = ground.ready(question.on, ground.inside(question.zones, question.on))
    place = ground.parcels.index.get_indexer([parcel])[0]
    if place < 0 or not ready[place]:
        return None
    groups = ground.groups(ready, gap_m=question.gap_m)
    return str(ground.parcels.index[groups == groups[place]].astype(str).min())


def _around(
    ground: Ground,
    question: Question,
    groups: NDArray[np.int32],
    members: Marks,
    inside: Marks,
    rates: UnlockRates,
) -> pd.DataFrame:
    counted_m2 = ground.opened_m2(groups != NONE)
    sizes = group_sums(groups, counted_m2)
    rows, touched = _beside(ground, question.gap_m, groups, members, inside)
    found = priced(ground, rows, question.on, rates)
    least = question.min_area_m2 - 1e-6
    merged, gained = np.zeros(len(rows)), np.zeros(len(rows))
    for place, row in enumerate(rows.tolist()):
        parts = sizes[sorted(touched[row])]
        own = counted_m2[row]
        merged[place] = own + parts.sum()
        if merged[place] >= least:
            gained[place] = own + parts[parts < least].sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        per_m2 = gained / found["area_m2"].to_numpy()
        per_cny = gained / found["cost_cny"].to_numpy()
    found = found.assign(
        merged_m2=merged,
        gained_m2=gained,
        gained_per_m2=per_m2,
        gained_m2_per_cny=np.where(np.isinf(per_cny), np.nan, per_cny),
    )
    return found.sort_values(["gained_per_m2", "merged_m2"], ascending=False, kind="stable")


def _beside(
    ground: Ground, gap_m: float, groups: NDArray[np.int32], members: Marks, inside: Marks
) -> tuple[Rows, dict[int, set[int]]]:
    """Return the parcels beside a group that are not ready, and the groups that each touches."""
    first, second = ground.neighbours(np.arange(len(ground.parcels)), gap_m=gap_m)
    one, other = np.concatenate([first, second]), np.concatenate([second, first])
    open_to = (groups[one] == NONE) & inside[one] & ground.on_map[one]
    rows = np.unique(one[open_to & members[other]]).astype(np.int64)
    pairs = open_to & np.isin(one, rows) & (groups[other] != NONE)
    touched: dict[int, set[int]] = {row: set() for row in rows.tolist()}
    for row, group in zip(one[pairs].tolist(), groups[other[pairs]].tolist(), strict=True):
        touched[row].add(group)
    return rows, touched
