"""Which board a reader asks for: the month, the time at which it is seen, order and filter."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Literal, get_args
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from zonewright.core.errors import PeriodError
from zonewright.core.periods import Period

Only = Literal["", "target", "behind"]
ONLY: tuple[Only, ...] = get_args(Only)
# A board of years that nobody means would read every month since.
FIRST_YEAR, LAST_YEAR = 1900, 2100


@dataclass(frozen=True, slots=True)
class Asked:
    """Which board is asked for.

    Parameters
    ----------
    month
        The month; None where nothing was reported yet.
    as_of
        Time at which the workspace is seen; None means now.
    latest
        The last month that anything was reported for; None if nothing was.
    sort
        Indicator by which the zones are ordered; empty keeps the hierarchy.
    best
        Whether the furthest ahead come first.
    only
        Which zones are shown: all, those with a target, or those that are behind.
    faults
        What could not be read, in the reader's language.
    """

    month: Period | None
    as_of: datetime | None
    latest: Period | None
    sort: str = ""
    best: bool = False
    only: Only = ""
    faults: tuple[str, ...] = ()

    @property
    def period(self) -> Period | None:
        """January to the month."""
        return self.month and Period.year_to_date(self.month.year, self.month.last_month)

    @property
    def moment(self) -> dict[str, str]:
        """The month and the time, as an address holds them; the usual ones are left out."""
        given = {}
        if self.month is not None and self.month != self.latest:
            given["month"] = str(self.month)
        if self.as_of is not None:
            given["as_of"] = self.as_of.isoformat()
        return given

    @property
    def query(self) -> str:
        """The month and the time as a query string; empty if both are the usual ones."""
        return _query(self.moment)

    @property
    def whole_query(self) -> str:
        """The same with order and filter."""
        order = {"sort": self.sort, "best": "1" if self.best else "", "only": self.only}
        return _query({**self.moment, **{key: text for key, text in order.items() if text}})

    @property
    def as_of_text(self) -> str:
        """The time as the browser's own input takes it; empty for now."""
        if self.as_of is None:
            return ""
        local = timezone.localtime(self.as_of)
        if local.microsecond:  # the input knows no smaller part than a second
            local = local.replace(microsecond=0) + timedelta(seconds=1)
        return local.strftime("%Y-%m-%dT%H:%M:%S")

    def sorted_by(self, indicator: str) -> Asked:
        """Return the board in the order of an indicator: the furthest behind first, then last."""
        return replace(self, sort=indicator, best=self.sort == indicator and not self.best)

    def in_hierarchy(self) -> Asked:
        """Return the board in the order of the hierarchy."""
        return replace(self, sort="", best=False)


def _query(given: dict[str, str]) -> str:
    return f"?{urlencode(given)}" if given else ""


def as_of_asked(request: HttpRequest) -> tuple[datetime | None, tuple[str, ...]]:
    """Return the time at which the workspace is to be seen, and what could not be read of it.

    A day without a time means its end; a time without a zone is the desk's.
    """
    text = request.GET.get("as_of", "").strip()[:40]
    if not text:
        return None, ()
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None, (_("The time cannot be read; write it as 2023-11-05T18:00."),)
    if len(text) <= len("2023-11-05"):
        found = datetime.combine(found.date(), time.max)
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        return None, (_("The time cannot be read; write it as 2023-11-05T18:00."),)
    return (timezone.make_aware(found) if timezone.is_naive(found) else found), ()


def month_asked(text: str, latest: Period | None) -> tuple[Period | None, tuple[str, ...]]:
    """Return the month that is written, or for nothing the latest, and what could not be read."""
    text = text.strip()[:20]
    if not text:
        return latest, ()
    try:
        found: Period | None = Period.parse(text)
    except PeriodError:
        found = None
    if found is None or found.months != 1 or not FIRST_YEAR <= found.year <= LAST_YEAR:
        return latest, (_("The month cannot be read; write it as 2023-10."),)
    return found, ()


def asked_of(request: HttpRequest, latest: Period | None) -> Asked:
    """Return which board is asked for; what cannot be read is a fault, and the usual is taken."""
    month, faults = month_asked(request.GET.get("month", ""), latest)
    as_of, more = as_of_asked(request)
    given = request.GET.get("only", "")
    only: Only = next((name for name in ONLY if name == given), "")
    return Asked(
        month,
        as_of,
        latest,
        sort=request.GET.get("sort", "")[:200],
        best=request.GET.get("best", "") == "1",
        only=only,
        faults=(*faults, *more),
    )
