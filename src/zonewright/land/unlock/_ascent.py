"""Compiled dual ascent: cuts that a linear program over trees needs before any other (Wong)."""

from __future__ import annotations

import heapq

import numpy as np

from zonewright.core.compiled import Whole, compiled
from zonewright.land.unlock.graph import Floats, Ints, Marks

_EPSILON = 1e-9


@compiled
def ascend(
    start: Ints,
    tail: Ints,
    cost: Floats,
    prize: Floats,
    root: Whole,
    most_rows: Whole,
    most_entries: Whole,
    most_work: Whole,
    halt: Marks,
) -> tuple[float, Floats, Ints, Ints, Ints]:
    """Raise the price of cutting off each node that is worth something from the root.

    Parameters
    ----------
    start, tail, cost
        Arcs at their heads: those into v are ``start[v]`` up to ``start[v + 1]``.
    prize
        Shape (n,): what is lost without a node; infinite where it has to be in.
    root
        Node that is in.
    most_rows, most_entries, most_work
        Most cuts that are kept, arcs in them, and arcs looked at.
    halt
        Shape (1,): another thread marks it to end the ascent.

    Returns
    -------
    price
        No tree with the root costs less, lost prizes counted.
    reduced
        Shape (a,): what is left of the cost of each arc; a tree that uses it costs so much more.
    row_start, row_arc
        Arcs of each cut.
    target
        The node that each cut is about.
    """
    count = prize.shape[0]
    reduced, left = cost.copy(), prize.copy()
    stamp = np.zeros(count, dtype=np.int64)
    queue = np.empty(count, dtype=np.int64)
    row_start = np.zeros(most_rows + 1, dtype=np.int64)
    row_arc = np.empty(most_entries, dtype=np.int64)
    target = np.empty(most_rows, dtype=np.int64)
    price, rows, turn, work = 0.0, 0, 0, 0
    heap = [(np.int64(0), np.int64(0))]
    heap.clear()
    for v in range(count):
        if v != root and prize[v] > 0:
            heapq.heappush(heap, (start[v + 1] - start[v], np.int64(v)))
    while len(heap) > 0 and work < most_work and not halt[0]:
        score, t = heapq.heappop(heap)
        turn += 1
        stamp[t] = turn
        queue[0] = t
        size, head = 1, 0
        arcs, least = 0, np.inf
        while head < size and stamp[root] != turn:
            v = queue[head]
            head += 1
            for place in range(start[v], start[v + 1]):
                u = tail[place]
                if reduced[place] <= _EPSILON and stamp[u] != turn:
                    stamp[u] = turn
                    queue[size] = u
                    size += 1
            work += start[v + 1] - start[v]
        if stamp[root] == turn:
            continue
        for position in range(size):
            v = queue[position]
            for place in range(start[v], start[v + 1]):
                if stamp[tail[place]] != turn:
                    arcs += 1
                    least = min(least, reduced[place])
        if arcs > score and len(heap) > 0 and heap[0][0] < arcs:
            heapq.heappush(heap, (np.int64(arcs), t))
            continue
        least = min(least, left[t])
        if arcs == 0 or least == np.inf:
            continue
        keep = rows < most_rows and row_start[rows] + arcs <= most_entries
        end = row_start[rows]
        for position in range(size):
            v = queue[position]
            for place in range(start[v], start[v + 1]):
                if stamp[tail[place]] != turn:
                    reduced[place] -= least
                    if keep:
                        row_arc[end] = place
                        end += 1
        if keep:
            target[rows] = t
            rows += 1
            row_start[rows] = end
        price += least
        left[t] -= least
        if left[t] > _EPSILON:
            heapq.heappush(heap, (np.int64(arcs), t))
    return price, reduced, row_start[: rows + 1], row_arc[: row_start[rows]], target[:rows]
