"""Compiled search for good trees where nothing is limited: connect, span, insert, ruin, accept.

Arcs stand at their tails, ``to[start[v]:start[v + 1]]``, with a cost each; nodes bring their
weight. What a set is worth is its weight less the cheapest tree that spans it.
"""

from __future__ import annotations

import heapq

import numpy as np

from zonewright.core.compiled import Whole, compiled
from zonewright.land.unlock._growth import best_component
from zonewright.land.unlock.graph import Floats, Ints, Marks


@compiled
def connect(
    start: Ints, to: Ints, length: Floats, weight: Floats, chosen: Marks, boost: Whole
) -> None:
    """Join nodes to `chosen`, nearest first, that weigh `boost` times less than their way at most.

    A path that is joined is at once a place to go on from (Takahashi and Matsuyama).
    """
    count = weight.shape[0]
    far = np.full(count, np.inf)
    previous = np.full(count, -1, dtype=np.int64)
    heap: list[tuple[float, Whole]] = [(0.0, np.int64(0))]
    heap.clear()
    for v in range(count):
        if chosen[v]:
            far[v] = 0.0
            heap.append((0.0, np.int64(v)))
    while len(heap) > 0:
        way, v = heapq.heappop(heap)
        if way > far[v]:
            continue
        if not chosen[v] and weight[v] > 0 and way <= boost * weight[v]:
            u = v
            while not chosen[u]:
                chosen[u] = True
                far[u] = 0.0
                if u != v:
                    heapq.heappush(heap, (0.0, u))
                u = previous[u]
            way = 0.0
        for place in range(start[v], start[v + 1]):
            w = to[place]
            further = way + length[place]
            if further < far[w]:
                far[w] = further
                previous[w] = v
                heapq.heappush(heap, (further, w))


@compiled
def span(
    start: Ints,
    to: Ints,
    cost: Floats,
    weight: Floats,
    chosen: Marks,
    into: Ints,
    parent: Ints,
    order: Ints,
    branch: Floats,
) -> float:
    """Span `chosen` by its cheapest tree, drop branches that do not pay; returns the tree's worth.

    `into` (n,) gets the arc by which the tree enters each node; -1 at its top and outside.
    """
    count = weight.shape[0]
    root: Whole = -1
    best = -np.inf
    for v in range(count):
        into[v] = -1
        parent[v] = -2
        if chosen[v] and weight[v] > best:
            root, best = v, weight[v]
    if root < 0:
        return -np.inf
    heap: list[tuple[float, Whole, Whole, Whole]] = [
        (0.0, np.int64(root), np.int64(-1), np.int64(-1))
    ]
    size = 0
    while len(heap) > 0:
        _, v, before, arc = heapq.heappop(heap)
        if parent[v] != -2:
            continue
        parent[v] = before
        into[v] = arc
        order[size] = v
        branch[v] = weight[v]
        size += 1
        for place in range(start[v], start[v + 1]):
            w = to[place]
            if chosen[w] and parent[w] == -2:
                heapq.heappush(heap, (cost[place], w, v, np.int64(place)))
    top = root
    for place in range(size - 1, -1, -1):
        v = order[place]
        if parent[v] >= 0:
            pays = branch[v] - cost[into[v]]
            if pays > 0:
                branch[parent[v]] += pays
        if branch[v] > branch[top]:
            top = v
    worth = branch[top]
    for place in range(size):
        v = order[place]
        above = parent[v]
        kept = v == top or (above >= 0 and branch[above] == np.inf and branch[v] > cost[into[v]])
        if kept:
            branch[v] = np.inf
            if v == top:
                into[v] = -1
        else:
            into[v] = -1
    for v in range(count):
        chosen[v] = chosen[v] and parent[v] != -2 and branch[v] == np.inf
    return float(worth)


