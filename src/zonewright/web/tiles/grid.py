"""Where a tile lies: in degrees, and in the whole numbers of the world that shapes are kept in.

The world is a square of ``2**31`` units in web Mercator, x to the east, y to the south: 1.9 cm at
the equator. A unit of a tile at zoom z is then a power of two of them, and a shift makes one of
the other.
"""

from __future__ import annotations

import math

EXTENT_BITS = 12
EXTENT: int = 1 << EXTENT_BITS
BUFFER = 80
MAX_ZOOM = 22
MAX_LATITUDE = 85.0511287798066
WORLD_BITS = 31
WORLD: int = 1 << WORLD_BITS

Box = tuple[int, int, int, int]


def bounds(z: int, x: int, y: int, *, buffer: int = BUFFER) -> tuple[float, float, float, float]:
    """Return a tile's west, south, east and north [degrees], with a margin [1/4096 of a tile]."""
    count, margin = 2**z, buffer / EXTENT
    west, east = ((x - margin) / count, (x + 1 + margin) / count)
    north, south = ((y - margin) / count, (y + 1 + margin) / count)
    return (west * 360 - 180, _latitude(south), east * 360 - 180, _latitude(north))


def _latitude(down: float) -> float:
    return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * down))))


def exists(z: int, x: int, y: int) -> bool:
    """Return whether there is such a tile."""
    return 0 <= z <= MAX_ZOOM and 0 <= x < 2**z and 0 <= y < 2**z


def world_box(z: int, x: int, y: int) -> Box:
    """Return a tile's box with its margin: west, north, east, south [units of the world]."""
    size, margin = WORLD >> z, margin_of(z)
    return (x * size - margin, y * size - margin, (x + 1) * size + margin, (y + 1) * size + margin)


def shift_of(z: int, extent_bits: int = EXTENT_BITS) -> int:
    """Return by how many bits units of the world are finer than those of a tile; may be below 0."""
    return WORLD_BITS - z - extent_bits


def margin_of(z: int) -> int:
    """Return the margin around a tile [units of the world]."""
    return (WORLD >> z) * BUFFER // EXTENT
