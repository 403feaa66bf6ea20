"""Read any geographic file as layers for reference: geometries with a name and plain values."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import shapely
from numpy.typing import NDArray

from zonewright.core.findings import Finding, Severity
from zonewright.intake._pyogrio import Layer, layer_names, read_layer
from zonewright.intake.archives import DAMAGED, unpack
from zonewright.intake.coordinates import to_target
from zonewright.intake.faults import CellError
from zonewright.intake.grids import Cell
from zonewright.intake.problems import Problems, Spot
from zonewright.intake.shapes import check_shapes

MAX_FIELDS = 40
MAX_TEXT = 500
_SUFFIXES = (".gpkg", ".geojson", ".json", ".shp")
_OWN = "zonewright_"
_NAMES = ("name", "名称", "title", "标题", "mc", "label", "code", "编号")
_MARKS: Mapping[bytes, str] = {b"SQLite format 3\x00": ".gpkg", b"PK\x03\x04": ".zip"}


@dataclass(frozen=True, slots=True)
class ReferenceFeature:
    """A feature: its geometry as WKB (EPSG:4490), what it is called, its values."""

    geometry: bytes
    name: str
    properties: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class ReferenceRead:
    """What a file holds: features by the name of their layer, and what was found."""

    layers: Mapping[str, tuple[ReferenceFeature, ...]]
    findings: tuple[Finding, ...]


@dataclass(slots=True)
class _Reading:
    problems: Problems
    layers: dict[str, tuple[ReferenceFeature, ...]] = field(default_factory=dict)


def suffix_of(content: bytes) -> str:
    """Return what a file is by its first bytes: .gpkg, .zip or .geojson; empty if none of them.

    Examples
    --------
    >>> suffix_of(b'{"type": "FeatureCollection"}')
    '.geojson'
    """
    for mark, suffix in _MARKS.items():
        if content.startswith(mark):
            return suffix
    start = content[:64].removeprefix(b"\xef\xbb\xbf").lstrip()
    return ".geojson" if start.startswith(b"{") else ""


def read_reference(content: bytes, name: str) -> ReferenceRead:
    """Return the layers of a GeoPackage, GeoJSON or zipped Shapefile.

    A feature at fault is left out and named in the findings; the others are kept.

    Parameters
    ----------
    content
        The file; what it is follows from its bytes.
    name
        Its name, for places.
    """
    problems = Problems(name)
    reading = _Reading(problems)
    suffix = suffix_of(content)
    if not suffix:
        problems.add("map-file-type", "error", Spot())
        return ReferenceRead({}, problems.found())
    with TemporaryDirectory(prefix="zonewright-") as folder:
        path = Path(folder) / f"layer{suffix}"
        path.write_bytes(content)
        try:
            for member in _members(path, Path(folder) / "unpacked"):
                _read(member, reading, own=member == path)
        except CellError as fault:
            problems.add(fault.code, "error", Spot(), **fault.params)
    return ReferenceRead(reading.layers, problems.found())


def _members(path: Path, folder: Path) -> Iterator[Path]:
    if path.suffix != ".zip":
        yield path
        return
    try:
        members = unpack(path, folder)
    except DAMAGED:
        raise CellError("intake-file-unreadable", reason="zip") from None
    readable = [member for member in members if member.suffix.casefold() in _SUFFIXES]
    if not readable:
        raise CellError("map-file-type")
    yield from readable


def _read(path: Path, reading: _Reading, *, own: bool) -> None:
    for layer_name in _names(path):
        if layer_name.startswith(_OWN):
            continue
        layer = read_layer(path, layer_name)
        shown = "" if own and path.suffix == ".geojson" else layer_name
        if layer.geometries is None or not len(layer.numbers):
            reading.problems.add("map-layer-without-shapes", "info", Spot(sheet=layer_name))
            continue
        features = _features(layer, reading.problems)
        if features:
            reading.layers[shown] = features


def _names(path: Path) -> list[str]:
    """Return the names of a file's layers, without GDAL's remarks on files that are none of its."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return layer_names(path)


def _features(layer: Layer, problems: Problems) -> tuple[ReferenceFeature, ...]:
    place = Spot(sheet=layer.name, column="geometry")
    shapes: NDArray[np.object_] = shapely.from_wkb(layer.geometries, on_invalid="ignore")

    def note_layer(code: str, severity: Severity, **params: object) -> None:
        problems.add(code, severity, place, **params)

    def note_feature(position: int, code: str, severity: Severity, **params: object) -> None:
        problems.add(code, severity, replace(place, row=layer.numbers[position]), **params)

    mixed = shapely.get_type_id(shapes) == shapely.GeometryType.GEOMETRYCOLLECTION
    for position in map(int, np.flatnonzero(mixed)):
        note_feature(position, "map-feature-mixed", "error")
    shapes[mixed] = None
    if not to_target(shapes, layer.crs, note_layer):
        return ()
    kept = check_shapes(shapes, areas=False, required=True, note=note_feature)
    named = _name_column(layer.fields)
    return tuple(
        ReferenceFeature(
            geometry,
            _text(layer.columns[named][row]) if named is not None else "",
            _properties(layer, row),
        )
        for row, geometry in enumerate(kept)
        if geometry is not None
    )


def _name_column(fields: Sequence[str]) -> int | None:
    """Return the column that most likely names a feature; None if there is none."""
    lowered = [field.casefold() for field in fields]
    for wanted in _NAMES:
        for index, name in enumerate(lowered):
            if wanted == name or (len(wanted) > 2 and wanted in name):
                return index
    return None


def _properties(layer: Layer, row: int) -> dict[str, object]:
    values = zip(layer.fields[:MAX_FIELDS], layer.columns[:MAX_FIELDS], strict=True)
    return {name: _plain(column[row]) for name, column in values if column[row] not in (None, "")}


def _plain(value: Cell) -> object:
    if isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if np.isfinite(value) else None
    return _text(value)


def _text(value: Cell) -> str:
    if value is None:
        return ""
    return (value.isoformat() if isinstance(value, date) else str(value))[:MAX_TEXT]
