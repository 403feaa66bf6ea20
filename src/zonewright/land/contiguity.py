"""Blocks as arrays: parcels that hang together by frontage, large enough, each with its outline."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from zonewright.land.block_outlines import block_outlines
from zonewright.land.flat import POLYGON, Floats, Ints
from zonewright.land.groups import group_sums, regroup
from zonewright.land.topology import Topology
from zonewright.land.topology.bridge import Ground, bridged_groups

# Areas are compared to the square millimetre: the sum of floats is no finer.
AREA_RESOLUTION_M2 = 1e-6
# How far strips may lie from parcels where edges are taken as drawn [m].
_LEAST_M = 1e-3


@dataclass(frozen=True, slots=True)
class BlockTable:
    """Blocks, largest first; of two as large the one with the lower id.

    Parameters
    ----------
    block_id
        Shape (b,): the lowest parcel id inside.
    parcel_count
        Shape (b,).
    area_m2
        Shape (b,): sum of the parcels' areas [m²].
    outline
        Shape (b,): polygons in the frame of the parcels.
    member, member_start
        Rows of the parcels of all blocks, block after block, in the order of their ids; where those
        of each begin, shape (b + 1,).
    groups
        How many groups there are, the small ones included.
    """

    block_id: NDArray[np.int64] | NDArray[np.object_]
    parcel_count: Ints
    area_m2: Floats
    outline: NDArray[np.object_]
    member: Ints
    member_start: Ints
    groups: int

    def __len__(self) -> int:
        return len(self.area_m2)

    def members(self, block: int) -> Ints:
        """Return the rows of the parcels of a block, in the order of their ids."""
        return self.member[self.member_start[block] : self.member_start[block + 1]]


def contiguous_blocks(
    topology: Topology,
    *,
    min_area_m2: float,
    min_frontage_m: float = 1.0,
    gap_m: float = 0.0,
    ground: Ground | None = None,
    ids: NDArray[np.int64] | NDArray[np.object_] | None = None,
    ready: NDArray[np.bool_] | None = None,
    area_m2: Floats | None = None,
) -> BlockTable:
    """Return the groups of ready parcels that are large enough, with their outlines.

    Parameters
    ----------
    topology
        n parcels and their common frontages.
    min_area_m2
        Smallest block [m²]; one of exactly this size is kept.
    min_frontage_m
        Shortest frontage that joins two parcels [m].
    gap_m
        Widest gap across which groups are joined as well [m]; 0 joins none.
    ground
        What gaps may hold and what no block reaches across; None bridges any gap.
    ids
        Shape (n,): what names the parcels; None takes their positions.
    ready
        Shape (n,); None means all. A parcel without a polygon is never ready.
    area_m2
        Shape (n,): areas to add up instead of `Topology.own_area_m2` of the ready parcels [m²].

    Examples
    --------
    >>> import shapely
    >>> from pyproj import CRS
    >>> from zonewright.land.flat import flat_of_shapes
    >>> from zonewright.land.topology import topology_of
    >>> flat = flat_of_shapes([shapely.box(x, 0, x + 50, 50) for x in (0, 50, 120)])
    >>> blocks = contiguous_blocks(topology_of(flat, CRS.from_epsg(32631)), min_area_m2=3000)
    >>> blocks.block_id.tolist(), blocks.members(0).tolist(), blocks.outline[0].bounds
    ([0], [0, 1], (0.0, 0.0, 100.0, 50.0))
    """
    usable = topology.flat.state == POLYGON
    if ready is not None:
        usable = usable & ready
    groups = regroup(topology, usable, min_frontage_m=min_frontage_m)
    if gap_m > 0:
        groups = bridged_groups(
            topology.flat,
            topology.scale,
            topology.edges,
            groups,
            gap_m=gap_m,
            ground=ground,
            overlaps=None if topology.survey is None else topology.survey.overlaps,
            tolerance_m=topology.tolerance_m or _LEAST_M,
        )
    sizes_m2 = group_sums(groups, topology.own_area_m2(usable) if area_m2 is None else area_m2)
    large = np.flatnonzero(sizes_m2 >= min_area_m2 - AREA_RESOLUTION_M2 / 2)
    number = np.full(len(sizes_m2) + 1, -1, dtype=np.int32)  # the last stands for group -1
    number[large] = np.arange(len(large), dtype=np.int32)
    block = number[groups]
    inside = np.flatnonzero(block >= 0)
    names = np.arange(len(topology)) if ids is None else ids
    inside = inside[_order(names[inside])]
    inside = inside[np.argsort(block[inside], kind="stable")]
    counts = np.bincount(block[inside], minlength=len(large))
    starts = np.append(0, np.cumsum(counts))
    block_id = names[inside[starts[:-1]]]
    order = _order(block_id)
    order = order[np.argsort(-sizes_m2[large][order], kind="stable")]
    pieces = [inside[starts[place] : starts[place + 1]] for place in order]
    return BlockTable(
        block_id[order],
        counts[order],
        sizes_m2[large][order],
        block_outlines(topology, block, len(large))[order],
        np.concatenate([np.empty(0, dtype=np.int64), *pieces]),
        np.append(0, np.cumsum(counts[order])),
        len(sizes_m2),
    )


def _order(names: NDArray[np.int64] | NDArray[np.object_]) -> Ints:
    if names.dtype == object:
        return np.asarray(pc.sort_indices(pa.array(names, pa.string())), dtype=np.int64)
    return np.argsort(names, kind="stable")
