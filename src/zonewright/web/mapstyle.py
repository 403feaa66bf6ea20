"""The map's style for MapLibre: offline, without glyph server; colours from `web.theme`."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any

import geopandas as gpd

from zonewright.report.theme import zone_styles
from zonewright.store.actions.maps import FEATURES, hosts
from zonewright.store.models import MapLayer
from zonewright.web import language, maplayers
from zonewright.web.maplayers import BASE_KINDS, PREFIX, Layer, layer
from zonewright.web.theme import Theme, colours

__all__ = [
    "BASE_KINDS", "PREFIX", "extent", "graticule", "labels", "service_hosts", "short_name", "style",
]  # fmt: skip
FONTS = ["Noto Sans SC", "PingFang SC", "Microsoft YaHei", "sans-serif"]
LARGE_KM2 = 60.0
GRATICULE_STEPS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0)


def style(
    zones: gpd.GeoDataFrame,
    theme: Theme,
    *,
    tiles: str,
    on: date | None = None,
    layers: Sequence[MapLayer] = (),
) -> dict[str, Any]:
    """Return the style document.

    Parameters
    ----------
    zones
        As `store.selectors.zone_versions` gives them.
    theme
        Light or dark.
    tiles
        Address of the tiles, absolute, up to the layer's name: ``http://…/tiles``.
    on
        Day of boundaries and stages; None means today.
    layers
        Map services and layers for reference, in their order.
    """
    drawn = zones[zones.geometry.notna()]
    kinds = [kind for kind in zone_styles() if kind in set(drawn["kind"])]
    service_sources, service_layers = maplayers.services(layers)
    return {
        "version": 8,
        "name": "Zonewright",
        "metadata": {"works": maplayers.works_colour(theme)},
        "sources": {
            "graticule": {"type": "geojson", "data": graticule(extent(drawn))},
            "labels": {"type": "geojson", "data": labels(drawn)},
            **_own(tiles, on),
            **service_sources,
            **_references(tiles, layers),
        },
        "layers": [
            *_ground(theme),
            *service_layers,
            _graticule(theme),
            *maplayers.zone_fills(kinds, theme),
            *maplayers.land(theme),
            *maplayers.references(layers, theme),
            *maplayers.works(theme),
            *maplayers.zone_lines(kinds, theme),
            *_names(theme),
        ],
    }


def service_hosts(layers: Iterable[MapLayer]) -> list[str]:
    """Return the origins that the map services of a page are asked at."""
    found = (host for item in layers if item.kind != FEATURES for host in hosts(item.url))
    return list(dict.fromkeys(found))


def _own(root: str, on: date | None) -> dict[str, Any]:
    asked = f"?on={on.isoformat()}" if on else ""
    return {
        "zones": _tiles(root, "zones", asked, max_zoom=14, promote="code"),
        "no_go": _tiles(root, "no_go", max_zoom=14),
        "parcels": _tiles(root, "parcels", asked, max_zoom=15),
        "blocks": _tiles(root, "blocks", asked, max_zoom=14),
        "works": _tiles(root, "works", max_zoom=14),
    }


def _references(root: str, layers: Sequence[MapLayer]) -> dict[str, Any]:
    names = [f"{PREFIX}{item.code}" for item in layers if item.kind == FEATURES]
    return {name: _tiles(root, name, max_zoom=14) for name in names}


def extent(zones: gpd.GeoDataFrame) -> tuple[float, float, float, float]:
    """Return the box of the planned zones, or of all zones if none is planned [degrees]."""
    planned = zones[~zones["kind"].isin(BASE_KINDS)]
    chosen = planned if len(planned) else zones
    if not len(chosen):
        return (111.9, 21.5, 113.3, 22.9)
    west, south, east, north = (float(value) for value in chosen.total_bounds)
    return (west, south, east, north)


def graticule(box: tuple[float, float, float, float]) -> dict[str, Any]:
    """Return meridians and parallels over three times a box, at a round step."""
    west, south, east, north = box
    span = max(east - west, north - south, 0.01)
    step = next((size for size in GRATICULE_STEPS if span / size <= 8), GRATICULE_STEPS[-1])
    left, right = west - span, east + span
    low, high = max(south - span, -85), min(north + span, 85)
    lines = [
        [[round(i * step, 6), low], [round(i * step, 6), high]]
        for i in range(math.ceil(left / step), math.floor(right / step) + 1)
    ]
    lines += [
        [[left, round(i * step, 6)], [right, round(i * step, 6)]]
        for i in range(math.ceil(low / step), math.floor(high / step) + 1)
    ]
    return {
        "type": "Feature",
        "properties": {},
        "geometry": {"type": "MultiLineString", "coordinates": lines},
    }


def labels(zones: gpd.GeoDataFrame) -> dict[str, Any]:
    """Return one point a zone, where its name is written."""
    points = zones.geometry.representative_point()
    whole = {language.choose(*names) for names in zip(zones["name"], zones["name_en"], strict=True)}
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [round(p.x, 6), round(p.y, 6)]},
            "properties": {
                "code": str(code),
                "kind": kind,
                "name": short_name(language.choose(name, name_en), whole),
                "area": round(area / 1e6, 3),
            },
        }
        for code, kind, name, name_en, area, p in zip(
            zones.index,
            zones["kind"],
            zones["name"],
            zones["name_en"],
            zones["area_m2"],
            points,
            strict=True,
        )
    ]
    return {"type": "FeatureCollection", "features": features}


def short_name(name: str, names: Collection[str]) -> str:
    """Return a zone's name without that of the zone that it is a part of.

    Examples
    --------
    >>> short_name("大型产业集聚区·北组团", {"大型产业集聚区"})
    '北组团'
    """
    head, dot, tail = name.partition("·")
    return tail if dot and head in names else name


def _tiles(
    root: str, name: str, asked: str = "", *, max_zoom: int, promote: str = ""
) -> dict[str, Any]:
    source: dict[str, Any] = {
        "type": "vector",
        "tiles": [f"{root}/{name}/{{z}}/{{x}}/{{y}}.mvt{asked}"],
        "maxzoom": max_zoom,
    }
    return source | ({"promoteId": promote} if promote else {})


def _ground(theme: Theme) -> list[Layer]:
    colour = colours(theme)
    of_base = ["in", ["get", "kind"], ["literal", ["district"]]]
    return [
        {"id": "ground", "type": "background", "paint": {"background-color": colour["map-ground"]}},
        layer("district-fill", "fill", "zones", {"fill-color": colour["map-district"]})
        | {"filter": of_base},
    ]


def _graticule(theme: Theme) -> Layer:
    paint = {"line-color": colours(theme)["map-graticule"], "line-width": 0.6}
    return layer("graticule", "line", "graticule", paint)


def _names(theme: Theme) -> list[Layer]:
    colour = colours(theme)
    paint = {
        "text-color": colour["ink"],
        "text-halo-color": colour["map-halo"],
        "text-halo-width": 1.6,
    }
    name = {
        "text-field": ["get", "name"],
        "text-font": FONTS,
        "text-max-width": 9,
        "text-variable-anchor": ["center", "top", "bottom", "left", "right"],
        "text-radial-offset": 0.6,
        "text-justify": "auto",
        "text-padding": 5,
    }
    district = ["==", ["get", "kind"], "district"]
    large = [">=", ["get", "area"], LARGE_KM2]
    planned = ["!", ["in", ["get", "kind"], ["literal", list(BASE_KINDS)]]]
    spaced = {**name, "text-size": 12, "text-letter-spacing": 0.06}
    small = {**name, "text-size": ["interpolate", ["linear"], ["zoom"], 9, 11, 13, 14]}
    return [
        layer("name-district", "symbol", "labels", {**paint, "text-color": colour["muted"]})
        | {"filter": district, "layout": spaced},
        layer("name-small", "symbol", "labels", paint)
        | {
            "filter": ["all", planned, ["!", large]],
            "layout": {**small, "symbol-sort-key": ["get", "area"]},
            "minzoom": 10,
        },
        layer("name-large", "symbol", "labels", paint)
        | {
            "filter": ["all", planned, large],
            # From afar the largest is named first, from near the smallest.
            "layout": {**small, "symbol-sort-key": ["-", 0, ["get", "area"]]},
            "maxzoom": 12,
        },
    ]
