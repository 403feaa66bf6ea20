"""Cuts, a bound and fixings from dual ascent, where nothing is limited."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from zonewright.land.unlock._ascent import ascend
from zonewright.land.unlock._highs import Rows, rows_of
from zonewright.land.unlock.deadline import Deadline
from zonewright.land.unlock.graph import Floats, Ints, Marks
from zonewright.land.unlock.network import Network
from zonewright.land.unlock.problem import Problem

_MOST_ROWS = 3_000
_MOST_ENTRIES = 200_000
_MOST_WORK = 40_000_000
_TOLLS = (1.0, 0.3)


@dataclass(frozen=True, slots=True)
class Ascent:
    """What dual ascent tells of all sets of a network.

    Parameters
    ----------
    rows
        Cuts that the first relaxation would break.
    bound
        No set weighs more.
    least_loss
        Shape (m,): by how much less than the bound every set weighs that uses a network node.
    """

    rows: Rows
    bound: float
    least_loss: Floats

    def closed(self, value: float) -> Marks:
        """Return which network nodes are in no set above `value`, shape (m,)."""
        room = self.bound - value + 1e-7 * max(1.0, abs(value), abs(self.bound))
        return np.asarray(self.least_loss > room)


def ascent(problem: Problem, network: Network, value: float, deadline: Deadline) -> Ascent:
    """Return cuts and a bound over every choice of root.

    The choice of root is an arc from the source that costs a toll. Every set pays it once, so it is
    given back in the bound; but while cuts are raised it keeps each node from being its own root.
    The best toll is near the greatest weight, of which `value` is a guess; several are tried.
    """
    tolls = _TOLLS if len(network.roots) > 1 else (0.0,)
    best: Ascent | None = None
    for share in tolls:
        found = _raised(problem, network, share * max(value, 0.0), deadline)
        if best is None or found.bound < best.bound:
            best = found
        if best.bound <= value or deadline.over():
            break
    if best is None:
        raise ValueError("no toll")
    return best


def _raised(problem: Problem, network: Network, toll: float, deadline: Deadline) -> Ascent:
    # Nodes: the source, then the plain nodes of the network.
    first = 1 + len(network.roots)
    count = network.first_way - first + 1
    node = network.node[first : network.first_way]
    weight = np.append(0.0, problem.weight[node])
    number = np.full(len(problem), -1, dtype=np.int64)
    number[node] = np.arange(1, count)
    behind = network.node[network.first_way :]
    street = np.where(behind >= 0, -problem.weight[np.clip(behind, 0, None)], 0.0)
    tail = np.append(np.zeros(len(network.roots), dtype=np.int64), network.tail - first + 1)
    head = np.append(number[network.roots], network.head - first + 1)
    cost = np.append(np.full(len(network.roots), toll), street) + np.clip(-weight[head], 0.0, None)
    column = np.append(
        1 + np.arange(len(network.roots)), network.first_way + np.arange(len(street))
    )
    order = np.argsort(head, kind="stable")
    tail, head, cost, column = tail[order], head[order], cost[order], column[order]
    prize = np.append(0.0, np.where(problem.forced[node], np.inf, np.clip(weight[1:], 0.0, None)))
    price, reduced, row_start, row_arc, target = ascend(
        np.searchsorted(head, np.arange(count + 1)).astype(np.int64), tail, cost, prize, 0,
        _MOST_ROWS, _MOST_ENTRIES, _MOST_WORK, deadline.halt,
    )  # fmt: skip
    columns: list[Ints] = []
    factors: list[Floats] = []
    for row, about in enumerate(target):
        into = column[row_arc[row_start[row] : row_start[row + 1]]]
        served = network.may_serve[:, node[about - 1]]
        into = into[(into >= first) | served[np.clip(into - 1, 0, len(served) - 1)]]
        columns.append(np.append(into, first + about - 1))
        factors.append(np.append(np.ones(len(into)), -1.0))
    rows = rows_of(columns, factors, [0.0] * len(target), [np.inf] * len(target))
    bound = float(np.clip(weight, 0.0, None).sum()) - price + toll
    loss = np.zeros(len(network))
    far = _distances(count, tail, head, reduced)
    loss[first : network.first_way] = far[1:]
    loss[column] = far[tail] + reduced
    return Ascent(rows, bound, loss)


def _distances(count: int, tail: Ints, head: Ints, reduced: Floats) -> Floats:
    """Return what it takes at least, in reduced costs, to get from the source to each node."""
    order = np.lexsort((reduced, head, tail))
    tail, head, reduced = tail[order], head[order], reduced[order]
    # Of parallel arcs the cheapest; a length of zero would be no arc, and is taken off again.
    new = np.append(True, (tail[1:] != tail[:-1]) | (head[1:] != head[:-1]))
    tiny = 1e-13 * max(1.0, float(reduced.max(initial=0.0)))
    arcs = csr_array((reduced[new] + tiny, (tail[new], head[new])), shape=(count, count))
    far = dijkstra(arcs, indices=0)
    return np.asarray(np.clip(far - count * tiny, 0.0, None))
