"""What lies in an area that a reader drew on the map: counted, summed, listed, exported."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date

import pandas as pd
import shapely
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from zonewright.core.errors import RangeError
from zonewright.core.schema import table
from zonewright.store import selectors as records
from zonewright.store.selectors import area as selectors
from zonewright.store.selectors.area import Selection, Sum
from zonewright.web import language, words
from zonewright.web.access import of
from zonewright.web.exports import Column, Sheet, Value, xlsx_response
from zonewright.web.theme import STAGES
from zonewright.web.views.maps import day_of

MAX_EXPORT = 50_000


@require_POST
def select(request: HttpRequest) -> HttpResponse:
    """Show what lies in an area, given as GeoJSON in ``area``."""
    area = selectors.read_area(request.POST.get("area", ""))
    on = day_of(request)
    found = selectors.select(area, access=of(request), on=on)
    listed = found.parcels.head(selectors.LISTED)
    context = {
        "found": found,
        "stages": _stages(found),
        "works": _named(found.works, "works.kind"),
        "no_go": _named(found.no_go, "no_go.kind"),
        "listed": listed.to_dict("records"),
        "area": request.POST["area"],
        "on": on,
        "day": on or timezone.localdate(),
    }
    return render(request, "desk/partials/map-selection.html", context)


@require_POST
def export(request: HttpRequest) -> HttpResponseBase:
    """Return the parcels of an area as a workbook or as GeoJSON.

    Raises
    ------
    RangeError
        If there are too many.
    """
    kind = request.POST.get("kind", "")
    if kind not in ("xlsx", "geojson"):
        return HttpResponseBadRequest("kind: xlsx or geojson")
    area = selectors.read_area(request.POST.get("area", ""))
    on = day_of(request)
    found = selectors.select(area, access=of(request), on=on)
    if found.count > MAX_EXPORT:
        raise RangeError("map-export-many", found=found.count, most=MAX_EXPORT)
    day = on or timezone.localdate()
    if kind == "geojson":
        return _geojson(found.parcels, day)
    return xlsx_response(f"map-selection-{day.isoformat()}.xlsx", _sheets(found, day, request))


def _stages(found: Selection) -> list[dict[str, object]]:
    by_stage = {item.code: item for item in found.stages}
    rows: list[dict[str, object]] = [
        {"code": stage, "name": words.choice(stage, "parcel_events.stage"), "sum": by_stage[stage]}
        for stage in STAGES
        if stage in by_stage
    ]
    if "" in by_stage:
        rows.append({"code": "", "name": _("no stage yet"), "sum": by_stage[""]})
    return rows


def _named(sums: Sequence[Sum], field: str) -> list[dict[str, object]]:
    return [
        {"code": item.code, "name": words.choice(item.code, field), "sum": item} for item in sums
    ]


def _sheets(found: Selection, day: date, request: HttpRequest) -> tuple[Sheet, Sheet]:
    lang = language.current()
    parcels = table("parcels")
    land = Sheet(
        parcels.label(lang),
        (
            Column(parcels["code"].label(lang), width=22),
            Column(table("parcel_events")["stage"].label(lang)),
            Column(_("Area [mu]"), "#,##0.00"),
            Column(_("Area [ha]"), "#,##0.0000"),
        ),
        _rows(found.parcels),
    )
    about: list[tuple[Value, ...]] = [
        (_("Day of the stages"), day.isoformat()),
        (_("Drawn area [ha]"), f"{found.area_m2 / 1e4:,.4f}"),
        (_("Parcels"), str(found.count)),
        (_("Rule"), _("A parcel counts as a whole if its point lies in the drawn area.")),
        (_("Exported by"), of(request).name),
        *((_("Notice"), notice) for notice in dict.fromkeys(records.notices())),
    ]
    columns = (Column(_("Field"), width=24), Column(_("Value"), width=80))
    return land, Sheet(_("About"), columns, about)


def _rows(parcels: pd.DataFrame) -> Iterator[Sequence[Value]]:
    for code, stage, area_m2 in zip(
        parcels["code"], parcels["stage"], parcels["area_m2"], strict=True
    ):
        name = words.choice(stage, "parcel_events.stage") if stage else ""
        yield (code, f"{stage} {name}".strip(), area_m2 * 3 / 2000, area_m2 / 1e4)


def _geojson(parcels: pd.DataFrame, day: date) -> HttpResponse:
    shapes = selectors.parcel_shapes(parcels["id"].tolist())
    features = [
        {
            "type": "Feature",
            "id": code,
            "properties": {"code": code, "stage": stage, "area_m2": round(area_m2, 2)},
            "geometry": json.loads(shape) if shape else None,
        }
        for code, stage, area_m2, shape in zip(
            parcels["code"],
            parcels["stage"],
            parcels["area_m2"],
            shapely.to_geojson(shapes),
            strict=True,
        )
    ]
    content = {
        "type": "FeatureCollection",
        "day": day.isoformat(),
        "notices": list(dict.fromkeys(records.notices())),
        "features": features,
    }
    text = json.dumps(content, ensure_ascii=False)
    response = HttpResponse(text, content_type="application/geo+json")
    name = f"map-selection-{day.isoformat()}.geojson"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
