"""Pace in floats, for thousands of cells at once; exact where it stands near a limit."""

from __future__ import annotations

from zonewright.steering.curves import LINEAR, Curve
from zonewright.steering.pace import DEFAULT_THRESHOLDS, WORDS, Colour, Pace, Thresholds, pace

# What lies this near a limit is computed exactly [percentage points].
NEAR_PP = 1e-6


def pace_near(
    done: float,
    target: float,
    *,
    month: int,
    expected: float,
    curve: Curve = LINEAR,
    thresholds: Thresholds = DEFAULT_THRESHOLDS,
) -> Pace:
    """Return what `zonewright.steering.pace.pace` returns, but for the last digits of floats.

    Parameters
    ----------
    done, target
        In one unit; the target is above 0.
    month
        Last month that counts, 1 to 12.
    expected
        Share of the target that the curve asks by then, 0 to 1.
    curve, thresholds
        As in `pace`; the curve is asked only near a limit.

    Raises
    ------
    RangeError
        If the target is not above 0 or the month is none.

    Examples
    --------
    >>> pace_near(26.03, 30.1833, month=10, expected=10 / 12).colour
    'green'
    """
    if not target > 0 or not 1 <= month <= 12:
        return pace(done, target, month=month, curve=curve, thresholds=thresholds)
    share = done / target
    ahead_pp = 100 * share - 100 * expected
    limits = (thresholds.blue, thresholds.green, thresholds.yellow, 0.0)
    if abs(100 * share - 100) < NEAR_PP or any(abs(ahead_pp - at) < NEAR_PP for at in limits):
        return pace(done, target, month=month, curve=curve, thresholds=thresholds)
    verdict = "completed" if share > 1 else "ahead" if ahead_pp > 0 else "behind"
    remaining = max(target - done, 0.0)
    word_zh, word_en = WORDS[verdict]
    return Pace(
        done=done,
        target=target,
        expected=expected * target,
        month=month,
        completion_pct=100 * share,
        expected_pct=100 * expected,
        ahead_pp=ahead_pp,
        remaining=remaining,
        rate_needed=remaining / (12 - month) if month < 12 else None,
        rate_so_far=done / month,
        colour=_colour(ahead_pp, thresholds),
        word_zh=word_zh,
        word_en=word_en,
    )


def _colour(ahead_pp: float, thresholds: Thresholds) -> Colour:
    if ahead_pp > thresholds.blue:
        return "blue"
    if ahead_pp > thresholds.green:
        return "green"
    return "yellow" if ahead_pp > thresholds.yellow else "red"
