"""Read the layers of a GeoPackage, GeoJSON or Shapefile into tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from zonewright.core.findings import Severity
from zonewright.core.schema import all_tables, table
from zonewright.intake._pyogrio import Layer, layer_names, read_layer
from zonewright.intake.assembly import assemble
from zonewright.intake.blocks import Block
from zonewright.intake.captions import Caption
from zonewright.intake.context import Context, find_notice, read_context
from zonewright.intake.coordinates import to_target
from zonewright.intake.drafts import Draft
from zonewright.intake.duplicates import drop_repeated
from zonewright.intake.exchange import Ancestors, read_ancestors
from zonewright.intake.layouts import Layout, layouts_of, without_companion
from zonewright.intake.problems import Problems, Spot
from zonewright.intake.shapes import check_shapes
from zonewright.intake.sheets import note_columns

SUFFIXES = frozenset({".gpkg", ".geojson", ".json", ".shp"})
_OWN = "zonewright_"


def read_layers(path: Path, *, name: str, problems: Problems) -> tuple[list[Draft], str]:
    """Return the tables of a geographic file and its notice of synthetic data.

    Parameters
    ----------
    path
        The file; of a Shapefile its ``.shp``.
    name
        Name of the file for places.
    problems
        Where findings go.

    Raises
    ------
    CellError
        If GDAL cannot open it.
    """
    names = layer_names(path)
    ancestors = read_ancestors(path, names)
    drafts: list[Draft] = []
    notices: list[str] = []
    for layer_name in names:
        if layer_name.startswith(_OWN):
            continue
        layer = read_layer(path, layer_name)
        notices += [find_notice(layer.notes)]
        for remark in layer.remarks:
            problems.add("intake-layer-remark", "warning", Spot(sheet=layer_name), text=remark)
        drafts += _tables(layer, path, name, ancestors, problems)
    return drafts, next((notice for notice in (*notices, ancestors.notice) if notice), "")


def _tables(
    layer: Layer, path: Path, file: str, ancestors: Ancestors, problems: Problems
) -> list[Draft]:
    context = read_context(layer.notes, sheet=layer.name, stem=path.stem)
    captions = tuple(Caption((name,)) for name in layer.fields)
    located = layer.geometries is not None
    layout = _layout(layer, captions, context, ancestors)
    if layout is None:
        _note_unknown(layer, captions, context, problems)
        return []
    if not layer.numbers:
        problems.add("intake-sheet-empty", "warning", Spot(table=layout.main, sheet=layer.name))
        return []
    geometries = None
    if located:
        exported = bool(ancestors.of(layer.name))
        geometries = _geometries(layer, layout, problems, exported=exported)
        if geometries is None:
            return []
    block = Block(
        file=file,
        sheet=layer.name,
        captions=captions,
        labels=layer.fields,
        columns=layer.columns,
        numbers=layer.numbers,
        context=context,
        truncated=layer.truncated,
        exchange=bool(ancestors.of(layer.name)),
        geometries=geometries,
    )
    if not ancestors.of(layer.name):
        note_columns(block, layout, problems)
    drafts, _ = assemble(block, layout, problems)
    _take_units(drafts[0], layer)
    for draft in drafts:
        drop_repeated(draft)
    ancestors.join(drafts[0], layer, problems)
    return drafts


def _layout(
    layer: Layer,
    captions: Sequence[Caption],
    context: Context,
    ancestors: Ancestors,
) -> Layout | None:
    located = layer.geometries is not None
    only = {"only": (layer.name,)} if layer.name in all_tables() else {}
    found = layouts_of(captions, context, geometry=located, truncated=layer.truncated, **only)
    for layout in found:
        if layout.has_key and not layout.missing:
            return without_companion(layout) if ancestors.of(layer.name) else layout
    return None


def _note_unknown(
    layer: Layer, captions: Sequence[Caption], context: Context, problems: Problems
) -> None:
    found = layouts_of(
        captions, context, geometry=layer.geometries is not None, truncated=layer.truncated
    )
    if not found:
        problems.add("intake-sheet-no-table", "info", Spot(sheet=layer.name))
        return
    best = next((item for item in found if item.main == layer.name), found[0])
    fields = table(best.main)
    missing = "、".join(f"“{fields[name].zh}”({name})" for name in best.missing)
    known = layer.name in all_tables() or len(best.roles) >= 2
    problems.add(
        "intake-column-missing" if known else "intake-sheet-unrecognised",
        "error" if known else "warning",
        Spot(table=best.main, sheet=layer.name),
        nearest=best.main,
        missing=missing,
    )


def _geometries(
    layer: Layer, layout: Layout, problems: Problems, *, exported: bool
) -> list[bytes | None] | None:
    field = table(layout.main).geometry
    if field is None or layer.geometries is None:
        return None
    place = Spot(table=layout.main, field=field.name, sheet=layer.name, column="geometry")
    shapes: NDArray[np.object_] = shapely.from_wkb(layer.geometries, on_invalid="ignore")
    for position in map(int, np.flatnonzero(shapely.is_missing(shapes))):
        if layer.geometries[position] is not None:
            problems.add(
                "intake-geometry-unreadable", "error", replace(place, row=layer.numbers[position])
            )

    def note_layer(code: str, severity: Severity, **params: object) -> None:
        problems.add(code, severity, place, **params)

    def note_feature(position: int, code: str, severity: Severity, **params: object) -> None:
        problems.add(
            code,
            severity,
            replace(place, row=layer.numbers[position], ids=_ids(layer, layout, position)),
            **params,
        )

    if not to_target(shapes, layer.crs, note_layer):
        return None
    return check_shapes(
        shapes,
        areas=field.kind == "multipolygon",
        required=not exported and (field.required or layout.main == "parcels"),
        note=note_feature,
    )


def _ids(layer: Layer, layout: Layout, position: int) -> tuple[str, ...]:
    role = next((role for role in layout.roles if role.field == "code"), None)
    return (str(layer.columns[role.column][position]),) if role else ()


def _take_units(draft: Draft, layer: Layer) -> None:
    """Read the columns ``NAME_unit``, ``NAME_bound`` and ``NAME_precision`` beside a field."""
    beside = _beside(draft, layer)
    by_number = dict(zip(layer.numbers, range(len(layer.numbers)), strict=True))
    for row, number in zip(draft.rows, draft.numbers, strict=True):
        for name, column in beside.items():
            cell = layer.columns[column][by_number[number]]
            if cell is not None:
                row[name] = str(cell)


def _beside(draft: Draft, layer: Layer) -> Mapping[str, int]:
    names = {
        f"{field.name}_{suffix}"
        for field in table(draft.table).fields
        for suffix in ("unit", "bound", "precision")
    }
    return {name: index for index, name in enumerate(layer.fields) if name in names}
