"""Monthly returns: who owes what, the blank workbook, handing in, checking, locking, correcting.

A return goes draft → submitted → checked → locked, each step by somebody who may take it in the
zone; it is sent back with a remark, and reopened with a reason. A correction is a new version: what
was locked first (as reported) and last (as corrected) both stay.

Steps take ``at``, the time that is written down for them: for whoever replays kept files. None
means now.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from zonewright.core.errors import FindingsError, InputError, StateError, UnknownReferenceError
from zonewright.core.findings import Finding, has_errors
from zonewright.intake.return_marks import ending_of, marked
from zonewright.intake.return_read import Asked, read_return
from zonewright.steering.returns.kinds import kind, kinds
from zonewright.steering.returns.rows import Given, RowsOf, given_of
from zonewright.store.access import Access
from zonewright.store.actions import returns as actions
from zonewright.store.models import Zone
from zonewright.store.selectors import returns as selectors
from zonewright.store.selectors.returns import OPEN_STATES, ReturnState, Version
from zonewright.workflows.returns_answers import (
    HandedIn,
    Locked,
    ReturnView,
    StepTaken,
    VersionInfo,
)
from zonewright.workflows.returns_due import completeness, due_of, inbox, reminders
from zonewright.workflows.returns_filling import (
    Start,
    book_of,
    findings_of,
    made_book,
    start_of,
)
from zonewright.workflows.returns_published import Watch
from zonewright.workflows.returns_typing import remove_row, save_cells
from zonewright.workflows.returns_versions import corrections, differences

__all__ = [
    "approve", "begin", "blank_workbook", "check", "completeness", "corrections", "differences",
    "hand_in", "inbox", "marked_workbook", "open_return", "reminders", "remove_row", "reopen",
    "require_step", "save_cells", "send_back", "submit", "workbook_of",
]  # fmt: skip


def begin(
    kind_code: str, zone: str, period: str, access: Access, *, origin: str,
    at: datetime | None = None,
) -> int:  # fmt: skip
    """Return the return of a kind, zone and month; begin it with what the workspace knows."""
    return actions.begin(kind_code, zone, period, access, origin=origin, at=at).pk


def open_return(
    number: int, access: Access, *, version: int | None = None, on: date | None = None
) -> ReturnView:
    """Return a return as its page shows it, as of its latest version or an earlier one.

    Raises
    ------
    UnknownReferenceError
        If it, or the version, is not there, or they may not see its zone.
    """
    state = selectors.return_state(number, access)
    of = kind(state.kind)
    kept = selectors.version(state, version)
    start = start_of(of, state.zone, state.period)
    rows = kept.rows if kept else start.rows
    steps = tuple(
        StepTaken(step.action, step.by, step.at, step.version, step.remark)
        for step in selectors.steps(number)
    )
    heads = selectors.version_heads(number)
    return ReturnView(
        due=due_of(state, on or timezone.localdate()),
        kind=of,
        number=kept.number if kept else None,
        rows=rows,
        places=kept.places if kept else {},
        last=start.last,
        findings=_findings(state, kept, start),
        steps=steps,
        versions=tuple(
            VersionInfo(
                head["number"], head["name"], head["origin"], head["made_by"], head["made_at"],
                head["file_id"] is not None, head["locked_at"],
            )
            for head in heads
        ),
        may=actions.steps_open(number, access),
        remark=next((step.remark for step in reversed(steps) if step.remark), ""),
    )  # fmt: skip


def blank_workbook(
    kind_code: str, zone: str, period: str, access: Access, *, lang: str = "zh"
) -> tuple[str, bytes]:
    """Return name and bytes of the workbook to fill in for a kind, zone and month.

    It starts with what the ledger knows; a draft that was begun is in it.

    Raises
    ------
    UnknownReferenceError, NotAllowedError
        If they may not see the zone, or not report in it.
    InputError
        If the period is no month, or the kind is not asked for it.
    """
    of, month = kind(kind_code), actions.month_of(period)
    access.require("report", zone)
    place = _zone(zone)
    if not of.asked(period := str(month)):
        raise InputError("return-not-asked", kind_zh=of.zh, kind_en=of.en, period=period)
    start = start_of(of, zone, period)
    state = selectors.find_return(kind_code, zone, period, access)
    kept = selectors.version(state) if state and state.state in OPEN_STATES else None
    return book_of(of, place, period, kept.rows if kept else start.rows, start.last, lang)


def hand_in(
    name: str,
    data: bytes,
    access: Access,
    *,
    origin: str,
    asked: Asked | None = None,
    by: str = "excel",
    at: datetime | None = None,
) -> HandedIn:
    """Keep a filled-in workbook as the return's next version; it is not submitted by that.

    Parameters
    ----------
    asked
        Which return is meant, where the workbook does not say.
    by
        ``excel`` or ``command``.

    Raises
    ------
    UnknownReferenceError, NotAllowedError
        If they may not see the workbook's zone, or not report in it.
    StateError
        If the return is not with whoever reports: submitted, checked or locked.
    """
    given = _given(asked, access)
    own = access.zones("report")
    rows = Zone.objects.all() if own is None else Zone.objects.filter(code__in=own)
    zones = dict(rows.values_list("code", "name"))
    read = read_return(name, data, kinds(), asked=asked, zones=zones, given=given)
    if read.refused:
        return HandedIn(name, None, None, read.kind, read.zone, read.period, read.findings)
    row = actions.begin(read.kind, read.zone, read.period, access, origin=origin, at=at)
    of = kind(read.kind)
    start = start_of(of, read.zone, read.period)
    out: Given = read.given if read.template else given_of(start.rows)
    book = actions.Book(name, data, read.rows, read.places, out, read.findings)
    version, is_new = actions.hand_in(row.pk, book, access, origin=origin, by=by, at=at)
    found = findings_of(
        of, read.zone, read.rows, start, places=read.places, given=out, file=read.file.name
    )
    return HandedIn(
        name, row.pk, version.number, read.kind, read.zone, read.period,
        (*read.findings, *_not_said(read.findings, found)), unchanged=not is_new,
    )  # fmt: skip


def workbook_of(number: int, version: int, access: Access) -> tuple[str, bytes]:
    """Return name and bytes of a version's workbook as it came (or was made at submission).

    Raises
    ------
    UnknownReferenceError
        If there is no such version, or they may not see the return.
    StateError
        If it was typed in the browser and not submitted yet.
    """
    state = selectors.return_state(number, access)
    selectors.version(state, version)
    found = selectors.content_of(number, version)
    if found is None:
        raise StateError("return-no-file", number=version)
    return found


def marked_workbook(
    number: int, version: int, access: Access, *, lang: str = "zh"
) -> tuple[str, bytes]:
    """Return name and bytes of a version's workbook with what is wrong marked and commented."""
    name, data = workbook_of(number, version, access)
    view = open_return(number, access, version=version)
    stem, dot, _ = name.rpartition(".")
    word = "（核查意见）" if lang == "zh" else " (findings)"
    content = marked(data, view.findings, lang, name=name)
    return f"{stem if dot else name}{word}{ending_of(content)}", content


