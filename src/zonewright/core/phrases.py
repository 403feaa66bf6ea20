"""Numbers as readers of Chinese and English write them, alike on terminal, desk and paper.

- Thousands are separated by commas in both languages; a negative number has the sign ``−``.
- Chinese keeps the unit of the office: ``143.74亿元``. English moves the decimal point and nothing
  else, so that the digits stay those of the source: ``CNY 14.374 billion``, ``CNY 120 million``.
- A bound is a word before the number: 超 more than, 近 nearly, 约 about; before a number that is
  not round, 不低于 at least.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Literal

from zonewright.core.units import UNITS, convert

Lang = Literal["zh", "en"]
Bound = Literal["exact", "ge", "le", "approx"]
Number = int | float | Decimal | Fraction

DECIMALS = {
    "m2": 1, "ha": 2, "km2": 2, "亩": 1, "万亩": 2, "万m2": 2,
    "元": 2, "千元": 2, "万元": 2, "百万元": 2, "亿元": 2,
    "美元": 2, "万美元": 2, "百万美元": 2, "亿美元": 2, "%": 2, "pp": 2, "kWh": 0, "万kWh": 2,
}  # fmt: skip
_BOUNDS = {
    "ge": {"zh": "超", "en": "more than "},
    "le": {"zh": "近", "en": "nearly "},
    "approx": {"zh": "约", "en": "about "},
    "exact": {"zh": "", "en": ""},
}
_AT_LEAST = {"zh": "不低于", "en": "at least "}
_MONEY = {"cny": "CNY", "usd": "USD"}
_BILLION, _MILLION = Fraction(10**9), Fraction(10**6)
_NUMERALS = "〇一二三四五六七八九"
_ORDINALS = {1: "st", 2: "nd", 3: "rd"}


def exact(value: Number) -> Decimal:
    """Return a number as a decimal, a float by its shortest form.

    Examples
    --------
    >>> exact(143.74)
    Decimal('143.74')
    """
    if isinstance(value, Decimal):
        return value
    if isinstance(value, Fraction):
        return Decimal(value.numerator) / Decimal(value.denominator)
    return Decimal(str(value))


def number(value: Number, decimals: int | None = None) -> str:
    """Return a number with separators, rounded half up; all its own decimals if None is given.

    Examples
    --------
    >>> number(16500), number(-0.005, 2), number(2.5, 0)
    ('16,500', '−0.01', '3')
    """
    amount = exact(value)
    if decimals is not None:
        amount = amount.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    amount = abs(amount) if amount.is_zero() else amount
    if decimals is not None:
        return f"{amount:,f}".replace("-", "−")
    text = f"{amount:,f}".replace("-", "−")
    return text.rstrip("0").rstrip(".") if "." in text else text


def quantity(
    value: Number, unit: str, lang: Lang, *, decimals: int | None = None, signed: bool = False
) -> str:
    """Return a number with its unit.

    Parameters
    ----------
    value
        The number, in `unit`.
    unit
        Unit code of ``core.units``; empty for a bare number.
    lang
        Language of the reader.
    decimals
        Decimals to show in `unit`; None for the number's own.
    signed
        Whether a positive number carries its sign.

    Examples
    --------
    >>> quantity(143.74, "亿元", "zh"), quantity(143.74, "亿元", "en")
    ('143.74亿元', 'CNY 14.374 billion')
    >>> quantity(1.2, "亿元", "en"), quantity(78, "万m2", "en")
    ('CNY 120 million', '780,000 m²')
    """
    sign = "+" if signed and value > 0 else ""
    dimension = UNITS[unit].dimension if unit in UNITS else ""
    if dimension == "rank":
        return _rank(value, unit, lang)
    if lang == "zh":
        return f"{sign}{number(value, decimals)}{zh_unit(unit)}"
    if dimension in _MONEY:
        return _english_money(value, unit, decimals, sign)
    if unit in ("万m2", "万亩", "万kWh"):
        base = {"万m2": "m2", "万亩": "亩", "万kWh": "kWh"}[unit]
        shifted = None if decimals is None else max(decimals - 4, 0)
        return f"{sign}{number(_times(value, unit, base), shifted)} {UNITS[base].label('en')}"
    label = UNITS[unit].label("en") if unit in UNITS else unit
    gap = "" if unit in ("%", "") or not label else " "
    return f"{sign}{number(value, decimals)}{gap}{label}"


def phrase(value: Number, unit: str, bound: Bound, lang: Lang, *, signed: bool = False) -> str:
    """Return a number as a statement makes it: bound, number, unit.

    Examples
    --------
    >>> phrase(1100, "ha", "ge", "zh"), phrase(1100, "ha", "ge", "en")
    ('超1,100公顷', 'more than 1,100 ha')
    >>> phrase(3, "rank", "le", "en")
    'top 3'
    >>> phrase(86.66, "%", "ge", "zh"), phrase(86.66, "%", "ge", "en")
    ('不低于86.66%', 'at least 86.66%')
    """
    if unit == "rank" and bound == "le":
        return f"前{number(value)}位" if lang == "zh" else f"top {number(value)}"
    word = _AT_LEAST if bound == "ge" and _is_full(value, unit) else _BOUNDS[bound]
    return word[lang] + quantity(value, unit, lang, signed=signed)


def _is_full(value: Number, unit: str) -> bool:
    """Whether a number has every decimal of its unit: 超 and "more than" ask for a round one."""
    exponent = exact(value).normalize().as_tuple().exponent
    return isinstance(exponent, int) and 0 < DECIMALS.get(unit, 0) <= -exponent


def zh_unit(unit: str) -> str:
    """Return a unit as Chinese writes it after a number."""
    return {"pp": "个百分点"}.get(unit, UNITS[unit].label("zh") if unit in UNITS else unit)


def _times(value: Number, given: str, wanted: str) -> Decimal:
    return exact(convert(exact(value), given, wanted))


def _rank(value: Number, unit: str, lang: Lang) -> str:
    place = int(exact(value))
    if unit == "档":
        numeral = _NUMERALS[place] if 0 < place < len(_NUMERALS) else str(place)
        return f"第{numeral}档" if lang == "zh" else f"tier {place}"
    if lang == "zh":
        return f"第{place}位"
    suffix = "th" if place % 100 in (11, 12, 13) else _ORDINALS.get(place % 10, "th")
    return f"{place}{suffix}"


def _english_money(value: Number, unit: str, decimals: int | None, sign: str) -> str:
    base = {"cny": "元", "usd": "美元"}[UNITS[unit].dimension]
    amount = convert(exact(value), unit, base)
    currency = _MONEY[UNITS[unit].dimension]
    if abs(amount) >= _BILLION:
        scale, word = _BILLION, " billion"
    elif abs(amount) >= _MILLION:
        scale, word = _MILLION, " million"
    else:
        scale, word = Fraction(1), ""
    shift = len(str(int(scale / UNITS[unit].factor))) - 1 if scale >= UNITS[unit].factor else 0
    lost = len(str(int(UNITS[unit].factor / scale))) - 1 if scale < UNITS[unit].factor else 0
    shown = None if decimals is None else max(decimals + shift - lost, 0)
    return f"{currency} {sign}{number(exact(amount / scale), shown)}{word}"
