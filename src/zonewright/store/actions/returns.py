"""Monthly returns: begin, save, hand in, submit, check, lock, send back, reopen.

A version that was handed in is never changed: saving after that makes the next one. Locking takes
the version's rows as records whose source is its workbook; a correction is locked as a new version,
whose rows supersede, so that what was reported first can always be read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256

from django.db import transaction
from django.utils import timezone

from zonewright.core.errors import (
    InputError,
    PeriodError,
    StateError,
    UnknownReferenceError,
)
from zonewright.core.findings import Finding, has_errors
from zonewright.core.periods import Period
from zonewright.steering.returns.kinds import kind
from zonewright.steering.returns.rows import Given, RowsOf, to_plain
from zonewright.store.access import Access
from zonewright.store.actions._return_codes import foreign_codes
from zonewright.store.actions._return_steps import (
    APPROVE,
    CHECK,
    REFUSE,
    REJECT,
    REOPEN,
    SAVE,
    SUBMIT,
    left_to_others,
    note,
    opened,
    require_other,
    require_remark,
    require_seen,
    require_step,
    require_way,
    steps_open,
    take_step,
    tell,
)
from zonewright.store.actions._return_versions import (
    Book,
    add_book,
    file_read,
    is_handed_in,
    kept_finding,
    new_version,
)
from zonewright.store.actions.taking import Taken, take
from zonewright.store.models import Return, ReturnStep, ReturnVersion, SourceFile, Zone

__all__ = [
    "Book", "approve", "begin", "check", "foreign_codes", "hand_in", "left_to_others",
    "month_of", "reopen", "require_step", "require_submittable", "save", "send_back", "steps_open",
    "submit", "would_take",
]  # fmt: skip


def begin(
    kind_code: str, zone: str, period: str, access: Access, *, origin: str,
    at: datetime | None = None,
) -> Return:  # fmt: skip
    """Return the return of a kind, zone and month, made if there is none.

    Parameters
    ----------
    period
        The month, as in ``2023-04``; it must have begun.
    access, origin
        Who begins it, and from where: whoever may report in the zone.
    at
        When it was begun, where kept files are replayed; None means now.

    Raises
    ------
    UnknownReferenceError, NotAllowedError
        If they may not see the zone, or not report in it.
    InputError
        If the kind is not asked for the month, or the month has not begun.
    """
    of = kind(kind_code)
    month = month_of(period)
    access.require("report", zone)
    place = Zone.objects.filter(code=zone).first()
    if place is None:
        raise UnknownReferenceError("zone-not-seen", zone=zone)
    if not of.asked(str(month)):
        raise InputError("return-not-asked", kind_zh=of.zh, kind_en=of.en, period=period)
    moment = at or timezone.now()
    if month.start_on > timezone.localdate(moment):
        raise InputError("return-early", period=period)
    with transaction.atomic():
        row, made = Return.objects.get_or_create(
            kind=of.code, zone=place, period=str(month),
            defaults={"due_on": of.due_on(str(month)), "changed_at": moment},
        )  # fmt: skip
        if made:
            tell(row, "began", access, origin=origin, at=moment)
    return row


def save(
    number: int, rows: RowsOf, access: Access, *, origin: str, given: Given,
    changes: Mapping[str, object] | None = None, at: datetime | None = None,
) -> ReturnVersion:  # fmt: skip
    """Write the rows of a draft, in a new version if the latest one was handed in.

    Parameters
    ----------
    rows
        All rows by sheet, as they are to stand.
    given
        What stood in them when they were handed out.
    changes
        What changed, for the trail.
    """
    with transaction.atomic():
        row = opened(number, access)
        require_way(row, SAVE, access)
        kept = to_plain(rows, given=given)
        version = row.version
        if version is None or is_handed_in(version):
            version = new_version(row, access, kept, origin="browser", at=at)
        else:
            version.rows = kept
            version.save(update_fields=["rows"])
        saved = ReturnStep.objects.filter(of=row, version=version, action="saved", by=access.name)
        if saved.exists():
            note(row, "saved", access, origin=origin, after=changes)
        else:
            tell(row, "saved", access, origin=origin, after=changes, at=at)
    return version


def hand_in(
    number: int, book: Book, access: Access, *, origin: str, by: str = "excel",
    at: datetime | None = None,
) -> tuple[ReturnVersion, bool]:  # fmt: skip
    """Keep a filled-in workbook as the return's next version.

    Parameters
    ----------
    by
        ``excel`` or ``command``.

    Returns
    -------
    version, is_new
        The same bytes as those of the latest version are that version, and not new.
    """
    with transaction.atomic():
        row = opened(number, access)
        present = row.version
        if present is not None and present.file_id == sha256(book.content).hexdigest():
            access.require("report", row.zone.code)
            return present, False
        require_way(row, SAVE, access)
        kept = to_plain(book.rows, book.places, book.given)
        version = new_version(row, access, kept, origin=by, book=book, at=at)
        tell(row, "saved", access, origin=origin, at=at,
             after={"file": book.name, "sha256": version.file_id})  # fmt: skip
    return version, True


def require_submittable(number: int, access: Access) -> None:
    """Refuse what is not with whoever reports, or who may not report there.

    Raises
    ------
    UnknownReferenceError, NotAllowedError, StateError
        As `submit` does.
    """
    with transaction.atomic():
        require_way(opened(number, access), SUBMIT, access)


def submit(
    number: int, access: Access, *, origin: str, remark: str = "", book: Book | None = None,
    checked: Sequence[Finding] = (), at: datetime | None = None,
) -> None:  # fmt: skip
    """Hand the latest version to the checker.

    Parameters
    ----------
    book
        The workbook made of a version that was typed in the browser: so that each record leads to a
        cell.
    checked
        What the rules found, kept with the version.

    Raises
    ------
    StateError
        If nothing was filled in, or the return is not with whoever reports.
    """
    with transaction.atomic():
        row = opened(number, access)
        require_way(row, SUBMIT, access)
        version = row.version
        if version is None:
            raise StateError("return-empty")
        if version.file_id is None:
            if book is None:
                raise StateError("return-no-file", number=version.number)
            add_book(version, book)
        read = [item for item in version.findings if item.get("by") != "rules"]
        version.findings = [*read, *({**kept_finding(item), "by": "rules"} for item in checked)]
        version.save(update_fields=["findings"])
        take_step(row, SUBMIT, access, origin=origin, remark=remark.strip(), at=at)


def check(
    number: int, access: Access, *, origin: str, remark: str = "", seen: int | None = None,
    at: datetime | None = None,
) -> None:  # fmt: skip
    """Pass what was submitted on to the approver; `seen` is the version that was looked at."""
    with transaction.atomic():
        row = opened(number, access)
        require_way(row, CHECK, access)
        require_seen(row, seen)
        require_other(row, CHECK, access)
        take_step(row, CHECK, access, origin=origin, remark=remark.strip(), at=at)


def approve(
    number: int, access: Access, *, origin: str, remark: str = "", seen: int | None = None,
    at: datetime | None = None,
) -> tuple[ReturnVersion, Taken]:  # fmt: skip
    """Lock what was checked: its rows become records; `seen` is the version that was looked at.

    Raises
    ------
    FindingsError
        If a row cannot be a record; nothing is locked then.
    """
    with transaction.atomic():
        row = opened(number, access)
        require_way(row, APPROVE, access)
        require_seen(row, seen)
        require_other(row, APPROVE, access)
        version = row.version
        if version is None or version.file is None:
            raise StateError("return-empty")
        file = file_read(row, version)
        taken = take([file], by=access.name, origin=origin, of_return=row.pk, at=at)
        version.source = SourceFile.objects.filter(sha256=file.sha256).first()
        version.save(update_fields=["source"])
        row.locked = version
        counts = {
            name: [count.created, count.updated, count.unchanged]
            for name, count in taken.counts.items()
        }
        take_step(row, APPROVE, access, origin=origin, remark=remark.strip(), at=at,
                  told={"records": counts})  # fmt: skip
    return version, taken


def would_take(
    number: int, access: Access, *, book: Book | None = None, at: datetime | None = None
) -> tuple[Finding, ...]:
    """Return what taking the latest version as records would find; nothing is written.

    Parameters
    ----------
    book
        The workbook made of a version that has none yet.
    """
    with transaction.atomic():
        row = opened(number, access)
        if row.version is None or (row.version.file is None and book is None):
            raise StateError("return-empty")
        file = file_read(row, row.version, book)
        if not any(table.rows for table in file.tables):
            return file.findings
        if has_errors(file.findings):
            return file.findings
        return take([file], by=access.name, of_return=row.pk, dry_run=True, at=at).findings


def send_back(
    number: int, access: Access, *, origin: str, remark: str, at: datetime | None = None
) -> None:
    """Send what was submitted (or checked) back for correction, saying why.

    Raises
    ------
    InputError
        If no remark says why.
    """
    with transaction.atomic():
        row = opened(number, access)
        way = REJECT if row.state in REJECT.before else REFUSE
        require_way(row, way, access)
        take_step(row, way, access, origin=origin, remark=require_remark(remark), at=at)


def reopen(
    number: int, access: Access, *, origin: str, remark: str, at: datetime | None = None
) -> None:
    """Open a locked return for correction; its records stay until a correction is locked.

    Raises
    ------
    InputError
        If no reason is given.
    """
    with transaction.atomic():
        row = opened(number, access)
        require_way(row, REOPEN, access)
        take_step(row, REOPEN, access, origin=origin, remark=require_remark(remark), at=at)


def month_of(period: str) -> Period:
    """Return the month that a text such as ``2023-04`` names.

    Raises
    ------
    InputError
        If it names none.
    """
    try:
        month = Period.parse(period)
    except PeriodError as error:
        raise InputError("return-period", period=period) from error
    if month.months != 1:
        raise InputError("return-period", period=period)
    return month
