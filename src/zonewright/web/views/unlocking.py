"""Unlock plans: what to buy and level next, for a budget and the budgets around it."""

from __future__ import annotations

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

from zonewright.core.errors import ZonewrightError
from zonewright.store.models import Run
from zonewright.store.selectors import runs as run_selectors
from zonewright.web import language, plan_charts, plan_desk, run_view
from zonewright.web.access import of, origin, require_zone
from zonewright.web.exports import xlsx_response
from zonewright.web.page import page, wants_partial
from zonewright.web.plan_forms import (
    UNLOCK_GROUPS,
    UnlockForm,
    groups,
    like,
    unlock_start,
    unlock_usual,
)
from zonewright.web.plan_numbers import in_habit, land, money
from zonewright.web.theme import THEMES
from zonewright.web.unlock_files import GPKG, geopackage, sheets
from zonewright.web.unlock_view import compared, curve, shown, step_of, why_static
from zonewright.web.values import HABIT, unit_name
from zonewright.web.views.runs import attachment
from zonewright.workflows.jobs import UNLOCK
from zonewright.workflows.plan_runs import ask_plan, plan_runs, result_of
from zonewright.workflows.tasks_land import SHAPES

MOST_COMPARED = 4


@require_http_methods(["GET", "HEAD", "POST"])
def unlock(request: HttpRequest) -> HttpResponse:
    """Show the plans of the reader's zones and the form of a new one; take what was filled in."""
    if request.method != "POST" and not of(request).may_anywhere("view"):
        return page(request, "no-access.html", {})
    zones = plan_desk.zones_to_plan(request)
    fault = ""
    if request.method == "POST":
        require_zone(request, request.POST.get("zone", ""), "plan")
        form = UnlockForm(request.POST, zones=zones)
        if form.is_valid():
            try:
                return _ask(request, form.params())
            except ZonewrightError as error:
                fault = error.text(language.current())
    else:
        asked = request.GET.get("zone", "")
        start = unlock_start(timezone.localdate(), asked if asked in dict(zones) else "")
        earlier = plan_desk.earlier(request, UNLOCK)
        form = UnlockForm(
            None, zones=zones, initial=like(earlier.params, start) if earlier else start
        )
    listed = [_listed(item) for item in plan_desk.latest(request, UNLOCK)]
    context = {
        "zones": zones,
        "form": form,
        "groups": groups(form, UNLOCK_GROUPS, unlock_usual()),
        "fault": fault,
        "plans": [plan for plan in listed if not plan["with"]],
    }
    return page(request, "unlock.html", context, status=422 if request.method == "POST" else 200)


@require_safe
def plan(request: HttpRequest, number: int) -> HttpResponse:
    """Show an unlock plan at one of its budgets; HTMX asks for its body, or for another budget."""
    run = plan_desk.asked_plan(request, UNLOCK, number)
    context = plan_desk.shell(request, run)
    partial = "partials/unlock-body.html"
    if context["is_done"]:
        step = step_of(result_of(run), request.GET.get("step", ""))
        context |= shown(run, step)
        if "step" in request.GET and wants_partial(request):
            partial, context["is_part"] = "partials/unlock-step.html", True
    return page(request, "unlock-plan.html", context, partial=partial)


@require_POST
def cancel(request: HttpRequest, number: int) -> HttpResponse:
    """Cancel a plan that is being computed."""
    return plan_desk.stop(request, plan_desk.asked_plan(request, UNLOCK, number), "unlock-plan")


@require_safe
def parcels(request: HttpRequest, number: int) -> HttpResponse:
    """Return the parcels of a plan as GeoJSON, for its map."""
    file = plan_desk.file_of(plan_desk.done_plan(request, UNLOCK, number), SHAPES)
    if file is None:
        raise Http404(SHAPES)
    return HttpResponse(bytes(file.blob.content), content_type="application/geo+json")


@require_safe
def curve_chart(request: HttpRequest, number: int) -> HttpResponse:
    """Return what budgets bring, with the bound above it, as a Vega-Lite specification."""
    theme = next((known for known in THEMES if known == request.GET.get("theme", "light")), None)
    if theme is None:
        return HttpResponseBadRequest("theme: light or dark")
    result = result_of(plan_desk.done_plan(request, UNLOCK, number))
    found, bound, habit = _("found"), _("no plan exceeds"), HABIT[language.current()]
    rows = [
        {"x": point["budget"], "y": point[key], "series": series}
        for key, series in (("value", found), ("bound", bound))
        for point in curve(result)
    ]
    counted = result["target"] == "blocks"
    unit = {"unit": unit_name(habit["area"])}
    return JsonResponse(
        plan_charts.lines(
            rows,
            names=(found, bound),
            x_title=_("budget (%(unit)s)") % {"unit": unit_name(habit["money"])},
            y_title=_("blocks") if counted else _("land in blocks (%(unit)s)") % unit,
            mode=theme,
            points=True,
            mark=in_habit(result["budget_cny"], "元", "money"),
        )
    )


