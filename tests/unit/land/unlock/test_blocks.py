"""Plans of several blocks beside every plan there is: value, bound, what has to be in, days."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import compress, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zonewright.land.unlock import Case, Limits, ready_on, sweep, unlock, why_not
from zonewright.land.unlock.case import Target

HECTARE_M2 = 10_000.0
SIDE = 4


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw a square of parcels: some ready, some barred, the rest at a cost and a quota."""
    count = SIDE * 3
    marks = np.array(draw(st.lists(st.sampled_from("RRx1234"), min_size=count, max_size=count)))
    place = np.arange(count).reshape(3, SIDE)
    first = np.concatenate([place[:, :-1].ravel(), place[:-1].ravel()])
    second = np.concatenate([place[:, 1:].ravel(), place[1:].ravel()])
    bought = np.char.isdigit(marks)
    cost = np.zeros(count)
    cost[bought] = marks[bought].astype(float)
    area = np.array(draw(st.lists(st.integers(1, 4), min_size=count, max_size=count)), dtype=float)
    return Case(
        np.array([f"P{number}" for number in range(count)], dtype=object), area * HECTARE_M2,
        marks == "R", cost, bought * 2.0, bought, first, second,
        lead_months=bought * (np.arange(count) % 3) * 6.0,
    )  # fmt: skip


def areas(case: Case, inside: np.ndarray) -> list[float]:
    """Return the areas of the blocks of some parcels, by spreading a mark from each."""
    left, found = set(np.flatnonzero(inside).tolist()), []
    near: dict[int, list[int]] = {}
    for one, other in zip(case.first.tolist(), case.second.tolist(), strict=True):
        near.setdefault(one, []).append(other)
        near.setdefault(other, []).append(one)
    while left:
        edge, total = [left.pop()], 0.0
        while edge:
            node = edge.pop()
            total += float(case.area_m2[node])
            new = [other for other in near.get(node, []) if other in left]
            left.difference_update(new)
            edge.extend(new)
        found.append(total)
    return found


def worth(case: Case, limits: Limits, inside: np.ndarray) -> float:
    found = areas(case, inside)
    if limits.target == "largest":
        return max(found, default=0.0)
    counted = [area for area in found if area >= limits.threshold_m2]
    return float(len(counted)) if limits.target == "blocks" else sum(counted)


def choices(case: Case, limits: Limits) -> Iterator[np.ndarray]:
    """Return every choice that the limits pay for and that is ready in time."""
    may = np.flatnonzero(case.eligible & ~case.ready)
    for picked in product((False, True), repeat=len(may)):
        bought = np.isin(np.arange(len(case)), list(compress(may, picked)))
        days = [ready_on(limits.start, m) for m in case.lead_months[bought]] if limits.start else []
        if (
            case.cost_cny[bought].sum() <= limits.budget_cny
            and case.quota_mu[bought].sum() <= limits.quota_mu
            and (limits.by is None or all(day <= limits.by for day in days))
        ):
            yield bought


TARGETS: tuple[Target, ...] = ("area", "blocks")
BUDGETS = st.integers(0, 8)
SIZES = st.integers(2, 12)


@settings(max_examples=25, deadline=None)
@given(cases(), st.sampled_from(TARGETS), BUDGETS, SIZES, st.integers(1, 6))
def test_no_choice_brings_more(
    case: Case, target: Target, budget: int, hectares: int, parcels: int
) -> None:
    limits = Limits(budget, 2.0 * parcels, target, hectares * HECTARE_M2)
    best = max(worth(case, limits, case.ready | bought) for bought in choices(case, limits))
    plan = unlock(case, limits, time_limit_s=3.0)
    inside = case.ready | np.isin(case.codes, plan.bought)
    assert plan.value == pytest.approx(worth(case, limits, inside))
    assert plan.bound >= best - 1e-6
    assert plan.cost_cny <= budget
    assert plan.quota_mu <= 2.0 * parcels
    if plan.status == "optimal":
        assert plan.value == pytest.approx(best, rel=2e-4)
    if target == "area":
        assert plan.status == "optimal"


