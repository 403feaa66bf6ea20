"""The boundary segments of polygons, and which of them two polygons share exactly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_EQUATOR_M, _FLATTENING = 6_378_137.0, 1 / 298.257222101
_ECCENTRICITY2 = _FLATTENING * (2 - _FLATTENING)
_MIX = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x27D4EB2F165667C5)


@dataclass(frozen=True, slots=True)
class Segments:
    """Boundary segments, each drawn from its smaller end point to its larger.

    Parameters
    ----------
    ends
        Shape (n, 4): x and y of one end, x and y of the other [degrees].
    owner
        Shape (n,): position of the polygon to which the segment belongs.
    """

    ends: Floats
    owner: Ints

    def __len__(self) -> int:
        return len(self.owner)

    def take(self, which: NDArray[np.bool_] | Ints) -> Segments:
        """Return some of the segments."""
        return Segments(self.ends[which], self.owner[which])


def segments_of(polygons: NDArray[np.object_]) -> Segments:
    """Return the segments of all rings of polygons or multipolygons; those without length left out.

    Examples
    --------
    >>> len(segments_of(np.array([shapely.box(0, 0, 1, 1)])))
    4
    """
    rings, owner = _rings(polygons)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    within = ring[1:] == ring[:-1]
    start, end = points[:-1][within], points[1:][within]
    swap = (start[:, 0] > end[:, 0]) | ((start[:, 0] == end[:, 0]) & (start[:, 1] > end[:, 1]))
    ends = np.where(swap[:, None], np.hstack([end, start]), np.hstack([start, end]))
    found = Segments(ends + 0.0, owner[ring[1:][within]])  # + 0.0: no negative zero in the bits
    return found.take((start != end).any(axis=1))


def lengths_m(ends: Floats) -> Floats:
    """Return the length of short segments on the ellipsoid of CGCS2000.

    The degree is scaled at the segment's middle; the error is below 1 mm for 10 km.

    Examples
    --------
    >>> lengths_m(np.array([[113.0, 22.0, 113.0, 22.001]])).round(3).tolist()
    [110.73]
    """
    degree_m = degree_lengths_m((ends[:, 1] + ends[:, 3]) / 2)
    length_m: Floats = np.hypot(*((ends[:, 2:] - ends[:, :2]) * degree_m).T)
    return length_m


def degree_lengths_m(latitude: float | Floats) -> Floats:
    """Return the lengths of a degree of longitude and of latitude on the ellipsoid.

    Parameters
    ----------
    latitude
        One, or shape (n,) [degrees].

    Returns
    -------
    lengths_m
        Shape (2,) or (n, 2) [m].

    Examples
    --------
    >>> degree_lengths_m(22.0).round(1).tolist()
    [103262.1, 110730.3]
    """
    phi = np.radians(latitude)
    root = 1 - _ECCENTRICITY2 * np.sin(phi) ** 2
    normal = _EQUATOR_M / np.sqrt(root)
    meridian = normal * (1 - _ECCENTRICITY2) / root
    return np.radians(np.stack([normal * np.cos(phi), meridian], axis=-1))


def match_exactly(segments: Segments) -> tuple[Ints, Ints]:
    """Return pairs of positions of segments with the very same ends in different polygons.

    Notes
    -----
    Segments are sorted by a 64-bit mix of the bits of their ends, so that equal ones stand side by
    side; neighbours are then compared in full, so that a chance equality of mixes joins nothing.
    """
    key = np.zeros(len(segments), dtype=np.uint64)
    bits = np.ascontiguousarray(segments.ends).view(np.uint64)
    for column, multiplier in enumerate(_MIX):
        key = (key ^ bits[:, column]) * np.uint64(multiplier)
        key ^= key >> np.uint64(29)
    order = np.argsort(key)
    first, second = order[:-1], order[1:]
    alike = key[first] == key[second]
    first, second = first[alike], second[alike]
    same = (segments.ends[first] == segments.ends[second]).all(axis=1)
    same &= segments.owner[first] != segments.owner[second]
    return first[same], second[same]


def _rings(polygons: NDArray[np.object_]) -> tuple[NDArray[np.object_], Ints]:
    parts, owner_of_part = shapely.get_parts(polygons, return_index=True)
    rings, part_of_ring = shapely.get_rings(parts, return_index=True)
    return rings, owner_of_part[part_of_ring]
