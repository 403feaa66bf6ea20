"""Branch and cut: split the choice, bound each part by its relaxation, best part first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from zonewright.land.unlock._highs import Relaxed
from zonewright.land.unlock._reach import distances
from zonewright.land.unlock.deadline import Deadline
from zonewright.land.unlock.graph import Floats, Ints, Marks
from zonewright.land.unlock.problem import Problem
from zonewright.land.unlock.relaxation import (
    Cutting,
    Relaxation,
    close_ways,
    converge,
    fixed_by_cost,
)

_WHOLE = 1e-6
_PROBES = 8
_PROBE_STEPS = 60


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the choice: bounds of each network node, as whole numbers, and its bound."""

    lower: Marks
    upper: Marks
    bound: float
    depth: int


@dataclass(frozen=True, slots=True)
class Bounded:
    """What became of a part.

    Parameters
    ----------
    children
        Parts that may still beat the best set.
    bound
        No set of the part weighs more; None if the time was up before anything was shown.
    shares
        How far the relaxation chooses each node of the problem; None if there is no solution.
    whole
        Whether `shares` may itself be a connected set within the limits.
    """

    children: tuple[Part, ...]
    bound: float | None
    shares: Floats | None = None
    whole: bool = False


def goal_above(value: float, tolerance: float) -> float:
    """Return the weight that a set must beat to matter beside one of `value`."""
    return value + tolerance * abs(value) if np.isfinite(value) else -np.inf


def bound_part(
    relaxation: Relaxation,
    part: Part,
    *,
    value: Callable[[Floats], float],
    best: float,
    deadline: Deadline,
    tolerance: float,
) -> Bounded:
    """Bound a part by its relaxation, and split it if it may still hold a better set.

    Parameters
    ----------
    relaxation
        The linear program, with cuts so far; it gains cuts.
    part
        What is to be bounded.
    value
        Given a relaxed solution, looks for a set near it and returns the weight of the best known.
    best
        Weight of the best set known.
    deadline
        When to stop.
    tolerance
        A part whose bound is within this share of the best weight is done.
    """
    goal, first = goal_above(best, tolerance), part.depth == 0
    bound, known = min(part.bound, relaxation.begin(goal, deadline)), best
    if first and bound > goal and relaxation.likely is not None:
        known = value(relaxation.likely)
        goal = goal_above(known, tolerance)
    if bound <= goal:
        return Bounded((), bound)
    lower = part.lower | (relaxation.lower > 0.5)
    upper = part.upper & (relaxation.upper > 0.5)
    if not _propagate(relaxation, lower, upper):
        return Bounded((), -np.inf)
    cutting = Cutting(rows=200 if first else 100, nested=3 if first else 2, least=0.02)
    rounds, patience = (2000, 60) if first else (200, 10)
    while True:
        relaxed = converge(
            relaxation, lower.astype(float), upper.astype(float), value=goal, deadline=deadline,
            cutting=cutting, rounds=rounds, patience=patience,
        )  # fmt: skip
        if relaxed is None:
            if bound < part.bound:
                return Bounded((Part(lower, upper, bound, part.depth),), bound)
            return Bounded((), None)
        if relaxed.infeasible:
            return Bounded((), -np.inf)
        bound = min(relaxed.value, bound)
        if bound <= goal:
            return Bounded((), bound)
        shares = relaxation.marks(relaxed.at)
        if deadline.over():
            left = Part(lower, upper, bound, part.depth)
            return Bounded((left,), bound, shares, whole=True)
        known = value(shares)
        goal = goal_above(known, tolerance)
        if first:
            relaxation.tighten(relaxed, known)
        out, sure = fixed_by_cost(relaxed, known)
        upper, lower = upper & ~out, lower | sure
        options = _options(relaxation, relaxed, lower, upper)
        if options:
            break
        if patience > rounds or relaxation.problem.fits(shares > 0.5):
            return Bounded((), bound, shares, whole=True)
        rounds, patience = 2000, 2001
    halves = _best_split(relaxation, options, bound, goal, part.depth + 1)
    # Without halves, steps from here have shown that neither can beat the goal.
    return Bounded(tuple(halves), bound if halves else min(bound, goal), shares)


Option = tuple[tuple[Marks, Marks], tuple[Marks, Marks]]


