"""A monthly return: where it stands, what it says beside last month, what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from zonewright.core.errors import UnknownReferenceError
from zonewright.steering.returns.rows import RowsOf
from zonewright.store.access import Access
from zonewright.web import language, return_answers, return_tables, return_told, return_words
from zonewright.web.access import of
from zonewright.web.page import page
from zonewright.web.return_tables import SHOWN, Asked
from zonewright.web.return_told import Matter, Told
from zonewright.web.views.returns import XLSX
from zonewright.web.views.runs import attachment
from zonewright.workflows import returns as workflow
from zonewright.workflows.returns_answers import ReturnView, StepTaken, VersionInfo

SHOWN_FINDINGS = 60
# What locking a return did, until its page has told it.
LOCKED = "returns-locked"


@require_safe
def show(request: HttpRequest, number: int) -> HttpResponse:
    """Show a return: its latest version or an earlier one, compared with the one before."""
    access = of(request)
    view = opened(request, number, access, version=_number(request.GET.get("version", "")))
    version = view.number
    against = compared(view, version, request.GET.get("against", ""))
    before = _rows_of(number, against, access)
    matter = Matter(view.kind, view.rows, view.last, view.findings, view.places, before)
    told = return_told.tell_all(matter)
    asked = asked_rows(request, matter)
    made = return_tables.tables(matter, told, asked)
    context = {
        **head(view),
        "view": view,
        "way": way(view),
        "groups": return_told.grouped(told)[:SHOWN_FINDINGS],
        "group_count": len(return_told.grouped(told)),
        "severities": severities(told),
        "tables": made,
        "paged": any(table.page.has_other_pages() for table in made) or asked.show != "all",
        "show": asked.show,
        "version": version,
        "is_latest": not view.versions or version == view.versions[0].number,
        "against": against,
        "steps": [step_line(step) for step in reversed(view.steps)],
        "versions": [version_line(one, view.versions) for one in view.versions],
        "first_locked": first_locked(view.versions),
        "locked": locked_now(request, number),
    }
    return page(request, "return.html", context)


def opened(
    request: HttpRequest, number: int, access: Access, *, version: int | None = None
) -> ReturnView:
    """Return a return that the reader may see.

    Raises
    ------
    Http404
        If there is none, or no such version.
    """
    try:
        return workflow.open_return(number, access, version=version)
    except UnknownReferenceError as error:
        raise Http404(request.path) from error


def head(view: ReturnView) -> dict[str, object]:
    """Return what every page of a return tells at its top."""
    due = view.due
    return {
        "section": "returns",
        "due": due,
        "today": timezone.localdate(),
        "number": due.id,
        "kind_name": view.kind.label(language.current()),
        "zone_name": return_words.zone_name(due),
        "month_name": return_words.month_name(due.period),
        "word": return_words.state(due.state),
        "may": view.may,
        "remark": view.remark,
    }


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 9 else None


def compared(view: ReturnView, version: int | None, text: str) -> int | None:
    """Return the version that the one shown is compared with: as asked, else the one before."""
    known = [one.number for one in view.versions]
    asked = _number(text)
    if asked in known and asked != version:
        return asked
    if text == "0" or version is None:
        return None
    return max((one for one in known if one < version), default=None)


def _rows_of(number: int, version: int | None, access: Access) -> RowsOf | None:
    if version is None:
        return None
    return workflow.open_return(number, access, version=version).rows


def asked_rows(request: HttpRequest, matter: Matter) -> Asked:
    """Return which rows the address asks for."""
    show = request.GET.get("rows", "all")
    pages = {sheet.code: request.GET.get(f"page-{sheet.code}", "1") for sheet in matter.kind.sheets}
    return Asked(show if show in SHOWN else "all", pages)


def severities(told: Sequence[Told]) -> dict[str, int]:
    """Return how many findings of each severity there are."""
    return {name: sum(one.severity == name for one in told) for name in return_told.GRAVE}


# ---- The way -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Station:
    """A station of the way: who passed it and when, if somebody did."""

    code: str
    state: str
    by: str = ""
    at: datetime | None = None
    remark: str = ""


_STATIONS = ("submitted", "checked", "locked")
_HERE = {
    "missing": 0, "draft": 0, "sent_back": 0, "reopened": 0, "submitted": 1, "checked": 2,
    "locked": 3,
}  # fmt: skip


def way(view: ReturnView) -> list[Station]:
    """Return the stations of a return's way: maker, checker, approver; a step back undoes them."""
    passed: dict[str, StepTaken] = {}
    for step in view.steps:
        if step.action in _STATIONS:
            passed[step.action] = step
        elif step.action in ("sent_back", "reopened"):
            passed.clear()
    here = _HERE[view.due.state]
    found = []
    for place, code in enumerate(_STATIONS):
        state = "done" if place < here else ("here" if place == here else "ahead")
        taken = passed.get(code) if state == "done" else None
        found.append(
            Station(code, state, taken.by, taken.at, taken.remark)
            if taken
            else Station(code, state)
        )
    return found


@dataclass(frozen=True, slots=True)
class StepLine:
    """A step as the history tells it."""

    step: StepTaken
    name: str


def step_line(step: StepTaken) -> StepLine:
    """Return a step as the history tells it."""
    return StepLine(step, return_words.actions().get(step.action, step.action))


@dataclass(frozen=True, slots=True)
class VersionLine:
    """A version as the list shows it: how it came, and whether it was locked first or last."""

    version: VersionInfo
    origin: str
    locked: str


def version_line(version: VersionInfo, versions: Sequence[VersionInfo]) -> VersionLine:
    """Return a version as the list shows it."""
    locked = sorted(one.number for one in versions if one.locked_at is not None)
    said = ""
    if version.number in locked:
        said = "only" if len(locked) == 1 else "between"
        said = "first" if len(locked) > 1 and version.number == locked[0] else said
        said = "last" if len(locked) > 1 and version.number == locked[-1] else said
    return VersionLine(version, return_words.origins().get(version.origin, version.origin), said)


def first_locked(versions: Sequence[VersionInfo]) -> int | None:
    """Return the version as first reported, if a correction was locked since."""
    locked = sorted(one.number for one in versions if one.locked_at is not None)
    return locked[0] if len(locked) > 1 else None


def locked_now(request: HttpRequest, number: int) -> dict[str, object] | None:
    """Return what locking this return just did, once."""
    kept: dict[str, Any] | None = request.session.get(LOCKED)
    if kept is None or kept.get("id") != number:
        return None
    del request.session[LOCKED]
    return return_answers.told_of(kept)


# ---- Files ---------------------------------------------------------------------------------------


@require_safe
def workbook(request: HttpRequest, number: int, version: int) -> HttpResponse:
    """Return a version's workbook as it was handed in."""
    opened(request, number, of(request), version=version)
    name, content = workflow.workbook_of(number, version, of(request))
    return attachment(content, XLSX, name)


@require_safe
def marked(request: HttpRequest, number: int, version: int) -> HttpResponse:
    """Return a version's workbook with what is wrong marked in its cells."""
    opened(request, number, of(request), version=version)
    name, content = workflow.marked_workbook(number, version, of(request), lang=language.current())
    return attachment(content, XLSX, name)


def address(number: int) -> str:
    """Return the address of a return's page."""
    return reverse("return", args=[number])
