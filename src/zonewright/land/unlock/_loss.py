"""Compiled: what a block keeps if one of its nodes goes, for all of its nodes in one walk."""

from __future__ import annotations

import numpy as np

from zonewright.core.compiled import Whole, compiled
from zonewright.land.unlock._shortfall import SHORT
from zonewright.land.unlock.graph import Floats, Ints, Marks


@compiled
def worth(total: Whole, threshold: Whole) -> float:
    """Return the weight of a set if it reaches the threshold, else 0."""
    return total if total >= threshold - SHORT else 0.0


@compiled
def kept_without(
    start: Ints,
    to: Ints,
    weight: Floats,
    inside: Marks,
    seeds: Ints,
    threshold: Whole,
    largest: Whole,
    block: Ints,
    own: Floats,
    kept: Floats,
) -> None:
    """Walk the blocks of some nodes and write down, in place, what is left without each node.

    Parameters
    ----------
    inside
        Shape (n,): which nodes are ready or bought.
    seeds
        Nodes whose blocks are walked.
    threshold
        Weight at which a set counts.
    largest
        Whether the heaviest part is asked for, not the sum of those that count.
    block, own, kept
        Shape (n,), written: a node of the same block for all of its nodes; what the block is worth;
        and what its parts are worth without the node.
    """
    count = weight.shape[0]
    order = np.full(count, -1, dtype=np.int64)
    low = np.empty(count, dtype=np.int64)
    up = np.full(count, -1, dtype=np.int64)
    below = np.empty(count)
    apart = np.zeros(count)
    next_place = start[:-1].copy()
    line = np.empty(count, dtype=np.int64)
    clock = 0
    for seed in seeds:
        if not inside[seed] or order[seed] >= 0:
            continue
        begun = clock
        v = seed
        order[v] = low[v] = clock
        below[v] = weight[v]
        kept[v] = 0.0
        line[clock] = v
        clock += 1
        while v >= 0:
            if next_place[v] < start[v + 1]:
                u = to[next_place[v]]
                next_place[v] += 1
                if not inside[u]:
                    continue
                if order[u] < 0:
                    up[u] = v
                    order[u] = low[u] = clock
                    below[u] = weight[u]
                    kept[u] = 0.0
                    line[clock] = u
                    clock += 1
                    v = u
                elif u != up[v]:
                    low[v] = min(low[v], order[u])
            else:
                parent = up[v]
                if parent >= 0:
                    below[parent] += below[v]
                    low[parent] = min(low[parent], low[v])
                    if low[v] >= order[parent]:
                        apart[parent] += below[v]
                        part = worth(below[v], threshold)
                        kept[parent] = max(kept[parent], part) if largest else kept[parent] + part
                v = parent
        total = below[seed]
        for place in range(begun, clock):
            v = line[place]
            block[v] = seed
            own[v] = worth(total, threshold)
            part = worth(total - apart[v] - weight[v], threshold)
            kept[v] = max(kept[v], part) if largest else kept[v] + part
