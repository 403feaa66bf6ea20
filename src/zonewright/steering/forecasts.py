"""The year's end by every method that has proven itself, the best of them chosen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate

from zonewright.core.errors import RangeError
from zonewright.core.findings import Finding
from zonewright.steering.backtest import (
    LEAST_MONTHS,
    PROJECT_LIST,
    Known,
    Record,
    judged,
    record_of,
    size_of,
    why_none,
)
from zonewright.steering.forecast_methods import Carrier
from zonewright.steering.forecast_spread import Spread, spread_of
from zonewright.steering.forecast_works import path_of, works_ahead
from zonewright.steering.forecast_year import LEVEL, Outlook, PathPoint, YearEnd

__all__ = ["LEAST_MONTHS", "Known", "year_end"]

_FEW_YEARS = 5


def year_end(
    known: Known,
    *,
    level: float = LEVEL,
    notes: tuple[Finding, ...] = (),
    record: Record | None = None,
) -> YearEnd:
    """Return where an indicator will stand in December.

    Each method tells the months left; how far off it was on the zone's own past (`backtest`) sets
    its interval and the probability of reaching the target. The same data always give the same
    answer: nothing is drawn at random.

    Parameters
    ----------
    known
        What is known at the end of a month.
    level
        Of the interval, 0 to 1.
    notes
        Findings about the history, which go before others.
    record
        How each method did (`backtest.record_of`), where it is known already; of whole past years
        it is the same in every month of a year.

    Returns
    -------
    year_end
        Without any method that has a track record, nothing is told and the findings say why.

    Raises
    ------
    RangeError
        If the level is not between 0 and 1.

    Examples
    --------
    >>> from zonewright.steering.forecast_methods import History
    >>> history = History(2020, (4.0, 6.0, 5.0) * 4 * 4)
    >>> known = Known("Z", "x", "", "", "亿元", 2023, 11, history.until(2023, 11), target=60.0)
    >>> found = year_end(known)
    >>> found.chosen, found.median
    ('seasonal_naive', 60.0)
    """
    if not 0 < level < 1:
        raise RangeError("forecast-level", level=level)
    history = known.history
    done = None
    if history is not None and history.last >= (known.year, known.month):
        done = history.done(known.year, known.month)
    blank = YearEnd(
        known.zone, known.indicator, known.year, known.month, known.unit, done, known.target, level,
        findings=notes,
    )  # fmt: skip
    if history is None or done is None:
        # Without a history the notes say why, unless it is only that nothing came in.
        return blank if notes else _with(blank, why_none(known))
    if known.month == 12:
        params = {**known.names, "year": known.year}
        return _with(blank, (Finding("forecast-year-over", "info", "observations", params=params),))
    record = record or record_of(known)
    told = _told(known, record)
    outlooks = tuple(
        _outlook(known, record, code, told[code], done, level)
        for code in record.ranked()
        if code in told
    )
    if not outlooks:
        return _with(blank, why_none(known))
    found = YearEnd(
        known.zone, known.indicator, known.year, known.month, known.unit, done, known.target, level,
        outlooks, notes,
    )  # fmt: skip
    best = outlooks[0]
    return _with(found, (*_weaknesses(known, best), *judged(known, best.track, level)))


def _told(known: Known, record: Record) -> dict[str, Sequence[float]]:
    if known.history is None:
        return {}
    history = known.history.until(known.year, known.month)
    carrier = Carrier(history, only=tuple(code for code in record.tracks if code != PROJECT_LIST))
    if "combination" in record.tracks:
        carrier = Carrier(history)
    found: dict[str, Sequence[float]] = {
        code: [float(amount) for amount in path]
        for code, path in carrier.paths(known.year, known.month).items()
    }
    if known.works:
        found[PROJECT_LIST] = path_of(
            works_ahead(known.works, year=known.year, month=known.month)
        )  # fmt: skip
    return found


def _outlook(
    known: Known,
    record: Record,
    code: str,
    path: Sequence[float],
    done: float,
    level: float,
) -> Outlook:
    history = known.history
    size = size_of(history.until(known.year, known.month)) if history is not None else 0.0
    # What only adds up cannot end below what is done.
    grows = history is not None and bool((history.array >= 0).all())
    floor = done if grows else -math.inf
    points = []
    spread = Spread(0.0)
    for ahead, told in enumerate(accumulate(path), start=1):
        found = spread_of(
            record.misses[code], ahead=ahead, size=size, whole_years=record.basis == "years"
        )
        spread = found or spread
        low, high = spread.band(done + told, level)
        ends = (max(low, floor), max(high, floor))
        points.append(PathPoint(known.month + ahead, max(done + told, floor), *ends))
    last = points[-1]
    return Outlook(
        method=code,
        median=last.median,
        low=last.low,
        high=last.high,
        probability=_probability(spread, last.median, floor, known.target),
        path=tuple(points),
        spread=spread,
        floor=floor,
        track=record.tracks[code],
    )


def _probability(spread: Spread, centre: float, floor: float, target: float | None) -> float | None:
    if target is None:
        return None
    return 1.0 if target <= floor else spread.probability(centre, target)


def _weaknesses(known: Known, best: Outlook) -> tuple[Finding, ...]:
    found = []
    track = best.track
    if track.basis == "months":
        params = {**known.names, "known": known.month, "trials": track.trials}
        found.append(Finding("forecast-short", "warning", "observations", params=params))
    elif len(track.years) < _FEW_YEARS:
        params = {**known.names, "years": len(track.years)}
        found.append(Finding("forecast-few-years", "info", "observations", params=params))
    ratios = [ratio for ratio in (track.against_pace, track.against_naive) if ratio is not None]
    plain = best.method in ("run_rate", "seasonal_naive")
    if not plain and ratios and max(ratios) > 1:
        found.append(Finding("forecast-worse", "info", "observations", params=known.names))
    if best.method == PROJECT_LIST:
        untold = tuple(work.code for work in known.works if not work.is_told)
        if untold:
            params = {**known.names, "count": len(untold)}
            found.append(
                Finding("forecast-works-untold", "info", "works", ids=untold, params=params)
            )
    return tuple(found)


def _with(year: YearEnd, findings: tuple[Finding, ...]) -> YearEnd:
    return YearEnd(
        year.zone, year.indicator, year.year, year.month, year.unit, year.done, year.target,
        year.level, year.by_method, (*year.findings, *findings),
    )  # fmt: skip
