"""Ways to carry a year on to December from the months that are known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from zonewright.core.errors import RangeError
from zonewright.steering import _statsmodels
from zonewright.steering.forecast_theta import fit_theta, theta_on
from zonewright.steering.forecast_year import methods

Amounts = NDArray[np.float64]
COMBINATION = "combination"
# The combination is the median of these, where they can be used.
_COMBINED = ("seasonal_naive", "seasonal_pace", "damped_pace", "smoothing", "theta")
_RECENT = 3
# Older months tell little of the next year, and cost time [months].
_MEMORY = 180
_EARLIER_YEARS = 3
# Growth of a year over the last is not carried on beyond this factor: one late return makes any.
_MOST_GROWTH = 3.0


@dataclass(frozen=True, slots=True)
class History:
    """What each month brought, from a January on, without a gap.

    Parameters
    ----------
    year
        Of the first month.
    amounts
        Months in order [the indicator's unit]; revisions may make one negative.

    Raises
    ------
    RangeError
        If a month has no number.

    Examples
    --------
    >>> history = History(2022, tuple(range(1, 16)))
    >>> history.last, history.until(2022, 12).amounts[-1], history.done(2023, 2)
    ((2023, 3), 12, 27.0)
    """

    year: int
    amounts: tuple[float, ...]

    def __post_init__(self) -> None:
        if not np.isfinite(self.array).all():
            raise RangeError("forecast-history", year=self.year)

    @property
    def array(self) -> Amounts:
        """The months as an array."""
        return np.array(self.amounts, dtype=float)

    @property
    def last(self) -> tuple[int, int]:
        """Year and month of the last month."""
        return self.year + (len(self.amounts) - 1) // 12, (len(self.amounts) - 1) % 12 + 1

    @property
    def whole_years(self) -> tuple[int, ...]:
        """The years of which every month is known."""
        return tuple(range(self.year, self.year + len(self.amounts) // 12))

    def until(self, year: int, month: int) -> History:
        """Return the months up to one."""
        return History(self.year, self.amounts[: 12 * (year - self.year) + month])

    def of(self, year: int) -> Amounts:
        """Return the known months of a year."""
        start = 12 * (year - self.year)
        return self.array[max(start, 0) : max(start + 12, 0)]

    def done(self, year: int, month: int) -> float:
        """Return January to a month of a year."""
        return float(self.of(year)[:month].sum())


Carry = Callable[[Amounts, int], Amounts]


def _run_rate(known: Amounts, month: int) -> Amounts:
    return np.full(12 - month, known[-month:].mean())


def _recent(known: Amounts, month: int) -> Amounts:
    return np.full(12 - month, known[-_RECENT:].mean())


def _seasonal_naive(known: Amounts, month: int) -> Amounts:
    return known[len(known) - 12 : len(known) - month].copy()


def _growth(known: Amounts, month: int) -> float:
    """Return this year's months over the same of last year; 1 where that means nothing."""
    now, before = known[-month:].sum(), known[-month - 12 : len(known) - 12].sum()
    if before <= 0 or now <= 0:
        return 1.0
    return float(np.clip(now / before, 1 / _MOST_GROWTH, _MOST_GROWTH))


def _seasonal_pace(known: Amounts, month: int) -> Amounts:
    """Scale the remaining months of up to three earlier years by what their year had reached."""
    done = known[-month:].sum()
    years = min(_EARLIER_YEARS, (len(known) - month) // 12)
    earlier = known[len(known) - month - 12 * years : len(known) - month].reshape(years, 12)
    totals = earlier.sum(axis=1)
    if (totals <= 0).any():
        return _seasonal_naive(known, month)
    shares = (earlier / totals[:, None]).mean(axis=0)
    reached = shares[:month].sum()
    # Where next to nothing is usual by now, the little that is done says next to nothing.
    if reached < 0.02:
        return _seasonal_naive(known, month)
    total = np.clip(done / reached, 0.0, _MOST_GROWTH * totals.max())
    return np.asarray(total * shares[month:])


def _damped_pace(known: Amounts, month: int) -> Amounts:
    return np.asarray(_seasonal_naive(known, month) * np.sqrt(_growth(known, month)))


_SIMPLE: Mapping[str, Carry] = {
    "run_rate": _run_rate,
    "recent": _recent,
    "seasonal_naive": _seasonal_naive,
    "seasonal_pace": _seasonal_pace,
    "damped_pace": _damped_pace,
}


@dataclass(slots=True)
class Carrier:
    """Carries on one history from any of its months, estimating models once a year.

    Parameters
    ----------
    history
        The months that are known in the end; from each month on, only those before it are used.
    only
        Codes of the methods to use; None means all that histories allow.
    """

    history: History
    only: tuple[str, ...] | None = None
    _params: dict[tuple[str, int], Amounts | None] = field(default_factory=dict, repr=False)

    def usable(self, year: int, month: int) -> tuple[str, ...]:
        """Return the methods for which enough is known at the end of a month."""
        known = 12 * (year - self.history.year) + month
        return tuple(
            code
            for code, method in methods().items()
            if (code in _SIMPLE or code in (*_COMBINED, COMBINATION))
            and known >= method.needs
            and (code not in ("seasonal_naive", "seasonal_pace") or known - month >= 12)
            and (self.only is None or code in self.only)
        )

    def paths(self, year: int, month: int) -> dict[str, Amounts]:
        """Return what each method tells of the months left, shape (12 - month,)."""
        known = self.history.until(year, month).array
        found: dict[str, Amounts] = {}
        for code in self.usable(year, month):
            if code in _SIMPLE:
                found[code] = _SIMPLE[code](known, month)
            elif code != COMBINATION:
                path = self._model(code, known, year, month)
                if path is not None and np.isfinite(path).all():
                    found[code] = path
        if COMBINATION in self.usable(year, month):
            found[COMBINATION] = np.median(
                [path for code, path in found.items() if code in _COMBINED], axis=0
            )
        return found

    def _model(self, code: str, known: Amounts, year: int, month: int) -> Amounts | None:
        recent = known[-(_MEMORY + month) :]
        # Ratios, not differences, where every month brought something.
        log = bool((recent > 0).all())
        scale = float(np.abs(recent).mean()) or 1.0
        values = np.log(recent) if log else recent / scale
        path = self._estimated(code, values, year, month)
        if path is None:
            return None
        # No month brings many times what any did: a model that says so has run away.
        most = _MOST_GROWTH * float(np.abs(recent).max())
        back = np.exp(np.minimum(path, np.log(most))) if log else path * scale
        return np.asarray(np.clip(back, -most, most))

    def _estimated(self, code: str, values: Amounts, year: int, month: int) -> Amounts | None:
        fit, carry = _ESTIMATED[code]
        key = (code, year)
        if key not in self._params:
            try:
                self._params[key] = fit(values[: len(values) - month])
            except (ValueError, np.linalg.LinAlgError):
                self._params[key] = None
        params = self._params[key]
        if params is None or not np.isfinite(params).all():
            return None
        return carry(values, params, 12 - month)


_ESTIMATED: Mapping[
    str, tuple[Callable[[Amounts], Amounts], Callable[[Amounts, Amounts, int], Amounts]]
] = {
    "smoothing": (_statsmodels.fit_smoothing, _statsmodels.smooth_on),
    "theta": (fit_theta, theta_on),
}


def in_order(codes: Iterable[str]) -> tuple[str, ...]:
    """Return codes of methods in the order in which pages show them."""
    known = list(methods())
    return tuple(sorted(codes, key=known.index))
