"""Charts and maps made fit to stand inside a page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from xml.sax.saxutils import quoteattr

from zonewright.core.phrases import Lang
from zonewright.report import charts, maps, theme
from zonewright.report.model import Chart, ReportMap

_NAMES = re.compile(r'\b(id="|url\(#|href="#)')
_CLASS = re.compile(r'(<[a-zA-Z]+\b[^<>]*?)\sclass="[^"]*"')
_OPENING = re.compile(r"<svg\b[^>]*>")
_FALLBACK = f"{theme.FONT}, PingFang SC, Microsoft YaHei, Noto Sans CJK SC, sans-serif"


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture of the report: its SVG as drawn, its caption and its description."""

    svg: str
    title: str
    description: str

    def inline(self, prefix: str) -> str:
        """Return the SVG for a page: names of its own, a description, fonts of the reader's."""
        svg = _NAMES.sub(lambda match: f"{match[1]}{prefix}-", self.svg)
        opening = _OPENING.search(svg)
        if opening is None:
            return svg
        label = quoteattr(self.description)
        kept = re.sub(r'\s(class|role|aria-[a-z]+)="[^"]*"', "", opening[0])[:-1]
        head = f'{kept} class="zr-drawing" role="img" aria-label={label}>'
        body = _CLASS.sub(r"\1", svg[opening.end() :])
        body = body.replace(f'font-family="{theme.FONT}"', _family())
        head = head.replace(f'font-family="{theme.FONT}"', _family())
        return head + body

    def png(self, *, scale: float = 2.5) -> bytes:
        """Return the picture as PNG on a white ground."""
        ground = '<rect width="100%" height="100%" fill="#ffffff"/>'
        opening = _OPENING.search(self.svg)
        end = opening.end() if opening else 0
        return charts.svg_to_png(self.svg[:end] + ground + self.svg[end:], scale=scale)

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the drawing [px at 96 to the inch]."""
        opening = _OPENING.search(self.svg)
        found = dict(re.findall(r'\b(width|height)="([\d.]+)"', opening[0] if opening else ""))
        return float(found.get("width", 1)), float(found.get("height", 1))


@lru_cache(maxsize=64)
def chart(content: Chart, lang: Lang) -> Drawing:
    """Draw a chart; the three formats of a report share the drawing."""
    svg = charts.render_svg(charts.spec(content, lang))
    return Drawing(svg, content.title.of(lang), charts.description(content, lang))


def map_of(content: ReportMap, lang: Lang) -> Drawing:
    """Draw the map."""
    svg = maps.render_svg(content, lang)
    return Drawing(svg, content.title.of(lang), maps.description(content, lang))


def _family() -> str:
    return f'font-family="{_FALLBACK}"'
