"""The colours that report and desk share, read from ``theme.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from zonewright.report.model import Colour

Mode = Literal["light", "dark"]
SIGNS: Mapping[Colour, str] = {"blue": "▲", "green": "●", "yellow": "◆", "red": "▼"}
FONT = "Noto Sans SC"


@dataclass(frozen=True, slots=True)
class ZoneStyle:
    """How a kind of zone is drawn: fill and line colour, width [px] and dash pattern."""

    fill: str
    line: str
    width: float
    dash: str


@cache
def _theme() -> Mapping[str, Mapping[str, object]]:
    text = (files("zonewright.report") / "theme.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def colours(mode: Mode = "light") -> Mapping[str, str]:
    """Return every role's colour, ``#rrggbb``, in a mode."""
    return {role: str(colour) for role, colour in _theme()[mode].items()}


@cache
def zone_styles() -> Mapping[str, ZoneStyle]:
    """Return how each kind of zone is drawn, from the ground up."""
    return {kind: ZoneStyle(**style) for kind, style in _theme()["zones"].items()}  # type: ignore[arg-type]


def css_variables(mode: Mode = "light") -> str:
    """Return the colours as CSS custom properties: ``--zr-ink: #16202b; …``."""
    items = colours(mode).items()
    return " ".join(f"--zr-{role.replace('_', '-')}: {colour};" for role, colour in items)


def css_recolour() -> str:
    """Return CSS rules that let drawings follow the mode.

    Drawings carry the light colours as presentation attributes, which any CSS rule overrides; so a
    drawing needs no style attribute and still turns dark with its page.
    """
    rules = []
    for role, colour in colours("light").items():
        name = f"var(--zr-{role.replace('_', '-')})"
        rules.append(f'.zr-drawing [fill="{colour}"] {{ fill: {name}; }}')
        rules.append(f'.zr-drawing [stroke="{colour}"] {{ stroke: {name}; }}')
    return "\n".join(rules)
