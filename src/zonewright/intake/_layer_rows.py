"""The rows of a layer that GDAL opens, batch by batch; a large GeoPackage in two halves at once.

Of a large GeoPackage without anything unusual the pages are read without GDAL.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyogrio.errors import DataLayerError, DataSourceError
from pyogrio.raw import open_arrow

from zonewright.core.compiled import at_once, both_at_once
from zonewright.core.errors import InputError
from zonewright.intake._geopackage import rows_in_pages
from zonewright.land.flat import Flat, flat_of_wkb, join_flats

# What GDAL raises where it cannot read a layer.
UNREADABLE = (DataSourceError, DataLayerError, ValueError, OSError)
_ROWS_AT_ONCE = 65_536
# A layer of fewer rows is not worth a second thread.
_FEW = 50_000


@dataclass(frozen=True, slots=True)
class LayerRows:
    """Rows of a layer.

    Parameters
    ----------
    flat
        The polygons of n rows.
    numbers
        Shape (n,): their feature ids.
    names
        Shape (n,): values of the first column asked for; None if none was.
    """

    flat: Flat
    numbers: NDArray[np.int64]
    names: pa.ChunkedArray | None


def rows_of_layer(
    path: Path,
    info: dict[str, Any],
    *,
    layer: str,
    columns: Sequence[str],
    where: str | None,
    encoding: str | None,
    named: bool,
) -> LayerRows:
    """Return the rows of a layer that meet a condition.

    Parameters
    ----------
    path, layer, encoding
        The file, the layer, and the encoding of its texts if the file does not tell it.
    info
        What `pyogrio.read_info` says of the layer.
    columns
        Columns that are read.
    where
        Condition in SQL; None means all rows.
    named
        Whether the first column names the rows.
    """

    def read(condition: str | None, *, shapes: bool = True) -> _Batches:
        return _read(path, layer, columns, condition, encoding, named=named, shapes=shapes)

    halves, middle = _halves(info, where)
    if halves:
        found, others = both_at_once(
            lambda: rows_in_pages(path, info, layer=layer, where=where),
            lambda: read(where, shapes=False) if named else None,
        )
        if found and (others is None or np.array_equal(found[1], others.numbers())):
            return LayerRows(*found, others and pa.chunked_array(others.names))
        try:
            lower, upper = at_once([lambda: read(halves[0]), lambda: read(halves[1])])
        except UNREADABLE:
            # Whatever is wrong shall be told of the condition as it was given.
            return read(where).joined()
        # A condition that is none by itself can mean something else within parentheses.
        if (lower.numbers() <= middle).all() and (upper.numbers() > middle).all():
            return _Batches(
                lower.flats + upper.flats, lower.rows + upper.rows, lower.names + upper.names
            ).joined()
    return read(where).joined()


@dataclass(frozen=True, slots=True)
class _Batches:
    flats: list[Flat]
    rows: list[pa.Array]
    names: list[pa.Array]

    def numbers(self) -> NDArray[np.int64]:
        return np.asarray(pa.chunked_array(self.rows, pa.int64()).to_numpy())

    def joined(self) -> LayerRows:
        names = pa.chunked_array(self.names) if self.names else None
        return LayerRows(join_flats(self.flats), self.numbers(), names)


def _halves(info: dict[str, Any], where: str | None) -> tuple[list[str], int]:
    """Return two conditions that divide the rows by their number, and the last of the first."""
    number, count = info["fid_column"], info["features"]
    if info["driver"] != "GPKG" or not number or count < _FEW:
        return [], 0
    column, middle = '"' + number.replace('"', '""') + '"', count // 2
    # The line break ends a comment at the end of the condition.
    given = f"({where}\n) AND " if where is not None else ""
    return [f"{given}{column} <= {middle}", f"{given}{column} > {middle}"], middle


def _read(
    path: Path,
    layer: str,
    columns: Sequence[str],
    where: str | None,
    encoding: str | None,
    *,
    named: bool,
    shapes: bool,
) -> _Batches:
    found = _Batches([], [], [])
    with open_arrow(
        path,
        layer=layer,
        columns=list(columns),
        where=where,
        return_fids=True,
        read_geometry=shapes,
        encoding=encoding,
        batch_size=_ROWS_AT_ONCE,
        use_pyarrow=True,
    ) as (meta, reader):
        geometry = meta["geometry_name"] or "wkb_geometry"
        number = meta["fid_column"] or "OGC_FID"
        for batch in reader:
            if shapes:
                if geometry not in batch.schema.names:
                    raise InputError("parcel-file-flat", path=path.name, layer=layer)
                found.flats.append(flat_of_wkb(batch.column(geometry)))
            found.rows.append(batch.column(number))
            if named:
                found.names.append(batch.column(columns[0]))
    return found
