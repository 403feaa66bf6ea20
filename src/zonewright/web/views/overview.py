"""The first page: headline figures, the map of the overlapping zones, who is ahead and behind."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from zonewright.store import selectors
from zonewright.store.access import Access
from zonewright.web.access import of
from zonewright.web.cards import cards
from zonewright.web.mapstyle import BASE_KINDS
from zonewright.web.mapview import map_view
from zonewright.web.page import page
from zonewright.web.serve import workspace_file
from zonewright.workflows.figures import FigureItem
from zonewright.workflows.lookback import headlines
from zonewright.workflows.standing import standing

HEADLINES = 6


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Show the overview; of an empty workspace, or to whoever may see none, the next step."""
    access = of(request)
    if not access.may_anywhere("view"):
        return page(request, "no-access.html", {})
    zones = on_the_map(selectors.zone_versions(timezone.localdate()), access)
    if not selectors.outline():
        file = workspace_file()
        name = file.name if file else "postgresql://…"
        return page(request, "empty.html", {"workspace_name": name, "has_zones": len(zones) > 0})
    now = standing()
    found = now.figures.within(access.zones())
    context = {
        "headlines": cards(found.item(code) for code in headlines(found)[:HEADLINES]),
        "paced": cards(by_pace(found.items)),
        "map": map_view(zones),
        "figure_set": found,
        "standing": now,
    }
    return page(request, "overview.html", context)


def on_the_map(zones: gpd.GeoDataFrame, access: Access) -> gpd.GeoDataFrame:
    """Return the zones that a reader's map shows: city and districts are everybody's ground."""
    codes = access.zones()
    if codes is None:
        return zones
    return zones[zones.index.isin(codes) | zones["kind"].isin(BASE_KINDS)]


def by_pace(items: Sequence[FigureItem]) -> list[FigureItem]:
    """Return the figures that have a pace, furthest ahead first."""
    paced = [(item.pace.ahead_pp, item) for item in items if item.pace is not None]
    return [item for _, item in sorted(paced, key=lambda pair: -pair[0])]
