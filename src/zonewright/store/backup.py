"""Back a workspace up into one file, and restore it into an empty place.

A backup is a ZIP: ``manifest.json`` and one ``tables/NAME.jsonl`` a table, a row a line, in the
order of the primary key. It does not depend on the database: what was backed up from SQLite can be
restored into PostgreSQL, and the other way round. It is read in one transaction, so it shows one
moment, while others go on writing. The manifest keeps every table's count and fingerprint, and a
restore reads back what it wrote and compares.

Sessions are left out (a restore signs everybody out), and so is the secret key, which lies outside
the database.
"""

from __future__ import annotations

import base64
import json
import os
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha256
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from django.apps import apps
from django.apps.registry import Apps
from django.db import connection, models, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.models.functions import Collate
from django.db.utils import DatabaseError

from zonewright.core.errors import InputError, NewerSchemaError, StorageError
from zonewright.store import _ready  # noqa: F401  (before any model)
from zonewright.store.models import Workspace
from zonewright.store.spatial import sync
from zonewright.store.workspace import make, migrate, one_moment

FORMAT = 1
SUFFIX = ".zwbackup"
_LEFT_OUT = ("django_session",)
# Written last: rows of other tables, while they are restored, would renew it.
_LAST = "store_revision"
_ROWS_AT_ONCE = 2_000
Progress = Callable[[float, str], None]


