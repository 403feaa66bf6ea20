"""The first page: headline figures, the map of the overlapping zones, who is ahead and behind."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from zonewright.store import selectors
from zonewright.web.cards import cards
from zonewright.web.mapview import map_view
from zonewright.web.page import page
from zonewright.web.serve import workspace_file
from zonewright.workflows import figures as workflow
from zonewright.workflows.figures import FigureItem
from zonewright.workflows.lookback import headlines

HEADLINES = 6


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Show the overview; of an empty workspace, the next step."""
    zones = selectors.zone_versions(timezone.localdate())
    if not selectors.outline():
        file = workspace_file()
        name = file.name if file else "postgresql://…"
        return page(request, "empty.html", {"workspace_name": name, "has_zones": len(zones) > 0})
    found = workflow.figure_set()
    context = {
        "headlines": cards(found.item(code) for code in headlines(found)[:HEADLINES]),
        "paced": cards(by_pace(found.items)),
        "map": map_view(zones),
        "figure_set": found,
    }
    return page(request, "overview.html", context)


def by_pace(items: Sequence[FigureItem]) -> list[FigureItem]:
    """Return the figures that have a pace, furthest ahead first."""
    paced = [(item.pace.ahead_pp, item) for item in items if item.pace is not None]
    return [item for _, item in sorted(paced, key=lambda pair: -pair[0])]
