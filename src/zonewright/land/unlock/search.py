"""Good sets quickly: growth from many seeds, then ruin and recreate until the time is up."""

from __future__ import annotations

import numpy as np

from zonewright.land.unlock._growth import grow, improve, prune
from zonewright.land.unlock.deadline import Deadline
from zonewright.land.unlock.graph import Floats, Marks
from zonewright.land.unlock.problem import Problem
from zonewright.land.unlock.steiner import Streets, search_trees, streets_of

_ROUNDS_AT_ONCE = 20
_STARTS = 6


def prices(problem: Problem) -> Floats:
    """Return what turns use into length: a whole limit is as long as all the weight there is."""
    finite = np.isfinite(problem.limit)
    whole = float(np.clip(problem.weight, 0.0, None).sum()) or 1.0
    return np.where(finite, whole / np.where(finite & (problem.limit > 0), problem.limit, 1.0), 0.0)


def seeds(problem: Problem, count: int) -> list[int]:
    """Return heavy nodes that fit the limits alone, those that take nothing first."""
    fits = np.asarray((problem.use <= problem.limit).all(axis=1))
    free = (problem.use[:, np.isfinite(problem.limit)] <= 0).all(axis=1)
    order = np.lexsort((-problem.weight, ~free))
    if problem.forced.any():
        return [int(np.flatnonzero(problem.forced)[0])]
    return [int(node) for node in order if fits[node]][:count]


def pulled(problem: Problem) -> Floats:
    """Return the weights with so much on each forced node that no search leaves one out."""
    much = 1.0 + 2.0 * float(np.abs(problem.weight).sum())
    return np.asarray(problem.weight + problem.forced * much)


def grown(problem: Problem, seed: int, *, boost: float = 1.0, guide: Floats | None = None) -> Marks:
    """Return the set that grows from one node by the best path each time.

    `boost` lets in what does not pay by itself, to be pruned in the end; `guide`, the share of each
    node in a relaxed solution, makes nodes that only cost cheaper to pass.
    """
    chosen = np.zeros(len(problem), dtype=bool)
    chosen[seed] = True
    spent = problem.use[seed].astype(float)
    price, favour = prices(problem), np.ones(len(problem))
    allowed = np.ones(len(problem), dtype=bool)
    graph, weight = problem.graph, pulled(problem)
    many = 8 + len(problem) // 50 if (weight < 0).any() else 1
    pushed = weight
    if guide is not None:
        pushed = np.where(weight < 0, weight * np.clip(1.02 - guide, 0.02, 1.0), weight)
        favour = 0.1 + guide
    grow(
        graph.start, graph.to, pushed, problem.use, problem.limit, price, favour, allowed,
        chosen, spent, many, boost,
    )  # fmt: skip
    if (weight < 0).any():
        prune(graph.start, graph.to, weight, price, problem.use, chosen)
    return chosen


def tree_streets(problem: Problem) -> Streets | None:
    """Return the streets on which trees are searched; None where something is limited."""
    weight = pulled(problem)
    if problem.limited or not ((problem.weight < 0).any() and (weight > 0).any()):
        return None
    return streets_of(problem, weight)


def search(
    problem: Problem,
    *,
    time_limit_s: float,
    seed: int,
    begin: Marks | None = None,
    guide: Floats | None = None,
    seed_count: int = 40,
    deadline: Deadline | None = None,
    streets: Streets | None = None,
) -> Marks:
    """Return the best set found: growth from seeds, or from `begin`, then ruin and recreate.

    With `streets` (see `tree_streets`) trees are searched: all the time if only streets cost, and
    half of it if nodes do as well.

    The answer depends on the machine's speed only through how many rounds fit the time.
    """
    deadline = Deadline(time_limit_s, deadline.over if deadline is not None else None)
    weight = pulled(problem)
    if streets is not None:
        whole = not (streets.weight < 0).any()
        tree = search_trees(
            problem, streets, deadline=deadline if whole else deadline.half(), seed=seed,
            seeds=seeds(problem, seed_count), begin=begin,
            favor=None if guide is None else np.clip(1.12 - guide, 0.05, 1.0),
        )  # fmt: skip
        if whole or not tree.any():
            return tree
        begin = tree
    starts = [begin] if begin is not None else _starts(problem, weight, deadline, seed_count)
    if not starts:
        return np.zeros(len(problem), dtype=bool)
    graph, price = problem.graph, prices(problem)
    guide = np.ones(len(problem)) if guide is None else guide
    allowed = np.ones(len(problem), dtype=bool)
    rounds = max(1, min(_ROUNDS_AT_ONCE, 40_000 // len(problem)))
    sets, turn = [start.copy() for start in starts], 0
    while not deadline.over():
        for chosen in sets:
            improve(
                graph.start, graph.to, weight, problem.use, problem.limit, price, guide,
                allowed, chosen, rounds, seed + turn,
            )  # fmt: skip
            turn += 1
            if deadline.over():
                break
        sets.sort(key=lambda chosen: -weight[chosen].sum())
        sets = sets[: max(1, len(sets) * 2 // 3)]
    return max(sets, key=lambda chosen: float(weight[chosen].sum()))


def _starts(problem: Problem, weight: Floats, deadline: Deadline, seed_count: int) -> list[Marks]:
    """Return the best different sets that grow from heavy nodes in half of the time."""
    half_s = deadline.left_s() / 2
    boosts = (1.0, 2.0, 8.0) if (weight < 0).any() else (1.0,)
    found: dict[bytes, Marks] = {}
    for node in seeds(problem, seed_count):
        for boost in boosts:
            chosen = grown(problem, node, boost=boost)
            found.setdefault(np.packbits(chosen).tobytes(), chosen)
        if deadline.left_s() < half_s:
            break
    ranked = sorted(found.values(), key=lambda chosen: -float(weight[chosen].sum()))
    return ranked[:_STARTS]
