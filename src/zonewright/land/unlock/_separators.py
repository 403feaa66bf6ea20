"""Compiled separation of node separators by maximum flow, nested, nearest to the target first.

The network is directed; node 0 is the source. A node v can only be chosen if the chosen nodes lead
to it from the source, so for every set N that cuts v off, x(N) >= x(v). With x as capacities a
smallest cut shows the most violated one.
"""

from __future__ import annotations

import numpy as np

from zonewright.core.compiled import Whole, compiled
from zonewright.land.unlock.graph import Floats, Ints, Marks

_EPSILON = 1e-7


@compiled
def _augment(
    back_start: Ints,
    back_to: Ints,
    start: Ints,
    twin: Ints,
    to: Ints,
    capacity: Floats,
    usable: Marks,
    through: Floats,
    flow: Floats,
    target: Whole,
    wanted: Whole,
    seen: Ints,
    stamp: Whole,
    queue: Ints,
    next_state: Ints,
    next_arc: Ints,
) -> float:
    """Push flow along one shortest augmenting path from source 0; 0.0 if there is none.

    States are 2 v (entering v) and 2 v + 1 (leaving v); the search runs backward from the target.
    `flow` is by backward place; `twin` gives the backward place of a forward one.
    """
    head, tail = 0, 0
    queue[0] = 2 * target
    seen[2 * target] = stamp
    next_state[2 * target] = -1
    tail = 1
    found = False
    while head < tail and not found:
        state = queue[head]
        head += 1
        v = state // 2
        if state % 2 == 0:
            for place in range(back_start[v], back_start[v + 1]):
                u = back_to[place]
                if not usable[u]:
                    continue
                other = 2 * u + 1
                if seen[other] != stamp:
                    seen[other] = stamp
                    next_state[other] = state
                    next_arc[other] = place
                    if u == 0:
                        found = True
                        break
                    queue[tail] = other
                    tail += 1
            if not found and v != target and through[v] > _EPSILON and seen[2 * v + 1] != stamp:
                seen[2 * v + 1] = stamp
                next_state[2 * v + 1] = state
                next_arc[2 * v + 1] = -2
                queue[tail] = 2 * v + 1
                tail += 1
        else:
            if capacity[v] - through[v] > _EPSILON and seen[2 * v] != stamp:
                seen[2 * v] = stamp
                next_state[2 * v] = state
                next_arc[2 * v] = -1
                queue[tail] = 2 * v
                tail += 1
            for place in range(start[v], start[v + 1]):
                if flow[twin[place]] > _EPSILON:
                    w = to[place]
                    if seen[2 * w] != stamp:
                        seen[2 * w] = stamp
                        next_state[2 * w] = state
                        next_arc[2 * w] = -3 - twin[place]
                        queue[tail] = 2 * w
                        tail += 1
    if not found:
        return 0.0
    amount = wanted
    state = 1
    while next_state[state] >= 0:
        arc = next_arc[state]
        if arc == -1:
            amount = min(amount, capacity[state // 2] - through[state // 2])
        elif arc == -2:
            amount = min(amount, through[state // 2])
        elif arc <= -3:
            amount = min(amount, flow[-3 - arc])
        state = next_state[state]
    state = 1
    while next_state[state] >= 0:
        arc = next_arc[state]
        if arc == -1:
            through[state // 2] += amount
        elif arc == -2:
            through[state // 2] -= amount
        elif arc <= -3:
            flow[-3 - arc] -= amount
        else:
            flow[arc] += amount
        state = next_state[state]
    return float(amount)


@compiled
def separate(
    start: Ints,
    to: Ints,
    back_start: Ints,
    back_to: Ints,
    twin: Ints,
    x: Floats,
    root_nodes: Ints,
    root_of: Ints,
    may_serve: Marks,
    open_nodes: Marks,
    targets: Ints,
    nested: Whole,
    least: Whole,
    most_rows: Whole,
    most_entries: Whole,
    halt: Marks,
) -> tuple[Ints, Ints, Ints]:
    """Return violated separators as rows: starts, nodes of each row, and the target of each.

    Parameters
    ----------
    start, to, back_start, back_to, twin
        The network, forward and backward; `twin` (e,) is the backward place of each forward arc.
    x
        Shape (n,): the relaxed solution.
    root_nodes, root_of, may_serve
        Nodes that stand for a choice of root; the class of each node; and whether a root may serve
        the class, shape (roots, classes). A root that may not serve the target is left out.
    open_nodes
        Shape (n,): nodes that are not closed for good.
    targets
        Nodes to be cut off, the most promising first.
    nested
        Most separators for one target.
    least
        Smallest violation that counts.
    halt
        Shape (1,): another thread marks it to end the search; what was found so far holds.
    """
    count = x.shape[0]
    usable = open_nodes.copy()
    capacity, through = np.empty(count), np.empty(count)
    flow = np.empty(back_to.shape[0])
    seen, stamp = np.zeros(2 * count, dtype=np.int64), 0
    queue = np.empty(2 * count, dtype=np.int64)
    next_state = np.empty(2 * count, dtype=np.int64)
    next_arc = np.empty(2 * count, dtype=np.int64)
    side = np.zeros(count, dtype=np.int64)
    row_start = np.zeros(most_rows + 1, dtype=np.int64)
    row_node = np.empty(most_entries, dtype=np.int64)
    row_target = np.empty(most_rows, dtype=np.int64)
    covered = np.zeros(count, dtype=np.bool_)
    rows = 0
    for target in targets:
        if rows >= most_rows or halt[0]:
            break
        if covered[target]:
            continue
        for place in range(root_nodes.shape[0]):
            node = root_nodes[place]
            usable[node] = open_nodes[node] and may_serve[place, root_of[target]]
        capacity[:] = x
        capacity[0] = 2.0
        capacity[target] = 2.0
        through[:] = 0.0
        flow[:] = 0.0
        value, cuts = 0.0, 0
        while cuts < nested and rows < most_rows:
            while value < x[target] - _EPSILON:
                stamp += 1
                pushed = _augment(
                    back_start, back_to, start, twin, to, capacity, usable, through, flow,
                    target, x[target] - value, seen, stamp, queue, next_state, next_arc,
                )  # fmt: skip
                if pushed <= 0.0:
                    break
                value += pushed
            if value > x[target] - least:
                break
            # Of the cut nodes, those matter that can be reached from the source without another.
            for v in range(count):
                side[v] = 0
                if seen[2 * v + 1] == stamp and seen[2 * v] != stamp:
                    side[v] = 1
            queue[0] = 0
            head, tail = 0, 1
            side[0] = 3
            while head < tail:
                v = queue[head]
                head += 1
                for place in range(start[v], start[v + 1]):
                    w = to[place]
                    if not usable[w] or side[w] >= 2:
                        continue
                    if side[w] == 1:
                        side[w] = 2
                    else:
                        side[w] = 3
                        queue[tail] = w
                        tail += 1
            total, end = 0.0, row_start[rows]
            for v in range(count):
                if side[v] == 2:
                    total += x[v]
                    if end < most_entries:
                        row_node[end] = v
                    end += 1
            if end > most_entries or total > x[target] - least:
                break
            for v in range(count):
                if side[v] == 2:
                    capacity[v] = 2.0
                if seen[2 * v] == stamp and x[v] <= x[target] + _EPSILON:
                    covered[v] = True
            row_target[rows] = target
            rows += 1
            row_start[rows] = end
            cuts += 1
    return row_start[: rows + 1], row_node[: row_start[rows]], row_target[:rows]
