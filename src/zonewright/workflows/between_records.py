"""What the workspace says lies between parcels: its works, reference layers and no-go areas."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from zonewright.core.findings import Finding
from zonewright.intake.between_file import KIND_COLUMNS, WIDTH_COLUMNS
from zonewright.land.between import LandKind, areas_of, obstacles_of, standard_kinds
from zonewright.land.flat import Flat
from zonewright.land.no_go import polygons_of
from zonewright.land.scale import Scale
from zonewright.store.selectors.land import LayerShapes, layer_shapes, no_go_shapes, work_shapes
from zonewright.workflows.between import Between, unit_m

Shapes = NDArray[np.object_]
_NO_SHAPES: Shapes = np.empty(0, dtype=object)
# Properties of a reference feature that tell its kind and its width.
_KINDS, _WIDTHS = KIND_COLUMNS, WIDTH_COLUMNS


def between_of_workspace(flat: Flat, scale: Scale, as_of: datetime | None = None) -> Between:
    """Return what the workspace says lies between parcels.

    Reference layers, or their features, that are called after a kind (`land/data/between.toml`);
    works of a kind that is a strip; and no-go areas.

    Parameters
    ----------
    flat, scale
        The parcels, and what their units are on the ground.
    as_of
        Time at which works and no-go areas are seen; reference layers have no past.
    """
    kinds = standard_kinds()
    by_work = {work: kind for kind in kinds.strips() for work in kind.works}
    named, drawn = work_shapes(by_work, as_of)
    widths = [by_work[str(work)].width_m for work in named]
    shapes, barriers = [drawn], [_NO_SHAPES]
    for layer in layer_shapes():
        whole = kinds.called(layer.name) or kinds.called(layer.code)
        found = [_kind_of(properties) or whole for properties in layer.properties]
        strip = np.array([kind is not None and kind.role == "strip" for kind in found], dtype=bool)
        closed = np.array([kind is not None for kind in found], dtype=bool) & ~strip
        barriers.append(layer.shapes[closed])
        shapes.append(layer.shapes[strip])
        widths += _widths(layer, found, strip)
    strips = areas_of(np.concatenate(shapes), widths, unit_m(flat, scale))
    areas = polygons_of(no_go_shapes(as_of))
    obstacles = obstacles_of(np.concatenate(barriers))
    findings: tuple[Finding, ...] = ()
    if not len(strips):
        words = ", ".join(f"{kind.zh} {kind.code}" for kind in kinds.strips())
        findings = (Finding("blocks-gap-no-strips", "warning", params={"words": words}),)
    return Between(strips, obstacles, areas, findings)


def _kind_of(properties: dict[str, object]) -> LandKind | None:
    known = {name.casefold(): value for name, value in properties.items()}
    found = (standard_kinds().called(known.get(name)) for name in _KINDS)
    return next((kind for kind in found if kind is not None), None)


def _widths(
    layer: LayerShapes, kinds: Sequence[LandKind | None], strip: NDArray[np.bool_]
) -> list[float]:
    widths = []
    for place in np.flatnonzero(strip).tolist():
        properties, kind = layer.properties[place], kinds[place]
        known = {name.casefold(): value for name, value in properties.items()}
        given = [known[name] for name in _WIDTHS if _is_width(known.get(name))]
        widths.append(float(str(given[0])) if given else kind.width_m if kind else 0.0)
    return widths


def _is_width(value: object) -> bool:
    try:
        return 0 < float(str(value)) < float("inf")
    except ValueError:
        return False
