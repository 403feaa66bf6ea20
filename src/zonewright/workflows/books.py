"""The open books: the workspace's facts, read once for each state of the workspace.

Questions share them. A boundary holds on a day, so facts are made for a day; parcels stand at a
stage on a day. Everything is dropped when the workspace changes (`selectors.fingerprint`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from threading import RLock

import geopandas as gpd
import pandas as pd

from zonewright.core.errors import UnknownReferenceError
from zonewright.core.periods import Period
from zonewright.land.blocks import MU_500_M2, ready_blocks
from zonewright.land.scope import Scope
from zonewright.steering.figure import Facts
from zonewright.store import selectors


@dataclass(eq=False)
class Books:
    """What one state of the workspace says.

    Parameters
    ----------
    fingerprint
        Of the state.
    as_of
        Time at which the workspace is seen; None means now.
    """

    fingerprint: str
    as_of: datetime | None
    tables: dict[str, pd.DataFrame] = field(init=False)
    memberships: pd.DataFrame = field(init=False)
    targets: pd.DataFrame = field(init=False)
    names: pd.DataFrame = field(init=False)
    _facts: dict[date, Facts] = field(init=False, default_factory=dict)
    _parcels: dict[date, gpd.GeoDataFrame] = field(init=False, default_factory=dict)
    _lock: RLock = field(init=False, default_factory=RLock, repr=False)

    def __post_init__(self) -> None:
        self.tables = selectors.facts(self.as_of)
        self.memberships = selectors.memberships(self.as_of)
        self.targets = selectors.targets()
        latest = selectors.zone_versions(date.max, self.as_of)
        self.names = pd.DataFrame(
            {
                "zh": latest["name"],
                "en": latest["name_en"].where(latest["name_en"] != "", latest["name"]),
            }
        )

    @property
    def zones(self) -> tuple[str, ...]:
        """Codes of all zones."""
        return tuple(self.names.index)

    def zone_name(self, zone: str, lang: str) -> str:
        """Return a zone's name in a language; one without an English name keeps its Chinese one."""
        return str(self.names.at[zone, lang])

    def reporting_period(self) -> Period | None:
        """Return January to the last month that works or land report on; None without either."""
        dated = (("work_months", "month"), ("parcel_events", "on"))
        for table, column in dated:
            last = self.tables[table][column].max()
            if not pd.isna(last):
                return Period.year_to_date(last.year, last.month)
        return None

    def require_zone(self, zone: str) -> None:
        """Refuse a zone that the workspace does not know.

        Raises
        ------
        UnknownReferenceError
            Naming some that it knows.
        """
        if zone not in self.zones:
            known = ", ".join(self.zones[:12]) + (" …" if len(self.zones) > 12 else "")
            raise UnknownReferenceError("zone-unknown", zone=zone, known=known)

    def facts(self, on: date) -> Facts:
        """Return the facts with the zone boundaries of a day."""
        with self._lock:
            if on not in self._facts:
                versions = selectors.zone_versions(on, self.as_of)
                self._facts[on] = Facts(
                    tables=self.tables,
                    scope=Scope(versions, self.memberships, on),
                    targets=self.targets,
                    blocks=self.blocks,
                )
            return self._facts[on]

    def scope(self, on: date) -> Scope:
        """Return the zones of a day."""
        scope = self.facts(on).scope
        if not isinstance(scope, Scope):
            raise TypeError(scope)
        return scope

    def parcels(self, on: date) -> gpd.GeoDataFrame:
        """Return every parcel with the stage that it had reached by a day."""
        with self._lock:
            if on not in self._parcels:
                self._parcels[on] = selectors.parcels(on, self.as_of)
            return self._parcels[on]

    def blocks(self, zone: str, on: date, min_area_m2: float = MU_500_M2) -> gpd.GeoDataFrame:
        """Return the contiguous ready blocks of a zone on a day, largest first."""
        parcels = self.parcels(on)
        return ready_blocks(parcels[self.scope(on).mask(parcels, zone)], min_area_m2=min_area_m2)

    def blocks_of(self, zone: str, on: date) -> gpd.GeoDataFrame:
        """Return the blocks of 500 mu and more, computed once for a zone and a day."""
        return gpd.GeoDataFrame(self.facts(on).blocks_of(zone, on))


_kept: dict[tuple[str, datetime | None], Books] = {}
_lock = RLock()
KEPT_STATES = 3


def open_books(as_of: datetime | None = None) -> Books:
    """Return the books of the connected workspace as it is now (or was known at a time)."""
    fingerprint = selectors.fingerprint(as_of)
    key = (fingerprint, as_of)
    with _lock:
        if key not in _kept:
            while len(_kept) >= KEPT_STATES:
                _kept.pop(next(iter(_kept)))
            _kept[key] = Books(fingerprint, as_of)
        return _kept[key]
