"""Grading plans: a terrain and a block go in; levels, earth, haul and cost come out."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    JsonResponse,
)
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zonewright.core.errors import UnknownReferenceError, ZonewrightError
from zonewright.store.models import Run
from zonewright.web import language, plan_charts, plan_desk
from zonewright.web.access import of, origin, require_zone
from zonewright.web.exports import xlsx_response
from zonewright.web.grading_view import cross_section, drawing, sheets, shown
from zonewright.web.page import page
from zonewright.web.plan_forms import GRADING_GROUPS, GradingForm, grading_start, groups, like
from zonewright.web.plan_numbers import land, money
from zonewright.web.theme import THEMES
from zonewright.web.views.runs import attachment
from zonewright.workflows.grading import GRID, PADS, PICTURE
from zonewright.workflows.jobs import GRADE
from zonewright.workflows.plan_runs import ask_plan, result_of
from zonewright.workflows.rates import default_rates
from zonewright.workflows.standing import standing
from zonewright.workflows.uploads import MAX_BYTES, TERRAIN_KINDS, keep_uploads

FILES = (GRID, PADS)


@require_http_methods(["GET", "HEAD", "POST"])
def grading(request: HttpRequest) -> HttpResponse:
    """Show the plans of the reader's zones and the form of a new one; take what was filled in."""
    if request.method != "POST" and not of(request).may_anywhere("view"):
        return page(request, "no-access.html", {})
    zones = plan_desk.zones_to_plan(request)
    zone = (request.POST if request.method == "POST" else request.GET).get("zone", "")[:80]
    earlier = plan_desk.earlier(request, GRADE)
    if earlier is not None and not zone:
        zone = plan_desk.zone_of(earlier)
    if request.method == "POST":
        require_zone(request, zone, "plan")
    elif zone not in dict(zones):
        zone = ""
    form = _form(request, zone, earlier) if zone else None
    fault = ""
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            return _ask(request, form, earlier)
        except ZonewrightError as error:
            fault = error.text(language.current())
    context = {
        "zones": zones,
        "zone": zone,
        "form": form,
        "groups": groups(form, GRADING_GROUPS, default_rates()["grading"])
        if form is not None
        else [],
        "earlier": earlier,
        "ground": plan_desk.given_files(earlier) if earlier is not None else [],
        "fault": fault,
        "plans": [_listed(item) for item in plan_desk.latest(request, GRADE)],
        "kinds": ",".join(TERRAIN_KINDS),
        "most_bytes": MAX_BYTES,
        "most_mb": MAX_BYTES // (1024 * 1024),
    }
    status = 422 if request.method == "POST" else 200
    return page(request, "grading.html", context, status=status)


@require_safe
def plan(request: HttpRequest, number: int) -> HttpResponse:
    """Show a grading plan; HTMX asks for its body as long as it is computed."""
    run = plan_desk.asked_plan(request, GRADE, number)
    context = plan_desk.shell(request, run)
    if context["is_done"]:
        context |= shown(run) | {"drawing": drawing(run)}
    return page(request, "grading-plan.html", context, partial="partials/grading-body.html")


@require_POST
def cancel(request: HttpRequest, number: int) -> HttpResponse:
    """Cancel a plan that is being computed."""
    return plan_desk.stop(request, plan_desk.asked_plan(request, GRADE, number), "grading-plan")


@require_safe
def picture(request: HttpRequest, number: int) -> HttpResponse:
    """Return the picture of cut and fill."""
    file = plan_desk.file_of(plan_desk.done_plan(request, GRADE, number), PICTURE)
    if file is None:
        raise Http404(PICTURE)
    # A browser that opened it as a page would write styles of its own, which the policy refuses.
    return attachment(bytes(file.blob.content), "image/png", f"grading-{number}-{PICTURE}")


@require_safe
def download(request: HttpRequest, number: int, name: str) -> HttpResponse:
    """Return a file that the plan made: the grid of cut and fill, or the platforms."""
    file = plan_desk.file_of(plan_desk.done_plan(request, GRADE, number), name)
    if name not in FILES or file is None:
        raise UnknownReferenceError("run-file-unknown", run=number, name=name)
    return attachment(bytes(file.blob.content), file.blob.media_type, f"grading-{number}-{name}")


@require_safe
def export(request: HttpRequest, number: int) -> FileResponse:
    """Return the plan as a workbook: platforms, haul, cost, cross-sections."""
    run = plan_desk.done_plan(request, GRADE, number)
    if not result_of(run).get("plan"):
        raise Http404("no plan")
    return xlsx_response(f"grading-{number}.xlsx", sheets(run))


@require_safe
def section(request: HttpRequest, number: int, name: str) -> HttpResponse:
    """Return a cross-section as a Vega-Lite specification."""
    theme = next((known for known in THEMES if known == request.GET.get("theme", "light")), None)
    if theme is None:
        return HttpResponseBadRequest("theme: light or dark")
    found = cross_section(plan_desk.done_plan(request, GRADE, number), name)
    if found is None:
        raise Http404(name)
    before, after = _("before"), _("after")
    rows = [
        {"x": point[0], "y": point[place], "series": series}
        for place, series in ((1, before), (2, after))
        for point in found["points"]
    ]
    return JsonResponse(
        plan_charts.lines(
            rows,
            names=(after, before),
            x_title=_("distance (m)"),
            y_title=_("level (m)"),
            mode=theme,
            zero=False,
        )
    )


def _form(request: HttpRequest, zone: str, earlier: Run | None) -> GradingForm:
    """Return the form of a zone, with its blocks of ready land to choose from."""
    given = request.POST if request.method == "POST" else None
    text = (given or request.GET).get("on", "")
    if earlier is not None:
        text = text or str(earlier.params.get("on", ""))
    try:
        on = date.fromisoformat(text)
    except ValueError:
        on = timezone.localdate()
    blocks = standing().books.blocks_of(zone, on)
    choices = [
        (str(code), f"{code} · {land(float(area))}")
        for code, area in zip(blocks.index, blocks["area_m2"], strict=True)
    ]
    first = grading_start(on, zone, request.GET.get("block", "")[:80])
    if not first["block"] and choices:
        first["block"] = choices[0][0]
    if earlier is not None:
        first = like(earlier.params, {**first, "block": ""})
    return GradingForm(given, blocks=choices, initial=first)


def _ask(request: HttpRequest, form: GradingForm, earlier: Run | None) -> HttpResponse:
    uploads = request.FILES.getlist("files")
    with transaction.atomic():
        if not uploads and earlier is not None and (kept := plan_desk.given_files(earlier)):
            files = [(file.name, file.blob) for file in kept]
        else:
            files = keep_uploads(uploads, kinds=TERRAIN_KINDS)
        params = form.params() | {"files": [name for name, _blob in files]}
        run = ask_plan(
            GRADE,
            params,
            access=of(request),
            files=files,
            language=language.current(),
            origin=origin(request),
        )
    return plan_desk.started(request, run, "grading-plan")


def _listed(item: plan_desk.Listed) -> dict[str, object]:
    """Return a plan of the list with what it is for and what it costs."""
    params, cost = item.run.params, result_of(item.run).get("cost_cny")
    aim = str(params.get("block") or params.get("parcels") or _("the whole zone"))
    return {**item.told(), "aim": aim[:60], "said": money(cost) if cost is not None else ""}
