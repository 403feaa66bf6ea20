"""Observations in bulk: as arrays for a board or a cube, or by indicator where there are many."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from zonewright.core.periods import Period
from zonewright.core.units import unit
from zonewright.steering.cube_reported import Reported
from zonewright.store.models import Observation
from zonewright.store.selectors import _observed
from zonewright.store.selectors._frames import moment, query, utc
from zonewright.store.selectors.facts import MANY_OBSERVATIONS, observations_of
from zonewright.store.selectors.state import token

# How far back the last month is looked for: a value dated far ahead hides no month.
_YEARS = 30


@dataclass(frozen=True, slots=True)
class Reporters:
    """Who reports: zones, then firms.

    Parameters
    ----------
    zones, firms
        Codes.
    firm_zone
        Zone code of each firm.
    places
        Place among them by key: a zone's primary key, or a firm's, negative.
    """

    zones: tuple[str, ...]
    firms: tuple[str, ...]
    firm_zone: tuple[str, ...]
    places: Mapping[int, int]

    def __len__(self) -> int:
        return len(self.zones) + len(self.firms)


def many_observations(
    as_of: datetime | None = None,
) -> Callable[[tuple[str, ...]], pd.DataFrame] | None:
    """Return what reads the observations of some indicators, if there are too many to hold.

    What is recorded after this call is not read: later questions see the same state.
    """
    if not _has_many(token("store_observation")):
        return None
    last = query("SELECT max(id) FROM store_observation")[0][0]
    return partial(observations_of, moment(as_of), until=int(last))


def holds_many() -> bool:
    """Return whether there are more observations than the facts hold."""
    return _has_many(token("store_observation"))


@lru_cache(maxsize=4)
def _has_many(_token: str) -> bool:
    return bool(query("SELECT 1 FROM store_observation LIMIT 1 OFFSET %s", (MANY_OBSERVATIONS,)))


def reporters() -> Reporters:
    """Return the zones and firms of the workspace, in the order of their codes."""
    return _reporters(token("store_zone"), token("store_firm"))


@lru_cache(maxsize=4)
def _reporters(_zones: str, _firms: str) -> Reporters:
    zones = query("SELECT id, code FROM store_zone ORDER BY code")
    firms = query(
        "SELECT f.id, f.code, z.code FROM store_firm f JOIN store_zone z ON z.id = f.zone_id"
        " ORDER BY f.code"
    )
    places = {key: at for at, (key, _) in enumerate(zones)}
    places |= {-key: len(zones) + at for at, (key, *_) in enumerate(firms)}
    return Reporters(
        tuple(code for _, code in zones),
        tuple(code for _, code, _ in firms),
        tuple(zone for *_, zone in firms),
        places,
    )


def reported_by(
    units: Mapping[str, str],
    *,
    first: int,
    months: int,
    slots: Mapping[str, Sequence[int]] | None = None,
    as_of: datetime | None = None,
) -> dict[str, Reported]:
    """Return what was reported under some codes in a span of months, as arrays.

    Parameters
    ----------
    units
        Code of each indicator to its unit: a value that measures something else is a misfit.
    first, months
        The span: its first month, counted as `core.periods.Period` does, and how many.
    slots
        Code to the months of the span that are needed [0 …]; None means all of all.
    as_of
        Time at which the workspace is seen; None means now.

    Returns
    -------
    reported
        By code: arrays in the order of `reporters`, in base units. Of several values of one period
        the one recorded last counts. Few queries, however many indicators.
    """
    keys = dict(query("SELECT code, id FROM store_indicator"))
    codes = [code for code in units if code in keys]
    who = reporters()
    cells = np.full((len(codes), len(who), months, 2), np.nan)
    if codes:
        when, names = moment(as_of), _names(units.values())
        if slots is None:
            rows = _observed.read_all([keys[code] for code in codes], units=names, when=when)
        else:
            rows = _observed.read_some(_wanted(slots, keys, first), units=names, when=when)
        into = _Cells(cells.shape, {keys[code]: at for at, code in enumerate(codes)}, who, first)
        scales = _scales([units[code] for code in codes], names)
        _fill(cells, [into.placed(part, scales) for part in rows])
    return {code: _reported(cells[at], first) for at, code in enumerate(codes)}


def _reported(cells: NDArray[np.float64], first: int) -> Reported:
    """Return the cells of an indicator; January alone is both a month and a year to date."""
    month, ytd = cells[..., _observed.MONTH].copy(), cells[..., _observed.YTD].copy()
    at = np.arange(-first % 12, month.shape[1], 12)
    ytd[:, at] = month[:, at]
    misfit = np.isinf(month) | np.isinf(ytd)
    return Reported(month, ytd, misfit if misfit.any() else None)


def _wanted(
    slots: Mapping[str, Sequence[int]], keys: Mapping[str, int], first: int
) -> dict[str, list[int]]:
    """Return the keys of indicators by each text of a period in which they are needed."""
    found: dict[str, list[int]] = {}
    for code, months in slots.items():
        for at in months if code in keys else ():
            last = first + at
            for text in {str(Period(last, last)), str(Period(last - last % 12, last))}:
                found.setdefault(text, []).append(keys[code])
    return found


@dataclass(frozen=True, slots=True)
class _Placed:
    """Rows by the cell into which they go, in base units; infinite if the unit does not fit."""

    id: NDArray[np.int64]
    cell: NDArray[np.int64]
    value: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Cells:
    """Where rows go: indicator, reporter, month, and whether it is the month or a year to date."""

    shape: tuple[int, ...]
    indicators: Mapping[int, int]
    who: Reporters
    first: int

    def placed(self, rows: _observed.Rows, scales: NDArray[np.float64]) -> _Placed:
        """Return the rows that have a cell."""
        indicator, is_asked = _lookup(self.indicators)(rows.indicator)
        reporter, is_known = _lookup(self.who.places)(rows.reporter)
        month, kind = rows.period // 2 - self.first, rows.period % 2
        counts = is_asked & is_known & (month >= 0) & (month < self.shape[2])
        scale = np.where(rows.unit >= 0, scales[indicator, rows.unit], np.nan)
        value = np.where(np.isnan(scale), np.inf, rows.value * scale)
        places = (indicator[counts], reporter[counts], month[counts], kind[counts])
        cell = np.ravel_multi_index(places, self.shape)
        return _Placed(rows.id[counts], cell.astype(np.int64), value[counts])


def _fill(cells: NDArray[np.float64], parts: Sequence[_Placed]) -> None:
    """Write values into their cells; of several in one cell the one recorded last."""
    if not parts:
        return
    ids = np.concatenate([part.id for part in parts])
    cell = np.concatenate([part.cell for part in parts])
    value = np.concatenate([part.value for part in parts])
    flat = cells.reshape(-1)
    flat[cell] = value
    several = np.flatnonzero(np.bincount(cell, minlength=0)[cell] > 1)
    if len(several):
        order = np.lexsort((ids[several], _observed.recorded_at(ids[several])))
        last = several[order]
        # Of cells that occur again the last assignment stays.
        flat[cell[last]] = value[last]


def _lookup(
    places: Mapping[int, int],
) -> Callable[[NDArray[np.int64]], tuple[NDArray[np.intp], NDArray[np.bool_]]]:
    """Return what tells the places of keys, and which of them have one."""
    if not places:
        return lambda given: (np.zeros(len(given), dtype=np.intp), np.zeros(len(given), dtype=bool))
    low, high = min(places), max(places)
    table = np.full(high - low + 1, -1, dtype=np.intp)
    table[np.array(list(places)) - low] = list(places.values())

    def look(given: NDArray[np.int64]) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        inside = (given >= low) & (given <= high)
        found = table[np.where(inside, given - low, 0)]
        is_known = inside & (found >= 0)
        return np.where(is_known, found, 0), is_known

    return look


def _names(units: Iterable[str]) -> tuple[str, ...]:
    """Return how units are written, also those of one thing by another, as in 万元/亩."""
    return tuple(dict.fromkeys((*_observed.UNIT_NAMES, *units)))


def _scales(units: Sequence[str], names: Sequence[str]) -> NDArray[np.float64]:
    """Return the factor to the base unit of each indicator's values in each unit; NaN misfits."""
    wanted = [unit(given).dimension for given in units]
    found = np.full((len(units), len(names)), np.nan)
    for column, name in enumerate(names):
        given = unit(name)
        for row, dimension in enumerate(wanted):
            if given.dimension == dimension:
                found[row, column] = float(given.factor)
    return found


