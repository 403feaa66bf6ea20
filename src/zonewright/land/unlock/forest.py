"""Several blocks at once: good plans quickly, and better ones beside a bound from a program."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from zonewright.core.findings import Finding
from zonewright.land.unlock.blocks_problem import Forest, filled
from zonewright.land.unlock.blocks_program import BlocksProgram
from zonewright.land.unlock.graph import Ints, Marks
from zonewright.land.unlock.search import grown, prices

_SHARES = (0.05, 0.1, 0.2, 0.4, 0.7, 1.0)
_MOST_SEEDS = 300


@dataclass(frozen=True, slots=True)
class Found:
    """The best choice found, what no choice exceeds [weight or sets], and what gave both."""

    chosen: Marks
    bound: float
    how: tuple[Finding, ...]


def solve_blocks(
    forest: Forest,
    *,
    until: float,
    seed: int,
    tolerance: float,
    stop: Callable[[], bool] | None = None,
) -> Found:
    """Search for a choice, then bound what is asked and improve the choice by a program.

    Parameters
    ----------
    forest
        What is asked.
    until
        When to stop [s, performance counter].
    seed
        Where the random search begins.
    tolerance
        Share of the value within which a choice counts as the best [-].
    stop
        Asked some times a second; once it is true the best so far is returned.
    """
    stop = stop or _never
    left = until - time.perf_counter()
    search_s = min(0.25 * left, 0.003 * len(forest.problem))
    begin = plan_forest(forest, time_limit_s=search_s, seed=seed, stop=stop)
    how = [Finding("unlock-how-blocks", "info")]
    program = BlocksProgram(forest)
    found = program.solve(begin, until=until, tolerance=tolerance, stop=stop)
    code = "unlock-how-program" if found.whole else "unlock-how-relaxed"
    how.append(Finding(code, "info", params={"rows": found.rows}))
    if found.branches:
        how.append(Finding("unlock-how-branches", "info", params={"branches": found.branches}))
    return Found(found.chosen, found.bound, tuple(how))


def _never() -> bool:
    return False


def plan_forest(
    forest: Forest,
    *,
    time_limit_s: float,
    seed: int,
    stop: Callable[[], bool] = _never,
) -> Marks:
    """Return a good choice of nodes: candidate blocks by what they cost, growth, ruin, regrowth."""
    clock = time.perf_counter()
    rng = np.random.default_rng(seed)
    candidates = _candidates(forest, clock + time_limit_s / 3)
    best = filled(forest, _packed(forest, forest.ready, candidates, rng, 0.0))
    current = best
    while time.perf_counter() - clock < time_limit_s and not stop():
        trial = _packed(forest, _ruined(forest, current, rng), candidates, rng, 0.5)
        trial = forest.useful(filled(forest, trial))
        if forest.score(trial) >= forest.score(current):
            current = trial
        if forest.score(trial) > forest.score(best):
            best = trial
    return forest.useful(best)


def _candidates(forest: Forest, until: float) -> list[Marks]:
    """Return what is bought for each of many single blocks that reach the threshold."""
    problem, found = forest.problem, {}
    already, _ = forest.counted(forest.ready)
    order = np.lexsort((-problem.weight, ~forest.ready))
    for node in [int(node) for node in order if not already[node]][:_MOST_SEEDS]:
        for share in _SHARES:
            limited = replace(problem, limit=problem.limit * share)
            if (problem.use[node] > limited.limit).any():
                continue
            chosen = grown(limited, node)
            if problem.weight[chosen].sum() >= forest.threshold:
                bought = chosen & ~forest.ready
                found[np.packbits(bought).tobytes()] = bought
                break
        if time.perf_counter() > until:
            break
    return list(found.values())


def _packed(
    forest: Forest, chosen: Marks, candidates: list[Marks], rng: np.random.Generator, spread: float
) -> Marks:
    """Return a choice with candidate blocks added, the most gain for the least use first."""
    problem, chosen = forest.problem, chosen.copy()
    price = prices(problem)
    costs = np.array([(problem.use[one] @ price).sum() for one in candidates])
    for place in np.argsort(costs * np.exp(spread * rng.normal(size=len(costs)))):
        trial = chosen | candidates[place]
        if (forest.spent(trial) <= problem.limit).all() and forest.score(trial) > forest.score(
            chosen
        ):
            chosen = trial
    return chosen


def _ruined(forest: Forest, chosen: Marks, rng: np.random.Generator) -> Marks:
    """Return a choice without some of what is bought, near one another or scattered."""
    bought: Ints = np.flatnonzero(chosen & ~forest.ready)
    kept = chosen.copy()
    if len(bought):
        size = 1 + int(rng.random() ** 2 * len(bought))
        first = int(rng.integers(len(bought)))
        kept[np.roll(bought, -first)[:size]] = False
    return kept
