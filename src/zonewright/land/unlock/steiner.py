"""Good trees where nothing is limited: the problem as nodes and streets, and search over it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zonewright.land.unlock._steiner import connect, insert, polish, span
from zonewright.land.unlock.deadline import Deadline
from zonewright.land.unlock.graph import Floats, Ints, Marks
from zonewright.land.unlock.network import links
from zonewright.land.unlock.problem import Problem

_STARTS = 3
_ROUND_ARCS = 400_000


@dataclass(frozen=True, slots=True)
class Streets:
    """Nodes that may be wanted for themselves, and the arcs between them.

    Parameters
    ----------
    node
        Shape (m,): the node of the problem behind each.
    start, to
        Arcs, at their tails.
    cost
        Shape (a,): what each arc costs; a link, a node that only joins two, is the cost of two
        arcs.
    link
        Shape (a,): the node of the problem behind each arc; -1 for none.
    weight
        Shape (m,): what each node brings.
    """

    node: Ints
    start: Ints
    to: Ints
    cost: Floats
    link: Ints
    weight: Floats

    def __len__(self) -> int:
        return len(self.node)

    def gather(self, chosen: Marks, into: Ints, count: int) -> Marks:
        """Return the nodes of the problem in a tree, shape (n,)."""
        marks = np.zeros(count, dtype=bool)
        marks[self.node[chosen]] = True
        used = self.link[into[into >= 0]]
        marks[used[used >= 0]] = True
        return marks


def streets_of(problem: Problem, weight: Floats) -> Streets:
    """Return the nodes and streets of a problem with the given weights, shape (n,)."""
    graph, link = problem.graph, links(problem)
    plain = np.flatnonzero(~link)
    number = np.full(len(problem), -1, dtype=np.int64)
    number[plain] = np.arange(len(plain))
    first, second = graph.pairs()
    direct = ~link[first] & ~link[second]
    streets = np.flatnonzero(link)
    ends = graph.to[graph.start[streets][:, None] + np.arange(2)]
    one = np.concatenate([number[first[direct]], number[ends[:, 0]]])
    other = np.concatenate([number[second[direct]], number[ends[:, 1]]])
    behind = np.concatenate([np.full(int(direct.sum()), -1, dtype=np.int64), streets])
    tail, head = np.concatenate([one, other]), np.concatenate([other, one])
    behind = np.concatenate([behind, behind])
    order = np.lexsort((head, tail))
    tail, head, behind = tail[order], head[order], behind[order]
    cost = np.where(behind >= 0, -weight[np.clip(behind, 0, None)], 0.0)
    start = np.searchsorted(tail, np.arange(len(plain) + 1)).astype(np.int64)
    return Streets(plain, start, head, cost, behind, weight[plain])


def search_trees(
    problem: Problem,
    streets: Streets,
    *,
    deadline: Deadline,
    seed: int,
    seeds: list[int],
    begin: Marks | None = None,
    favor: Floats | None = None,
) -> Marks:
    """Return the best tree found: nearest nodes first from each seed, then ruin and recreate.

    Parameters
    ----------
    seeds
        Nodes of the problem to begin from.
    begin
        Shape (n,): a set to begin with instead.
    favor
        Shape (n,): multiplies what it takes to pass a node; 1 everywhere if None.
    """
    weight = streets.weight
    factor = np.ones(len(streets)) if favor is None else favor[streets.node]
    pool = [begin[streets.node]] if begin is not None and begin[streets.node].any() else []
    if not pool:
        pool = _grown(problem, streets, factor, seeds, deadline)
    if not pool:
        return np.zeros(len(problem), dtype=bool)
    ranked = sorted(((_spanned(streets, one)[0], one) for one in pool), key=lambda pair: -pair[0])
    ranked = ranked[:_STARTS]
    priced = streets.cost[streets.cost > 0]
    step = float(priced.mean()) if len(priced) else float(np.abs(weight).mean())
    rounds = max(1, _ROUND_ARCS // max(len(streets.to), 1))
    turn = 0
    while not deadline.over():
        for place, (worth, chosen) in enumerate(ranked):
            if turn < len(ranked):
                idle = np.flatnonzero(~chosen)[: 4_000_000 // len(streets)]
                worth = insert(
                    streets.start, streets.to, streets.cost, weight, chosen, worth,
                    idle, deadline.halt,
                )  # fmt: skip
            worth = polish(
                streets.start, streets.to, streets.cost, weight, factor, chosen, worth,
                step * (turn % 3) / 2, rounds, seed + turn, deadline.halt,
            )  # fmt: skip
            ranked[place] = (worth, chosen)
            turn += 1
            if deadline.over():
                break
        ranked.sort(key=lambda pair: -pair[0])
        ranked = ranked[: max(1, len(ranked) - turn // 12)]
    chosen = max(ranked, key=lambda pair: pair[0])[1]
    _, into = _spanned(streets, chosen)
    return streets.gather(chosen, into, len(problem))


def _grown(
    problem: Problem, streets: Streets, factor: Floats, seeds: list[int], deadline: Deadline
) -> list[Marks]:
    """Return different trees that grow from seeds, in a third of the time."""
    number = np.full(len(problem), -1, dtype=np.int64)
    number[streets.node] = np.arange(len(streets))
    length = (streets.cost + np.clip(-streets.weight[streets.to], 0.0, None)) * factor[streets.to]
    enough = deadline.left_s() * 2 / 3
    found: dict[bytes, Marks] = {}
    for node in seeds:
        if number[node] < 0:
            continue
        for boost in (1.0, 2.0, 5.0):
            chosen = np.zeros(len(streets), dtype=bool)
            chosen[number[node]] = True
            connect(streets.start, streets.to, length, streets.weight, chosen, boost)
            _spanned(streets, chosen)
            found.setdefault(np.packbits(chosen).tobytes(), chosen)
        if deadline.left_s() < enough:
            break
    return list(found.values())


def _spanned(streets: Streets, chosen: Marks) -> tuple[float, Ints]:
    count = len(streets)
    into, parent, order = (np.empty(count, dtype=np.int64) for _ in range(3))
    worth = span(
        streets.start, streets.to, streets.cost, streets.weight, chosen, into, parent, order,
        np.empty(count),
    )  # fmt: skip
    return float(worth), into
