"""The land of a zone: its stages, its ready blocks, what keeps land from counting, what changed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from django.core.paginator import Paginator
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    JsonResponse,
)
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from zonewright.core.units import convert
from zonewright.land.changes import Changes
from zonewright.report import charts
from zonewright.report.model import Bar, Bars, Text
from zonewright.store.access import Access
from zonewright.web import language, words
from zonewright.web.access import of
from zonewright.web.land_answers import Found, found_of
from zonewright.web.land_asked import Asked, asked_of
from zonewright.web.land_rows import block_rows, lack_rows, option_rows, order_of
from zonewright.web.land_words import rule_words
from zonewright.web.mapview import MapView, map_of, zones_of
from zonewright.web.page import page, wants_partial
from zonewright.web.theme import THEMES
from zonewright.web.values import HABIT
from zonewright.workflows.land_rules import RULES
from zonewright.workflows.land_tested import with_tests

PAGE_BLOCKS, SHOWN_NEAR, SHOWN_FINDINGS = 25, 10, 30
SHOWN_OPTIONS, SHOWN_CHANGES, SHOWN_REASONS = 30, 30, 12
# What a list of blocks is measured for meanwhile; the rest is said not to be measured yet [s].
MEASURE_S = 1.5
DRAWN = 400
# Corners that move less than this do not matter to who looks at a map [degrees].
_STEP = 2e-6
_RETRY_S = "3"


@require_safe
def land(request: HttpRequest) -> HttpResponse:
    """Show the land that a reader asks for; what takes long is waited for."""
    access = of(request)
    if not access.may_anywhere("view"):
        return page(request, "no-access.html", {})
    asked = asked_of(request)
    found = found_of(asked)
    if wants_partial(request):
        return waiting(found)
    context: dict[str, object] = {
        "asked": asked,
        "zones": zone_choices(request, access),
        "rules": rule_words(),
        "address": reverse("land"),
        "map": map_of_land(request, asked),
    }
    if found is None:
        return page(request, "land-waiting.html", context)
    order, words_of = order_of(request), rule_words()
    pages = Paginator(range(len(found.land.blocks)), PAGE_BLOCKS).get_page(request.GET.get("page"))
    listed = with_tests(found.land.blocks.iloc[list(pages)], found.land.tests, within_s=MEASURE_S)
    context |= {
        "land": found.land,
        "both": found.both,
        "both_at": rule_addresses(asked),
        "words": words_of[asked.rule],
        "standing": found.moment,
        "shown": pages,
        "findings": [one.text(language.current()) for one in found.land.findings[:SHOWN_FINDINGS]],
        "finding_count": len(found.land.findings),
        "unmeasured": int((~listed["measured"]).sum()),
        "stages": stage_rows(found),
        "blocks": block_rows(listed, asked, zones_of(request), access),
        "near": block_rows(found.land.near.head(SHOWN_NEAR), asked, zones_of(request), access),
        "near_count": len(found.land.near),
        "tests": found.land.tests,
        "options": option_rows(found.blockers, order)[:SHOWN_OPTIONS],
        "option_count": len(found.blockers.options),
        "rates": found.blockers.rates,
        "order": order,
        "changes": change_rows(found.changes, asked),
        "change_count": int((found.changes.blocks["kind"] != "unchanged").sum()),
        "may_import": access.may("plan"),
        "kinds": [("block", words_of[asked.rule].blocks), ("near", _("Nearly blocks"))],
    }
    return page(request, "land.html", context)


def waiting(found: object | None) -> HttpResponse:
    """Answer a page that waits: nothing yet, or that it may be loaded anew."""
    if found is None:
        return HttpResponse(status=204)
    return HttpResponse(headers={"HX-Refresh": "true"})


def zone_choices(request: HttpRequest, access: Access) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the zones that a reader may choose, by kind: code and name."""
    zones = zones_of(request)
    codes = access.zones()
    if codes is not None:
        zones = zones[zones.index.isin(codes)]
    found: dict[str, list[tuple[str, str]]] = {}
    for code, row in zones[["name", "name_en", "kind"]].iterrows():
        name = language.choose(str(row["name"]), str(row["name_en"]))
        found.setdefault(str(row["kind"]), []).append((str(code), name))
    order = words.order("zones.kind")
    return [(words.choice(kind, "zones.kind"), found[kind]) for kind in order if kind in found]


def rule_addresses(asked: Asked) -> dict[str, str]:
    """Return where the blocks of some land are listed, by rule."""
    zone = urlencode({"zone": asked.zone})
    address = reverse("land")
    return {rule: f"{address}{asked.query_by(rule)}&{zone}#blocks-title" for rule in RULES}


def map_of_land(request: HttpRequest, asked: Asked) -> MapView:
    """Return the map of the land asked for."""
    return map_of(request, focus=asked.zone)


def stage_rows(found: Found) -> list[dict[str, object]]:
    """Return the stages in their order, each with its name and areas [m²]."""
    rows: list[dict[Any, Any]] = found.land.stages.reset_index().to_dict("records")
    return [{**row, "name": words.choice(str(row["stage"]), "parcel_events.stage")} for row in rows]


