"""The order in which to buy: what is given up last if money runs short comes first."""

from __future__ import annotations

import numpy as np

from zonewright.land.unlock._loss import kept_without
from zonewright.land.unlock.case import Case, Limits, Step
from zonewright.land.unlock.graph import Floats, Ints, Marks, graph_of_pairs, merge_groups


def buying_order(case: Case, limits: Limits, bought: Marks) -> tuple[Step, ...]:
    """Return the bought parcels so that what loses least for its money comes last.

    From the whole plan the parcel goes whose loss is smallest for its cost, then the next; bought
    in the reverse order, money that runs short buys nearly the most. With ``blocks`` the area in
    blocks that count ranks the parcels.

    Parameters
    ----------
    case, limits
        What was asked.
    bought
        Shape (n,): which parcels are bought.
    """
    largest = limits.target == "largest"
    graph, parcels = graph_of_pairs(len(case), case.first, case.second).part(case.ready | bought)
    graph, number = merge_groups(graph, case.ready[parcels])
    count = len(graph)
    weight = np.bincount(number, case.area_m2[parcels], minlength=count).astype(float)
    places: Ints = np.full(count, -1, dtype=np.int64)
    own_parcels = bought[parcels] & ~case.ready[parcels]
    places[number[own_parcels]] = parcels[own_parcels]
    cost: Floats = np.where(places >= 0, np.maximum(case.cost_cny[places], 1e-9), np.inf)
    left, inside = places >= 0, np.ones(count, dtype=bool)
    block = np.zeros(count, dtype=np.int64)
    own, kept = np.zeros(count), np.zeros(count)
    threshold = 0.0 if largest else limits.threshold_m2

    def walk(seeds: Ints) -> None:
        kept_without(
            graph.start, graph.to, weight, inside, seeds, threshold, largest, block, own, kept
        )

    walk(np.arange(count))
    steps: list[Step] = []
    while left.any():
        loss = own - kept
        if largest:
            loss = _loss_of_largest(own, kept, block, inside)
        ratio = np.where(left, loss / cost, np.inf)
        last = int(np.argmin(ratio))
        left[last] = inside[last] = False
        at = int(places[last])
        gained = max(float(loss[last]), 0.0)
        steps.append(
            Step(str(case.codes[at]), float(case.cost_cny[at]), float(case.quota_mu[at]), gained)
        )
        walk(graph.to[graph.start[last] : graph.start[last + 1]])
    return tuple(reversed(steps))


def _loss_of_largest(own: Floats, kept: Floats, block: Ints, inside: Marks) -> Floats:
    """Return how much smaller the largest block is without each node, shape (n,)."""
    present = np.where(inside, own, 0.0)
    first = int(np.argmax(present))
    now = float(present[first])
    others = np.where(block == block[first], 0.0, present)
    second = float(others.max(initial=0.0))
    without = np.maximum(np.where(block == block[first], second, now), kept)
    return np.asarray(now - without)
