"""A cube of facts that are held in memory, as frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from zonewright.core.errors import PeriodError, UnknownReferenceError
from zonewright.core.periods import Period
from zonewright.core.units import known_unit, unit
from zonewright.steering.catalogue import Indicator
from zonewright.steering.cube import REPORTED_RULES, Cube
from zonewright.steering.cube_records import RecordFigures
from zonewright.steering.cube_reported import Members, Reported
from zonewright.steering.figure import Facts
from zonewright.steering.rules_observed import observed_codes


def cube_of(facts: Facts, zones: Sequence[str], *, first: int, months: int) -> Cube:
    """Return the figures of facts for every zone and month.

    Parameters
    ----------
    facts
        What there is to compute from; its zones are those of one day.
    zones
        Zone codes, all that observations are of.
    first
        The first month, a January, counted as `core.periods.Period` does.
    months
        How many months.
    """
    frame = facts.observations(tuple(facts.catalogue))
    firms = frame[frame["firm"] != ""].drop_duplicates("firm")
    place_of_firm = {
        str(firm): str(zone)
        for firm, zone in zip(firms["firm"], firms["zone"], strict=True)
        if zone in set(zones)
    }
    reporters = {zone: at for at, zone in enumerate(zones)}
    for firm in place_of_firm:
        reporters[f"/{firm}"] = len(reporters)
    members = Members.of(
        zones,
        {zone: facts.scope.descendants(zone) for zone in zones},
        city={zone: city_of(facts, zone) for zone in zones},
        firm_zone=list(place_of_firm.values()),
    )
    dimensions = {
        code: unit(indicator.unit).dimension
        for indicator in facts.catalogue.values()
        if indicator.rule in REPORTED_RULES
        for code in observed_codes(indicator)
    }

    def reported(code: str) -> Reported | None:
        of_code = frame[frame["indicator"] == code]
        return _reported(of_code, reporters, dimensions[code], first, months)

    records = RecordFigures(facts, tuple(zones), first, months)
    return Cube(facts.catalogue, tuple(zones), first, months, members, reported, records)


def city_of(facts: Facts, zone: str) -> str:
    """Return the city of a zone; empty if there is none."""
    try:
        return facts.scope.city_of(zone)
    except UnknownReferenceError:
        return ""


def slot_of(text: str) -> tuple[int, bool, bool] | None:
    """Return the last month of a period, and whether it is that month alone, or a year to date.

    January is both; None for any other span.
    """
    try:
        period = Period.parse(text)
    except PeriodError:
        return None
    is_month = period.first == period.last
    if str(period) != text or not (is_month or period.is_year_to_date):
        return None
    return period.last, is_month, period.is_year_to_date


def _reported(
    rows: pd.DataFrame, reporters: Mapping[str, int], dimension: str, first: int, months: int
) -> Reported:
    month = np.full((len(reporters), months), np.nan)
    ytd = month.copy()
    columns = (rows[name] for name in ("zone", "firm", "period", "value", "unit"))
    for zone, firm, period, value, given in zip(*columns, strict=True):
        slot = slot_of(str(period))
        who = reporters.get(f"/{firm}" if firm else str(zone))
        if slot is None or who is None or not 0 <= slot[0] - first < months:
            continue
        at = slot[0] - first
        fits = known_unit(str(given)) and unit(str(given)).dimension == dimension
        base = float(value) * float(unit(str(given)).factor) if fits else float("inf")
        if slot[1]:
            month[who, at] = base
        if slot[2]:
            ytd[who, at] = base
    misfit = np.isinf(month) | np.isinf(ytd)
    return Reported(month, ytd, misfit if misfit.any() else None)


def vector_codes(cube: Cube, catalogue: Mapping[str, Indicator]) -> tuple[str, ...]:
    """Return the codes of a catalogue that a cube computes."""
    return tuple(code for code in catalogue if cube.can(code))
