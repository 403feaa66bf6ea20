"""Blocks of ready land and what blocks them as a GeoPackage, for desktop GIS."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio

from zonewright.core.units import convert
from zonewright.land.frame import EPSG_4490
from zonewright.workflows.books import Books
from zonewright.workflows.land import Land
from zonewright.workflows.land_blockers import Blockers
from zonewright.workflows.land_ground import ground_of

_MU_M2 = float(convert(1, "亩", "m2"))


def write_gpkg(
    path: Path,
    books: Books,
    land: Land,
    blocks: gpd.GeoDataFrame,
    found: Blockers,
    *,
    note: str = "",
) -> None:
    """Write layers ``blocks``, ``near_blocks`` and ``blocking_parcels`` (EPSG:4490) to a new file.

    Parameters
    ----------
    path
        File to be written.
    books
        What the workspace says; `land` and `found` must have been made of it.
    land, found
        What nearly counts, and what would make more land count.
    blocks
        The blocks of `land` as `with_tests` returns them.
    note
        What stands with the layers: that data are synthetic, for instance.
    """
    layers = {
        "blocks": _blocks(blocks, land, with_tests=True),
        "near_blocks": _blocks(land.near, land, with_tests=False),
        "blocking_parcels": _parcels(books, found),
    }
    about = {"DESCRIPTION": note} if note else {}
    for name, layer in layers.items():
        pyogrio.write_dataframe(
            layer,
            path,
            layer=name,
            driver="GPKG",
            append=path.exists(),
            geometry_type="MultiPolygon",
            promote_to_multi=True,
            layer_metadata=about,
        )


def _blocks(blocks: gpd.GeoDataFrame, land: Land, *, with_tests: bool) -> gpd.GeoDataFrame:
    columns = {
        "block_id": blocks.index.astype(str),
        "parcel_count": blocks["parcel_count"].to_numpy(dtype=np.int64),
        "area_m2": blocks["area_m2"].to_numpy(dtype=float),
        "area_mu": blocks["area_m2"].to_numpy(dtype=float) / _MU_M2,
        "parcels": _json(blocks["members"]),
        "rule": land.question.rule,
    }
    if with_tests:
        columns |= {
            "min_width_m": blocks["min_width_m"].to_numpy(dtype=float),
            "passed": _json(blocks["passed"]),
            "failed": _json(blocks["failed"]),
            "measured": blocks["measured"].to_numpy(dtype=bool),
        }
    return gpd.GeoDataFrame(
        pd.DataFrame(columns), geometry=blocks.geometry.to_numpy(), crs=EPSG_4490
    )


def _parcels(books: Books, found: Blockers) -> gpd.GeoDataFrame:
    rows = found.parcels
    shapes = ground_of(books).parcels.geometry.reindex(rows.index)
    best = found.options.reindex(rows["option"].to_numpy())
    days = [
        [None if pd.isna(day) else day.date().isoformat() for day in listed]
        for listed in rows["lacks_since"]
    ]
    columns = {
        "code": rows.index.astype(str),
        "stage": rows["stage"].to_numpy(dtype=object),
        "area_mu": rows["area_m2"].to_numpy(dtype=float) / _MU_M2,
        "lacks": _json(rows["lacks"]),
        "lacks_since": [json.dumps(listed) for listed in days],
        "near_block": rows["near_block"].to_numpy(dtype=object),
        "opened_with": _json(best["parcels"]),
        "gained_mu": rows["gained_m2"].to_numpy(dtype=float) / _MU_M2,
        "gained_mu_per_mu": rows["gained_per_m2"].to_numpy(dtype=float),
        "cost_cny": rows["cost_cny"].to_numpy(dtype=float),
    }
    return gpd.GeoDataFrame(pd.DataFrame(columns), geometry=shapes.to_numpy(), crs=EPSG_4490)


def _json(lists: pd.Series) -> list[str]:
    return [json.dumps(list(items), ensure_ascii=False) for items in lists]
