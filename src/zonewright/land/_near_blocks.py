"""Near-blocks on a graph: what opening one, two or more parcels joins to a group that counts."""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Marks = NDArray[np.bool_]
# Areas are compared to the square millimetre, as the blocks' are.
_RESOLUTION_M2 = 1e-6


@dataclass(frozen=True, slots=True)
class Option:
    """Parcels to open, and what comes of it.

    Parameters
    ----------
    opened
        Positions of the parcels.
    lead
        The largest group in it that did not count.
    merged_m2, gained_m2
        Area of the block that arises, and of what did not count before [m²].
    """

    opened: tuple[int, ...]
    lead: int
    merged_m2: float
    gained_m2: float


@dataclass(frozen=True, slots=True)
class Ground:
    """Groups of ready parcels, and the parcels between them.

    Parameters
    ----------
    area_m2, cost, mendable
        Shape (n,), by parcel.
    group
        Shape (n,): group of a ready parcel, -1 of any other.
    group_m2
        Shape (g,): area of each group.
    least_m2
        Area from which a group counts [m²].
    groups_at, others_at
        By parcel that is not ready: the groups and the other such parcels that it touches.
    doors
        By group: the parcels that are not ready and touch it.
    order, start
        Ready parcels by group, and where each group begins.
    """

    area_m2: Floats
    cost: Floats
    mendable: Marks
    group: Ints
    group_m2: Floats
    least_m2: float
    groups_at: dict[int, tuple[int, ...]]
    others_at: dict[int, tuple[int, ...]]
    doors: dict[int, tuple[int, ...]]
    order: Ints
    start: Ints

    @classmethod
    def of(
        cls,
        first: Ints,
        second: Ints,
        *,
        area_m2: Floats,
        ready: Marks,
        mendable: Marks,
        cost: Floats,
        least_m2: float,
    ) -> Ground:
        """Return the ground of an adjacency; `first` and `second` hold each pair in any order."""
        count = len(ready)
        inside = ready[first] & ready[second]
        links = coo_array(
            (np.ones(inside.sum(), dtype=np.int8), (first[inside], second[inside])),
            shape=(count, count),
        )
        _, labels = connected_components(links, directed=False)
        group = np.full(count, -1, dtype=np.int64)
        group[ready] = np.unique(labels[ready], return_inverse=True)[1]
        groups = int(group.max(initial=-1)) + 1
        group_m2 = np.zeros(groups)
        np.add.at(group_m2, group[ready], area_m2[ready])
        one, other = np.concatenate([first, second]), np.concatenate([second, first])
        kept = ~ready[one] & (one != other)
        one, other = one[kept], other[kept]
        order = np.flatnonzero(ready)[np.argsort(group[ready], kind="stable")]
        beside = ready[other]
        return cls(
            area_m2, cost, mendable, group, group_m2, least_m2,
            groups_at=_lists(one[beside], group[other[beside]]),
            others_at=_lists(one[~beside], other[~beside]),
            doors=_lists(group[other[beside]], one[beside]),
            order=order,
            start=np.searchsorted(group[order], np.arange(groups + 1)),
        )  # fmt: skip

    def counts(self, area_m2: float) -> bool:
        """Return whether an area reaches the threshold."""
        return area_m2 >= self.least_m2 - _RESOLUTION_M2 / 2

    def members(self, group: int) -> Ints:
        """Return the parcels of a group."""
        return self.order[self.start[group] : self.start[group + 1]]

    def small(self, parcels: Iterable[int]) -> set[int]:
        """Return the groups at some parcels that do not count by themselves."""
        return {
            group
            for place in parcels
            for group in self.groups_at.get(place, ())
            if not self.counts(float(self.group_m2[group]))
        }

    def opened(self, parcels: Iterable[int], *, but: Iterable[int] = ()) -> Option | None:
        """Return what opening some connected parcels gives.

        None if by it no near-block counts, or none but those of which that is known.
        """
        given = tuple(sorted(parcels))
        groups = sorted({group for place in given for group in self.groups_at.get(place, ())})
        own = math.fsum(self.area_m2[list(given)])
        merged = math.fsum([own, *self.group_m2[groups]])
        small = self.small(given)
        new = small.difference(but)
        if not new or not self.counts(merged):
            return None
        gained = math.fsum([own, *self.group_m2[sorted(small)]])
        lead = max(new, key=lambda group: (self.group_m2[group], -group))
        return Option(given, lead, merged, gained)

    def is_joined(self, parcels: tuple[int, ...]) -> bool:
        """Return whether parcels hang together, by edges or by groups that they touch."""
        todo, seen = [parcels[0]], {parcels[0]}
        while todo:
            place = todo.pop()
            mine = set(self.groups_at.get(place, ()))
            beside = set(self.others_at.get(place, ()))
            for other in parcels:
                if other not in seen and (
                    other in beside or mine & set(self.groups_at.get(other, ()))
                ):
                    seen.add(other)
                    todo.append(other)
        return len(seen) == len(parcels)


