"""Groups of parcels that hang together by frontage: computed anew whenever a parcel changes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from zonewright.core.compiled import Whole, compiled
from zonewright.land.flat import Floats
from zonewright.land.topology import Topology

Slots = NDArray[np.int32]

# The group of a parcel that is not ready.
NONE = -1


def regroup(
    topology: Topology, ready: NDArray[np.bool_] | None = None, *, min_frontage_m: float = 1.0
) -> Slots:
    """Return the group of each ready parcel: the same where a chain of frontages joins two.

    Parameters
    ----------
    topology
        Shared edges of n parcels.
    ready
        Shape (n,); None means all.
    min_frontage_m
        Shortest frontage that joins two parcels [m].

    Returns
    -------
    groups
        Shape (n,), numbered from 0 in the order of the first parcel of each group; `NONE` for a
        parcel that is not ready.

    Examples
    --------
    >>> import shapely
    >>> from pyproj import CRS
    >>> from zonewright.land.flat import flat_of_shapes
    >>> from zonewright.land.topology import topology_of
    >>> squares = [shapely.box(x, y, x + 50, y + 50) for x, y in [(0, 0), (50, 0), (100, 50)]]
    >>> topology = topology_of(flat_of_shapes(squares), CRS.from_epsg(4547))
    >>> regroup(topology).tolist(), regroup(topology, np.array([True, False, True])).tolist()
    ([0, 0, 1], [0, -1, 1])
    """
    count = len(topology.area_m2)
    flags = np.ones(count, dtype=np.bool_) if ready is None else np.asarray(ready, dtype=np.bool_)
    return _groups(topology.first, topology.second, topology.shared_m, flags, min_frontage_m)


def joined(count: int, first: Slots, second: Slots) -> Slots:
    """Return the group of each of `count` things of which some pairs belong together.

    Examples
    --------
    >>> joined(4, np.array([1], dtype=np.int32), np.array([3], dtype=np.int32)).tolist()
    [0, 1, 2, 1]
    """
    return _groups(first, second, np.ones(len(first)), np.ones(count, dtype=np.bool_), 0.0)


def group_sums(groups: Slots, values: Floats) -> Floats:
    """Return the sum of a value over each group, shape (groups,)."""
    inside = groups >= 0
    return np.bincount(groups[inside], values[inside]).astype(np.float64, copy=False)


@compiled
def _root(parent: Slots, node: int) -> Whole:
    while parent[node] != node:
        parent[node] = parent[parent[node]]
        node = parent[node]
    return node


@compiled
def _groups(
    first: Slots,
    second: Slots,
    shared_m: Floats,
    ready: NDArray[np.bool_],
    min_frontage_m: float,
) -> Slots:
    parent = np.arange(len(ready), dtype=np.int32)
    for i in range(len(first)):
        a, b = first[i], second[i]
        if ready[a] and ready[b] and shared_m[i] >= min_frontage_m:
            a, b = _root(parent, a), _root(parent, b)
            # The lower number is the root: a root comes before all others of its group.
            if a < b:
                parent[b] = a
            elif b < a:
                parent[a] = b
    groups = np.empty(len(ready), dtype=np.int32)
    count = 0
    for node in range(len(ready)):
        if not ready[node]:
            groups[node] = NONE
            continue
        root = _root(parent, node)
        if root == node:
            groups[node] = count
            count += 1
        else:
            groups[node] = groups[root]
    return groups
