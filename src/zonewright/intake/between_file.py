"""Files of what lies between parcels (roads, canals, rivers, no-go areas), as shapes with words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError as UnknownFrameError
from pyproj.exceptions import ProjError

from zonewright.core.errors import CRSError, InputError, UnknownReferenceError
from zonewright.core.texts import text_of
from zonewright.intake._pyogrio import layer_names, read_layer
from zonewright.intake.faults import CellError
from zonewright.intake.parcel_file import PARQUET

Shapes = NDArray[np.object_]
# Columns that tell the kind of a feature, and its width [m]; upper and lower case alike.
KIND_COLUMNS = ("kind", "类别", "类型", "fclass", "highway", "waterway", "railway", "type", "class")
WIDTH_COLUMNS = ("width_m", "宽度", "路宽", "width")


@dataclass(frozen=True, slots=True, eq=False)
class BetweenFile:
    """The features of a layer, n of them.

    Parameters
    ----------
    name, layer
        Name of the file, without folders, and of the layer.
    shapes
        Shape (n,): geometries in the frame that was asked for.
    words
        Shape (n,): what each is called by the first column of `KIND_COLUMNS` that the layer has;
        empty where it says nothing.
    widths_m
        Shape (n,): width that it tells [m]; NaN where it tells none.
    columns
        The columns that were used: that of the kind and that of the width; empty if there is none.
    """

    name: str
    layer: str
    shapes: Shapes
    words: tuple[str, ...]
    widths_m: NDArray[np.float64]
    columns: tuple[str, str]


def split_layer(text: str) -> tuple[Path, str | None]:
    """Return file and layer of ``FILE`` or ``FILE:LAYER``.

    Examples
    --------
    >>> split_layer("plan.gpkg:roads")[1], split_layer("plan.gpkg")[1]
    ('roads', None)
    """
    path, colon, layer = text.rpartition(":")
    if not colon or Path(text).exists() or "/" in layer or "\\" in layer:
        return Path(text), None
    return Path(path), layer or None


def read_between(path: Path, crs: CRS, *, layer: str | None = None) -> BetweenFile:
    """Return the lines and areas of a geographic file, brought into a frame.

    Parameters
    ----------
    path
        What GDAL opens, or GeoParquet.
    crs
        Frame of the shapes that are returned.
    layer
        Layer to read; None if the file has one.

    Raises
    ------
    InputError
        If the file cannot be opened, holds no geometry, or has several layers and none was named.
    UnknownReferenceError
        If there is no such layer.
    CRSError
        If the file does not tell its frame.
    """
    if not path.exists():
        raise InputError("parcel-file-missing", path=path.name)
    try:
        read = _parquet(path) if path.suffix.casefold() in PARQUET else _gdal(path, layer)
    except CellError as error:
        reason = text_of(error.code, {"file": path.name, **error.params}, "en")
        raise InputError("parcel-file-unreadable", path=path.name, reason=reason) from None
    name, frame, fields, columns, shapes = read
    if frame is None:
        raise CRSError("between-frame-missing", path=path.name)
    kind, width = _named(fields, KIND_COLUMNS), _named(fields, WIDTH_COLUMNS)
    count = len(shapes)
    words = [""] * count if kind is None else [_word(cell) for cell in columns[kind]]
    widths = [float("nan")] * count if width is None else [_metres(cell) for cell in columns[width]]
    used = ("" if kind is None else fields[kind], "" if width is None else fields[width])
    moved = _moved(shapes, frame, crs, path)
    return BetweenFile(path.name, name, moved, tuple(words), np.array(widths, dtype=float), used)


_Read = tuple[str, CRS | None, Sequence[str], Sequence[Sequence[object]], Shapes]


def _gdal(path: Path, layer: str | None) -> _Read:
    names = layer_names(path)
    if layer is not None and layer not in names:
        raise UnknownReferenceError("parcel-layer-unknown", layer=layer, layers=", ".join(names))
    if layer is None and len(names) != 1:
        raise InputError("between-layer-unnamed", path=path.name, layers=", ".join(names))
    found = read_layer(path, layer or names[0])
    if found.geometries is None:
        raise InputError("parcel-file-flat", path=path.name, layer=found.name)
    shapes = np.asarray(shapely.from_wkb(found.geometries, on_invalid="ignore"), dtype=object)
    return found.name, _frame(found.crs), found.fields, found.columns, shapes


def _parquet(path: Path) -> _Read:
    try:
        found = gpd.read_parquet(path)
    except (ValueError, OSError, pa.ArrowException) as error:
        reason = str(error).replace(str(path), path.name)
        raise InputError("parcel-file-unreadable", path=path.name, reason=reason) from None
    fields = [str(name) for name in found.columns if name != found.geometry.name]
    columns = [found[name].tolist() for name in fields]
    return path.stem, found.crs, fields, columns, np.asarray(found.geometry, dtype=object)


def _frame(text: str | None) -> CRS | None:
    try:
        return None if text is None else CRS.from_user_input(text)
    except UnknownFrameError:
        raise CRSError("parcel-frame-unknown", found=str(text)[:80]) from None


def _named(fields: Sequence[str], wanted: Sequence[str]) -> int | None:
    """Return the position of the first column of some names; None if there is none."""
    known = [name.casefold() for name in fields]
    return next((known.index(name) for name in wanted if name in known), None)


def _word(cell: object) -> str:
    return "" if cell is None or cell != cell else str(cell)


def _metres(cell: object) -> float:
    try:
        found = float(str(cell))
    except ValueError:
        return float("nan")
    return found if 0 < found < float("inf") else float("nan")


def _moved(shapes: Shapes, source: CRS, target: CRS, path: Path) -> Shapes:
    flat: Shapes = shapely.force_2d(shapes)
    if source == target:
        return flat
    try:
        to = Transformer.from_crs(source, target, always_xy=True)
        moved: Shapes = shapely.transform(
            flat,
            lambda points: np.column_stack(to.transform(points[:, 0], points[:, 1], errcheck=True)),
        )
    except ProjError as error:
        raise InputError("parcel-file-unreadable", path=path.name, reason=str(error)) from None
    return moved