def singles(ground: Ground) -> Iterator[Option]:
    """Yield each parcel that alone makes a near-block count."""
    for place in sorted(ground.groups_at):
        option = ground.opened((place,))
        if option is not None:
            yield option


def pairs(ground: Ground, *, max_pairs: int) -> tuple[list[Option], bool]:
    """Return each pair that makes a near-block count where neither does alone; whether all.

    One of the two touches a near-block. The other touches the first, or a near-block that the first
    touches; what touches a group that counts does alone.
    """
    alone = {option.opened[0]: ground.small(option.opened) for option in singles(ground)}
    doors = [place for place in ground.groups_at if ground.mendable[place]]
    reached = {place: _around(ground, place) for place in doors}
    largest = {
        place: max((ground.group_m2[group] for group in ground.groups_at[place]), default=0.0)
        for place in doors
    }
    seen: set[tuple[int, int]] = set()
    found: list[Option] = []
    for place in sorted(doors, key=lambda one: (-largest[one], one)):
        for other in sorted(reached[place]):
            pair = (min(place, other), max(place, other))
            if pair in seen:
                continue
            if len(seen) == max_pairs:
                return found, False
            seen.add(pair)
            known = alone.get(place, set()) | alone.get(other, set())
            option = ground.opened(pair, but=known)
            if option is not None:
                found.append(option)
    return found, True


def chains(ground: Ground, *, near_share: float, max_parcels: int) -> Iterator[Option]:
    """Yield a chain of three or more parcels for each near-block that one or two do not help.

    From the group, parcels are settled by what it costs to get there. The chain to the first one
    with which the block counts is cut down to what it needs. A chain that one or two parcels of it
    replace is left to `singles` and `pairs`.
    """
    seen = set()
    for group in np.argsort(-ground.group_m2, kind="stable").tolist():
        size = float(ground.group_m2[group])
        if ground.counts(size):
            continue
        if size < near_share * ground.least_m2:
            break
        chain = _cheapest_chain(ground, group, max_parcels)
        if chain is None or len(chain) < 3 or chain in seen:
            continue
        seen.add(chain)
        option = ground.opened(chain)
        if option is not None:
            yield replace(option, lead=group)


def _around(ground: Ground, place: int) -> set[int]:
    """Return the parcels that may be opened with one: beside it, or at a near-block of its."""
    beside = set(ground.others_at.get(place, ()))
    for group in ground.small((place,)):
        beside.update(ground.doors[group])
    beside.discard(place)
    return {other for other in beside if ground.mendable[other]}


def _cheapest_chain(ground: Ground, group: int, max_parcels: int) -> tuple[int, ...] | None:
    """Return the parcels on the cheapest way from a group with which it counts; None if none."""
    closed = ground.group < 0
    known = not np.isnan(ground.cost[closed & ground.mendable]).any()
    price = ground.cost if known else ground.area_m2
    queue: list[tuple[float, int, tuple[int, ...]]] = [
        (float(price[door]), door, (door,))
        for door in ground.doors.get(group, ())
        if ground.mendable[door]
    ]
    heapq.heapify(queue)
    settled: set[int] = set()
    while queue:
        paid, place, way = heapq.heappop(queue)
        if place in settled:
            continue
        settled.add(place)
        if ground.opened(way) is not None:
            return _needed(ground, group, way)
        if len(way) == max_parcels:
            continue
        for other in _around(ground, place) - settled:
            heapq.heappush(queue, (paid + float(price[other]), other, (*way, other)))
    return None


def _needed(ground: Ground, group: int, way: tuple[int, ...]) -> tuple[int, ...]:
    """Return a way without the parcels that it can do without, the largest taken out first."""
    kept = tuple(sorted(way))
    for place in sorted(way, key=lambda one: (-ground.area_m2[one], one)):
        less = tuple(one for one in kept if one != place)
        if (
            group in ground.small(less)
            and ground.is_joined(less)
            and ground.opened(less) is not None
        ):
            kept = less
    return kept


def _lists(keys: Ints, values: Ints) -> dict[int, tuple[int, ...]]:
    """Return the distinct values of each key, in order."""
    if not len(keys):
        return {}
    rows = np.unique(np.column_stack([keys, values]), axis=0)
    starts = np.flatnonzero(np.append(True, rows[1:, 0] != rows[:-1, 0]))
    ends = [*starts.tolist(), len(rows)]
    listed = rows[:, 1].tolist()
    return {int(rows[a, 0]): tuple(listed[a:b]) for a, b in pairwise(ends)}
