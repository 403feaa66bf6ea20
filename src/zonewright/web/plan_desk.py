"""What the pages of plans share: the zones to plan for, a plan as it runs, its list, its end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db import OperationalError
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from zonewright.core.errors import StateError, UnknownReferenceError
from zonewright.core.texts import text_of
from zonewright.store import actions, selectors
from zonewright.store.models import Run, RunFile
from zonewright.store.selectors import runs as run_selectors
from zonewright.store.workspace import brief_waits
from zonewright.web import language, run_view
from zonewright.web.access import of, origin
from zonewright.web.mapview import zones_of
from zonewright.workflows.plan_runs import plan_run, plan_runs, result_of

LATEST = 30


def zone_names(request: HttpRequest) -> dict[str, str]:
    """Return the zones by code, with their names in the reader's language."""
    rows = zones_of(request).reset_index().to_dict("records")
    return {
        str(row["code"]): language.choose(str(row["name"]), str(row["name_en"])) for row in rows
    }


def zones_to_plan(request: HttpRequest) -> list[tuple[str, str]]:
    """Return the zones for which the reader may plan, as choices."""
    codes = of(request).zones("plan")
    names = zone_names(request)
    kept = names if codes is None else {code: names[code] for code in names if code in codes}
    return [(code, f"{name} · {code}") for code, name in kept.items()]


def earlier(request: HttpRequest, question: str) -> Run | None:
    """Return the plan that a form begins from (``?like=12``), if the reader may see it."""
    text = request.POST.get("like") or request.GET.get("like", "")
    if not (text.isdecimal() and len(text) < 16):
        return None
    return plan_runs(question, of(request)).filter(pk=int(text)).first()


def asked_plan(request: HttpRequest, question: str, number: int) -> Run:
    """Return a plan that the reader may see (404 if not)."""
    return plan_run(question, number, of(request))


def done_plan(request: HttpRequest, question: str, number: int) -> Run:
    """Return a plan that is finished.

    Raises
    ------
    UnknownReferenceError
        If there is none that the reader sees, or it has no result.
    """
    found = asked_plan(request, question, number)
    if found.status != run_selectors.DONE:
        raise UnknownReferenceError("plan-run-unknown", run=number)
    return found


@dataclass(frozen=True, slots=True)
class Listed:
    """A plan in the list of its kind."""

    run: Run
    zone: str

    def told(self) -> dict[str, object]:
        """Return what a row shows of any plan."""
        return {
            "row": run_view.row(self.run),
            "run": self.run,
            "zone": self.zone,
            "on": self.run.params.get("on", ""),
        }


def latest(request: HttpRequest, question: str) -> list[Listed]:
    """Return the latest plans of the reader's zones."""
    names = zone_names(request)
    return [
        Listed(run, names.get(zone_of(run), zone_of(run)))
        for run in plan_runs(question, of(request))[:LATEST]
    ]


def zone_of(run: Run) -> str:
    """Return the zone of a plan."""
    return str(run.params.get("zone", ""))


def shell(request: HttpRequest, run: Run) -> dict[str, object]:
    """Return what every page of a plan shows: how far it is, where, and what may be done."""
    access = of(request)
    active = run_view.is_active(run)
    result = result_of(run)
    return {
        **run_view.progress(run),
        "zone": zone_of(run),
        "zone_name": zone_names(request).get(zone_of(run), zone_of(run)),
        "may_plan_here": access.may("plan", zone_of(run)),
        "may_cancel": active
        and not run.cancel_requested
        and (access.name == run.by or access.may("administer")),
        "is_done": run.status == run_selectors.DONE,
        "is_stale": bool(result.get("inputs"))
        and str(result.get("inputs")) != selectors.fingerprint(),
        "findings": findings(result),
    }


def findings(result: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the findings of a plan with their texts in the reader's language."""
    shown = []
    for found in result.get("findings", ()):
        ids = ", ".join(found.get("ids", [])[:5])
        text = text_of(str(found["code"]), {"ids": ids, **found["params"]}, language.current())
        shown.append({"severity": str(found["severity"]), "text": text})
    return shown


def file_of(run: Run, name: str) -> RunFile | None:
    """Return a file of a plan with its bytes; None if it is no longer kept."""
    try:
        return run_selectors.run_file(run, name)
    except UnknownReferenceError:
        return None


def given_files(run: Run) -> list[RunFile]:
    """Return the files that a plan was made of, as far as they are kept; without their bytes."""
    return [file for file in run_selectors.run_files(run) if file.given]


def started(request: HttpRequest, run: Run, address: str) -> HttpResponseRedirect:
    """Lead to a plan that was asked for."""
    if run.status == run_selectors.DONE:
        messages.info(request, _("Nothing has changed since: this is still the answer."))
    return HttpResponseRedirect(reverse(address, args=[run.pk]))


def stop(request: HttpRequest, run: Run, address: str) -> HttpResponseRedirect:
    """Cancel a plan and lead back to it.

    Raises
    ------
    NotAllowedError, StateError
        If it is another's, or it cannot be stopped any more.
    """
    try:
        with brief_waits(2.0):
            actions.cancel_run(run, access=of(request), origin=origin(request))
    except OperationalError as error:
        raise StateError("run-busy") from error
    return HttpResponseRedirect(reverse(address, args=[run.pk]))