@dataclass(frozen=True, slots=True)
class TableKept:
    """A table in a backup: its columns, how many rows, and the fingerprint of their lines.

    `last` is the last primary key that was ever given: a number of the trail is never given again.
    """

    columns: tuple[str, ...]
    rows: int
    sha256: str
    last: int = 0


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself.

    Parameters
    ----------
    identity, title
        Of the workspace.
    made_at
        Moment that the backup shows [UTC, ISO 8601].
    program
        Version of Zonewright that wrote it.
    migrations
        App label to the latest migration of the workspace.
    tables
        Name of a database table to what is kept of it.
    """

    identity: str
    title: str
    made_at: str
    program: str
    migrations: Mapping[str, str]
    tables: Mapping[str, TableKept]
    format: int = FORMAT

    @property
    def rows(self) -> int:
        """How many rows it holds."""
        return sum(table.rows for table in self.tables.values())


def backup(path: Path, *, progress: Progress | None = None) -> Manifest:
    """Write a backup of the connected workspace to a new file.

    Parameters
    ----------
    path
        File to be written; it appears when it is complete.
    progress
        Called with the share done (0 to 1) and the table at hand.

    Raises
    ------
    StorageError
        If the file exists or cannot be written.
    """
    if path.exists():
        raise StorageError("backup-exists", path=path)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        partial.touch(mode=0o600)  # it holds accounts
        with (
            one_moment(),
            zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as packed,
        ):
            manifest = _write(packed, progress or _nobody)
        os.link(partial, path)
    except FileExistsError as error:
        raise StorageError("backup-exists", path=path) from error
    except OSError as error:
        raise StorageError("backup-not-written", path=path, cause=error.strerror) from error
    finally:
        partial.unlink(missing_ok=True)
    return manifest


def read_manifest(path: Path) -> Manifest:
    """Return what a backup says of itself.

    Raises
    ------
    InputError
        If the file is no backup, is damaged, or a newer Zonewright wrote it.
    """
    try:
        with zipfile.ZipFile(path) as packed:
            said = json.loads(packed.read("manifest.json"))
            tables = {
                name: TableKept(**{**kept, "columns": tuple(kept["columns"])})
                for name, kept in said["tables"].items()
            }
            found = Manifest(**{**said, "tables": tables})
    except FileNotFoundError as error:
        raise StorageError("backup-missing", path=path) from error
    except (OSError, zipfile.BadZipFile, KeyError, TypeError, ValueError) as error:
        raise InputError("backup-unreadable", path=path) from error
    if found.format > FORMAT:
        raise NewerSchemaError("backup-newer", path=path, program=found.program)
    return found


def manifest_if_any(path: Path) -> Manifest | None:
    """Return what a backup says of itself; None if the file is none that can be read."""
    try:
        return read_manifest(path)
    except (InputError, StorageError):
        return None


def restore(path: Path, target: str | Path, *, progress: Progress | None = None) -> Manifest:
    """Make a workspace from a backup, compare every table with it, and connect to the workspace.

    A backup of an older version is restored as it was and then brought up to date.

    Parameters
    ----------
    path
        The backup.
    target
        Path of a file that does not exist yet, or the address of a database without a workspace.
    progress
        As in `backup`.

    Raises
    ------
    InputError
        If the file is no backup, is damaged, or what was restored is not what it holds; nothing
        is left at the target's path then.
    StorageError
        If there is something at the target already.
    """
    manifest = read_manifest(path)

    def fill(where: str) -> None:
        migrate(where, names=_known(manifest, path))
        _fill(path, manifest, progress or _nobody)
        migrate(where)
        with transaction.atomic():
            sync(connection)

    make(target, fill)
    return manifest


def digests() -> dict[str, TableKept]:
    """Return what a backup of the connected workspace would keep of every table."""
    return {name: _digest(model, _columns(model)) for name, model in _tables(apps).items()}


def _nobody(_done: float, _text: str) -> None:
    """Report progress to nobody."""


def _tables(registry: Apps) -> dict[str, type[models.Model]]:
    """Return the model of every table that is kept, in the order in which they are written."""
    found = {
        model._meta.db_table: model
        for model in registry.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
        and model._meta.db_table not in _LEFT_OUT
    }  # fmt: skip
    return dict(sorted(found.items(), key=lambda item: (item[0] == _LAST, item[0])))


def _columns(model: type[models.Model]) -> tuple[str, ...]:
    return tuple(field.attname for field in model._meta.concrete_fields)


def _lines(model: type[models.Model], columns: Sequence[str]) -> Iterator[bytes]:
    """Yield the rows of a table as JSON, in the order of the primary key.

    The lines are the same whichever database the rows stand in.
    """
    named = {field.attname: field for field in model._meta.concrete_fields}
    fields = [named[name] for name in columns]
    key: str | Collate = "pk"
    if connection.vendor == "postgresql" and isinstance(
        model._meta.pk, models.CharField | models.TextField
    ):
        key = Collate("pk", "C")  # as SQLite compares text
    rows = model._base_manager.order_by(key).values_list(*columns)
    for row in rows.iterator(chunk_size=_ROWS_AT_ONCE):
        plain = [_plain(value, field) for value, field in zip(row, fields, strict=True)]
        text = json.dumps(plain, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        yield text.encode() + b"\n"


def _plain(value: object, field: object) -> object:
    """Return a value as JSON has it; the field says how to read it back."""
    if value is None or isinstance(value, str | int | float | dict | list):
        return value
    if isinstance(value, bytes | bytearray | memoryview):
        return base64.b64encode(bytes(value)).decode()
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal) and isinstance(field, models.DecimalField):
        return str(value.quantize(Decimal(1).scaleb(-field.decimal_places)))
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(type(value).__name__)


def _typed(field: models.Field[Any, Any], value: Any) -> Any:
    """Return a value of a backup as the database's driver takes it."""
    kind = field.get_internal_type()
    if value is not None and kind in ("BinaryField", "GeometryField"):
        value = base64.b64decode(value)
    elif kind != "JSONField":
        value = field.to_python(value)
    return field.get_db_prep_save(value, connection)


def _write(packed: zipfile.ZipFile, progress: Progress) -> Manifest:
    tables = _tables(apps)
    kept = {}
    for place, (name, model) in enumerate(tables.items()):
        progress(place / len(tables), name)
        with packed.open(f"tables/{name}.jsonl", "w", force_zip64=True) as file:
            kept[name] = _digest(model, _columns(model), file.write)
    progress(1.0, "")
    here = Workspace.objects.get()
    applied = MigrationExecutor(connection).loader.applied_migrations
    manifest = Manifest(
        identity=str(here.identity),
        title=here.title,
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        program=version("zonewright"),
        migrations={app: max(n for a, n in applied if a == app) for app, _ in sorted(applied)},
        tables=kept,
    )
    said = json.dumps(asdict(manifest), ensure_ascii=False, indent=2)
    packed.writestr("manifest.json", said)
    return manifest


def _digest(
    model: type[models.Model], columns: tuple[str, ...], write: Callable[[bytes], object] = len
) -> TableKept:
    digest, rows = sha256(), 0
    for line in _lines(model, columns):
        digest.update(line)
        write(line)
        rows += 1
    return TableKept(columns, rows, digest.hexdigest(), _last_key(model))


