"""Tell where the year will end, how sure that is, and how good such forecasts were before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from zonewright.core.errors import InputError
from zonewright.core.findings import Finding
from zonewright.core.periods import Period
from zonewright.core.units import convert
from zonewright.steering.backtest import back_test as test_history
from zonewright.steering.catalogue import Indicator
from zonewright.steering.figure import Question
from zonewright.steering.forecast_methods import History
from zonewright.steering.forecast_works import WorkState
from zonewright.steering.forecast_year import LEVEL, BackTest, YearEnd
from zonewright.steering.forecasts import Known, year_end
from zonewright.steering.pace import Pace, pace
from zonewright.steering.rollup import indicator_of
from zonewright.store.access import Access
from zonewright.workflows.books import Books, open_books
from zonewright.workflows.curves import curve_for
from zonewright.workflows.histories import history_of
from zonewright.workflows.kept import Kept
from zonewright.workflows.works_ahead import WORKS_INDICATOR, works_ahead

__all__ = ["ForecastView", "back_test", "forecast_of", "forecast_view"]

KEPT_FORECASTS = 400
_ADDING = "flow"


@dataclass(frozen=True, slots=True, eq=False)
class ForecastView:
    """A forecast with what a page shows around it.

    Parameters
    ----------
    year_end
        The forecast, or why there is none.
    indicator
        What is told.
    zone_name_zh, zone_name_en
        Name of the zone.
    months
        The year to date at the end of each known month of the year [the indicator's unit].
    history
        Every known month; None if there is none.
    curve_kind
        Kind of the target's curve; empty without a target.
    expected
        Where the target's curve stands at the end of January … December [the indicator's unit];
        empty without a target or where its curve cannot be told.
    pace
        Standing against the target; None without.
    """

    year_end: YearEnd
    indicator: Indicator
    zone_name_zh: str
    zone_name_en: str
    months: tuple[float, ...]
    history: History | None
    curve_kind: str
    expected: tuple[float, ...]
    pace: Pace | None

    def zone_name(self, lang: str = "en") -> str:
        """Return the zone's name in a language."""
        return self.zone_name_zh if lang == "zh" else self.zone_name_en


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """What is known of an indicator of a zone at the end of a month."""

    books: Books
    indicator: Indicator
    zone: str
    period: Period
    history: History | None
    gap: tuple[str, ...]
    works: tuple[WorkState, ...]
    target: float | None
    curve_kind: str
    expected: tuple[float, ...]


_views: Kept[tuple[object, ...], ForecastView] = Kept(KEPT_FORECASTS)
_tests: Kept[tuple[object, ...], BackTest] = Kept(KEPT_FORECASTS)


def forecast_of(
    zone: str,
    indicator: str,
    month: Period | None = None,
    *,
    access: Access | None = None,
    as_of: datetime | None = None,
    level: float = LEVEL,
) -> YearEnd:
    """Return where an indicator of a zone will stand in December.

    Parameters
    ----------
    zone, indicator
        Codes.
    month
        Last month that counts as known; None means the last that is reported.
    access
        Who asks; None means the operator of the machine.
    as_of
        Time at which the workspace is seen; None means now.
    level
        Of the interval, 0 to 1.

    Returns
    -------
    year_end
        Without a track record there is no forecast: its findings then say why.

    Raises
    ------
    UnknownReferenceError
        If there is no such zone or indicator, or they may not see the zone.
    InputError
        If no month is given and nothing is reported.
    """
    return forecast_view(
        zone, indicator, month, access=access, as_of=as_of, level=level
    ).year_end  # fmt: skip


def forecast_view(
    zone: str,
    indicator: str,
    month: Period | None = None,
    *,
    access: Access | None = None,
    as_of: datetime | None = None,
    level: float = LEVEL,
) -> ForecastView:
    """Return a forecast with what a page shows around it; parameters as `forecast_of`."""
    books, period = _open(zone, month, access, as_of)
    key = (books.fingerprint, as_of, zone, indicator, str(period), level)
    return _views.get(key, lambda: _view(books, zone, indicator, period, level))


def back_test(
    zone: str,
    indicator: str,
    month: Period | None = None,
    *,
    access: Access | None = None,
    as_of: datetime | None = None,
) -> BackTest:
    """Return every forecast that would have been made of earlier years, beside what came.

    Parameters as `forecast_of`. With no whole year before, the months of the running year are
    told from the months before them.
    """
    books, period = _open(zone, month, access, as_of)
    key = (books.fingerprint, as_of, zone, indicator, str(period))
    return _tests.get(key, lambda: _test(books, zone, indicator, period))


