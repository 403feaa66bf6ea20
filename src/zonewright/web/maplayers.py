"""The layers of the map's style that lie between its ground and its names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from zonewright.report.theme import zone_styles
from zonewright.store.actions.maps import FEATURES, addresses
from zonewright.store.models import MapLayer
from zonewright.web.theme import NO_GO, STAGES, STATUSES, WORKS, Theme, colours, lifted

Layer = dict[str, Any]
BASE_KINDS = ("city", "district", "town")
PREFIX = "ref-"
_LIFT = 0.35


def layer(name: str, kind: str, source: str, paint: Mapping[str, Any]) -> Layer:
    """Return a layer of the style; one of tiles shows the layer of its source's name."""
    made: Layer = {"id": name, "type": kind, "source": source, "paint": dict(paint)}
    if source not in ("graticule", "labels"):
        made["source-layer"] = source
    return made


def marked(kind: str, *, zoom: int = 0) -> Layer:
    """Return what marks a layer as one that the legend switches."""
    found: Layer = {"metadata": {"kind": kind}}
    return found | ({"minzoom": zoom} if zoom else {})


def matched(field: str, stem: str, codes: Iterable[str], theme: Theme, other: str) -> list[Any]:
    """Return the expression that gives each code of a field its colour."""
    colour = colours(theme)
    found: list[Any] = ["match", ["get", field]]
    for code in codes:
        found += [code, colour[f"{stem}-{code}"]]
    return [*found, colour[other]]


# ---- Land -------------------------------------------------------------------------------------


def land(theme: Theme) -> list[Layer]:
    """Return no-go areas, parcels by stage and the blocks of ready land."""
    colour = colours(theme)
    by_stage = matched("stage", "stage", STAGES, theme, "stage-L0")
    by_kind = matched("kind", "no-go", NO_GO, theme, "no-go")
    block = {
        "line-color": colour["block"],
        "line-width": ["interpolate", ["linear"], ["zoom"], 9, 1.4, 14, 3.2],
    }
    # Blocks would cover the stages of their parcels: they are drawn where a legend asks for them.
    hidden: Layer = {"layout": {"visibility": "none"}}
    return [
        layer("no_go", "fill", "no_go", {"fill-color": by_kind, "fill-opacity": 0.3})
        | marked("no_go", zoom=8),
        layer("parcels", "fill", "parcels", {"fill-color": by_stage, "fill-opacity": 0.9})
        | marked("parcels"),
        layer(
            "parcels-line",
            "line",
            "parcels",
            {"line-color": colour["map-halo"], "line-width": 0.6, "line-opacity": 0.8},
        )
        | marked("parcels", zoom=13),
        layer("blocks", "fill", "blocks", {"fill-color": colour["block"], "fill-opacity": 0.12})
        | marked("blocks", zoom=8)
        | hidden,
        layer("blocks-line", "line", "blocks", block) | marked("blocks", zoom=8) | hidden,
    ]


def works(theme: Theme) -> list[Layer]:
    """Return the works: lines, areas and points."""
    colour = colours(theme)
    tint = works_colour(theme)["kind"]
    line = {
        "line-color": tint,
        "line-width": ["interpolate", ["linear"], ["zoom"], 9, 1, 14, 3.4],
    }
    point = {
        "circle-color": tint,
        "circle-radius": ["interpolate", ["linear"], ["zoom"], 9, 1.8, 14, 5.5],
        "circle-stroke-color": colour["map-halo"],
        "circle-stroke-width": 0.8,
    }
    on_line: dict[str, Any] = {"filter": ["!=", ["geometry-type"], "Point"]}
    on_point: dict[str, Any] = {"filter": ["==", ["geometry-type"], "Point"]}
    return [
        layer("works-line", "line", "works", line) | marked("works", zoom=9) | on_line,
        layer("works-point", "circle", "works", point) | marked("works", zoom=9) | on_point,
    ]


def works_colour(theme: Theme) -> dict[str, list[Any]]:
    """Return the expressions that colour works by kind and by status."""
    return {
        "kind": matched("kind", "work", WORKS, theme, "work"),
        "status": matched("status", "status", STATUSES, theme, "work"),
    }


