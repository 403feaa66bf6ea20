"""Where a year's task will stand in December, as a range."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

from zonewright.core.errors import RangeError
from zonewright.steering.curves import Seasonal
from zonewright.steering.numbers import Number, exactly


@dataclass(frozen=True, slots=True)
class Forecast:
    """The year's end by each method that the data allow.

    Parameters
    ----------
    by_method
        Method to amount at the end of December [the indicator's unit].
    """

    by_method: Mapping[str, float]

    @property
    def low(self) -> float:
        """The least of them."""
        return min(self.by_method.values())

    @property
    def high(self) -> float:
        """The most of them."""
        return max(self.by_method.values())

    def misses(self, target: float) -> bool:
        """Return whether even the most of them stays below a target."""
        return self.high < target


def forecast(
    done: Number,
    *,
    month: int,
    recent: Sequence[Number] = (),
    last_year: Seasonal | None = None,
    capability: Number | None = None,
) -> Forecast:
    """Carry a year's task on to the end of December.

    Methods, each used where its data are given: ``run_rate``, every month left brings the mean of
    the year so far; ``recent``, it brings the mean of the recent months; ``seasonal``, the year
    goes on as last year did; ``capability``, what the projects can still bring is added.

    Parameters
    ----------
    done
        Done in the year, up to the end of the month.
    month
        Last month that counts, 1 to 12.
    recent
        What the latest months brought, usually three.
    last_year
        Months of the year before.
    capability
        What the projects can still bring by December: the sum of the lesser of remaining plan and
        capability of each.

    Raises
    ------
    RangeError
        If the month is none.

    Examples
    --------
    >>> found = forecast(80, month=10, recent=(9, 11, 10))
    >>> dict(found.by_method), found.misses(101)
    ({'run_rate': 96.0, 'recent': 100.0}, True)
    """
    if not 1 <= month <= 12:
        raise RangeError("pace-month", month=month)
    exact, left = exactly(done), 12 - month
    found = {"run_rate": exact * Fraction(12, month)}
    if recent:
        mean = sum((exactly(amount) for amount in recent), Fraction(0)) / len(recent)
        found["recent"] = exact + mean * left
    if last_year is not None and last_year.share(month) > 0:
        found["seasonal"] = exact / last_year.share(month)
    if capability is not None:
        found["capability"] = exact + exactly(capability)
    return Forecast(MappingProxyType({method: float(value) for method, value in found.items()}))
