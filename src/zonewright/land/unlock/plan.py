"""The unlock planner: what to buy and level under a budget, and a curve over budgets."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np

from zonewright.core.findings import Finding
from zonewright.land.unlock.blocks_problem import Forest
from zonewright.land.unlock.case import Block, Case, Limits, Plan
from zonewright.land.unlock.forest import solve_blocks
from zonewright.land.unlock.graph import Ints, Marks, graph_of_pairs, merge_groups
from zonewright.land.unlock.order import buying_order
from zonewright.land.unlock.problem import Problem, Status, gap_between
from zonewright.land.unlock.solve import TOLERANCE, solve

Stop = Callable[[], bool]

_HECTARE_M2 = 10_000.0


def unlock(
    case: Case,
    limits: Limits,
    *,
    time_limit_s: float = 60.0,
    seed: int = 0,
    must: Iterable[str] = (),
    stop: Stop | None = None,
) -> Plan:
    """Choose the parcels to acquire and level that bring most for the target.

    Parameters
    ----------
    case
        Parcels and which of them join.
    limits
        Budget, quota, target and the day by which the land is wanted.
    time_limit_s
        Wall time [s].
    seed
        Where the random search begins.
    must
        Codes of parcels that the plan has to hold. With ``largest`` they are part of the one
        block; with the other targets they are bought, whether their block counts or not.
    stop
        Asked some times a second; once it is true the best plan so far is returned, with the bound
        that is known then.

    Returns
    -------
    plan
        Status ``infeasible`` and no steps if what must be in cannot be within the limits.

    Raises
    ------
    InputError
        If a code is unknown.

    Notes
    -----
    With ``largest`` the bound is over every connected set within the limits, sets without any ready
    parcel included. With ``area`` and ``blocks`` it is over all plans.

    Examples
    --------
    >>> case = Case(np.array(["A", "B", "C"], dtype=object), np.array([4e4, 1e4, 4e4]),
    ...     np.array([True, False, True]), np.array([0.0, 5e6, 0.0]), np.zeros(3),
    ...     np.full(3, True), np.array([0, 1]), np.array([1, 2]))
    >>> plan = unlock(case, Limits(6e6, target="largest"), time_limit_s=1.0)
    >>> plan.bought, plan.value, plan.gap
    (('B',), 90000.0, 0.0)
    """
    clock = time.perf_counter()
    forced = np.zeros(len(case), dtype=bool)
    for code in must:
        forced[case.position(code)] = True
    asked = replace(case, eligible=case.eligible & limits.in_time(case))
    if (forced & ~(asked.ready | asked.eligible)).any():
        return _none(asked, limits, clock, Finding("unlock-how-barred", "info"))
    if limits.target == "largest":
        return _largest(_Model.of(asked, limits, forced), time_limit_s, seed, stop, clock)
    bought = forced & ~case.ready
    beforehand = replace(asked, ready=asked.ready | forced)
    left = replace(
        limits,
        budget_cny=limits.budget_cny - float(case.cost_cny[bought].sum()),
        quota_mu=limits.quota_mu - float(case.quota_mu[bought].sum()),
    ) if _fit(case, limits, bought) else None  # fmt: skip
    if left is None:
        return _none(asked, limits, clock, Finding("unlock-how-dear", "info"))
    model = _Model.of(beforehand, left, np.zeros(len(case), dtype=bool))
    return _several(model, asked, limits, bought, time_limit_s, seed, stop, clock)


def sweep(
    case: Case,
    limits: Limits,
    budgets_cny: Iterable[float],
    *,
    time_limit_s: float = 60.0,
    seed: int = 0,
    must: Iterable[str] = (),
    stop: Stop | None = None,
) -> tuple[Plan, ...]:
    """Return a plan for each budget, in ascending order: the curve of area over money.

    The time is shared evenly. A larger budget never brings less: the plan of a smaller one stands
    where it is better than what was found. Once `stop` is true no further budget is begun.
    """
    budgets, codes = sorted(set(budgets_cny)), tuple(must)
    plans: list[Plan] = []
    for budget in budgets:
        if stop is not None and stop():
            break
        plan = unlock(
            case, replace(limits, budget_cny=budget), time_limit_s=time_limit_s / len(budgets),
            seed=seed, must=codes, stop=stop,
        )  # fmt: skip
        plans.append(not_below(plan, plans[-1] if plans else None))
    return tuple(plans)


def not_below(plan: Plan, smaller: Plan | None) -> Plan:
    """Return a plan, or that of a smaller budget where it brings more."""
    if smaller is None or smaller.status == "infeasible" or smaller.value <= plan.value:
        return plan
    how = (*plan.how, Finding("unlock-how-smaller", "info"))
    bound = max(plan.bound, smaller.value)
    proven = gap_between(smaller.value, bound) <= TOLERANCE
    status: Status = "optimal" if proven else "feasible"
    return replace(smaller, limits=plan.limits, bound=bound, status=status, how=how)


@dataclass(frozen=True, slots=True)
class _Model:
    """A case as a graph in which each ready group is one node; weights in hectares."""

    case: Case
    limits: Limits
    must: Marks
    problem: Problem
    kept: Ints
    number: Ints

    @classmethod
    def of(cls, case: Case, limits: Limits, forced: Marks) -> _Model:
        usable = case.ready | case.eligible
        graph = graph_of_pairs(len(case), case.first, case.second)
        part, kept = graph.part(usable)
        merged, number = merge_groups(part, case.ready[kept])
        count = len(merged)
        cost = np.where(case.ready, 0.0, case.cost_cny)[kept]
        quota = np.where(case.ready, 0.0, case.quota_mu)[kept]
        use = np.stack([np.bincount(number, one, minlength=count) for one in (cost, quota)], axis=1)
        problem = Problem(
            merged,
            np.bincount(number, case.area_m2[kept] / _HECTARE_M2, minlength=count).astype(float),
            use.astype(float),
            np.array([limits.budget_cny, limits.quota_mu]),
            np.bincount(number, forced[kept], minlength=count) > 0,
        )
        return cls(case, limits, forced, problem, kept, number)

    def bought(self, chosen: Marks) -> Marks:
        """Return which parcels of the case a set of nodes buys."""
        marks = np.zeros(len(self.case), dtype=bool)
        marks[self.kept[chosen[self.number]]] = True
        return marks & ~self.case.ready

    def groups(self, inside: Marks) -> list[Ints]:
        """Return the positions of the parcels of each block of ready and bought land."""
        graph = graph_of_pairs(len(self.case), self.case.first, self.case.second)
        part, nodes = graph.part(inside)
        labels = part.components()
        order = np.argsort(labels, kind="stable")
        ends = np.flatnonzero(np.diff(labels[order])) + 1
        return [nodes[place] for place in np.split(order, ends)] if len(nodes) else []

    def target(self, bought: Marks) -> float:
        """Return what the target comes to [m² or blocks]."""
        inside = self.case.ready | bought
        areas = [float(self.case.area_m2[one].sum()) for one in self.groups(inside)]
        if self.limits.target == "largest":
            return max(areas, default=0.0)
        counted = [area for area in areas if area >= self.limits.threshold_m2 - 1e-6]
        return float(len(counted)) if self.limits.target == "blocks" else float(sum(counted))


def _fit(case: Case, limits: Limits, bought: Marks) -> bool:
    """Tell whether the limits pay for some parcels."""
    return bool(
        case.cost_cny[bought].sum() <= limits.budget_cny * (1 + 1e-9)
        and case.quota_mu[bought].sum() <= limits.quota_mu * (1 + 1e-9)
    )


def _largest(
    model: _Model, time_limit_s: float, seed: int, stop: Stop | None, clock: float
) -> Plan:
    nothing = np.zeros(len(model.case), dtype=bool)
    if not len(model.problem):
        return _plan(model, nothing, "optimal", 0.0, (), clock)
    result = solve(model.problem, time_limit_s=time_limit_s, seed=seed, stop=stop)
    bought = model.bought(result.chosen)
    if result.status in ("infeasible", "unknown"):
        bought[:] = False
    return _plan(model, bought, result.status, result.bound * _HECTARE_M2, result.how, clock)


def _several(
    model: _Model,
    case: Case,
    limits: Limits,
    beforehand: Marks,
    time_limit_s: float,
    seed: int,
    stop: Stop | None,
    clock: float,
) -> Plan:
    by_number = limits.target == "blocks"
    forest = Forest(model.problem, limits.threshold_m2 / _HECTARE_M2, by_number)
    until = clock + time_limit_s
    found = solve_blocks(forest, until=until, seed=seed, tolerance=TOLERANCE, stop=stop)
    whole = _Model.of(case, limits, model.must)
    bought = model.bought(found.chosen) | beforehand
    value = whole.target(bought)
    bound = max(found.bound * (1.0 if by_number else _HECTARE_M2), value)
    proven = gap_between(value, bound) <= TOLERANCE
    return _plan(whole, bought, "optimal" if proven else "feasible", bound, found.how, clock)


def _none(case: Case, limits: Limits, clock: float, why: Finding) -> Plan:
    """Return the plan that buys nothing, where what is asked for cannot be."""
    nothing = np.zeros(len(case), dtype=bool)
    model = _Model.of(case, limits, nothing)
    return _plan(model, nothing, "infeasible", 0.0, (why,), clock)


def _plan(
    model: _Model,
    bought: Marks,
    status: Status,
    bound: float,
    how: tuple[Finding, ...],
    clock: float,
) -> Plan:
    case, limits = model.case, model.limits
    blocks = []
    for place in model.groups(case.ready | bought):
        area = float(case.area_m2[place].sum())
        if bought[place].any() or area >= limits.threshold_m2 - 1e-6:
            members = tuple(case.codes[place].tolist())
            inside = tuple(case.codes[place[bought[place]]].tolist())
            blocks.append(Block(members, inside, area))
    blocks.sort(key=lambda block: -block.area_m2)
    return Plan(
        status=status,
        limits=limits,
        steps=buying_order(case, limits, bought),
        blocks=tuple(blocks),
        value=model.target(bought),
        bound=bound,
        before=model.target(np.zeros(len(case), dtype=bool)),
        runtime_s=time.perf_counter() - clock,
        how=how,
    )
