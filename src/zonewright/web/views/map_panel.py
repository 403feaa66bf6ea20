"""Parts of the map's page: what lies at a spot, a record in the side panel, the search."""

from __future__ import annotations

import json
import math

import shapely
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from zonewright.core.errors import RangeError
from zonewright.store.models import Zone
from zonewright.store.selectors import maps as selectors
from zonewright.store.selectors.area import MAX_VERTICES
from zonewright.web.access import of
from zonewright.web.mappanel import KINDS, item, panel
from zonewright.web.views.maps import day_of

MAX_TOLERANCE_M = 20_000.0
SEARCH_EACH = 6
MOST_LAYERS, MOST_REFERENCES = 50, 20
LONGEST_SEARCH = 80
_DIGITS = 7
# The land that somebody points at comes before the zones around it.
_RANK = {"work": 0, "parcel": 1, "no_go": 2, "zone": 3}


@require_safe
def at(request: HttpRequest) -> HttpResponse:
    """Show what lies at a spot: the record itself, or a list to choose from."""
    lon, lat = _number(request, "lon", 180), _number(request, "lat", 90)
    tolerance_m = min(_number(request, "tolerance", math.inf), MAX_TOLERANCE_M)
    kinds = set(request.GET.get("kinds", ",".join(_RANK)).split(","))
    hidden = set(request.GET.get("hidden", "").split(","))
    found = selectors.at(
        lon, lat, access=of(request), on=day_of(request), tolerance_m=max(tolerance_m, 0.0)
    )
    shown = [
        each
        for each in found
        if each.kind in kinds and not (each.kind == "zone" and each.detail in hidden)
    ]
    shown.sort(key=lambda each: _RANK[each.kind])
    layers = [code for code in request.GET.get("layers", "").split(",") if code]
    context: dict[str, object] = {
        "items": [item(each) for each in shown],
        "references": selectors.references_at(
            lon, lat, layers=layers[:MOST_LAYERS], tolerance_m=max(tolerance_m, 0.0)
        )[:MOST_REFERENCES],
        "asked": True,
    }
    if shown:
        context["panel"] = panel(shown[0].record)
    return render(request, "desk/partials/map-panel.html", context)


def _number(request: HttpRequest, name: str, most: float) -> float:
    try:
        value = float(request.GET.get(name, "0"))
    except ValueError:
        value = math.nan
    if not abs(value) <= most:
        raise RangeError("map-spot-unreadable")
    return value


@require_safe
def record(request: HttpRequest, name: str) -> HttpResponse:
    """Show a record in the side panel."""
    _require(request, name)
    return render(request, "desk/partials/map-panel.html", {"panel": panel(name)})


@require_safe
def shape(request: HttpRequest, name: str) -> JsonResponse:
    """Return where a record lies, as a GeoJSON feature; one without a place has none.

    A venture lies where its zone does.
    """
    _require(request, name)
    where = name
    if name.startswith("venture:"):
        zone = Zone.objects.filter(ventures=int(name.partition(":")[2])).first()
        where = f"zone:{zone.pk}" if zone else ""
    found = selectors.shape_of(where, on=day_of(request))
    feature: dict[str, object] = {"type": "Feature", "properties": {"record": name}}
    feature["geometry"] = None
    if found is not None:
        feature["geometry"] = json.loads(shapely.to_geojson(_light(found)))
        feature["bbox"] = [round(float(value), _DIGITS) for value in found.bounds]
    return JsonResponse(feature)


def _light(found: shapely.Geometry) -> shapely.Geometry:
    """Return an outline with no more corners than a screen can show."""
    if shapely.get_num_coordinates(found) <= MAX_VERTICES:
        return found
    west, south, east, north = found.bounds
    return found.simplify(max(east - west, north - south) / 4_000)


def _require(request: HttpRequest, name: str) -> None:
    kind, _, number = name.partition(":")
    if kind not in KINDS or not number.isdecimal() or not of(request).sees(name):
        raise Http404(name)


@require_safe
def search(request: HttpRequest) -> JsonResponse:
    """Return what a reader may mean by a text: zones, parcels, works, ventures."""
    text = request.GET.get("q", "").strip()[:LONGEST_SEARCH]
    found = selectors.search(text, access=of(request), limit=SEARCH_EACH)
    return JsonResponse(
        {
            "items": [
                {
                    "record": entry.record,
                    "sort": entry.sort,
                    "code": entry.code,
                    "name": entry.name,
                    "detail": entry.detail,
                    "url": reverse("map-record", args=[entry.record]),
                }
                for entry in map(item, found)
            ]
        }
    )
