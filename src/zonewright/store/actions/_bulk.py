"""Write many rows of a model at once, as one prepared statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections, models

Values = Mapping[str, object]
# PostgreSQL takes at most 65,535 parameters a statement.
_ROWS_A_STATEMENT = 1000
_PLAIN_FIELDS = (models.TextField, models.CharField, models.FloatField, models.ForeignKey)
_PLAIN = frozenset({str, int, float})


def insert(model: type[models.Model], rows: Sequence[Values]) -> list[int]:
    """Insert rows and return their primary keys; each row has every attribute but the key.

    The caller holds a transaction that keeps other writers out (SQLite: ``IMMEDIATE``).
    """
    if not rows:
        return []
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    keys = _reserve(model, len(rows))
    database = connections[DEFAULT_DB_ALIAS]
    names = ", ".join(_quoted(field.column) for field in (model._meta.pk, *fields))
    holders = f"({', '.join(('%s', *(_placeholder(field) for field in fields)))})"
    columns = [_prepared(field, [row[field.attname] for row in rows], database) for field in fields]
    values = list(zip(keys, *columns, strict=True))
    head = f"INSERT INTO {_quoted(model._meta.db_table)} ({names}) VALUES "  # noqa: S608
    _execute(head, holders, "", values)
    return keys


def _prepared(field: Any, values: list[Any], database: Any) -> list[Any]:
    """Return the values of a column as the database takes them.

    Django's own preparation of a plain value gives the value itself; asking it for each of a
    million is most of the work of an import.
    """
    if isinstance(field, _PLAIN_FIELDS):
        return [
            value
            if value is None or type(value) in _PLAIN
            else field.get_db_prep_save(value, connection=database)
            for value in values
        ]
    seen: dict[object, object] = {}
    found = []
    for value in values:
        alike = _identity(value)
        if alike is None:
            found.append(field.get_db_prep_save(value, connection=database))
            continue
        if alike not in seen:
            seen[alike] = field.get_db_prep_save(value, connection=database)
        found.append(seen[alike])
    return found


def _identity(value: Any) -> object:
    """Return what is equal for equal values, if that is quickly told; else None."""
    if isinstance(value, dict):
        flat = all(type(item) is str for item in value.values())
        return (dict, *value.items()) if flat else None
    if isinstance(value, list):
        return None if value else list
    return None if isinstance(value, bytes) else (type(value), str(value))


def update(model: type[models.Model], changes: Sequence[tuple[int, Values]]) -> None:
    """Update rows by primary key; each with the attributes that changed."""
    groups: dict[tuple[str, ...], list[tuple[int, Values]]] = {}
    for key, values in changes:
        groups.setdefault(tuple(sorted(values)), []).append((key, values))
    by_attr = {field.attname: field for field in model._meta.concrete_fields}
    table = _quoted(model._meta.db_table)
    database = connections[DEFAULT_DB_ALIAS]
    for names, members in groups.items():
        fields = [by_attr[name] for name in names]
        rows = [
            (
                key,
                *(
                    field.get_db_prep_save(row[field.attname], connection=database)
                    for field in fields
                ),
            )
            for key, row in members
        ]
        if connection.vendor == "postgresql":
            _update_joined(table, fields, rows)
        else:
            _update_each(table, fields, rows)


def _update_each(table: str, fields: Sequence[Any], values: Sequence[tuple[Any, ...]]) -> None:
    settings = ", ".join(f"{_quoted(f.column)} = {_placeholder(f)}" for f in fields)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {table} SET {settings} WHERE id = %s",  # noqa: S608
            [(*rest, key) for key, *rest in values],
        )


def _update_joined(table: str, fields: Sequence[Any], values: Sequence[tuple[Any, ...]]) -> None:
    names = [_quoted(field.column) for field in fields]
    settings = ", ".join(f"{name} = v.{name}" for name in names)
    types = [f"%s::{field.db_type(connection)}" for field in fields]
    head = f"UPDATE {table} AS t SET {settings} FROM (VALUES "  # noqa: S608
    tail = f") AS v (id, {', '.join(names)}) WHERE t.id = v.id"
    _execute(head, f"({', '.join(('%s::bigint', *types))})", tail, values)


def _execute(head: str, holders: str, tail: str, values: Sequence[tuple[Any, ...]]) -> None:
    """Run a statement with a list of rows.

    PostgreSQL takes many rows a statement, so that its triggers, which fire once a statement, cost
    little; SQLite is fastest with one prepared statement a row.
    """
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            cursor.executemany(f"{head}{holders}{tail}", values)
            return
        for start in range(0, len(values), _ROWS_A_STATEMENT):
            part = values[start : start + _ROWS_A_STATEMENT]
            sql = head + ", ".join([holders] * len(part)) + tail
            cursor.execute(sql, [item for row in part for item in row])


def _reserve(model: type[models.Model], count: int) -> list[int]:
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
                (table, count),
            )
            return [row[0] for row in cursor.fetchall()]
        # The table is AUTOINCREMENT: a key that was once given is never given again.
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", (table,))
        last = (cursor.fetchone() or (0,))[0]
        return list(range(last + 1, last + 1 + count))


def _quoted(name: str | None) -> str:
    return str(connection.ops.quote_name(str(name)))


def _placeholder(field: models.Field[Any, Any]) -> str:
    make = getattr(field, "get_placeholder", None)
    return str(make(None, None, connection)) if make is not None else "%s"
