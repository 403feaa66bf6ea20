"""The runs: what was asked of the workspace, how far it is, and what came of it."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import OperationalError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from zonewright.core.errors import InputError, StateError
from zonewright.store import actions
from zonewright.store.models import Run, Zone
from zonewright.store.selectors import runs as selectors
from zonewright.store.workspace import brief_waits
from zonewright.web import language, run_view
from zonewright.web.access import of, origin
from zonewright.web.page import page
from zonewright.workflows import jobs
from zonewright.workflows.tasks import fragment_name

PAGE_RUNS, PAGE_FINDINGS = 100, 200
# What can be asked on the page of runs itself; the others have pages of their own.
STARTED_HERE = (jobs.EXPORT_GPKG, jobs.BLOCKS)
_PARTS_OF_PAGES = frozenset(fragment_name(lang) for lang in ("zh", "en"))


@require_safe
def run_list(request: HttpRequest) -> HttpResponse:
    """Show the runs that the reader may see, the latest first, and what they may start."""
    access = of(request)
    visible = jobs.visible_runs(access)
    asked = {name: request.GET.get(name, "")[:200] for name in ("question", "status", "by")}
    pages = Paginator(_filtered(visible, asked), PAGE_RUNS)
    shown = pages.get_page(request.GET.get("page"))
    rows = [run_view.row(run) for run in shown]
    context = {
        "pages": shown,
        "rows": rows,
        "asked": asked,
        "filtered": any(asked.values()),
        "questions": [
            (name, run_view.question_name(name)) for name in _values(visible, "question")
        ],
        "states": list(run_view.state_names().items()),
        "people": _values(visible, "by"),
        "any_active": any(row.active for row in rows),
        "may_plan": access.may("plan"),
        "today": timezone.localdate().isoformat(),
    }
    return page(request, "runs.html", context, partial="partials/run-rows.html")


@require_safe
def run(request: HttpRequest, number: int) -> HttpResponse:
    """Show a run; HTMX asks for its body as long as it waits or runs."""
    return show(request, jobs.visible_run(number, of(request)))


def show(request: HttpRequest, found: Run) -> HttpResponse:
    """Return the page of a run, or for HTMX its body."""
    access = of(request)
    severity = next(
        (name for name in run_view.SEVERITIES if name == request.GET.get("severity")), ""
    )
    findings = Paginator(run_view.findings(found, severity), PAGE_FINDINGS)
    files = list(selectors.run_files(found))
    active = run_view.is_active(found)
    known = found.question in jobs.JOBS
    context = {
        **run_view.progress(found),
        "parameters": run_view.parameters(found),
        "given": [file for file in files if file.given],
        "made": [file for file in files if not file.given and file.name not in _PARTS_OF_PAGES],
        "may_cancel": active
        and bool(found.worker or found.status == selectors.QUEUED)
        and not found.cancel_requested
        and (access.name == found.by or access.may("administer")),
        "may_repeat": known and not active and access.may(jobs.JOBS[found.question].permission),
        "refused": run_view.is_refused(found),
        "read": run_view.read_files(found),
        "counts": run_view.counts(found),
        "severities": run_view.severities(found),
        "severity": severity,
        "findings": findings.get_page(request.GET.get("page")),
        "conflicts": run_view.has_conflicts(found),
        "may_import": found.question == jobs.CHECK_FILES
        and found.status == selectors.DONE
        and access.may("plan"),
        "zone_rows": _zone_rows(found),
    }
    return page(request, "run.html", context, partial="partials/run-body.html")


@require_POST
def cancel(request: HttpRequest, number: int) -> HttpResponse:
    """Cancel a run."""
    found = jobs.visible_run(number, of(request))
    try:
        # An import may be holding the file of the workspace: it cannot be stopped any more.
        with brief_waits(2.0):
            found = actions.cancel_run(found, access=of(request), origin=origin(request))
    except OperationalError as error:
        raise StateError("run-busy") from error
    if found.status == selectors.CANCELLED:
        messages.success(request, _("The run was cancelled."))
    else:
        messages.info(request, _("The run will stop at its next step."))
    return _to(found)


@require_POST
def again(request: HttpRequest, number: int) -> HttpResponse:
    """Ask the same question again, of the workspace as it is now."""
    found = jobs.ask_again(
        jobs.visible_run(number, of(request)),
        access=of(request),
        language=language.current(),
        origin=origin(request),
    )
    return _answered(request, found)


@require_POST
def start(request: HttpRequest, question: str) -> HttpResponse:
    """Start a job of the page of runs, on a day."""
    if question not in STARTED_HERE:
        raise InputError("job-unknown", question=question, known=", ".join(STARTED_HERE))
    found = jobs.ask(
        question,
        {"on": _day(request.POST.get("on", "")).isoformat()},
        access=of(request),
        language=language.current(),
        origin=origin(request),
    )
    return _answered(request, found)


@require_safe
def download(request: HttpRequest, number: int, name: str) -> HttpResponse:
    """Return a file that a run made, or was given."""
    file = selectors.run_file(jobs.visible_run(number, of(request)), name)
    return attachment(bytes(file.blob.content), file.blob.media_type, file.name)


def attachment(content: bytes, media_type: str, name: str) -> HttpResponse:
    """Return bytes as a file to be kept: no browser shows it as a page of the desk."""
    response = HttpResponse(content, content_type=media_type)
    response["Content-Disposition"] = content_disposition_header(True, name)
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def _answered(request: HttpRequest, found: Run) -> HttpResponse:
    if found.status == selectors.DONE:
        messages.info(request, _("Nothing has changed since: this is still the answer."))
    return _to(found)


def _to(found: Run) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("run", args=[found.pk]))


def _filtered(visible: QuerySet[Run], asked: dict[str, str]) -> QuerySet[Run]:
    return visible.filter(**{name: value for name, value in asked.items() if value})


def _values(visible: QuerySet[Run], name: str) -> list[str]:
    found = visible.order_by(name).values_list(name, flat=True).distinct()
    return [value for value in found if value]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text) if text else timezone.localdate()
    except ValueError as error:
        raise InputError("day-bad", text=text) from error


def _zone_rows(found: Run) -> list[dict[str, object]]:
    """Return the blocks of each zone, the largest sum first."""
    rows = found.result.get("zones", ()) if isinstance(found.result, dict) else ()
    if found.question != jobs.BLOCKS or not isinstance(rows, list):
        return []
    zones = Zone.objects.filter(code__in=[row["zone"] for row in rows])
    names = {zone.code: language.choose(zone.name, zone.name_en) for zone in zones}
    return sorted(
        ({**row, "name": names.get(row["zone"], row["zone"])} for row in rows),
        key=lambda row: -row["area_m2"],
    )
