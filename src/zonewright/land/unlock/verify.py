"""A second opinion on a plan, from the geometry alone.

Nothing here is shared with the model: blocks are found anew by joining shapes, sums are made anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from zonewright.core.findings import Finding

Shapes = NDArray[np.object_]
_WORDS = {"counted_m2": "area", "cost_cny": "cost", "quota_mu": "quota"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a plan comes to when it is drawn.

    Parameters
    ----------
    areas_m2
        Area of each block of ready and bought parcels that holds a bought one or counts, largest
        first [m²].
    counted_m2
        Area in blocks that reach the threshold [m²].
    cost_cny, quota_mu
        What the bought parcels cost [CNY] and take of the quota [mu].
    faults
        What does not hold, with codes ``unlock-fault-…``; empty if all does.
    """

    areas_m2: tuple[float, ...]
    counted_m2: float
    cost_cny: float
    quota_mu: float
    faults: tuple[Finding, ...]


def verify(
    parcels: Shapes,
    *,
    ready: NDArray[np.bool_],
    bought: NDArray[np.bool_],
    area_m2: NDArray[np.float64],
    cost_cny: NDArray[np.float64],
    quota_mu: NDArray[np.float64],
    budget_cny: float,
    budget_mu: float,
    threshold_m2: float,
    gap_m: float,
    min_frontage_m: float,
    claimed: Mapping[str, float],
) -> Verdict:
    """Recompute blocks, areas, cost and quota of a plan from the shapes of its parcels.

    Parameters
    ----------
    parcels
        Shape (n,): polygons in a frame in metres.
    ready, bought
        Shape (n,): which parcels are ready, and which the plan acquires and levels.
    area_m2, cost_cny, quota_mu
        Shape (n,): area [m²], cost [CNY] and quota [mu] of each parcel.
    budget_cny, budget_mu
        What may be spent [CNY] and used [mu]; infinite where there is no limit.
    threshold_m2
        Area at which a block counts [m²].
    gap_m
        How far apart two parcels may lie and still be one block [m], above 0.
    min_frontage_m
        How long they must face one another [m]: what of one parcel lies within the gap of the other
        must be as large as a strip of this length and as wide as the gap.
    claimed
        What the plan says of itself: any of ``counted_m2``, ``cost_cny``, ``quota_mu``.

    Returns
    -------
    verdict
        The figures anew, and every claim and limit that does not hold.

    Examples
    --------
    >>> row = np.array([shapely.box(100 * i, 0, 100 * i + 100, 100) for i in range(3)])
    >>> verdict = verify(
    ...     row, ready=np.array([True, False, True]), bought=np.array([False, True, False]),
    ...     area_m2=np.full(3, 1e4), cost_cny=np.array([0.0, 5.0, 0.0]), quota_mu=np.zeros(3),
    ...     budget_cny=5.0, budget_mu=np.inf, threshold_m2=3e4, gap_m=0.05, min_frontage_m=1.0,
    ...     claimed={"counted_m2": 3e4})
    >>> verdict.areas_m2, verdict.faults
    ((30000.0,), ())
    """
    inside = np.flatnonzero(ready | bought)
    group = _groups(parcels[inside], gap_m, min_frontage_m)
    areas = np.bincount(group, area_m2[inside]) if len(inside) else np.empty(0)
    touched = np.zeros(len(areas), dtype=bool)
    touched[group[bought[inside]]] = True
    counts = areas >= threshold_m2 - 1e-6
    shown = np.sort(areas[touched | counts])[::-1]
    found = {
        "counted_m2": float(areas[counts].sum()),
        "cost_cny": float(cost_cny[bought].sum()),
        "quota_mu": float(quota_mu[bought].sum()),
    }
    faults = [
        fault(f"unlock-fault-{_WORDS[name]}", claimed=claimed[name], found=value)
        for name, value in found.items()
        if name in claimed and abs(claimed[name] - value) > 1e-6 * max(1.0, abs(value))
    ]
    if (ready & bought).any():
        faults.append(fault("unlock-fault-ready", count=int((ready & bought).sum())))
    for name, limit in (("cost_cny", budget_cny), ("quota_mu", budget_mu)):
        if found[name] > limit * (1 + 1e-9) + 1e-6:
            code = f"unlock-fault-{_WORDS[name]}-limit"
            faults.append(fault(code, found=found[name], limit=limit))
    return Verdict(tuple(shown.tolist()), faults=tuple(faults), **found)


def fault(code: str, **params: float) -> Finding:
    """Return what does not hold of a plan, its numbers to six figures."""
    rounded = {name: float(f"{value:.6g}") for name, value in params.items()}
    return Finding(code, params=rounded)


def _groups(shapes: Shapes, gap_m: float, min_frontage_m: float) -> NDArray[np.int64]:
    """Join shapes that face one another across at most a gap, by merging sets."""
    parent = list(range(len(shapes)))

    def top(place: int) -> int:
        while parent[place] != place:
            parent[place] = parent[parent[place]]
            place = parent[place]
        return place

    tree = shapely.STRtree(shapes)
    one, other = tree.query(shapes, predicate="dwithin", distance=gap_m)
    for a, b in zip(one[one < other].tolist(), other[one < other].tolist(), strict=True):
        if top(a) == top(b):
            continue
        near = shapely.intersection(shapely.buffer(shapes[a], gap_m), shapes[b])
        if shapely.area(near) >= gap_m * min_frontage_m:
            parent[top(a)] = top(b)
    tops = np.array([top(place) for place in range(len(shapes))], dtype=np.int64)
    return np.unique(tops, return_inverse=True)[1].astype(np.int64)