def _last_key(model: type[models.Model]) -> int:
    """Return the last primary key that the database gave to a row; 0 if it gives none."""
    if not isinstance(model._meta.pk, models.AutoField | models.BigAutoField):
        return 0
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [f'"{table}"'])
            ((sequence,),) = cursor.fetchall()
            cursor.execute(f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {sequence}")  # noqa: S608
        else:
            cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        return int((cursor.fetchone() or (0,))[0])


def _give_from(model: type[models.Model], last: int) -> None:
    """Let the database give primary keys after a number."""
    if not last:
        return
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [f'"{table}"', last]
            )
            return
        cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
        cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, last])


def _known(manifest: Manifest, path: Path) -> dict[str, str]:
    """Return the migrations of a backup; refuse those that this version does not know."""
    known = MigrationExecutor(connection).loader.disk_migrations
    newer = [
        f"{app}.{name}" for app, name in manifest.migrations.items() if (app, name) not in known
    ]
    if newer:
        raise NewerSchemaError("backup-newer", path=path, program=manifest.program)
    return dict(manifest.migrations)


def _fill(path: Path, manifest: Manifest, progress: Progress) -> None:
    """Write every row of a backup into the tables, which are as old as the backup."""
    state = MigrationExecutor(connection).loader.project_state(list(manifest.migrations.items()))
    tables = _tables(state.apps)
    with zipfile.ZipFile(path) as packed, transaction.atomic(), _as_it_stands():
        for model in tables.values():
            model._base_manager.all()._raw_delete(connection.alias)
        for place, (name, kept) in enumerate(manifest.tables.items()):
            progress(place / len(manifest.tables), name)
            _fill_table(packed, tables[name], kept, path)
            _give_from(tables[name], kept.last)
        progress(1.0, "")
        wrong = [
            name
            for name, kept in manifest.tables.items()
            if _digest(tables[name], kept.columns) != kept
        ]
        if wrong:
            raise InputError("backup-differs", path=path, tables=", ".join(wrong[:5]))


def _fill_table(
    packed: zipfile.ZipFile, model: type[models.Model], kept: TableKept, path: Path
) -> None:
    named = {field.attname: field for field in model._meta.concrete_fields}
    if set(named) != set(kept.columns):
        raise InputError("backup-differs", path=path, tables=model._meta.db_table)
    fields = [named[name] for name in kept.columns]
    placed = [field.get_placeholder(None, None, connection) if hasattr(field, "get_placeholder")
              else "%s" for field in fields]  # fmt: skip
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in fields)
    table = quote(model._meta.db_table)
    insert = f"INSERT INTO {table} ({columns}) VALUES ({', '.join(placed)})"  # noqa: S608
    try:
        with packed.open(f"tables/{model._meta.db_table}.jsonl") as file:
            while lines := list(islice(file, _ROWS_AT_ONCE)):
                rows = [_row(fields, json.loads(line)) for line in lines]
                with connection.cursor() as cursor:
                    cursor.executemany(insert, rows)
    except (KeyError, zipfile.BadZipFile, ValueError, DatabaseError) as error:
        raise InputError("backup-differs", path=path, tables=model._meta.db_table) from error


def _row(fields: Sequence[models.Field[Any, Any]], values: Sequence[Any]) -> list[Any]:
    return [_typed(field, value) for field, value in zip(fields, values, strict=True)]


@contextmanager
def _as_it_stands() -> Iterator[None]:
    """Let rows be written as they are: no trigger answers, references are checked at the end.

    `sync` makes the triggers, and what they keep, anew.
    """
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            names = connection.introspection.table_names(cursor)
            own = [connection.ops.quote_name(name) for name in names if name.startswith("store_")]
            for name in own:
                cursor.execute(f"ALTER TABLE {name} DISABLE TRIGGER USER")
            yield
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # no table is altered with checks open
            for name in own:
                cursor.execute(f"ALTER TABLE {name} ENABLE TRIGGER USER")
            return
        cursor.execute("PRAGMA defer_foreign_keys = ON")
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in cursor.fetchall():
            cursor.execute(f"DROP TRIGGER {connection.ops.quote_name(name)}")
        yield
