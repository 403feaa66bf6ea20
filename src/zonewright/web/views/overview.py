"""The first page: headline figures, the map of the overlapping zones, who is ahead and behind."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from zonewright.store import selectors
from zonewright.web import language, moment
from zonewright.web.access import of
from zonewright.web.cards import cards
from zonewright.web.mapview import map_of, on_the_map, zones_of
from zonewright.web.page import page
from zonewright.web.serve import workspace_file
from zonewright.workflows.figures import FigureItem
from zonewright.workflows.lookback import headlines, main_period
from zonewright.workflows.standing import standing

HEADLINES = 6
_OUTLINE = ("store_outlineitem", "store_zone", "store_indicator")


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Show the overview; of an empty workspace, or to whoever may see none, the next step."""
    access = of(request)
    if not access.may_anywhere("view"):
        return page(request, "no-access.html", {})
    if not moment.kept(request, "outline", _OUTLINE, selectors.outline):
        file = workspace_file()
        name = file.name if file else "postgresql://…"
        zones = on_the_map(zones_of(request), access)
        return page(request, "empty.html", {"workspace_name": name, "has_zones": len(zones) > 0})
    now = standing()
    found = now.figures.within(access.zones())
    period = main_period(now.figures).label(language.current()) if now.figures.items else ""
    context = {
        "period": period,
        "headlines": cards(found.item(code) for code in headlines(found)[:HEADLINES]),
        "paced": cards(by_pace(found.items)),
        "map": map_of(request),
        "figure_set": found,
        "standing": now,
    }
    return page(request, "overview.html", context)


def by_pace(items: Sequence[FigureItem]) -> list[FigureItem]:
    """Return the figures that have a pace, furthest ahead first."""
    paced = [(item.pace.ahead_pp, item) for item in items if item.pace is not None]
    return [item for _, item in sorted(paced, key=lambda pair: -pair[0])]
