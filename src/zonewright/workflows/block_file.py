"""The blocks of any parcel file, without a workspace: read, match, join, and write them."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import shapely
from pyogrio.raw import write_arrow
from pyproj import CRS

from zonewright.core.errors import InputError, RangeError
from zonewright.core.findings import Finding, Place
from zonewright.core.schema import require_positive
from zonewright.core.units import convert
from zonewright.intake.parcel_file import ParcelFile, read_parcels
from zonewright.land.contiguity import BlockTable, contiguous_blocks
from zonewright.land.flat import (
    BROKEN,
    EMPTY,
    MISSING,
    OTHER,
    UNREADABLE,
    flat_of_shapes,
)
from zonewright.land.topology import TOLERANCE_M, Topology, topology_of
from zonewright.land.topology.findings import RowNames, findings_of

# Narrower strips between two parcels are reported: they are rather drawn wrongly than land.
SLIT_M = 1.0
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

    Raises
    ------
    InputError
        If the file, layer, column or condition cannot be used; `RangeError` for a bad size.
    """
    require_positive(min_area_mu=min_area_mu, min_frontage_m=min_frontage_m)
    if tolerance_m < 0 or min_frontage_m <= 2 * tolerance_m:
        raise RangeError("blocks-frontage", frontage=min_frontage_m, tolerance=tolerance_m)
    if gap_m < 0:
        raise RangeError("blocks-gap", gap=gap_m)
    begun = time.perf_counter()
    parcels = read_parcels(path, layer=layer, where=ready_where, id_column=id_column, crs=crs)
    read = time.perf_counter()
    topology = topology_of(parcels.flat, parcels.crs, tolerance_m=tolerance_m, slit_m=SLIT_M)
    matched = time.perf_counter()
    left_out = _left_out(parcels)
    parcels = replace(parcels, flat=topology.flat)
    blocks = contiguous_blocks(
        topology,
        min_area_m2=float(convert(min_area_mu, "亩", "m2")),
        min_frontage_m=min_frontage_m,
        gap_m=gap_m,
        ids=parcels.ids,
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
    findings = (*left_out, *findings_of(topology.faults, names))
    return FileBlocks(parcels, topology, blocks, findings, timing)


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
    table = pa.table(
        {
            "block_id": pa.array(blocks.block_id.tolist()),
            "parcel_count": pa.array(blocks.parcel_count),
            "area_m2": pa.array(blocks.area_m2),
            "area_mu": pa.array(blocks.area_m2 / _MU_M2),
            "geometry": pa.array(outline, pa.binary()),
        }
    )
    kinds = set(shapely.get_type_id(blocks.outline).tolist())
    kind = "Polygon" if kinds <= {shapely.GeometryType.POLYGON.value} else "Unknown"
    try:
        write_arrow(
            table,
            path,
            layer="blocks",
            geometry_name="geometry",
            geometry_type=kind,
            crs=found.parcels.crs.to_wkt(),
        )
    except (ValueError, OSError) as error:
        reason = str(error).replace(str(path), path.name)
        raise InputError("parcel-out-refused", path=path.name, reason=reason) from None


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