# ---- Zones ------------------------------------------------------------------------------------


def zone_fills(kinds: Iterable[str], theme: Theme) -> list[Layer]:
    """Return the zones' grounds, to lie below the land: its stages keep the legend's colours."""
    made: list[Layer] = []
    for kind in kinds:
        if kind in BASE_KINDS:
            continue
        strong = 0.1 if zone_styles()[kind].fill == "none" else 0.22
        lit = ["boolean", ["feature-state", "lit"], False]
        opacity = ["case", lit, min(strong * 2, 0.4), strong * 0.6]
        fill = {"fill-color": colours(theme)[f"zone-{kind}"], "fill-opacity": opacity}
        chosen = {"filter": ["==", ["get", "kind"], kind], **marked(kind)}
        made.append(layer(f"zone-{kind}-fill", "fill", "zones", fill) | chosen)
    return made


def zone_lines(kinds: Iterable[str], theme: Theme) -> list[Layer]:
    """Return the zones' outlines, and that of the one that is chosen."""
    made: list[Layer] = []
    for kind in kinds:
        drawn = zone_styles()[kind]
        line: dict[str, Any] = {
            "line-color": colours(theme)[f"zone-{kind}"],
            "line-width": drawn.width,
        }
        if drawn.dash:
            line["line-dasharray"] = [float(part) / drawn.width for part in drawn.dash.split()]
        chosen = {"filter": ["==", ["get", "kind"], kind], **marked(kind)}
        made.append(layer(f"zone-{kind}-line", "line", "zones", line) | chosen)
    chosen_zone = ["boolean", ["feature-state", "chosen"], False]
    paint = {
        "line-color": colours(theme)["ink"],
        "line-width": 3,
        "line-opacity": ["case", chosen_zone, 1, 0],
    }
    made.append(layer("zone-chosen", "line", "zones", paint))
    return made


# ---- From elsewhere ---------------------------------------------------------------------------


def services(layers: Sequence[MapLayer]) -> tuple[dict[str, Any], list[Layer]]:
    """Return the sources and layers of map services, the first at the bottom."""
    chosen = [item for item in layers if item.kind != FEATURES]
    sources = {
        item.code: {
            "type": "raster",
            "tiles": list(addresses(item.url)),
            "tileSize": item.tile_size,
            "minzoom": item.min_zoom,
            "maxzoom": item.max_zoom,
            "attribution": item.attribution,
        }
        for item in chosen
    }
    made: list[Layer] = [
        {"id": item.code, "type": "raster", "source": item.code, "paint": {"raster-opacity": 1}}
        | {"layout": {"visibility": "visible" if item.shown else "none"}}
        | {"metadata": {"kind": item.code, "base": True}}
        for item in chosen
    ]
    return sources, made


def references(layers: Sequence[MapLayer], theme: Theme) -> list[Layer]:
    """Return the layers of features for reference: areas, lines and points of one colour each."""
    made: list[Layer] = []
    for item in layers:
        if item.kind != FEATURES:
            continue
        name = f"{PREFIX}{item.code}"
        tint = item.color if theme == "light" else lifted(item.color, _LIFT)
        seen = {"layout": {"visibility": "visible" if item.shown else "none"}, **marked(name)}
        point = {
            "circle-color": tint,
            "circle-radius": 4,
            "circle-stroke-color": colours(theme)["map-halo"],
            "circle-stroke-width": 1,
        }
        fill = {"fill-color": tint, "fill-opacity": 0.16}
        of_kind: list[Any] = ["==", ["geometry-type"]]
        made += [
            layer(f"{name}-fill", "fill", name, fill) | seen | {"filter": [*of_kind, "Polygon"]},
            layer(f"{name}-line", "line", name, {"line-color": tint, "line-width": 1.6})
            | seen
            | {"filter": ["!=", ["geometry-type"], "Point"]},
            layer(f"{name}-point", "circle", name, point) | seen | {"filter": [*of_kind, "Point"]},
        ]
    return made
