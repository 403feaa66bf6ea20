"""Solve the question: search, then bound and split over every choice of root."""

from __future__ import annotations

import os
from collections.abc import Callable

import numpy as np

from zonewright.core.findings import Finding
from zonewright.land.unlock.deadline import Deadline
from zonewright.land.unlock.graph import Marks
from zonewright.land.unlock.network import candidate_roots
from zonewright.land.unlock.problem import Problem, Result, Status, gap_between
from zonewright.land.unlock.reduction import Reduced, reduce
from zonewright.land.unlock.search import search, tree_streets
from zonewright.land.unlock.tree import Place, Tree, places_of

TOLERANCE = 1e-4


def solve(
    problem: Problem,
    *,
    time_limit_s: float = 60.0,
    seed: int = 0,
    tolerance: float = TOLERANCE,
    workers: int | None = None,
    begin: Marks | None = None,
    stop: Callable[[], bool] | None = None,
) -> Result:
    """Return a connected set of great weight within the limits, and a bound over all such sets.

    Parameters
    ----------
    problem
        What is asked.
    time_limit_s
        Wall time [s]; a step that has begun is finished.
    seed
        Where the random search begins.
    tolerance
        Share of the value within which a set counts as optimal [-].
    workers
        Threads; None takes two, or one on a single core.
    begin
        Shape (n,): a set to begin with.
    stop
        Asked between steps, some times a second; once it is true the best set so far is returned,
        with the bound that is known then.

    Returns
    -------
    result
        The set and its bound. The bound is over every choice of root, also sets without any node
        that is free.
    """
    deadline = Deadline(time_limit_s, stop)
    workers = min(2, os.cpu_count() or 1) if workers is None else workers
    reduced = reduce(problem)
    small = reduced.problem
    begin = reduced.taken_over(begin) if begin is not None and begin.any() else None
    # Trees gain by a longer search; a set within limits is polished along the way.
    share = 0.1 if small.limited else 0.2
    search_s = min(share * time_limit_s, 10.0, 0.005 * len(small))
    chosen = search(
        small, time_limit_s=search_s, seed=seed, begin=begin, deadline=deadline,
        streets=tree_streets(small),
    )  # fmt: skip
    value = small.value(chosen) if small.fits(chosen) else -np.inf
    places: list[Place] = []
    later = np.inf
    if not deadline.stopped:
        roots, may_serve, later = candidate_roots(small, value)
        places = places_of(small, roots, may_serve)
    tree = Tree(
        small, places, chosen,
        bound=float(np.clip(small.weight, 0.0, None).sum()), tolerance=tolerance,
        deadline=deadline, later=later, seed=seed + 1_000_000,
    )  # fmt: skip
    tree.run(workers)
    return _result(tree, reduced, deadline, tolerance)


def _result(tree: Tree, reduced: Reduced, deadline: Deadline, tolerance: float) -> Result:
    found = np.isfinite(tree.value)
    gap = gap_between(tree.value, tree.bound) if found else float("inf")
    status: Status = "optimal" if gap <= tolerance * (1 + 1e-6) else "feasible"
    if not found:
        status = "infeasible" if tree.bound == -np.inf else "unknown"
    how = (
        Finding("unlock-how-growth", "info"),
        Finding("unlock-how-separators", "info", params={"parts": tree.parts}),
    )
    return Result(
        status=status,
        chosen=reduced.restored(tree.chosen),
        value=tree.value if found else float("nan"),
        bound=tree.bound,
        runtime_s=deadline.elapsed_s,
        how=how,
    )
