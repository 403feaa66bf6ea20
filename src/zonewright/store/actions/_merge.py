"""Three-way merge of an edited exchange copy: what was exported, what was edited, what is now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from zonewright.core.findings import Finding, Place
from zonewright.core.records import Row, TableRead
from zonewright.core.schema import table
from zonewright.store.actions._pool import Pool, Record
from zonewright.store.actions._shapes import change_of, same_shape
from zonewright.store.mapping import Column, Mapped

Prefer = Literal["file", "workspace"] | None


def base_of(read: TableRead, row: Row) -> Row | None:
    """Return what a row was when it was exported; None if it is new or the file is no copy."""
    if read.base is None:
        return None
    return read.base.get(tuple(row.get(name) for name in table(read.table).key))


def deleted_rows(read: TableRead) -> list[Finding]:
    """Return a warning for each row that was exported and is no longer in the copy."""
    if read.base is None:
        return []
    key = table(read.table).key
    present = {tuple(row.get(name) for name in key) for row in read.rows}
    return [
        Finding(
            "merge-deleted",
            "warning",
            read.table,
            place=Place(read.file, read.sheet),
            ids=(" · ".join(map(str, gone)),),
        )
        for gone in read.base
        if gone not in present
    ]


def merged(
    pool: Pool,
    record: Record,
    *,
    edited: Mapping[str, object],
    base: Mapping[str, object],
    read: TableRead,
    position: int,
    prefer: Prefer,
    code: str,
    findings: list[Finding],
) -> dict[str, object]:
    """Return the values of an edited row that are to be written.

    A value that was not edited is left out. One that was edited here and changed in the workspace
    since is a conflict: a fault, unless `prefer` says whose value counts.
    """
    changes: dict[str, object] = {}
    for name, value in edited.items():
        if name in pool.mapped.key or name not in base or _same(name, base[name], value):
            continue
        if not pool.differs(record, name, value):
            continue
        column = _column(pool.mapped, name)
        present = record.values[name]
        if not _same(name, base[name], present):
            findings.append(
                _conflict(column, name, base, present, value, read, position, code, prefer)
            )
            if prefer != "file":
                continue
        else:
            findings.append(_change(column, name, present, value, read, position, code))
        changes[name] = value
    return changes


def _same(name: str, one: object, other: object) -> bool:
    if name == "geometry":
        return same_shape(one, other)  # type: ignore[arg-type]
    return one == other


def _column(mapped: Mapped, attr: str) -> Column | None:
    owners: Iterable[Column] = mapped.columns
    for column in owners:
        if attr in (column.attr, column.unit, column.bound, column.precision):
            return column
    return None


def _change(
    column: Column | None,
    attr: str,
    before: object,
    after: object,
    read: TableRead,
    position: int,
    code: str,
) -> Finding:
    name = column.field.name if column else attr
    place = read.place(position, name)
    if attr == "geometry":
        params = change_of(before, after)  # type: ignore[arg-type]
        return Finding("merge-moved", "info", read.table, name, place, (code,), params)
    shown = {"before": _shown(before), "after": _shown(after), **_labels(column, attr)}
    return Finding("merge-changed", "info", read.table, name, place, (code,), shown)


def _conflict(
    column: Column | None,
    attr: str,
    base: Mapping[str, object],
    present: object,
    edited: object,
    read: TableRead,
    position: int,
    code: str,
    prefer: Prefer,
) -> Finding:
    name = column.field.name if column else attr
    params = {
        "base": _shown(base[attr]),
        "present": _shown(present),
        "edited": _shown(edited),
        **_labels(column, attr),
    }
    place = read.place(position, name)
    if prefer is None:
        return Finding("merge-conflict", "error", read.table, name, place, (code,), params)
    key = "merge-conflict-file" if prefer == "file" else "merge-conflict-workspace"
    return Finding(key, "info", read.table, name, place, (code,), params)


def _labels(column: Column | None, attr: str) -> dict[str, object]:
    if column is None:
        return {"label_en": attr, "label_zh": attr}
    return {"label_en": column.field.label("en"), "label_zh": column.field.label("zh")}


def _shown(value: object) -> str:
    if isinstance(value, bytes):
        return str(change_of(None, value)["area_after"])
    return "—" if value in (None, "", {}) else str(value)
