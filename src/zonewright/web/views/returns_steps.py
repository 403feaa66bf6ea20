"""A return's next step: submit, check, approve, send back, reopen, each of them confirmed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from zonewright.core.errors import FindingsError, NotAllowedError, StateError
from zonewright.core.findings import has_errors
from zonewright.store.access import Permission
from zonewright.web import return_answers, return_told
from zonewright.web.access import of, origin
from zonewright.web.page import page
from zonewright.web.return_told import Matter
from zonewright.web.views.returns_page import LOCKED, head, opened, severities
from zonewright.workflows import returns as workflow
from zonewright.workflows.returns_answers import ReturnView

LONGEST_REMARK = 500
SHOWN_FINDINGS = 20


@dataclass(frozen=True, slots=True)
class Step:
    """A step as its page asks for it.

    Parameters
    ----------
    code
        As `ReturnView.may` names it.
    permission
        What it takes in the return's zone.
    needs_remark
        Whether it is refused without a remark.
    """

    code: str
    permission: Permission
    needs_remark: bool = False


# By the step's name in addresses.
STEPS: Mapping[str, Step] = {
    "submit": Step("submit", "report"),
    "check": Step("check", "check"),
    "approve": Step("approve", "approve"),
    "send-back": Step("send_back", "check", needs_remark=True),
    "reopen": Step("reopen", "approve", needs_remark=True),
}


@require_http_methods(["GET", "HEAD", "POST"])
def step(request: HttpRequest, number: int, name: str) -> HttpResponse:
    """Ask whether to take a step, and with what remark; or take it."""
    asked = STEPS.get(name)
    if asked is None:
        raise Http404(name)
    view = opened(request, number, of(request))
    _require(request, view, asked)
    remark = request.POST.get("remark", "").strip()[:LONGEST_REMARK]
    if request.method != "POST":
        return _page(request, view, name, asked, remark)
    if asked.needs_remark and not remark:
        return _page(request, view, name, asked, remark, missing=True, status=422)
    try:
        _take(request, number, asked, remark)
    except FindingsError:
        return _page(request, view, name, asked, remark, status=422)
    messages.success(request, _said()[asked.code])
    return redirect("return", number)


def _require(request: HttpRequest, view: ReturnView, asked: Step) -> None:
    """Refuse who may not take a step, and a step out of order.

    Raises
    ------
    NotAllowedError
        If they may not take it in the zone, or took the step before themselves.
    StateError
        If it is not the return's next step.
    """
    if asked.code in view.may:
        return
    may = of(request).may(asked.permission, view.due.zone)
    if not may:
        raise NotAllowedError("not-allowed", permission=asked.permission, zone=view.due.zone)
    if asked.code in ("check", "approve") and view.due.id is not None:
        workflow.require_step(view.due.id, asked.code, of(request))
    raise StateError("return-page-step", number=view.due.id)


def _take(request: HttpRequest, number: int, asked: Step, remark: str) -> None:
    access, place = of(request), origin(request)
    text = request.POST.get("seen", "")
    seen = int(text) if text.isdecimal() and len(text) < 9 else None
    if asked.code == "approve":
        locked = workflow.approve(number, access, origin=place, remark=remark, seen=seen)
        request.session[LOCKED] = return_answers.kept_of(locked)
        return
    if asked.code == "check":
        workflow.check(number, access, origin=place, remark=remark, seen=seen)
        return
    takers: Mapping[str, Callable[..., None]] = {
        "submit": workflow.submit,
        "send_back": workflow.send_back,
        "reopen": workflow.reopen,
    }
    takers[asked.code](number, access, origin=place, remark=remark)


def _page(
    request: HttpRequest,
    view: ReturnView,
    name: str,
    asked: Step,
    remark: str,
    *,
    missing: bool = False,
    status: int = 200,
) -> HttpResponse:
    matter = Matter(view.kind, view.rows, view.last, view.findings, view.places)
    told = return_told.tell_all(matter)
    grave = [one for one in told if one.severity != "info"]
    blocked = asked.code == "submit" and has_errors(view.findings)
    context = {
        **head(view),
        "step": asked,
        "name": name,
        "remark_given": remark,
        "most": LONGEST_REMARK,
        "missing": missing,
        "blocked": blocked,
        "groups": return_told.grouped(grave)[:SHOWN_FINDINGS],
        "severities": severities(told),
        "was_locked": any(version.locked_at is not None for version in view.versions),
        "version": view.number,
    }
    return page(
        request, "return-step.html", context, partial="partials/return-step.html", status=status
    )


def _said() -> Mapping[str, str]:
    return {
        "submit": _("Submitted; it now waits to be checked."),
        "check": _("Checked; it now waits to be approved."),
        "approve": _("Approved and locked."),
        "send_back": _("Sent back for correction."),
        "reopen": _("Reopened for correction."),
    }
