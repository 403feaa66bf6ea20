"""The audit trail of an import: its files, what it made, and what it changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from hashlib import sha256

from zonewright.store.actions._own_indicators import TABLE as OWN_INDICATORS
from zonewright.store.actions._pool import Pool, Record
from zonewright.store.actions._tables import Count, Job
from zonewright.store.actions.blobs import WKB
from zonewright.store.models import AuditEntry, Blob

_UNTOLD = ("origins",)


def write_audit(job: Job, counts: Mapping[str, Count], *, by: str, origin: str) -> None:
    """Write an entry a file, an entry a table of new records, and one a record that changed."""

    def entry(action: str, table: str, code: str, **values: object) -> AuditEntry:
        return AuditEntry(
            at=job.at, by=by, origin=origin, action=action, table=table, code=code, **values
        )

    entries = [
        entry("import", "files", file.name, after={"sha256": file.sha256, "size": file.size})
        for file in job.files
    ]
    entries.extend(
        entry("create", table, "", after={"count": count.created})
        for table, count in counts.items()
        if count.created and table != OWN_INDICATORS  # each has an entry of its own
    )
    for pool in job.pools:
        for record, before, after in _changes(pool):
            code = _code(job, pool, record)
            name = f"{pool.mapped.record}:{record.pk}"
            table = pool.mapped.table
            entries.append(entry("update", table, code, record=name, before=before, after=after))
        _keep_shapes(record.before.get("geometry") for record in pool.changed)
    AuditEntry.objects.bulk_create(entries, batch_size=500)


def _changes(
    pool: Pool,
) -> Iterator[tuple[Record, dict[str, object], dict[str, object]]]:
    for record in pool.changed:
        names = [name for name in record.before if name not in _UNTOLD]
        before = {name: _plain(record.before[name]) for name in names}
        yield record, before, {name: _plain(record.values[name]) for name in names}


def _keep_shapes(shapes: Iterable[object]) -> None:
    """Keep the shapes that an import replaced, so that the change can be taken back."""
    blobs = [
        Blob(sha256=sha256(shape).hexdigest(), size=len(shape), media_type=WKB, content=shape)
        for shape in shapes
        if isinstance(shape, bytes)
    ]
    Blob.objects.bulk_create(blobs, batch_size=500, ignore_conflicts=True)


def _code(job: Job, pool: Pool, record: Record) -> str:
    """Return the code of a record, or the codes and values of its key."""
    parts = []
    for name in pool.mapped.key:
        value = record.values[name]
        column = next((item for item in pool.mapped.columns if item.attr == name), None)
        kind = column.refers if column else name.removesuffix("_id")
        is_key = name.endswith("_id")
        if value not in (None, ""):
            parts.append(job.references.code(kind, value) if is_key else str(value))  # type: ignore[arg-type]
    return " · ".join(parts)


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return f"wkb sha256:{sha256(value).hexdigest()}"
    if isinstance(value, Decimal | date):
        return str(value)
    return value
