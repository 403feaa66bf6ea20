"""The features of a map layer inside a box, found through the spatial index."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import numpy as np
from django.db import connection
from numpy.typing import NDArray

from zonewright.core.errors import UnknownReferenceError
from zonewright.store.selectors._frames import (
    as_number,
    day,
    frame,
    geo_frame,
    geometry_sql,
    with_area,
)

Box = tuple[float, float, float, float]

# A parcel has few events: `|| ''` keeps SQLite from the index of all that share a stage.
_LATEST_STAGE = """
    coalesce((SELECT max(e.stage) FROM store_parcelevent e
               WHERE e.parcel_id = t.id AND e."on" <= %(on)s
                 AND NOT EXISTS (SELECT 1 FROM store_parcelevent n
                                  WHERE n.parcel_id = e.parcel_id AND n.stage || '' = e.stage
                                    AND (n.recorded_at, n.id) > (e.recorded_at, e.id))), '')"""
_LAYERS: dict[str, tuple[str, tuple[str, ...], str, str]] = {
    # layer: table, columns, their SQL, FROM … and condition
    "zones": (
        "store_zoneversion",
        ("code", "name", "name_en", "kind", "area_m2"),
        "z.code, z.name, z.name_en, z.kind, t.area_m2",
        "JOIN store_zone z ON z.id = t.zone_id AND t.valid_from <= %(on)s"
        " AND (t.valid_to IS NULL OR t.valid_to > %(on)s)",
    ),
    "parcels": (
        "store_parcel",
        ("code", "use", "area_m2", "stage"),
        f"t.code, t.use, t.area_m2, {_LATEST_STAGE}",
        "",
    ),
    "works": (
        "store_work",
        ("code", "name", "kind", "status"),
        "t.code, t.name, t.kind, t.status",
        "",
    ),
    "no_go": (
        "store_nogo",
        ("code", "name", "kind", "area_m2"),
        "t.code, t.name, t.kind, t.area_m2",
        "",
    ),
}
LAYERS = tuple(_LAYERS)


def features(layer: str, bbox: Box | None = None, *, on: date | None = None) -> gpd.GeoDataFrame:
    """Return the features of a layer whose bounding box meets a box.

    Parameters
    ----------
    layer
        ``zones``, ``parcels``, ``works`` or ``no_go``.
    bbox
        West, south, east, north [degrees]; None means everywhere.
    on
        Day of boundaries and stages; None means the latest.

    Returns
    -------
    features
        Index: code. ``geometry`` (EPSG:4490) and: zones ``name``, ``name_en``, ``kind``,
        ``area_m2``; parcels ``use``, ``area_m2``, ``stage``; works ``name``, ``kind``, ``status``;
        no_go ``name``, ``kind``, ``area_m2`` [m²].

    Raises
    ------
    UnknownReferenceError
        If there is no such layer.
    """
    if layer not in _LAYERS:
        raise UnknownReferenceError("layer-unknown", name=layer, known=", ".join(_LAYERS))
    table, names, columns, joined = _LAYERS[layer]
    params: dict[str, object] = {"on": day(on or date.max)}
    if bbox is not None:
        params |= dict(zip(("west", "south", "east", "north"), map(float, bbox), strict=True))
    found = frame(
        f"SELECT {columns}, {geometry_sql('t.geometry')} FROM {table} t {joined}"  # noqa: S608
        f" WHERE t.geometry IS NOT NULL {_inside(table) if bbox is not None else ''}",
        (*names, "geometry"),
        params,
    )
    if "area_m2" in names:
        drawn = with_area(geo_frame(as_number(found, "area_m2").set_index("code").sort_index()))
    else:
        drawn = geo_frame(found.set_index("code").sort_index())
    return drawn if bbox is None else drawn[_meets(drawn, bbox)]


def _meets(drawn: gpd.GeoDataFrame, bbox: Box) -> NDArray[np.bool_]:
    """Return which bounding boxes meet a box: an index rounds to 32 bits, this does not."""
    west, south, east, north = map(float, bbox)
    low_x, low_y, high_x, high_y = drawn.geometry.bounds.to_numpy().T
    return np.asarray((low_x <= east) & (high_x >= west) & (low_y <= north) & (high_y >= south))


def _inside(table: str) -> str:
    if connection.vendor == "postgresql":
        box = "ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4490)"
        return f" AND t.geometry && {box}"
    # What another program wrote without a box stands in no R-tree; a partial index finds it.
    return (
        f" AND t.id IN (SELECT id FROM {table}_rtree WHERE west <= %(east)s"  # noqa: S608
        " AND east >= %(west)s AND south <= %(north)s AND north >= %(south)s"
        f" UNION ALL SELECT id FROM {table} WHERE west IS NULL)"
    )
