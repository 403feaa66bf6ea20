"""What the works of a zone will still bring this year, one by one."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

# Latest months that tell how fast a work goes.
_LATEST = 6


@dataclass(frozen=True, slots=True)
class WorkState:
    """A work as its ledger and returns show it.

    Parameters
    ----------
    code
        Of the work.
    amounts
        Month (year * 12 + month - 1) to what it brought [the indicator's unit].
    total
        What it costs in all; None if not known.
    year_plan
        What the year plans; None if not known.
    physical_pct
        Latest physical progress [%]; None if not known.
    planned_start, started, finished
        Months, counted as in `amounts`; None if not known, or not yet.
    """

    code: str
    amounts: Mapping[int, float]
    total: float | None = None
    year_plan: float | None = None
    physical_pct: float | None = None
    planned_start: int | None = None
    started: int | None = None
    finished: int | None = None

    def brought(self, first: int, last: int) -> float:
        """Return what it brought from one month to another, both included."""
        return math.fsum(v for month, v in self.amounts.items() if first <= month <= last)

    @property
    def is_told(self) -> bool:
        """Whether its plan of the year or its cost is known."""
        return self.total is not None or self.year_plan is not None


@dataclass(frozen=True, slots=True)
class WorkAhead:
    """What one work will bring in the months to come.

    Parameters
    ----------
    code
        Of the work.
    left
        What is left of its plan; None if neither plan nor cost is known.
    capability
        What it can bring at its rate by December.
    path
        What it brings in each month left; together the lesser of both.
    """

    code: str
    left: float | None
    capability: float
    path: tuple[float, ...]

    @property
    def brings(self) -> float:
        """What it brings by December."""
        return math.fsum(self.path)


def works_ahead(
    works: Iterable[WorkState], *, year: int, month: int, upto: int = 12
) -> tuple[WorkAhead, ...]:
    """Return what each work brings from the next month to a later one.

    A work under way goes on at the mean of its latest six months since it began, until its plan of
    the year, its cost or its physical progress is exhausted. One that has not begun starts in its
    planned month, or as much later as works did on average, and then brings its plan evenly.

    Parameters
    ----------
    works
        Every work of the zone, in any order. What they brought later than the month is not looked
        at.
    year, month
        The last month that counts as known.
    upto
        Last month to be told.

    Returns
    -------
    ahead
        By code.

    Examples
    --------
    >>> work = WorkState("W1", {24276: 2.0, 24277: 4.0}, year_plan=12.0, started=24276)
    >>> (found,) = works_ahead([work], year=2023, month=2)
    >>> found.left, found.capability, found.brings
    (6.0, 30.0, 6.0)
    """
    states = sorted(works, key=lambda work: work.code)
    now = year * 12 + month - 1
    delay = _usual_delay(states, now)
    return tuple(_one(work, now, month, upto, delay) for work in states)


def path_of(ahead: Iterable[WorkAhead]) -> tuple[float, ...]:
    """Return what all works bring in each month left."""
    return tuple(math.fsum(month) for month in zip(*(work.path for work in ahead), strict=True))


def _one(work: WorkState, now: int, month: int, upto: int, delay: int) -> WorkAhead:
    months = upto - month
    left = _left(work, now, month)
    if work.finished is not None and work.finished <= now:
        return WorkAhead(work.code, left, 0.0, (0.0,) * months)
    begun = _first_month(work, now)
    if begun is not None:
        rate, wait = _rate(work, begun, now), 0
    else:
        wait = _wait(work, now, delay)
        # From its start a year's plan is meant to be brought by December.
        rate = (left or 0.0) / max(12 - month - wait, 1)
    path: list[float] = []
    rest = math.inf if left is None else left
    for ahead in range(months):
        amount = min(rate, rest) if ahead >= wait else 0.0
        path.append(amount)
        rest -= amount
    capability = rate * max(months - wait, 0)
    return WorkAhead(work.code, left, capability, tuple(path))


def _left(work: WorkState, now: int, month: int) -> float | None:
    """Return what is left of plan, cost and physical progress: the least that is known."""
    known = []
    if work.year_plan is not None:
        known.append(work.year_plan - work.brought(now - month + 1, now))
    if work.total is not None:
        known.append(work.total - work.brought(-1, now))
        if work.physical_pct is not None and work.year_plan is None:
            known.append(work.total * (1 - work.physical_pct / 100))
    return max(min(known), 0.0) if known else None


def _first_month(work: WorkState, now: int) -> int | None:
    brought = [month for month, amount in work.amounts.items() if amount > 0 and month <= now]
    dated = [work.started] if work.started is not None and work.started <= now else []
    found = [*brought, *dated]
    return min(found) if found else None


def _rate(work: WorkState, begun: int, now: int) -> float:
    since = max(begun, now - _LATEST + 1)
    return max(work.brought(since, now), 0.0) / (now - since + 1)


def _wait(work: WorkState, now: int, delay: int) -> int:
    """Return how many of the months to come pass before a work begins."""
    if work.planned_start is None:
        return delay
    due = work.planned_start + delay
    return max(due - now - 1, 0)


def _usual_delay(works: Iterable[WorkState], now: int) -> int:
    """Return by how many months works began late, on average; early ones count as on time."""
    late = [
        max(work.started - work.planned_start, 0)
        for work in works
        if work.started is not None and work.planned_start is not None and work.started <= now
    ]
    return round(sum(late) / len(late)) if late else 0
