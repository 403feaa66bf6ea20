"""Making the look-back: queued as a run, watched on the report's own page."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from zonewright.core.errors import InputError, NotAllowedError
from zonewright.store import selectors
from zonewright.store.selectors import runs as run_selectors
from zonewright.web import language, reports, run_view
from zonewright.web.access import of, origin
from zonewright.web.views.report import require_reader
from zonewright.workflows import jobs, lookback


@require_POST
def make(request: HttpRequest) -> HttpResponse:
    """Queue the look-back of the present state, and show the report's page.

    Raises
    ------
    InputError
        If the workspace has no outline: the report would have nothing to state.
    NotAllowedError
        If the reader may not make one.
    """
    require_reader(request)
    access = of(request)
    if not lookback.may(access, "plan"):
        raise NotAllowedError("not-allowed", permission="plan", zone="*")
    if not selectors.outline():
        raise InputError("outline-empty")
    run = jobs.ask(
        lookback.QUESTION,
        jobs.LOOK_BACK_PARAMS,
        access=access,
        zones=lookback.named_zones(),
        language=language.current(),
        origin=origin(request),
    )
    if run.status == run_selectors.DONE:
        messages.success(request, _("Look-back made."))
    return HttpResponseRedirect(reverse("report"))


@require_safe
def making(request: HttpRequest, number: int) -> HttpResponse:
    """Return how far a look-back is; once it has ended, send the reader to what came of it."""
    require_reader(request)
    run = reports.run_of(number)
    response = render(request, "desk/partials/run-progress.html", run_view.progress(run))
    if run_view.is_active(run):
        return response
    may_open = jobs.visible_runs(of(request)).filter(pk=run.pk).exists()
    if run.status == run_selectors.DONE or not may_open:
        response.headers["HX-Redirect"] = reverse("report")
    else:
        response.headers["HX-Redirect"] = reverse("run", args=[run.pk])
    return response
