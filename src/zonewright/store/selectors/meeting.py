"""Which rows of a located table meet a shape, as SQL inside a larger query, on both databases."""

from __future__ import annotations

import sqlite3
from functools import lru_cache

import shapely
from django.db import connection, models
from django.db.models.expressions import RawSQL

from zonewright.store.fields import SRID, to_wkb
from zonewright.store.models.base import Located

_FUNCTION = "zonewright_meets"


def meeting(model: type[Located], shape: shapely.Geometry) -> RawSQL:
    """Return the primary keys of the rows whose geometry meets a shape.

    Parameters
    ----------
    model
        A located model.
    shape
        EPSG:4490, x = longitude.

    Returns
    -------
    keys
        For a condition ``pk__in``.
    """
    table = model._meta.db_table
    wkb = to_wkb(shape)
    west, south, east, north = shape.bounds
    if connection.vendor == "postgresql":
        return RawSQL(  # noqa: S611  (the table's name is a model's)
            f"SELECT id FROM {table} WHERE ST_Intersects(geometry, ST_GeomFromWKB(%s, {SRID}))",  # noqa: S608
            (wkb,),
            output_field=models.BigIntegerField(),
        )
    _know_function()
    # The index rounds outwards, so it finds too many, never too few. In a box that lies wholly
    # inside a rectangle the shape must meet it: only those on the edge are read.
    inside = "0"
    if shape.equals(shapely.box(west, south, east, north)):
        inside = "(t.west >= %s AND t.east <= %s AND t.south >= %s AND t.north <= %s)"
    sql = f"""SELECT t.id FROM {table} t WHERE t.id IN (
          SELECT id FROM {table}_rtree
           WHERE west <= %s AND east >= %s AND south <= %s AND north >= %s
          UNION ALL SELECT id FROM {table} WHERE west IS NULL AND geometry IS NOT NULL)
        AND ({inside} OR {_FUNCTION}(t.geometry, %s))"""  # noqa: S608
    edges = (west, east, south, north) if inside != "0" else ()
    params = (east, west, north, south, *edges, wkb)
    return RawSQL(sql, params, output_field=models.BigIntegerField())  # noqa: S611


def _know_function() -> None:
    """Teach the connection the function, once."""
    connection.ensure_connection()
    driver = connection.connection
    if getattr(connection, "_zonewright_meets", None) is driver:
        return
    if isinstance(driver, sqlite3.Connection):
        driver.create_function(_FUNCTION, 2, _meets, deterministic=True)
    connection._zonewright_meets = driver  # type: ignore[attr-defined]


def _meets(wkb: bytes | None, other: bytes) -> bool:
    if wkb is None:
        return False
    try:
        return bool(shapely.intersects(_prepared(bytes(other)), shapely.from_wkb(bytes(wkb))))
    except shapely.errors.ShapelyError:
        return False  # another program wrote what is no geometry


@lru_cache(maxsize=32)
def _prepared(wkb: bytes) -> shapely.Geometry:
    shape = shapely.from_wkb(wkb)
    shapely.prepare(shape)
    return shape