@settings(max_examples=15, deadline=None)
@given(cases(), st.sampled_from(TARGETS), BUDGETS, SIZES, st.integers(0, 3 * SIDE - 1))
def test_what_a_parcel_loses(
    case: Case, target: Target, budget: int, hectares: int, place: int
) -> None:
    limits = Limits(budget, target=target, threshold_m2=hectares * HECTARE_M2)
    plan = unlock(case, limits, time_limit_s=2.0)
    code = str(case.codes[place])
    found = why_not(case, plan, code, time_limit_s=2.0)
    if case.ready[place] or code in plan.bought:
        assert found.reason.code in ("unlock-why-ready", "unlock-why-in")
        return
    values = [
        worth(case, limits, case.ready | bought)
        for bought in choices(case, limits)
        if bought[place]
    ]
    if not values:
        assert found.plan.status == "infeasible"
        assert found.reason.code in ("unlock-why-barred", "unlock-why-dear")
        return
    assert code in found.plan.bought
    assert found.plan.cost_cny <= budget
    assert found.lost >= plan.value - max(values) - 1e-6
    assert found.lost_at_least <= plan.value - max(values) + 1e-6


@settings(max_examples=15, deadline=None)
@given(cases(), st.sampled_from((*TARGETS, "largest")), st.sampled_from((3, 6, 9)))
def test_by_a_day(case: Case, target: Target, months: int) -> None:
    start = date(2023, 10, 31)
    limits = Limits(
        6.0, target=target, threshold_m2=5 * HECTARE_M2, start=start, by=ready_on(start, months)
    )
    plan = unlock(case, limits, time_limit_s=2.0)
    best = max(worth(case, limits, case.ready | bought) for bought in choices(case, limits))
    months_of = dict(zip(case.codes, case.lead_months, strict=True))
    assert all(months_of[code] <= months for code in plan.bought)
    assert plan.bound >= best - 1e-6
    late = np.flatnonzero(case.eligible & ~case.ready & (case.lead_months > months))
    if len(late):
        found = why_not(case, plan, str(case.codes[late[0]]), time_limit_s=1.0)
        assert found.reason.code == "unlock-why-late"
        assert found.plan.status == "infeasible"


@settings(max_examples=20, deadline=None)
@given(cases(), st.sampled_from((*TARGETS, "largest")), SIZES)
def test_the_buying_order_gives_up_least_for_the_money(
    case: Case, target: Target, hectares: int
) -> None:
    limits = Limits(12.0, target=target, threshold_m2=hectares * HECTARE_M2)
    plan = unlock(case, limits, time_limit_s=1.0)
    ranked = limits if target == "largest" else replace(limits, target="area")
    cost = dict(zip(case.codes, case.cost_cny, strict=True))
    left = list(plan.bought)

    def now(codes: list[str]) -> float:
        return worth(case, ranked, case.ready | np.isin(case.codes, codes))

    for step in reversed(plan.steps):
        loss = {code: now(left) - now([one for one in left if one != code]) for code in left}
        assert step.gained_m2 == pytest.approx(loss[step.code])
        least = min(loss[code] / cost[code] for code in left)
        assert loss[step.code] / cost[step.code] == pytest.approx(least)
        left.remove(step.code)


def islands(count: int, seed: int = 0) -> Case:
    """Return pieces of 12 parcels in a row each, a quarter of them ready, at rough costs."""
    rng = np.random.default_rng(seed)
    place = np.arange(count)
    ready = rng.random(count) < 0.25
    joined = place[:-1][place[:-1] % 12 != 11]
    return Case(
        np.array([f"P{number}" for number in place], dtype=object),
        rng.uniform(0.5, 1.5, count) * HECTARE_M2, ready,
        np.where(ready, 0.0, rng.uniform(1.0, 6.0, count)), np.zeros(count), ~ready,
        joined, joined + 1,
    )  # fmt: skip


@pytest.mark.parametrize("target", TARGETS)
def test_two_thousand_parcels_are_proven(target: Target) -> None:
    case = islands(2_004)
    limits = Limits(120.0, target=target, threshold_m2=7 * HECTARE_M2)
    plan = unlock(case, limits, time_limit_s=10.0)
    assert plan.gap <= 0.01
    assert plan.value > plan.before


def test_a_plan_that_is_stopped_is_still_a_plan() -> None:
    case = islands(600)
    limits = Limits(60.0, target="area", threshold_m2=7 * HECTARE_M2)
    plan = unlock(case, limits, time_limit_s=60.0, stop=lambda: True)
    assert plan.runtime_s < 5.0
    assert plan.cost_cny <= 60.0
    assert plan.bound >= plan.value
    assert sweep(case, limits, [1.0, 2.0], stop=lambda: True) == ()


def test_a_larger_budget_never_brings_less_in_blocks() -> None:
    case = islands(240)
    limits = Limits(0.0, target="area", threshold_m2=7 * HECTARE_M2)
    plans = sweep(case, limits, [0, 20, 40, 80], time_limit_s=4.0)
    values = [plan.value for plan in plans]
    assert values == sorted(values)
    assert values[-1] > values[0]
