"""Parcels of a start-up area for the unlock benchmark: lots in blocks, roads, ready patches, costs.

Everything is in metres. ``few`` keeps the ready patches whole; ``fragmented`` takes the ready mark
from 60 % of the ready parcels at random, which leaves many small groups far apart.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

LOT_M, ROWS, COLUMNS = 115.0, 6, 12
TOLERANCE_M = 12.5
MEAN_COST_CNY_M2 = 450.0


@dataclass(frozen=True, slots=True)
class Ground:
    """Parcels, which of them are ready, what each costs, and which pairs lie together."""

    parcels: NDArray[np.object_]
    ready: NDArray[np.bool_]
    cost_cny: NDArray[np.float64]
    first: NDArray[np.int64]
    second: NDArray[np.int64]

    @property
    def area_m2(self) -> NDArray[np.float64]:
        """Return the area of each parcel [m²]."""
        return np.asarray(shapely.area(self.parcels))

    @property
    def mean_cost_cny(self) -> float:
        """Return what a parcel that is not ready costs on average [CNY]."""
        return float(self.cost_cny[~self.ready].mean())


def ground(count: int, *, fragmented: bool, seed: int) -> Ground:
    """Draw `count` parcels, 45 % of them ready (18 % if fragmented), at lognormal costs."""
    rng = np.random.default_rng(seed)
    side = int(np.ceil(np.sqrt(count)))
    parcels = _lots(side, rng).reshape(-1)[:count]
    ready = _patches(side, rng).reshape(-1)[:count]
    if fragmented:
        ready = ready & (rng.random(count) >= 0.6)
    rate = MEAN_COST_CNY_M2 * rng.lognormal(-0.18, 0.6, count)
    cost_cny = np.where(ready, 0.0, rate * shapely.area(parcels))
    first, second = _adjacent(parcels)
    return Ground(parcels, ready, np.round(cost_cny, 2), first, second)


def _lots(side: int, rng: np.random.Generator) -> NDArray[np.object_]:
    """Draw a square of lots with shaken corners; a road of 6 to 16 m after every few of them."""
    at = np.arange(side + 1) * LOT_M
    x, y = np.meshgrid(at, at)
    shake = rng.uniform(-0.2, 0.2, (2, side + 1, side + 1)) * LOT_M
    x, y = x + shake[0], y + shake[1]
    lots = np.stack(
        [
            np.stack([grid[:-1, :-1], grid[:-1, 1:], grid[1:, 1:], grid[1:, :-1]], axis=-1)
            for grid in (x, y)
        ],
        axis=-1,
    )
    lots[..., 0] += _roads(side, COLUMNS, rng)[None, :, None]
    lots[..., 1] += _roads(side, ROWS, rng)[:, None, None]
    drawn: NDArray[np.object_] = shapely.polygons(np.round(lots, 3))
    return drawn


def _roads(side: int, every: int, rng: np.random.Generator) -> NDArray[np.float64]:
    widths = np.where(np.arange(side) % every == 0, rng.uniform(6.0, 16.0, side), 0.0)
    widths[0] = 0.0
    return np.cumsum(widths)


def _patches(side: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Mark where three wavy fields, each with noise of its own, are all above their limits."""
    ready = np.ones((side, side), dtype=bool)
    for _ in range(3):
        field = gaussian_filter(rng.normal(size=(side, side)), 4.0)
        field += rng.normal(scale=field.std() / 5, size=field.shape)
        ready &= field > np.quantile(field, 0.235)
    return ready


def _adjacent(parcels: NDArray[np.object_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return pairs that share an edge, or face one another across a narrow road."""
    tree = shapely.STRtree(parcels)
    first, second = tree.query(parcels, predicate="dwithin", distance=TOLERANCE_M)
    once = first < second
    first, second = first[once], second[once]
    near = shapely.intersection(shapely.buffer(parcels[first], TOLERANCE_M), parcels[second])
    facing = shapely.area(near) >= TOLERANCE_M * LOT_M / 5
    return first[facing], second[facing]
