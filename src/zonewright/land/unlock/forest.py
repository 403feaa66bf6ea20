"""Several blocks at once: the most area in blocks that count, over the whole map.

The search is a heuristic. The bound comes from a relaxation that forgets connection: a ready group
that does not count by itself can only be won through a bought parcel next to it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np

from zonewright.land.unlock._growth import grow
from zonewright.land.unlock._highs import LinearProgram, rows_of
from zonewright.land.unlock.graph import Floats, Ints, Marks
from zonewright.land.unlock.problem import Problem
from zonewright.land.unlock.search import grown, prices

_SHARES = (0.05, 0.1, 0.2, 0.4, 0.7, 1.0)
_MOST_SEEDS = 300


@dataclass(frozen=True, slots=True)
class Forest:
    """A problem whose connected sets each count from a threshold on.

    Parameters
    ----------
    problem
        Graph, areas as weights, limits; nodes that take nothing are ready.
    threshold
        Weight at which a connected set counts.
    by_number
        Whether the number of sets that count is the target, not their weight.
    """

    problem: Problem
    threshold: float
    by_number: bool

    @property
    def ready(self) -> Marks:
        """Return which nodes take nothing and so always belong."""
        return np.asarray((self.problem.use <= 0).all(axis=1))

    def counted(self, chosen: Marks) -> tuple[Marks, int]:
        """Return the nodes of the connected sets that count, and how many sets these are."""
        part, nodes = self.problem.graph.part(chosen)
        counted = np.zeros(len(chosen), dtype=bool)
        if not len(nodes):
            return counted, 0
        labels = part.components()
        counts = np.bincount(labels, self.problem.weight[nodes]) >= self.threshold - 1e-6
        counted[nodes] = counts[labels]
        return counted, int(counts.sum())

    def score(self, chosen: Marks) -> tuple[float, float]:
        """Return what a plan is ranked by: the target, then the weight that counts."""
        counted, number = self.counted(chosen)
        weight = float(self.problem.weight[counted].sum())
        return (float(number), weight) if self.by_number else (weight, 0.0)

    def spent(self, chosen: Marks) -> Floats:
        """Return what a plan takes of each means, shape (k,)."""
        return np.asarray(self.problem.use[chosen].sum(axis=0))


def plan_forest(forest: Forest, *, time_limit_s: float, seed: int) -> Marks:
    """Return a good choice of nodes: candidate blocks by what they cost, growth, ruin, regrowth."""
    clock = time.perf_counter()
    rng = np.random.default_rng(seed)
    candidates = _candidates(forest, clock + time_limit_s / 3)
    best = _filled(forest, _packed(forest, forest.ready, candidates, rng, 0.0))
    current = best
    while time.perf_counter() - clock < time_limit_s:
        trial = _packed(forest, _ruined(forest, current, rng), candidates, rng, 0.5)
        trial = _useful(forest, _filled(forest, trial))
        if forest.score(trial) >= forest.score(current):
            current = trial
        if forest.score(trial) > forest.score(best):
            best = trial
    return _useful(forest, best)


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


def _filled(forest: Forest, chosen: Marks) -> Marks:
    """Return a choice grown from every block that counts while it pays."""
    if forest.by_number:
        return chosen
    problem = forest.problem
    grown_on, number = forest.counted(chosen)
    if not number:
        return chosen
    spent = forest.spent(chosen)
    allowed = np.ones(len(problem), dtype=bool)
    graph = problem.graph
    grow(
        graph.start, graph.to, problem.weight, problem.use, problem.limit, prices(problem),
        np.ones(len(problem)), allowed, grown_on, spent, 1, 1.0,
    )  # fmt: skip
    return chosen | grown_on


def _ruined(forest: Forest, chosen: Marks, rng: np.random.Generator) -> Marks:
    """Return a choice without some of what is bought, near one another or scattered."""
    bought: Ints = np.flatnonzero(chosen & ~forest.ready)
    kept = chosen.copy()
    if len(bought):
        size = 1 + int(rng.random() ** 2 * len(bought))
        first = int(rng.integers(len(bought)))
        kept[np.roll(bought, -first)[:size]] = False
    return kept


def _useful(forest: Forest, chosen: Marks) -> Marks:
    """Return a choice without what is bought outside the blocks that count."""
    counted, _ = forest.counted(chosen)
    return forest.ready | (chosen & counted)


def bound_forest(forest: Forest, *, time_limit_s: float) -> float:
    """Return what no plan exceeds: the relaxation without connection, or blocks by their cost."""
    ready = forest.ready
    _, number = forest.counted(ready)
    area = _area_bound(forest, time_limit_s)
    if not forest.by_number:
        return area
    blocks = np.floor(area / forest.threshold + 1e-9) if forest.threshold else np.inf
    return float(min(blocks, number + _new_blocks(forest)))


def _area_bound(forest: Forest, time_limit_s: float) -> float:
    problem, ready = forest.problem, forest.ready
    already, _ = forest.counted(ready)
    weight = problem.weight
    upper = np.ones(len(problem))
    graph = problem.graph
    columns: list[Ints] = []
    factors: list[Floats] = []
    for node in np.flatnonzero(ready & ~already):
        near = graph.to[graph.start[node] : graph.start[node + 1]]
        columns.append(np.append(near, node))
        factors.append(np.append(np.ones(len(near)), -1.0))
    lower, high = [0.0] * len(columns), [np.inf] * len(columns)
    for k in np.flatnonzero(np.isfinite(problem.limit)):
        columns.append(np.flatnonzero(problem.use[:, k]))
        scale = max(float(problem.use[:, k].mean()), 1e-12)
        factors.append(problem.use[columns[-1], k] / scale)
        lower.append(-np.inf)
        high.append(float(problem.limit[k] / scale))
    program = LinearProgram(weight, already.astype(float), upper)
    program.add(rows_of(columns, factors, lower, high))
    relaxed = program.solve(time_limit_s)
    return relaxed.value if relaxed.solved else float(weight.sum())


def _new_blocks(forest: Forest) -> float:
    """Return how many new blocks the limits pay for, each at the least that any could cost."""
    problem = forest.problem
    most = np.inf
    for k in np.flatnonzero(np.isfinite(problem.limit)):
        bought = problem.use[:, k][~forest.ready]
        if len(bought):
            cheapest = float(bought.min())
            most = min(most, np.floor(problem.limit[k] / cheapest) if cheapest else np.inf)
    return float(most)
