"""Look at a workspace file without changing it: what it is, whether it is sound, who wrote it.

The file is never opened for writing here, and SQLite makes no side files: where no write-ahead log
lies beside it, it is opened as immutable. Do not inspect a file that this process has open through
Django (closing a second handle drops its locks); `store.workspace` sees to that.
"""

from __future__ import annotations

import os
import re
import sqlite3
import struct
from collections.abc import Iterable
from contextlib import closing
from importlib.resources import files
from pathlib import Path

from zonewright.core.errors import (
    CorruptWorkspaceError,
    ForeignFileError,
    MissingWorkspaceError,
    NewerSchemaError,
    OlderSchemaError,
    StorageError,
)

APPLICATION_ID = int.from_bytes(b"ZWRT", "big")
_MAGIC = b"SQLite format 3\x00"
_HEADER_BYTES = 100
_MIGRATION = re.compile(r"^\d{4}_\w+$")


def known_migrations() -> frozenset[str]:
    """Return the names of the migrations that this version knows."""
    names = (Path(entry.name).stem for entry in files("zonewright.store.migrations").iterdir())
    return frozenset(name for name in names if _MIGRATION.match(name))


def has_workspace_mark(path: Path) -> bool:
    """Return whether a file that this process has not open calls itself a workspace."""
    with path.open("rb") as file:
        header = file.read(_HEADER_BYTES)
    return header.startswith(_MAGIC) and header[68:72] == APPLICATION_ID.to_bytes(4, "big")


def require_file(path: Path) -> None:
    """Refuse what is no sound workspace file of this version.

    Raises
    ------
    MissingWorkspaceError
        If there is no such file.
    ForeignFileError
        If it is something else: a folder, a text, a GeoPackage, another program's database.
    CorruptWorkspaceError
        If it is cut off or a page of it is damaged.
    NewerSchemaError, OlderSchemaError
        If another version of Zonewright wrote it.
    StorageError
        If it cannot be read or written here.
    """
    if not path.exists():
        raise MissingWorkspaceError("workspace-missing", path=path)
    if not path.is_file():
        raise ForeignFileError("workspace-foreign", path=path, found="folder")
    if not os.access(path, os.R_OK | os.W_OK) or not os.access(path.parent, os.W_OK):
        raise StorageError("workspace-not-writable", path=path)
    logged = has_log(path)
    _require_header(path, logged=logged)
    how = "mode=ro" if logged else "mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?{how}", uri=True)) as connection:
            _require_sound(connection, path)
            names = [
                name
                for (name,) in connection.execute(
                    "SELECT name FROM django_migrations WHERE app = 'store'"
                )
            ]
    except sqlite3.OperationalError as error:
        if "no such table" in str(error):
            raise ForeignFileError("workspace-foreign", path=path, found="SQLite") from error
        raise StorageError("workspace-unreadable", path=path, cause=error) from error
    except sqlite3.DatabaseError as error:
        raise CorruptWorkspaceError("workspace-corrupt", path=path, cause=error) from error
    require_migrations(names, where=path)


def has_log(path: Path) -> bool:
    """Return whether a write-ahead log with content lies beside a file."""
    log = path.with_name(path.name + "-wal")
    return log.exists() and log.stat().st_size > 0


def _require_header(path: Path, *, logged: bool) -> None:
    with path.open("rb") as stream:
        head = stream.read(_HEADER_BYTES)
    if not head:
        raise ForeignFileError("workspace-foreign", path=path, found="0 B")
    if not head.startswith(_MAGIC):
        raise ForeignFileError("workspace-foreign", path=path, found=_kind(head))
    if len(head) < _HEADER_BYTES:
        raise CorruptWorkspaceError("workspace-cut-off", path=path)
    (found,) = struct.unpack(">I", head[68:72])
    if found != APPLICATION_ID:
        name = "GeoPackage" if head[68:72] in (b"GPKG", b"GP10", b"GP11") else "SQLite"
        raise ForeignFileError("workspace-foreign", path=path, found=name)
    size_code, pages = struct.unpack(">H", head[16:18])[0], struct.unpack(">I", head[28:32])[0]
    page_bytes = 65_536 if size_code == 1 else size_code
    if not logged and path.stat().st_size < page_bytes * pages:
        raise CorruptWorkspaceError("workspace-cut-off", path=path)


def _kind(head: bytes) -> str:
    if head.startswith(b"PK"):
        return "ZIP / XLSX"
    return "text" if all(byte >= 32 or byte in (9, 10, 13) for byte in head) else "?"


def _require_sound(connection: sqlite3.Connection, path: Path) -> None:
    (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if found != "ok":
        cause = str(found).splitlines()[-1]
        raise CorruptWorkspaceError("workspace-corrupt", path=path, cause=cause)


def require_migrations(names: Iterable[str], *, where: object) -> None:
    """Refuse a workspace that another version wrote.

    Raises
    ------
    NewerSchemaError
        If a migration was applied that this version does not know.
    OlderSchemaError
        If a migration that this version knows was not applied.
    """
    applied, known = set(names), known_migrations()
    if unknown := sorted(applied - known):
        raise NewerSchemaError("workspace-newer", path=where, names=", ".join(unknown))
    if missing := sorted(known - applied):
        raise OlderSchemaError("workspace-older", path=where, names=", ".join(missing))