def submit(
    number: int, access: Access, *, origin: str, remark: str = "", at: datetime | None = None
) -> None:
    """Hand the latest version to the checker.

    Raises
    ------
    FindingsError
        If its reading or a rule forbids it, or a row could not be a record: every finding.
    StateError
        If nothing was filled in, or the return is not with whoever reports.
    """
    with transaction.atomic():  # what is checked is what is submitted, whoever saves meanwhile
        actions.require_submittable(number, access)
        state = selectors.return_state(number, access)
        of = kind(state.kind)
        kept = selectors.version(state)
        if kept is None:
            raise StateError("return-empty")
        start = start_of(of, state.zone, state.period)
        book = None
        if kept.file is None:
            place = _zone(state.zone)
            book = made_book(of, place, state.period, kept.rows, kept.given, start.last)
        found = _not_said(kept.findings, _checked(state, kept, start, book))
        require_sound((*kept.findings, *found))
        found = (*found, *actions.would_take(number, access, book=book, at=at))
        require_sound(found)
        actions.submit(
            number, access, origin=origin, remark=remark, book=book, checked=found, at=at
        )


def check(
    number: int, access: Access, *, origin: str, remark: str = "", seen: int | None = None,
    at: datetime | None = None,
) -> None:  # fmt: skip
    """Pass what was submitted on to the approver.

    Parameters
    ----------
    seen
        Number of the version that was looked at; None asks for no comparison.

    Raises
    ------
    StateError
        If it is not submitted, a later version came meanwhile, or they made it themselves and
        somebody else could check it.
    """
    actions.check(number, access, origin=origin, remark=remark, seen=seen, at=at)


