"""The ground: every parcel with its neighbours, and which are ready on a day, by the rule.

Which parcels share edges depends on their shapes alone: it is worked out once and kept while
stages, owners and connections change.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from hashlib import blake2b

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from zonewright.core.errors import UnknownReferenceError
from zonewright.land.contiguity import BlockTable, contiguous_blocks
from zonewright.land.flat import POLYGON, Flat, flat_of_shapes
from zonewright.land.frame import EPSG_4490
from zonewright.land.groups import group_sums, regroup
from zonewright.land.readiness import Rule, judge_on, standard_rule
from zonewright.land.topology import Topology, topology_of
from zonewright.workflows.books import Books
from zonewright.workflows.kept import Kept
from zonewright.workflows.land_ledger import no_go_m2, ownership

Floats = NDArray[np.float64]
Marks = NDArray[np.bool_]
Rows = NDArray[np.int64]
# As the workspace's figures are computed (`zonewright.land.blocks.ready_blocks`).
TOLERANCE_M = 0.05
MIN_FRONTAGE_M = 1.0
KEPT_DAYS = 6


@dataclass(eq=False)
class Ground:
    """The parcels of a state of the workspace.

    Parameters
    ----------
    books
        The state.
    rule
        When land is ready.

    Attributes
    ----------
    parcels
        Shape (n,), index parcel code, as `store.selectors.parcels`; its ``stage`` is none of a day
        that anybody asked for.
    topology
        Which share edges.
    area_m2
        Shape (n,): of the ledger or the map [m²]; 0 where neither gives one.
    fields
        What the rule asks for besides stages.
    """

    books: Books
    rule: Rule = field(default_factory=standard_rule)
    parcels: gpd.GeoDataFrame = field(init=False, repr=False)
    topology: Topology = field(init=False, repr=False)
    area_m2: Floats = field(init=False, repr=False)
    fields: pd.DataFrame = field(init=False, repr=False)
    _judged: Kept[date, pd.DataFrame] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        period = self.books.reporting_period()
        self.parcels = self.books.parcels(period.end_on if period else date.max)
        flat = flat_of_shapes(self.parcels.geometry.to_numpy())
        self.topology = _topologies.get(
            _digest(flat), lambda: topology_of(flat, EPSG_4490, tolerance_m=TOLERANCE_M)
        )
        known = self.parcels["area_m2"].to_numpy(dtype=float, na_value=np.nan)
        self.area_m2 = np.where(np.isnan(known), self.topology.area_m2, known)
        self.fields = ownership(self.parcels, self.books.as_of)
        self.fields["no_go_m2"] = no_go_m2(self.parcels)
        self._judged = Kept(KEPT_DAYS)

    def judged(self, on: date) -> pd.DataFrame:
        """Return which parcels are ready on a day, and what the others lack since when."""
        events = self.books.tables["parcel_events"]
        return self._judged.get(
            on, lambda: judge_on(self.fields, events[["parcel", "stage", "on"]], self.rule, on=on)
        )

    def stages(self, on: date) -> NDArray[np.object_]:
        """Return the furthest stage of each parcel by a day, "" if none, shape (n,)."""
        events = self.books.tables["parcel_events"]
        past = events[events["on"] < pd.Timestamp(on) + pd.Timedelta(days=1)]
        last = past.sort_values("stage").drop_duplicates("parcel", keep="last")
        found = last.set_index("parcel")["stage"].reindex(self.parcels.index)
        return np.asarray(found.fillna("").to_numpy(), dtype=object)

    def ready(self, on: date, inside: Marks) -> Marks:
        """Return which parcels of some land are ready on a day, shape (n,)."""
        found: Marks = self.judged(on)["ready"].to_numpy(dtype=bool) & inside & self.on_map
        return found

    @property
    def on_map(self) -> Marks:
        """Which parcels have a usable outline, shape (n,)."""
        found: Marks = self.topology.flat.state == POLYGON
        return found

    def inside(self, zones: frozenset[str] | None, on: date) -> Marks:
        """Return which parcels lie in at least one of some zones on a day; None means all."""
        if zones is None:
            return np.ones(len(self.parcels), dtype=bool)
        scope = self.books.scope(on)
        found = np.zeros(len(self.parcels), dtype=bool)
        for zone in sorted(zones):
            try:
                found |= scope.mask(self.parcels, zone)
            except UnknownReferenceError:
                continue  # a zone without boundary, members and land on that day
        return found

    def neighbours(self, rows: Rows) -> tuple[Rows, Rows]:
        """Return the pairs among some parcels that share enough frontage to be joined.

        Parameters
        ----------
        rows
            Shape (m,): positions of the parcels.

        Returns
        -------
        first, second
            Positions within `rows`.
        """
        number = np.full(len(self.parcels), -1, dtype=np.int64)
        number[rows] = np.arange(len(rows))
        wide = self.topology.shared_m >= MIN_FRONTAGE_M
        first, second = number[self.topology.first[wide]], number[self.topology.second[wide]]
        both = (first >= 0) & (second >= 0)
        return first[both], second[both]

    def group_areas(self, ready: Marks) -> Floats:
        """Return the areas of all groups of ready parcels, largest first [m²]."""
        groups = regroup(self.topology, ready, min_frontage_m=MIN_FRONTAGE_M)
        return np.sort(group_sums(groups, self.area_m2))[::-1]

    def blocks(self, ready: Marks, *, min_area_m2: float) -> gpd.GeoDataFrame:
        """Return the groups of ready parcels of at least an area, largest first.

        Returns
        -------
        blocks
            Index ``block_id`` (lowest parcel code inside); ``parcel_count``, ``area_m2`` [m²],
            ``members`` (tuple of codes), ``geometry`` (EPSG:4490).
        """
        codes = self.parcels.index.astype(str).to_numpy(dtype=object)
        found = contiguous_blocks(
            self.topology,
            min_area_m2=min_area_m2,
            min_frontage_m=MIN_FRONTAGE_M,
            ids=codes,
            ready=ready,
            area_m2=self.area_m2,
        )
        return _frame(found, codes)


_topologies: Kept[bytes, Topology] = Kept(2)
_grounds: Kept[str, Ground] = Kept(2)


def ground_of(books: Books) -> Ground:
    """Return the ground of a state of the workspace, made once."""
    key = f"{books.fingerprint}|{books.as_of or ''}"
    return _grounds.get(key, lambda: Ground(books))


def _frame(found: BlockTable, codes: NDArray[np.object_]) -> gpd.GeoDataFrame:
    blocks = gpd.GeoDataFrame(
        {
            "block_id": found.block_id,
            "parcel_count": found.parcel_count.astype(np.int64),
            "area_m2": found.area_m2,
            "members": [tuple(codes[found.members(block)]) for block in range(len(found))],
        },
        geometry=found.outline,
        crs=EPSG_4490,
    )
    return blocks.set_index("block_id")


def _digest(flat: Flat) -> bytes:
    digest = blake2b(digest_size=16)
    for part in (flat.xy, flat.ring_start, flat.owner, flat.hole, flat.state):
        digest.update(np.ascontiguousarray(part).view(np.uint8).data)
    return digest.digest()