def change_rows(found: Changes, asked: Asked) -> list[dict[str, object]]:
    """Return what became of blocks, the most land first, with the parcels that made it change."""
    rows: list[dict[Any, Any]] = found.blocks.reset_index().to_dict("records")
    kinds = change_kinds()
    moved = found.parcels[found.parcels["kind"] != "stayed"]
    shown = []
    for row in [row for row in rows if row["kind"] != "unchanged"][:SHOWN_CHANGES]:
        parts = moved[moved["change"] == row["change"]]
        shown.append(
            {
                **row,
                "name": kinds[row["kind"]],
                "blocks": [(code, block_address(asked, code)) for code in row["after"]],
                "gone": [code for code in row["before"] if code not in row["after"]],
                "gained_m2": row["after_m2"] - row["before_m2"],
                "reasons": reason_rows(parts),
            }
        )
    return shown


def reason_rows(parcels: pd.DataFrame) -> list[dict[str, object]]:
    """Return why parcels joined or left, each reason once with how much land and which parcels."""
    names = reason_names()
    found = []
    for (kind, why), rows in parcels.groupby(["kind", "why"], sort=False):
        days = rows["on"].dropna()
        found.append(
            {
                "kind": kind,
                "name": names[str(why)],
                "count": len(rows),
                "area_m2": float(rows["after_m2" if kind == "joined" else "before_m2"].sum()),
                "first": None if days.empty else days.min(),
                "last": None if days.empty else days.max(),
                "lacks": lack_rows(
                    tuple(dict.fromkeys(code for some in rows["lacks"] for code in some))
                ),
                "parcels": [str(code) for code in rows.index[:SHOWN_REASONS]],
                "more": max(len(rows) - SHOWN_REASONS, 0),
            }
        )
    return found


def change_kinds() -> Mapping[str, str]:
    """Return what becomes of blocks, in the reader's language."""
    return {
        "appeared": _("appeared"),
        "vanished": _("no longer counts"),
        "grew": _("grew"),
        "shrank": _("shrank"),
        "merged": _("merged"),
        "split": _("split"),
        "regrouped": _("cut anew"),
        "exchanged": _("other parcels, same area"),
        "unchanged": _("unchanged"),
    }


def reason_names() -> Mapping[str, str]:
    """Return why a parcel joined or left a block, in the reader's language."""
    return {
        "new": _("new in the ledger"),
        "became_ready": _("came to qualify"),
        "group_counts": _("qualified before; its group is large enough now"),
        "gone": _("no longer in the ledger"),
        "supplied": _("supplied"),
        "no_longer_ready": _("no longer qualifies"),
        "group_too_small": _("still qualifies; its group is too small now"),
    }


def block_address(asked: Asked, block: str) -> str:
    """Return the address of a block's page."""
    return reverse("land-block", args=[asked.place, block]) + asked.query


@require_safe
def stages_chart(request: HttpRequest) -> HttpResponse:
    """Return the funnel of the stages as a Vega-Lite specification, light or dark."""
    theme = next((known for known in THEMES if known == request.GET.get("theme", "light")), None)
    if theme is None:
        return HttpResponseBadRequest("theme: light or dark")
    if not of(request).may_anywhere("view"):
        raise Http404(request.path)
    found = found_of(asked_of(request))
    if found is None:
        return not_yet()
    unit = HABIT[language.current()]["area"]
    bars = tuple(
        Bar(
            Text.same(f"{row['stage']} {row['name']}"),
            float(convert(float(str(row["reached_m2"])), "m2", unit)),
        )
        for row in stage_rows(found)
    )
    title = Text.same(_("Land that has reached each stage"))
    return JsonResponse(charts.spec(Bars(title, unit, bars), language.current(), mode=theme))


def not_yet() -> HttpResponse:
    """Answer a program that what it asks for is still being computed."""
    return HttpResponse(status=503, headers={"Retry-After": _RETRY_S})


@require_safe
def shapes(request: HttpRequest) -> HttpResponse:
    """Return the outlines of blocks and of groups that nearly count, as GeoJSON."""
    if not of(request).may_anywhere("view"):
        raise Http404(request.path)
    asked = asked_of(request)
    found = found_of(asked)
    if found is None:
        return not_yet()
    features = [
        *features_of(found.land.blocks.head(DRAWN), "block", asked),
        *features_of(found.land.near, "near", asked),
    ]
    return JsonResponse({"type": "FeatureCollection", "features": features})


def features_of(blocks: gpd.GeoDataFrame, kind: str, asked: Asked) -> list[dict[str, object]]:
    """Return blocks as features, each with its address, in longitude and latitude."""
    return [
        feature(shape, kind, str(code), area_m2, block_address(asked, str(code)))
        for code, shape, area_m2 in zip(
            blocks.index, blocks.geometry, blocks["area_m2"], strict=True
        )
    ]


def feature(
    shape: shapely.Geometry, kind: str, code: str, area_m2: float, address: str = ""
) -> dict[str, object]:
    """Return a shape as a feature."""
    drawn = shapely.set_precision(shapely.simplify(shape, _STEP), 1e-7)
    mu = float(convert(float(area_m2), "m2", "亩"))
    properties = {"kind": kind, "code": code, "area_mu": round(mu, 1), "address": address}
    geometry = json.loads(shapely.to_geojson(drawn))
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def box_of(shapes_: Iterable[shapely.Geometry]) -> str:
    """Return the box of some shapes as a map takes it; empty for none."""
    found = np.asarray(list(shapes_), dtype=object)
    if not len(found):
        return ""
    west, south, east, north = shapely.total_bounds(found).round(6).tolist()
    return json.dumps([[west, south], [east, north]])
