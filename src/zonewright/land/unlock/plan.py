"""The unlock planner: what to buy and level under a budget, a curve over budgets, and why not."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from zonewright.core.errors import InputError
from zonewright.land.unlock.case import Block, Case, Limits, Plan, Step
from zonewright.land.unlock.forest import Forest, bound_forest, plan_forest
from zonewright.land.unlock.graph import Graph, Ints, Marks, graph_of_pairs, merge_groups
from zonewright.land.unlock.problem import Problem, Status, gap_between
from zonewright.land.unlock.solve import TOLERANCE, solve

_HECTARE_M2 = 10_000.0


def unlock(
    case: Case,
    limits: Limits,
    *,
    time_limit_s: float = 60.0,
    seed: int = 0,
    must: Iterable[str] = (),
) -> Plan:
    """Choose the parcels to acquire and level that bring most for the target.

    Parameters
    ----------
    case
        Parcels and which of them join.
    limits
        Budget, quota and target.
    time_limit_s
        Wall time [s].
    seed
        Where the random search begins.
    must
        Codes of parcels that the plan has to hold; only with the target ``largest``.

    Returns
    -------
    plan
        Status ``infeasible`` and no steps if what must be in cannot be within the limits.

    Raises
    ------
    InputError
        If a code is unknown, or `must` is given with another target.

    Notes
    -----
    With ``largest`` the bound is over every connected set within the limits, sets without any ready
    parcel included. With ``area`` and ``blocks`` the plan is a heuristic's, and its bound forgets
    connection: it holds, but is looser.

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
    model = _Model.of(case, limits, tuple(must))
    if model.must.any() and limits.target != "largest":
        raise InputError("unlock-must-target", target=limits.target)
    if limits.target == "largest":
        status, bought, bound, how = _largest(model, time_limit_s, seed)
    else:
        status, bought, bound, how = _several(model, time_limit_s, seed)
    return _plan(model, bought, status, bound, how, clock)


def sweep(
    case: Case,
    limits: Limits,
    budgets_cny: Iterable[float],
    *,
    time_limit_s: float = 60.0,
    seed: int = 0,
) -> tuple[Plan, ...]:
    """Return a plan for each budget, in ascending order: the curve of area over money.

    The time is shared evenly. A larger budget never brings less: the plan of a smaller one stands
    where it is better than what was found.
    """
    budgets = sorted(set(budgets_cny))
    plans: list[Plan] = []
    for budget in budgets:
        own = replace(limits, budget_cny=budget)
        plan = unlock(case, own, time_limit_s=time_limit_s / len(budgets), seed=seed)
        if plans and plans[-1].value > plan.value:
            plan = replace(plans[-1], limits=own, bound=plan.bound, status="feasible")
        plans.append(plan)
    return tuple(plans)


@dataclass(frozen=True, slots=True)
class WhyNot:
    """What it would cost the target to have a parcel in the plan.

    Parameters
    ----------
    plan
        The best plan found with the parcel.
    lost
        How much less it brings than the plan asked about; at most `lost_at_least` less is sure.
    lost_at_least
        Less than this cannot be lost, by the bound of the plan with the parcel; below 0 if the
        plan asked about may itself not be the best.
    """

    plan: Plan
    lost: float
    lost_at_least: float


def why_not(
    case: Case, plan: Plan, code: str, *, time_limit_s: float = 60.0, seed: int = 0
) -> WhyNot:
    """Return the best plan that holds a parcel, and what that loses, for the target ``largest``.

    The plan is ``infeasible``, and everything lost, if the limits cannot reach the parcel.
    """
    forced = unlock(case, plan.limits, time_limit_s=time_limit_s, seed=seed, must=(code,))
    if forced.status == "infeasible":
        return WhyNot(forced, plan.value, plan.value)
    return WhyNot(forced, plan.value - forced.value, plan.value - forced.bound)


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
    def of(cls, case: Case, limits: Limits, must: tuple[str, ...]) -> _Model:
        usable = case.ready | case.eligible
        forced = np.zeros(len(case), dtype=bool)
        for code in must:
            forced[case.position(code)] = True
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
        return float(len(counted)) if self.limits.target == "blocks" else sum(counted)


