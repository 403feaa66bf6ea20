"""A grid of irregular lots that share corners, with roads between, for the desk's benchmark."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

LOT_M, ROAD_M, ROWS, COLUMNS = 115.0, 16.0, 6, 10
WEST, SOUTH, LON_M, LAT_M = 112.6, 22.2, 103_000.0, 110_760.0


def _corners(side: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return the four corners of each lot, shape (side, side, 4, 2), shared between neighbours."""
    at = np.arange(side + 1) * LOT_M
    x, y = np.meshgrid(at, at)
    shake = rng.uniform(-0.18, 0.18, (2, side + 1, side + 1)) * LOT_M
    x, y = x + shake[0], y + shake[1]
    lots = np.stack(
        [
            np.stack([grid[:-1, :-1], grid[:-1, 1:], grid[1:, 1:], grid[1:, :-1]], axis=-1)
            for grid in (x, y)
        ],
        axis=-1,
    )
    place = np.arange(side)
    lots[..., 0] += (place // COLUMNS * ROAD_M)[None, :, None]
    lots[..., 1] += (place // ROWS * ROAD_M)[:, None, None]
    return np.round(lots, 3) / (LON_M, LAT_M) + (WEST, SOUTH)
