"""Frontage between polygons whose edges run along one another without being the same segments.

Two surveys of one edge differ by centimetres, and a neighbour's corner may stand in the middle of
an edge without a vertex there. Both are found here: for every two segments, the length of the one
that runs within a tolerance of the other.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely
from numpy.typing import NDArray

from zonewright.land.segments import Floats, Ints, Segments

_PAIRS_AT_ONCE = 2_000_000


def near_frontage(
    segments: Segments, groups: Ints, *, tolerance_m: float
) -> tuple[Ints, Ints, Floats]:
    """Return how far polygons of different groups run along one another.

    Parameters
    ----------
    segments
        Boundary segments in a metric frame [m].
    groups
        Shape (polygons,): group of each polygon; polygons of one group are not compared.
    tolerance_m
        How far apart two edges may run and still count as one [m].

    Returns
    -------
    first, second, frontage_m
        Positions of two polygons, first < second, and the length over which they run along one
        another [m]. Two polygons may occur more than once: sum their lengths.
    """
    order = np.argsort(segments.owner, kind="stable")
    segments = segments.take(order)
    starts = np.searchsorted(segments.owner, np.arange(len(groups) + 1))
    first, second = _neighbours(segments, starts, groups, tolerance_m)
    found = [
        _frontage(segments, a, b, tolerance_m)
        for a, b in _facing(segments, starts, first, second, tolerance_m)
    ]
    if not found:
        empty = np.empty(0, dtype=np.int64)
        return empty, empty, np.empty(0)
    left, right, frontage_m = (np.concatenate(column) for column in zip(*found, strict=True))
    return left, right, frontage_m


def overlap_m(one: Floats, other: Floats, tolerance_m: float) -> Floats:
    """Return the length of each segment that runs within a tolerance of its counterpart.

    Parameters
    ----------
    one, other
        Shape (n, 4): x and y of both ends [m].
    tolerance_m
        Largest distance, measured across `one` [m].

    Returns
    -------
    length_m
        Shape (n,), measured along `one` [m]; 0 where they cross at a right angle or lie apart.

    Notes
    -----
    A point of `other` at share t of its length lies at s(t) along `one` and d(t) across it, both
    linear in t. The shares with 0 <= s <= length and with |d| <= tolerance are intervals; their
    intersection gives the length.

    Examples
    --------
    >>> overlap_m(np.array([[0.0, 0, 100, 0]]), np.array([[40.0, 0.02, 160, 0.02]]), 0.05).tolist()
    [60.0]
    """
    along = one[:, 2:] - one[:, :2]
    length = np.hypot(along[:, 0], along[:, 1])
    along = along / length[:, None]
    start, end = other[:, :2] - one[:, :2], other[:, 2:] - one[:, :2]
    s0, s1 = _dot(start, along), _dot(end, along)
    d0, d1 = _cross(along, start), _cross(along, end)
    low_s, high_s = _shares_between(s0, s1, np.zeros_like(length), length)
    low_d, high_d = _shares_between(d0, d1, -tolerance_m, tolerance_m)
    shares = np.minimum(high_s, high_d) - np.maximum(low_s, low_d)
    length_m: Floats = np.clip(shares, 0, None) * np.abs(s1 - s0)
    return length_m


def _neighbours(
    segments: Segments, starts: Ints, groups: Ints, tolerance_m: float
) -> tuple[Ints, Ints]:
    """Return pairs of polygons of different groups whose boxes come within the tolerance."""
    present = np.flatnonzero(np.diff(starts))
    if not len(present):
        return present, present
    low, high = _corners(segments.ends)
    low = np.minimum.reduceat(low, starts[present])
    high = np.maximum.reduceat(high, starts[present])
    reach = shapely.box(*(low - tolerance_m / 2).T, *(high + tolerance_m / 2).T)
    one, other = shapely.STRtree(reach).query(reach)
    one, other = present[one], present[other]
    wanted = (one < other) & (groups[one] != groups[other])
    return one[wanted], other[wanted]


def _facing(
    segments: Segments, starts: Ints, first: Ints, second: Ints, tolerance_m: float
) -> Iterator[tuple[Ints, Ints]]:
    """Yield pairs of segments of two neighbouring polygons, batch by batch."""
    counts = np.diff(starts)
    sizes = np.cumsum(counts[first] * counts[second])
    done = 0
    while done < len(first):
        base = sizes[done - 1] if done else 0
        upto = max(done + 1, int(np.searchsorted(sizes, base + _PAIRS_AT_ONCE)))
        one, other = first[done:upto], second[done:upto]
        size = counts[one] * counts[other]
        pair = np.repeat(np.arange(len(one)), size)
        rank = np.arange(len(pair)) - np.repeat(np.cumsum(size) - size, size)
        a = starts[one][pair] + rank // counts[other][pair]
        b = starts[other][pair] + rank % counts[other][pair]
        close = _boxes_meet(segments.ends[a], segments.ends[b], tolerance_m)
        yield a[close], b[close]
        done = upto


def _frontage(
    segments: Segments, a: Ints, b: Ints, tolerance_m: float
) -> tuple[Ints, Ints, Floats]:
    length = overlap_m(segments.ends[a], segments.ends[b], tolerance_m)
    some = length > 0
    return segments.owner[a[some]], segments.owner[b[some]], length[some]


def _corners(ends: Floats) -> tuple[Floats, Floats]:
    return np.minimum(ends[:, :2], ends[:, 2:]), np.maximum(ends[:, :2], ends[:, 2:])


def _boxes_meet(one: Floats, other: Floats, tolerance_m: float) -> NDArray[np.bool_]:
    (low, high), (other_low, other_high) = _corners(one), _corners(other)
    meet = (low <= other_high + tolerance_m) & (other_low <= high + tolerance_m)
    return np.asarray(meet.all(axis=1))


def _dot(a: Floats, b: Floats) -> Floats:
    return a[:, 0] * b[:, 0] + a[:, 1] * b[:, 1]


def _cross(a: Floats, b: Floats) -> Floats:
    return a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]


def _shares_between(
    at_start: Floats, at_end: Floats, low: Floats | float, high: Floats | float
) -> tuple[Floats, Floats]:
    """Return the shares in [0, 1] between which a linear value lies in a range, or low > high."""
    change = at_end - at_start
    level = change == 0
    safe = np.where(level, 1.0, change)
    one, other = (low - at_start) / safe, (high - at_start) / safe
    inside = (at_start >= low) & (at_start <= high)
    first = np.where(level, np.where(inside, 0.0, 1.0), np.minimum(one, other))
    last = np.where(level, np.where(inside, 1.0, 0.0), np.maximum(one, other))
    return np.clip(first, 0.0, None), np.clip(last, None, 1.0)