def _options(relaxation: Relaxation, relaxed: Relaxed, lower: Marks, upper: Marks) -> list[Option]:
    """Return ways to split: by the place of the root in the order, and by single nodes."""
    at, network = relaxed.at, relaxation.network
    count = len(network.roots)
    options: list[Option] = []
    roots = at[1 : count + 1]
    if (roots > _WHOLE).sum() > 1:
        middle = int(np.searchsorted(np.cumsum(roots), 0.5)) + 1
        last = int(np.flatnonzero(roots > _WHOLE)[-1])
        middle = min(middle, last)
        early, late = upper.copy(), upper.copy()
        early[1 + middle : 1 + count] = False
        late[1 : 1 + middle] = False
        late[np.isin(network.node, network.roots[:middle])] = False
        options.append(((lower, early), (lower & late, late)))
    nodes = np.flatnonzero((at > _WHOLE) & (at < 1 - _WHOLE) & (network.node >= 0))
    if not len(nodes):
        ways = network.first_way + np.arange(len(network.tail))
        nodes = ways[(at[ways] > _WHOLE) & (at[ways] < 1 - _WHOLE)]
    use = network.spread((relaxation.problem.use).sum(axis=1))
    size = relaxation.weight + use / max(use.max(), 1e-9) * np.abs(relaxation.weight).max()
    spread = np.minimum(at[nodes], 1 - at[nodes]) * np.sqrt(np.abs(size[nodes]) + 1e-9)
    for node in nodes[np.argsort(-spread, kind="stable")][: _PROBES - len(options)]:
        more, less = lower.copy(), upper.copy()
        more[node] = True
        less[node] = False
        options.append(((lower, less), (more, upper)))
    return options


def _best_split(
    relaxation: Relaxation,
    options: list[Option],
    bound: float,
    goal: float,
    depth: int,
) -> list[Part]:
    """Return the halves of the split that lowers both bounds most, as some steps tell."""
    basis = relaxation.program.basis()
    best: list[Part] = []
    best_score = -np.inf
    for option in options:
        halves, drops = [], []
        for lower, upper in option:
            lower, upper = lower.copy(), upper.copy()
            if not _propagate(relaxation, lower, upper):
                drops.append(max(bound - goal, 0.0))
                continue
            probe = relaxation.program.probe(
                basis, lower.astype(float), upper.astype(float), _PROBE_STEPS
            )
            value = min(probe.value, bound)
            if probe.infeasible or (probe.solved and value <= goal):
                drops.append(max(bound - goal, 0.0))
                continue
            # A probe that was cut short only ranks; its value need not be a bound.
            drops.append(bound - value)
            halves.append(Part(lower, upper, value if probe.solved else bound, depth))
        if len(halves) < 2:
            return halves
        score = max(drops[0], 1e-6) * max(drops[1], 1e-6)
        if score > best_score:
            best, best_score = halves, score
    return best


def _propagate(relaxation: Relaxation, lower: Marks, upper: Marks) -> bool:
    """Close what the chosen nodes leave no means to reach; False if nothing is left."""
    problem, network = relaxation.problem, relaxation.network
    count = len(network.roots)
    if (lower & ~upper).any():
        return False
    open_roots = np.flatnonzero(upper[1 : count + 1])
    if not len(open_roots):
        return False
    must = np.zeros(len(problem), dtype=bool)
    must[network.node[np.flatnonzero(lower & (network.node >= 0))]] = True
    if len(open_roots) == 1:
        must[network.roots[open_roots[0]]] = True
    served = np.asarray(network.may_serve[open_roots].any(axis=0))
    may = served.copy()
    shut = network.gather(upper.astype(float), len(problem)) == 0
    if must.any():
        for k in np.flatnonzero(np.isfinite(problem.limit)):
            may &= _affordable(problem, must, shut, int(k))
    if (must & ~may).any():
        return False
    closed = network.spread((~may).astype(float)) > 0
    upper &= ~closed
    close_ways(network, upper)
    for place in open_roots:
        if not may[network.roots[place]] or (must & ~network.may_serve[place]).any():
            upper[1 + place] = False
    open_roots = np.flatnonzero(upper[1 : count + 1])
    if not len(open_roots):
        return False
    if len(open_roots) == 1:
        lower[1 + open_roots[0]] = True
        lower[(network.node == network.roots[open_roots[0]])] = True
    return True


def _affordable(problem: Problem, must: Marks, shut: Marks, k: int) -> Marks:
    """Return the nodes that can be reached from each chosen node with what is left."""
    graph = problem.graph
    taken = float(problem.use[must, k].sum())
    left = float(problem.limit[k]) * (1 + 1e-9) - taken
    may = np.ones(len(problem), dtype=bool)
    if left < 0:
        return np.zeros(len(problem), dtype=bool)
    length = np.where(must, 0.0, problem.use[:, k])
    nodes: Ints = np.flatnonzero(must)
    for node in nodes[:12]:
        may &= np.isfinite(distances(graph.start, graph.to, length, left, shut, int(node)))
    return may
