"""The map: its page, its style, and the tools of a field in which a geometry is drawn."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from zonewright.core.errors import RangeError
from zonewright.store import selectors
from zonewright.store.models import MapLayer
from zonewright.web import mapstyle
from zonewright.web.access import of
from zonewright.web.mapview import legend_of, map_of, on_the_map
from zonewright.web.page import page
from zonewright.web.theme import THEMES

FIRST_YEAR, LAST_YEAR = 1900, 2100


def day_of(request: HttpRequest) -> date | None:
    """Return the day that a reader asks for with ``on``; None means today.

    Raises
    ------
    RangeError
        If it is no day, or far from any that a map knows.
    """
    text = request.GET.get("on") or request.POST.get("on") or ""
    if not text:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError as error:
        raise RangeError("map-day-unreadable", text=text[:20]) from error
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise RangeError("map-day-unreadable", text=text[:20])
    return found


@require_safe
def map_page(request: HttpRequest) -> HttpResponse:
    """Show the map; who may see nothing reads what to do."""
    access = of(request)
    if not access.may_anywhere("view"):
        return page(request, "no-access.html", {})
    context = {
        "map": map_of(request),
        "legend": legend_of(request),
        "may_plan": access.may("plan"),
        "may_administer": access.may("administer"),
    }
    return allow_services(page(request, "map.html", context))


def allow_services(response: HttpResponse) -> HttpResponse:
    """Let the browser of a page with a map ask the hosts of the map services, and no others."""
    hosts = mapstyle.service_hosts(MapLayer.objects.all())
    if hosts:
        update = {"img-src": hosts, "connect-src": hosts}
        response._csp_update = update  # type: ignore[attr-defined]
    return response


@require_safe
def style(request: HttpRequest) -> HttpResponse:
    """Return the map's style in the theme asked for; small maps do without map services."""
    asked = request.GET.get("theme", "light")
    theme = next((known for known in THEMES if known == asked), None)
    if theme is None:
        return HttpResponseBadRequest("theme: light or dark")
    on = day_of(request)
    zones = selectors.zone_versions(on or timezone.localdate())
    scheme = "https" if settings.HTTPS else request.scheme
    root = f"{scheme}://{request.get_host()}/tiles"
    layers = list(MapLayer.objects.all()) if request.GET.get("whole") else []
    made = mapstyle.style(on_the_map(zones, of(request)), theme, tiles=root, on=on, layers=layers)
    return JsonResponse(made)


@require_safe
def draw_field(request: HttpRequest) -> HttpResponse:
    """Return the tools of a form's field in which a geometry is drawn."""
    kinds = "multipolygon" if request.GET.get("kinds") == "multipolygon" else "geometry"
    name = "".join(sign for sign in request.GET.get("id", "") if sign.isalnum() or sign in "_-")
    return render(
        request, "desk/partials/map-draw.html", {"kinds": kinds, "id": name or "geometry"}
    )
