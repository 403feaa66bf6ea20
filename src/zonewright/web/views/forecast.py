"""Will the year's target be reached? The forecast, its methods, and their track record."""

from __future__ import annotations

import time

from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    JsonResponse,
)
from django.urls import reverse
from django.views.decorators.http import require_safe

from zonewright.report import numbers
from zonewright.steering.forecast_year import LEVEL, BackTest, YearEnd, methods
from zonewright.web import finding_names, forecast_rows, language, steering_charts, target_rows
from zonewright.web.access import of, require_zone
from zonewright.web.board_asked import Asked, asked_of
from zonewright.web.land_answers import books_now
from zonewright.web.page import page, wants_partial
from zonewright.web.steering_words import catalogue_of, zone_name
from zonewright.web.theme import THEMES
from zonewright.workflows import board as board_workflow
from zonewright.workflows import forecasting as workflow
from zonewright.workflows import targets as target_workflow

# For how long a list computes forecasts while its reader waits; the others follow [s].
WAIT_S = 2.0


def _asked(request: HttpRequest, zone: str, indicator: str) -> Asked:
    """Return month and time that are asked for.

    Raises
    ------
    Http404
        If there is no such zone or indicator, the zone may not be seen, or nothing was reported.
    """
    require_zone(request, zone)
    books = books_now()
    asked = asked_of(request, board_workflow.latest_month())
    if asked.month is None or zone not in books.zones or indicator not in catalogue_of(books):
        raise Http404(request.path)
    return asked


@require_safe
def forecasts(request: HttpRequest) -> HttpResponse:
    """Show every target of a year with its forecast; those that take long follow one by one."""
    access = of(request)
    if not access.may_anywhere("view"):
        return page(request, "no-access.html", {})
    asked = asked_of(request, board_workflow.latest_month())
    context: dict[str, object] = {
        "asked": asked,
        "rows": [],
        "may_plan": access.may_anywhere("plan"),
        "planners": target_rows.planners(),
    }
    if asked.period is not None:
        book = target_workflow.targets(asked.period.year, access=access, as_of=asked.as_of)
        own = [view for view in book.targets if not view.row.subject]
        own.sort(key=lambda view: (view.indicator.headline or len(own) + 99, view.indicator.code))
        ends = time.monotonic() + WAIT_S
        context["rows"] = [_list_row(view, asked, request, ends) for view in own]
        context["period"] = asked.period.label(language.current())
        context["year"] = asked.period.year
        earlier = [year for year in book.years if year < asked.period.year]
        context["before"] = earlier[-1] if earlier else None
    return page(request, "forecasts.html", context)


def _list_row(
    view: target_workflow.TargetView, asked: Asked, request: HttpRequest, ends: float
) -> dict[str, object]:
    lang, row = language.current(), view.row
    found = None
    if time.monotonic() < ends:
        found = workflow.forecast_of(
            row.zone, row.indicator, asked.month, access=of(request), as_of=asked.as_of
        )
    return {
        "zone": row.zone,
        "indicator": row.indicator,
        "zone_name": view.zone_name(lang),
        "label": view.indicator.label(lang),
        "target": ""
        if view.value is None
        else numbers.computed(view.value, view.indicator.unit, lang),
        "done": "" if found is None else _amount(found.done, found.unit),
        "ahead": None if found is None else forecast_rows.outlook(found),
        "at": reverse("forecast", args=[row.zone, row.indicator]) + asked.query,
        "cells_at": reverse("forecast-cells", args=[row.zone, row.indicator]) + asked.query,
    }


def _amount(value: float | None, unit: str) -> str:
    return "" if value is None else forecast_rows.amount(value, unit)


@require_safe
def forecast_cells(request: HttpRequest, zone: str, indicator: str) -> HttpResponse:
    """Return the cells of one row of the list, which HTMX asks for."""
    asked = _asked(request, zone, indicator)
    found = workflow.forecast_of(
        zone, indicator, asked.month, access=of(request), as_of=asked.as_of
    )
    row = {
        "at": reverse("forecast", args=[zone, indicator]) + asked.query,
        "done": _amount(found.done, found.unit),
        "ahead": forecast_rows.outlook(found),
    }
    return page(request, "partials/forecast-cells.html", {"row": row})


