"""Reported values as arrays: months and years to date joined, and zones rolled up.

The same rules as `zonewright.steering.reported` and `rules_observed`, for every reporter and month
at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from zonewright.steering.indicator import Indicator

Values = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Members:
    """What lies below each zone.

    Parameters
    ----------
    below
        Shape (Z, Z): whether the second zone lies below the first, however deep.
    city
        Shape (Z,): place of each zone's city among the zones; -1 without one.
    firm_zone
        Shape (F,): place of each firm's zone.
    """

    below: Mask
    city: NDArray[np.intp]
    firm_zone: NDArray[np.intp] = field(default_factory=lambda: np.zeros(0, dtype=np.intp))

    @classmethod
    def of(
        cls,
        zones: Sequence[str],
        below: Mapping[str, Sequence[str]],
        *,
        city: Mapping[str, str],
        firm_zone: Sequence[str] = (),
    ) -> Members:
        """Return the members by codes; codes that are no zone are left out."""
        place = {zone: at for at, zone in enumerate(zones)}
        mask = np.zeros((len(zones), len(zones)), dtype=bool)
        for zone in zones:
            mask[place[zone], [place[code] for code in below.get(zone, ()) if code in place]] = True
        cities = [place.get(city.get(zone, ""), -1) for zone in zones]
        firms = [place[zone] for zone in firm_zone]
        return cls(mask, np.array(cities, dtype=np.intp), np.array(firms, dtype=np.intp))


@dataclass(frozen=True, eq=False)
class Reported:
    """What zones and firms reported under a code, in base units; NaN where they did not.

    Parameters
    ----------
    month, ytd
        Of a month alone, and from January to it; shape (Z + F, T): zones, then firms. January alone
        is both.
    misfit
        Reported in a unit that measures something else, shape (Z + F, T), or None: a figure that
        rests on one cannot be told.
    """

    month: Values
    ytd: Values
    misfit: Mask | None = None


def resolved(found: Reported, indicator: Indicator, kind: Literal["month", "ytd"]) -> Values:
    """Return what each reporter's values make up; misfits become infinite.

    Parameters
    ----------
    found
        As reported.
    indicator
        Its nature says how months are joined.
    kind
        What is asked.

    Returns
    -------
    values
        Shape (Z + F, T).
    """
    month, ytd = found.month, found.ytd
    if found.misfit is not None:
        month = np.where(found.misfit & ~np.isnan(month), np.inf, month)
        ytd = np.where(found.misfit & ~np.isnan(ytd), np.inf, ytd)
    own, other = (month, ytd) if kind == "month" else (ytd, month)
    if indicator.rollup == "latest":
        return _carried(_either(own, other))
    if indicator.nature == "stock":
        return _either(own, other)
    if indicator.nature != "flow":
        return own
    until = _until(month, ytd)
    if kind == "ytd":
        return until
    before = np.concatenate([np.zeros_like(until[:, :1]), until[:, :-1]], axis=1)
    before[:, ::12] = 0.0
    with np.errstate(invalid="ignore"):
        step = np.where(np.isinf(until) | np.isinf(before), np.inf, until - before)
        step[np.isnan(until) | np.isnan(before)] = np.nan
        return _either(month, step)


def rolled_up(values: Values, indicator: Indicator, members: Members, months: int) -> Values:
    """Return the values of zones from those of reporters, shape (Z, T)."""
    zones = len(members.below)
    if indicator.rule == "sum_firms":
        weights = np.zeros((zones, len(members.firm_zone)))
        within = members.below | np.eye(zones, dtype=bool)
        if len(members.firm_zone):
            weights[:, :] = within[:, members.firm_zone]
        return _summed(weights, values[zones:])
    own = values[:zones]
    if indicator.rule == "sum_zones":
        return _summed((members.below | np.eye(zones, dtype=bool)).astype(float), own)
    if indicator.rollup not in ("sum", "max"):
        return _told(own.copy())
    found = own.copy()
    inner = np.flatnonzero(members.below.any(axis=1))
    missing = inner[np.isnan(own[inner]).any(axis=1)] if len(inner) else inner
    if not len(missing):
        return _told(found)
    known = ~np.isnan(own[inner])
    patterns, of_month = np.unique(known, axis=1, return_inverse=True)
    for number in range(patterns.shape[1]):
        at = np.flatnonzero(of_month.ravel() == number)
        reporting = inner[patterns[:, number]]
        covered = members.below[np.ix_(missing, reporting)].astype(float)
        hidden = covered @ members.below[reporting].astype(float) > 0
        counted = members.below[missing] & ~hidden
        joined = _joined(counted, own[:, at], indicator)
        place = np.ix_(missing, at)
        found[place] = _either(own[place], joined)
    return _told(found[:, :months])


def _joined(counted: Mask, own: Values, indicator: Indicator) -> Values:
    if indicator.rollup == "sum":
        return _summed(counted.astype(float), own, told=False)
    least = np.where(np.isnan(own), -np.inf, own)
    found = np.stack([least[row].max(axis=0, initial=-np.inf) for row in counted])
    return np.where(found == -np.inf, np.nan, found)


def _summed(weights: Values, own: Values, *, told: bool = True) -> Values:
    """Return weighted sums of what is known; NaN where nothing is, or a misfit is among it."""
    is_known = ~np.isnan(own)
    wrong = np.isinf(own)
    # Most zones lie in few others: sums over those alone, always in the same order.
    few = csr_array(weights)
    found = np.asarray(few @ np.where(is_known & ~wrong, own, 0.0))
    found[few @ is_known.astype(float) == 0] = np.nan
    if wrong.any():
        found[few @ wrong.astype(float) > 0] = np.inf
    return _told(found) if told else found


def _told(values: Values) -> Values:
    """Return values without misfits: what rests on one cannot be told."""
    values[np.isinf(values)] = np.nan
    return values


def _either(first: Values, second: Values) -> Values:
    return np.where(np.isnan(first), second, first)


def _until(month: Values, ytd: Values) -> Values:
    """Return January to each month: as reported, else that of the month before and the month."""
    found = np.full_like(month, np.nan)
    with np.errstate(invalid="ignore"):
        for at in range(month.shape[1]):
            if at % 12 == 0:
                found[:, at] = _either(ytd[:, at], month[:, at])
            else:
                found[:, at] = _either(ytd[:, at], found[:, at - 1] + month[:, at])
    return found


def _carried(values: Values) -> Values:
    """Return values with each gap filled by the last one before it."""
    at = np.where(np.isnan(values), 0, np.arange(values.shape[1]))
    np.maximum.accumulate(at, axis=1, out=at)
    return np.take_along_axis(values, at, axis=1)
