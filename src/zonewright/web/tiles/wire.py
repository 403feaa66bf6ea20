"""The bytes of a Mapbox Vector Tile 2: a protocol buffer, written by hand to be quick."""

from __future__ import annotations

import struct
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from zonewright.core.compiled import compiled

Bytes = NDArray[np.uint8]


@compiled
def put_varint(out: Bytes, at: int, value: int) -> int:
    """Write a number that is not negative; return where the next byte goes."""
    while value > 127:
        out[at] = (value & 127) | 128
        value >>= 7
        at += 1
    out[at] = value
    return at + 1


@compiled
def put_signed(out: Bytes, at: int, value: int) -> int:
    """Write a number in zigzag order."""
    return put_varint(out, at, (value << 1) ^ (value >> 63))


@compiled
def varint_size(value: int) -> int:
    """Return how many bytes a number takes."""
    size = 1
    while value > 127:
        value >>= 7
        size += 1
    return size


@compiled
def put_ring(
    out: Bytes, at: int, x: NDArray[np.int64], y: NDArray[np.int64], cursor: NDArray[np.int64]
) -> int:
    """Write the commands of a ring or a line through points; the caller closes a ring."""
    for i in range(len(x)):
        if i == 0:
            at = put_varint(out, at, 9)
        elif i == 1:
            at = put_varint(out, at, (len(x) - 1) << 3 | 2)
        at = put_signed(out, at, x[i] - cursor[0])
        at = put_signed(out, at, y[i] - cursor[1])
        cursor[0], cursor[1] = x[i], y[i]
    return at


def varint(value: int) -> bytes:
    """Return a number that is not negative as its bytes."""
    found = bytearray()
    while value > 127:
        found.append(value & 127 | 128)
        value >>= 7
    found.append(value)
    return bytes(found)


def field(number: int, content: bytes) -> bytes:
    """Return a field that holds bytes, with its key and length."""
    return varint(number << 3 | 2) + varint(len(content)) + content


def value_field(value: object) -> bytes:
    """Return an attribute's value as a layer holds it."""
    if isinstance(value, bool):
        content = b"\x38" + varint(int(value))
    elif isinstance(value, int) and -(2**63) <= value < 2**63:
        content = b"\x28" + varint(value) if value >= 0 else b"\x30" + varint(-2 * value - 1)
    elif isinstance(value, float):
        content = b"\x19" + struct.pack("<d", value)
    else:
        content = field(1, str(value).encode())
    return field(4, content)


def layer(name: str, keys: Iterable[str], values: bytes, features: bytes, extent: int) -> bytes:
    """Return a tile of one layer."""
    head = field(1, name.encode()) + b"".join(field(3, key.encode()) for key in keys)
    return field(3, b"\x78\x02" + head + features + values + b"\x28" + varint(extent))
