"""The blocks of any parcel file, without a workspace: read, match, join, and write them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pyarrow as pa
import shapely
from pyogrio.raw import write_arrow
from pyproj import CRS

from zonewright.core.errors import InputError, RangeError
from zonewright.core.findings import Finding, Place
from zonewright.core.schema import require_positive
from zonewright.core.units import convert
from zonewright.intake.parcel_file import ParcelFile, load_reader, read_parcels
from zonewright.land.barriers import parted
from zonewright.land.contiguity import BlockTable, contiguous_blocks
from zonewright.land.flat import (
    BROKEN,
    EMPTY,
    MISSING,
    OTHER,
    UNREADABLE,
    Floats,
    flat_of_shapes,
)
from zonewright.land.no_go import no_go_m2
from zonewright.land.topology import TOLERANCE_M, Topology, topology_of
from zonewright.land.topology.findings import RowNames, findings_of
from zonewright.workflows.between import Between, between_of_files, bridge_ground, require_gap

# Narrower strips between two parcels are reported: they are rather drawn wrongly than land.
SLIT_M = 1.0
# Most findings of a kind; one more then tells how many are left out.
MOST_LISTED = 1_000
_MU_M2 = float(convert(1, "亩", "m2"))
# Two lots with a common edge, one drawn a little apart, one that overlaps, one across a road.
_LOTS = np.array(
    [(0, 0, 9, 9), (9, 0, 19, 9), (0, 9.03, 9, 19), (15, 5, 25, 20), (0, 25, 9, 30)], dtype=float
)
_GROUND = np.array([500_000, 2_500_000, 500_000, 2_500_000])
_STATES = {
    MISSING: "parcel-geometry-missing",
    EMPTY: "parcel-geometry-empty",
    OTHER: "parcel-geometry-other",
    UNREADABLE: "parcel-geometry-unreadable",
    BROKEN: "parcel-geometry-broken",
}


@dataclass(frozen=True, slots=True)
class FileBlocks:
    """The blocks of a parcel file.

    Parameters
    ----------
    parcels
        What was read, the polygons made valid.
    topology
        Which parcels share edges.
    blocks
        Groups that are large enough.
    findings
        What was left out, repaired or doubtful, with the rows.
    timing
        ``read_s``, ``topology_s`` and ``blocks_s``: wall time of each step [s].
    """

    parcels: ParcelFile
    topology: Topology
    blocks: BlockTable
    findings: tuple[Finding, ...]
    timing: dict[str, float]

    def items(self, *, members: bool = False) -> list[dict[str, object]]:
        """Return the blocks as plain values, with the ids of their parcels if asked for."""
        blocks = self.blocks
        columns = (blocks.block_id, blocks.area_m2, blocks.area_m2 / _MU_M2, blocks.parcel_count)
        names = ("block_id", "area_m2", "area_mu", "parcel_count")
        rows = zip(*(column.tolist() for column in columns), strict=True)
        items: list[dict[str, object]] = [dict(zip(names, row, strict=True)) for row in rows]
        if members:
            for block, item in enumerate(items):
                item["members"] = self.parcels.ids[blocks.members(block)].tolist()
        return items


def load() -> float:
    """Load the compiled code, on some lots drawn in all the ways that matter; return seconds.

    The first time ever on a machine it is compiled, which takes some ten seconds.
    """
    begun = time.perf_counter()
    load_reader()
    for lots in (_LOTS[:1], _LOTS):
        flat = flat_of_shapes(shapely.box(*(lots + _GROUND).T))
        topology = topology_of(flat, CRS.from_epsg(4547), slit_m=SLIT_M)
        contiguous_blocks(topology, min_area_m2=1.0, ids=np.arange(len(lots)), gap_m=9.0)
    return time.perf_counter() - begun


def blocks_of_file(
    path: Path,
    *,
    layer: str | None = None,
    ready_where: str | None = None,
    id_column: str | None = None,
    crs: str | None = None,
    min_area_mu: float = 500.0,
    min_frontage_m: float = 1.0,
    tolerance_m: float = TOLERANCE_M,
    gap_m: float = 0.0,
    strips: Sequence[str] = (),
    strip_kinds: Sequence[str] | None = None,
    barriers: Sequence[str] = (),
    no_go: Sequence[str] = (),
) -> FileBlocks:
    """Return the contiguous ready blocks of a parcel file.

    Parameters
    ----------
    path, layer, id_column, crs
        As for `zonewright.intake.parcel_file.read_parcels`.
    ready_where
        Condition in SQL that a ready parcel meets; None takes all parcels as ready.
    min_area_mu
        Smallest block [mu]; one of exactly this size is kept.
    min_frontage_m
        Shortest frontage that joins two parcels [m], above twice the tolerance.
    tolerance_m
        How far apart two drawings of one edge may run [m]; 0 takes only edges drawn alike.
    gap_m
        Widest gap across which groups are joined as well [m]; 0 joins none.
    strips, strip_kinds
        Files of what may lie in a gap, and the kinds of it, as for `between_of_files`; without
        files any gap is bridged, which a finding says.
    barriers
        Files of what no block reaches across, by an edge or over a gap.
    no_go
        Files of areas in which no parcel is ready, and which no block reaches across.

    Raises
    ------
    InputError
        If the file, layer, column or condition cannot be used; `RangeError` for a bad size.
    """
    require_positive(min_area_mu=min_area_mu, min_frontage_m=min_frontage_m)
    if not 0 <= 2 * tolerance_m < min_frontage_m:
        raise RangeError("blocks-frontage", frontage=min_frontage_m, tolerance=tolerance_m)
    require_gap(gap_m)
    if (strips or strip_kinds is not None) and gap_m == 0:
        raise InputError("blocks-strips-without-gap")
    if ready_where is not None and not ready_where.strip():
        raise InputError("blocks-condition-empty")
    if path.is_dir() and path.suffix.casefold() != ".gdb":
        raise InputError("parcel-file-folder", path=path.name or str(path))
    begun = time.perf_counter()
    try:
        parcels = read_parcels(path, layer=layer, where=ready_where, id_column=id_column, crs=crs)
    except NotImplementedError:
        raise InputError("parcel-file-curved", path=path.name) from None
    read = time.perf_counter()
    topology = topology_of(parcels.flat, parcels.crs, tolerance_m=tolerance_m, slit_m=SLIT_M)
    matched = time.perf_counter()
    left_out = _left_out(parcels)
    parcels = replace(parcels, flat=topology.flat)
    between = between_of_files(
        topology.flat,
        topology.scale,
        strips=strips,
        strip_kinds=strip_kinds,
        barriers=barriers,
        no_go=no_go,
    )
    lost_m2 = _lost_m2(topology, between)
    blocks = contiguous_blocks(
        parted(topology, between.barriers),
        min_area_m2=float(convert(min_area_mu, "亩", "m2")),
        min_frontage_m=min_frontage_m,
        gap_m=gap_m,
        ground=bridge_ground(topology, between),
        ids=parcels.ids,
        ready=None if lost_m2 is None else lost_m2 == 0,
    )
    done = time.perf_counter()
    timing = {
        "read_s": read - begun,
        "topology_s": matched - read,
        "blocks_s": done - matched,
    }
    names = RowNames(
        parcels.ids, parcels.numbers, parcels.name, parcels.layer, parcels.crs.is_geographic
    )
    findings = (
        *_of_rows(parcels, ready_where, id_column),
        *left_out,
        *findings_of(topology.faults, names),
        *_of_no_go(lost_m2, names),
        *between.findings,
    )
    if gap_m > 0 and between.strips is None:
        findings += (Finding("blocks-gap-any-land", "warning", params={"gap": f"{gap_m:g}"}),)
    return FileBlocks(parcels, topology, blocks, findings, timing)


def _lost_m2(topology: Topology, between: Between) -> Floats | None:
    """Return how much of each parcel lies in no-go areas [m²]; None where none are given."""
    if not len(between.no_go):
        return None
    return no_go_m2(topology.flat.shapes(), between.no_go, topology.scale.crs)


def _of_no_go(lost_m2: Floats | None, names: RowNames) -> list[Finding]:
    """Return a finding for each parcel that lies in no-go areas, the largest share first."""
    if lost_m2 is None:
        return []
    rows = np.argsort(-lost_m2, kind="stable")[: int((lost_m2 > 0).sum())]
    found = [
        Finding(
            "parcel-no-go",
            "warning",
            field="geometry",
            place=names.place(row),
            ids=(str(names.ids[row]),),
            params={"area": f"{lost_m2[row]:.2f}"},
        )
        for row in rows[:MOST_LISTED].tolist()
    ]
    if len(rows) > MOST_LISTED:
        place = Place(file=names.file, sheet=names.layer)
        about = {"count": len(rows) - MOST_LISTED, "listed": MOST_LISTED, "like": "parcel-no-go"}
        found.append(Finding("parcel-more", "info", place=place, params=about))
    return found


def write_blocks(found: FileBlocks, path: Path) -> None:
    """Write blocks with their outlines to a layer ``blocks`` of a geographic file.

    Raises
    ------
    InputError
        If the file exists, or its ending is none that GDAL writes.
    """
    if path.exists():
        raise InputError("parcel-out-exists", path=path.name)
    blocks = found.blocks
    outline = shapely.to_wkb(blocks.outline, flavor="iso")
    # A Shapefile cuts names after ten letters.
    count = "parcels" if path.suffix.casefold() == ".shp" else "parcel_count"
    named = pa.string() if blocks.block_id.dtype == object else pa.int64()
    table = pa.table(
        {
            "block_id": pa.array(blocks.block_id.tolist(), named),
            count: pa.array(blocks.parcel_count),
            "area_m2": pa.array(blocks.area_m2),
            "area_mu": pa.array(blocks.area_m2 / _MU_M2),
            "geometry": pa.array(outline, pa.binary()),
        }
    )
    kinds = set(shapely.get_type_id(blocks.outline).tolist())
    kind = "Polygon" if kinds <= {shapely.GeometryType.POLYGON.value} else "Unknown"
    try:
        # Written beside and put in place when it is whole: a Shapefile is several files.
        with TemporaryDirectory(dir=path.parent, prefix=".blocks-") as folder:
            made = Path(folder) / path.name
            write_arrow(
                table,
                made,
                layer="blocks",
                geometry_name="geometry",
                geometry_type=kind,
                crs=found.parcels.crs.to_wkt(),
            )
            # The file that was asked for comes last.
            for part in sorted(Path(folder).iterdir(), key=lambda part: part == made):
                part.replace(path.parent / part.name)
    except (ValueError, OSError, RuntimeError) as error:
        reason = str(error).replace(str(path.parent), "").replace(str(path), path.name)
        raise InputError("parcel-out-refused", path=path.name, reason=reason) from None


def _of_rows(parcels: ParcelFile, ready_where: str | None, id_column: str | None) -> list[Finding]:
    """Return what is to be said of the rows as such: none at all, ids that are no ids."""
    place = Place(file=parcels.name, sheet=parcels.layer, column=id_column or "")
    if not len(parcels.numbers):
        code = "parcel-rows-none" if ready_where is None else "parcel-rows-none-ready"
        about = {"condition": ready_where or ""}
        return [Finding(code, "warning", place=place, params=about)]
    if id_column is None:
        return []
    ids = pd.Series(parcels.ids)
    found = []
    nameless = int((ids == "").sum())
    if nameless:
        about = {"count": str(nameless)}
        found.append(Finding("parcel-id-missing", "warning", place=place, params=about))
    twice = ids[ids.duplicated(keep=False) & (ids != "")].value_counts()
    if len(twice):
        about = {"count": str(len(twice))}
        worst = tuple(str(name) for name in twice.index[:5])
        found.append(Finding("parcel-id-repeated", "warning", place=place, ids=worst, params=about))
    return found


def _left_out(parcels: ParcelFile) -> list[Finding]:
    """Return a finding for each row whose geometry could not be used."""
    state = parcels.flat.state
    return [
        Finding(
            _STATES[int(state[row])],
            severity="warning",
            field="geometry",
            place=Place(file=parcels.name, sheet=parcels.layer, row=int(parcels.numbers[row])),
            ids=(str(parcels.ids[row]),),
        )
        for row in np.flatnonzero(state)
    ]
