"""Read a screenshot: PNG of 8 bits a channel, as browsers write it."""

from __future__ import annotations

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

CHANNELS = {2: 3, 6: 4}  # colour type of the format: RGB, RGBA


def pixels(png: bytes) -> NDArray[np.uint8]:
    """Return the pixels, shape (height, width, 3)."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    data, place, head = b"", 8, b""
    while place < len(png):
        size, kind = struct.unpack(">I4s", png[place : place + 8])
        body = png[place + 8 : place + 8 + size]
        head = body if kind == b"IHDR" else head
        data += body if kind == b"IDAT" else b""
        place += size + 12
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", head)
    assert (depth, interlaced) == (8, 0)
    channels = CHANNELS[colour]
    raw = np.frombuffer(zlib.decompress(data), np.uint8).reshape(height, 1 + width * channels)
    image = np.zeros((height, width * channels), np.uint8)
    above = np.zeros(width * channels, np.uint8)
    for row in range(height):
        above = image[row] = _unfiltered(raw[row, 0], raw[row, 1:], above, channels)
    return image.reshape(height, width, channels)[:, :, :3]


def _unfiltered(
    kind: int, line: NDArray[np.uint8], above: NDArray[np.uint8], channels: int
) -> NDArray[np.uint8]:
    if kind == 0:
        return line
    if kind == 1:
        return np.cumsum(line.reshape(-1, channels), axis=0, dtype=np.uint8).reshape(-1)
    if kind == 2:
        return line + above
    found = line.astype(int)
    over = above.astype(int)
    for i in range(len(found)):
        left = found[i - channels] if i >= channels else 0
        if kind == 3:
            found[i] = (found[i] + (left + over[i]) // 2) % 256
        else:
            corner = over[i - channels] if i >= channels else 0
            found[i] = (found[i] + _paeth(left, over[i], corner)) % 256
    return found.astype(np.uint8)


def _paeth(left: int, above: int, corner: int) -> int:
    guess = left + above - corner
    return min((left, above, corner), key=lambda value: abs(guess - value))


def rgb(colour: str) -> NDArray[np.int_]:
    """Return the channels of a colour such as ``#24708c``."""
    return np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)])


def over(colour: str, ground: str, opacity: float) -> NDArray[np.int_]:
    """Return what a colour becomes when it is laid over a ground."""
    mixed = rgb(colour) * opacity + rgb(ground) * (1 - opacity)
    return np.asarray(np.rint(mixed), dtype=int)


def share_near(image: NDArray[np.uint8], colour: NDArray[np.int_], within: int) -> float:
    """Return which share of a picture is a colour, give or take so much a channel."""
    apart = np.abs(image.astype(int) - colour).max(axis=2)
    return float((apart <= within).mean())
