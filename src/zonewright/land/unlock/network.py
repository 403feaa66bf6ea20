"""The directed network behind the linear program: a source, choices of root, nodes and ways.

A set is connected if all of it can be reached from one of its nodes, the root. Which node is the
root is a choice of the program, one variable for each candidate. Of all the nodes of a set the
first in the order of candidates is its root, so that a set has one root only.

Each edge is two ways, one in each direction, with a variable each: a tree enters each of its nodes
once. Variables for nodes alone would leave the program far looser. A link, a node with two
neighbors that nobody would take for itself, is such an edge with a cost.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zonewright.land.unlock._highs import Rows, rows_of
from zonewright.land.unlock._reach import knapsack_bounds, serving
from zonewright.land.unlock.graph import Floats, Ints, Marks
from zonewright.land.unlock.problem import Problem

_MOST_PAIRS = 60_000_000


@dataclass(frozen=True, slots=True)
class Network:
    """The network of a problem: node 0 is the source, then roots, plain nodes and ways.

    Parameters
    ----------
    start, to, back_start, back_to, twin
        Arcs forward and backward; `twin` gives the backward place of each forward arc.
    node
        Shape (m,): the problem's node behind each network node; -1 for the source, roots, and ways
        that have no node of their own.
    roots
        Shape (r,): the problem's node of each choice of root, in order; network nodes 1 to r.
    may_serve
        Shape (r, n): whether a root may lead to a node of the problem.
    first_way
        Number of the first way; way i and way i + w, of 2 w ways, are the two directions.
    tail, head
        Shape (2 w,): the network node from which and to which each way leads.
    """

    start: Ints
    to: Ints
    back_start: Ints
    back_to: Ints
    twin: Ints
    node: Ints
    roots: Ints
    may_serve: Marks
    first_way: int
    tail: Ints
    head: Ints

    def __len__(self) -> int:
        return len(self.node)

    def spread(self, values: Floats) -> Floats:
        """Return values of the problem's nodes on the network; 0 at source and roots."""
        return np.where(self.node >= 0, values[np.clip(self.node, 0, None)], 0.0)

    def gather(self, values: Floats, count: int) -> Floats:
        """Return values of the network on the problem's nodes; both ways of a link are added."""
        real = self.node >= 0
        gathered: Floats = np.bincount(self.node[real], values[real], minlength=count).astype(float)
        return gathered


