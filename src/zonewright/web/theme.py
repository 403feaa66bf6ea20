"""The colours of the desk: those of the report, and what only a screen needs.

Style sheet, map and charts read this one table, and the report's ``theme.toml`` below it. The tests
hold text to a contrast of 4.5 and marks to 3 on every surface that they stand on.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Literal

from zonewright.report import theme as shared

Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")

# Role to colour on light and on dark ground.
DESK: Mapping[str, tuple[str, str]] = {
    "page": ("#eef1f4", "#0b1116"),
    "hover": ("#e7eff5", "#213039"),
    "track": ("#dfe5ea", "#2a3742"),
    "edge": ("#75838f", "#72828f"),
    "on-accent": ("#ffffff", "#06202f"),
    "map-district": ("#fafbf9", "#18211f"),
    "map-ground": ("#e4eaee", "#0e151b"),
    "map-graticule": ("#d0d8de", "#22303a"),
    "map-halo": ("#ffffff", "#0e151b"),
    "work": ("#7a2e0e", "#ffb38a"),
    "no-go": ("#756b60", "#8f857a"),
    "block": ("#0c5138", "#8ff0c4"),
}

# Stages of land, from reserve to production: sand, then green as it ripens, then blue in use.
STAGES: Mapping[str, tuple[str, str]] = {
    "L0": ("#dedbd1", "#33393c"),
    "L1": ("#d6d0bd", "#403f39"),
    "L2": ("#d5c798", "#524d36"),
    "L3": ("#d8b863", "#7a632b"),
    "L4": ("#cf9a3c", "#9c7425"),
    "L5": ("#a5bd62", "#6f8f35"),
    "L6": ("#66a86f", "#4a9a5c"),
    "L7": ("#278a5f", "#38b482"),
    "L8": ("#24708c", "#46a7c6"),
    "L9": ("#234c7a", "#7aa2de"),
}
# Works by what they build and by how far they are; no-go areas by what they keep.
WORKS: Mapping[str, tuple[str, str]] = {
    "road": ("#7a2e0e", "#ffb38a"),
    "water": ("#0b6bb0", "#6fb6ee"),
    "rain": ("#1f8a9e", "#63cfe0"),
    "sewage": ("#6b5b1e", "#cdbb6a"),
    "power": ("#b3261e", "#ff8a80"),
    "gas": ("#a35a00", "#f5b14c"),
    "heat": ("#a0245e", "#f08cbb"),
    "telecom": ("#6a3fa0", "#bd9bea"),
    "levelling": ("#7d5a3c", "#d0a987"),
    "flood": ("#1d4f91", "#8fb1f0"),
    "green": ("#2e7d32", "#7fd084"),
    "facility": ("#455a64", "#a9bcc6"),
    "standard_factory": ("#3d4d9c", "#a3b0f2"),
}
STATUSES: Mapping[str, tuple[str, str]] = {
    "preparatory": ("#756b60", "#a89d91"),
    "new": ("#a35a00", "#f5b14c"),
    "continuing": ("#0b6bb0", "#6fb6ee"),
    "completing": ("#2e7d32", "#7fd084"),
}
NO_GO: Mapping[str, tuple[str, str]] = {
    "farmland": ("#8a7a1c", "#c9b858"),
    "ecology": ("#2f7a4d", "#69b98a"),
    "water": ("#2f7fb5", "#6fb0dc"),
    "flood": ("#4a5fb0", "#93a3ea"),
    "heritage": ("#8c4a86", "#cf93ca"),
}
LIFT = 0.5
QUIET_KINDS = ("city", "district", "town")
_CODED: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "stage": STAGES,
    "work": WORKS,
    "status": STATUSES,
    "no-go": NO_GO,
}


@cache
def colours(theme: Theme) -> Mapping[str, str]:
    """Return every role with its colour in one theme."""
    which = THEMES.index(theme)
    found = {name.replace("_", "-"): value for name, value in shared.colours(theme).items()}
    found |= {name: pair[which] for name, pair in DESK.items()}
    for stem, pairs in _CODED.items():
        found |= {f"{stem}-{name}": pair[which] for name, pair in pairs.items()}
    for kind, style in shared.zone_styles().items():
        lift = 0.0 if kind in QUIET_KINDS or theme == "light" else LIFT
        found[f"zone-{kind}"] = lifted(style.line, lift)
    return found


def css() -> str:
    """Return the style sheet that defines every colour as a custom property."""
    light, dark = (_declarations(theme) for theme in THEMES)
    return (
        f":root{{color-scheme:light;{light}}}\n"
        f"@media (prefers-color-scheme:dark){{:root:not([data-theme=light])"
        f"{{color-scheme:dark;{dark}}}}}\n"
        f":root[data-theme=dark]{{color-scheme:dark;{dark}}}\n" + _swatches()
    )


def _swatches() -> str:
    kinds = (
        f".swatch[data-kind={kind}]{{--swatch:var(--zone-{kind});"
        f"border-style:{'dashed' if style.dash else 'solid'}}}"
        for kind, style in shared.zone_styles().items()
    )
    coded = (
        f".swatch[data-{stem}={name}]{{--swatch:var(--{stem}-{name})}}"
        for stem, pairs in _CODED.items()
        for name in pairs
    )
    return "\n".join((*kinds, *coded)) + "\n"


def _declarations(theme: Theme) -> str:
    items = colours(theme).items()
    return "".join(f"--{name}:{value};" for name, value in items)


def lifted(colour: str, share: float) -> str:
    """Return a colour mixed with white, for drawing on dark ground.

    Examples
    --------
    >>> lifted("#000000", 0.5)
    '#808080'
    """
    channels = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return "#" + "".join(f"{round(c + (255 - c) * share + 1e-9):02x}" for c in channels)


def contrast(first: str, second: str) -> float:
    """Return the contrast of two colours by WCAG 2, from 1 to 21.

    Examples
    --------
    >>> round(contrast("#000000", "#ffffff"))
    21
    """
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
