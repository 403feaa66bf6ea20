"""Files into the workspace: uploaded, checked by a worker, and only then taken in."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from zonewright.core.errors import InputError, UnknownReferenceError
from zonewright.store.models import Blob, Run
from zonewright.store.selectors import runs as selectors
from zonewright.web import language, run_view
from zonewright.web.access import of, origin, require_everywhere
from zonewright.web.page import page
from zonewright.workflows import jobs
from zonewright.workflows.uploads import KINDS, MAX_BYTES, keep_uploads

LATEST = 10
PREFERENCES = ("file", "workspace")


@require_http_methods(["GET", "HEAD", "POST"])
def import_page(request: HttpRequest) -> HttpResponse:
    """Show where files are given, and the latest imports; check what is given."""
    require_planner(request)
    if request.method == "POST":
        return _check(request)
    latest = selectors.runs(of(request)).filter(question__in=(jobs.CHECK_FILES, jobs.IMPORT_FILES))
    context = {
        "kinds": ",".join(KINDS),
        "most_mb": MAX_BYTES // (1024 * 1024),
        "most_bytes": MAX_BYTES,
        "rows": [run_view.row(run) for run in latest[:LATEST]],
    }
    return page(request, "import.html", context)


@require_POST
def recheck(request: HttpRequest, number: int) -> HttpResponse:
    """Check the files of an earlier check again, with a choice whose values count."""
    require_planner(request)
    found = _check_of(request, number)
    return _asked(request, jobs.CHECK_FILES, _files_of(found), request.POST.get("prefer", ""))


@require_POST
def take(request: HttpRequest, number: int) -> HttpResponse:
    """Take in the files of a check that found no fault.

    Raises
    ------
    InputError
        If the run is no such check.
    """
    require_planner(request)
    found = _check_of(request, number)
    if found.status != selectors.DONE or run_view.is_refused(found):
        raise InputError("import-not-checked", run=number)
    return _asked(request, jobs.IMPORT_FILES, _files_of(found), str(found.params.get("prefer", "")))


def require_planner(request: HttpRequest) -> None:
    """Refuse whoever may not import: with 404 those who do not see the whole workspace."""
    require_everywhere(request)
    of(request).require("plan")


def _check(request: HttpRequest) -> HttpResponse:
    with transaction.atomic():
        files = keep_uploads(request.FILES.getlist("files"))
        return _asked(request, jobs.CHECK_FILES, files, "")


def _asked(
    request: HttpRequest, question: str, files: list[tuple[str, Blob]], prefer: str
) -> HttpResponse:
    params: dict[str, object] = {"files": [name for name, _blob in files]}
    if prefer in PREFERENCES:
        params["prefer"] = prefer
    run = jobs.ask(
        question,
        params,
        access=of(request),
        files=files,
        language=language.current(),
        origin=origin(request),
    )
    if run.status == selectors.DONE:
        messages.info(request, _("Nothing has changed since: this is still the answer."))
    return HttpResponseRedirect(reverse("run", args=[run.pk]))


def _check_of(request: HttpRequest, number: int) -> Run:
    found = selectors.run(number, of(request))
    if found.question != jobs.CHECK_FILES:
        raise InputError("import-not-checked", run=number)
    return found


def _files_of(run: Run) -> list[tuple[str, Blob]]:
    found = [(file.name, file.blob) for file in selectors.run_files(run) if file.given]
    if not found:
        raise UnknownReferenceError("run-files-gone")
    return found
