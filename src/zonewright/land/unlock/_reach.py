"""Compiled distances: what the cheapest way to each node uses, from each choice of root."""

from __future__ import annotations

import heapq

import numpy as np

from zonewright.core.compiled import Whole, compiled
from zonewright.land.unlock.graph import Floats, Ints, Marks


@compiled
def distances(
    start: Ints, to: Ints, length: Floats, limit: Whole, closed: Marks, source: Whole
) -> Floats:
    """Return the least length of a path to each node, both ends counted; infinite above `limit`."""
    count = length.shape[0]
    distance = np.full(count, np.inf)
    if closed[source] or length[source] > limit:
        return distance
    distance[source] = length[source]
    heap = [(length[source], np.int64(source))]
    while len(heap) > 0:
        far, v = heapq.heappop(heap)
        if far > distance[v]:
            continue
        for place in range(start[v], start[v + 1]):
            w = to[place]
            further = far + length[w]
            if not closed[w] and further <= limit and further < distance[w]:
                distance[w] = further
                heapq.heappush(heap, (further, w))
    return distance


@compiled
def serving(start: Ints, to: Ints, use: Floats, limit: Floats, roots: Ints, closed: Marks) -> Marks:
    """Return which root may serve which node, shape (roots, n).

    Roots stand in the order of choice: the root of a set is the first of them in it, so a root
    serves no earlier root, nor a node that it only reaches through one or beyond a limit.
    """
    count, means = use.shape
    may = np.zeros((roots.shape[0], count), dtype=np.bool_)
    shut = closed.copy()
    for place in range(roots.shape[0]):
        root = roots[place]
        row = np.ones(count, dtype=np.bool_)
        for k in range(means):
            far = distances(start, to, use[:, k].copy(), limit[k] * (1 + 1e-9), shut, root)
            for v in range(count):
                row[v] = row[v] and np.isfinite(far[v])
        may[place] = row
        shut[root] = True
    return may


@compiled
def knapsack_bounds(may: Marks, weight: Floats, use: Floats, limit: Floats, order: Ints) -> Floats:
    """Return for each root the most weight of nodes it may serve, connected or not, in parts.

    `order` ranks the nodes by weight for what they use of the one means with the given `limit`.
    """
    bounds = np.zeros(may.shape[0])
    for place in range(may.shape[0]):
        left = limit[0]
        for v in order:
            if not may[place, v] or weight[v] <= 0:
                continue
            if use[v] <= left:
                left -= use[v]
                bounds[place] += weight[v]
            else:
                bounds[place] += weight[v] * left / use[v]
                break
    return bounds
