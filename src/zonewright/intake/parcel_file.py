"""Any file of parcels as flat polygons: read in bulk, without an object for each."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray
from pyogrio import list_layers, read_info
from pyogrio.errors import DataLayerError, DataSourceError
from pyogrio.raw import open_arrow
from pyproj import CRS
from pyproj.exceptions import CRSError as UnknownFrameError

from zonewright.core.errors import CRSError, InputError, SchemaError, UnknownReferenceError
from zonewright.intake._geoparquet import geometry_of
from zonewright.intake._pyogrio import encoding_of
from zonewright.land.flat import Flat, flat_of_wkb, join_flats

PARQUET = frozenset({".parquet", ".geoparquet", ".pq"})
_ROWS_AT_ONCE = 65_536
_SHOWN = 40


@dataclass(frozen=True, slots=True)
class ParcelFile:
    """The parcels of a layer that were asked for.

    Parameters
    ----------
    name, layer
        Name of the file, without folders, and of the layer.
    crs
        Frame of the coordinates.
    flat
        The polygons of n rows.
    numbers
        Shape (n,): number of each row in the layer: its feature id, or in Parquet its position
        from 0.
    ids
        Shape (n,): what names each parcel: the values of the id column, else `numbers`.
    """

    name: str
    layer: str
    crs: CRS
    flat: Flat
    numbers: NDArray[np.int64]
    ids: NDArray[np.int64] | NDArray[np.object_]


def read_parcels(
    path: Path,
    *,
    layer: str | None = None,
    where: str | None = None,
    id_column: str | None = None,
    crs: str | None = None,
) -> ParcelFile:
    """Return the parcels of a geographic file: what GDAL opens, or GeoParquet.

    Parameters
    ----------
    path
        The file.
    layer
        Layer to read; None if the file has one.
    where
        Condition in SQL that a row must meet, in the dialect of the file: SQLite's for a
        GeoPackage and for Parquet, else OGR's. None means all rows.
    id_column
        Column whose values name the parcels; None takes the number of the row.
    crs
        Frame of the coordinates, as pyproj knows it (``EPSG:4547``); None takes the file's own.

    Raises
    ------
    InputError
        If the file cannot be opened, or has several layers and none was named.
    UnknownReferenceError
        If there is no such layer.
    SchemaError
        If there is no such column, or the condition cannot be evaluated.
    CRSError
        If the file does not tell its frame and none is given, or it is unknown.
    """
    if not path.exists():
        raise InputError("parcel-file-missing", path=path.name)
    if path.suffix.casefold() in PARQUET:
        return _read_parquet(path, where=where, id_column=id_column, crs=crs)
    layer = _layer(path, layer)
    encoding = encoding_of(path)
    info = read_info(path, layer=layer, encoding=encoding)
    fields = [str(name) for name in info["fields"]]
    if id_column is not None:
        _require_column(id_column, fields)
    frame = _frame(crs or info["crs"], path)
    wanted = [] if id_column is None else [id_column]
    if where is not None and info["driver"] != "GPKG":
        # Other drivers see in a condition only the columns that are read.
        text = where.casefold()
        wanted += [name for name in fields if name.casefold() in text and name not in wanted]
    flats: list[Flat] = []
    numbers, names = [], []
    try:
        with open_arrow(
            path,
            layer=layer,
            columns=wanted,
            where=where,
            return_fids=True,
            encoding=encoding,
            batch_size=_ROWS_AT_ONCE,
            use_pyarrow=True,
        ) as (meta, reader):
            geometry = meta["geometry_name"] or "wkb_geometry"
            number = meta["fid_column"] or "OGC_FID"
            for batch in reader:
                if geometry not in batch.schema.names:
                    raise InputError("parcel-file-flat", path=path.name, layer=layer)
                flats.append(flat_of_wkb(batch.column(geometry)))
                numbers.append(batch.column(number))
                if id_column is not None:
                    names.append(batch.column(id_column))
    except (DataSourceError, DataLayerError, ValueError, OSError) as error:
        if isinstance(error, InputError):
            raise
        _refuse(error, path, where, fields)
    rows = pa.chunked_array(numbers, pa.int64()).to_numpy()
    ids = rows if id_column is None else _ids(pa.chunked_array(names)) if names else rows
    return ParcelFile(path.name, layer, frame, join_flats(flats), rows, ids)


def _layer(path: Path, layer: str | None) -> str:
    try:
        found = list_layers(path)
    except DataSourceError as error:
        raise InputError(
            "parcel-file-unreadable", path=path.name, reason=_plain(error, path)
        ) from None
    names = [str(name) for name, _ in found]
    if layer is not None:
        if layer not in names:
            raise UnknownReferenceError("parcel-layer-unknown", layer=layer, layers=_list(names))
        return layer
    drawn = [str(name) for name, kind in found if kind is not None]
    if len(drawn) == 1:
        return drawn[0]
    if not drawn:
        raise InputError("parcel-file-flat", path=path.name, layer=_list(names))
    raise InputError("parcel-layer-unnamed", path=path.name, layers=_list(drawn))


def _read_parquet(
    path: Path, *, where: str | None, id_column: str | None, crs: str | None
) -> ParcelFile:
    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        raise InputError(
            "parcel-file-unreadable", path=path.name, reason=_plain(error, path)
        ) from None
    column, own_crs = geometry_of(file, path.name)
    frame = _frame(crs or own_crs, path)
    fields = [name for name in file.schema_arrow.names if name != column]
    if id_column is not None:
        _require_column(id_column, fields)
    chosen = None if where is None else _chosen(file, where, fields, path)
    flats: list[Flat] = []
    names, numbers = [], []
    first = 0
    wanted = [column] if id_column is None else [column, id_column]
    for batch in file.iter_batches(_ROWS_AT_ONCE, columns=wanted):
        rows = np.arange(first, first + batch.num_rows)
        first += batch.num_rows
        if chosen is not None:
            batch, rows = batch.filter(pa.array(chosen[rows])), rows[chosen[rows]]
        flats.append(flat_of_wkb(batch.column(column)))
        numbers.append(rows)
        if id_column is not None:
            names.append(batch.column(id_column))
    found = np.concatenate([np.empty(0, dtype=np.int64), *numbers])
    ids = found if id_column is None or not names else _ids(pa.chunked_array(names))
    return ParcelFile(path.name, path.stem, frame, join_flats(flats), found, ids)


def _chosen(
    file: pq.ParquetFile, where: str, fields: Sequence[str], path: Path
) -> NDArray[np.bool_]:
    """Return which rows meet a condition: SQLite evaluates it on the columns that it names."""
    text = where.casefold()
    named = [name for name in fields if name.casefold() in text]
    found = np.zeros(file.metadata.num_rows, dtype=np.bool_)
    with closing(sqlite3.connect(":memory:")) as database:
        quoted = ", ".join('"' + name.replace('"', '""') + '"' for name in ["", *named])
        try:
            database.execute(f"CREATE TABLE parcels ({quoted})")
            marks = ", ".join("?" * (len(named) + 1))
            first = 0
            for batch in file.iter_batches(_ROWS_AT_ONCE, columns=named):
                columns = [_cells(batch.column(name)) for name in named]
                rows = range(first, first + batch.num_rows)
                first += batch.num_rows
                database.executemany(
                    f"INSERT INTO parcels VALUES ({marks})",  # noqa: S608
                    zip(rows, *columns, strict=True),
                )
            # The condition is its user's own, on a table in memory that holds their own rows.
            hits = database.execute(f'SELECT "" FROM parcels WHERE ({where})')  # noqa: S608
            found[[row for (row,) in hits]] = True
        except sqlite3.Error as error:
            _refuse(error, path, where, fields)
    return found


def _cells(column: pa.Array) -> list[object]:
    """Return values that SQLite keeps; days and times as text."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_temporal(column.type) or pa.types.is_decimal(column.type):
        column = column.cast(pa.string())
    plain: list[object] = column.to_pylist()
    return plain