@compiled
def insert(
    start: Ints,
    to: Ints,
    cost: Floats,
    weight: Floats,
    chosen: Marks,
    worth: Whole,
    nodes: Ints,
    halt: Marks,
) -> float:
    """Try each of `nodes` in the tree, keep what makes it worth more; returns its worth."""
    count = weight.shape[0]
    into, parent = np.empty(count, dtype=np.int64), np.empty(count, dtype=np.int64)
    order, branch = np.empty(count, dtype=np.int64), np.empty(count)
    trial = chosen.copy()
    for v in nodes:
        if halt[0]:
            break
        near = 0
        for place in range(start[v], start[v + 1]):
            near += chosen[to[place]]
        if chosen[v] or near < 1 or (near < 2 and weight[v] <= 0):
            continue
        trial[:] = chosen
        trial[v] = True
        found = span(start, to, cost, weight, trial, into, parent, order, branch)
        if found > worth + 1e-9 * max(1.0, abs(worth)):
            worth = found
            chosen[:] = trial
    return float(worth)


@compiled
def polish(
    start: Ints,
    to: Ints,
    cost: Floats,
    weight: Floats,
    favor: Floats,
    best: Marks,
    worth: Whole,
    step: Whole,
    rounds: Whole,
    seed: Whole,
    halt: Marks,
) -> float:
    """Ruin and recreate `best` for some rounds, with insertions where it changed.

    `favor` (n,) multiplies the length of arcs into a node; `step` is by how much a tree may be
    worse to be gone on from. Returns the worth, with `best` renewed in place.
    """
    np.random.seed(seed)
    count = weight.shape[0]
    into, parent = np.empty(count, dtype=np.int64), np.empty(count, dtype=np.int64)
    order, branch = np.empty(count, dtype=np.int64), np.empty(count)
    queue, label = np.empty(count, dtype=np.int64), np.empty(count, dtype=np.int64)
    members, seen = np.empty(count, dtype=np.int64), np.zeros(count, dtype=np.bool_)
    length = np.empty(to.shape[0])
    current, current_worth = best.copy(), worth
    trial = current.copy()
    for _ in range(rounds):
        if halt[0]:
            break
        trial[:] = current
        size = 0
        for v in range(count):
            seen[v] = False
            if trial[v]:
                members[size] = v
                size += 1
        share = np.random.random()
        most = 1 + int(share * share * min(size - 1, 30))
        queue[0] = members[np.random.randint(size)]
        seen[queue[0]] = True
        head, tail = 0, 1
        while head < tail and head < most:
            v = queue[head]
            head += 1
            trial[v] = False
            for place in range(start[v], start[v + 1]):
                w = to[place]
                if current[w] and not seen[w]:
                    seen[w] = True
                    queue[tail] = w
                    tail += 1
        ruined = members
        for place in range(head):
            ruined[place] = queue[place]
        if head == size:
            trial[queue[np.random.randint(head)]] = True
        best_component(start, to, weight, trial, queue, label)
        spread = 0.5 * np.random.random()
        for v in range(count):
            for place in range(start[v], start[v + 1]):
                w = to[place]
                plain = cost[place] + max(0.0, -weight[w])
                length[place] = plain * favor[w] * (1.0 + spread * np.random.random())
        connect(start, to, length, weight, trial, np.exp(1.5 * np.random.random()))
        found = span(start, to, cost, weight, trial, into, parent, order, branch)
        slack = step * np.random.random()
        if found > current_worth - 2.0 * step - slack:
            wide = 0
            for v in range(count):
                seen[v] = False
            for v in range(count):
                if trial[v] == current[v]:
                    continue
                for place in range(start[v], start[v + 1]):
                    w = to[place]
                    if not trial[w] and not seen[w] and wide < 60:
                        seen[w] = True
                        queue[wide] = w
                        wide += 1
            found = insert(start, to, cost, weight, trial, found, queue[:wide].copy(), halt)
        if found > current_worth - slack:
            current[:] = trial
            current_worth = found
        if found > worth + 1e-9 * max(1.0, abs(worth)):
            worth = found
            best[:] = trial
    return float(worth)
