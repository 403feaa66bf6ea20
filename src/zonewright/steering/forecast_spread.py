"""How far off a forecast may be, judged by how far off such forecasts were."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

# The level at which past errors set the width; other levels follow by the shape.
_ANCHOR = 0.8
# Student's t with few degrees of freedom: most years are near, some are far.
_SHAPE = 3
# Errors of origins whose months ahead differ by no more than this count.
_WINDOW = 3
# An error of a year counts so much as one of the year after it: methods get better as they know
# more, and what a zone does changes.
_FADING = 0.6
# A record within one year has seen no December: its width is taken so many times.
_UNSEEN = 1.5
_GROWTH, _LEAST_GROWTH, _MOST_GROWTH = 0.7, 0.4, 1.2
_QUANTILES = np.linspace(0.025, 0.975, 39)


@dataclass(frozen=True, slots=True)
class Miss:
    """A forecast of the past beside what came, free of the size of the zone.

    Parameters
    ----------
    year, month
        When it was made: after this month.
    ahead
        Months told, 1 to 11.
    error
        Come less told [the indicator's unit].
    size
        What a month brought on average in the year before [the same unit].
    """

    year: int
    month: int
    ahead: int
    error: float
    size: float

    @property
    def relative(self) -> float:
        """The error in average months."""
        return self.error / self.size

    @property
    def normal(self) -> float:
        """The error's size in average months, for one month ahead."""
        return float(abs(self.relative) / self.ahead**_GROWTH)


@dataclass(frozen=True, slots=True)
class Spread:
    """The distribution of what comes around what is told.

    Parameters
    ----------
    scale
        Of Student's t with three degrees of freedom [the indicator's unit].
    """

    scale: float

    def band(self, centre: float, level: float) -> tuple[float, float]:
        """Return the ends of the interval of a level."""
        half = self.scale * float(stats.t.ppf(0.5 + level / 2, _SHAPE))
        return centre - half, centre + half

    def probability(self, centre: float, target: float) -> float:
        """Return how likely at least the target is reached, 0 to 1."""
        if self.scale <= 0:
            return float(centre >= target)
        return float(stats.t.sf((target - centre) / self.scale, _SHAPE))

    def score(self, error: float) -> float:
        """Return the continuous ranked probability score of an error [the same unit]."""
        edges = self.scale * _UNIT_QUANTILES
        below = error < edges
        loss = np.where(below, (1 - _QUANTILES) * (edges - error), _QUANTILES * (error - edges))
        return float(2 * loss.mean())


_UNIT_QUANTILES = stats.t.ppf(_QUANTILES, _SHAPE)


def spread_of(
    misses: Sequence[Miss], *, ahead: int, size: float, whole_years: bool = True
) -> Spread | None:
    """Return how far off a forecast may be; None if too little is known to say.

    Parameters
    ----------
    misses
        Of the same method, from before the forecast is made.
    ahead
        Months to be told.
    size
        What a month brought on average in the year before.
    whole_years
        Whether the misses are of whole past years. If not, they lie within one year, and the width
        is taken half as wide again.

    Notes
    -----
    Split conformal prediction, pooled: errors in average months, over the power of the months ahead
    that fits them, of origins with about as many months ahead. Their 80 % quantile, in which later
    years count more, sets the width; Student's t with three degrees of freedom gives other levels.
    Two whole years are needed, or four forecasts within a year.
    """
    years = {miss.year for miss in misses}
    if len(years) < 2 if whole_years else len(misses) < 4:
        return None
    growth = _growth(misses)
    near = [miss for miss in misses if abs(miss.ahead - ahead) <= _WINDOW] or list(misses)
    if whole_years and len({miss.year for miss in near}) < 2:
        near = list(misses)
    scores = np.array([abs(miss.relative) / miss.ahead**growth for miss in near])
    latest = max(miss.year for miss in near)
    weights = np.array([_FADING ** (latest - miss.year) for miss in near])
    order = scores.argsort(kind="stable")
    ranks = (np.cumsum(weights[order]) - weights[order] / 2) / weights.sum()
    quantile = float(np.interp(_ANCHOR, ranks, scores[order]))
    quantile *= 1.0 if whole_years else _UNSEEN
    return Spread(quantile * size * ahead**growth / float(stats.t.ppf(0.5 + _ANCHOR / 2, _SHAPE)))


def _growth(misses: Sequence[Miss]) -> float:
    """Return the power of the months ahead with which errors grow."""
    ahead = np.array([miss.ahead for miss in misses], dtype=float)
    squares = np.array([miss.relative**2 for miss in misses])
    known = np.unique(ahead)
    means = np.array([squares[ahead == months].mean() for months in known])
    known, means = known[means > 0], means[means > 0]
    if len(known) < 3:
        return _GROWTH
    slope = float(np.polyfit(np.log(known), 0.5 * np.log(means), 1)[0])
    return float(np.clip(slope, _LEAST_GROWTH, _MOST_GROWTH))