def _ids(values: pa.ChunkedArray) -> NDArray[np.int64] | NDArray[np.object_]:
    """Return the ids as whole numbers if they are, else as text; a missing one as an empty text."""
    if pa.types.is_integer(values.type) and not values.null_count:
        return np.asarray(values.cast(pa.int64()).to_numpy())
    texts = pc.fill_null(values.cast(pa.string()), "")
    return np.asarray(texts.to_numpy(), dtype=object)


def _frame(given: object, path: Path) -> CRS:
    if given is None:
        raise CRSError("parcel-frame-missing", path=path.name)
    try:
        return CRS.from_json_dict(given) if isinstance(given, dict) else CRS.from_user_input(given)
    except UnknownFrameError:
        raise CRSError("parcel-frame-unknown", found=str(given)[:80]) from None


def _require_column(name: str, fields: Sequence[str]) -> None:
    if name not in fields:
        raise SchemaError("parcel-column-unknown", column=name, columns=_list(fields))


def _refuse(error: Exception, path: Path, where: str | None, fields: Sequence[str]) -> NoReturn:
    """Raise what is wrong with a condition, or else with the file."""
    reason = _plain(error, path)
    if where is None:
        raise InputError("parcel-file-unreadable", path=path.name, reason=reason) from None
    raise SchemaError(
        "parcel-condition-bad", condition=where, reason=reason, columns=_list(fields)
    ) from None


def _list(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_SHOWN])
    return f"{shown} …" if len(names) > _SHOWN else shown


def _plain(error: Exception, path: Path) -> str:
    """Return a message without the folder, which is nobody's concern."""
    return str(error).replace(str(path), path.name).replace(str(path.parent), "")