Found = tuple[Status, Marks, float, tuple[str, ...]]


def _largest(model: _Model, time_limit_s: float, seed: int) -> Found:
    nothing = np.zeros(len(model.case), dtype=bool)
    if (model.must & ~(model.case.ready | model.case.eligible)).any():
        return "infeasible", nothing, 0.0, ("a parcel that has to be in may not be bought",)
    if not len(model.problem):
        return "optimal", nothing, 0.0, ()
    result = solve(model.problem, time_limit_s=time_limit_s, seed=seed)
    bought = model.bought(result.chosen)
    if result.status in ("infeasible", "unknown"):
        bought[:] = False
    return result.status, bought, result.bound * _HECTARE_M2, result.how


def _several(model: _Model, time_limit_s: float, seed: int) -> Found:
    by_number = model.limits.target == "blocks"
    forest = Forest(model.problem, model.limits.threshold_m2 / _HECTARE_M2, by_number)
    chosen = plan_forest(forest, time_limit_s=0.7 * time_limit_s, seed=seed)
    bought = model.bought(chosen)
    bound = bound_forest(forest, time_limit_s=0.3 * time_limit_s)
    bound *= 1.0 if by_number else _HECTARE_M2
    bound = max(bound, model.target(bought))
    proven = gap_between(model.target(bought), bound) <= TOLERANCE
    how = ("candidate blocks, growth, ruin and recreate", "relaxation without connection")
    return "optimal" if proven else "feasible", bought, bound, how


def _plan(
    model: _Model, bought: Marks, status: Status, bound: float, how: tuple[str, ...], clock: float
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
        steps=_buying_order(model, bought),
        blocks=tuple(blocks),
        value=model.target(bought),
        bound=bound,
        before=model.target(np.zeros(len(case), dtype=bool)),
        runtime_s=time.perf_counter() - clock,
        how=how,
    )


def _buying_order(model: _Model, bought: Marks) -> tuple[Step, ...]:
    """Return the bought parcels so that what loses least for its money comes last.

    From the whole plan the parcel goes whose loss is smallest for its cost, then the next; bought
    in the reverse order, money that runs short buys nearly the most.
    """
    case = model.case
    part, kept = _near(model, bought)
    left = bought[kept].copy()
    ready = case.ready[kept]
    area, cost = case.area_m2[kept], np.maximum(case.cost_cny[kept], 1e-9)
    ranked = replace(
        model.limits, target="area" if model.limits.target == "blocks" else model.limits.target
    )

    def value(inside: Marks) -> float:
        graph, nodes = part.part(inside)
        if not len(nodes):
            return 0.0
        sums = np.bincount(graph.components(), area[nodes])
        if ranked.target == "largest":
            return float(sums.max())
        return float(sums[sums >= ranked.threshold_m2 - 1e-6].sum())

    steps: list[Step] = []
    now = value(ready | left)
    while left.any():
        best = (np.inf, -1, 0.0)
        for place in np.flatnonzero(left):
            left[place] = False
            after = value(ready | left)
            left[place] = True
            best = min(best, ((now - after) / cost[place], int(place), after))
        _, last, after = best
        left[last] = False
        at = int(kept[last])
        steps.append(
            Step(
                str(case.codes[at]), float(case.cost_cny[at]), float(case.quota_mu[at]), now - after
            )
        )
        now = after
    return tuple(reversed(steps))


def _near(model: _Model, bought: Marks) -> tuple[Graph, Ints]:
    """Return the graph of the blocks that hold a bought parcel, and its parcels."""
    graph = graph_of_pairs(len(model.case), model.case.first, model.case.second)
    near = np.zeros(len(model.case), dtype=bool)
    for place in model.groups(model.case.ready | bought):
        near[place] = bought[place].any()
    return graph.part(near)
