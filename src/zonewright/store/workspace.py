"""Open, make, upgrade and check a workspace.

A workspace is one SQLite file, or a PostgreSQL database with PostGIS. Nothing here changes a file
that is not a sound workspace of this version.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.db.utils import DatabaseError, OperationalError
from django.utils import timezone

from zonewright.core.errors import (
    ForeignFileError,
    MissingWorkspaceError,
    OlderSchemaError,
    StateError,
    StorageError,
)
from zonewright.core.findings import Finding
from zonewright.store import health
from zonewright.store.address import BUSY_TIMEOUT_S, database_config, file_of, is_shared, shown
from zonewright.store.bootstrap import set_up
from zonewright.store.indicators import sync_indicators
from zonewright.store.inspection import require_file, require_migrations
from zonewright.store.spatial import sync

__all__ = [
    "brief_waits",
    "check",
    "connect",
    "create",
    "database_config",
    "make",
    "migrate",
    "one_moment",
    "set_up",
    "upgrade",
]


@dataclass(slots=True)
class _Opened:
    """The workspace that this process has opened and found sound."""

    name: str = ""


_opened = _Opened()


def connect(target: str | Path) -> None:
    """Point Django at a workspace and set Django up.

    A second call with the same target does nothing. A process that works on another workspace
    leaves that one.

    Parameters
    ----------
    target
        Path of a ``.sqlite`` file, or a ``postgresql://`` address.

    Raises
    ------
    StorageError
        Or one of its kinds: the workspace is missing, foreign, corrupt, newer, older or
        unreachable. Nothing is changed then, and the process stays where it was.
    """
    target = _require_target(target)
    set_up()
    config = database_config(target)
    here = _opened.name == _identity(config) == _identity(connections.settings[DEFAULT_DB_ALIAS])
    if here and (is_shared(target) or file_of(target).exists()):
        return
    if not is_shared(target):
        _leave()
        require_file(file_of(target))
    with _restoring():
        _point_at(config)
        if is_shared(target):
            _require_shared(target)
        _touch(target)
    _opened.name = _identity(config)


def create(target: str | Path, *, title: str, title_en: str = "") -> None:
    """Make a new, empty workspace and connect to it.

    Parameters
    ----------
    target
        Path of a file that does not exist yet, or the address of a database without a workspace.
    title, title_en
        What the workspace calls itself.

    Raises
    ------
    StorageError
        If there is something already, or it cannot be written.
    """
    make(target, lambda where: _build(where, title=title, title_en=title_en))


def make(target: str | Path, fill: Callable[[str], None]) -> None:
    """Make a workspace that does not exist yet, fill it, and connect to it; all or nothing.

    Parameters
    ----------
    target
        As in `create`.
    fill
        Makes the tables and their rows in the empty database to which Django points; it is called
        with the database's path or address.

    Raises
    ------
    StorageError
        If there is something already, or it cannot be written.
    """
    target = _require_target(target)
    set_up()
    if is_shared(target):
        with _restoring():
            _point_at(database_config(target))
            _require_unused(target)
            with _cleaning_up():
                fill(target)
    else:
        _make_file(file_of(target), fill)
    connect(target)


def upgrade(target: str | Path) -> None:
    """Bring a workspace of an older version up to date, and connect to it.

    Indexes, triggers and the dictionary of indicators are renewed also if the version is this one.

    Raises
    ------
    StorageError
        As `connect`, but an older workspace is accepted.
    """
    try:
        connect(target)
    except OlderSchemaError:
        target = _require_target(target)
        with _restoring():
            _point_at(database_config(target))
            migrate(target)
        connect(target)
    with transaction.atomic():
        sync(connection)
        sync_indicators()


def check(target: str | Path) -> tuple[Finding, ...]:
    """Return what is wrong with a workspace, for the doctor; a fault is a finding, never an error.

    Parameters
    ----------
    target
        As in `connect`. The process stays connected to it if it can be opened.
    """
    try:
        connect(target)
        return health.examine(file_of(str(target)) if not is_shared(str(target)) else None)
    except StorageError as error:
        return (Finding(error.code, "error", params=error.params),)


@contextmanager
def brief_waits(seconds: float = 1.0) -> Iterator[None]:
    """Let what is done inside wait only briefly while another program writes the workspace.

    On SQLite one program writes at a time; a wait that is too long is an ``OperationalError``.

    Parameters
    ----------
    seconds
        Longest wait [s].
    """
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA busy_timeout = {int(1000 * seconds)}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA busy_timeout = {1000 * BUSY_TIMEOUT_S}")


@contextmanager
def one_moment() -> Iterator[None]:
    """Read one state of the workspace inside, while others go on writing; nothing is written.

    Inside a transaction, or another moment, nothing more is begun.
    """
    if connection.vendor == "postgresql":
        if connection.in_atomic_block:
            yield
            return
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield
        return
    connection.ensure_connection()
    if connection.connection.in_transaction:
        yield
        return
    # A transaction of Django's would be IMMEDIATE: it would keep writers waiting.
    with connection.cursor() as cursor:
        cursor.execute("BEGIN DEFERRED")
        cursor.execute("PRAGMA query_only = ON")  # a write would be lost with the ROLLBACK
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ROLLBACK")
            cursor.execute("PRAGMA query_only = OFF")


def _require_target(target: str | Path) -> str:
    if not str(target):
        raise MissingWorkspaceError("workspace-missing", path="")
    return str(target)


def _identity(config: dict[str, Any]) -> str:
    return "|".join(str(config.get(key, "")) for key in ("ENGINE", "HOST", "PORT", "NAME"))


def _leave() -> None:
    """Close this thread's connection, so that no lock is lost when a file is inspected."""
    if connection.in_atomic_block:
        raise StateError("workspace-busy")
    connection.close()
    _opened.name = ""