def _open(
    zone: str, month: Period | None, access: Access | None, as_of: datetime | None
) -> tuple[Books, Period]:
    if access is not None:
        access.require("view", zone)
    books = open_books(as_of)
    books.require_zone(zone)
    period = books.reporting_period()
    if month is not None:
        period = Period.year_to_date(month.year, month.last_month)
    if period is None:
        raise InputError("pace-no-returns")
    return books, period


def _ask(books: Books, zone: str, code: str, period: Period) -> _Asked:
    facts = books.facts(period.end_on)
    indicator = indicator_of(code, facts)
    question = Question(code, zone, period)
    adds = indicator.nature == _ADDING
    history, gap = history_of(books, question) if adds else (None, ())
    works = works_ahead(books, question) if code == WORKS_INDICATOR else ()
    target, kind, expected = _target(books, question, indicator)
    return _Asked(
        books, indicator, zone, period, history, gap, works, target, kind, expected
    )  # fmt: skip


def _target(
    books: Books, question: Question, indicator: Indicator
) -> tuple[float | None, str, tuple[float, ...]]:
    rows = books.targets
    hits = rows[
        (rows["indicator"] == question.indicator)
        & (rows["zone"] == question.zone)
        & (rows["year"] == question.period.year)
    ]
    if hits.empty:
        return None, "", ()
    row = hits.iloc[0]
    kind = str(row["curve"])
    try:
        value = float(convert(row["value"], row["unit"], indicator.unit))
    except InputError:
        return None, "", ()
    if value <= 0:
        return None, "", ()
    try:
        curve = curve_for(books, question, kind, row["points"])
        expected = tuple(value * float(curve.share(month)) for month in range(1, 13))
    except InputError:
        return value, kind, ()
    return value, kind, expected


def _known(asked: _Asked) -> Known:
    return Known(
        zone=asked.zone,
        indicator=asked.indicator.code,
        name_zh=asked.indicator.zh,
        name_en=asked.indicator.en,
        unit=asked.indicator.unit,
        year=asked.period.year,
        month=asked.period.last_month,
        history=asked.history,
        works=asked.works,
        target=asked.target,
    )


def _notes(asked: _Asked) -> tuple[Finding, ...]:
    names: dict[str, object] = {
        "name": asked.indicator.zh,
        "name_en": asked.indicator.en,
        "zone": asked.zone,
    }
    if asked.indicator.nature != _ADDING:
        return (Finding("forecast-not-a-flow", "info", "observations", params=names),)
    if asked.gap:
        shown = ", ".join(asked.gap[:6]) + (" …" if len(asked.gap) > 6 else "")
        params = {**names, "count": len(asked.gap), "months": shown}
        return (Finding("forecast-gap", "warning", "observations", params=params),)
    return ()


def _view(books: Books, zone: str, code: str, period: Period, level: float) -> ForecastView:
    asked = _ask(books, zone, code, period)
    found = year_end(_known(asked), level=level, notes=_notes(asked))
    months: tuple[float, ...] = ()
    if asked.history is not None:
        known = asked.history.of(period.year)[: period.last_month]
        months = tuple(float(total) for total in known.cumsum())
    standing = None
    if found.done is not None and asked.target is not None and asked.expected:
        question = Question(code, zone, period)
        rows = books.targets
        own = rows[(rows["indicator"] == code) & (rows["zone"] == zone)]
        row = own[own["year"] == period.year].iloc[0]
        curve = curve_for(books, question, asked.curve_kind, row["points"])
        standing = pace(found.done, asked.target, month=period.last_month, curve=curve)
    return ForecastView(
        year_end=found,
        indicator=asked.indicator,
        zone_name_zh=books.zone_name(zone, "zh"),
        zone_name_en=books.zone_name(zone, "en"),
        months=months,
        history=asked.history,
        curve_kind=asked.curve_kind,
        expected=asked.expected,
        pace=standing,
    )


def _test(books: Books, zone: str, code: str, period: Period) -> BackTest:
    asked = _ask(books, zone, code, period)
    return test_history(_known(asked), notes=_notes(asked))
