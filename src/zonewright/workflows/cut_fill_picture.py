"""The map of cut and fill as a picture: one pixel a cell, clear where nothing is known."""

from __future__ import annotations

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

# Cut in ochre, fill in blue: told apart by everybody, on light and on dark ground. The first is for
# a hair, the second for as much as the scale has.
CUT = ((246, 222, 190), (176, 84, 0))
FILL = ((200, 225, 243), (0, 84, 150))
_EVEN = (214, 214, 206)
_EVEN_M = 0.05


def scale_m(rise_m: NDArray[np.float64]) -> float:
    """Return the height at which colours are full: what 98 % of the cells stay below [m]."""
    known = np.abs(rise_m[~np.isnan(rise_m)])
    return max(float(np.quantile(known, 0.98)), _EVEN_M * 2) if len(known) else _EVEN_M * 2


def picture(rise_m: NDArray[np.float64]) -> bytes:
    r"""Return the map of cut and fill as a PNG.

    Parameters
    ----------
    rise_m
        Shape (rows, columns), north first [m]: fill above 0, cut below; NaN is clear.

    Examples
    --------
    >>> picture(np.array([[1.0, -1.0], [0.0, np.nan]]))[:8]
    b'\x89PNG\r\n\x1a\n'
    """
    share = np.clip(np.nan_to_num(np.abs(rise_m)) / scale_m(rise_m), 0.0, 1.0)[..., None]
    fill, cut = (
        np.array(low) + share * (np.array(high) - np.array(low)) for low, high in (FILL, CUT)
    )
    colour = np.where((rise_m > 0)[..., None], fill, cut)
    colour = np.where((np.abs(rise_m) < _EVEN_M)[..., None], np.array(_EVEN), colour)
    clear = np.isnan(rise_m)
    pixels = np.zeros((*rise_m.shape, 4), dtype=np.uint8)
    pixels[..., :3] = np.where(clear[..., None], 0, colour)
    pixels[..., 3] = np.where(clear, 0, 255)
    return _png(pixels)


def _png(pixels: NDArray[np.uint8]) -> bytes:
    """Return pixels of shape (rows, columns, 4) as a PNG without a filter."""
    rows, columns, _ = pixels.shape
    lines = np.zeros((rows, 1 + 4 * columns), dtype=np.uint8)
    lines[:, 1:] = pixels.reshape(rows, -1)
    head = struct.pack(">IIBBBBB", columns, rows, 8, 6, 0, 0, 0)
    body = zlib.compress(lines.tobytes(), 6)
    chunks = ((b"IHDR", head), (b"IDAT", body), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