@require_http_methods(["GET", "HEAD", "POST"])
def why(request: HttpRequest, number: int) -> HttpResponse:
    """Say why a parcel is not in the plan; asked to, plan anew with it and compare."""
    run = plan_desk.done_plan(request, UNLOCK, number)
    given = request.POST if request.method == "POST" else request.GET
    parcel = given.get("parcel", "").strip()[:80]
    step = step_of(result_of(run), given.get("step", ""))
    context: dict[str, object] = {
        "base": run,
        "parcel": parcel,
        "step": step,
        "may_plan_here": of(request).may("plan", plan_desk.zone_of(run)),
    }
    if parcel:
        context |= why_static(run, step, parcel)
    other: Run | None = None
    if request.method == "POST" and context.get("may_try"):
        budget = result_of(run)["plans"][step]["budget_cny"] / 1e4
        params = {**run.params, "with": parcel, "steps": 0, "budget_wan": budget}
        other = ask_plan(
            UNLOCK, params, access=of(request), language=language.current(), origin=origin(request)
        )
    elif given.get("run", "").isdecimal():
        other = plan_runs(UNLOCK, of(request)).filter(pk=int(given["run"])).first()
    if other is not None and other.params.get("with") == parcel:
        context |= _with_parcel(run, step, other)
    return page(request, "unlock-why.html", context, partial="partials/unlock-why.html")


@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    """Show two or more plans side by side."""
    numbers = [int(text) for text in request.GET.getlist("run") if text.isdecimal()]
    numbers = list(dict.fromkeys(numbers))[:MOST_COMPARED]
    found = [plan_desk.done_plan(request, UNLOCK, number) for number in numbers]
    names = plan_desk.zone_names(request)
    context = {
        "runs": found,
        "rows": compared(found, names),
        "plans": [
            plan
            for plan in map(_listed, plan_desk.latest(request, UNLOCK))
            if plan["is_done"] and not plan["with"]
        ],
        "chosen": numbers,
    }
    return page(request, "unlock-compare.html", context)


@require_safe
def export(request: HttpRequest, number: int) -> FileResponse:
    """Return the plan at one of its budgets as a workbook."""
    run = plan_desk.done_plan(request, UNLOCK, number)
    step = step_of(result_of(run), request.GET.get("step", ""))
    return xlsx_response(f"unlock-{number}.xlsx", sheets(run, step))


@require_safe
def export_gpkg(request: HttpRequest, number: int) -> HttpResponse:
    """Return the parcels of the plan at one of its budgets as a GeoPackage."""
    run = plan_desk.done_plan(request, UNLOCK, number)
    file = plan_desk.file_of(run, SHAPES)
    if file is None:
        raise Http404(SHAPES)
    step = step_of(result_of(run), request.GET.get("step", ""))
    return attachment(
        geopackage(run, step, bytes(file.blob.content)), GPKG, f"unlock-{number}.gpkg"
    )


def _ask(request: HttpRequest, params: dict[str, object]) -> HttpResponse:
    run = ask_plan(
        UNLOCK, params, access=of(request), language=language.current(), origin=origin(request)
    )
    return plan_desk.started(request, run, "unlock-plan")


def _listed(item: plan_desk.Listed) -> dict[str, object]:
    """Return a plan of the list with its means and what it brings."""
    run, result = item.run, result_of(item.run)
    budget = float(run.params.get("budget_wan", 0)) * 1e4
    done = run.status == run_selectors.DONE
    said = land(result["plans"][result["main"]]["gain_m2"]) if done else ""
    told = {"aim": money(budget), "said": f"+{said}" if said else "", "is_done": done}
    return {**item.told(), **told, "with": str(run.params.get("with") or "")}


def _with_parcel(base: Run, step: int, other: Run) -> dict[str, object]:
    """Return how the plan with the parcel stands, and what it costs to have it."""
    context: dict[str, object] = {
        "other": other,
        "other_state": run_view.progress(other),
        "other_done": other.status == run_selectors.DONE,
    }
    if other.status == run_selectors.DONE:
        before = result_of(base)["plans"][step]
        after = result_of(other)["plans"][result_of(other)["main"]]
        lost = before["gain_m2"] - after["gain_m2"]
        context |= {
            "with_value": land(after["gain_m2"]),
            "without_value": land(before["gain_m2"]),
            "lost": land(abs(lost)),
            "is_worse": lost > 1.0,
            "is_better": lost < -1.0,
        }
    return context
