"""The zones: a list, and each with its boundaries, place among the others, land and figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    JsonResponse,
)
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from zonewright.core.errors import UnknownReferenceError
from zonewright.report import charts
from zonewright.report.model import Bar, Bars, Text
from zonewright.store.access import Access
from zonewright.web import language, words
from zonewright.web.access import of
from zonewright.web.cards import cards
from zonewright.web.land_answers import both_in
from zonewright.web.land_asked import asked_for
from zonewright.web.mapview import map_of, zones_of
from zonewright.web.page import page, wants_partial
from zonewright.web.theme import THEMES
from zonewright.web.views.land import rule_addresses
from zonewright.workflows import zones as workflow
from zonewright.workflows.land_rules import LEVELLED
from zonewright.workflows.standing import Standing, zone_summary

PANEL_FIGURES = 6
SHOWN_BLOCKS = 100
SHOWN_CARDS = 6


def find(request: HttpRequest, code: str) -> tuple[workflow.ZoneSummary, Standing]:
    """Return a zone's summary.

    Raises
    ------
    Http404
        If there is no zone of that code, or none that the reader may see.
    """
    if not of(request).may("view", code):
        raise Http404(code)
    try:
        return zone_summary(code)
    except UnknownReferenceError as error:
        raise Http404(code) from error


@require_safe
def zone_list(request: HttpRequest) -> HttpResponse:
    """Show the reader's zones by kind; the same that the map draws."""
    access = of(request)
    if not access.may_anywhere("view"):
        return page(request, "no-access.html", {})
    zones = zones_of(request)
    codes = access.zones()
    if codes is not None:
        zones = zones[zones.index.isin(codes)]
    kinds: dict[str, list[dict[str, object]]] = {}
    for row in zones.reset_index().to_dict("records"):
        area = float(row["area_m2"])
        kinds.setdefault(str(row["kind"]), []).append(
            {
                "code": row["code"],
                "name": language.choose(row["name"], row["name_en"]),
                "area_m2": area if area == area else None,
                "valid_from": row["valid_from"],
            }
        )
    order = [*words.order("zones.kind")]
    groups = [
        {"kind": kind, "name": words.choice(kind, "zones.kind"), "zones": kinds[kind]}
        for kind in order
        if kind in kinds
    ]
    return page(request, "zones.html", {"groups": groups, "total": len(zones)})


@require_safe
def zone(request: HttpRequest, code: str) -> HttpResponse:
    """Show a zone; for the map's side panel, its main figures."""
    found, now = find(request, code)
    access = of(request)
    shown = cards(found.figures)
    context: dict[str, object] = {
        "zone": found,
        "name": language.choose(found.name, found.name_en),
        "cards": shown,
        "standing": now,
    }
    if wants_partial(request):
        context["cards"] = sorted(shown, key=lambda card: card.pace is None)[:PANEL_FIGURES]
        context["more"] = max(len(shown) - PANEL_FIGURES, 0)
        return page(request, "zone.html", context, partial="partials/zone-panel.html")
    paced = [card for card in shown if card.pace]
    kept = (paced or shown)[:SHOWN_CARDS]
    on = found.period.end_on if found.period else timezone.localdate()
    asked = asked_for(code, str(context["name"]), on, LEVELLED)
    context |= {
        "both": both_in(now.books, asked.question),
        "both_at": rule_addresses(asked),
        "levelled_query": asked.query,
        "cards": kept,
        "others": [card for card in shown if card not in kept],
        "parents": by_hierarchy(found.parents, access),
        "children": by_hierarchy(found.children, access),
        "map": map_of(request, focus=code, near=[link.code for link in found.children]),
        "stages": stage_rows(found),
        "blocks": found.blocks.head(SHOWN_BLOCKS).reset_index().to_dict("records"),
        "block_count": len(found.blocks),
    }
    return page(request, "zone.html", context)


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A zone above or below: its names are no secret, its page may be."""

    code: str
    name: str
    name_en: str
    is_seen: bool


def by_hierarchy(links: Sequence[workflow.ZoneLink], access: Access) -> list[dict[str, object]]:
    """Return zones above or below by the hierarchy that joins them, in order of first mention."""
    found: dict[str, list[Neighbour]] = {}
    for link in links:
        is_seen = access.may("view", link.code)
        known = Neighbour(link.code, link.name, link.name_en, is_seen)
        found.setdefault(link.hierarchy, []).append(known)
    return [{"hierarchy": name, "links": members} for name, members in found.items()]


def stage_rows(found: workflow.ZoneSummary) -> list[dict[str, object]]:
    """Return stock and flow of land by stage, in the order of the stages."""
    return [
        {
            "stage": stage,
            "name": words.choice(str(stage), "parcel_events.stage"),
            **{str(name): value for name, value in row.items()},
        }
        for stage, row in found.stages.iterrows()
    ]


@require_safe
def stages_chart(request: HttpRequest, code: str) -> HttpResponse:
    """Return the chart of the land by stage as a Vega-Lite specification, light or dark."""
    asked = request.GET.get("theme", "light")
    theme = next((known for known in THEMES if known == asked), None)
    if theme is None:
        return HttpResponseBadRequest("theme: light or dark")
    found = find(request, code)[0]
    bars = tuple(
        Bar(
            Text.same(f"{row['stage']} {row['name']}"),
            float(str(row["stock_area_m2"])) / 1e4,
            stressed=str(row["stage"]) in ("L5", "L6", "L7"),
        )
        for row in stage_rows(found)
        if row["stock_area_m2"]
    )
    chart = Bars(
        title=Text.same(_("Land by the stage that it has reached")),
        unit="ha",
        bars=bars,
        stressed=Text.same(_("levelled land")),
        other=Text.same(_("other stages")),
    )
    return JsonResponse(charts.spec(chart, language.current(), mode=theme))
