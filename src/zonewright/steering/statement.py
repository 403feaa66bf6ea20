"""A figure as a report states it: 超1100公顷, 近70%, 839公顷, 2023年6月."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor

from zonewright.core.errors import RangeError
from zonewright.core.findings import Finding
from zonewright.core.phrases import phrase
from zonewright.core.units import factor
from zonewright.steering.figure import Bound, Figure, finding_of
from zonewright.steering.numbers import Number, exactly

_BOUND_ZH = {"exact": "准确数", "ge": "超", "le": "近", "approx": "约"}
_BOUND_EN = {"exact": "exact", "ge": "more than", "le": "nearly", "approx": "about"}


@dataclass(frozen=True, slots=True)
class Stated:
    """A figure in the words of a report.

    Parameters
    ----------
    value
        The figure in the unit asked for, unrounded; a date for a milestone; None if unknown.
    stated
        The value to its step; a date as it is (its texts keep to its precision); None if unknown.
    unit
        Unit of both [unit code].
    bound
        How it is phrased.
    text_zh, text_en
        The phrase.
    findings
        Where phrase and value do not fit.
    """

    value: float | date | None
    stated: float | date | None
    unit: str
    bound: Bound
    text_zh: str
    text_en: str
    findings: tuple[Finding, ...] = ()

    def text(self, lang: str = "en") -> str:
        """Return the phrase in a language."""
        return self.text_zh if lang == "zh" else self.text_en


def state(
    figure: Figure, *, unit: str = "", bound: Bound = "exact", step: Number | None = None
) -> Stated:
    """Phrase a figure to a step: as it is, or as over, nearly or about a round number.

    Parameters
    ----------
    figure
        What is stated.
    unit
        Unit to state it in; the figure's own if empty.
    bound
        ``exact``: rounded half up to the step. ``ge`` (超): the largest multiple of the step not
        above the value. ``le`` (近): the smallest not below it. ``approx`` (约): the nearest.
    step
        Above 0, in `unit`; None states the value as it is.

    Returns
    -------
    stated
        With a finding if an exact value stands on the very number that 超 or 近 says it is above or
        below, or if a value that is itself a bound is stated as another.

    Raises
    ------
    UnitError
        If the unit does not fit.
    RangeError
        If the step is not above 0.

    Examples
    --------
    See ``tests/unit/steering/test_statement.py``; the phrasing alone is `core.phrases.phrase`.
    """
    wanted = unit or figure.unit
    if step is not None and step <= 0:
        raise RangeError("range-positive", field="step", value=step)
    if isinstance(figure.value, date):
        return _state_day(figure.value, figure, wanted)
    if figure.exact is None:
        return Stated(None, None, wanted, bound, "暂无数据", "no data")
    value = figure.exact * factor(figure.unit, wanted)
    shown = _to_step(value, bound, step)
    signed = figure.indicator.nature == "rate"
    zh = phrase(shown, wanted, bound, "zh", signed=signed)
    en = phrase(shown, wanted, bound, "en", signed=signed)
    findings = _findings(figure, bound, is_round=Fraction(shown) == value)
    return Stated(float(value), float(shown), wanted, bound, zh, en, findings)


def phrase_day(on: date, *, precision: str = "d", lang: str = "en") -> str:
    """Return a date to its precision (``d``, ``m`` or ``y``).

    Examples
    --------
    >>> phrase_day(date(2023, 6, 30), precision="m", lang="zh")
    '2023年6月'
    >>> phrase_day(date(2023, 6, 30), precision="d")
    '30 June 2023'
    """
    if lang == "zh":
        parts = {"y": f"{on.year}年", "m": f"{on.year}年{on.month}月"}
        return parts.get(precision, f"{on.year}年{on.month}月{on.day}日")
    month = calendar.month_name[on.month]
    parts = {"y": str(on.year), "m": f"{month} {on.year}"}
    return parts.get(precision, f"{on.day} {month} {on.year}")


def _state_day(on: date, figure: Figure, wanted: str) -> Stated:
    zh, en = (phrase_day(on, precision=figure.precision, lang=lang) for lang in ("zh", "en"))
    return Stated(on, on, wanted, "exact", zh, en)


def _to_step(value: Fraction, bound: Bound, step: Number | None) -> Decimal:
    if step is None:
        return Decimal(repr(float(value))) if value.denominator != 1 else Decimal(int(value))
    exact_step = exactly(step)
    times = value / exact_step
    count = {"ge": floor(times), "le": ceil(times)}.get(bound, floor(times + Fraction(1, 2)))
    return count * _as_decimal(exact_step)


def _as_decimal(value: Fraction) -> Decimal:
    """Return a finite decimal fraction with no more decimals than it needs."""
    plain = (Decimal(value.numerator) / Decimal(value.denominator)).normalize()
    exponent = plain.as_tuple().exponent
    return plain.quantize(Decimal(1)) if isinstance(exponent, int) and exponent > 0 else plain


def _findings(figure: Figure, bound: Bound, *, is_round: bool) -> tuple[Finding, ...]:
    question, indicator = figure.question, figure.indicator
    if figure.bound == "exact":
        if is_round and bound in ("ge", "le"):
            word = (_BOUND_ZH[bound], _BOUND_EN[bound])
            found = finding_of(
                "statement-not-beyond", question, indicator, word=word[0], word_en=word[1]
            )
            return (found,)
        return ()
    if bound != figure.bound and bound != "approx":
        found = finding_of(
            "statement-bound",
            question,
            indicator,
            given=_BOUND_ZH[figure.bound],
            given_en=_BOUND_EN[figure.bound],
            stated=_BOUND_ZH[bound],
            stated_en=_BOUND_EN[bound],
        )
        return (found,)
    return ()
