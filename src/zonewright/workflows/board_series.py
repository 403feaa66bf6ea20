"""A year of an indicator: as it was first reported or given out, and as it is known now."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pandas as pd

from zonewright.core.periods import Period
from zonewright.core.units import convert, known_unit, unit
from zonewright.steering.catalogue import Indicator
from zonewright.steering.figure import Question
from zonewright.steering.reported import parts_of, year_texts
from zonewright.steering.rollup import evaluate, indicator_of
from zonewright.store.selectors.observations import versions_of
from zonewright.store.selectors.publications import publications
from zonewright.store.workspace import one_moment
from zonewright.workflows.board_model import SeriesPoint
from zonewright.workflows.books import open_books


def series_of(
    zone: str, indicator: str, year: int, *, as_of: datetime | None = None
) -> tuple[SeriesPoint, ...]:
    """Return the months of a year, from January to each: as first told, and as corrected.

    What a zone itself reports is told by the first value of each period that was recorded. A figure
    that is computed (from records, or from what others report) was first told when it was first
    given out (`publish`); a month that never was has no first value.

    Parameters
    ----------
    zone, indicator
        Codes.
    year
        The year.
    as_of
        Time at which the workspace is seen; None means now.

    Raises
    ------
    UnknownReferenceError
        If there is no such zone or indicator.
    """
    with one_moment():
        books = open_books(as_of)
        books.require_zone(zone)
        months = [Period.year_to_date(year, month) for month in range(1, 13)]
        known = indicator_of(indicator, books.facts(months[-1].end_on))
        own = versions_of(zone, known.code, tuple(year_texts(months[-1])), as_of)
        if known.rule == "reported" and len(own):
            return tuple(_reported(own, known, month) for month in months)
        given = _given_out(zone, known, year)
        points = []
        for month in months:
            facts = books.facts(month.end_on)
            now = evaluate(Question(known.code, zone, month), facts).number
            first, at = given.get(month, (None, None))
            versions = len({value for value in (first, now) if value is not None})
            points.append(SeriesPoint(month, known.unit, first, now, versions, at))
        return tuple(points)


def _reported(own: pd.DataFrame, known: Indicator, month: Period) -> SeriesPoint:
    """Return a month from the values that a zone reported, in the order in which they came."""
    parts = parts_of(set(own["period"]), known, month)
    rows = own[own["period"].isin([text for text, _ in parts or ()])]
    versions = 0 if rows.empty else int(rows.groupby("period").size().max())
    firsts, lasts = (rows.drop_duplicates("period", keep=keep) for keep in ("first", "last"))
    return SeriesPoint(
        month,
        known.unit,
        _joined(firsts, parts, known),
        _joined(lasts, parts, known),
        versions,
        None if rows.empty else firsts["recorded_at"].max(),
        None if versions < 2 else lasts["recorded_at"].max(),
    )


def _joined(
    rows: pd.DataFrame, parts: tuple[tuple[str, int], ...] | None, known: Indicator
) -> float | None:
    if not parts or not all(_fits(given, known) for given in rows["unit"]):
        return None
    values: dict[Any, Any] = {
        row["period"]: convert(row["value"], row["unit"], known.unit)
        for row in rows.to_dict("records")
    }
    return float(sum(sign * values[text] for text, sign in parts))


def _fits(name: str, known: Indicator) -> bool:
    return known_unit(name) and unit(name).dimension == unit(known.unit).dimension


def _given_out(
    zone: str, known: Indicator, year: int
) -> dict[Period, tuple[float | None, datetime]]:
    """Return what was first given out of each month of a year, and when."""
    found: dict[Period, tuple[float | None, datetime]] = {}
    for made in reversed(publications()):
        last = Period.parse(made.period)
        value = made.values.get(zone, {}).get(known.code, {}).get("value")
        if last.year == year and value is not None:
            month = Period.year_to_date(last.year, last.last_month)
            found.setdefault(month, (float(value), made.at))
    return found
