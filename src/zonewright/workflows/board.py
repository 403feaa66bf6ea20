"""The headquarters' board (调度看板): who is behind, at what, and by which records.

board(period, access=…)          every zone that is seen, by headline indicator
explain(zone, indicator, …)      one figure down to its records and cells
publish(period, …)               keeps what is given out; `changes_since` tells what differs now
series_of(zone, indicator, …)    as reported, and as corrected
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime

from zonewright.core.errors import UnknownReferenceError
from zonewright.core.periods import Period
from zonewright.steering.figure import Question
from zonewright.steering.returns.kinds import kinds
from zonewright.steering.rollup import evaluate
from zonewright.store.access import Access, operator
from zonewright.store.selectors import observations, open_items
from zonewright.store.selectors.locked_returns import locked_counts
from zonewright.store.selectors.returns import owing_zones
from zonewright.store.workspace import one_moment
from zonewright.workflows.board_cells import kept_board
from zonewright.workflows.board_model import (
    Board,
    BoardCell,
    BoardZone,
    FigureChange,
    Published,
    SeriesPoint,
)
from zonewright.workflows.board_published import changes_since, publish, published
from zonewright.workflows.board_series import series_of
from zonewright.workflows.books import open_books
from zonewright.workflows.figures import Derivation, derivation_of
from zonewright.workflows.shortfalls import Cause

__all__ = [
    "Board",
    "BoardCell",
    "BoardZone",
    "Cause",
    "FigureChange",
    "Published",
    "SeriesPoint",
    "board",
    "changes_since",
    "explain",
    "latest_month",
    "publish",
    "published",
    "series_of",
    "warm",
]


def latest_month(as_of: datetime | None = None) -> Period | None:
    """Return the last month that anything was reported for; None if nothing was.

    Returns of zones, firms and works count; where there are none, the last event of land does. A
    month of which returns are locked, but of fewer than half of the zones that owe them, does not
    count as long as there is one before it: the first zone to report moves nobody's board.
    """
    with one_moment():
        found = observations.latest_month(as_of)
        on = open_items.last_report(as_of)
        months = [] if found is None else [found.last]
        months += [] if on is None else [_month_of(on)]
        if not months:
            return None
        last = _settled(max(months), as_of)
    return Period(last, last)


def _month_of(on: date) -> int:
    return 12 * on.year + on.month - 1


def _settled(latest: int, as_of: datetime | None) -> int:
    """Return the last month up to one whose returns are not just begun; that one without any."""
    locked = locked_counts(as_of)
    if str(Period(latest, latest)) not in locked:
        return latest
    zones, last = len(owing_zones(operator(""))), latest
    while _is_begun(last, locked, zones):
        on = open_items.last_report(as_of, before=Period(last, last).start_on)
        if on is None:
            return latest
        last = _month_of(on)
    return last


def _is_begun(last: int, locked: Mapping[str, Mapping[str, int]], zones: int) -> bool:
    """Tell whether returns of a month are locked, but fewer than half of those that are owed.

    Owed are the kinds of return that were locked in the month or the twelve before it.
    """
    month = str(Period(last, last))
    before = {str(Period(at, at)) for at in range(last - 12, last + 1)}
    used = {kind for period, counts in locked.items() if period in before for kind in counts}
    owed = zones * sum(kinds()[kind].asked(month) for kind in used if kind in kinds())
    done = sum(locked.get(month, {}).values())
    return 0 < 2 * done < owed


def board(period: Period, *, as_of: datetime | None = None, access: Access) -> Board:
    """Return every zone that is seen by headline indicator, from January to a period's last month.

    Parameters
    ----------
    period
        A month, or January to a month: its last month counts.
    as_of
        Time at which the workspace is seen; None means now.
    access
        Whose zones are shown; what lies outside them is no cause that is told.
    """
    upto = Period.year_to_date(period.year, period.last_month)
    with one_moment():
        found = kept_board(upto, as_of)
        seen = access.zones()
        return found if seen is None else _within(found, seen, access)


def warm() -> None:
    """Make the board of the last month, so that the first reader does not wait for it."""
    month = latest_month()
    if month is not None:
        with one_moment():
            kept_board(Period.year_to_date(month.year, month.last_month), None)


def explain(
    zone: str,
    indicator: str,
    period: Period,
    as_of: datetime | None = None,
    *,
    access: Access | None = None,
) -> Derivation:
    """Return what a figure of the board rests on, down to records with file, sheet and cell.

    Parameters
    ----------
    zone, indicator
        Codes.
    period
        As in `board`.
    as_of
        As in `board`.
    access
        Whose records are left out if they may not be seen; None leaves out none.

    Raises
    ------
    UnknownReferenceError
        If there is no such zone or indicator, or the zone may not be seen.
    """
    upto = Period.year_to_date(period.year, period.last_month)
    if access is not None and not access.may("view", zone):
        raise UnknownReferenceError("board-zone-unseen", zone=zone)
    with one_moment():
        books = open_books(as_of)
        books.require_zone(zone)
        figure = evaluate(Question(indicator, zone, upto), books.facts(upto.end_on))
        return derivation_of(figure, access=access)


def _within(found: Board, seen: frozenset[str], access: Access) -> Board:
    """Return the board of some zones; causes that may not be seen are left out."""
    cells = [cell for cell in found.cells if cell.zone in seen]
    records = access.seen(
        cause.record for cell in cells for cause in cell.cause if cause.kind != "zone"
    )
    kept = tuple(
        replace(
            cell,
            cause=tuple(
                cause for cause in cell.cause
                if (cause.code in seen if cause.kind == "zone" else cause.record in records)
            ),
            withheld=True,
        )
        if cell.cause else cell
        for cell in cells
    )  # fmt: skip
    zones = tuple(zone for zone in found.zones if zone.code in seen)
    return Board(found.period, found.as_of, zones, found.indicators, kept)
