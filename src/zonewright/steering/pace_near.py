"""Pace in floats, for thousands of cells at once; what stands near a limit is left to `pace`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zonewright.steering.pace import DEFAULT_THRESHOLDS, Colour, Thresholds

# What lies this near a limit has to be computed exactly [percentage points].
NEAR_PP = 1e-6
_COLOURS: tuple[Colour, ...] = ("red", "yellow", "green", "blue")

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Paces:
    """What `zonewright.steering.pace.Pace` says, of many targets, but for the last digits.

    Parameters
    ----------
    completion_pct, expected_pct, ahead_pp, remaining
        As in `Pace`, shape (N,); NaN where there is no target or no value.
    colour, verdict
        By place: the colour, and the key of `pace.WORDS`; arbitrary where `is_near`.
    is_near
        Where floats cannot tell: near a limit, or the target is not above 0; shape (N,).
    """

    completion_pct: Values
    expected_pct: Values
    ahead_pp: Values
    remaining: Values
    colour: tuple[Colour, ...]
    verdict: tuple[str, ...]
    is_near: NDArray[np.bool_]


def paces_near(
    done: Values, target: Values, expected: Values, *, thresholds: Thresholds = DEFAULT_THRESHOLDS
) -> Paces:
    """Compare what was done with what curves ask.

    Parameters
    ----------
    done, target
        In one unit at each place, shape (N,).
    expected
        Share of the target that its curve asks by then, 0 to 1, shape (N,).
    thresholds
        As in `pace`.

    Examples
    --------
    >>> found = paces_near(np.array([26.03]), np.array([30.1833]), np.array([10 / 12]))
    >>> found.colour, found.verdict
    (('green',), ('ahead',))
    """
    share = np.divide(done, target, out=np.full(len(done), np.nan), where=target != 0)
    ahead_pp = 100 * share - 100 * expected
    limits = (thresholds.yellow, thresholds.green, thresholds.blue)
    is_near = (np.abs(100 * share - 100) < NEAR_PP) | ~(target > 0)
    for limit in (*limits, 0.0):
        is_near |= np.abs(ahead_pp - limit) < NEAR_PP
    colours = np.searchsorted(np.array(limits), ahead_pp, side="right").clip(max=len(limits))
    verdicts = np.where(share > 1, "completed", np.where(ahead_pp > 0, "ahead", "behind"))
    return Paces(
        completion_pct=100 * share,
        expected_pct=100 * expected,
        ahead_pp=ahead_pp,
        remaining=np.maximum(target - done, 0.0),
        colour=tuple(_COLOURS[place] for place in colours.tolist()),
        verdict=tuple(verdicts.tolist()),
        is_near=is_near,
    )
