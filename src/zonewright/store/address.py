"""Where a workspace is: the path of its file, or the address of its database."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from zonewright.core.errors import StorageError

SCHEMES = ("postgresql://", "postgres://")
BUSY_TIMEOUT_S = 20
_ON_EVERY_CONNECTION = (
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; "
    "PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY"
)


def is_shared(target: str) -> bool:
    """Return whether a target is the address of a PostgreSQL database."""
    return target.startswith(SCHEMES)


def file_of(target: str) -> Path:
    """Return the absolute path of an embedded workspace."""
    return Path(target).expanduser().resolve()


def database_config(target: str, *, make: bool = False) -> dict[str, Any]:
    """Return Django's settings for a workspace; nothing is opened.

    Parameters
    ----------
    target
        Path of a file, or a ``postgresql://`` address; empty for a database in memory, which is
        enough to start Django before a workspace is chosen.
    make
        Whether a file that is not there is made when it is first opened; if not, opening fails.

    Raises
    ------
    StorageError
        If an address names no database.
    """
    if is_shared(target):
        return _shared(target)
    mode = "rwc" if make else "rw"
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": f"{file_of(target).as_uri()}?mode={mode}" if target else ":memory:",
        "OPTIONS": {
            "timeout": BUSY_TIMEOUT_S,
            "transaction_mode": "IMMEDIATE",
            "init_command": _ON_EVERY_CONNECTION,
        },
    }


def _shared(target: str) -> dict[str, Any]:
    parts = urlsplit(target)
    name = unquote(parts.path.lstrip("/"))
    if not name:
        raise StorageError("workspace-address", host=parts.hostname or "")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": dict(parse_qsl(parts.query)),
    }


def shown(target: str) -> str:
    """Return a target as a message may show it: without user and password."""
    if not is_shared(target):
        return target
    parts = urlsplit(target)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{parts.hostname or ''}{port}{parts.path}"
