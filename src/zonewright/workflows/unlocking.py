"""What to buy and level next: the best plan for a budget, and for the budgets below it.

The answer holds plain values. Where words are meant for a reader it holds codes, so that each reads
them in a language of their own::

    "by": "2024-12-31",                  # day by which the land is wanted; "" for none
    "lead_months": {"acquire_months": 6.0, "compensate_months": 6.0, "level_months": 6.0,
                    "connect_months": 4.0},
    "late": {"P12": "2025-03-31"},       # parcels left out by the day, and when each could be
                                         # ready; they are in neither "costs" nor "stuck"
    "items": {"P7": {..., "ready_on": "2024-10-31"}},
    "plans": [{
        ...,
        "how": [{"code": "unlock-how-growth", "params": {}}, ...],
        "faults": [{"code": "unlock-fault-area", "params": {"claimed": 5.0, "found": 4.0}}, ...],
    }]

``zonewright.core.texts.text_of(entry["code"], entry["params"], lang)`` is the text of an entry of
``how`` and ``faults``. Runs of before this form hold plain strings in both lists, and none of the
first three entries.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from zonewright.core.errors import InputError
from zonewright.core.findings import Finding
from zonewright.land.frame import MetricFrame
from zonewright.land.unlock import (
    Case,
    Limits,
    Plan,
    bar_of,
    fault,
    not_below,
    ready_on,
    unlock,
    verify,
)
from zonewright.workflows.books import Books
from zonewright.workflows.land_ground import MIN_FRONTAGE_M, TOLERANCE_M
from zonewright.workflows.rates import rates_version
from zonewright.workflows.unlock_question import (
    MU_M2,
    Candidates,
    UnlockQuestion,
    candidates_of,
    quota_limit_m2,
    rates_told,
)

QUESTION = "unlock"
Say = Callable[[float], None]
Stop = Callable[[], bool]
# A map shows no more of what is ready already; the parcels of the plans are always there.
_MOST_READY = 5_000


def plan_unlock(
    question: UnlockQuestion,
    books: Books,
    *,
    say: Say = lambda _share: None,
    stop: Stop = lambda: False,
) -> dict[str, object]:
    """Return the plans of a question as plain values: what a page, a command or a file shows.

    Parameters
    ----------
    question
        What is asked.
    books
        Of the workspace.
    say
        Called with the share that is done, 0 to 1.
    stop
        Asked some times a second; once it is true the search ends and `say` is called, which may
        raise. If it does not, what was found is returned, the budgets that were not begun without.

    Raises
    ------
    UnknownReferenceError, InputError
        If the zone is not known, holds no land on the map, or the parcel that the plan must hold
        cannot be made ready there, or not by the day.
    """
    begun = time.perf_counter()
    found = candidates_of(question, books)
    limit = quota_limit_m2(question, books)
    must = _required(question, found)
    plans = _plans(question, found, limit, must, say, stop)
    say(1.0)
    return _told(question, found, limit, plans, time.perf_counter() - begun)


def _required(question: UnlockQuestion, found: Candidates) -> int | None:
    """Return the position of the parcel that the plan must hold."""
    if not question.with_parcel:
        return None
    if question.with_parcel in found.stuck:
        raise InputError("unlock-parcel-stuck", parcel=question.with_parcel)
    if question.with_parcel not in found.frame.index:
        raise InputError("unlock-parcel-unknown", parcel=question.with_parcel, zone=question.zone)
    place = int(np.flatnonzero(found.frame.index == question.with_parcel)[0])
    case, limits = case_of(found), limits_of(question, question.budget_cny, None)
    if not limits.in_time(case)[place] and limits.by is not None:
        day = ready_on(question.on, float(case.lead_months[place]))
        raise InputError(
            "unlock-parcel-late", parcel=question.with_parcel, ready_on=day, by=limits.by
        )
    return place


def budgets_of(question: UnlockQuestion) -> list[float]:
    """Return the budgets of the curve, rising to half as much again as what is asked [CNY]."""
    if question.steps <= 1:
        return [question.budget_cny]
    shares = np.linspace(0.0, 1.5, question.steps + 1)[1:]
    shares[np.argmin(np.abs(shares - 1.0))] = 1.0
    return [float(share * question.budget_cny) for share in shares]


def limits_of(question: UnlockQuestion, budget_cny: float, quota_m2: float | None) -> Limits:
    """Return the limits of the plan for a budget; the work begins on the day that was asked."""
    return Limits(
        budget_cny,
        np.inf if quota_m2 is None else quota_m2 / MU_M2,
        question.target,
        question.threshold_mu * MU_M2,
        start=question.on,
        by=question.by,
    )


def _plans(
    question: UnlockQuestion,
    found: Candidates,
    limit_m2: float | None,
    must: int | None,
    say: Say,
    stop: Stop,
) -> list[Plan]:
    """Return a plan for each budget; a larger one never brings less.

    A parcel that the plan must hold stops the question if what was asked does not pay for it; the
    budgets of the curve that do not are left out.
    """
    case, plans = case_of(found), list[Plan]()
    codes = () if must is None else (str(case.codes[must]),)
    budgets = budgets_of(question)
    for place, budget in enumerate(budgets):
        say(place / len(budgets))
        if plans and stop():
            break
        asked = budget == question.budget_cny
        seconds = question.time_limit_s / (1 if asked else len(budgets))
        limits = limits_of(question, budget, limit_m2)
        barred = bar_of(case, limits, codes[0]) if codes else None
        if barred is not None and barred.code == "unlock-why-dear":
            if asked:
                raise InputError("unlock-parcel-dear", parcel=question.with_parcel)
            continue
        plan = unlock(case, limits, time_limit_s=seconds, must=codes, stop=stop)
        plans.append(not_below(plan, plans[-1] if plans else None))
    return plans


def case_of(found: Candidates) -> Case:
    """Return the land as the engine takes it."""
    frame = found.frame
    ready = frame["ready"].to_numpy(dtype=bool)
    return Case(
        codes=frame.index.astype(str).to_numpy(dtype=object),
        area_m2=frame["area_m2"].to_numpy(dtype=float),
        ready=ready,
        cost_cny=frame["cost_cny"].to_numpy(dtype=float),
        quota_mu=frame["quota_m2"].to_numpy(dtype=float) / MU_M2,
        eligible=~ready,
        first=found.first,
        second=found.second,
        lead_months=frame["months"].to_numpy(dtype=float),
    )


def _told(
    question: UnlockQuestion,
    found: Candidates,
    limit_m2: float | None,
    plans: Sequence[Plan],
    seconds: float,
) -> dict[str, object]:
    frame = found.frame
    ready = frame["ready"].to_numpy(dtype=bool)
    threshold_m2 = question.threshold_mu * MU_M2
    before = blocks_with(found, np.empty(0, dtype=int), threshold_m2)
    shapes = _metric(found)
    told = [_plan(plan, found, before, question, shapes) for plan in plans]
    budgets = [plan.limits.budget_cny for plan in plans]
    bought = {code for plan in plans for code in plan.bought}
    used = [row for row, code in enumerate(frame.index) if code in bought]
    area = frame["area_m2"].to_numpy()
    late = _late(question, found)
    lacks = pd.Series([code for codes in found.stuck.values() for code in codes], dtype="object")
    return {
        "zone": question.zone,
        "on": question.on.isoformat(),
        "target": question.target,
        "threshold_mu": question.threshold_mu,
        "budget_cny": question.budget_cny,
        "quota": question.quota,
        "quota_limit_m2": limit_m2,
        "with": question.with_parcel,
        "by": question.by.isoformat() if question.by else "",
        "lead_months": question.months.told(),
        "rates": rates_told(question.rates),
        "rates_version": rates_version(),
        "land": {
            "parcels": len(frame) + len(found.stuck),
            "ready": int(ready.sum()),
            "ready_m2": float(area[ready].sum()),
            "candidates": int((~ready).sum()),
            "candidates_m2": float(area[~ready].sum()),
            "stuck": len(found.stuck),
            "stuck_lacks": {str(code): int(count) for code, count in lacks.value_counts().items()},
        },
        "before": {"area_m2": float(before["area_m2"].sum()), "blocks": len(before)},
        "ready_codes": [str(code) for code in frame.index[ready]],
        "late": late,
        "stuck": {code: list(names) for code, names in found.stuck.items()},
        "costs": {
            str(code): float(cost)
            for code, cost in zip(frame.index[~ready], frame["cost_cny"][~ready], strict=True)
            if str(code) not in late
        },
        "items": {str(frame.index[row]): _item(frame, row, question) for row in used},
        "plans": told,
        "main": int(np.argmin(np.abs(np.array(budgets) - question.budget_cny))),
        "runtime_s": seconds,
        "features": _features(found, used),
    }


def _late(question: UnlockQuestion, found: Candidates) -> dict[str, str]:
    """Return the parcels that cannot be ready by the day, with the day on which each could be."""
    case = case_of(found)
    in_time = limits_of(question, question.budget_cny, None).in_time(case)
    return {
        str(case.codes[row]): ready_on(question.on, float(case.lead_months[row])).isoformat()
        for row in np.flatnonzero(~in_time)
    }


def _item(frame: pd.DataFrame, row: int, question: UnlockQuestion) -> dict[str, object]:
    found = frame.iloc[row]
    parts = ("acquire_cny", "compensate_cny", "level_cny", "connect_cny")
    return {
        "record": str(found["record"]),
        "stage": str(found["stage"]),
        "lacks": list(found["lacks"]),
        "area_m2": float(found["area_m2"]),
        "cost_cny": float(found["cost_cny"]),
        "quota_m2": float(found["quota_m2"]),
        "ready_on": ready_on(question.on, float(found["months"])).isoformat(),
        **{name: float(found[name]) for name in parts},
    }


def blocks_with(
    found: Candidates, rows: Sequence[int] | NDArray[np.int_], threshold_m2: float
) -> pd.DataFrame:
    """Return the blocks that count once some candidates are ready beside what is ready already.

    Returns
    -------
    blocks
        Largest first: ``area_m2`` [m²], ``members`` (codes), ``geometry``.
    """
    marks = np.zeros(len(found.ground.parcels), dtype=bool)
    frame = found.frame
    positions = frame["row"].to_numpy()
    marks[positions[frame["ready"].to_numpy(dtype=bool)]] = True
    marks[positions[np.asarray(rows, dtype=int)]] = True
    return pd.DataFrame(found.ground.blocks(marks, min_area_m2=threshold_m2))


def _plan(
    plan: Plan,
    found: Candidates,
    before: pd.DataFrame,
    question: UnlockQuestion,
    shapes: NDArray[np.object_],
) -> dict[str, object]:
    frame, limits = found.frame, plan.limits
    threshold_m2 = question.threshold_mu * MU_M2
    chosen = set(plan.bought)
    bought = frame.index.isin(plan.bought)
    rows = np.flatnonzero(bought)
    blocks = blocks_with(found, rows, threshold_m2)
    of_blocks_m2 = sum(block.area_m2 for block in plan.blocks if block.area_m2 >= threshold_m2)
    claimed = {
        "cost_cny": plan.cost_cny,
        "quota_mu": plan.quota_mu,
        "counted_m2": plan.value if limits.target == "area" else of_blocks_m2,
    }
    counted_m2 = float(blocks["area_m2"].sum())
    verdict = verify(
        shapes,
        ready=frame["ready"].to_numpy(dtype=bool),
        bought=bought,
        area_m2=frame["area_m2"].to_numpy(dtype=float),
        cost_cny=frame["cost_cny"].to_numpy(dtype=float),
        quota_mu=frame["quota_m2"].to_numpy(dtype=float) / MU_M2,
        budget_cny=limits.budget_cny,
        budget_mu=limits.quota_mu,
        threshold_m2=threshold_m2,
        gap_m=TOLERANCE_M,
        min_frontage_m=MIN_FRONTAGE_M,
        claimed=claimed,
    )
    faults = list(verdict.faults)
    if limits.target == "blocks" and plan.value != len(blocks):
        faults.append(fault("unlock-fault-blocks", claimed=plan.value, found=len(blocks)))
    gain_m2 = counted_m2 - float(before["area_m2"].sum())
    return {
        "status": plan.status,
        "budget_cny": limits.budget_cny,
        "value": plan.value,
        "before": plan.before,
        "bound": plan.bound,
        "gap": plan.gap if np.isfinite(plan.gap) else None,
        "how": [_kept(one) for one in plan.how],
        "verified": not faults,
        "faults": [_kept(one) for one in faults],
        "chosen": list(plan.bought),
        "gains_m2": [step.gained_m2 for step in plan.steps],
        "cost_cny": plan.cost_cny,
        "quota_m2": plan.quota_mu * MU_M2,
        "area_m2": counted_m2,
        "gain_m2": plan.value - plan.before if limits.target == "largest" else gain_m2,
        "blocks": [
            {
                "id": str(code),
                "area_m2": float(area),
                "parcels": len(members),
                "bought": len(chosen & set(members)),
            }
            for code, area, members in zip(
                blocks.index, blocks["area_m2"], blocks["members"], strict=True
            )
        ],
    }


def _kept(finding: Finding) -> dict[str, object]:
    """Return a finding as a run keeps it: without words, which depend on the reader."""
    return {"code": finding.code, "params": dict(finding.params)}


def _metric(found: Candidates) -> NDArray[np.object_]:
    """Return the shapes of all candidates in a frame in metres."""
    parcels = found.ground.parcels
    frame = MetricFrame.around(parcels["lon"].to_numpy()[found.frame["row"].to_numpy()])
    shapes = parcels.geometry.to_numpy()[found.frame["row"].to_numpy()]
    metric: NDArray[np.object_] = shapely.transform(shapes, frame.to_metric)
    return metric


def _features(found: Candidates, used: Sequence[int]) -> list[dict[str, object]]:
    """Return parcels as GeoJSON features: those of plans, and what is ready already."""
    frame, parcels = found.frame, found.ground.parcels
    marks = frame["ready"].to_numpy(dtype=bool).copy()
    if marks.sum() > _MOST_READY:
        marks[:] = False
    marks[list(used)] = True
    kept = frame[marks]
    shapes = parcels.geometry.to_numpy()[kept["row"].to_numpy()]
    return [
        {
            "type": "Feature",
            "properties": {"code": str(code), "ready": bool(ready)},
            "geometry": json.loads(text),
        }
        for code, ready, text in zip(
            kept.index, kept["ready"], shapely.to_geojson(shapes), strict=True
        )
    ]
