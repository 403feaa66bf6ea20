"""Contiguous blocks of ready land (连片成熟地块): parcels joined along shared edges."""

from __future__ import annotations

from collections.abc import Collection

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from zonewright.core.errors import CRSError, InputError, RangeError
from zonewright.core.schema import require_columns, require_positive
from zonewright.core.units import convert
from zonewright.land.area import geodesic_area_m2
from zonewright.land.contiguity import contiguous_blocks
from zonewright.land.flat import flat_of_shapes
from zonewright.land.frame import EPSG_4490
from zonewright.land.topology import topology_of

READY_STAGES: tuple[str, ...] = ("L5", "L6", "L7")
MU_500_M2 = float(convert(500, "亩", "m2"))
_MU_M2 = float(convert(1, "亩", "m2"))


def ready_blocks(
    parcels: gpd.GeoDataFrame,
    *,
    min_area_m2: float = MU_500_M2,
    min_frontage_m: float = 1.0,
    tolerance_m: float = 0.05,
    stages: Collection[str] = READY_STAGES,
) -> gpd.GeoDataFrame:
    """Join ready parcels that share an edge into blocks of at least a given size.

    Parcels are joined where they run along one another over at least the smallest frontage, never
    by a corner. Edges need not be drawn with the same vertices: an edge counts as shared where two
    boundaries run within the tolerance of one another.

    Parameters
    ----------
    parcels
        Shape (n,), in EPSG:4490, index parcel code: ``stage`` (L0 to L9, the furthest reached),
        ``geometry`` (valid polygons; None is left out) and, if there, ``area_m2`` [m²]. Where the
        area is absent or NaN it is computed from the geometry.
    min_area_m2
        Smallest block to keep [m²]; a block of exactly this size is kept. Default: 500 mu, exactly
        1 000 000/3 m².
    min_frontage_m
        Shortest frontage that joins two parcels [m], above twice the tolerance.
    tolerance_m
        How far apart two drawings of one edge may run [m].
    stages
        Stages at which a parcel is ready. Default: levelled or further, not yet supplied.

    Returns
    -------
    blocks
        Shape (m,), largest first, indexed by ``block_id``, the lowest parcel code inside. Columns
        ``parcel_count`` [-], ``area_m2`` [m²] (the sum of its parcels', on the ellipsoid),
        ``area_mu`` [mu], ``members`` (tuple of parcel codes in order), ``geometry`` (outline).

    Raises
    ------
    SchemaError, CRSError, RangeError, InputError
        If a column is missing, the frame is not EPSG:4490, a size is not above 0, the frontage is
        too short for the tolerance, or a parcel code occurs twice.

    Examples
    --------
    >>> plots = [shapely.box(113 + i / 128, 22, 113 + (i + 1) / 128, 22.0078125) for i in range(3)]
    >>> parcels = gpd.GeoDataFrame(
    ...     {"stage": ["L5", "L7", "L8"]}, geometry=plots, index=["A", "B", "C"], crs="EPSG:4490")
    >>> ready_blocks(parcels)[["parcel_count", "members"]].to_dict("index")
    {'A': {'parcel_count': 2, 'members': ('A', 'B')}}
    """
    _require(parcels, min_area_m2, min_frontage_m, tolerance_m)
    present = ~shapely.is_missing(parcels.geometry.to_numpy())
    ready = parcels[parcels["stage"].isin(tuple(stages)).to_numpy() & present].sort_index()
    codes = ready.index.astype(str).to_numpy(dtype=object)
    flat = flat_of_shapes(ready.geometry.to_numpy())
    found = contiguous_blocks(
        topology_of(flat, EPSG_4490, tolerance_m=tolerance_m),
        min_area_m2=min_area_m2,
        min_frontage_m=min_frontage_m,
        ids=codes,
        area_m2=_areas(ready),
    )
    blocks = gpd.GeoDataFrame(
        {
            "block_id": found.block_id,
            "parcel_count": found.parcel_count.astype(np.int64),
            "area_m2": found.area_m2,
            "area_mu": found.area_m2 / _MU_M2,
            "members": [tuple(codes[found.members(block)]) for block in range(len(found))],
        },
        geometry=found.outline,
        crs=parcels.crs,
    )
    return blocks.set_index("block_id")


def _require(
    parcels: gpd.GeoDataFrame, min_area_m2: float, min_frontage_m: float, tolerance_m: float
) -> None:
    require_columns(parcels, "stage", parcels.geometry.name, of="parcels")
    require_positive(
        min_area_m2=min_area_m2, min_frontage_m=min_frontage_m, tolerance_m=tolerance_m
    )
    if min_frontage_m <= 2 * tolerance_m:
        raise RangeError("blocks-frontage", frontage=min_frontage_m, tolerance=tolerance_m)
    if parcels.crs is None or parcels.crs != EPSG_4490:
        raise CRSError("blocks-crs", found="no CRS" if parcels.crs is None else parcels.crs.name)
    twice = parcels.index[parcels.index.duplicated()]
    if len(twice):
        raise InputError("blocks-code-repeated", parcel=twice[0], count=len(twice))


def _areas(parcels: gpd.GeoDataFrame) -> NDArray[np.float64]:
    if "area_m2" not in parcels:
        return geodesic_area_m2(parcels.geometry)
    area_m2: NDArray[np.float64] = parcels["area_m2"].to_numpy(dtype=float, na_value=np.nan).copy()
    unknown = np.isnan(area_m2)
    area_m2[unknown] = geodesic_area_m2(parcels.geometry.to_numpy()[unknown])
    return area_m2
