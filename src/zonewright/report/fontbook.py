"""The fonts that the report carries, and which signs they can draw."""

from __future__ import annotations

import struct
from functools import cache
from importlib.resources import files
from pathlib import Path

from zonewright.core.errors import StorageError

REGULAR = "NotoSansSC-Regular.ttf"
SUBSTITUTE = "〓"


@cache
def folder() -> Path:
    """Return the folder of the report's fonts.

    Raises
    ------
    StorageError
        If the fonts are not installed there.
    """
    path = Path(str(files("zonewright.report") / "fonts"))
    if not (path / REGULAR).is_file():
        raise StorageError("report-fonts-missing")
    return path


@cache
def code_points() -> frozenset[int]:
    """Return every code point that the regular font draws, read from its ``cmap`` table."""
    data = (folder() / REGULAR).read_bytes()
    count = struct.unpack_from(">H", data, 4)[0]
    records = (struct.unpack_from(">4sLLL", data, 12 + 16 * index) for index in range(count))
    start = next(offset for tag, _, offset, _ in records if tag == b"cmap")
    points: set[int] = set()
    for index in range(struct.unpack_from(">H", data, start + 2)[0]):
        offset = start + struct.unpack_from(">L", data, start + 4 + 8 * index + 4)[0]
        kind = struct.unpack_from(">H", data, offset)[0]
        if kind == 4:
            points |= _segments(data, offset)
        elif kind == 12:
            points |= _groups(data, offset)
    return frozenset(points)


def missing(text: str) -> str:
    """Return the signs of a text that the font cannot draw, each once, in order; often none."""
    known = code_points()
    return "".join(dict.fromkeys(c for c in text if ord(c) not in known and not c.isspace()))


def drawable(text: str) -> str:
    """Return the text with every sign that the font cannot draw replaced by 〓."""
    lacking = missing(text)
    return text.translate({ord(sign): SUBSTITUTE for sign in lacking}) if lacking else text


def _segments(data: bytes, offset: int) -> set[int]:
    """Read format 4: segments of 16-bit code points."""
    double = struct.unpack_from(">H", data, offset + 6)[0]
    half = double // 2
    ends = struct.unpack_from(f">{half}H", data, offset + 14)
    starts = struct.unpack_from(f">{half}H", data, offset + 16 + double)
    pairs = zip(starts, ends, strict=True)
    return {point for first, last in pairs if last != 0xFFFF for point in range(first, last + 1)}


def _groups(data: bytes, offset: int) -> set[int]:
    """Read format 12: groups of 32-bit code points."""
    points: set[int] = set()
    for index in range(struct.unpack_from(">L", data, offset + 12)[0]):
        first, last, _ = struct.unpack_from(">LLL", data, offset + 16 + 12 * index)
        points.update(range(first, last + 1))
    return points
