"""What the ledgers say of land beyond its stage: ownership, connections, no-go areas, quota."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from zonewright.land.area import geodesic_area_m2
from zonewright.land.readiness import connection_states
from zonewright.store.models import Parcel, QuotaEntry
from zonewright.store.selectors import bulk

# An overlap narrower than this is a boundary drawn twice, not land in a no-go area [m].
SLIVER_M = 0.1
_ALWAYS = datetime(9999, 1, 1, tzinfo=UTC)
_POLYGONAL = (3, 6)
# A degree of latitude, nearly [m].
_DEGREE_M = 111_000.0
_QUOTA = (
    "record", "code", "entry", "zone", "category", "area_m2", "project", "on", "document",
    "expires_on",
)  # fmt: skip


def ownership(parcels: gpd.GeoDataFrame, as_of: datetime | None = None) -> pd.DataFrame:
    """Return what the land ledger says of each parcel's ownership, farmland and connections.

    Parameters
    ----------
    parcels
        Shape (n,), index parcel code, as `store.selectors.parcels` gives them.
    as_of
        Time at which the workspace is seen; None means now.

    Returns
    -------
    fields
        Index as `parcels`: ``acquired_pct`` [%], ``basic_farmland`` (True, False or None), and the
        state 0 to 5 of each service that any parcel names; NaN where nothing is known.
    """
    rows = Parcel.objects.filter(recorded_at__lte=as_of or _ALWAYS)
    names = ("code", "acquired_pct", "basic_farmland", "services")
    found = pd.DataFrame.from_records(list(rows.values_list(*names)), columns=list(names))
    found = found.set_index("code").reindex(parcels.index)
    services = found.pop("services")
    said = services[services.map(bool) & services.notna()]
    fields = found.assign(acquired_pct=found["acquired_pct"].astype("float64"))
    return fields.join(connection_states(said)) if len(said) else fields


def no_go_m2(parcels: gpd.GeoDataFrame) -> NDArray[np.float64]:
    """Return how much of each parcel lies in no-go areas, shape (n,) [m²].

    Where no-go areas overlap, the land counts for each of them. What is narrower than `SLIVER_M` is
    a boundary drawn twice, and counts as nothing.
    """
    drawn = bulk.layer_rows("no_go")
    areas = shapely.from_wkb(drawn["geometry"].tolist())
    areas = areas[np.isin(shapely.get_type_id(areas), _POLYGONAL)]
    lost = np.zeros(len(parcels))
    shapes = parcels.geometry.to_numpy()
    if not len(areas) or not len(shapes):
        return lost
    areas = np.where(shapely.is_valid(areas), areas, shapely.make_valid(areas))
    usable = np.flatnonzero(shapely.is_valid(shapes) & ~shapely.is_missing(shapes))
    area, place = shapely.STRtree(shapes[usable]).query(areas, predicate="intersects")
    common = shapely.intersection(areas[area], shapes[usable[place]])
    parts, owner = shapely.get_parts(common, return_index=True)
    flat = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    parts, owner = parts[flat], owner[flat]
    wide = _width_m(parts) >= SLIVER_M
    np.add.at(lost, usable[place[owner[wide]]], geodesic_area_m2(parts[wide]))
    return lost


def _width_m(polygons: NDArray[np.object_]) -> NDArray[np.float64]:
    """Return twice the area by the perimeter of polygons in degrees: near their mean width [m]."""
    squeeze = np.cos(np.radians(shapely.get_y(shapely.centroid(polygons))))
    per_point = np.repeat(squeeze, shapely.get_num_coordinates(polygons))
    metric = shapely.transform(
        polygons, lambda points: points * np.column_stack([per_point, np.ones_like(per_point)])
    )
    wide: NDArray[np.float64] = 2 * shapely.area(metric) / shapely.length(metric) * _DEGREE_M
    return wide


def quota_entries(as_of: datetime | None = None) -> pd.DataFrame:
    """Return the ledger of land quota.

    Returns
    -------
    entries
        By day and code: ``record``, ``code``, ``entry``, ``zone`` (code), ``category``, ``area_m2``
        [m²], ``project``, ``on``, ``document``, ``expires_on`` (NaT where none is given).
    """
    rows = QuotaEntry.objects.filter(recorded_at__lte=as_of or _ALWAYS).order_by("on", "code")
    names = (
        "pk", "code", "entry", "zone__code", "category", "area_m2", "project", "on", "document",
        "expires_on",
    )  # fmt: skip
    found = pd.DataFrame.from_records(_named(rows.values_list(*names)), columns=list(_QUOTA))
    found["area_m2"] = found["area_m2"].astype("float64")
    for name in ("on", "expires_on"):
        found[name] = pd.to_datetime(found[name]).astype("datetime64[ns]")
    return found


def _named(rows: Iterable[tuple[object, ...]]) -> list[tuple[object, ...]]:
    return [(f"quota_entry:{row[0]}", *row[1:]) for row in rows]
