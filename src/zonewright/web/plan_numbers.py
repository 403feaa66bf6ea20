"""Money, land and earth of plans, as readers of either language write them."""

from __future__ import annotations

from zonewright.report import numbers
from zonewright.web import language

_MU_M2 = 2000 / 3


def money(cny: float | None) -> str:
    """Return an amount with its unit; a dash for none."""
    if cny is None:
        return "—"
    return numbers.quantity(cny / 1e4, "万元", language.current(), decimals=1)


def land(area_m2: float | None) -> str:
    """Return an area in the reader's unit, with the other unit beside it; a dash for none."""
    if area_m2 is None:
        return "—"
    lang = language.current()
    ha = numbers.quantity(area_m2 / 1e4, "ha", lang, decimals=2)
    mu = numbers.quantity(area_m2 / _MU_M2, "亩", lang, decimals=1)
    return f"{mu}（{ha}）" if lang == "zh" else f"{ha} ({mu})"


def mu(area_m2: float) -> str:
    """Return an area in mu, without its unit."""
    return numbers.number(area_m2 / _MU_M2, 1)


def hectares(area_m2: float) -> str:
    """Return an area in hectares, without its unit."""
    return numbers.number(area_m2 / 1e4, 2)


def wan(cny: float) -> str:
    """Return money in 10,000 yuan, without its unit."""
    return numbers.number(cny / 1e4, 1)


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
