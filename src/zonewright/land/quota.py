"""The ledger of land quota (用地指标): obtained is not used, and what is not used in time lapses.

A grant is a lot with a last day. An allocation takes from what the zone holds and gives it to a
project; a use takes from what the project was allocated; a return gives that back to the zone, an
expiry takes from what the zone holds. Each takes from the lot that lapses first. Zones and
categories are never mixed.
"""

from __future__ import annotations

import math
from datetime import date

import pandas as pd

from zonewright.core.findings import Finding
from zonewright.core.schema import require_columns
from zonewright.land._quota_book import (
    COLUMNS,
    ROUNDING_M2,
    Book,
    Purse,
    finding,
    first_to_lapse,
    in_mu,
)

_AMOUNTS = (
    "granted_m2", "allocated_m2", "used_m2", "returned_m2", "expired_m2",
    "held_m2", "pending_m2", "lapsed_m2", "short_m2", "available_m2",
)  # fmt: skip


def balance(entries: pd.DataFrame, on: date) -> pd.DataFrame:
    """Return where the quota of each zone and category stands at the end of a day.

    Parameters
    ----------
    entries
        Index arbitrary: ``code``, ``entry`` (granted, allocated, used, returned, expired),
        ``zone``, ``category``, ``area_m2`` [m², above 0], ``on``; if there, ``project``,
        ``document`` and ``expires_on`` (the last day on which a grant may be used; empty: none).
    on
        The day, included.

    Returns
    -------
    balance
        Index ``zone``, ``category``, in order; all in m². Booked by the day: ``granted_m2``,
        ``allocated_m2``, ``used_m2``, ``returned_m2``, ``expired_m2``. Left: ``held_m2`` (granted,
        neither allocated nor expired), ``pending_m2`` (allocated, not used), ``lapsed_m2`` (part of
        these two whose last day is over), ``short_m2`` (booked out beyond what was there),
        ``available_m2`` (what may still be allocated: held, not lapsed, less what is short).

    Raises
    ------
    SchemaError, InputError, RangeError
        If a column is missing, an entry has an unknown kind, a code occurs twice, or an area is not
        above 0.

    Notes
    -----
    ``granted - used - expired = held + pending - short``, always.

    Examples
    --------
    >>> entries = pd.DataFrame({
    ...     "code": ["1", "2", "3"], "entry": ["granted", "allocated", "used"], "zone": "Z",
    ...     "category": "city", "area_m2": [900.0, 600.0, 450.0], "project": ["", "P", "P"],
    ...     "on": pd.to_datetime(["2023-01-05", "2023-02-01", "2023-03-01"])})
    >>> balance(entries, date(2023, 12, 31)).iloc[0][["held_m2", "pending_m2", "used_m2"]].tolist()
    [300.0, 150.0, 450.0]
    """
    book = Book.of(entries, until=on)
    rows = [
        (zone, category, *_amounts(purse, on))
        for (zone, category), purse in sorted(book.purses.items())
    ]
    found = pd.DataFrame(rows, columns=["zone", "category", *_AMOUNTS])
    found = found.astype(dict.fromkeys(_AMOUNTS, "float64"))
    return found.set_index(["zone", "category"])


def lots(entries: pd.DataFrame, on: date) -> pd.DataFrame:
    """Return what became of each grant by the end of a day, the first to lapse first.

    Parameters
    ----------
    entries, on
        As for `balance`.

    Returns
    -------
    lots
        Index ``code`` of the grant; ``zone``, ``category``, ``document``, ``granted_on``,
        ``expires_on`` (NaT: none), and in m²: ``granted_m2`` = ``held_m2`` + ``pending_m2`` +
        ``used_m2`` + ``expired_m2``; ``lapsed_m2`` is part of the first two.
    """
    book = Book.of(entries, until=on)
    rows = [
        (
            lot.code, zone, category, lot.document, lot.granted_on, lot.expires_on or pd.NaT,
            lot.granted, lot.held, lot.pending, lot.used, lot.expired, lot.lapsed(on),
        )
        for (zone, category), purse in sorted(book.purses.items())
        for lot in sorted(purse.lots, key=first_to_lapse)
    ]  # fmt: skip
    amounts = ["granted_m2", "held_m2", "pending_m2", "used_m2", "expired_m2", "lapsed_m2"]
    columns = ["code", "zone", "category", "document", "granted_on", "expires_on", *amounts]
    found = pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(amounts, "float64"))
    days = {name: pd.to_datetime(found[name]) for name in ("granted_on", "expires_on")}
    return found.assign(**days).set_index("code")


def available(
    entries: pd.DataFrame, on: date, source: str | None = None, *, zone: str | None = None
) -> float:
    """Return how much quota may still be allocated after a day [m²].

    Parameters
    ----------
    entries, on
        As for `balance`.
    source
        Category; None for all.
    zone
        Zone code, without the zones in it; None for all.

    Returns
    -------
    available_m2
        Held and not lapsed, less what was booked out beyond what was there; never below 0, and what
        is short in one zone or category takes nothing from another.
    """
    found = balance(entries, on).reset_index()
    if source is not None:
        found = found[found["category"] == source]
    if zone is not None:
        found = found[found["zone"] == zone]
    return math.fsum(found["available_m2"])


def check(entries: pd.DataFrame, on: date | None = None) -> tuple[Finding, ...]:
    """Return what is wrong with a ledger, each with its entry, in the order of the entries' days.

    Parameters
    ----------
    entries
        As for `balance`.
    on
        Day up to which entries are read and on which quota must not lie lapsed; None for the day of
        the last entry.

    Returns
    -------
    findings
        ``quota-short``: an entry takes more than was there to take (allocated beyond what is held,
        used beyond what its project was allocated, returned or expired likewise).
        ``quota-lapsed-use``: an entry takes quota whose last day was over. ``quota-lapsed``: a
        grant's last day is over, part of it is not used, and no entry says so. ``quota-early``: an
        expiry is booked before the last day.
    """
    if not len(entries):
        require_columns(entries, *COLUMNS, of="quota_entries")
        return ()
    book = Book.of(entries, until=on)
    last = on if on is not None else max(book.days)
    found = list(book.findings)
    for (zone, category), purse in sorted(book.purses.items()):
        for lot in sorted(purse.lots, key=first_to_lapse):
            if lot.lapsed(last) >= ROUNDING_M2:
                params = {
                    "entry": lot.code, "zone": zone, "category": category,
                    "area": in_mu(lot.lapsed(last)), "expires_on": lot.expires_on,
                }  # fmt: skip
                found.append(finding("quota-lapsed", "expires_on", lot.code, params))
    return tuple(found)


def _amounts(purse: Purse, on: date) -> tuple[float, ...]:
    held = math.fsum([*(lot.held for lot in purse.lots), purse.bare_held])
    pending = math.fsum([*(lot.pending for lot in purse.lots), *purse.bare_projects.values()])
    lapsed_held = math.fsum(lot.held for lot in purse.lots if lot.is_over(on))
    short = purse.short_held + purse.short_pending
    return (
        *(purse.booked[kind] for kind in ("granted", "allocated", "used", "returned", "expired")),
        held,
        pending,
        math.fsum(lot.lapsed(on) for lot in purse.lots),
        short,
        max(0.0, held - lapsed_held - short),
    )
