"""Unpack a .zip into a folder of our own: Chinese names, no way out of the folder, no bombs."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path, PurePosixPath

from zonewright.intake.faults import CellError

# What reading a damaged archive, or one packed in a way that is not known, raises.
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError)
MAX_FILES = 500
MAX_BYTES = 2_000_000_000
_UTF8_NAME = 0x800
_ENCRYPTED = 0x1


def unpack(path: Path, folder: Path) -> list[Path]:
    """Write the files of an archive into a folder and return their paths.

    Raises
    ------
    CellError
        If the archive is protected, too large, or names a file outside the folder.
    DAMAGED
        One of them, if it is damaged.
    """
    written = []
    with zipfile.ZipFile(path) as archive:
        members = [member for member in archive.infolist() if not member.is_dir()]
        if len(members) > MAX_FILES or sum(member.file_size for member in members) > MAX_BYTES:
            raise CellError("intake-archive-large", files=len(members))
        for member in members:
            if member.flag_bits & _ENCRYPTED:
                raise CellError("intake-file-password")
            name = PurePosixPath(_name_of(member))
            if not name.parts or name.is_absolute() or ".." in name.parts:
                raise CellError("intake-archive-unsafe", name=str(name))
            if name.parts[0] == "__MACOSX":
                continue
            target = folder.joinpath(*name.parts)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(archive.read(member))
            written.append(target)
    return sorted(written)


def _name_of(member: zipfile.ZipInfo) -> str:
    """Return a member's name; without the UTF-8 mark it is GBK in Chinese offices."""
    name = member.filename.replace("\\", "/")
    if member.flag_bits & _UTF8_NAME:
        return name
    try:
        return name.encode("cp437").decode("gb18030")
    except UnicodeError:
        return name
