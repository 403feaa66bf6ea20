"""A printed sheet of the map: picture, title, legend, scale bar, day and sources, as PDF."""

from __future__ import annotations

import json
import math
import re
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import typst

from zonewright.core.errors import EngineError
from zonewright.report import fontbook, theme

Paper = Literal["a4", "a3"]
PAPERS: tuple[Paper, ...] = ("a4", "a3")
_CUT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the legend: its colour as ``#rrggbb``, how it is drawn, what it is called."""

    color: str
    shape: Literal["fill", "line", "point", "heading"]
    text: str


@dataclass(frozen=True, slots=True)
class MapSheet:
    """What stands on the sheet.

    Parameters
    ----------
    picture
        The map as PNG.
    width_m
        Width of the picture on the ground [m], at its middle.
    facts
        Lines below the title: workspace, day.
    sources
        Lines at the foot: notices, attributions, who printed it when.
    """

    title: str
    facts: tuple[str, ...]
    legend: tuple[Entry, ...]
    legend_title: str
    sources: tuple[str, ...]
    picture: bytes
    width_m: float
    paper: Paper = "a4"
    lang: str = "zh"


def scale_bar(width_m: float) -> tuple[float, str]:
    """Return the share of the picture's width that a round distance takes, and its text.

    Examples
    --------
    >>> scale_bar(10_000.0)
    (0.2, '2 km')
    """
    most = width_m / 4
    power = 10.0 ** math.floor(math.log10(most))
    length = next(step * power for step in (5.0, 2.0, 1.0) if step * power <= most)
    text = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
    return length / width_m, text


def write(sheet: MapSheet) -> bytes:
    """Return the sheet as PDF.

    Raises
    ------
    EngineError
        If the typesetter fails or warns.
    """
    share, distance = scale_bar(sheet.width_m)
    content = {
        "paper": sheet.paper,
        "lang": sheet.lang,
        "font": theme.FONT,
        "colours": dict(theme.colours("light")),
        "title": _drawable(sheet.title),
        "facts": [_drawable(text) for text in sheet.facts],
        "legend": [{**asdict(item), "text": _drawable(item.text)} for item in sheet.legend],
        "legend_title": _drawable(sheet.legend_title),
        "sources": [_drawable(text) for text in sheet.sources],
        "scale": {"share": share, "text": distance},
    }
    template = files("zonewright.report") / "templates" / "mapsheet.typ"
    with TemporaryDirectory() as name:
        folder = Path(name)
        main = folder / "mapsheet.typ"
        main.write_text(template.read_text(encoding="utf-8"), encoding="utf-8")
        (folder / "map.png").write_bytes(sheet.picture)
        text = json.dumps(content, ensure_ascii=False)
        (folder / "mapsheet.json").write_text(text, encoding="utf-8")
        try:
            made, warnings = typst.compile_with_warnings(
                str(main),
                root=str(folder),
                font_paths=[str(fontbook.folder())],
                ignore_system_fonts=True,
                format="pdf",
            )
        except typst.TypstError as error:
            raise EngineError("map-print-failed", cause=error.message) from error
    if warnings:
        raise EngineError("map-print-failed", cause="; ".join(item.message for item in warnings))
    return bytes(made)


def _drawable(text: str) -> str:
    return fontbook.drawable(_CUT.sub("", text))
