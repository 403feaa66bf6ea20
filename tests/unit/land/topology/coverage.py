"""Small coverages for the tests of dirty drawings: lots with roads between them, noded."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from zonewright.land.flat import flat_of_shapes
from zonewright.land.scale import Scale
from zonewright.land.topology.exact import match_edges, shared_edges
from zonewright.land.topology.near_survey import survey

PLANE = CRS.from_proj4("+proj=tmerc +lat_0=0 +lon_0=114 +k=1 +x_0=500000 +ellps=GRS80 +units=m")
LOT_M, ROAD_M, EVERY = 60.0, 12.0, 5

Shapes = NDArray[np.object_]


def coverage(rows: int, columns: int, rng: np.random.Generator) -> Shapes:
    """Return irregular lots of about 60 m that share corners, and roads after every fifth."""
    shake = rng.uniform(-0.2, 0.2, (rows + 1, columns + 1, 2)) * LOT_M
    east = np.arange(columns) * LOT_M + np.arange(columns) // EVERY * ROAD_M
    north = np.arange(rows) * LOT_M + np.arange(rows) // EVERY * ROAD_M
    lots = np.empty((rows, columns, 4, 2))
    for corner, (up, right) in enumerate([(0, 0), (0, 1), (1, 1), (1, 0)]):
        own = shake[up : rows + up, right : columns + right]
        lots[:, :, corner, 0] = (east + right * LOT_M)[None, :] + own[..., 0] + 500_000
        lots[:, :, corner, 1] = (north + up * LOT_M)[:, None] + own[..., 1] + 2_500_000
    shapes: Shapes = shapely.polygons(np.round(lots, 3).reshape(-1, 4, 2))
    return shapes


def jittered(shapes: Shapes, rng: np.random.Generator, *, share: float, by_m: float) -> Shapes:
    """Return the lots with some of them drawn apart, up to a distance in x and in y."""
    drawn = shapes.copy()
    for row in np.flatnonzero(rng.random(len(shapes)) < share):
        offset = rng.uniform(-by_m, by_m, 2)
        drawn[row] = shapely.transform(shapes[row], lambda points, by=offset: points + by)
    return drawn


def with_corners(shapes: Shapes, rng: np.random.Generator, *, share: float) -> Shapes:
    """Return the lots, some of them with corners on their edges that their neighbours lack."""
    drawn = shapes.copy()
    some = rng.random(len(shapes)) < share
    drawn[some] = shapely.segmentize(shapes[some], LOT_M * 0.4)
    return drawn


def groups_of(shapes: Shapes, ready: NDArray[np.bool_]) -> set[tuple[int, ...]]:
    """Return the groups of ready lots with at least 1 m of frontage, by their positions."""
    rows = np.flatnonzero(ready)
    flat = flat_of_shapes(shapes[rows])
    scale, edges = Scale.of(flat, PLANE), match_edges(flat)
    exact = shared_edges(flat, edges, scale)
    found = survey(flat, scale, edges)
    first, second, length_m = (
        np.concatenate(pair)
        for pair in zip(exact, (found.first, found.second, found.frontage_m), strict=True)
    )
    size = (len(rows), len(rows))
    total = coo_array((length_m, (first, second)), shape=size).tocsr()
    total.data[total.data < 1.0] = 0
    total.eliminate_zeros()
    _, label = connected_components(total, directed=False)
    order = np.argsort(label, kind="stable")
    ends = np.flatnonzero(np.diff(label[order])) + 1
    return {tuple(rows[group].tolist()) for group in np.split(order, ends)}
