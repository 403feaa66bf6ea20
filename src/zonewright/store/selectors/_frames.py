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

from zonewright.store.fields import SRID
from zonewright.store.selectors.state import token

CRS = f"EPSG:{SRID}"
# Later than any record: what `as_of` None means.
_ALWAYS = datetime(9999, 1, 1, tzinfo=UTC)


Params = Sequence[Any] | Mapping[str, Any]


def query(sql: str, params: Params = ()) -> list[tuple[Any, ...]]:
    """Return the rows of a query."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


def day(on: date) -> object:
    """Return a day as the database compares it."""
    return connection.ops.adapt_datefield_value(on)


def moment(as_of: datetime | None) -> object:
    """Return a time as the database compares it; a time without a zone is UTC."""
    when = as_of or _ALWAYS
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return connection.ops.adapt_datetimefield_value(when)


def frame(
    sql: str, columns: Sequence[str], params: Params = (), *, dates: Sequence[str] = ()
) -> pd.DataFrame:
    """Return the rows of a query as a frame; date columns become ``datetime64[ns]``."""
    found = pd.DataFrame.from_records(query(sql, params), columns=list(columns))
    for name in dates:
        found[name] = pd.to_datetime(found[name], errors="raise").astype("datetime64[ns]")
    return found


def as_number(found: pd.DataFrame, *names: str) -> pd.DataFrame:
    """Return the frame with columns as floats; NULL is NaN."""
    return found.assign(**{name: found[name].astype("float64") for name in names})


def geometry_sql(column: str) -> str:
    """Return the SQL that reads a geometry column as WKB."""
    return f"ST_AsBinary({column})" if connection.vendor == "postgresql" else column


def geometries(values: pd.Series[Any] | Sequence[bytes | None]) -> NDArray[np.object_]:
    """Return WKB values as shapely geometries, in one call; None stays None."""
    wkb = np.array([None if value is None else bytes(value) for value in values], dtype=object)
    return np.asarray(shapely.from_wkb(wkb), dtype=object)


def geo_frame(found: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return a frame whose column ``geometry`` is WKB as a geographic frame (EPSG:4490)."""
    shapes = gpd.GeoSeries(geometries(found["geometry"].tolist()), index=found.index, crs=CRS)
    return gpd.GeoDataFrame(found.drop(columns="geometry"), geometry=shapes)


def with_point(found: pd.DataFrame, table: str, ids: str) -> pd.DataFrame:
    """Return the frame with ``lon`` and ``lat`` of the records that column `ids` names."""
    points = _points(table, token(table))
    return found.assign(lon=found[ids].map(points["lon"]), lat=found[ids].map(points["lat"]))


@lru_cache(maxsize=8)
def _points(table: str, _token: str) -> pd.DataFrame:
    """Return a point inside each geometry of a table, by primary key.

    On an area it is `shapely.point_on_surface`, on a line the middle.
    """
    rows = query(
        f"SELECT id, {geometry_sql('geometry')} FROM {table}"  # noqa: S608
        " WHERE geometry IS NOT NULL"
    )
    shapes = geometries([row[1] for row in rows])
    lines = np.isin(shapely.get_type_id(shapes), (shapely.GeometryType.LINESTRING,))
    inside = shapely.point_on_surface(shapes)
    inside[lines] = shapely.line_interpolate_point(shapes[lines], 0.5, normalized=True)
    return pd.DataFrame(
        {"lon": shapely.get_x(inside), "lat": shapely.get_y(inside)},
        index=[row[0] for row in rows],
        dtype="float64",
    )
