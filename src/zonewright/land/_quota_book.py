"""Booking the ledger of land quota: which entry takes from which grant."""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from zonewright.core.errors import InputError, RangeError
from zonewright.core.findings import Finding
from zonewright.core.phrases import number
from zonewright.core.schema import require_columns, table
from zonewright.core.units import convert

ENTRIES: tuple[str, ...] = tuple(table("quota_entries")["entry"].choices)
COLUMNS = ("code", "entry", "zone", "category", "area_m2", "on")
# What a ledger rounds to: less than this is no shortfall.
ROUNDING_M2 = 1.0
# Below this an amount is the rounding of a sum.
_NOTHING_M2 = 1e-6
# Of one day, what comes in counts first.
_ORDER = {"granted": 0, "returned": 1, "allocated": 2, "used": 3, "expired": 4}


@dataclass(slots=True)
class Lot:
    """A grant and what became of it [m²]."""

    code: str
    document: str
    granted_on: date
    expires_on: date | None
    granted: float
    held: float
    used: float = 0.0
    expired: float = 0.0
    projects: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    @property
    def pending(self) -> float:
        return math.fsum(self.projects.values())

    def is_over(self, on: date) -> bool:
        return self.expires_on is not None and self.expires_on < on

    def lapsed(self, on: date) -> float:
        return self.held + self.pending if self.is_over(on) else 0.0


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the ledger."""

    code: str
    kind: str
    area: float
    on: date
    project: str
    document: str
    expires_on: date | None


@dataclass(slots=True)
class Purse:
    """Quota of one zone and category: its lots, what was booked, and what was short [m²]."""

    lots: list[Lot] = field(default_factory=list)
    booked: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    # Booked out of the zone's hold, and out of the projects', beyond what was there.
    short_held: float = 0.0
    short_pending: float = 0.0
    # What came without a lot behind it.
    bare_held: float = 0.0
    bare_projects: dict[str, float] = field(default_factory=lambda: defaultdict(float))


class Book:
    """A ledger read up to a day."""

    def __init__(self) -> None:
        self.purses: dict[tuple[str, str], Purse] = defaultdict(Purse)
        self.findings: list[Finding] = []
        self.days: set[date] = set()

    @classmethod
    def of(cls, entries: pd.DataFrame, *, until: date | None) -> Book:
        require(entries)
        days: dict[date, list[tuple[tuple[str, str], Entry]]] = defaultdict(list)
        for purse, entry in _read(entries):
            if until is None or entry.on <= until:
                days[entry.on].append((purse, entry))
        book = cls()
        for day in sorted(days):
            book.days.add(day)
            book._take_day(sorted(days[day], key=lambda one: (_ORDER[one[1].kind], one[1].code)))
        return book

    def _take_day(self, entries: Iterable[tuple[tuple[str, str], Entry]]) -> None:
        """Book a day; what finds too little waits for what else the day brings."""
        waiting, refused = deque(entries), 0
        while waiting:
            key, entry = waiting.popleft()
            purse = self.purses[key]
            if refused <= len(waiting) and _there(purse, entry) < entry.area - _NOTHING_M2:
                waiting.append((key, entry))
                refused += 1
                continue
            self._take(purse, key, entry)
            refused = 0

    def _take(self, purse: Purse, key: tuple[str, str], entry: Entry) -> None:
        purse.booked[entry.kind] += entry.area
        if entry.kind == "granted":
            purse.lots.append(
                Lot(entry.code, entry.document, entry.on, entry.expires_on, entry.area, entry.area)
            )
            return
        rest, lapsed, early = entry.area, 0.0, 0.0
        for lot in _order(purse.lots, entry):
            taken = min(rest, _in_lot(lot, entry))
            if taken <= 0:
                continue
            _move(lot, entry, taken)
            rest -= taken
            if entry.kind in ("allocated", "used") and lot.is_over(entry.on):
                lapsed += taken
            if entry.kind == "expired" and lot.expires_on and entry.on <= lot.expires_on:
                early += taken
        rest = _from_bare(purse, entry, rest)
        if rest > _NOTHING_M2:
            _overdraw(purse, entry, rest)
        params = {"entry": entry.code, "zone": key[0], "category": key[1], "project": entry.project}
        for code, area in (
            (f"quota-short-{entry.kind}", rest),
            ("quota-lapsed-use", lapsed),
            ("quota-early", early),
        ):
            if area >= ROUNDING_M2:
                given = {**params, "area": in_mu(area), "on": entry.on}
                self.findings.append(finding(code, "area", entry.code, given))


def _there(purse: Purse, entry: Entry) -> float:
    """Return how much an entry finds to take [m²]."""
    if entry.kind == "granted":
        return math.inf
    bare = (
        purse.bare_held
        if entry.kind in ("allocated", "expired")
        else purse.bare_projects[entry.project]
    )
    return math.fsum([*(_in_lot(lot, entry) for lot in purse.lots), bare])


def _in_lot(lot: Lot, entry: Entry) -> float:
    if entry.kind in ("allocated", "expired"):
        return lot.held
    return lot.projects.get(entry.project, 0.0)


def _move(lot: Lot, entry: Entry, area: float) -> None:
    if entry.kind in ("allocated", "expired"):
        lot.held = _less(lot.held, area)
    else:
        lot.projects[entry.project] = _less(lot.projects[entry.project], area)
    if entry.kind == "allocated":
        lot.projects[entry.project] += area
    elif entry.kind == "used":
        lot.used += area
    elif entry.kind == "returned":
        lot.held += area
    else:
        lot.expired += area


def _from_bare(purse: Purse, entry: Entry, area: float) -> float:
    """Take from what has no lot behind it; return what is still wanting."""
    if entry.kind in ("allocated", "expired"):
        taken = min(area, purse.bare_held)
        purse.bare_held -= taken
    else:
        taken = min(area, purse.bare_projects[entry.project])
        purse.bare_projects[entry.project] -= taken
    _give_bare(purse, entry, taken)
    return area - taken


def _overdraw(purse: Purse, entry: Entry, area: float) -> None:
    """Book what was not there: the account that gives is short, the one that gets has it bare."""
    if entry.kind in ("allocated", "expired"):
        purse.short_held += area
    else:
        purse.short_pending += area
    _give_bare(purse, entry, area)


def _give_bare(purse: Purse, entry: Entry, area: float) -> None:
    if entry.kind == "allocated":
        purse.bare_projects[entry.project] += area
    elif entry.kind == "returned":
        purse.bare_held += area


def _less(amount: float, taken: float) -> float:
    rest = amount - taken
    return rest if rest > _NOTHING_M2 else 0.0


def _order(given: list[Lot], entry: Entry) -> list[Lot]:
    """Return lots in the order in which an entry takes from them.

    An expiry takes what is over, then what lapses next. The others take what is not over first; an
    entry that names a last day takes from the lots of that day before others.
    """

    def rank(lot: Lot) -> tuple[bool, bool, date, date, str]:
        named = entry.expires_on is not None and lot.expires_on == entry.expires_on
        over = lot.is_over(entry.on) and entry.kind != "expired"
        return (over, not named, *first_to_lapse(lot))

    return sorted(given, key=rank)


def first_to_lapse(lot: Lot) -> tuple[date, date, str]:
    return (lot.expires_on or date.max, lot.granted_on, lot.code)


def require(entries: pd.DataFrame) -> None:
    require_columns(entries, *COLUMNS, of="quota_entries")
    wrong = ~entries["entry"].isin(ENTRIES)
    if wrong.any():
        first = entries[wrong].iloc[0]
        raise InputError("quota-kind-unknown", entry=first["code"], kind=first["entry"])
    twice = entries["code"][entries["code"].duplicated()]
    if len(twice):
        raise InputError("quota-code-repeated", entry=twice.iloc[0], count=len(twice))
    area = entries["area_m2"].astype(float)
    wrong = ~((area > 0) & (area < math.inf))
    if wrong.any():
        first = entries[wrong].iloc[0]
        raise RangeError("quota-area", entry=first["code"], area=first["area_m2"])
    if entries["on"].isna().any():
        raise InputError("quota-undated", entry=entries[entries["on"].isna()].iloc[0]["code"])


def _read(entries: pd.DataFrame) -> Iterator[tuple[tuple[str, str], Entry]]:
    optional = {
        name: entries[name] if name in entries else pd.Series(index=entries.index, dtype=object)
        for name in ("project", "document", "expires_on")
    }
    columns = [entries[name] for name in COLUMNS]
    days = pd.to_datetime(optional["expires_on"])
    for code, kind, zone, category, area, on, project, document, last in zip(
        *columns, optional["project"], optional["document"], days, strict=True
    ):
        yield (
            (str(zone), str(category)),
            Entry(
                str(code), kind, float(area), pd.Timestamp(on).date(), _text(project),
                _text(document), None if pd.isna(last) else last.date(),
            ),
        )  # fmt: skip


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def finding(code: str, name: str, entry: str, params: Mapping[str, object]) -> Finding:
    """Return a warning about a field of an entry."""
    return Finding(code, "warning", "quota_entries", name, ids=(entry,), params=params)


def in_mu(area_m2: float) -> str:
    """Return an area as a reader sees it [mu]."""
    return number(round(float(convert(area_m2, "m2", "亩")), 3))
