"""The map of the overlapping zones, drawn as SVG.

Shapes are projected by a transverse Mercator on the data's own central meridian, so that the scale
bar holds everywhere; a kind of zone has its own line and fill, and fills are thin, so that overlaps
show. Labels are placed by hand's rules: the most telling point of a shape first, then places around
it, never over another label.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from zonewright.core.phrases import Lang
from zonewright.report import theme
from zonewright.report.maplabels import Label, Spot, lay_out, text_width, wrapped
from zonewright.report.model import MapLayer, ReportMap
from zonewright.report.words import listing, word

WIDTH = 640.0
MARGIN = 14.0
QUIET = ("city", "district", "town")
_STEPS_KM = (1, 2, 5, 10, 20, 50, 100, 200)


@dataclass(frozen=True, slots=True)
class _Frame:
    """The transformation from projected metres to the drawing."""

    left: float
    top: float
    scale: float
    height: float

    def point(self, x: float, y: float) -> tuple[float, float]:
        return MARGIN + (x - self.left) * self.scale, MARGIN + (self.top - y) * self.scale


def render_svg(report_map: ReportMap, lang: Lang) -> str:
    """Draw the map: shapes, labels, legend, scale bar, north arrow and the note of its sources.

    Parameters
    ----------
    report_map
        Layers from the ground up; a layer without shapes appears nowhere.
    lang
        Language of labels and legend.

    Returns
    -------
    svg
        One ``<svg>`` element with presentation attributes only.
    """
    layers = [layer for layer in _projected(report_map.layers) if len(layer.frame)]
    frame = _frame(layers)
    labels = lay_out(_spots(layers, frame, lang), width=WIDTH, height=frame.height)
    legend, below = _legend(layers, frame.height, lang)
    index, more = _index(labels, frame.height + below)
    note, height = _note(report_map.note.of(lang), frame.height + below + more)
    height += frame.height + below + more
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH:g}" height="{height:.0f}" '
        f'viewBox="0 0 {WIDTH:g} {height:.0f}" font-family={quoteattr(theme.FONT)}>',
        *_shapes(layers, frame),
        *_labels(labels),
        *_scale_bar(frame),
        *_north(lang),
        *legend,
        *index,
        *note,
        "</svg>",
    ]
    return "".join(parts)


def description(report_map: ReportMap, lang: Lang) -> str:
    """Return what the map shows, for readers who cannot see it."""
    layers = listing(
        [layer.label.of(lang) for layer in report_map.layers if len(layer.frame)], lang
    )
    return word("map-alt", lang, title=report_map.title.of(lang), layers=layers)


def _projected(layers: Sequence[MapLayer]) -> list[MapLayer]:
    """Return the layers in metres, without rows that have no shape."""
    frames = [_with_shape(layer.frame) for layer in layers]
    bounds = np.array([frame.total_bounds for frame in frames if len(frame)])
    if not len(bounds):
        return []
    meridian = round((bounds[:, 0].min() + bounds[:, 2].max()) / 2, 4)
    crs = CRS.from_proj4(f"+proj=tmerc +lon_0={meridian} +k=1 +x_0=500000 +ellps=GRS80 +units=m")
    return [
        MapLayer(layer.kind, layer.label, frame.to_crs(crs))
        for layer, frame in zip(layers, frames, strict=True)
    ]


def _with_shape(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    known = frame[frame.geometry.notna() & ~frame.geometry.is_empty]
    return known if known.crs else known.set_crs("EPSG:4490")


def _frame(layers: Sequence[MapLayer]) -> _Frame:
    if not layers:
        return _Frame(0.0, 0.0, 1.0, 2 * MARGIN)
    bounds = np.array([layer.frame.total_bounds for layer in layers])
    left, bottom = bounds[:, 0].min(), bounds[:, 1].min()
    right, top = bounds[:, 2].max(), bounds[:, 3].max()
    scale = (WIDTH - 2 * MARGIN) / max(right - left, (top - bottom) / 1.15, 1.0)
    spare = (WIDTH - 2 * MARGIN - (right - left) * scale) / 2
    return _Frame(left - spare / scale, top, scale, (top - bottom) * scale + 2 * MARGIN)


def _shapes(layers: Sequence[MapLayer], frame: _Frame) -> Iterator[str]:
    for layer in layers:
        style = _style(layer.kind)
        opacity = 1.0 if layer.kind in QUIET else 0.28
        dash = f' stroke-dasharray="{style.dash}"' if style.dash else ""
        yield (
            f'<g fill="{style.fill}" fill-opacity="{opacity:g}" fill-rule="evenodd" '
            f'stroke="{style.line}" stroke-width="{style.width:g}" stroke-linejoin="round"{dash}>'
        )
        for shape in layer.frame.geometry:
            yield f'<path d="{_path(shape, frame)}"/>'
        yield "</g>"


def _style(kind: str) -> theme.ZoneStyle:
    styles = theme.zone_styles()
    return styles.get(kind, styles["collective"])


def _path(shape: BaseGeometry, frame: _Frame) -> str:
    """Return a shape's outline, simplified to a third of a pixel."""
    parts = []
    simple = shapely.simplify(shape, 0.33 / frame.scale)
    for polygon in shapely.get_parts(simple):
        if polygon.geom_type != "Polygon":
            continue
        for ring in (polygon.exterior, *polygon.interiors):
            points = [frame.point(x, y) for x, y in shapely.get_coordinates(ring)[:-1]]
            parts.append("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points) + "Z")
    return "".join(parts)


def _spots(layers: Sequence[MapLayer], frame: _Frame, lang: Lang) -> list[Spot]:
    """Return every name with its place, from the ground up; a name that recurs stands once."""
    spots: dict[str, Spot] = {}
    for layer in layers:
        rows = layer.frame.assign(_size=layer.frame.geometry.area).sort_values(
            "_size", ascending=False, kind="stable"
        )
        quiet = layer.kind in QUIET
        colour = theme.colours("light")["muted"] if quiet else _style(layer.kind).line
        for row in rows.itertuples():
            name = str(getattr(row, "name_zh" if lang == "zh" else "name_en") or "")
            if name:
                spots[name] = Spot(name, *_anchor(row.geometry, frame), quiet, colour)
    return list(spots.values())


def _labels(labels: Sequence[Label]) -> Iterator[str]:
    tint = theme.colours("light")
    for label in labels:
        if label.number:
            yield from _badge(label, label.x, label.y)
            continue
        colour = tint["muted"] if label.quiet else tint["ink"]
        weight = "400" if label.quiet else "700"
        yield (
            f'<text x="{label.x:.1f}" y="{label.y:.1f}" font-size="{label.size:g}" '
            f'font-weight="{weight}" text-anchor="middle" fill="{colour}" '
            f'stroke="{tint["ground"]}" stroke-width="2.6" stroke-linejoin="round" '
            f'paint-order="stroke">{escape(label.name)}</text>'
        )


def _badge(label: Label, x: float, y: float) -> Iterator[str]:
    """Yield a number in a dot of its kind's colour."""
    yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="7.2" fill="{label.colour}" stroke="#fefefe"/>'
    yield (
        f'<text x="{x:.1f}" y="{y + 3.2:.1f}" font-size="9" font-weight="700" '
        f'text-anchor="middle" fill="#fefefe">{label.number}</text>'
    )


def _index(labels: Sequence[Label], top: float) -> tuple[list[str], float]:
    """Return the names of the numbered zones in two columns below the legend, and their height."""
    tint = theme.colours("light")
    numbered = sorted((label for label in labels if label.number), key=lambda item: item.number)
    half = -(-len(numbered) // 2)
    parts: list[str] = []
    for place, label in enumerate(numbered):
        column, row = divmod(place, half)
        x, y = MARGIN + 8 + column * (WIDTH - MARGIN) / 2, top + 12 + 19 * row
        parts += _badge(label, x, y)
        parts.append(
            f'<text x="{x + 14:.1f}" y="{y + 4:.1f}" font-size="11.5" fill="{tint["ink"]}">'
            f"{escape(label.name)}</text>"
        )
    return parts, 19.0 * half + (8 if numbered else 0)


def _anchor(shape: BaseGeometry, frame: _Frame) -> tuple[float, float, float]:
    """Return the point of a shape furthest from its edge, and how far that is, in the drawing."""
    largest = max(shapely.get_parts(shape), key=lambda part: part.area)
    inside = shapely.maximum_inscribed_circle(largest, tolerance=1.0 / frame.scale)
    x, y = frame.point(*shapely.get_coordinates(inside)[0])
    return x, y, float(inside.length) * frame.scale


def _scale_bar(frame: _Frame) -> Iterator[str]:
    tint = theme.colours("light")
    wanted_km = 130.0 / frame.scale / 1000
    km = max((step for step in _STEPS_KM if step <= wanted_km), default=_STEPS_KM[0])
    length = km * 1000 * frame.scale
    x, y = WIDTH - MARGIN - length - 22, frame.height - 16
    half = length / 2
    yield f'<g fill="{tint["ink"]}" stroke="{tint["ink"]}" stroke-width="1">'
    yield f'<rect x="{x:.1f}" y="{y:.1f}" width="{half:.1f}" height="4"/>'
    yield f'<rect x="{x + half:.1f}" y="{y:.1f}" width="{half:.1f}" height="4" fill="none"/></g>'
    for share, label in ((0.0, "0"), (0.5, f"{km / 2:g}"), (1.0, f"{km:g} km")):
        yield (
            f'<text x="{x + share * length:.1f}" y="{y - 4:.1f}" font-size="10" '
            f'text-anchor="middle" fill="{tint["ink"]}">{label}</text>'
        )


def _north(lang: Lang) -> Iterator[str]:
    tint = theme.colours("light")
    yield f'<path d="M24 22L31 46L24 41L17 46Z" fill="{tint["ink"]}"/>'
    yield (
        f'<text x="24" y="60" font-size="11" text-anchor="middle" fill="{tint["ink"]}">'
        f"{word('map-north', lang)}</text>"
    )


def _legend(layers: Sequence[MapLayer], top: float, lang: Lang) -> tuple[list[str], float]:
    """Return the legend's parts below the map, flowing in rows, and its height."""
    tint = theme.colours("light")
    parts, x, y = [], MARGIN, top + 18
    for layer in layers:
        label, style = layer.label.of(lang), _style(layer.kind)
        width = 30 + text_width(label, 12) + 18
        if x > MARGIN and x + width > WIDTH - MARGIN:
            x, y = MARGIN, y + 21
        dash = f' stroke-dasharray="{style.dash}"' if style.dash else ""
        opacity = 1.0 if layer.kind in QUIET else 0.28
        parts.append(
            f'<rect x="{x:.1f}" y="{y - 10:.1f}" width="22" height="13" fill="{style.fill}" '
            f'fill-opacity="{opacity:g}" stroke="{style.line}" '
            f'stroke-width="{style.width:g}"{dash}/>'
            f'<text x="{x + 29:.1f}" y="{y + 1:.1f}" font-size="12" fill="{tint["ink"]}">'
            f"{escape(label)}</text>"
        )
        x += width
    return parts, (y - top + 12 if layers else 0.0)


def _note(text: str, top: float) -> tuple[list[str], float]:
    """Return the note of the sources in lines that fit, and its height."""
    tint = theme.colours("light")
    lines = list(wrapped(text, 10.5, WIDTH - 2 * MARGIN)) if text else []
    parts = [
        f'<text x="{MARGIN:g}" y="{top + 14 + 15 * place:.1f}" font-size="10.5" '
        f'fill="{tint["muted"]}">{escape(line)}</text>'
        for place, line in enumerate(lines)
    ]
    return parts, 15.0 * len(lines) + (8 if lines else 0)
