"""Compiled search for good sets: grow along the best path, ruin a part, grow again, prune.

All kernels work in place on a mark for each node. A node's length is what it costs to pass: what it
takes of each means, as a share of the whole, and its negative weight. A path is good if it gains
much for its length.
"""

from __future__ import annotations

import heapq

import numpy as np

from zonewright.core.compiled import Whole, compiled
from zonewright.land.unlock.graph import Floats, Ints, Marks

_TINY = 1e-12


@compiled
def grow(
    start: Ints,
    to: Ints,
    weight: Floats,
    use: Floats,
    limit: Floats,
    price: Floats,
    favour: Floats,
    allowed: Marks,
    chosen: Marks,
    spent: Floats,
    many: Whole,
    boost: Whole,
) -> None:
    """Add paths to `chosen`, best gain for length first, until none pays or fits.

    `price` (k,) turns use into length; `favour` (n,) multiplies gains in the ranking only; up to
    `many` paths are taken from one round of distances. `spent` (k,) is kept up to date. A path
    pays if `boost` times its gain is above its cost: above 1, it has to be pruned afterwards.
    """
    count, means = weight.shape[0], limit.shape[0]
    limited = False
    for k in range(means):
        limited = limited or np.isfinite(limit[k])
    distance = np.full(count, np.inf)
    gain = np.zeros(count)
    ranked = np.zeros(count)
    net = np.zeros(count)
    previous = np.full(count, -1, dtype=np.int64)
    used = np.zeros((count, means))
    touched = np.empty(count, dtype=np.int64)
    done = np.zeros(count, dtype=np.bool_)
    score = np.empty(count)
    while True:
        heap = [(0.0, np.int64(-1))]
        heap.clear()
        touches = 0
        for u in range(count):
            if not chosen[u]:
                continue
            for place in range(start[u], start[u + 1]):
                v = to[place]
                if chosen[v] or not allowed[v] or previous[v] != -1:
                    continue
                fits, length = True, max(0.0, -weight[v])
                for k in range(means):
                    if spent[k] + use[v, k] > limit[k] + 1e-9:
                        fits = False
                    length += price[k] * use[v, k]
                if not fits:
                    continue
                distance[v] = length
                gain[v] = max(0.0, weight[v])
                ranked[v] = gain[v] * favour[v]
                net[v] = weight[v] if weight[v] < 0 else boost * weight[v]
                previous[v] = -2
                for k in range(means):
                    used[v, k] = use[v, k]
                touched[touches] = v
                touches += 1
                heapq.heappush(heap, (length, v))
        order = 0
        while len(heap) > 0:
            length, v = heapq.heappop(heap)
            if done[v]:
                continue
            done[v] = True
            order += 1
            for place in range(start[v], start[v + 1]):
                w = to[place]
                if chosen[w] or done[w] or not allowed[w]:
                    continue
                further = length + max(0.0, -weight[w])
                fits = True
                for k in range(means):
                    if spent[k] + used[v, k] + use[w, k] > limit[k] + 1e-9:
                        fits = False
                    further += price[k] * use[w, k]
                if fits and further < distance[w]:
                    if previous[w] == -1:
                        touched[touches] = w
                        touches += 1
                    distance[w] = further
                    gain[w] = gain[v] + max(0.0, weight[w])
                    ranked[w] = ranked[v] + max(0.0, weight[w]) * favour[w]
                    net[w] = net[v] + (weight[w] if weight[w] < 0 else boost * weight[w])
                    previous[w] = v
                    for k in range(means):
                        used[w, k] = used[v, k] + use[w, k]
                    heapq.heappush(heap, (further, w))
        for place in range(touches):
            v = touched[place]
            score[place] = -np.inf
            if weight[v] > 0 and net[v] > 1e-12:
                score[place] = ranked[v] / (distance[v] + _TINY)
        added = 0
        while added < many:
            best, where = 0.0, -1
            for place in range(touches):
                if score[place] > best and not chosen[touched[place]]:
                    best, where = score[place], place
            if where < 0:
                break
            score[where] = -np.inf
            v = touched[where]
            fits = True
            for k in range(means):
                if spent[k] + used[v, k] > limit[k] + 1e-9:
                    fits = False
            if added > 0:
                w = v
                while w >= 0:
                    if chosen[w]:
                        fits = False
                    w = previous[w]
            if not fits:
                continue
            while v >= 0:
                chosen[v] = True
                for k in range(means):
                    spent[k] += use[v, k]
                v = previous[v]
            added += 1
        for place in range(touches):
            v = touched[place]
            distance[v] = np.inf
            previous[v] = -1
            done[v] = False
        if added == 0:
            return


@compiled
def best_component(
    start: Ints, to: Ints, weight: Floats, chosen: Marks, stack: Ints, label: Ints
) -> None:
    """Keep only the connected part of `chosen` that weighs most."""
    count = weight.shape[0]
    for v in range(count):
        label[v] = -1
    best, best_label, labels = -np.inf, -1, 0
    for seed in range(count):
        if not chosen[seed] or label[seed] >= 0:
            continue
        total, size = 0.0, 1
        stack[0] = seed
        label[seed] = labels
        while size > 0:
            size -= 1
            v = stack[size]
            total += weight[v]
            for place in range(start[v], start[v + 1]):
                w = to[place]
                if chosen[w] and label[w] < 0:
                    label[w] = labels
                    stack[size] = w
                    size += 1
        if total > best:
            best, best_label = total, labels
        labels += 1
    for v in range(count):
        if chosen[v] and label[v] != best_label:
            chosen[v] = False


