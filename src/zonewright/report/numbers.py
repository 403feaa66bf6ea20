"""Numbers as readers of Chinese and English write them; used by the report and the desk.

Beside what ``core.phrases`` fixes:

- A *stated* number keeps the decimals it was stated with (839, 220.87); a *computed* one has the
  fixed decimals of its unit (two for ha, 亿元 and %, none for counts).
- Land has its second unit beside it: ``1,100公顷（16,500亩）``, ``1,100 ha (16,500 mu)``, whole mu;
  from 100,000 亩 on Chinese writes 万亩.
"""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from zonewright.core.phrases import (
    DECIMALS,
    Lang,
    Number,
    exact,
    number,
    phrase,
    quantity,
    zh_unit,
)
from zonewright.core.units import UNITS, convert
from zonewright.report.model import ReportFigure

_LAND = ("ha", "km2")
NUMERIC = (int, float, Decimal, Fraction)
__all__ = [
    "NUMERIC",
    "beside",
    "computed",
    "day",
    "decimals_of",
    "exact",
    "number",
    "number_trim",
    "phrase",
    "points",
    "quantity",
    "rounded",
    "stated",
    "unit_label",
]


def computed(value: Number | date | None, unit: str, lang: Lang, *, signed: bool = False) -> str:
    """Return a computed value with the fixed decimals of its unit; a dash for none."""
    if value is None:
        return "—"
    if isinstance(value, date):
        return day(value, lang)
    return quantity(value, unit, lang, decimals=decimals_of(value, unit), signed=signed)


def beside(value: Number, unit: str, lang: Lang) -> str:
    """Return land in mu, as it stands beside hectares; empty for other units.

    Examples
    --------
    >>> beside(404.67, "ha", "zh"), beside(1395, "km2", "zh"), beside(1395, "km2", "en")
    ('6,070亩', '209.25万亩', '2,092,500 mu')
    """
    if unit not in _LAND:
        return ""
    mu = convert(exact(value), unit, "亩")
    if lang == "en":
        return f"{number(mu, 0)} mu"
    return f"{number(number_trim(mu / 10_000))}万亩" if mu >= 100_000 else f"{number(mu, 0)}亩"


def number_trim(value: Fraction) -> Decimal:
    """Return a number rounded half up to two decimals, without trailing zeros."""
    return exact(value).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP).normalize()


def stated(figure: ReportFigure, lang: Lang, *, land: bool = True) -> str:
    """Return a figure as the report states it, land with mu beside it.

    Parameters
    ----------
    figure
        The figure.
    lang
        Language of the reader.
    land
        Whether to put mu beside hectares.
    """
    if figure.wording:
        return figure.wording.of(lang)
    amount = figure.stated if figure.stated is not None else figure.value
    if amount is None or isinstance(amount, date):
        return computed(amount, figure.unit, lang)
    signed = figure.nature == "rate"
    if figure.stated is None:
        amount = rounded(amount, figure.unit)
    text = phrase(amount, figure.unit, figure.bound, lang, signed=signed)
    second = beside(amount, figure.unit, lang) if land else ""
    if not second:
        return text
    return f"{text}（{second}）" if lang == "zh" else f"{text} ({second})"


def rounded(value: Number, unit: str) -> Decimal:
    """Return a value at the fixed decimals of its unit, without trailing zeros."""
    step = Decimal(1).scaleb(-decimals_of(value, unit))
    return exact(value).quantize(step, rounding=ROUND_HALF_UP)


def points(value: float, lang: Lang) -> str:
    """Return a difference of shares with its sign: ``+2.91 pp``, ``+2.91个百分点``."""
    sign = "+" if value > 0 else ""
    return f"{sign}{number(value, 2)}" + ("个百分点" if lang == "zh" else " pp")


def day(value: date, lang: Lang) -> str:
    """Return a date: ``2023年10月31日`` or ``31 October 2023``."""
    if lang == "zh":
        return f"{value.year}年{value.month}月{value.day}日"
    return f"{value.day} {value:%B %Y}"


def decimals_of(value: Number, unit: str) -> int:
    """Return the fixed decimals of a unit; for others none, or two if the number is not whole."""
    whole = exact(value) == exact(value).to_integral_value()
    return DECIMALS.get(unit, 0 if whole else 2)


def unit_label(unit: str, lang: Lang) -> str:
    """Return a unit as a heading names it; empty for bare counts."""
    if unit not in UNITS:
        return unit
    return UNITS[unit].label("en") if lang == "en" else zh_unit(unit)
