"""Versions of a return as they are kept: their rows, their workbook, and both as what is taken."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from django.utils import timezone

from zonewright.core.errors import StateError
from zonewright.core.findings import Finding
from zonewright.core.records import FileRead
from zonewright.steering.returns.checking import Context
from zonewright.steering.returns.kinds import kind
from zonewright.steering.returns.rows import Given, Places, RowsOf, plain, to_plain
from zonewright.steering.returns.tables import Taking
from zonewright.store.access import Access
from zonewright.store.actions._return_codes import foreign_codes
from zonewright.store.actions.attachments import XLSX
from zonewright.store.actions.blobs import keep
from zonewright.store.models import Return, ReturnStep, ReturnVersion, SourceFile
from zonewright.store.selectors.returns import later_values, version_of


@dataclass(frozen=True, slots=True)
class Book:
    """A return's workbook: its bytes, what was read of it, and where that stands.

    Parameters
    ----------
    given
        What stood in the rows when the workbook was handed out.
    findings
        What reading it found.
    """

    name: str
    content: bytes
    rows: RowsOf
    places: Places
    given: Given = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


def is_handed_in(version: ReturnVersion) -> bool:
    """Return whether a version is closed: it has a workbook, or was submitted."""
    taken = ReturnStep.objects.filter(version=version, action="submitted")
    return version.file_id is not None or taken.exists()


def new_version(
    row: Return, access: Access, kept: dict[str, object], *, origin: str,
    book: Book | None = None, at: datetime | None = None,
) -> ReturnVersion:  # fmt: skip
    """Make a return's next version."""
    number = 1 + (row.version.number if row.version else 0)
    blob = keep(book.content, XLSX) if book else None
    version = ReturnVersion.objects.create(
        of=row, number=number, rows=kept, file=blob, name=book.name if book else "",
        origin=origin, made_by=access.name, made_at=at or timezone.now(),
        findings=[kept_finding(finding) for finding in book.findings] if book else [],
    )  # fmt: skip
    row.version = version
    row.changed_at = version.made_at
    row.save(update_fields=["version", "changed_at"])
    return version


def add_book(version: ReturnVersion, book: Book) -> None:
    """Keep the workbook made of a version that was typed in the browser."""
    version.file = keep(book.content, XLSX)
    version.name = book.name
    version.rows = to_plain(book.rows, book.places, book.given)
    version.findings = [kept_finding(finding) for finding in book.findings]
    version.save(update_fields=["file", "name", "rows", "findings"])


def file_read(row: Return, version: ReturnVersion, book: Book | None = None) -> FileRead:
    """Return a version's rows as a file that is taken."""
    of = kind(row.kind)
    rows_kept = version_of(version, of)
    name = book.name if book else version.name
    taking = Taking(
        of, row.zone.code, row.period, book.rows if book else rows_kept.rows,
        book.places if book else rows_kept.places, book.given if book else rows_kept.given, name,
        later_values(of, row.zone.code, row.period),
    )  # fmt: skip
    tables, notices = taking.tables()
    context = Context(row.period, places=taking.places, file=name)
    findings = (*notices, *foreign_codes(of, row.zone.code, taking.rows, context))
    if book:
        digest, size = sha256(book.content).hexdigest(), len(book.content)
    elif version.file is not None:
        digest, size = version.file.sha256, version.file.size
    else:
        raise StateError("return-no-file", number=version.number)
    if SourceFile.objects.filter(sha256=digest).exists():
        # The bytes came before (as an import, or as a version that is returned to): taken anew.
        whole = f"{row.kind} {row.zone.code} {row.period} {version.number} {digest}"
        digest = sha256(whole.encode()).hexdigest()
    return FileRead(name, digest, size, tables, findings)


def kept_finding(finding: Finding) -> dict[str, object]:
    """Return a finding as a version keeps it."""
    return {
        **finding.as_dict("en"),
        "text_zh": finding.text("zh"),
        "params": {name: plain(value) for name, value in finding.params.items()},
    }
