"""The cube behind a board: what is read, and for which months, so that few queries do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from zonewright.core.periods import Period
from zonewright.land.hierarchy import Hierarchy
from zonewright.steering.catalogue import Indicator
from zonewright.steering.cube import RECORD_RULES, REPORTED_RULES, Cube
from zonewright.steering.cube_facts import city_of
from zonewright.steering.cube_records import RecordFigures
from zonewright.steering.cube_reported import Members, Reported
from zonewright.steering.registry import asks_city, months_back, rests_on
from zonewright.steering.rules_observed import observed_codes
from zonewright.store import selectors
from zonewright.store.selectors.observations import first_year, reported_by, reporters
from zonewright.store.selectors.open_items import has_rows, zone_rows
from zonewright.workflows.books import Books, open_books
from zonewright.workflows.curves import YEARS

Catalogue = Mapping[str, Indicator]


@dataclass(frozen=True, slots=True, eq=False)
class BoardCube:
    """The figures of a board.

    Parameters
    ----------
    cube
        Of every zone that is kept, up to the month of the board.
    hierarchy
        Of the last day of the month.
    books
        The books, where records had to be read; None otherwise.
    at
        Place of the board's month in the cube.
    """

    cube: Cube
    hierarchy: Hierarchy
    books: Books | None
    at: int


def board_cube(
    catalogue: Catalogue,
    codes: Iterable[str],
    period: Period,
    as_of: datetime | None,
    *,
    seasonal: Iterable[str] = (),
) -> BoardCube:
    """Return the figures of some indicators up to the last month of a period.

    Parameters
    ----------
    codes
        Indicators that are shown.
    seasonal
        Those whose months of earlier years are needed.
    """
    shown, earlier = tuple(codes), set(seasonal)
    parts = {code: (code, *rests_on(catalogue, code)) for code in shown}
    every = tuple(dict.fromkeys(part for code in shown for part in parts[code]))
    back = {
        code: max(
            months_back(catalogue, code), 12 * YEARS + period.last_month if code in earlier else 0
        )
        for code in shown
    }
    latest = tuple(part for part in every if catalogue[part].rollup == "latest")
    since = first_year(latest, as_of)
    years = max([0, *(-(-(months - period.last_month + 1) // 12) for months in back.values())])
    year = min(period.year - years, period.year if since is None else since)
    first, months = year * 12, period.last - year * 12 + 1
    hierarchy = Hierarchy.of(selectors.memberships(as_of), period.end_on)
    who = reporters()
    city = _cities(hierarchy, as_of) if any(asks_city(catalogue, code) for code in shown) else None
    lost = () if city is None else tuple(zone for zone in who.zones if zone not in city)
    books = open_books(as_of) if lost or _needs_books(catalogue, every) else None
    if books is not None and city is not None:
        # Only the map tells in which city a zone lies that belongs to none.
        facts = books.facts(period.end_on)
        city |= {zone: city_of(facts, zone) for zone in lost}
    members = Members.of(
        who.zones, {zone: hierarchy.below(zone) for zone in who.zones},
        city=city or {}, firm_zone=who.firm_zone,
    )  # fmt: skip
    reported = _reported(catalogue, parts, back, period, first, months, as_of)
    # Without books the tables hold nothing: no figure of records can be told.
    nothing = np.full((len(who.zones), months), np.nan)
    records = (
        (lambda _indicator, _kind: nothing) if books is None
        else RecordFigures(books.facts(period.end_on), who.zones, first, months)
    )  # fmt: skip
    cube = Cube(catalogue, who.zones, first, months, members, reported.get, records)
    return BoardCube(cube, hierarchy, books, months - 1)


def _cities(hierarchy: Hierarchy, as_of: datetime | None) -> dict[str, str]:
    """Return the city of each zone that is one or belongs to one: itself, or the nearest above."""
    kinds = {code: kind for code, _, _, kind in zone_rows(as_of)}
    found = {}
    for zone in kinds:
        for code in (zone, *hierarchy.above(zone)):
            if kinds.get(code) == "city":
                found[zone] = code
                break
    return found


def _needs_books(catalogue: Catalogue, codes: Iterable[str]) -> bool:
    """Return whether records or boundaries must be looked at."""
    for code in codes:
        indicator = catalogue[code]
        if indicator.rule == "boundary_area":
            return True
        if indicator.table in ("", "observations"):
            continue
        if indicator.rule in RECORD_RULES and has_rows(indicator.table):
            return True
        if indicator.rule in ("blocks", "block_area") and has_rows("parcels"):
            return True
    return False


def _reported(
    catalogue: Catalogue,
    parts: Mapping[str, tuple[str, ...]],
    back: Mapping[str, int],
    period: Period,
    first: int,
    months: int,
    as_of: datetime | None,
) -> dict[str, Reported]:
    """Read what was reported under every code that is needed, in the months that are needed."""
    units: dict[str, str] = {}
    slots: dict[str, set[int]] = {}
    for code, made_of in parts.items():
        # A year to date may be made of the months before it: whole years up to the month.
        oldest = period.last - back[code]
        wanted = {
            at
            for at in range(months)
            if first + at >= oldest - oldest % 12 and _is_asked(first + at, period, back[code])
        }
        for part in made_of:
            indicator = catalogue[part]
            if indicator.rule in REPORTED_RULES:
                for name in observed_codes(indicator):
                    units[name] = indicator.unit
                    needed = set(range(months)) if indicator.rollup == "latest" else wanted
                    slots.setdefault(name, set()).update(needed)
    ordered = {name: tuple(sorted(given)) for name, given in slots.items()}
    return reported_by(units, first=first, months=months, slots=ordered, as_of=as_of)


def _is_asked(last: int, period: Period, back: int) -> bool:
    """Return whether a month is read: of whole years back only the months up to the board's."""
    if back % 12:
        return True
    return last % 12 <= period.last % 12 or last >= period.year * 12 or back > 12
