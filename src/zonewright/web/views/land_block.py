"""One block of ready land: what it measures, its parcels, and what lies in its way to grow."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from zonewright.web.access import of
from zonewright.web.land_answers import FoundBlock, books_now, found_block
from zonewright.web.land_asked import asked_of
from zonewright.web.land_rows import (
    ORDERS,
    Order,
    option_rows,
    order_of,
    parcel_rows,
    tests_told,
    zones_at,
)
from zonewright.web.land_words import rule_words
from zonewright.web.mapview import map_of, zones_of
from zonewright.web.page import page, wants_partial
from zonewright.web.views.land import block_address, box_of, feature, not_yet, waiting, zone_choices
from zonewright.workflows.land_block import BlockDetail, block_holding
from zonewright.workflows.land_ground import ground_of

SHOWN_PARCELS, SHOWN_AROUND, SHOWN_OVERLAPS = 500, 60, 30


@require_safe
def block(request: HttpRequest, zone: str, block: str) -> HttpResponse:
    """Show a block of a zone, or of all land that the reader sees."""
    if not of(request).may_anywhere("view"):
        raise Http404(block)
    asked = asked_of(request, zone)
    found = found_block(asked, block)
    if wants_partial(request):
        return waiting(found)
    address = reverse("land-block", args=[asked.place, block])
    context: dict[str, object] = {
        "asked": asked,
        "zones": zone_choices(request, of(request)),
        "address": address,
        "block_id": block,
        "rules": rule_words(),
        "words": rule_words()[asked.rule],
    }
    if found is None:
        return page(request, "land-waiting.html", context)
    detail = found.detail
    if detail is None:
        home = block_holding(books_now(), asked.question, block)
        context["home"] = home and (home, block_address(asked, home))
        return page(request, "land-no-block.html", context, status=404)
    order = order_of(request)
    measured: dict[Any, Any] = detail.measured.to_dict()
    places = zones_at(_frame(found), zones_of(request), of(request))[0]
    context |= {
        "standing": found.moment,
        "detail": detail,
        "area_m2": float(detail.row["area_m2"]),
        "measured": measured,
        "tests": tests_told(detail.tests, measured["passed"]),
        "tests_version": detail.tests.version,
        "places": places,
        "parcels": detail.parcels.head(SHOWN_PARCELS).reset_index(names="code").to_dict("records"),
        "parcel_count": len(detail.parcels),
        "overlaps": detail.overlaps.head(SHOWN_OVERLAPS).to_dict("records"),
        "overlap_count": len(detail.overlaps),
        "around": around_rows(detail, order)[:SHOWN_AROUND],
        "around_count": len(detail.around),
        "options": option_rows(found.blockers, order, found.blockers.of_block(block)),
        "rates": detail.rates,
        "order": order,
        "map": map_of(request),
        "kinds": [
            ("block", _("Block")),
            ("rectangle", _("Largest rectangle found inside")),
            ("blocker", _("Keeps it from counting")),
            ("beside", _("Beside it, does not qualify")),
        ],
        "bounds": box_of([detail.row["geometry"]]),
    }
    return page(request, "land-block.html", context)


def around_rows(detail: BlockDetail, order: Order) -> list[dict[str, object]]:
    """Return the parcels beside a block in an order; those that no money makes ready come last."""
    listed = detail.around.sort_values(
        ["mendable", ORDERS[order]], ascending=False, kind="stable", na_position="last"
    )
    return parcel_rows(listed)


def _frame(found: FoundBlock) -> gpd.GeoDataFrame:
    if found.detail is None:
        raise Http404
    return gpd.GeoDataFrame(geometry=[found.detail.row["geometry"]], crs="EPSG:4490")


@require_safe
def shapes(request: HttpRequest, zone: str, block: str) -> HttpResponse:
    """Return a block, the rectangle in it and the parcels in its way, as GeoJSON."""
    if not of(request).may_anywhere("view"):
        raise Http404(block)
    asked = asked_of(request, zone)
    found = found_block(asked, block)
    if found is None:
        return not_yet()
    if found.detail is None:
        raise Http404(block)
    detail = found.detail
    features = [feature(detail.row["geometry"], "block", block, detail.row["area_m2"])]
    if detail.measured["rectangle"] is not None:
        area_m2 = detail.measured["rectangle_m2"]
        features.append(feature(detail.measured["rectangle"], "rectangle", "", area_m2))
    in_way = found.blockers.of_block(block)["parcels"].explode().dropna().unique()
    areas = pd.concat([detail.around["area_m2"], found.blockers.parcels["area_m2"]])
    ground = ground_of(books_now()).parcels
    for code in dict.fromkeys([*in_way, *detail.around.index[:SHOWN_AROUND]]):
        kind = "blocker" if code in set(in_way) else "beside"
        if code in ground.index:
            shape = ground.geometry.loc[code]
            features.append(feature(shape, kind, str(code), float(areas[[code]].iloc[0])))
    return JsonResponse({"type": "FeatureCollection", "features": features})
