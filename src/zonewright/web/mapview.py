"""What a page tells its map: where it looks, which kinds of zones it can show."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd

from zonewright.report.theme import zone_styles
from zonewright.store.models import ZoneVersion
from zonewright.web import words
from zonewright.web.mapstyle import BASE_KINDS, extent
from zonewright.web.theme import STAGES

HIDDEN_AT_FIRST = ("bay", "town", "city")


def ground_sources() -> list[str]:
    """Return what the boundaries of city and districts rest on, as their files say."""
    found = ZoneVersion.objects.filter(zone__kind__in=BASE_KINDS, geometry__isnull=False)
    given = found.exclude(legal_basis="").order_by("legal_basis")
    return list(given.values_list("legal_basis", flat=True).distinct())


@dataclass(frozen=True, slots=True)
class Named:
    """An entry of the legend."""

    code: str
    name: str
    count: int = 0
    shown: bool = True


@dataclass(frozen=True, slots=True)
class MapView:
    """A map on a page: its box as JSON, its legend, what its ground rests on, the zone in focus."""

    bounds: str
    kinds: tuple[Named, ...]
    stages: tuple[Named, ...]
    note: str
    focus: str = ""


def map_view(zones: gpd.GeoDataFrame, *, focus: str = "", near: Sequence[str] = ()) -> MapView:
    """Return the map of all zones, or one that looks at a zone.

    Parameters
    ----------
    zones
        As `store.selectors.zone_versions` gives them.
    focus
        Zone to look at and to outline.
    near
        Zones to look at instead, where `focus` has no boundary.
    """
    drawn = zones[zones.geometry.notna()]
    looked_at = drawn[drawn.index.isin([focus])]
    if focus and not len(looked_at):
        looked_at = drawn[drawn.index.isin(near)]
    box = looked_at.total_bounds if len(looked_at) else extent(drawn)
    counts = drawn["kind"].value_counts()
    kinds = tuple(
        Named(
            kind,
            words.choice(kind, "zones.kind"),
            int(counts[kind]),
            kind not in HIDDEN_AT_FIRST,
        )
        for kind in zone_styles()
        if kind in counts.index and kind != "district"
    )
    west, south, east, north = (round(float(value), 6) for value in box)
    return MapView(
        bounds=json.dumps([[west, south], [east, north]]),
        kinds=kinds,
        stages=tuple(Named(stage, words.choice(stage, "parcel_events.stage")) for stage in STAGES),
        note="；".join(ground_sources()),
        focus=focus if len(drawn[drawn.index.isin([focus])]) else "",
    )
