"""A synthetic ground of parcels for the benchmarks: lots in blocks, with roads between them."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from zonewright.land.area import geodesic_area_m2

LOT_M, ROAD_M, ROWS, COLUMNS = 115.0, 16.0, 6, 10
WEST, SOUTH, LON_M, LAT_M = 112.6, 22.2, 103_000.0, 110_760.0


def ground(count: int, *, seed: int) -> gpd.GeoDataFrame:
    """Draw about `count` parcels: irregular lots that share corners, some of them merged.

    Roads run after every six rows and ten columns; a twentieth of the lots are merged with their
    eastern neighbour, so that other lots meet a longer edge in its middle (with a vertex there).
    Some 45 % of the land, in correlated patches, is ready (L5); the rest is not.
    """
    rng = np.random.default_rng(seed)
    side = int(np.ceil(np.sqrt(count / 0.95)))
    corners = _corners(side, rng)
    merged = _merged(side, rng)
    shapes = [_lot(corners, row, column, merged) for row, column in _firsts(side, merged)]
    patches = gaussian_filter(rng.normal(size=(side, side)), 2.5)
    noise = rng.normal(scale=patches.std() / 2, size=patches.shape)
    limit = np.quantile(patches + noise, 0.55)
    ready = [(patches + noise)[row, column] > limit for row, column in _firsts(side, merged)]
    frame = gpd.GeoDataFrame(
        {"stage": np.where(ready, "L5", "L3")},
        geometry=shapely.polygons(shapes),
        index=[f"P{number:07}" for number in range(len(shapes))],
        crs="EPSG:4490",
    )
    return frame.assign(area_m2=geodesic_area_m2(frame.geometry))


def soiled(parcels: gpd.GeoDataFrame, *, seed: int, share: float = 0.02) -> gpd.GeoDataFrame:
    """Return the ground with some parcels drawn a little apart, some with vertices of their own."""
    rng = np.random.default_rng(seed)
    shapes = parcels.geometry.to_numpy().copy()
    shaken, split = rng.random((2, len(shapes))) < share
    for place in np.flatnonzero(shaken):
        offset = rng.uniform(-0.03, 0.03, 2) / (LON_M, LAT_M)
        shapes[place] = shapely.transform(shapes[place], lambda points, by=offset: points + by)
    shapes[split] = shapely.segmentize(shapes[split], LOT_M * 0.4 / LON_M)
    return parcels.set_geometry(shapes, crs=parcels.crs)


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


def _merged(side: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Return which lots take in their eastern neighbour: not across a road, not two in a row."""
    merged = rng.random((side, side)) < 0.055
    merged[:, -1] = False
    merged[:, COLUMNS - 1 :: COLUMNS] = False
    merged[:, 1:] &= ~merged[:, :-1]
    return merged


def _firsts(side: int, merged: NDArray[np.bool_]) -> list[tuple[int, int]]:
    taken = np.zeros_like(merged)
    taken[:, 1:] = merged[:, :-1]
    return [
        (row, column) for row in range(side) for column in range(side) if not taken[row, column]
    ]


def _lot(
    corners: NDArray[np.float64], row: int, column: int, merged: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return a ring of six corners; a single lot repeats its eastern ones."""
    own = corners[row, column]
    if not merged[row, column]:
        return own[[0, 1, 1, 2, 2, 3]]
    east = corners[row, column + 1]
    return np.stack([own[0], own[1], east[1], east[2], own[2], own[3]])
