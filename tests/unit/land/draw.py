"""Draw parcels as letters: shared by the tests of land."""

from __future__ import annotations

import geopandas as gpd
from shapely import box

# About 200 m at Jiangmen's latitude; a power of two, so that neighbours share corners bit by bit.
SIDE = 2.0**-9
WEST, SOUTH = 113.0, 22.5


def draw(*rows: str, west: float = WEST, area_m2: float | None = None) -> gpd.GeoDataFrame:
    """Draw one square parcel a letter, the first row in the north.

    ``R`` is ready (L5), ``N`` ready and clean (L7), ``S`` supplied (L8), any other letter acquired
    (L3); a blank is no parcel. Codes tell row and column.
    """
    cells = [
        (r, c, mark)
        for r, row in enumerate(rows)
        for c, mark in enumerate(row)
        if not mark.isspace()
    ]
    stage = [{"R": "L5", "N": "L7", "S": "L8"}.get(mark, "L3") for *_, mark in cells]
    squares = [
        box(west + SIDE * c, SOUTH - SIDE * r, west + SIDE * (c + 1), SOUTH - SIDE * (r - 1))
        for r, c, _ in cells
    ]
    frame = gpd.GeoDataFrame(
        {"stage": stage},
        geometry=squares,
        index=[f"P{r:02}{c:02}" for r, c, _ in cells],
        crs="EPSG:4490",
    )
    return frame if area_m2 is None else frame.assign(area_m2=area_m2)
