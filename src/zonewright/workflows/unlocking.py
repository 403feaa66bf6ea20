"""What to buy and level next: the best plan for a budget, and for the budgets below it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from zonewright.core.errors import InputError
from zonewright.land.frame import MetricFrame
from zonewright.land.unlock import Case, Limits, Plan, Step, unlock, verify
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
# A map shows no more of what is ready already; the parcels of the plans are always there.
_MOST_READY = 5_000


def plan_unlock(
    question: UnlockQuestion, books: Books, *, say: Say = lambda _share: None
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

    Raises
    ------
    UnknownReferenceError, InputError
        If the zone is not known, holds no land on the map, or the parcel that the plan must hold
        cannot be made ready there.
    """
    begun = time.perf_counter()
    found = candidates_of(question, books)
    limit = quota_limit_m2(question, books)
    must = _required(question, found)
    plans = _plans(question, found, limit, must, say)
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
    return int(np.flatnonzero(found.frame.index == question.with_parcel)[0])


def budgets_of(question: UnlockQuestion) -> list[float]:
    """Return the budgets of the curve, rising to half as much again as what is asked [CNY]."""
    if question.steps <= 1:
        return [question.budget_cny]
    shares = np.linspace(0.0, 1.5, question.steps + 1)[1:]
    shares[np.argmin(np.abs(shares - 1.0))] = 1.0
    return [float(share * question.budget_cny) for share in shares]


def _plans(
    question: UnlockQuestion,
    found: Candidates,
    limit_m2: float | None,
    must: int | None,
    say: Say,
) -> list[Plan]:
    """Return a plan for each budget; a larger one never brings less."""
    plans: list[Plan] = []
    budgets = budgets_of(question)
    for place, budget in enumerate(budgets):
        say(place / len(budgets))
        asked = budget == question.budget_cny
        seconds = question.time_limit_s / (1 if asked else len(budgets))
        plan = _best(question, found, budget, limit_m2, must, seconds)
        if plans and plans[-1].value > plan.value:
            plan = replace(plans[-1], limits=plan.limits, bound=plan.bound, status="feasible")
        plans.append(plan)
    return plans


def _best(
    question: UnlockQuestion,
    found: Candidates,
    budget_cny: float,
    limit_m2: float | None,
    must: int | None,
    seconds: float,
) -> Plan:
    """Return the engine's plan for a budget.

    A parcel that the plan must hold is bought beforehand: it counts as ready, and what it takes is
    no longer there. Of a single block it must itself be part.
    """
    case = case_of(found)
    quota_mu = np.inf if limit_m2 is None else limit_m2 / MU_M2
    if must is None or question.target == "largest":
        limits = Limits(budget_cny, quota_mu, question.target, question.threshold_mu * MU_M2)
        codes = () if must is None else (str(case.codes[must]),)
        return unlock(case, limits, time_limit_s=seconds, must=codes)
    cost, quota = float(case.cost_cny[must]), float(case.quota_mu[must])
    if cost > budget_cny or quota > quota_mu:
        raise InputError("unlock-parcel-dear", parcel=question.with_parcel)
    ready = case.ready.copy()
    ready[must] = True
    limits = Limits(
        budget_cny - cost, quota_mu - quota, question.target, question.threshold_mu * MU_M2
    )
    plan = unlock(replace(case, ready=ready), limits, time_limit_s=seconds)
    step = Step(str(case.codes[must]), cost, quota, 0.0)
    whole = replace(limits, budget_cny=budget_cny, quota_mu=quota_mu)
    return replace(plan, limits=whole, steps=(step, *plan.steps))


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
        "stuck": {code: list(names) for code, names in found.stuck.items()},
        "costs": {
            str(code): float(cost)
            for code, cost in zip(frame.index[~ready], frame["cost_cny"][~ready], strict=True)
        },
        "items": {str(frame.index[row]): _item(frame, row) for row in used},
        "plans": told,
        "main": int(np.argmin(np.abs(np.array(budgets) - question.budget_cny))),
        "runtime_s": seconds,
        "features": _features(found, used),
    }


def _item(frame: pd.DataFrame, row: int) -> dict[str, object]:
    found = frame.iloc[row]
    parts = ("acquire_cny", "compensate_cny", "level_cny", "connect_cny")
    return {
        "record": str(found["record"]),
        "stage": str(found["stage"]),
        "lacks": list(found["lacks"]),
        "area_m2": float(found["area_m2"]),
        "cost_cny": float(found["cost_cny"]),
        "quota_m2": float(found["quota_m2"]),
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
    claimed = {"cost_cny": plan.cost_cny, "quota_mu": plan.quota_mu}
    counted_m2 = float(blocks["area_m2"].sum())
    claimed["counted_m2"] = plan.value if limits.target == "area" else counted_m2
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
        faults.append(f"blocks: {plan.value:g} claimed, {len(blocks)} found")
    gain_m2 = counted_m2 - float(before["area_m2"].sum())
    return {
        "status": plan.status,
        "budget_cny": limits.budget_cny,
        "value": plan.value,
        "before": plan.before,
        "bound": plan.bound,
        "gap": plan.gap if np.isfinite(plan.gap) else None,
        "how": list(plan.how),
        "verified": not faults,
        "faults": faults,
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
