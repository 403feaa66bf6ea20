"""Unlock plans on small drawings: what is bought, in what order, and what the map says."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import numpy as np
import pytest
import shapely

from zonewright.core.errors import InputError, RangeError
from zonewright.land.unlock import Case, Limits, sweep, unlock, verify, why_not

SIDE_M = 100.0
HECTARE_M2 = SIDE_M**2


def draw(*rows: str, cost_cny: float = 1.0) -> tuple[Case, np.ndarray]:
    """Draw a hectare a letter: R is ready, x may not be bought, a digit multiplies the cost."""
    cells = [(r, c, mark) for r, row in enumerate(rows) for c, mark in enumerate(row)]
    place = {(r, c): number for number, (r, c, _) in enumerate(cells)}
    pairs = [
        (number, place[other])
        for (r, c), number in place.items()
        for other in ((r, c + 1), (r + 1, c))
        if other in place
    ]
    marks = [mark for *_, mark in cells]
    first, second = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    case = Case(
        codes=np.array([f"P{r}{c}" for r, c, _ in cells], dtype=object),
        area_m2=np.full(len(cells), HECTARE_M2),
        ready=np.array([mark == "R" for mark in marks]),
        cost_cny=np.array([cost_cny * int(mark) if mark.isdigit() else 0.0 for mark in marks]),
        quota_mu=np.array([0.0 if mark == "R" else 15.0 for mark in marks]),
        eligible=np.array([mark != "x" for mark in marks]),
        first=first,
        second=second,
    )
    shapes = [
        shapely.box(SIDE_M * c, SIDE_M * r, SIDE_M * (c + 1), SIDE_M * (r + 1)) for r, c, _ in cells
    ]
    return case, np.array(shapes, dtype=object)


def checked(case: Case, shapes: np.ndarray, limits: Limits, plan) -> float:  # type: ignore[no-untyped-def]
    verdict = verify(
        shapes, ready=case.ready, bought=np.isin(case.codes, plan.bought), area_m2=case.area_m2,
        cost_cny=case.cost_cny, quota_mu=case.quota_mu, budget_cny=limits.budget_cny,
        budget_mu=limits.quota_mu, threshold_m2=limits.threshold_m2, gap_m=0.05,
        min_frontage_m=1.0, claimed={"cost_cny": plan.cost_cny, "quota_mu": plan.quota_mu},
    )  # fmt: skip
    assert verdict.faults == ()
    return verdict.counted_m2


def test_the_bridge_between_two_groups_is_bought() -> None:
    case, shapes = draw("RR2RR", "99999")
    limits = Limits(2.0, target="largest", threshold_m2=5 * HECTARE_M2)
    plan = unlock(case, limits, time_limit_s=1.0)
    assert plan.bought == ("P02",)
    assert (plan.value, plan.status) == (5 * HECTARE_M2, "optimal")
    assert checked(case, shapes, limits, plan) == plan.value


def test_a_set_without_ready_land_may_be_the_largest() -> None:
    case, _ = draw("R9111")
    plan = unlock(case, Limits(3.0, target="largest"), time_limit_s=1.0)
    assert set(plan.bought) == {"P02", "P03", "P04"}


def test_quota_stops_what_the_money_would_pay() -> None:
    case, _ = draw("R111")
    plan = unlock(case, Limits(3.0, quota_mu=30.0, target="largest"), time_limit_s=1.0)
    assert len(plan.bought) == 2


def test_what_may_not_be_bought_is_not_crossed() -> None:
    case, _ = draw("R1xR")
    plan = unlock(case, Limits(9.0, target="largest"), time_limit_s=1.0)
    assert plan.value == 2 * HECTARE_M2


def test_two_blocks_under_one_budget() -> None:
    case, shapes = draw("R1RxxxR2R", "xxxxxxxxx", "R9RxxxRxR")
    limits = Limits(3.0, threshold_m2=3 * HECTARE_M2, target="area")
    plan = unlock(case, limits, time_limit_s=1.0)
    assert set(plan.bought) == {"P01", "P07"}
    assert plan.value == 6 * HECTARE_M2 <= plan.bound
    assert checked(case, shapes, limits, plan) == plan.value
    number = unlock(case, Limits(3.0, threshold_m2=3 * HECTARE_M2, target="blocks"), time_limit_s=1)
    assert (number.value, number.before) == (2.0, 0.0)


def test_a_larger_budget_never_brings_less() -> None:
    case, _ = draw("R1R2R3R", "1x1x1x1")
    plans = sweep(case, Limits(0.0, target="largest"), [0, 1, 3, 6], time_limit_s=4.0)
    values = [plan.value for plan in plans]
    assert values == sorted(values)
    assert all(one < other for one, other in pairwise(values))


def test_buying_order_accounts_for_every_metre() -> None:
    case, _ = draw("R1R12R")
    plan = unlock(case, Limits(4.0, target="largest"), time_limit_s=1.0)
    assert sum(step.gained_m2 for step in plan.steps) == plan.value - plan.before
    assert plan.steps[0].code == "P01"


def test_why_not_tells_what_a_parcel_costs() -> None:
    case, _ = draw("RR1RR", "3xxxx")
    plan = unlock(case, Limits(3.0, target="largest"), time_limit_s=1.0)
    found = why_not(case, plan, "P10", time_limit_s=1.0)
    assert (found.lost, found.plan.bought) == (2 * HECTARE_M2, ("P10",))
    assert why_not(case, plan, "P13", time_limit_s=1.0).plan.status == "infeasible"


def test_the_verdict_finds_faults() -> None:
    case, shapes = draw("R2R")
    verdict = verify(
        shapes, ready=case.ready, bought=np.array([False, True, False]), area_m2=case.area_m2,
        cost_cny=case.cost_cny, quota_mu=case.quota_mu, budget_cny=1.0, budget_mu=10.0,
        threshold_m2=1.0, gap_m=0.05, min_frontage_m=1.0, claimed={"counted_m2": 4e4},
    )  # fmt: skip
    assert len(verdict.faults) == 3
    assert verdict.counted_m2 == 3 * HECTARE_M2


def test_a_corner_does_not_join_on_the_map() -> None:
    _, shapes = draw("RR", "RR")
    corner = np.array([True, False, False, True])
    verdict = verify(
        shapes, ready=corner, bought=~corner & False, area_m2=np.full(4, HECTARE_M2),
        cost_cny=np.zeros(4), quota_mu=np.zeros(4), budget_cny=0.0, budget_mu=0.0,
        threshold_m2=0.0, gap_m=0.05, min_frontage_m=1.0, claimed={},
    )  # fmt: skip
    assert verdict.areas_m2 == (HECTARE_M2, HECTARE_M2)


def test_what_cannot_be_asked_is_refused() -> None:
    case, _ = draw("R1R")
    with pytest.raises(RangeError):
        Limits(-1.0)
    with pytest.raises(RangeError):
        Limits(1.0, start=date(2024, 1, 1), by=date(2023, 12, 31))
    with pytest.raises(InputError):
        unlock(case, Limits(1.0, target="largest"), must=("P99",), time_limit_s=0.5)
