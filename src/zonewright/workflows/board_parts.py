"""How many of those that owe it have reported what a figure of the board is made of.

A sum over firms, works or land is whole only if all of them have told the month. What is missing is
not nought: the board says beside the figure how many have reported.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import numpy as np
import pandas as pd

from zonewright.core.periods import Period
from zonewright.core.texts import text_of
from zonewright.land.hierarchy import Hierarchy
from zonewright.steering.catalogue import Condition, Indicator
from zonewright.steering.cube import Cube
from zonewright.steering.cube_reported import Reported, resolved
from zonewright.steering.rows import rows_in_zone, rows_meeting
from zonewright.steering.rules_observed import observed_codes
from zonewright.store.access import operator
from zonewright.store.selectors.locked_returns import locked_zones
from zonewright.store.selectors.returns import owing_zones
from zonewright.workflows.books import Books

Who = Literal["firms", "works", "zones", "ledger"]
_MONTHS = 12
# Tables of works and what tells that a work has reported a month.
_OF_WORKS = ("works", "work_months")
# Tables of events: the return that brings them, and the table and column of their day.
_OF_EVENTS = {
    "parcel_events": ("land", "parcel_events", "on"),
    "parcels": ("land", "parcel_events", "on"),
    "ventures": ("ventures", "milestones", "actual_on"),
    "milestones": ("ventures", "milestones", "actual_on"),
}


@dataclass(frozen=True, slots=True)
class Part:
    """That a figure is made of a part of what it should be made of.

    Parameters
    ----------
    who
        Who reports: ``firms``, ``works``, ``zones``; or ``ledger``, whose entries end before the
        month.
    done, owed
        How many have reported the month, of how many; 0 for a ledger.
    until
        Month of a ledger's last entry; None for others.
    """

    who: Who
    done: int = 0
    owed: int = 0
    until: Period | None = None

    def label(self, lang: str = "en") -> str:
        """Return it in words."""
        month = self.until.label(lang) if self.until else ""
        params = {"done": f"{self.done:,}", "owed": f"{self.owed:,}", "month": month}
        return text_of(f"board-part-{self.who}", params, lang)

    def short(self, lang: str = "en") -> str:
        """Return it as short as a cell of the board needs it."""
        if self.until is not None:
            return text_of("board-part-short", {"month": str(self.until)}, lang)
        return f"{self.done:,}/{self.owed:,}"

    def as_dict(self) -> dict[str, object]:
        """Return plain values for JSON."""
        return {
            "who": self.who, "reported": self.done, "owed": self.owed,
            "until": str(self.until) if self.until else None,
        }  # fmt: skip


def unexplained(part: Part | None, lang: str = "en") -> str:
    """Return why nothing is named that carries a shortfall."""
    if part is not None:
        return text_of("board-cause-part", {"part": part.label(lang)}, lang)
    return text_of("board-cause-unknown", {}, lang)


def parts_of_reporters(item: Indicator, cube: Cube, period: Period) -> Mapping[str, Part]:
    """Return the zones some of whose firms or zones have not reported the month.

    Parameters
    ----------
    item
        Of firms (``sum_firms``) or of zones that are added up; others are never made of parts.
    cube
        With the months of the board's year.
    period
        January to the month.

    Returns
    -------
    parts
        By zone. Asked of are those that reported some month of the year; in the first month that
        any firm did, all firms on the register.
    """
    by_firm, quoted = item.rule == "sum_firms", item.rule == "reported"
    if not (by_firm or item.rule == "sum_zones" or (quoted and item.rollup == "sum")):
        return {}
    zones, members = len(cube.zones), cube.members
    of_zone = members.firm_zone if by_firm else np.arange(zones)
    given = cube.reported(observed_codes(item)[0])
    if given is None or not len(of_zone):
        return {}
    rows = slice(zones, None) if by_firm else slice(zones)
    year = slice(period.year * _MONTHS - cube.first, period.last - cube.first + 1)
    misfit = None if given.misfit is None else given.misfit[rows, year]
    found = Reported(given.month[rows, year], given.ytd[rows, year], misfit)
    told = ~np.isnan(resolved(found, item, "ytd"))
    now, earlier = told[:, -1], told[:, :-1].any(axis=1)
    owed = now | (earlier if earlier.any() else by_firm)
    if not now.any() or not (owed & ~now).any():
        return {}
    if quoted:  # of several levels the topmost counts
        owed &= ~members.below[now].any(axis=0)
    within = (members.below | np.eye(zones, dtype=bool)).astype(np.int64)
    done, whole = (within @ np.bincount(of_zone[some], minlength=zones)
                   for some in (owed & now, owed))  # fmt: skip
    told_itself = now if quoted else np.zeros(zones, dtype=bool)
    who: Who = "firms" if by_firm else "zones"
    return {
        cube.zones[at]: Part(who, int(done[at]), int(whole[at]))
        for at in np.flatnonzero((done < whole) & ~told_itself)
    }


@dataclass(eq=False)
class Parts:
    """What is not told yet of what records make up: works, land, projects.

    Parameters
    ----------
    books
        Opens what the workspace says.
    zones
        Codes of the zones that are looked at.
    hierarchy
        Of the month's last day.
    period
        Its last month counts.
    as_of
        Time at which the workspace is seen; None means now.
    """

    books: Callable[[], Books]
    zones: Sequence[str]
    hierarchy: Hierarchy
    period: Period
    as_of: datetime | None
    _kept: dict[object, Mapping[str, Part]] = field(init=False, repr=False, default_factory=dict)

    def of(self, item: Indicator) -> Mapping[str, Part]:
        """Return the zones in which an indicator is not told in full for the month."""
        if item.table in _OF_WORKS:
            kinds = tuple(condition for condition in item.where if condition.field == "kind")
            key: object = ("works", kinds)
            if key not in self._kept:
                self._kept[key] = self._of_works(kinds)
            return self._kept[key]
        if item.table in _OF_EVENTS:
            key = _OF_EVENTS[item.table]
            if key not in self._kept:
                self._kept[key] = self._of_events(*_OF_EVENTS[item.table])
            return self._kept[key]
        return {}

    def _of_works(self, kinds: Sequence[Condition]) -> Mapping[str, Part]:
        """Tell of works that are silent: not finished, and reported within twelve months before."""
        books = self.books()
        frame = books.tables["work_months"]
        if frame.empty:
            return {}
        month = (frame["month"].dt.year * _MONTHS + frame["month"].dt.month - 1).to_numpy()
        counts = rows_meeting(frame, kinds, of="work_months")
        counts &= (month <= self.period.last) & (month > self.period.last - _MONTHS)
        codes = frame["work"].to_numpy()
        works = books.tables["works"]
        first_day = pd.Timestamp(self.period.end_on.replace(day=1))
        ended = set(works["work"][works["finished_on"] < first_day])
        told = set(codes[counts & (month == self.period.last)])
        owed = (set(codes[counts]) - ended) | told
        if told == owed:
            return {}
        facts = books.facts(self.period.end_on)
        found = {}
        for zone in self.zones:
            inside = set(codes[counts & rows_in_zone(facts, "work_months", zone)]) & owed
            if inside - told:
                found[zone] = Part("works", len(inside & told), len(inside))
        return found

    def _of_events(self, kind: str, table: str, column: str) -> Mapping[str, Part]:
        """Tell whose return of the month is not locked, or that the ledger ends before it."""
        last = self.period.last
        locked = locked_zones(str(Period(last, last)), self.as_of).get(kind)
        if locked:
            return self._of_returns(locked)
        days = self.books().tables[table][column]
        days = days[days <= pd.Timestamp(self.period.end_on)]
        if days.empty:
            return {}
        end = days.max().year * _MONTHS + days.max().month - 1
        if end >= last:
            return {}
        part = Part("ledger", until=Period(end, end))
        return dict.fromkeys(self.zones, part)

    def _of_returns(self, locked: frozenset[str]) -> Mapping[str, Part]:
        owing = {zone.code for zone in owing_zones(operator(""))} | locked
        found = {}
        for zone in self.zones:
            inside = owing.intersection((zone, *self.hierarchy.below(zone)))
            if inside - locked:
                found[zone] = Part("zones", len(inside & locked), len(inside))
        return found
