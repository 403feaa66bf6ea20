"""The check of a plan finds every kind of fault that is put into one."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from tests.unit.land.grading.ground import hills, problem_of
from zonewright.land.grading import GradingPlan, GradingProblem, Site, grade, verify_plan

SITES = (
    Site("Hill", "borrow", -500.0, 60.0, 15.0, capacity_m3=90_000.0),
    Site("Pit", "dump", 700.0, 60.0, 4.0),
)


@cache
def planned(*, balance: bool = True) -> tuple[GradingProblem, GradingPlan]:
    problem = problem_of(
        hills(5), max_slope=0.02, min_level_m=40.0 if balance else 53.0, max_step_m=3.0,
        balance=balance, sites=SITES,
    )  # fmt: skip
    plan = grade(problem).plan
    assert plan is not None
    return problem, plan


def codes(problem: GradingProblem, plan: GradingPlan) -> set[str]:
    return {finding.code for finding in verify_plan(problem, plan)}


def moved(plan: GradingPlan, **changes: float) -> GradingPlan:
    """Return the plan with the surface of its first pad changed, and nothing else."""
    first = plan.pads[0]
    plane = replace(
        first.plane, **{name: getattr(first.plane, name) + by for name, by in changes.items()}
    )
    return replace(plan, pads=(replace(first, plane=plane), *plan.pads[1:]))


@pytest.mark.parametrize("balance", [True, False])
def test_a_plan_as_it_is_stands(balance: bool) -> None:
    assert codes(*planned(balance=balance)) == set()


def test_a_level_off_by_a_millimetre_is_found() -> None:
    problem, plan = planned()
    assert "grading-check-volume" in codes(problem, moved(plan, level_m=0.001))


def test_limits_are_measured() -> None:
    problem, plan = planned()
    found = codes(problem, moved(plan, level_m=10.0))
    assert {"grading-check-step", "grading-check-walls"} <= found
    assert "grading-check-slope" in codes(problem, moved(plan, slope_east=0.05))
    assert "grading-check-level" in codes(problem, moved(plan, level_m=-20.0))


def test_lost_soil_is_found() -> None:
    problem, plan = planned()
    less = replace(plan.hauls[0], volume_m3=plan.hauls[0].volume_m3 * 0.99)
    found = codes(problem, replace(plan, hauls=(less, *plan.hauls[1:])))
    assert found == {"grading-check-haul", "grading-check-cost"}


def test_a_cost_added_up_wrongly_is_found() -> None:
    problem, plan = planned()
    wrong = replace(plan, cost=replace(plan.cost, cut_cny=plan.cost.cut_cny + 10))
    assert codes(problem, wrong) == {"grading-check-cost"}


def test_an_empty_pit_gives_nothing() -> None:
    problem, plan = planned(balance=False)
    used = [haul.volume_m3 for haul in plan.hauls if haul.kind == "borrow"]
    assert used
    small = replace(SITES[0], capacity_m3=sum(used) * 0.9)
    assert "grading-check-haul" in codes(replace(problem, sites=(small, SITES[1])), plan)
    closed = replace(problem, balance=True)
    assert {"grading-check-balance", "grading-check-haul"} <= codes(closed, plan)
