"""A geometry column for both databases, without GeoDjango and SpatiaLite.

A value is WKB (``bytes``) in EPSG:4490, x = longitude, y = latitude. On SQLite the column is a
BLOB; on PostgreSQL it is ``geometry(Geometry,4490)``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import shapely
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from zonewright.core.errors import GeometryError

if TYPE_CHECKING:
    _Field = models.Field[Any, Any]
else:
    _Field = models.Field

SRID = 4490
BOX = ("west", "south", "east", "north")


def to_wkb(value: object) -> bytes | None:
    """Return a geometry given as WKB or as a shapely object as two-dimensional WKB.

    Raises
    ------
    GeometryError
        If it is neither, or the bytes are no WKB.
    """
    if value is None or isinstance(value, bytes):
        return value
    if isinstance(value, bytearray | memoryview):
        return bytes(value)
    if isinstance(value, shapely.Geometry):
        return bytes(shapely.to_wkb(shapely.force_2d(value), flavor="iso", byte_order=1))
    raise GeometryError("geometry-value", found=type(value).__name__)


def box_of(wkb: bytes | None) -> tuple[float | None, ...]:
    """Return west, south, east and north of a geometry [degrees]; None where there is none.

    Raises
    ------
    GeometryError
        If the bytes are no WKB.
    """
    if wkb is None:
        return (None,) * 4
    try:
        geometry = shapely.from_wkb(wkb)
    except shapely.errors.ShapelyError as error:
        raise GeometryError("geometry-value", found="bytes") from error
    return (None,) * 4 if geometry.is_empty else geometry.bounds


class GeometryField(_Field):
    """Geometry as WKB bytes; saving it sets the bounding box of a `Located` record."""

    description = "Geometry (EPSG:4490)"

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        """Return the column's type."""
        return f"geometry(Geometry,{SRID})" if connection.vendor == "postgresql" else "BLOB"

    def to_python(self, value: object) -> bytes | None:
        """Return WKB."""
        return to_wkb(value)

    def pre_save(self, model_instance: models.Model, add: bool) -> bytes | None:
        """Return the WKB to be written, and set the record's bounding box from it."""
        wkb = to_wkb(getattr(model_instance, self.attname))
        setattr(model_instance, self.attname, wkb)
        if all(hasattr(model_instance, name) for name in BOX):
            for name, value in zip(BOX, box_of(wkb), strict=True):
                setattr(model_instance, name, value)
        return wkb

    def get_db_prep_value(
        self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False
    ) -> object:
        """Return what the database's driver takes."""
        wkb = to_wkb(value)
        if wkb is None or connection.vendor != "postgresql":
            return wkb
        return str(shapely.to_wkb(shapely.set_srid(shapely.from_wkb(wkb), SRID), hex=True,
                                  include_srid=True))  # fmt: skip

    def get_placeholder(self, value: object, compiler: Any, connection: BaseDatabaseWrapper) -> str:
        """Return the placeholder: PostGIS reads hexadecimal EWKB."""
        return "%s::geometry" if connection.vendor == "postgresql" else "%s"

    def select_format(self, compiler: Any, sql: str, params: Any) -> tuple[str, Any]:
        """Return the SQL that reads the column as WKB."""
        if compiler.connection.vendor == "postgresql":
            return f"ST_AsBinary({sql})", params
        return sql, params

    def from_db_value(self, value: Any, expression: object, connection: object) -> bytes | None:
        """Return WKB."""
        return None if value is None else bytes(value)

    def get_internal_type(self) -> str:
        """Return a name that no back end converts."""
        return "GeometryField"

    def formfield(self, **kwargs: Any) -> None:
        """Return None: a geometry is not edited in a form."""
        return
