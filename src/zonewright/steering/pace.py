"""Pace (时序进度): how far a year's task is, against where its curve says that it should be."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from zonewright.core.errors import RangeError
from zonewright.core.schema import require_positive
from zonewright.steering.curves import LINEAR, Curve
from zonewright.steering.forecast import Forecast
from zonewright.steering.numbers import Number, exactly

Colour = Literal["blue", "green", "yellow", "red"]
WORDS = {
    "completed": ("完成年度任务", "year's target met"),
    "ahead": ("超时序", "ahead of pace"),
    "on": ("达到时序", "on pace"),
    "behind": ("滞后", "behind pace"),
}


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Where one colour ends and the next begins [percentage points ahead of pace].

    Parameters
    ----------
    blue
        At least this far ahead is blue.
    green
        At least this, and below `blue`, is green.
    yellow
        At least this, and below `green`, is yellow; what lies below is red.
    """

    blue: float = 3.0
    green: float = -3.0
    yellow: float = -10.0

    def __post_init__(self) -> None:
        if not self.yellow <= self.green <= self.blue:
            values = f"{self.yellow}, {self.green}, {self.blue}"
            raise RangeError("pace-thresholds", values=values)


DEFAULT_THRESHOLDS = Thresholds()


@dataclass(frozen=True, slots=True)
class Pace:
    """Where a year's task stands at the end of a month.

    Parameters
    ----------
    done, target, expected
        What was done, what the year asks, and what the curve asks by now [the indicator's unit].
    month
        Last month that counts, 1 to 12.
    completion_pct, expected_pct
        Done and expected, as a share of the target [%].
    ahead_pp
        Their difference, unrounded [percentage points]; negative is behind.
    remaining
        What is left of the target; 0 if it is met.
    rate_needed
        What each month that is left must bring; None after December.
    rate_so_far
        What each month has brought.
    colour
        By the thresholds; red whenever a forecast was given and misses the target.
    word_zh, word_en
        超时序, 达到时序, 滞后 or 完成年度任务.
    forecast
        As given.
    """

    done: float
    target: float
    expected: float
    month: int
    completion_pct: float
    expected_pct: float
    ahead_pp: float
    remaining: float
    rate_needed: float | None
    rate_so_far: float
    colour: Colour
    word_zh: str
    word_en: str
    forecast: Forecast | None = None

    def word(self, lang: str = "en") -> str:
        """Return the verdict in a language."""
        return self.word_zh if lang == "zh" else self.word_en


def pace(
    done: Number,
    target: Number,
    *,
    month: int,
    curve: Curve = LINEAR,
    thresholds: Thresholds = DEFAULT_THRESHOLDS,
    forecast: Forecast | None = None,
) -> Pace:
    """Compare what was done with what a target's curve asks by the end of a month.

    Parameters
    ----------
    done, target
        In one unit; the target is above 0.
    month
        Last month that counts, 1 to 12.
    curve
        Where the year should stand; linear unless given.
    thresholds
        Of the colours.
    forecast
        See `zonewright.steering.forecast.forecast`; with one that misses, the colour is red.

    Raises
    ------
    RangeError
        If the target is not above 0 or the month is none.

    Notes
    -----
    Expected and done are compared unrounded, as published notices do: 85.1 % at the end of October
    is 85.1 - 83.333… = 1.8 points ahead.

    Examples
    --------
    >>> result = pace(26.03, 30.1833, month=10)
    >>> round(result.ahead_pp, 2), result.colour, result.word_zh
    (2.91, 'green', '超时序')
    >>> round(result.remaining, 2), round(result.rate_needed, 2), round(result.rate_so_far, 2)
    (4.15, 2.08, 2.6)
    """
    require_positive(target=float(target))
    require_month(month)
    done_exact, target_exact = exactly(done), exactly(target)
    share, expected = done_exact / target_exact, curve.share(month)
    ahead_pp = 100 * (share - expected)
    remaining = max(target_exact - done_exact, Fraction(0))
    word_zh, word_en = WORDS[_verdict(share, ahead_pp)]
    return Pace(
        done=float(done_exact),
        target=float(target_exact),
        expected=float(expected * target_exact),
        month=month,
        completion_pct=float(100 * share),
        expected_pct=float(100 * expected),
        ahead_pp=float(ahead_pp),
        remaining=float(remaining),
        rate_needed=float(remaining / (12 - month)) if month < 12 else None,
        rate_so_far=float(done_exact / month),
        colour=_colour(ahead_pp, thresholds, forecast, target_exact),
        word_zh=word_zh,
        word_en=word_en,
        forecast=forecast,
    )


def require_month(month: int) -> None:
    """Refuse what is no month.

    Raises
    ------
    RangeError
        If it is not 1 to 12.
    """
    if not 1 <= month <= 12:
        raise RangeError("pace-month", month=month)


def _verdict(share: Fraction, ahead_pp: Fraction) -> str:
    if share >= 1:
        return "completed"
    if ahead_pp > 0:
        return "ahead"
    return "on" if ahead_pp == 0 else "behind"


def _colour(
    ahead_pp: Fraction, thresholds: Thresholds, forecast: Forecast | None, target: Fraction
) -> Colour:
    if forecast is not None and forecast.misses(float(target)):
        return "red"
    if ahead_pp >= exactly(thresholds.blue):
        return "blue"
    if ahead_pp >= exactly(thresholds.green):
        return "green"
    return "yellow" if ahead_pp >= exactly(thresholds.yellow) else "red"
