"""Take files into the workspace: one transaction, all or nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from zonewright.core.errors import FindingsError
from zonewright.core.findings import Finding, Place, has_errors
from zonewright.core.records import FileRead, TableRead
from zonewright.store.actions._audit import write_audit
from zonewright.store.actions._merge import Prefer, deleted_rows
from zonewright.store.actions._return_locks import pool_findings
from zonewright.store.actions._tables import Count, Job, take_tables
from zonewright.store.actions._versions import keep_taken
from zonewright.store.indicators import sync_indicators
from zonewright.store.models import SourceFile
from zonewright.store.places import locate

__all__ = ["Count", "Taken", "take"]

Progress = Callable[[float, str], None]


@dataclass(frozen=True, slots=True)
class Taken:
    """What an import did.

    Parameters
    ----------
    counts
        Table to how many of its records are new, changed and unchanged.
    findings
        Warnings and notices; in a dry run also the errors that would have refused it.
    files
        Names of the files that were new to the workspace.
    """

    counts: Mapping[str, Count]
    findings: tuple[Finding, ...]
    files: tuple[str, ...]


def take(
    files: Sequence[FileRead],
    *,
    by: str,
    origin: str = "",
    progress: Progress | None = None,
    dry_run: bool = False,
    prefer: Prefer = None,
    of_return: int | None = None,
    at: datetime | None = None,
) -> Taken:
    """Write what files say into the workspace, as one step.

    Only the fields that a row gives are written; several files may describe one record. Events,
    monthly returns and observations are only added: a different value for the same key is a new
    row that supersedes, an equal one changes nothing. A file whose bytes are known changes nothing.
    Where a table carries what was exported (`TableRead.base`), only edited fields are written.

    Parameters
    ----------
    files
        Files as read by intake.
    by, origin
        Who imports, and from where, for the audit trail.
    progress
        Called with the share done (0 to 1) and what is being done.
    dry_run
        Whether everything is checked and nothing kept; errors are then in `findings`.
    prefer
        Whose value counts where an edited copy and the workspace both changed: ``"file"`` or
        ``"workspace"``. None makes that an error.
    of_return
        Primary key of the monthly return that is being locked: it may write its own month, which
        is closed to every other file once it is locked.
    at
        When the workspace learns of it; None means now.

    Raises
    ------
    FindingsError
        If a file is refused or a check fails; nothing is written then.
    """
    read = tuple(finding for file in files for finding in file.findings)
    if has_errors(read):
        return _refused(read, dry_run=dry_run)
    with transaction.atomic():
        job, counts = _write(
            files, by=by, origin=origin, prefer=prefer, progress=progress or _nobody, at=at
        )
        job.findings.extend(pool_findings(job.pools, besides=of_return))
        findings = (*read, *job.findings)
        if has_errors(findings):
            transaction.set_rollback(True)
            return _refused(findings, dry_run=dry_run)
        locate()
        write_audit(job, counts, by=by, origin=origin)
        keep_taken(job.pools, job.reasons, by=by, at=job.at)
        if dry_run:
            transaction.set_rollback(True)
    return Taken(counts, findings, tuple(file.name for file in job.files))


def _nobody(_done: float, _text: str) -> None:
    """Report progress to nobody."""


def _refused(findings: tuple[Finding, ...], *, dry_run: bool) -> Taken:
    if not dry_run:
        raise FindingsError(findings)
    return Taken({}, findings, ())


def _write(
    files: Sequence[FileRead],
    *,
    by: str,
    origin: str,
    prefer: Prefer,
    progress: Progress,
    at: datetime | None,
) -> tuple[Job, dict[str, Count]]:
    sync_indicators()
    at = at or timezone.now()
    known = dict(SourceFile.objects.values_list("sha256", "imported_at"))
    fresh: dict[str, FileRead] = {}
    findings: list[Finding] = []
    for file in files:
        if file.sha256 in known or file.sha256 in fresh:
            findings.append(_known_file(file, known.get(file.sha256)))
        else:
            fresh[file.sha256] = file
    reads: list[tuple[int, TableRead]] = []
    for file in fresh.values():
        source = _register(file, by=by, at=at)
        reads.extend((source, replace(table, file=file.name)) for table in file.tables)
    for _source, table in reads:
        findings.extend(deleted_rows(table))
    job = Job(
        files=tuple(fresh.values()),
        reads=tuple(reads),
        at=at,
        prefer=prefer,
        progress=progress,
        findings=findings,
        by=by,
        origin=origin,
    )
    return job, take_tables(job)


def _known_file(file: FileRead, imported_at: datetime | None) -> Finding:
    when = imported_at.date().isoformat() if imported_at else "—"
    place = Place(file.name)
    return Finding("take-file-known", "info", place=place, ids=(file.name,), params={"when": when})


def _register(file: FileRead, *, by: str, at: datetime) -> int:
    columns: dict[str, dict[str, dict[str, str]]] = {}
    for table in file.tables:
        columns.setdefault(table.sheet, {}).setdefault(table.table, {}).update(table.columns)
    source = SourceFile.objects.create(
        name=file.name,
        sha256=file.sha256,
        size=file.size,
        columns=columns,
        notice=file.notice,
        findings=[
            {**finding.as_dict("en"), "text_zh": finding.text("zh")} for finding in file.findings
        ],
        imported_at=at,
        imported_by=by,
    )
    return int(source.pk)
