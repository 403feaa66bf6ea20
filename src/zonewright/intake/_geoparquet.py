"""What a GeoParquet file says of its geometry."""

from __future__ import annotations

import json

import pyarrow.parquet as pq

from zonewright.core.errors import InputError

# The frame of a GeoParquet file that names none: longitude and latitude (specification 1.1, crs).
_DEFAULT_CRS = "OGC:CRS84"


def geometry_of(file: pq.ParquetFile, name: str) -> tuple[str, object]:
    """Return the column of the geometry and its frame (None: unknown).

    Raises
    ------
    InputError
        If the file has no geometry, or keeps it in another way than as WKB.
    """
    told = (file.schema_arrow.metadata or {}).get(b"geo")
    if told is None:
        raise InputError("parcel-file-flat", path=name, layer=name)
    try:
        notes = json.loads(told)
        column = notes["primary_column"]
        about = notes["columns"][column]
        encoding = about["encoding"]
    except (ValueError, KeyError, TypeError) as error:
        raise InputError("parcel-file-unreadable", path=name, reason=f"geo: {error!r}") from None
    if encoding != "WKB":
        raise InputError("parcel-file-encoding", path=name, found=encoding)
    return column, about.get("crs", _DEFAULT_CRS)
