"""The open books: the workspace's facts, read once for each state of the workspace.

Questions share them. A boundary holds on a day, so facts are made for a day; parcels stand at a
stage on a day. Everything is dropped when the workspace changes (`selectors.fingerprint`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial

import geopandas as gpd
import pandas as pd

from zonewright.core.errors import UnknownReferenceError
from zonewright.core.periods import Period
from zonewright.land.blocks import MU_500_M2, ready_blocks
from zonewright.land.scope import Scope
from zonewright.steering.catalogue import Indicator
from zonewright.steering.figure import Facts
from zonewright.store import selectors
from zonewright.store.workspace import one_moment
from zonewright.workflows.kept import Kept

# Days whose boundaries are kept, and those whose parcels are: a reader may ask for any day.
KEPT_DAYS = 24
KEPT_PARCELS = 6
KEPT_STATES = 2


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
    tables: Mapping[str, pd.DataFrame] = field(init=False)
    catalogue: Mapping[str, Indicator] = field(init=False)
    observed: Callable[[tuple[str, ...]], pd.DataFrame] | None = field(init=False, repr=False)
    memberships: pd.DataFrame = field(init=False)
    targets: pd.DataFrame = field(init=False)
    names: pd.DataFrame = field(init=False)
    _facts: Kept[date, Facts] = field(init=False, repr=False)
    _parcels: Kept[date, gpd.GeoDataFrame] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._facts, self._parcels = Kept(KEPT_DAYS), Kept(KEPT_PARCELS)
        self.tables = selectors.facts(self.as_of)
        self.catalogue = selectors.catalogue(self.as_of)
        self.observed = selectors.many_observations(self.as_of)
        self.memberships = selectors.memberships(self.as_of)
        self.targets = selectors.targets(as_of=self.as_of)
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
        """Return January to the last month that works report on, or land if no work does.

        None without either.
        """
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

    def observations(self, indicators: tuple[str, ...]) -> pd.DataFrame:
        """Return observations; those of some indicators are among them."""
        if self.observed is not None:
            return self.observed(indicators)
        return self.tables["observations"]

    def facts(self, on: date) -> Facts:
        """Return the facts with the zone boundaries of a day."""
        return self._facts.get(on, lambda: self._new_facts(on))

    def _new_facts(self, on: date) -> Facts:
        versions = selectors.zone_versions(on, self.as_of)
        return Facts(
            tables=self.tables,
            scope=Scope(versions, self.memberships, on),
            targets=self.targets,
            blocks=self.blocks,
            catalogue=self.catalogue,
            observed=self.observed,
            versions_on=lambda zone, day: self.scope(day).versions_used(zone),
        )

    def scope(self, on: date) -> Scope:
        """Return the zones of a day."""
        scope = self.facts(on).scope
        if not isinstance(scope, Scope):
            raise TypeError(scope)
        return scope

    def parcels(self, on: date) -> gpd.GeoDataFrame:
        """Return every parcel with the stage that it had reached by a day."""
        return self._parcels.get(on, lambda: selectors.parcels(on, self.as_of))

    def blocks(self, zone: str, on: date, min_area_m2: float = MU_500_M2) -> gpd.GeoDataFrame:
        """Return the contiguous ready blocks of a zone on a day, largest first."""
        parcels = self.parcels(on)
        return ready_blocks(parcels[self.scope(on).mask(parcels, zone)], min_area_m2=min_area_m2)

    def blocks_of(self, zone: str, on: date) -> gpd.GeoDataFrame:
        """Return the blocks of 500 mu and more, computed once for a zone and a day."""
        return gpd.GeoDataFrame(self.facts(on).blocks_of(zone, on))


_kept: Kept[tuple[str, datetime | None], Books] = Kept(KEPT_STATES)


def open_books(as_of: datetime | None = None) -> Books:
    """Return the books of the connected workspace as it is now (or was known at a time).

    They are read in one moment: no books hold half an import.
    """
    with one_moment():
        fingerprint = selectors.fingerprint(as_of)
        return _kept.get((fingerprint, as_of), partial(Books, fingerprint, as_of))
