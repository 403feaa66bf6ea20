"""Models of statsmodels, estimated once and carried on with later months: the only import of it."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

import numpy as np
from numpy.typing import NDArray
from statsmodels.tools.sm_exceptions import ModelWarning, ValueWarning
from statsmodels.tsa.exponential_smoothing.ets import ETSModel

Amounts = NDArray[np.float64]
_ITERATIONS = 60
# Which warnings are shown is the same for all threads: two that change it undo each other.
_FILTERS = Lock()


def fit_smoothing(amounts: Amounts) -> Amounts:
    """Return the parameters of smoothing with damped trend and seasons."""
    with _quiet():
        return np.asarray(
            _smoothing(amounts).fit(disp=False, maxiter=_ITERATIONS, full_output=False).params
        )


def smooth_on(amounts: Amounts, params: Amounts, months: int) -> Amounts:
    """Return the months to come, by parameters that fewer months gave."""
    with _quiet():
        return np.asarray(_smoothing(amounts).smooth(params).forecast(months))


def _smoothing(amounts: Amounts) -> ETSModel:
    return ETSModel(
        amounts, error="add", trend="add", damped_trend=True, seasonal="add", seasonal_periods=12,
        initialization_method="heuristic",
    )  # fmt: skip


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep to itself what a model warns of: its track record tells whether it is any good."""
    with _FILTERS, np.errstate(all="ignore"), warnings.catch_warnings():
        for kind in (ModelWarning, ValueWarning, RuntimeWarning, FutureWarning, UserWarning):
            warnings.simplefilter("ignore", kind)
        yield