@require_safe
def forecast(request: HttpRequest, zone: str, indicator: str) -> HttpResponse:
    """Show where the year will end by every method; for HTMX, in a few lines."""
    asked = _asked(request, zone, indicator)
    found = workflow.forecast_view(
        zone, indicator, asked.month, access=of(request), as_of=asked.as_of
    )
    end = found.year_end
    context: dict[str, object] = {
        "asked": asked,
        "zone": zone,
        "indicator": found.indicator,
        "label": found.indicator.label(language.current()),
        "ahead": forecast_rows.outlook(end),
        "at": reverse("forecast", args=[zone, indicator]) + asked.query,
        "tested_at": reverse("back-test", args=[zone, indicator]) + asked.query,
        "curve_at": reverse("board-curve", args=[zone, indicator]) + asked.query,
    }
    if wants_partial(request):
        return page(request, "partials/forecast-summary.html", context)
    context |= {
        "zone_name": found.zone_name(language.current()),
        "year": end.year,
        "month": asked.month and asked.month.label(language.current()),
        "target": _amount(end.target, end.unit),
        "done": _amount(end.done, end.unit),
        "rows": forecast_rows.outlook_rows(end),
        "points": path_rows(end),
        "cell_at": reverse("board-cell", args=[zone, indicator]) + asked.query,
    }
    return page(request, "forecast.html", context)


def path_rows(found: YearEnd) -> list[dict[str, object]]:
    """Return the months to come as the chosen method tells them."""
    return [
        {
            "month": f"{found.year}-{point.month:02d}",
            "median": _amount(point.median, found.unit),
            "interval": forecast_rows.interval(point.low, point.high, found.unit),
        }
        for point in found.path
    ]


@require_safe
def back_test(request: HttpRequest, zone: str, indicator: str) -> HttpResponse:
    """Show every forecast that would have been made, beside what came."""
    asked = _asked(request, zone, indicator)
    found = workflow.back_test(zone, indicator, asked.month, access=of(request), as_of=asked.as_of)
    lang = language.current()
    method = _method(request, found)
    chosen = found.tracks[0].method if found.tracks else ""
    context = {
        "asked": asked,
        "zone": zone,
        "zone_name": zone_name(books_now(), zone),
        "label": catalogue_of(books_now())[indicator].label(lang),
        "findings": finding_names.told(found.findings, books_now()),
        "tracks": forecast_rows.track_rows(found.tracks, found.unit, chosen),
        "method": method,
        "method_name": methods()[method].label(lang) if method else "",
        "level": forecast_rows.level_text(LEVEL),
        "trials": forecast_rows.trial_rows(found.of(method), found.unit, LEVEL),
        "forecast_at": reverse("forecast", args=[zone, indicator]) + asked.query,
        "chart_at": reverse("back-test-chart", args=[zone, indicator])
        + (f"{asked.query}&" if asked.query else "?")
        + f"method={method}",
    }
    return page(request, "back-test.html", context)


@require_safe
def back_test_chart(request: HttpRequest, zone: str, indicator: str) -> HttpResponse:
    """Return the chart of a method's past forecasts as a Vega-Lite specification."""
    theme = next((known for known in THEMES if known == request.GET.get("theme", "light")), None)
    if theme is None:
        return HttpResponseBadRequest("theme: light or dark")
    asked = _asked(request, zone, indicator)
    found = workflow.back_test(zone, indicator, asked.month, access=of(request), as_of=asked.as_of)
    trials = found.of(_method(request, found))
    return JsonResponse(steering_charts.trials(trials, found.unit, LEVEL, mode=theme))


def _method(request: HttpRequest, found: BackTest) -> str:
    """Return the method that is asked for, or the best one; empty if none was tested."""
    tested = [track.method for track in found.tracks]
    wanted = request.GET.get("method", "")
    return wanted if wanted in tested else next(iter(tested), "")
