"""What a target lacks by now, and which works, parcels, projects or zones carry it.

The board, the pace, the supervision orders and the meeting list all ask here, so that they name
the same records and amounts. What a part lacks is what it was to bring *by its own plan* up to the
month, less what it brought; parts are, of these, the first of which some are behind:

1. works and projects with a target of their own, by its curve;
2. the records in the zone by their own plan (`zonewright.workflows.shortfall_records`);
3. the zones below that are behind their own targets; of two levels the lower.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from zonewright.core.errors import InputError
from zonewright.core.periods import Period
from zonewright.core.units import convert
from zonewright.land.hierarchy import Hierarchy
from zonewright.steering.catalogue import Indicator
from zonewright.steering.figure import Question
from zonewright.steering.rollup import evaluate
from zonewright.steering.shortfall import CarrierKind, Due, Lack, lacks
from zonewright.store.selectors import TargetRow, open_items
from zonewright.workflows.books import Books
from zonewright.workflows.curves import curve_for, facts_of
from zonewright.workflows.shortfall_records import Owing, owing


@dataclass(frozen=True, slots=True)
class Cause:
    """A record, or a zone below, that carries a part of a shortfall.

    Parameters
    ----------
    kind
        ``work``, ``parcel``, ``venture`` or ``zone``.
    record
        As in ``"work:12"``; of a zone ``"zone:"`` and its code.
    code, zh, en
        What the reader knows it by.
    zone
        Zone in which it is declared; empty if in none.
    planned, done
        What it was to bring by the month by its own plan, and brought [unit of the indicator].
    short
        What it still owes by the month [the same unit], above 0.
    share_pct
        Its part of everything that is owed in the zone asked [%].
    due_on
        When it was due; None if the records do not say.
    owner
        Who answers for it; empty if nobody is named.
    """

    kind: CarrierKind
    record: str
    code: str
    zh: str
    en: str
    zone: str
    planned: float
    done: float
    short: float
    share_pct: float
    due_on: date | None = None
    owner: str = ""

    def label(self, lang: str = "en") -> str:
        """Return its name in a language."""
        return self.zh if lang == "zh" else self.en

    def as_dict(self) -> dict[str, object]:
        """Return plain values for JSON."""
        return {
            "kind": self.kind,
            "record": self.record,
            "code": self.code,
            "name": self.zh,
            "name_en": self.en,
            "zone": self.zone,
            "planned": self.planned,
            "done": self.done,
            "short": self.short,
            "share_pct": self.share_pct,
            "due_on": self.due_on.isoformat() if self.due_on else None,
            "owner": self.owner,
        }


@dataclass(eq=False)
class Shortfalls:
    """Who carries the shortfalls of a month.

    Parameters
    ----------
    books
        Opens what the workspace says; called only where records or parts may be behind.
    period
        January to the month.
    catalogue
        Indicators by code.
    hierarchy
        Of the month's last day.
    names
        Chinese and English name of each zone.
    targets
        Targets of the year; those of works and projects are looked at.
    standing
        What was due and done of a zone's own target of an indicator; None if it has none, or it
        cannot be told.
    """

    books: Callable[[], Books]
    period: Period
    catalogue: Mapping[str, Indicator]
    hierarchy: Hierarchy
    names: Mapping[str, tuple[str, str]]
    targets: Iterable[TargetRow]
    standing: Callable[[str, str], Due | None]
    _parts: dict[tuple[str, str], list[TargetRow]] = field(init=False, repr=False)
    _owing: dict[str, Owing | None] = field(init=False, repr=False, default_factory=dict)
    _cards: pd.DataFrame | None = field(init=False, repr=False, default=None)

    def __post_init__(self) -> None:
        self._parts = {}
        for row in self.targets:
            if row.subject:
                self._parts.setdefault((row.zone, row.indicator), []).append(row)

    def of(self, zone: str, indicator: str, *, most: int | None = None) -> tuple[Cause, ...]:
        """Return what carries the shortfall of a zone, the largest part first.

        Parameters
        ----------
        zone, indicator
            Codes.
        most
            How many are told; None means all. Shares are of all.
        """
        return (
            self._of_targets(zone, indicator, most)
            or self._of_records(zone, indicator, most)
            or self._of_zones(zone, indicator, most)
        )

    def _of_targets(self, zone: str, indicator: str, most: int | None) -> tuple[Cause, ...]:
        rows = self._parts.get((zone, indicator))
        if not rows:
            return ()
        if self._cards is None:
            self._cards = open_items.parts_named(self.books().as_of)
        return _told(lacks(self._due(rows)), self._cards, most)

    def _due(self, rows: list[TargetRow]) -> Iterator[Due]:
        books = self.books()
        ventures = set(books.tables["ventures"]["venture"])
        for row in rows:
            asked = Question(row.indicator, row.zone, self.period)
            unit = self.catalogue[row.indicator].unit
            try:
                curve = curve_for(books, asked, row.curve, row.points, subject=row.subject)
                share = float(curve.share(self.period.last_month))
                planned = float(convert(row.value, row.unit, unit)) * share
            except InputError:
                continue  # the target itself says what is wrong with it
            done = evaluate(asked, facts_of(books, asked, row.subject)).number or 0.0
            yield Due("venture" if row.subject in ventures else "work", row.subject, planned, done)

    def _of_records(self, zone: str, indicator: str, most: int | None) -> tuple[Cause, ...]:
        if indicator not in self._owing:
            self._owing[indicator] = owing(self.books, self.catalogue[indicator], self.period)
        found = self._owing[indicator]
        if found is None or found.rows.empty:
            return ()
        rows = found.within(self.books(), zone, self.period.end_on)
        columns = (rows.index, rows["planned"].tolist(), rows["done"].tolist())
        due = (Due(found.kind, str(code), planned, done)
               for code, planned, done in zip(*columns, strict=True))  # fmt: skip
        return _told(lacks(due), rows, most)

    def _of_zones(self, zone: str, indicator: str, most: int | None) -> tuple[Cause, ...]:
        below = self.hierarchy.below(zone)
        if not below:
            return ()
        behind: dict[str, Due] = {}
        for code in below:
            due = self.standing(code, indicator)
            if due is not None and due.planned > due.done:
                behind[code] = due
        lowest = (
            due
            for code, due in behind.items()
            if not any(low in behind for low in self.hierarchy.below(code))
        )
        return tuple(
            Cause("zone", f"zone:{lack.code}", lack.code, *self.names[lack.code], lack.code,
                  lack.planned, lack.done, lack.missing, lack.share_pct)
            for lack in lacks(lowest)[:most]
        )  # fmt: skip


def _told(found: tuple[Lack, ...], cards: pd.DataFrame, most: int | None) -> tuple[Cause, ...]:
    """Return lacks with what the records say of themselves."""
    known = cards.loc[[lack.code for lack in found[:most] if lack.code in cards.index]]
    said = known.to_dict("index")
    blank = {"record": "", "zone": "", "owner": "", "due": None}
    return tuple(
        Cause(
            lack.kind, str(card["record"]), lack.code, str(card["name"]), str(card["name"]),
            str(card["zone"]), lack.planned, lack.done, lack.missing, lack.share_pct,
            _day(card["due"]), str(card["owner"]),
        )
        for lack in found[:most]
        for card in (said.get(lack.code, {**blank, "name": lack.code}),)
    )  # fmt: skip


def _day(given: object) -> date | None:
    if not isinstance(given, pd.Timestamp) or pd.isna(given):
        return None
    found: date = given.date()
    return found
