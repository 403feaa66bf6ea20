"""Smaller problems with the same answer, where nothing is limited."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from zonewright.land.unlock.graph import Ints, Marks, merge_groups
from zonewright.land.unlock.problem import Problem


@dataclass(frozen=True, slots=True)
class Reduced:
    """A smaller problem, and where the nodes of the given one went.

    Parameters
    ----------
    problem
        The smaller problem, of m nodes.
    number
        Shape (n,): the new node of each old one; -1 where it is in no best set.
    """

    problem: Problem
    number: Ints

    def restored(self, chosen: Marks) -> Marks:
        """Return the old nodes of a set of new ones, shape (n,)."""
        return (self.number >= 0) & chosen[np.clip(self.number, 0, None)]

    def taken_over(self, chosen: Marks) -> Marks:
        """Return the new nodes of a set of old ones, shape (m,)."""
        marks = np.zeros(len(self.problem), dtype=bool)
        marks[self.number[chosen & (self.number >= 0)]] = True
        return marks


def reduce(problem: Problem) -> Reduced:
    """Return a smaller problem with the same greatest weight.

    Nodes that cost nothing and lie together are one; a dead end that only costs goes; a chain of
    nodes that only cost is one. Free nodes are merged also under limits, where they take nothing;
    the other two steps need a problem without limits.
    """
    number = np.arange(len(problem))
    free = (problem.use <= 0).all(axis=1) & (problem.weight >= 0)
    problem, number = _merged(problem, number, free)
    while not problem.limited and (problem.weight > 0).any():
        before = len(problem)
        problem, number = _without_dead_ends(problem, number)
        only_costs = (problem.weight <= 0) & ~problem.forced
        problem, number = _merged(problem, number, only_costs & (problem.graph.degree == 2))
        if len(problem) == before:
            break
    return Reduced(problem, number)


def _merged(problem: Problem, number: Ints, marks: Marks) -> tuple[Problem, Ints]:
    graph, to = merge_groups(problem.graph, marks)
    count = len(graph)
    use = np.stack([np.bincount(to, column, minlength=count) for column in problem.use.T], axis=1)
    merged = replace(
        problem,
        graph=graph,
        weight=np.bincount(to, problem.weight, minlength=count).astype(float),
        use=use.astype(float),
        forced=np.bincount(to, problem.forced, minlength=count) > 0,
    )
    return merged, np.where(number >= 0, to[np.clip(number, 0, None)], -1)


def _without_dead_ends(problem: Problem, number: Ints) -> tuple[Problem, Ints]:
    while True:
        gone = (problem.graph.degree <= 1) & (problem.weight <= 0) & ~problem.forced
        if not gone.any() or gone.all():
            return problem, number
        problem, nodes = problem.part(~gone)
        to = np.full(len(gone), -1, dtype=np.int64)
        to[nodes] = np.arange(len(nodes))
        number = np.where(number >= 0, to[np.clip(number, 0, None)], -1)
