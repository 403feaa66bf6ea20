"""What files say lies between parcels: strips, barriers and no-go areas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from zonewright.core.errors import RangeError
from zonewright.core.findings import Finding, Place
from zonewright.intake.between_file import (
    KIND_COLUMNS,
    WIDTH_COLUMNS,
    BetweenFile,
    read_between,
    split_layer,
)
from zonewright.land.barriers import widened
from zonewright.land.between import LandKind, areas_of, obstacles_of, standard_kinds
from zonewright.land.flat import Flat
from zonewright.land.no_go import polygons_of
from zonewright.land.scale import Scale
from zonewright.land.topology import Topology
from zonewright.land.topology.bridge import Ground
from zonewright.land.topology.near_frame import NearFrame

Shapes = NDArray[np.object_]
_NO_SHAPES: Shapes = np.empty(0, dtype=object)


# No strip within a block is wider [m].
MOST_GAP_M = 10_000.0


def require_gap(gap_m: float) -> None:
    """Refuse a gap below 0, without end or wider than any strip.

    Raises
    ------
    RangeError
        Naming the limits.
    """
    if not 0 <= gap_m <= MOST_GAP_M:
        raise RangeError("blocks-gap", gap=gap_m, most=f"{MOST_GAP_M:g}")


@dataclass(frozen=True, slots=True, eq=False)
class Between:
    """What lies between parcels, in their frame.

    Parameters
    ----------
    strips
        Polygons that blocks may reach across; None where none were asked for: any land is bridged.
    barriers
        Lines and polygons that no block reaches across, by an edge or over a gap.
    no_go
        Polygons in which no land is ready, and that no block reaches across over a gap.
    findings
        What was left out, or taken otherwise than it was drawn.
    """

    strips: Shapes | None = None
    barriers: Shapes = field(default_factory=lambda: _NO_SHAPES)
    no_go: Shapes = field(default_factory=lambda: _NO_SHAPES)
    findings: tuple[Finding, ...] = ()


def between_of_files(
    flat: Flat,
    scale: Scale,
    *,
    strips: Sequence[str] = (),
    strip_kinds: Sequence[str] | None = None,
    barriers: Sequence[str] = (),
    no_go: Sequence[str] = (),
) -> Between:
    """Return what some files say lies between parcels.

    Parameters
    ----------
    flat, scale
        The parcels, and what their units are on the ground.
    strips, barriers, no_go
        Files, each as ``FILE`` or ``FILE:LAYER``.
    strip_kinds
        Codes of the kinds that may be bridged; None means all that a strip may be, and whatever a
        file holds that tells no kinds.

    Raises
    ------
    InputError
        If a file cannot be used, or a kind is not known or not told.
    """
    wanted = standard_kinds().strips(strip_kinds)
    findings: list[Finding] = []
    kept: list[Shapes] = []
    for text in strips:
        found = _read(text, scale.crs)
        shapes, said = _strips_of(found, wanted, told=strip_kinds is not None, at=(flat, scale))
        kept.append(shapes)
        findings += said
    closed, areas = _NO_SHAPES, _NO_SHAPES
    for text in barriers:
        found = _read(text, scale.crs)
        some = obstacles_of(found.shapes)
        findings += _unless(some, found)
        closed = np.append(closed, some)
    for text in no_go:
        found = _read(text, scale.crs)
        some = polygons_of(found.shapes)
        findings += _unless(some, found)
        areas = np.append(areas, some)
    bridged = np.concatenate([_NO_SHAPES, *kept]) if strips else None
    return Between(bridged, closed, areas, tuple(findings))


def _read(text: str, crs: CRS) -> BetweenFile:
    path, layer = split_layer(text)
    return read_between(path, crs, layer=layer)


def _strips_of(
    found: BetweenFile, wanted: Sequence[LandKind], *, told: bool, at: tuple[Flat, Scale]
) -> tuple[Shapes, list[Finding]]:
    """Return the strips of a file as polygons, and what was left out or widened."""
    kinds = standard_kinds()
    place = Place(file=found.name, sheet=found.layer)
    whole = kinds.called(found.layer) or kinds.called(found.name.rsplit(".", 1)[0])
    column, width_column = found.columns
    names = ", ".join(kind.code for kind in wanted)
    if not column and whole is None and told:
        about: dict[str, object] = {
            "path": found.name, "layer": found.layer, "columns": ", ".join(KIND_COLUMNS),
        }  # fmt: skip
        return _NO_SHAPES, [Finding("strips-kind-untold", place=place, params=about)]
    each = [kinds.called(word) or whole for word in found.words]
    nameless = not column and whole is None
    keep = np.array([nameless or kind in wanted for kind in each], dtype=bool)
    findings = []
    if not keep.all():
        about = {"path": found.name, "count": int((~keep).sum()), "kinds": names}
        findings.append(Finding("strips-of-other-kinds", "info", place=place, params=about))
    usual = max(kind.width_m for kind in wanted)
    widths = np.array([kind.width_m if kind else usual for kind in each])
    widths = np.where(np.isnan(found.widths_m), widths, found.widths_m)[keep]
    shapes = found.shapes[keep]
    lines = np.isin(shapely.get_dimensions(shapes), (1,))
    if lines.any():
        said = ", ".join(f"{kind.code} {kind.width_m:g} m" for kind in wanted)
        about = {
            "path": found.name, "count": int(lines.sum()), "widths": said,
            "column": width_column or WIDTH_COLUMNS[0],
        }  # fmt: skip
        findings.append(Finding("strips-widened", "info", place=place, params=about))
    areas = areas_of(shapes, widths, unit_m(*at))
    return areas, [*findings, *_unless(areas, found)]


def _unless(shapes: Shapes, found: BetweenFile) -> list[Finding]:
    """Return a finding if a file gave no shape."""
    if len(shapes):
        return []
    place = Place(file=found.name, sheet=found.layer)
    return [Finding("between-file-empty", "warning", place=place, params={"path": found.name})]


def bridge_ground(topology: Topology, between: Between) -> Ground | None:
    """Return what gaps may hold and what no block reaches across; None if anything goes."""
    barriers = widened(topology, np.append(between.barriers, between.no_go))
    if between.strips is None and not len(barriers):
        return None
    return Ground(between.strips, barriers)


def unit_m(flat: Flat, scale: Scale) -> tuple[float, float]:
    """Return the length of a unit of x and of y in the middle of polygons [m]."""
    frame = NearFrame.of(flat, scale)
    return frame.unit_x_m, frame.unit_y_m
