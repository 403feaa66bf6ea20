"""What keeps land from counting: which parcels, what each lacks, and what it would bring."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from zonewright.core.units import convert
from zonewright.land.blockers import blockers, blocking_parcels
from zonewright.land.groups import NONE
from zonewright.workflows.books import Books
from zonewright.workflows.land import Question
from zonewright.workflows.land_ground import Ground, ground_of
from zonewright.workflows.rates import rates_of
from zonewright.workflows.unlock_question import RATES, UnlockRates, costed

_MU_M2 = float(convert(1, "亩", "m2"))


@dataclass(frozen=True, slots=True, eq=False)
class Blockers:
    """What would make more land count.

    Parameters
    ----------
    question
        Which land, on which day.
    options
        As `zonewright.land.blockers.blockers` returns them, and ``joins``: ids of the groups of
        ready land, large or small, that the option joins (tuple).
    parcels
        As `blocking_parcels` returns them, and ``record``, ``stage``, ``area_m2`` [m²],
        ``cost_cny`` [CNY, NaN for land that no money makes ready].
    rates
        What the costs rest on [CNY/mu].
    """

    question: Question
    options: pd.DataFrame
    parcels: pd.DataFrame
    rates: UnlockRates

    def of_block(self, block: str) -> pd.DataFrame:
        """Return the options that join a group of ready land."""
        joined = self.options["joins"]
        has = np.fromiter((block in groups for groups in joined), dtype=bool, count=len(joined))
        return self.options[has]

    def as_dicts(self) -> list[dict[str, object]]:
        """Return plain values for JSON, the parcels of an option with what each lacks."""
        rows: list[dict[Any, Any]] = self.options.to_dict("records")
        return [
            {
                "near_block": row["near_block"],
                "parcels": [self._parcel(code) for code in row["parcels"]],
                "joins": list(row["joins"]),
                "method": row["method"],
                "exact": bool(row["exact"]),
                "opened_mu": row["opened_m2"] / _MU_M2,
                "merged_mu": row["merged_m2"] / _MU_M2,
                "gained_mu": row["gained_m2"] / _MU_M2,
                "gained_mu_per_mu": row["gained_per_m2"],
                "cost_cny": None if np.isnan(row["cost_cny"]) else row["cost_cny"],
                "gained_mu_per_wan": _per_wan(row["gained_m2_per_cny"]),
            }
            for row in rows
        ]

    def _parcel(self, code: str) -> dict[str, object]:
        row: dict[Any, Any] = self.parcels.loc[code].to_dict()
        days = [None if pd.isna(day) else day.date().isoformat() for day in row["lacks_since"]]
        return {
            "code": code,
            "stage": row["stage"],
            "area_mu": row["area_m2"] / _MU_M2,
            "lacks": [
                {"lack": lack, "since": day} for lack, day in zip(row["lacks"], days, strict=True)
            ],
        }


def _per_wan(gained_m2_per_cny: float) -> float | None:
    return None if np.isnan(gained_m2_per_cny) else gained_m2_per_cny * 10_000 / _MU_M2


def standard_rates() -> UnlockRates:
    """Return the rates that Zonewright brings: assumptions, not prices."""
    return changed_rates({})


def changed_rates(rates: Mapping[str, object]) -> UnlockRates:
    """Return the rates that Zonewright brings, but for those that are changed [CNY/mu].

    Raises
    ------
    InputError, RangeError
        If a rate is not known, no number, or outside its limits.
    """
    return UnlockRates(**rates_of({"rates": rates}, "unlock", RATES, most=1e9))


def blockers_of(books: Books, question: Question, rates: UnlockRates | None = None) -> Blockers:
    """Return which parcels keep land from counting, the most rewarding first.

    Parameters
    ----------
    books
        What the workspace says.
    question
        Which land, on which day, and from which size it counts.
    rates
        Costs by what a parcel lacks; None for those that Zonewright brings.
    """
    rates = standard_rates() if rates is None else rates
    ground, on = ground_of(books, question.rule), question.on
    inside = ground.inside(question.zones, on)
    rows = np.flatnonzero(inside & ground.on_map & (ground.area_m2 > 0))
    frame = priced(ground, rows, on, rates)
    first, second = ground.neighbours(rows, gap_m=question.gap_m)
    ready = ground.ready(on, inside)
    counted = frame.assign(area_m2=ground.opened_m2(ready)[rows])
    options = blockers(counted, first, second, min_area_m2=question.min_area_m2)
    groups = ground.groups(ready, gap_m=question.gap_m)[rows]
    options = options.assign(joins=_joins(options, groups, frame.index, first, second))
    judged = ground.judged(on).iloc[rows].set_index(frame.index)
    parcels = blocking_parcels(options, judged)
    beside = frame[["record", "stage", "area_m2", "cost_cny"]]
    return Blockers(question, options, parcels.join(beside), rates)


def priced(ground: Ground, rows: NDArray[np.int64], on: date, rates: UnlockRates) -> pd.DataFrame:
    """Return some parcels with what they lack on a day and what it costs to make them ready.

    Parameters
    ----------
    ground
        Where they come from.
    rows
        Shape (m,): their positions.
    on
        The day.
    rates
        Costs [CNY/mu].

    Returns
    -------
    parcels
        Shape (m,), index parcel code: ``record``, ``stage``, ``lacks``, ``lacks_since``,
        ``area_m2`` [m²], ``ready``, ``mendable``, ``cost_cny`` [CNY; NaN for land that no money
        makes ready].
    """
    judged = ground.judged(on).iloc[rows]
    found = pd.DataFrame(
        {
            "record": ground.parcels["record"].to_numpy()[rows],
            "stage": ground.stages(on)[rows],
            "lacks": judged["lacks"].to_numpy(),
            "lacks_since": judged["lacks_since"].to_numpy(),
            "area_m2": ground.area_m2[rows],
            "ready": judged["ready"].to_numpy(dtype=bool),
            "mendable": judged["mendable"].to_numpy(dtype=bool),
        },
        index=ground.parcels.index[rows].astype(str),
    )
    acquired = ground.fields["acquired_pct"].to_numpy(dtype=float)[rows]
    cost = costed(found, acquired, rates)["cost_cny"].to_numpy(dtype=float)
    return found.assign(cost_cny=np.where(found["mendable"], cost, np.nan))


def _joins(
    options: pd.DataFrame,
    groups: NDArray[np.int32],
    codes: pd.Index,
    first: NDArray[np.int64],
    second: NDArray[np.int64],
) -> NDArray[np.object_]:
    """Return the ids of the groups of ready land that each option touches."""
    inside = groups != NONE
    names = pd.Series(codes[inside]).groupby(groups[inside]).min()
    listed = options["parcels"].explode().dropna()
    opened = set(codes.get_indexer(pd.Index(listed.unique())).tolist())
    touched: dict[int, set[str]] = {place: set() for place in opened}
    for one, other in ((first, second), (second, first)):
        known = np.isin(one, list(opened)) & inside[other]
        for place, group in zip(one[known].tolist(), groups[other[known]].tolist(), strict=True):
            touched[place].add(str(names[group]))
    found = np.empty(len(options), dtype=object)
    place_of = dict(zip(codes, range(len(codes)), strict=True))
    for row, listed_codes in enumerate(options["parcels"]):
        joined = (touched[place_of[code]] for code in listed_codes)
        found[row] = tuple(sorted(set().union(*joined)))
    return found
