"""Compiled work on sets that have to reach a threshold: what counts, and which sets fall short.

A connected set C that weighs less than the threshold is no block by itself: whoever chooses a node
of C chooses one next to C as well. Of such rows those are looked for that a solution breaks.
"""

from __future__ import annotations

import numpy as np

from zonewright.core.compiled import Whole, compiled
from zonewright.land.unlock.graph import Floats, Ints, Marks

SHORT = 1e-6


@compiled
def counted(
    start: Ints, to: Ints, weight: Floats, chosen: Marks, threshold: Whole
) -> tuple[Marks, Whole]:
    """Return the nodes of the connected chosen sets that reach the threshold, and their number."""
    count = weight.shape[0]
    found = np.zeros(count, dtype=np.bool_)
    seen = np.zeros(count, dtype=np.bool_)
    line = np.empty(count, dtype=np.int64)
    number = 0
    for seed in range(count):
        if not chosen[seed] or seen[seed]:
            continue
        seen[seed] = True
        line[0] = seed
        head, tail, total = 0, 1, 0.0
        while head < tail:
            v = line[head]
            head += 1
            total += weight[v]
            for place in range(start[v], start[v + 1]):
                u = to[place]
                if chosen[u] and not seen[u]:
                    seen[u] = True
                    line[tail] = u
                    tail += 1
        if total >= threshold - SHORT:
            number += 1
            for place in range(tail):
                found[line[place]] = True
    return found, number


@compiled
def short_sets(
    start: Ints,
    to: Ints,
    weight: Floats,
    at: Floats,
    threshold: Whole,
    seeds: Ints,
    least: Whole,
    most: Whole,
) -> tuple[Ints, Ints, Ints]:
    """Return broken rows: the neighbors of a set that falls short, and the node it stands for.

    From each seed a set grows by the neighbor that leaves the least chosen around it, while it
    falls short; of the sets on the way the one whose row is broken most is kept.

    Returns
    -------
    row
        Shape (rows + 1,): where the neighbors of each row begin.
    node
        Neighbors of the sets.
    target
        Shape (rows,): the most chosen node of each set.
    """
    count = weight.shape[0]
    state = np.zeros(count, dtype=np.int64)
    inside = np.empty(count, dtype=np.int64)
    edge = np.empty(count, dtype=np.int64)
    row = np.zeros(seeds.shape[0] + 1, dtype=np.int64)
    target = np.empty(seeds.shape[0], dtype=np.int64)
    node = np.empty(64 + 16 * count, dtype=np.int64)
    rows, entries = 0, 0
    for seed in seeds:
        if rows >= most:
            break
        if weight[seed] >= threshold - SHORT:
            continue
        size, total, around, top = 1, weight[seed], 0.0, seed
        inside[0] = seed
        state[seed] = 1
        edges = 0
        for place in range(start[seed], start[seed + 1]):
            u = to[place]
            if state[u] == 0:
                state[u] = 2
                edge[edges] = u
                edges += 1
                around += at[u]
        best, best_size = at[top] - around, 1
        while True:
            least_around, where = np.inf, -1
            for place in range(edges):
                u = edge[place]
                if state[u] != 2 or total + weight[u] >= threshold - SHORT:
                    continue
                left = around - at[u]
                for step in range(start[u], start[u + 1]):
                    if state[to[step]] == 0:
                        left += at[to[step]]
                if left < least_around:
                    least_around, where = left, place
            if where < 0:
                break
            u = edge[where]
            state[u] = 1
            inside[size] = u
            size += 1
            total += weight[u]
            around = least_around
            if at[u] > at[top]:
                top = u
            for step in range(start[u], start[u + 1]):
                if state[to[step]] == 0:
                    state[to[step]] = 2
                    edge[edges] = to[step]
                    edges += 1
            if at[top] - around > best + 1e-9:
                best, best_size = at[top] - around, size
        for place in range(size):
            state[inside[place]] = 0
        for place in range(edges):
            state[edge[place]] = 0
        if best > least:
            top = inside[0]
            for place in range(best_size):
                state[inside[place]] = 1
                if at[inside[place]] > at[top]:
                    top = inside[place]
            begun = entries
            for place in range(best_size):
                u = inside[place]
                for step in range(start[u], start[u + 1]):
                    v = to[step]
                    if state[v] == 0 and entries < node.shape[0]:
                        state[v] = 2
                        node[entries] = v
                        entries += 1
            for place in range(best_size):
                state[inside[place]] = 0
            for place in range(begun, entries):
                state[node[place]] = 0
            if entries >= node.shape[0]:
                break
            target[rows] = top
            rows += 1
            row[rows] = entries
    return row[: rows + 1], node[: row[rows]], target[:rows]