def approve(
    number: int, access: Access, *, origin: str, remark: str = "", seen: int | None = None,
    at: datetime | None = None,
) -> Locked:  # fmt: skip
    """Lock what was checked: its rows become records; say which figures given out that changes.

    Parameters
    ----------
    seen
        Number of the version that was looked at; None asks for no comparison.

    Raises
    ------
    FindingsError
        If a row cannot be a record; nothing is locked then.
    StateError
        If it is not checked, a later version came meanwhile, or they made or checked it and
        somebody else could approve it.
    """
    state = selectors.return_state(number, access)
    watch = Watch(state.period, access)
    version, taken = actions.approve(number, access, origin=origin, remark=remark, seen=seen, at=at)
    counts = {
        name: {
            "created": count.created, "updated": count.updated, "unchanged": count.unchanged,
        }
        for name, count in taken.counts.items()
    }  # fmt: skip
    return Locked(
        number, version.number, counts, taken.findings, watch.changes(),
        correction=state.locked is not None,
    )  # fmt: skip


def require_step(number: int, name: str, access: Access) -> None:
    """Say why somebody may not ``check`` or ``approve`` a return now.

    Raises
    ------
    NotAllowedError
        If they may not in its zone.
    StateError
        If it is in another state, or they made or checked it and somebody else can do it.
    """
    actions.require_step(number, name, access)


def send_back(
    number: int, access: Access, *, origin: str, remark: str, at: datetime | None = None
) -> None:
    """Send what was submitted or checked back for correction.

    Raises
    ------
    InputError
        If no remark says why.
    """
    actions.send_back(number, access, origin=origin, remark=remark, at=at)


def reopen(
    number: int, access: Access, *, origin: str, remark: str, at: datetime | None = None
) -> None:
    """Open a locked return for correction.

    Raises
    ------
    InputError
        If no reason is given.
    """
    actions.reopen(number, access, origin=origin, remark=remark, at=at)


def require_sound(findings: Sequence[Finding]) -> None:
    """Refuse what has a fault.

    Raises
    ------
    FindingsError
        With every finding.
    """
    if has_errors(findings):
        raise FindingsError(tuple(findings))


def _findings(state: ReturnState, kept: Version | None, start: Start) -> tuple[Finding, ...]:
    """Return what is wrong with a version: as it was when submitted, else as it is now."""
    if kept is None:
        return ()
    if state.state not in OPEN_STATES or kept.number != state.version:
        return (*kept.findings, *kept.checked)
    return (*kept.findings, *_not_said(kept.findings, _checked(state, kept, start)))


def _not_said(read: Sequence[Finding], found: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return what the rules found without the missing rows that the reading told already."""
    said = {item.ids for item in read if item.code == "return-book-row-missing"}
    return tuple(
        item for item in found if item.code != "return-row-missing" or item.ids not in said
    )


def _checked(
    state: ReturnState, kept: Version, start: Start, book: actions.Book | None = None
) -> tuple[Finding, ...]:
    return findings_of(
        kind(state.kind), state.zone, book.rows if book else kept.rows, start,
        places=book.places if book else kept.places, given=kept.given,
        file=book.name if book else kept.name,
    )  # fmt: skip


def _given(asked: Asked | None, access: Access) -> RowsOf | None:
    """Return the rows with which the workspace would start the return that is meant."""
    if asked is None or not (asked.kind and asked.zone and asked.period):
        return None
    access.require("report", asked.zone)
    return start_of(kind(asked.kind), asked.zone, asked.period).rows


def _zone(code: str) -> Zone:
    found = Zone.objects.filter(code=code).first()
    if found is None:
        raise UnknownReferenceError("zone-not-seen", zone=code)
    return found
