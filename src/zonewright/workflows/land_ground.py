"""The ground: every parcel with its neighbours, and which are ready on a day, by the rule.

Which parcels share edges depends on their shapes alone: it is worked out once and kept while
stages, owners and connections change.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field
from datetime import date
from hashlib import blake2b

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from zonewright.core.errors import UnknownReferenceError
from zonewright.land.barriers import parted
from zonewright.land.contiguity import BlockTable, contiguous_blocks
from zonewright.land.flat import POLYGON, Flat, flat_of_shapes
from zonewright.land.frame import EPSG_4490
from zonewright.land.groups import NONE, group_sums, regroup
from zonewright.land.readiness import Rule, judge_on, standard_rule
from zonewright.land.topology import Topology, topology_of
from zonewright.land.topology.bridge import allowed, bridged_groups, links_between
from zonewright.land.topology.near_frame import NearFrame
from zonewright.store.selectors.land import layers_token, ledger, no_go_shapes
from zonewright.workflows.between import Between, bridge_ground
from zonewright.workflows.between_records import between_of_workspace
from zonewright.workflows.books import Books
from zonewright.workflows.kept import Kept
from zonewright.workflows.land_ledger import readiness_fields
from zonewright.workflows.land_rules import (
    LEVELLED,
    SUPPLY,
    RuleName,
    levelled_rule,
    with_obstacles,
)

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
    _between: Kept[str, Between] = field(init=False, repr=False)
    _edges: Kept[str, Topology] = field(init=False, repr=False)
    _links: Kept[float, tuple[Rows, Rows]] = field(init=False, repr=False)
    _whole: Ground | None = field(init=False, repr=False, default=None)

    def __post_init__(self) -> None:
        period = self.books.reporting_period()
        self.parcels = self.books.parcels(period.end_on if period else date.max)
        flat = flat_of_shapes(self.parcels.geometry.to_numpy())
        self.topology = _topologies.get(
            _digest(flat), lambda: topology_of(flat, EPSG_4490, tolerance_m=TOLERANCE_M)
        )
        known = self.parcels["area_m2"].to_numpy(dtype=float, na_value=np.nan)
        self.area_m2 = np.where(np.isnan(known), self.topology.area_m2, known)
        as_of = self.books.as_of
        self.fields = readiness_fields(self.parcels, ledger(as_of), no_go_shapes(as_of))
        self._judged, self._between = Kept(KEPT_DAYS), Kept(1)
        self._edges, self._links = Kept(1), Kept(2)

    @property
    def between(self) -> Between:
        """What lies between the parcels: strips, barriers and no-go areas."""
        return self._between.get(
            "",
            lambda: between_of_workspace(self.topology.flat, self.topology.scale, self.books.as_of),
        )

    def judged(self, on: date) -> pd.DataFrame:
        """Return which parcels are ready on a day, and what the others lack since when."""
        return self._judged.get(on, lambda: self._judge(on))

    def _judge(self, on: date) -> pd.DataFrame:
        events = self.books.tables["parcel_events"][["parcel", "stage", "on"]]
        judged = judge_on(self.fields, events, self.rule, on=on)
        whole = self._whole
        return judged if whole is None else with_obstacles(judged, whole.judged(on), whole.rule)

    def levelled(self) -> Ground:
        """Return the same ground, where the stage alone decides what is ready."""
        found = copy(self)
        found.rule, found._whole, found._judged = levelled_rule(), self, Kept(KEPT_DAYS)
        return found

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

    @property
    def edges(self) -> Topology:
        """Which parcels share edges that no barrier runs along.

        What counts by the stage alone, as published figures do, knows of no barriers.
        """
        if self._whole is not None:
            return self.topology
        return self._edges.get("", lambda: parted(self.topology, self.between.barriers))

    def links(self, gap_m: float) -> tuple[Rows, Rows]:
        """Return the pairs of parcels that a gap over a strip joins, first < second."""
        return self._links.get(gap_m, lambda: self._new_links(gap_m))

    def _new_links(self, gap_m: float) -> tuple[Rows, Rows]:
        topology, frame = self.topology, NearFrame.of(self.topology.flat, self.topology.scale)
        # Only what lies beside a strip can be joined over one.
        reach = gap_m / np.array([frame.unit_x_m, frame.unit_y_m])
        rows, strips = np.flatnonzero(self.on_map), self.between.strips
        box = shapely.bounds(self.parcels.geometry.to_numpy()[rows])
        box += np.concatenate([-reach, reach])
        each = np.full(len(self.parcels), NONE, dtype=np.int32)
        if strips is not None and len(strips):
            beside, _ = shapely.STRtree(strips).query(shapely.box(*box.T), "intersects")
            each[rows[beside]] = rows[beside]
        found = links_between(topology.flat, topology.scale, topology.edges, each, gap_m=gap_m)
        between = bridge_ground(topology, self.between)
        if between is not None:
            fine = allowed(
                found, topology.flat, topology.scale, between, tolerance_m=topology.tolerance_m
            )
            found = found.take(fine)
        return found.first.astype(np.int64), found.second.astype(np.int64)

    def neighbours(self, rows: Rows, *, gap_m: float = 0.0) -> tuple[Rows, Rows]:
        """Return the pairs among some parcels that share enough frontage to be joined.

        Parameters
        ----------
        rows
            Shape (m,): positions of the parcels.
        gap_m
            Widest gap over a strip across which two are joined as well [m]; 0 joins none.

        Returns
        -------
        first, second
            Positions within `rows`.
        """
        number = np.full(len(self.parcels), -1, dtype=np.int64)
        number[rows] = np.arange(len(rows))
        wide = self.edges.shared_m >= MIN_FRONTAGE_M
        first, second = number[self.edges.first[wide]], number[self.edges.second[wide]]
        if gap_m > 0:
            over = self.links(gap_m)
            first = np.append(first, number[over[0]])
            second = np.append(second, number[over[1]])
        both = (first >= 0) & (second >= 0)
        return first[both], second[both]

    def counted_m2(self, ready: Marks) -> Floats:
        """Return the area of each parcel without what a lower one of those ready covers too [m²].

        The sum over ready parcels is the land that they cover, each square metre once.
        """
        usable = ready & self.on_map
        twofold = self.topology.area_m2 - self.topology.own_area_m2(usable)
        return np.asarray(np.maximum(self.area_m2 - twofold, 0.0))

    def opened_m2(self, ready: Marks) -> Floats:
        """Return what each parcel counts for, or would if it were ready too, shape (n,) [m²].

        What it lies over that is ready is counted there already; of two that are not ready, the
        later gives way. Where several lie over one another this is rather too little.
        """
        found, survey = self.counted_m2(ready), self.topology.survey
        if survey is None or not len(survey.overlaps):
            return found
        pairs = survey.overlaps
        one, other = ready[pairs.first], ready[pairs.second]
        waits = ~(one & other)
        giving = np.where(other, pairs.first, pairs.second)
        np.subtract.at(found, giving[waits], pairs.area_m2[waits])
        return np.asarray(np.maximum(found, 0.0))

    def groups(self, ready: Marks, *, gap_m: float = 0.0) -> NDArray[np.int32]:
        """Return the group of each ready parcel, `NONE` for the others, shape (n,).

        Parameters
        ----------
        ready
            Shape (n,).
        gap_m
            Widest gap over a strip across which groups are joined as well [m]; 0 joins none.
        """
        topology = self.edges
        groups = regroup(topology, ready & self.on_map, min_frontage_m=MIN_FRONTAGE_M)
        if gap_m <= 0:
            return groups
        return bridged_groups(
            topology.flat,
            topology.scale,
            topology.edges,
            groups,
            gap_m=gap_m,
            ground=bridge_ground(topology, self.between),
            overlaps=None if topology.survey is None else topology.survey.overlaps,
            tolerance_m=topology.tolerance_m,
        )

    def group_areas(self, ready: Marks, *, gap_m: float = 0.0) -> Floats:
        """Return the areas of all groups of ready parcels, largest first [m²]."""
        groups = self.groups(ready, gap_m=gap_m)
        return np.sort(group_sums(groups, self.counted_m2(ready)))[::-1]

    def overlaps(self, marks: Marks) -> pd.DataFrame:
        """Return the pairs among some parcels that lie over one another, the largest first.

        Returns
        -------
        overlaps
            ``first``, ``second`` (parcel codes), ``area_m2`` [m²], ``lon``, ``lat`` [degrees] of
            the middle of what both cover. It is counted for `first` alone, if that is ready.
        """
        survey = self.topology.survey
        names = self.parcels.index.astype(str).to_numpy(dtype=object)
        if survey is None:
            return pd.DataFrame(columns=["first", "second", "area_m2", "lon", "lat"])
        pairs = survey.overlaps
        some = marks[pairs.first] & marks[pairs.second]
        found = pd.DataFrame(
            {
                "first": names[pairs.first[some]],
                "second": names[pairs.second[some]],
                "area_m2": pairs.area_m2[some],
                "lon": pairs.x[some],
                "lat": pairs.y[some],
            }
        )
        return found.sort_values("area_m2", ascending=False, kind="stable", ignore_index=True)

    def blocks(self, ready: Marks, *, min_area_m2: float, gap_m: float = 0.0) -> gpd.GeoDataFrame:
        """Return the groups of ready parcels of at least an area, largest first.

        Parameters
        ----------
        ready
            Shape (n,).
        min_area_m2
            Smallest group, each square metre counted once [m²].
        gap_m
            As for `groups`.

        Returns
        -------
        blocks
            Index ``block_id`` (lowest parcel code inside); ``parcel_count``, ``area_m2`` [m²],
            ``members`` (tuple of codes), ``geometry`` (EPSG:4490).
        """
        codes = self.parcels.index.astype(str).to_numpy(dtype=object)
        found = contiguous_blocks(
            self.edges,
            min_area_m2=min_area_m2,
            min_frontage_m=MIN_FRONTAGE_M,
            gap_m=gap_m,
            ground=bridge_ground(self.topology, self.between) if gap_m > 0 else None,
            ids=codes,
            ready=ready,
            area_m2=self.counted_m2(ready),
        )
        return _frame(found, codes)


_topologies: Kept[bytes, Topology] = Kept(2)
_grounds: Kept[tuple[str, RuleName], Ground] = Kept(4)


def ground_of(books: Books, rule: RuleName = SUPPLY) -> Ground:
    """Return the ground of a state of the workspace, made once, with what counts by a rule."""
    state = f"{books.fingerprint}|{books.as_of or ''}|{layers_token()}"
    whole = _grounds.get((state, SUPPLY), lambda: Ground(books))
    return whole if rule == SUPPLY else _grounds.get((state, LEVELLED), whole.levelled)


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
