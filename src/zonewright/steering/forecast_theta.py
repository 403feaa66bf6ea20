"""The Theta method: half the straight trend of the deseasonalised months, and their smoothed level.

References
----------
Assimakopoulos, Nikolopoulos (2000), The theta model, doi:10.1016/S0169-2070(00)00066-2; the form
used here is that of Hyndman, Billah (2003), doi:10.1016/S0169-2070(01)00143-1: simple exponential
smoothing with half the slope of the trend as drift.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Amounts = NDArray[np.float64]
_WEIGHTS = np.linspace(0.02, 0.98, 49)


def fit_theta(values: Amounts) -> Amounts:
    """Return the seasons of January … December and the weight of the latest month, shape (13,).

    Parameters
    ----------
    values
        Whole years from a January on, at least three; logarithms where seasons are ratios.
    """
    seasons = _seasons(values)
    rest = values - np.resize(seasons, len(values))
    errors = np.zeros(len(_WEIGHTS))
    level = np.full(len(_WEIGHTS), rest[:12].mean())
    for value in rest:
        errors += (value - level) ** 2
        level += _WEIGHTS * (value - level)
    return np.append(seasons, _WEIGHTS[int(errors.argmin())])


def theta_on(values: Amounts, params: Amounts, months: int) -> Amounts:
    """Return the months to come.

    Parameters
    ----------
    values
        From a January on.
    params
        As `fit_theta` gave them for the whole years before.
    months
        How many are told.

    Examples
    --------
    >>> years = np.tile(np.arange(12.0), 4)
    >>> abs(theta_on(years, fit_theta(years), 3)).round(6).tolist()
    [0.0, 1.0, 2.0]
    """
    seasons, weight = params[:12], params[12]
    rest = values - np.resize(seasons, len(values))
    level = float(rest[:12].mean())
    for value in rest:
        level += weight * (value - level)
    slope = float(np.polyfit(np.arange(len(rest)), rest, 1)[0]) / 2
    # What smoothing lags behind a trend belongs to the level at the last month.
    lag = slope * (1 - (1 - weight) ** len(rest)) / weight
    ahead = np.arange(months)
    season = seasons[(len(values) + ahead) % 12]
    return np.asarray(level + lag + slope * ahead + season)


def _seasons(values: Amounts) -> Amounts:
    """Return each month's mean distance from the centred mean of twelve months; they sum to 0."""
    kernel = np.r_[0.5, np.ones(11), 0.5] / 12
    trend = np.convolve(values, kernel, mode="valid")
    apart = values[6:-6] - trend
    months = (np.arange(len(apart)) + 6) % 12
    found = np.array([apart[months == month].mean() for month in range(12)])
    return np.asarray(found - found.mean())