def latest_month(as_of: datetime | None = None) -> Period | None:
    """Return the last month for which a value was reported, alone or from January on.

    A value of a whole year tells no month.
    """
    found = query("SELECT max(period) FROM store_observation")[0][0]
    if not found or not str(found)[:4].isdecimal():
        return None
    when = moment(as_of)
    for last in range(int(str(found)[:4]) * 12 + 11, int(str(found)[:4]) * 12 - 12 * _YEARS, -1):
        texts = {str(Period(last, last)), str(Period(last - last % 12, last))}
        texts = {text for text in texts if len(text) > len("2023")}
        if query(
            f"SELECT 1 FROM store_observation WHERE period IN ({', '.join(['%s'] * len(texts))})"  # noqa: S608
            " AND recorded_at <= %s LIMIT 1",
            (*texts, when),
        ):
            return Period(last, last)
    return None


def first_year(indicators: Sequence[str], as_of: datetime | None = None) -> int | None:
    """Return the first year in which one of some indicators was reported; None if none was."""
    marks = ", ".join(["%s"] * len(indicators))
    sql = f"""
        SELECT min(o.period) FROM store_observation o
          JOIN store_indicator i ON i.id = o.indicator_id
         WHERE i.code IN ({marks}) AND o.recorded_at <= %s"""  # noqa: S608
    text = query(sql, (*indicators, moment(as_of)))[0][0] if indicators else None
    return int(str(text)[:4]) if text and str(text)[:4].isdecimal() else None


def versions_of(
    zone: str, indicator: str, periods: Sequence[str], as_of: datetime | None = None
) -> pd.DataFrame:
    """Return every value that a zone reported for some periods, in the order in which they came.

    Returns
    -------
    versions
        Columns ``record``, ``period``, ``value``, ``unit``, ``recorded_at`` (aware).
    """
    rows = Observation.objects.filter(
        zone__code=zone, indicator__code=indicator, period__in=list(periods)
    )
    if as_of is not None:
        rows = rows.filter(recorded_at__lte=utc(as_of))
    found = rows.order_by("recorded_at", "pk").values_list(
        "pk", "period", "value", "unit", "recorded_at"
    )
    return pd.DataFrame(
        [(f"observation:{pk}", period, value, given, at) for pk, period, value, given, at in found],
        columns=["record", "period", "value", "unit", "recorded_at"],
    )
