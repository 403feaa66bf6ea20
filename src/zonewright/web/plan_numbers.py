"""Money, land and earth of plans, as readers of either language write them."""

from __future__ import annotations

from collections.abc import Mapping

from zonewright.core.units import convert
from zonewright.report import numbers
from zonewright.web import language
from zonewright.web.values import HABIT

_MU_M2 = 2000 / 3


def money(cny: float | None) -> str:
    """Return an amount with its unit; a dash for none."""
    if cny is None:
        return "—"
    wan, lang = cny / 1e4, language.current()
    if wan == int(wan):
        return numbers.quantity(int(wan), "万元", lang)
    return numbers.quantity(wan, "万元", lang, decimals=1)


def land(area_m2: float | None) -> str:
    """Return an area in the reader's unit, with the other unit beside it; a dash for none."""
    if area_m2 is None:
        return "—"
    lang = language.current()
    ha = numbers.quantity(area_m2 / 1e4, "ha", lang, decimals=2)
    mu = numbers.quantity(area_m2 / _MU_M2, "亩", lang, decimals=1)
    return f"{mu}（{ha}）" if lang == "zh" else f"{ha} ({mu})"


def in_habit(value: float, base: str, kind: str) -> float:
    """Return an area [m²] or money [CNY], `base`, in the unit in which the reader counts it."""
    return float(convert(value, base, HABIT[language.current()][kind]))


def percent(share: float | None, decimals: int = 2) -> str:
    """Return a share in percent; a dash where there is none or it has no end."""
    if share is None or share != share or share in (float("inf"), float("-inf")):
        return "—"
    return f"{numbers.number(100 * share, decimals)}%"


def earth(volume_m3: float) -> str:
    """Return a volume in whole cubic metres, without its unit."""
    return numbers.number(volume_m3, 0)


def metres(value: float | None, decimals: int = 2) -> str:
    """Return a height or a length in metres, without its unit; a dash for none."""
    return "—" if value is None else numbers.number(value, decimals)


def rates(
    given: Mapping[str, float], defaults: Mapping[str, float], names: Mapping[str, str]
) -> list[dict[str, object]]:
    """Return the rates of a plan by name; one that was changed has its default beside it."""
    return [
        {
            "name": names[key],
            "value": numbers.number(given[key], _digits(given[key])),
            "default": numbers.number(usual, _digits(usual))
            if (usual := defaults.get(key)) is not None and usual != given[key]
            else "",
        }
        for key in names
        if key in given
    ]


def _digits(value: float) -> int:
    """Return how many decimals a rate is shown with."""
    return next((place for place in range(3) if round(value, place) == value), 3)
