"""The map's style for MapLibre: offline, without glyph server; colours from `web.theme`."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import geopandas as gpd

from zonewright.report.theme import zone_styles
from zonewright.web import language
from zonewright.web.theme import STAGES, Theme, colours

Layer = dict[str, Any]
BASE_KINDS = ("city", "district", "town")
FONTS = ["Noto Sans SC", "PingFang SC", "Microsoft YaHei", "sans-serif"]
LARGE_KM2 = 60.0
GRATICULE_STEPS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0)


def style(zones: gpd.GeoDataFrame, theme: Theme, *, tiles: str) -> dict[str, Any]:
    """Return the style document.

    Parameters
    ----------
    zones
        As `store.selectors.zone_versions` gives them.
    theme
        Light or dark.
    tiles
        Address of the tiles, absolute, up to the layer's name: ``http://…/tiles``.
    """
    drawn = zones[zones.geometry.notna()]
    kinds = [kind for kind in zone_styles() if kind in set(drawn["kind"])]
    return {
        "version": 8,
        "name": "Zonewright",
        "sources": {
            "graticule": {"type": "geojson", "data": graticule(extent(drawn))},
            "labels": {"type": "geojson", "data": labels(drawn)},
            "zones": _tiles(tiles, "zones", max_zoom=14, promote="code"),
            "no_go": _tiles(tiles, "no_go", max_zoom=14),
            "parcels": _tiles(tiles, "parcels", max_zoom=15),
            "works": _tiles(tiles, "works", max_zoom=14),
        },
        "layers": [
            *_ground(theme),
            *_zone_fills(kinds, theme),
            *_land(theme),
            *_zone_lines(kinds, theme),
            *_names(theme),
        ],
    }


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


def _tiles(root: str, layer: str, *, max_zoom: int, promote: str = "") -> dict[str, Any]:
    source: dict[str, Any] = {
        "type": "vector",
        "tiles": [f"{root}/{layer}/{{z}}/{{x}}/{{y}}.mvt"],
        "maxzoom": max_zoom,
    }
    return source | ({"promoteId": promote} if promote else {})


def _ground(theme: Theme) -> list[Layer]:
    colour = colours(theme)
    of_base = ["in", ["get", "kind"], ["literal", ["district"]]]
    return [
        {"id": "ground", "type": "background", "paint": {"background-color": colour["map-ground"]}},
        _layer("district-fill", "fill", "zones", {"fill-color": colour["map-district"]})
        | {"filter": of_base},
        _layer(
            "graticule",
            "line",
            "graticule",
            {"line-color": colour["map-graticule"], "line-width": 0.6},
        ),
    ]


def _land(theme: Theme) -> list[Layer]:
    colour = colours(theme)
    by_stage: list[Any] = ["match", ["get", "stage"]]
    for stage in STAGES:
        by_stage += [stage, colour[f"stage-{stage}"]]
    by_stage.append(colour["stage-L0"])
    return [
        _layer("no_go", "fill", "no_go", {"fill-color": colour["no-go"], "fill-opacity": 0.28})
        | _kind("no_go", zoom=9),
        _layer("parcels", "fill", "parcels", {"fill-color": by_stage, "fill-opacity": 0.9})
        | _kind("parcels", zoom=11),
        _layer(
            "parcels-line",
            "line",
            "parcels",
            {"line-color": colour["map-halo"], "line-width": 0.6, "line-opacity": 0.8},
        )
        | _kind("parcels", zoom=13),
        _layer(
            "works-line",
            "line",
            "works",
            {
                "line-color": colour["work"],
                "line-width": ["interpolate", ["linear"], ["zoom"], 9, 1, 14, 3],
            },
        )
        | _kind("works", zoom=9)
        | {"filter": ["!=", ["geometry-type"], "Point"]},
        _layer(
            "works-point",
            "circle",
            "works",
            {
                "circle-color": colour["work"],
                "circle-radius": ["interpolate", ["linear"], ["zoom"], 9, 1.6, 14, 5],
                "circle-stroke-color": colour["map-halo"],
                "circle-stroke-width": 0.8,
            },
        )
        | _kind("works", zoom=9)
        | {"filter": ["==", ["geometry-type"], "Point"]},
    ]


def _zone_fills(kinds: Iterable[str], theme: Theme) -> list[Layer]:
    """Return the zones' grounds, to lie below the land: its stages keep the legend's colours."""
    layers: list[Layer] = []
    for kind in kinds:
        if kind in BASE_KINDS:
            continue
        strong = 0.1 if zone_styles()[kind].fill == "none" else 0.22
        lit = ["boolean", ["feature-state", "lit"], False]
        opacity = ["case", lit, min(strong * 2, 0.4), strong * 0.6]
        fill = {"fill-color": colours(theme)[f"zone-{kind}"], "fill-opacity": opacity}
        chosen = {"filter": ["==", ["get", "kind"], kind], **_kind(kind)}
        layers.append(_layer(f"zone-{kind}-fill", "fill", "zones", fill) | chosen)
    return layers


def _zone_lines(kinds: Iterable[str], theme: Theme) -> list[Layer]:
    layers: list[Layer] = []
    for kind in kinds:
        drawn = zone_styles()[kind]
        colour = colours(theme)[f"zone-{kind}"]
        chosen = {"filter": ["==", ["get", "kind"], kind], **_kind(kind)}
        line: dict[str, Any] = {"line-color": colour, "line-width": drawn.width}
        if drawn.dash:
            parts = [float(part) / drawn.width for part in drawn.dash.split()]
            line["line-dasharray"] = parts
        layers.append(_layer(f"zone-{kind}-line", "line", "zones", line) | chosen)
    chosen_zone = ["boolean", ["feature-state", "chosen"], False]
    layers.append(
        _layer(
            "zone-chosen",
            "line",
            "zones",
            {
                "line-color": colours(theme)["ink"],
                "line-width": 3,
                "line-opacity": ["case", chosen_zone, 1, 0],
            },
        )
    )
    return layers


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
        _layer("name-district", "symbol", "labels", {**paint, "text-color": colour["muted"]})
        | {"filter": district, "layout": spaced},
        _layer("name-small", "symbol", "labels", paint)
        | {
            "filter": ["all", planned, ["!", large]],
            "layout": {**small, "symbol-sort-key": ["get", "area"]},
            "minzoom": 10,
        },
        _layer("name-large", "symbol", "labels", paint)
        | {
            "filter": ["all", planned, large],
            # From afar the largest is named first, from near the smallest.
            "layout": {**small, "symbol-sort-key": ["-", 0, ["get", "area"]]},
            "maxzoom": 12,
        },
    ]


def _layer(name: str, kind: str, source: str, paint: Mapping[str, Any]) -> Layer:
    layer: Layer = {"id": name, "type": kind, "source": source, "paint": dict(paint)}
    if source not in ("graticule", "labels"):
        layer["source-layer"] = source
    return layer


def _kind(kind: str, *, zoom: int = 0) -> Layer:
    found: Layer = {"metadata": {"kind": kind}}
    return found | ({"minzoom": zoom} if zoom else {})
