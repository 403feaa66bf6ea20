"""Take a user's file onto the map as layers for reference."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath

from zonewright.core.errors import FindingsError, RangeError
from zonewright.core.findings import Finding, Place
from zonewright.intake.reference import read_reference
from zonewright.store.access import Access
from zonewright.store.actions import maps as actions

MAX_BYTES = 50 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Added:
    """The layers that a file gave: their names and numbers of features; what was left out."""

    layers: tuple[tuple[str, int], ...]
    findings: tuple[Finding, ...]


def add_layers(
    content: bytes, filename: str, *, name: str, color: str, access: Access, origin: str
) -> Added:
    """Read a GeoPackage, GeoJSON or zipped Shapefile and keep each of its layers for the map.

    Parameters
    ----------
    content, filename
        The file and what it is called.
    name
        What the layer is to be called; empty means as the file. A file of several layers adds
        theirs.
    color
        As ``#rrggbb``.

    Raises
    ------
    NotAllowedError
        If who asks does not plan the whole workspace.
    RangeError
        If the file or a layer is too large.
    FindingsError
        If nothing in it can be shown; the findings say why.
    """
    access.require("plan")
    if len(content) > MAX_BYTES:
        raise RangeError("map-file-large", most=MAX_BYTES // 1024**2)
    file = PurePosixPath(filename.replace("\\", "/")).name
    read = read_reference(content, file)
    if not read.layers:
        nothing = Finding("map-file-nothing", place=Place(file=file))
        raise FindingsError(read.findings or (nothing,))
    whole = name.strip() or PurePosixPath(file).stem
    large = max(len(features) for features in read.layers.values())
    if large > actions.MAX_FEATURES:
        raise RangeError("map-layer-large", most=actions.MAX_FEATURES, found=large)
    added = []
    for layer, features in read.layers.items():
        title = whole if len(read.layers) == 1 else f"{whole} · {layer}"
        rows = [
            actions.ReferenceFeature(item.geometry, item.name, item.properties) for item in features
        ]
        actions.add_reference_layer(title, rows, access=access, origin=origin, color=color)
        added.append((title, len(rows)))
    return Added(tuple(added), read.findings)
