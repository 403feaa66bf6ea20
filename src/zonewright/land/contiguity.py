"""Which polygons belong together because they share frontage."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from zonewright.land.frame import MetricFrame
from zonewright.land.near import near_frontage
from zonewright.land.segments import (
    Floats,
    Ints,
    Segments,
    lengths_m,
    match_exactly,
    segments_of,
)


def contiguous_groups(
    polygons: NDArray[np.object_], *, min_frontage_m: float, tolerance_m: float
) -> Ints:
    """Return a group number for each polygon: the same where a chain of shared edges joins two.

    Parameters
    ----------
    polygons
        Shape (n,): valid polygons or multipolygons in EPSG:4490.
    min_frontage_m
        Shortest frontage that joins two polygons [m].
    tolerance_m
        How far apart two drawings of one edge may run [m].

    Returns
    -------
    groups
        Shape (n,), numbered from 0 in the order of the first polygon of each group.

    Notes
    -----
    Equal segments are found by sorting. Only the boundaries left without an equal, of polygons that
    are still apart, are then compared within the tolerance.

    Examples
    --------
    >>> import shapely
    >>> squares = np.array([shapely.box(x, y, x + 1, y + 1) for x, y in [(0, 0), (1, 0), (2, 1)]])
    >>> contiguous_groups(squares, min_frontage_m=1.0, tolerance_m=0.05).tolist()
    [0, 0, 1]
    """
    if not len(polygons):
        return np.empty(0, dtype=np.int64)
    segments = segments_of(polygons)
    a, b = match_exactly(segments)
    first, second, exact_m = _totals(
        segments.owner[a], segments.owner[b], lengths_m(segments.ends[a])
    )
    joined = exact_m >= min_frontage_m
    groups = _components(len(polygons), first[joined], second[joined])
    unmatched = np.ones(len(segments), dtype=bool)
    unmatched[a] = unmatched[b] = False
    near = near_frontage(_metric(segments.take(unmatched)), groups, tolerance_m=tolerance_m)
    first, second, frontage_m = _totals(
        np.concatenate([first, near[0]]),
        np.concatenate([second, near[1]]),
        np.concatenate([exact_m, near[2]]),
    )
    joined = frontage_m >= min_frontage_m
    return _components(len(polygons), first[joined], second[joined])


def _metric(segments: Segments) -> Segments:
    if not len(segments):
        return segments
    frame = MetricFrame.around(segments.ends[:, [0, 2]].ravel())
    points = frame.to_metric(segments.ends.reshape(-1, 2))
    return Segments(points.reshape(-1, 4), segments.owner)


def _totals(first: Ints, second: Ints, length_m: Floats) -> tuple[Ints, Ints, Floats]:
    """Return each pair of polygons once, the lower position first, with the sum of its lengths."""
    low, high = np.minimum(first, second), np.maximum(first, second)
    order = np.lexsort((length_m, high, low))
    low, high, length_m = low[order], high[order], length_m[order]
    new = np.flatnonzero(np.append(True, (low[1:] != low[:-1]) | (high[1:] != high[:-1])))
    if not len(low):
        return low, high, length_m
    return low[new], high[new], np.add.reduceat(length_m, new)


def _components(count: int, first: Ints, second: Ints) -> Ints:
    links = coo_array((np.ones(len(first), dtype=np.int8), (first, second)), shape=(count, count))
    _, labels = connected_components(links, directed=False)
    _, start, inverse = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(len(start), dtype=np.int64)
    rank[np.argsort(start)] = np.arange(len(start))
    return rank[inverse]
