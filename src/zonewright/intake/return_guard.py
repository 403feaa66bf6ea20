"""Measure what a workbook unpacks to by unpacking it, a piece at a time, and keeping nothing.

`limits.require_readable` believes what an archive says of its parts. A hostile one lies: it
declares a few bytes and holds gigabytes, or lists one part a thousand times.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import NamedTuple

from zonewright.intake.archives import DAMAGED
from zonewright.intake.faults import CellError

# A return of 50 000 rows and 30 columns unpacks to about 120 MB.
MAX_BYTES = 300_000_000
MAX_PARTS = 2_000
_PIECE = 1 << 18
_LOCAL_HEADER = struct.Struct("<4s5H3I2H")
_LOCAL_MARK = b"PK\x03\x04"
_MACROS = "vbaproject.bin"


class Unpacked(NamedTuple):
    """What is told of an archive before it is read: its real size and whether it holds macros."""

    size: int
    macros: bool


def measure(data: bytes) -> Unpacked:
    """Return the real size of a workbook's parts [bytes]; 0 for what is no ZIP archive.

    Raises
    ------
    CellError
        If it unpacks to too much, has too many parts, or is damaged.
    """
    if not data.startswith(_LOCAL_MARK):
        return Unpacked(0, macros=False)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            if len(parts) > MAX_PARTS:
                raise CellError("intake-archive-large", files=len(parts))
            size = 0
            for part in parts:
                size += _size_of(data, part, MAX_BYTES - size)
                if size > MAX_BYTES:
                    raise CellError("intake-workbook-large", most_mb=MAX_BYTES // 1_000_000)
    except (*DAMAGED, struct.error) as error:
        raise CellError("intake-file-unreadable", reason=str(error) or "zip") from None
    macros = any(part.filename.casefold().endswith(_MACROS) for part in parts)
    return Unpacked(size, macros)


def _size_of(data: bytes, part: zipfile.ZipInfo, most: int) -> int:
    """Return how many bytes a part unpacks to; more than `most` is not counted any further."""
    fields = _LOCAL_HEADER.unpack_from(data, part.header_offset)
    if fields[0] != _LOCAL_MARK:
        raise zipfile.BadZipFile("local header")
    begin = part.header_offset + _LOCAL_HEADER.size + fields[-2] + fields[-1]
    packed = memoryview(data)[begin : begin + part.compress_size]
    if part.compress_type == zipfile.ZIP_STORED:
        return len(packed)
    if part.compress_type != zipfile.ZIP_DEFLATED:
        raise NotImplementedError("compression method")
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    size = 0
    for at in range(0, len(packed), _PIECE):
        rest: bytes | memoryview = packed[at : at + _PIECE]
        while rest:
            size += len(stream.decompress(rest, _PIECE))
            if size > most or stream.eof:
                return size
            rest = stream.unconsumed_tail
    return size
