"""The question of several blocks: what counts, and what a choice comes to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zonewright.land.unlock._growth import grow
from zonewright.land.unlock._shortfall import counted
from zonewright.land.unlock.graph import Floats, Marks
from zonewright.land.unlock.problem import Problem
from zonewright.land.unlock.search import prices


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
        graph = self.problem.graph
        found, number = counted(
            graph.start, graph.to, self.problem.weight, chosen, float(self.threshold)
        )
        return found, int(number)

    def value(self, chosen: Marks) -> float:
        """Return what a choice comes to [weight or sets]."""
        return self.score(chosen)[0]

    def score(self, chosen: Marks) -> tuple[float, float]:
        """Return what a choice is ranked by: the target, then the weight that counts."""
        counted_nodes, number = self.counted(chosen)
        weight = float(self.problem.weight[counted_nodes].sum())
        return (float(number), weight) if self.by_number else (weight, 0.0)

    def spent(self, chosen: Marks) -> Floats:
        """Return what a choice takes of each means, shape (k,)."""
        return np.asarray(self.problem.use[chosen].sum(axis=0))

    def useful(self, chosen: Marks) -> Marks:
        """Return a choice without what is bought outside the sets that count."""
        counted_nodes, _ = self.counted(chosen)
        return self.ready | (chosen & counted_nodes)


def filled(forest: Forest, chosen: Marks) -> Marks:
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