def candidate_roots(problem: Problem, value: float) -> tuple[Ints, Marks, float]:
    """Return the nodes that can be the first of a set above `value`, and whom each may serve.

    Free nodes come first, heavier ones before lighter ones. A node is left out if even the best
    nodes that it may serve, taken in parts and without regard to connection, do not weigh more.
    Last comes a bound on the sets of later roots, if there are too many to go through.
    """
    count = len(problem)
    if problem.forced.any():
        root = np.flatnonzero(problem.forced)[:1].astype(np.int64)
        may = _serving(problem, root)
        fits = may[:, problem.forced].all(axis=1)
        return root[fits], may[fits], -np.inf
    finite = np.isfinite(problem.limit)
    free = ~(problem.use[:, finite] > 0).any(axis=1)
    order = np.lexsort((np.arange(count), -problem.weight, ~free))
    order = order[problem.weight[order] > 0]
    before = len(order)
    for k in np.flatnonzero(finite):
        before = min(before, _last_root(problem, order, int(k), value))
    if not finite.any():
        rest = np.cumsum(problem.weight[order][::-1])[::-1]
        before = int(np.count_nonzero(rest > value))
    roots = order[: max(before, 1)].astype(np.int64)
    most, later = max(_MOST_PAIRS // max(count, 1), 1), -np.inf
    if len(roots) > most:
        later = float(problem.weight[order[most:]].sum())
        roots = roots[:most]
    may = _serving(problem, roots)
    good = np.ones(len(roots), dtype=bool)
    for means in range(len(problem.limit)):
        good &= _knapsack(problem, may, means) > value
    good &= may[np.arange(len(roots)), roots]
    return roots[good], may[good], later


def _last_root(problem: Problem, order: Ints, k: int, value: float) -> int:
    """Return how many of the ordered nodes can be first: from the others too little is left."""
    low, high = 0, len(order)
    while low < high:
        middle = (low + high) // 2
        may = np.zeros((1, len(problem)), dtype=bool)
        may[0, order[middle:]] = True
        if _knapsack(problem, may, k)[0] > value:
            low = middle + 1
        else:
            high = middle
    return low


def _knapsack(problem: Problem, may: Marks, k: int) -> Floats:
    use = problem.use[:, k].copy()
    with np.errstate(divide="ignore", invalid="ignore"):
        rank = np.where(use > 0, problem.weight / use, np.inf)
    order = np.argsort(-rank, kind="stable").astype(np.int64)
    return knapsack_bounds(may, problem.weight, use, problem.limit[k : k + 1], order)


def _serving(problem: Problem, roots: Ints) -> Marks:
    if not problem.limited:
        # What lies only beyond an earlier root is let in too: to look is dear, and gains little.
        part = problem.graph.components()
        may: Marks = part[roots][:, None] == part[None, :]
        for place in range(len(roots)):
            may[place, roots[:place]] = False
        return may
    graph, closed = problem.graph, np.zeros(len(problem), dtype=bool)
    return serving(graph.start, graph.to, problem.use, problem.limit, roots, closed)


def links(problem: Problem) -> Marks:
    """Return which nodes only join their two neighbors; no two of them are neighbors."""
    graph = problem.graph
    able = (graph.degree == 2) & (problem.weight <= 0) & ~problem.forced
    link = np.zeros(len(problem), dtype=bool)
    for v in np.flatnonzero(able):
        link[v] = not link[graph.to[graph.start[v] : graph.start[v + 1]]].any()
    return link


def network_of(problem: Problem, roots: Ints, may_serve: Marks) -> Network:
    """Return the network of a problem for the given choices of root."""
    graph, link = problem.graph, links(problem)
    plain = np.flatnonzero(~link)
    number = np.full(len(problem), -1, dtype=np.int64)
    number[plain] = 1 + len(roots) + np.arange(len(plain))
    first, second = graph.pairs()
    direct = ~link[first] & ~link[second]
    streets = np.flatnonzero(link)
    ends = graph.to[graph.start[streets][:, None] + np.arange(2)]
    one = np.concatenate([number[first[direct]], number[ends[:, 0]]])
    other = np.concatenate([number[second[direct]], number[ends[:, 1]]])
    behind = np.concatenate([np.full(int(direct.sum()), -1, dtype=np.int64), streets])
    tail, head = np.concatenate([one, other]), np.concatenate([other, one])
    first_way = 1 + len(roots) + len(plain)
    ways = first_way + np.arange(len(tail))
    choices = 1 + np.arange(len(roots))
    sources = np.zeros(len(roots), dtype=np.int64)
    empty = np.full(1 + len(roots), -1, dtype=np.int64)
    node = np.concatenate([empty, plain, behind, behind])
    arcs = _both_ways(
        len(node),
        np.concatenate([sources, choices, tail, ways]),
        np.concatenate([choices, number[roots], ways, head]),
    )
    return Network(*arcs, node, roots, may_serve, first_way, tail, head)


def _both_ways(count: int, tail: Ints, head: Ints) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    forward = np.lexsort((head, tail))
    tail, head = tail[forward], head[forward]
    backward = np.lexsort((tail, head))
    twin = np.empty(len(tail), dtype=np.int64)
    twin[backward] = np.arange(len(tail))
    nodes = np.arange(count + 1)
    return (
        np.searchsorted(tail, nodes).astype(np.int64),
        head,
        np.searchsorted(head[backward], nodes).astype(np.int64),
        tail[backward],
        twin,
    )


def first_rows(problem: Problem, network: Network) -> Rows:
    """Return the rows that the program begins with.

    One root; the limits; a chosen node is the root or entered once; no branch ends in a node that
    only costs.
    """
    count = len(network.roots)
    columns: list[Ints] = [1 + np.arange(count)]
    factors: list[Floats] = [np.ones(count)]
    lower, upper = [1.0], [1.0]
    for k in np.flatnonzero(np.isfinite(problem.limit)):
        use = network.spread(problem.use[:, k])
        nodes = np.flatnonzero(use)
        scale = use[nodes].mean() if len(nodes) else 1.0
        columns.append(nodes)
        factors.append(use[nodes] / scale)
        lower.append(-np.inf)
        upper.append(float(problem.limit[k] / scale))
    dull = (problem.weight <= 0) & ~problem.forced
    dull[network.roots] = False
    for v in range(1 + count, network.first_way):
        into = network.back_to[network.back_start[v] : network.back_start[v + 1]]
        columns.append(np.append(into, v))
        factors.append(np.append(np.ones(len(into)), -1.0))
        lower.append(0.0)
        upper.append(0.0)
        if dull[network.node[v]]:
            out = network.to[network.start[v] : network.start[v + 1]]
            columns.append(np.append(out, v))
            factors.append(np.append(np.ones(len(out)), -1.0))
            lower.append(0.0)
            upper.append(np.inf)
    return rows_of(columns, factors, lower, upper)


def way_rows(network: Network, at: Floats, least: float) -> Rows:
    """Return rows that a solution breaks: a node that is not chosen is passed neither way."""
    half = len(network.tail) // 2
    one, other = network.first_way + np.arange(half), network.first_way + half + np.arange(half)
    columns, factors = [], []
    for end in (network.tail[:half], network.head[:half]):
        for place in np.flatnonzero(at[one] + at[other] > at[end] + least):
            columns.append(np.array([one[place], other[place], end[place]]))
            factors.append(np.array([1.0, 1.0, -1.0]))
    count = len(columns)
    return rows_of(columns, factors, [-np.inf] * count, [0.0] * count)