@compiled
def prune(start: Ints, to: Ints, weight: Floats, price: Floats, use: Floats, chosen: Marks) -> None:
    """Span the chosen set by a shortest tree and drop branches that weigh less than nothing.

    The tree is grown from the heaviest node, lightest next node first (Prim), so that of two ways
    around a ring the dearer is left. Nodes of the set that close a ring fall away if they cost.
    """
    count, means = weight.shape[0], price.shape[0]
    root: Whole = -1
    best = -np.inf
    for v in range(count):
        if chosen[v] and weight[v] > best:
            root, best = v, weight[v]
    if root < 0:
        return
    parent = np.full(count, -1, dtype=np.int64)
    reached = np.zeros(count, dtype=np.bool_)
    order = np.empty(count, dtype=np.int64)
    size = 0
    heap: list[tuple[float, Whole, Whole]] = [(0.0, np.int64(root), np.int64(-1))]
    while len(heap) > 0:
        _, v, before = heapq.heappop(heap)
        if reached[v]:
            continue
        reached[v] = True
        parent[v] = before
        order[size] = v
        size += 1
        for place in range(start[v], start[v + 1]):
            w = to[place]
            if chosen[w] and not reached[w]:
                length = max(0.0, -weight[w])
                for k in range(means):
                    length += price[k] * use[w, k]
                heapq.heappush(heap, (length, w, v))
    branch = np.zeros(count)
    for place in range(size - 1, -1, -1):
        v = order[place]
        branch[v] += weight[v]
        if parent[v] >= 0 and branch[v] > 0.0:
            branch[parent[v]] += branch[v]
    top = root
    for place in range(size):
        if branch[order[place]] > branch[top]:
            top = order[place]
    kept = np.zeros(count, dtype=np.bool_)
    for place in range(size):
        v = order[place]
        if v == top or (parent[v] >= 0 and kept[parent[v]] and branch[v] > 0.0):
            kept[v] = True
    for v in range(count):
        chosen[v] = kept[v]


@compiled
def ruin(
    start: Ints,
    to: Ints,
    removable: Marks,
    chosen: Marks,
    seed: Whole,
    size: Whole,
    queue: Ints,
    seen: Marks,
) -> None:
    """Unmark up to `size` removable nodes of the set, nearest first from `seed` within the set."""
    seen[:] = False
    queue[0] = seed
    seen[seed] = True
    head, tail, removed = 0, 1, 0
    while head < tail and removed < size:
        v = queue[head]
        head += 1
        for place in range(start[v], start[v + 1]):
            w = to[place]
            if chosen[w] and not seen[w]:
                seen[w] = True
                queue[tail] = w
                tail += 1
        if removable[v]:
            chosen[v] = False
            removed += 1


@compiled
def improve(
    start: Ints,
    to: Ints,
    weight: Floats,
    use: Floats,
    limit: Floats,
    price: Floats,
    guide: Floats,
    allowed: Marks,
    best: Marks,
    rounds: Whole,
    seed: Whole,
) -> float:
    """Ruin and recreate `best` for some rounds; returns its weight, with `best` renewed in place.

    `guide` (n,) multiplies gains in the ranking: 1 everywhere, or high where a relaxation would
    choose a node.
    """
    np.random.seed(seed)
    count, means = weight.shape[0], limit.shape[0]
    removable = np.zeros(count, dtype=np.bool_)
    negative = False
    for v in range(count):
        negative = negative or weight[v] < 0
        removable[v] = weight[v] <= 0
        for k in range(means):
            removable[v] = removable[v] or (use[v, k] > 0 and np.isfinite(limit[k]))
    value = 0.0
    for v in range(count):
        if best[v]:
            value += weight[v]
    current, current_value = best.copy(), value
    many = 8 + count // 50 if negative else 1
    queue, label = np.empty(count, dtype=np.int64), np.empty(count, dtype=np.int64)
    seen = np.empty(count, dtype=np.bool_)
    favour, spent = np.ones(count), np.zeros(means)
    bought = np.empty(count, dtype=np.int64)
    trial = current.copy()
    for turn in range(rounds):
        trial[:] = current
        size = 0
        for v in range(count):
            if trial[v] and removable[v]:
                bought[size] = v
                size += 1
        if size > 0:
            share = np.random.random()
            largest = 1 + int(share * share * min(size, 40))
            ruin(start, to, removable, trial, bought[np.random.randint(size)], largest, queue, seen)
            if not trial.any():
                trial[bought[np.random.randint(size)]] = True
            best_component(start, to, weight, trial, queue, label)
        spread = 0.6 * np.random.random()
        for v in range(count):
            favour[v] = guide[v] * (1.0 + spread * (2.0 * np.random.random() - 1.0))
        boost = np.exp(2.5 * np.random.random()) if negative else 1.0
        for k in range(means):
            spent[k] = 0.0
            for v in range(count):
                if trial[v]:
                    spent[k] += use[v, k]
        grow(start, to, weight, use, limit, price, favour, allowed, trial, spent, many, boost)
        if negative:
            prune(start, to, weight, price, use, trial)
        found = 0.0
        for v in range(count):
            if trial[v]:
                found += weight[v]
        slack = 0.01 * abs(value) * (1.0 - turn / rounds) * np.random.random()
        if found > current_value - slack:
            current[:] = trial
            current_value = found
        if found > value + 1e-9:
            value = found
            best[:] = trial
    return value
