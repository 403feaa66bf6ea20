"""What a page tells its map: where it looks, and what its legend can switch."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import geopandas as gpd
from django.db.models import Count, Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from zonewright.report.theme import zone_styles
from zonewright.store.access import Access
from zonewright.store.actions.maps import FEATURES
from zonewright.store.models import MapLayer, NoGo, Work, ZoneVersion
from zonewright.store.selectors import maps as selectors
from zonewright.store.selectors import zone_versions
from zonewright.web import language, moment, words
from zonewright.web.access import of
from zonewright.web.mapstyle import BASE_KINDS, PREFIX, extent
from zonewright.web.theme import STAGES, STATUSES

# What boundaries, and what the legend, rest on.
_ZONES = ("store_zone", "store_zoneversion")
_LEGEND = ("store_zone", "store_membership", "store_work", "store_nogo", "store_place",
           "store_maplayer")  # fmt: skip
_DATED = ("store_parcelevent", "store_zoneversion")
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


def on_the_map(zones: gpd.GeoDataFrame, access: Access) -> gpd.GeoDataFrame:
    """Return the zones that a reader's map shows: city and districts are everybody's ground."""
    codes = access.zones()
    if codes is None:
        return zones
    return zones[zones.index.isin(codes) | zones["kind"].isin(BASE_KINDS)]


def zones_of(request: HttpRequest) -> gpd.GeoDataFrame:
    """Return all zones with their boundary of today; nobody may change the frame."""
    today = timezone.localdate()
    return moment.kept(request, ("zones", today), _ZONES, lambda: zone_versions(today))


def map_of(request: HttpRequest, *, focus: str = "", near: Sequence[str] = ()) -> MapView:
    """Return the map of all zones that a reader may see, or one that looks at a zone.

    Parameters
    ----------
    focus
        Zone to look at and to outline.
    near
        Zones to look at instead, where `focus` has no boundary.
    """
    access = of(request)

    def make() -> MapView:
        return map_view(on_the_map(zones_of(request), access), focus=focus, near=near)

    today, lang = timezone.localdate(), language.current()
    return moment.kept(request, ("map", today, lang, access.zones(), focus, *near), _ZONES, make)


def map_view(zones: gpd.GeoDataFrame, *, focus: str = "", near: Sequence[str] = ()) -> MapView:
    """Return the map of some zones, or one that looks at a zone.

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


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """A hierarchy that the legend can choose: its name, and its zones as JSON."""

    code: str
    name: str
    zones: str


@dataclass(frozen=True, slots=True)
class Legend:
    """What the page of the map can switch, besides `MapView`.

    Parameters
    ----------
    references, services
        Layers for reference with their colour, and map services with their attribution.
    first, last
        Days between which the slider runs.
    """

    hierarchies: tuple[Hierarchy, ...]
    works: tuple[Named, ...]
    statuses: tuple[Named, ...]
    no_go: tuple[Named, ...]
    references: tuple[MapLayer, ...]
    services: tuple[MapLayer, ...]
    first: date
    last: date

    @property
    def months(self) -> int:
        """How many steps the slider has: the ends of months from the first day to the last."""
        return (self.last.year - self.first.year) * 12 + self.last.month - self.first.month

    @property
    def reference_kinds(self) -> tuple[tuple[str, MapLayer], ...]:
        """The layers for reference with the names of their layers on the map."""
        return tuple((f"{PREFIX}{layer.code}", layer) for layer in self.references)


def legend_of(request: HttpRequest) -> Legend:
    """Return what a reader's legend can switch."""
    access, today = of(request), timezone.localdate()
    first = moment.kept(request, ("first day", today), _DATED, selectors.first_day)
    what = ("legend", language.current(), today, access.zones(), first)
    return moment.kept(request, what, _LEGEND, lambda: _legend(access, first, today))


def _legend(access: Access, first: date, today: date) -> Legend:
    layers = list(MapLayer.objects.all())
    return Legend(
        hierarchies=_hierarchies(access, today),
        works=_counted(access.narrow(Work.objects.all()), "kind", "works.kind"),
        statuses=tuple(Named(code, words.choice(code, "works.status")) for code in STATUSES),
        no_go=_counted(access.narrow(NoGo.objects.all()), "kind", "no_go.kind"),
        references=tuple(layer for layer in layers if layer.kind == FEATURES),
        services=tuple(layer for layer in layers if layer.kind != FEATURES),
        first=first,
        last=today,
    )


def _hierarchies(access: Access, on: date) -> tuple[Hierarchy, ...]:
    seen = access.zones()
    found = selectors.hierarchies(on)
    made = []
    for code in words.order("memberships.hierarchy"):
        zones = [zone for zone in found.get(code, ()) if seen is None or zone in seen]
        if zones:
            name = words.choice(code, "memberships.hierarchy")
            made.append(Hierarchy(code, name, json.dumps(zones)))
    return tuple(made)


def _counted(rows: QuerySet[Model], attr: str, field: str) -> tuple[Named, ...]:
    counts = dict(rows.order_by().values_list(attr).annotate(Count("pk")))
    return tuple(
        Named(code, words.choice(code, field), counts[code]) for code in _order(counts, field)
    )


def _order(counts: Iterable[str], field: str) -> list[str]:
    known = words.order(field)
    return [code for code in known if code in counts]
