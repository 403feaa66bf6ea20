"""Geographic files through pyogrio: names, fields, values and geometries of each layer."""

from __future__ import annotations

import struct
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pyogrio import list_layers, read_info, set_gdal_config_options
from pyogrio.errors import DataLayerError, DataSourceError
from pyogrio.raw import read

from zonewright.intake.faults import CellError
from zonewright.intake.grids import Cell

# A user's folder is read, never written to: no ".aux.xml" beside the file.
set_gdal_config_options({"GDAL_PAM_ENABLED": "NO"})

_PARTS = (".dbf", ".shx")
_CPG_NAMES = {"gbk": "GB18030", "gb2312": "GB18030", "936": "GB18030", "cp936": "GB18030"}


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer: its columns as plain values, its geometries as WKB, what it says of itself."""

    name: str
    crs: str | None
    fields: Sequence[str]
    columns: Sequence[Sequence[Cell]]
    numbers: Sequence[int]
    geometries: NDArray[np.object_] | None
    notes: Sequence[str]
    truncated: bool
    remarks: Sequence[str] = ()


def layer_names(path: Path) -> list[str]:
    """Return the names of a file's layers.

    Raises
    ------
    CellError
        If it cannot be opened.
    """
    if path.suffix.casefold() == ".shp":
        missing = [part for part in _PARTS if _beside(path, part) is None]
        if missing:
            raise CellError("intake-shapefile-incomplete", missing="、".join(missing))
    try:
        return [str(name) for name, _ in list_layers(path)]
    except DataSourceError as error:
        raise CellError("intake-file-unreadable", reason=_reason(error, path)) from None


def read_layer(path: Path, name: str) -> Layer:
    """Read a layer.

    Raises
    ------
    CellError
        If it is damaged or its text has no known encoding.
    """
    encoding = encoding_of(path)
    try:
        with warnings.catch_warnings(record=True) as remarks:
            warnings.simplefilter("always")
            info = read_info(path, layer=name, encoding=encoding)
            meta, ids, geometries, values = read(
                path, layer=name, return_fids=True, encoding=encoding, datetime_as_string=True
            )
    except (DataSourceError, DataLayerError, UnicodeDecodeError, ValueError) as error:
        raise CellError("intake-file-unreadable", reason=_reason(error, path)) from None
    notes = [
        text
        for found in (info.get("layer_metadata"), info.get("dataset_metadata"))
        for text in (found or {}).values()
        if isinstance(text, str)
    ]
    kinds = list(meta["ogr_types"])
    return Layer(
        name=name,
        crs=meta["crs"],
        fields=[str(field) for field in meta["fields"]],
        columns=[_plain(column, kind) for column, kind in zip(values, kinds, strict=True)],
        numbers=[int(number) for number in ids],
        geometries=geometries,
        notes=notes,
        truncated=path.suffix.casefold() == ".shp",
        remarks=list(dict.fromkeys(str(remark.message) for remark in remarks)),
    )


def _plain(column: NDArray[np.generic], kind: str) -> list[Cell]:
    if kind == "OFTDate":
        return [_day(cell) for cell in column.tolist()]
    return [
        None if cell is None or cell != cell or cell == "" else cell for cell in column.tolist()
    ]


def _day(cell: object) -> Cell:
    if isinstance(cell, (date, datetime)):
        return cell
    return str(cell)[:10].replace("/", "-") if cell is not None and str(cell) != "NaT" else None


def _beside(path: Path, suffix: str) -> Path | None:
    """Return the file of a Shapefile with a suffix, in upper or lower case."""
    return next(
        (
            candidate
            for candidate in (path.with_suffix(suffix), path.with_suffix(suffix.upper()))
            if candidate.exists()
        ),
        None,
    )


def encoding_of(path: Path) -> str | None:
    """Return the encoding of a Shapefile's texts: its .cpg, else UTF-8 if they are, else GBK."""
    if path.suffix.casefold() != ".shp":
        return None
    page = _beside(path, ".cpg")
    if page is not None:
        name = page.read_text(encoding="ascii", errors="ignore").strip()
        return _CPG_NAMES.get(name.casefold(), name) or None
    table = _beside(path, ".dbf")
    content = table.read_bytes() if table else b""
    texts = content[32:] if len(content) > 32 else b""
    size = struct.unpack("<H", content[8:10])[0] if len(content) > 10 else 0
    for encoding in ("utf-8", "gb18030"):
        try:
            _names(content, size).decode(encoding)
            texts[size - 32 :].decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    return "GB18030"


def _names(content: bytes, size: int) -> bytes:
    """Return the field names of a dBase header."""
    return b" ".join(
        content[start : start + 11].split(b"\0")[0] for start in range(32, max(size - 1, 32), 32)
    )


def _reason(error: Exception, path: Path) -> str:
    """Return a message without the folder, which is nobody's concern."""
    return str(error).replace(str(path), path.name).replace(str(path.parent), "")
