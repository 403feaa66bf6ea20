"""Which zones belong to which on a day, over all hierarchies together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from zonewright.core.errors import InputError
from zonewright.core.schema import require_columns

Links = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """Zones and the zones directly below and above them on a day.

    Parameters
    ----------
    children, parents
        Zone code to the codes directly below or above, in order.
    """

    children: Links
    parents: Links
    _below: dict[str, tuple[str, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @classmethod
    def of(cls, memberships: pd.DataFrame, on: date) -> Hierarchy:
        """Read the memberships that hold on a day.

        Parameters
        ----------
        memberships
            Columns ``parent``, ``child`` and, if there, ``valid_from`` and ``valid_to``: the first
            day on which the membership holds, and the first on which it no longer does.
        on
            The day.

        Raises
        ------
        InputError
            If a zone is, by however many steps, a member of itself.

        Examples
        --------
        >>> rows = pd.DataFrame({"parent": ["city", "cluster"], "child": ["cluster", "park"]})
        >>> Hierarchy.of(rows, date(2023, 10, 31)).below("city")
        ('cluster', 'park')
        """
        require_columns(memberships, "parent", "child", of="memberships")
        holds = pd.Series(data=True, index=memberships.index)
        day = pd.Timestamp(on)
        if "valid_from" in memberships:
            since = pd.to_datetime(memberships["valid_from"])
            holds &= since.isna() | (since <= day)
        if "valid_to" in memberships:
            until = pd.to_datetime(memberships["valid_to"])
            holds &= until.isna() | (until > day)
        kept = memberships[holds]
        pairs = sorted(
            {(str(a), str(b)) for a, b in zip(kept["parent"], kept["child"], strict=True)}
        )
        down: dict[str, list[str]] = {}
        up: dict[str, list[str]] = {}
        for parent, child in sorted(pairs):
            down.setdefault(parent, []).append(child)
            up.setdefault(child, []).append(parent)
        found = cls(_frozen(down), _frozen(up))
        _require_no_cycle(found)
        return found

    def below(self, zone: str) -> tuple[str, ...]:
        """Return every zone below one, nearest first, each once."""
        found = self._below.get(zone)
        if found is None:
            found = self._below[zone] = _reach(self.children, zone)
        return found

    def above(self, zone: str) -> tuple[str, ...]:
        """Return every zone above one, nearest first, each once."""
        return _reach(self.parents, zone)


def _frozen(links: Mapping[str, list[str]]) -> Links:
    return {zone: tuple(linked) for zone, linked in links.items()}


def _reach(links: Links, zone: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    level = [zone]
    while level:
        level = [other for here in level for other in links.get(here, ()) if other not in found]
        found.update(dict.fromkeys(level))
    return tuple(found)


def _require_no_cycle(hierarchy: Hierarchy) -> None:
    for zone in hierarchy.children:
        if zone in hierarchy.below(zone):
            round_trip = [
                other for other in hierarchy.below(zone) if zone in hierarchy.below(other)
            ]
            raise InputError("scope-cycle", zone=zone, zones=", ".join(round_trip))