def _point_at(config: dict[str, Any]) -> None:
    _leave()
    connections.settings.update(connections.configure_settings({DEFAULT_DB_ALIAS: config}))
    with suppress(AttributeError):
        del connections[DEFAULT_DB_ALIAS]


@contextmanager
def _restoring() -> Iterator[None]:
    """Point Django back at what it had if the work inside fails."""
    before = connections.settings[DEFAULT_DB_ALIAS]
    try:
        yield
    except (StorageError, DatabaseError, ImproperlyConfigured):
        _point_at(before)
        raise


def _touch(target: str) -> None:
    try:
        connection.ensure_connection()
    except (OperationalError, ImproperlyConfigured) as error:
        raise StorageError("workspace-unreachable", path=shown(target), cause=error) from error


def _require_shared(target: str) -> None:
    _touch(target)
    tables = connection.introspection.table_names()
    if "store_workspace" not in tables:
        known = {"spatial_ref_sys"}
        kind = MissingWorkspaceError if set(tables) <= known else ForeignFileError
        raise kind("workspace-not-in-database", path=shown(target))
    applied = MigrationRecorder(connection).applied_migrations()
    names = [name for app, name in applied if app == "store"]
    require_migrations(names, where=shown(target))


def _require_unused(target: str) -> None:
    _touch(target)
    if set(connection.introspection.table_names()) - {"spatial_ref_sys"}:
        raise StorageError("workspace-exists", path=shown(target))


@contextmanager
def _cleaning_up() -> Iterator[None]:
    """Drop what was made in a database that was empty, if the work inside fails."""
    try:
        yield
    except BaseException:
        with connection.cursor() as cursor:
            for name in connection.introspection.table_names(cursor):
                if name != "spatial_ref_sys":
                    cursor.execute(f"DROP TABLE {connection.ops.quote_name(name)} CASCADE")
        raise


def _make_file(path: Path, fill: Callable[[str], None]) -> None:
    if path.exists():
        raise StorageError("workspace-exists", path=path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError("workspace-not-writable", path=path) from error
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with _restoring():
            before = connections.settings[DEFAULT_DB_ALIAS]
            _point_at(database_config(str(partial), make=True))
            fill(str(partial))
            _point_at(before)
        os.link(partial, path)
    except FileExistsError as error:
        raise StorageError("workspace-exists", path=path) from error
    finally:
        for suffix in ("", "-wal", "-shm"):
            partial.with_name(partial.name + suffix).unlink(missing_ok=True)


def _build(target: str, *, title: str, title_en: str) -> None:
    migrate(target)
    with transaction.atomic():
        apps.get_model("store", "Workspace").objects.create(
            title=title,
            title_en=title_en,
            created_at=timezone.now(),
            engine_version=version("zonewright"),
        )
        sync_indicators()


def migrate(target: str, *, names: Mapping[str, str] | None = None) -> None:
    """Make the tables of the database to which Django points, or bring them up to date.

    Parameters
    ----------
    target
        Its path or address, for messages.
    names
        App label to the migration at which to stop; None means the latest of every app.

    Raises
    ------
    StorageError
        If the database refuses.
    """
    _touch(target)
    try:
        for words in names.items() if names else [()]:
            call_command("migrate", *words, verbosity=0, interactive=False, skip_checks=True)
    except DatabaseError as error:
        raise StorageError("workspace-not-made", path=shown(target), cause=error) from error
