"""Ways that soil can take: from pad to pad, from a borrow site, to a dump; length and price."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zonewright.land.grading.problem import GradingProblem
from zonewright.land.grading.terrain import Floats, Ints

_MEAN_IN_SQUARE = 0.5214  # mean distance between two points of a unit square
OUTSIDE = -1


@dataclass(frozen=True, slots=True, eq=False)
class Ways:
    """All ways, w of them.

    Parameters
    ----------
    source, target
        Position of the pad, or -1 outside the block, shape (w,).
    site
        Position of the site, -1 between pads, shape (w,).
    distance_m
        Shape (w,) [m].
    price_cny_m3
        Haul and site, per m³ in place, shape (w,) [CNY/m³].
    """

    source: Ints
    target: Ints
    site: Ints
    distance_m: Floats
    price_cny_m3: Floats

    def __len__(self) -> int:
        return len(self.source)


def ways_of(problem: GradingProblem, middles: Floats, areas_m2: Floats) -> Ways:
    """Return the ways between all pads and the sites that may be used.

    Parameters
    ----------
    problem
        Distances, sites and prices.
    middles
        Middle of each pad's ground, shape (k, 2) [m].
    areas_m2
        Area of each pad's ground, shape (k,) [m²].
    """
    count = len(middles)
    rates = problem.rates
    if problem.distances_m is None:
        apart = np.hypot(*(middles[:, None] - middles[None]).transpose(2, 0, 1))
        np.fill_diagonal(apart, _MEAN_IN_SQUARE * np.sqrt(areas_m2))
        apart = apart * rates.detour
    else:
        apart = problem.distances_m
    pads = np.arange(count)
    columns = [(np.repeat(pads, count), np.tile(pads, count), np.full(count**2, OUTSIDE),
                apart.ravel(), np.zeros(count**2))]  # fmt: skip
    outside = np.full(count, OUTSIDE)
    for place, site in enumerate(problem.sites_used):
        to_site = rates.detour * np.hypot(*(middles - (site.x, site.y)).T)
        ends = (outside, pads) if site.kind == "borrow" else (pads, outside)
        columns.append((*ends, np.full(count, place), to_site, np.full(count, site.price_cny_m3)))
    source, target, at, distance, price = (
        np.concatenate(column) for column in zip(*columns, strict=True)
    )
    haul = rates.haul_cny_m3_km * rates.swell * distance / 1000
    return Ways(source, target, at, distance, price + haul)
