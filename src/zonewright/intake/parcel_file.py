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
from pyogrio.errors import DataSourceError
from pyproj import CRS
from pyproj.exceptions import CRSError as UnknownFrameError

from zonewright.core.errors import CRSError, InputError, SchemaError, UnknownReferenceError
from zonewright.intake import _geopackage
from zonewright.intake._geoparquet import geometry_of
from zonewright.intake._layer_rows import UNREADABLE, rows_of_layer
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
    try:
        rows = rows_of_layer(
            path, info, layer=layer, columns=wanted, where=where, encoding=encoding,
            named=id_column is not None,
        )  # fmt: skip
    except InputError:
        raise
    except UNREADABLE as error:
        _refuse(error, path, where, fields)
    ids = rows.numbers if rows.names is None else _ids(rows.names)
    return ParcelFile(path.name, layer, frame, rows.flat, rows.numbers, ids)


def load_reader() -> None:
    """Load the compiled code that reads large files."""
    _geopackage.load()


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
    """Return which rows meet a condition: SQLite evaluates it on the columns that it names.

    Each combination of values is judged once, however many rows have it.
    """
    text = where.casefold()
    named = [name for name in fields if name.casefold() in text]
    with closing(sqlite3.connect(":memory:")) as database:
        quoted = ", ".join('"' + name.replace('"', '""') + '"' for name in ["", *named])
        try:
            combinations, of_row = _combinations(file.read(columns=named))
            database.execute(f"CREATE TABLE parcels ({quoted})")
            marks = ", ".join("?" * (len(named) + 1))
            database.executemany(
                f"INSERT INTO parcels VALUES ({marks})",  # noqa: S608
                ((place, *values) for place, values in enumerate(combinations)),
            )
            # The condition is its user's own, on a table in memory that holds their own rows.
            hits = database.execute(f'SELECT "" FROM parcels WHERE ({where})')  # noqa: S608
            found = np.zeros(len(combinations), dtype=np.bool_)
            found[[place for (place,) in hits]] = True
        except (sqlite3.Error, pa.ArrowException) as error:
            _refuse(error, path, where, fields)
    return np.asarray(found[of_row])


def _combinations(table: pa.Table) -> tuple[list[tuple[object, ...]], NDArray[np.int64]]:
    """Return the combinations of values that occur in a table's rows, and which each row has."""
    of_row = np.zeros(table.num_rows, dtype=np.int64)
    found: list[tuple[object, ...]] = [()] if table.num_rows else []
    for column in table.columns:
        coded = pc.dictionary_encode(_kept(column), null_encoding="encode").combine_chunks()
        if isinstance(coded, pa.ChunkedArray):
            coded = coded.chunk(0)
        values = coded.dictionary.to_pylist()
        both = of_row * len(values) + coded.indices.to_numpy(zero_copy_only=False)
        # Sorting is for where most combinations cannot occur.
        if len(found) * len(values) <= len(both):
            occur = np.bincount(both, minlength=len(found) * len(values)) > 0
            pairs, of_row = np.flatnonzero(occur), (np.cumsum(occur) - 1)[both]
        else:
            pairs, of_row = np.unique(both, return_inverse=True)
        before, after = np.divmod(pairs, max(len(values), 1))
        found = [
            (*found[i], values[j]) for i, j in zip(before.tolist(), after.tolist(), strict=True)
        ]
    return found, of_row


def _kept(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return values that SQLite keeps; days and times as text."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_temporal(column.type) or pa.types.is_decimal(column.type):
        column = column.cast(pa.string())
    return column


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
