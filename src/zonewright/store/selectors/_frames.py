"""From SQL to frames in bulk, and the points of parcels and works."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from django.db import connection
from numpy.typing import NDArray

from zonewright.core.errors import GeometryError
from zonewright.land.area import geodesic_area_m2
from zonewright.store.fields import SRID
from zonewright.store.selectors.state import token
from zonewright.store.spatial import MEASURED

CRS = f"EPSG:{SRID}"
# Later than any record: what `as_of` None means.
ALWAYS = datetime(9999, 1, 1, tzinfo=UTC)
# What datetime64[ns] can hold: 9999-12-31, which many write for "still", becomes its last day.
_FIRST_DAY, _LAST_DAY = pd.Timestamp.min.ceil("D"), pd.Timestamp.max.floor("D")
_POLYGONAL = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)

Params = Sequence[Any] | Mapping[str, Any]


def query(sql: str, params: Params = ()) -> list[tuple[Any, ...]]:
    """Return the rows of a query."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


def day(on: date) -> object:
    """Return a day as the database compares it."""
    return connection.ops.adapt_datefield_value(on)


def utc(when: datetime) -> datetime:
    """Return a time with its zone; a time without one is UTC."""
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def moment(as_of: datetime | None) -> object:
    """Return a time as the database compares it; None is later than any record."""
    return connection.ops.adapt_datetimefield_value(utc(as_of or ALWAYS))


def frame(
    sql: str, columns: Sequence[str], params: Params = (), *, dates: Sequence[str] = ()
) -> pd.DataFrame:
    """Return the rows of a query as a frame; date columns become ``datetime64[ns]``.

    Days are selected as ``date(…)``: SQLite keeps dates as text, and one with a time of day beside
    it would come back as NULL.
    """
    found = pd.DataFrame.from_records(query(sql, params), columns=list(columns))
    for name in dates:
        days = pd.to_datetime(found[name], errors="raise").astype("datetime64[us]")
        days = days.mask(days > _LAST_DAY, _LAST_DAY).mask(days < _FIRST_DAY, _FIRST_DAY)
        found[name] = days.astype("datetime64[ns]")
    return found


def as_number(found: pd.DataFrame, *names: str) -> pd.DataFrame:
    """Return the frame with columns as floats; NULL is NaN."""
    return found.assign(**{name: found[name].astype("float64") for name in names})


def geometry_sql(column: str) -> str:
    """Return the SQL that reads a geometry column as WKB."""
    return f"ST_AsBinary({column})" if connection.vendor == "postgresql" else column


def geometries(values: pd.Series[Any] | Sequence[bytes | None]) -> NDArray[np.object_]:
    """Return WKB values as shapely geometries, in one call; None stays None.

    Raises
    ------
    GeometryError
        If a value is no WKB: another program wrote it.
    """
    wkb = np.array([None if value is None else bytes(value) for value in values], dtype=object)
    try:
        return np.asarray(shapely.from_wkb(wkb), dtype=object)
    except shapely.errors.ShapelyError as error:
        raise GeometryError("geometry-value", found="bytes") from error


def geo_frame(found: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return a frame whose column ``geometry`` is WKB as a geographic frame (EPSG:4490)."""
    shapes = gpd.GeoSeries(geometries(found["geometry"].tolist()), index=found.index, crs=CRS)
    return gpd.GeoDataFrame(found.drop(columns="geometry"), geometry=shapes)


def with_place(found: pd.DataFrame, table: str, ids: str) -> pd.DataFrame:
    """Return the frame with ``lon`` and ``lat`` of the records that column `ids` names.

    If it has ``area_m2`` and ``_ledger_m2``, an area that the table lacks is taken from the map,
    and one that the map lacks from the ledger.
    """
    places = _places(table, token(table))
    found = found.assign(lon=found[ids].map(places["lon"]), lat=found[ids].map(places["lat"]))
    if "_ledger_m2" not in found:
        return found
    drawn = found["area_m2"].fillna(found[ids].map(places["area_m2"]))
    return found.assign(area_m2=drawn.fillna(found["_ledger_m2"])).drop(columns="_ledger_m2")


def with_area(found: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the frame with each ``area_m2`` that is NaN measured on its polygon."""
    unknown = found["area_m2"].isna().to_numpy()
    area_m2 = found["area_m2"].to_numpy(dtype=float, copy=True)
    area_m2[unknown] = drawn_m2(found.geometry.to_numpy()[unknown])
    return found.assign(area_m2=area_m2)


@lru_cache(maxsize=8)
def _places(table: str, _token: str) -> pd.DataFrame:
    """Return a point inside each geometry of a table, and its area, by primary key.

    On an area the point is `shapely.point_on_surface`, on a line the middle. The area is NaN where
    the table has it, or the geometry has none.
    """
    has_area = table in MEASURED
    rows = query(
        f"SELECT id, {geometry_sql('geometry')}, {'area_m2' if has_area else '0'}"  # noqa: S608
        f" FROM {table} WHERE geometry IS NOT NULL"
    )
    shapes = geometries([row[1] for row in rows])
    inside = point_inside(shapes)
    unknown = np.array([row[2] is None for row in rows], dtype=bool)
    area_m2 = np.full(len(rows), np.nan)
    area_m2[unknown] = drawn_m2(shapes[unknown])
    return pd.DataFrame(
        {"lon": shapely.get_x(inside), "lat": shapely.get_y(inside), "area_m2": area_m2},
        index=[row[0] for row in rows],
        dtype="float64",
    )


def point_inside(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return a point inside each geometry; of a line its middle, of None None."""
    lines = np.isin(shapely.get_type_id(shapes), (shapely.GeometryType.LINESTRING,))
    inside = np.asarray(shapely.point_on_surface(shapes), dtype=object)
    inside[lines] = shapely.line_interpolate_point(shapes[lines], 0.5, normalized=True)
    return inside


def drawn_m2(shapes: NDArray[np.object_]) -> NDArray[np.float64]:
    """Return geodesic areas [m²]; NaN for what is no polygon."""
    area_m2 = np.full(len(shapes), np.nan)
    drawn = np.isin(shapely.get_type_id(shapes), _POLYGONAL)
    area_m2[drawn] = geodesic_area_m2(shapes[drawn])
    return area_m2
