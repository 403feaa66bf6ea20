"""Every figure at once: indicator by zone by month, as arrays.

`zonewright.steering.rollup.evaluate` answers one question and tells what it rests on; the cube
answers all of them and tells the numbers only. Both read the same definitions and agree (see
``tests/property/test_cube_laws.py``). NaN is what cannot be told; values are in base units until
they are asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from zonewright.core.units import unit
from zonewright.steering.catalogue import Indicator
from zonewright.steering.cube_reported import Members, Reported, resolved, rolled_up
from zonewright.steering.expressions import parse_expression
from zonewright.steering.registry import rests_on
from zonewright.steering.rules_observed import observed_codes
from zonewright.steering.spots import CITY, Spot, compute

Values = NDArray[np.float64]
Kind = Literal["month", "ytd"]
REPORTED_RULES = ("reported", "sum_zones", "sum_firms")
RECORD_RULES = ("sum", "count", "distinct", "boundary_area")
JOINED_RULES = ("ratio", "formula")
RULES = (*REPORTED_RULES, *RECORD_RULES, *JOINED_RULES)


@dataclass(frozen=True, eq=False)
class Cube:
    """The figures of some zones in a span of months that begins in January.

    Parameters
    ----------
    catalogue
        Indicators by code.
    zones
        Zone codes; Z of them.
    first
        The first month, a January, counted as `core.periods.Period` does.
    months
        How many months; T.
    members
        What lies below each zone, and its city.
    reported
        Gives what was observed under a code.
    recorded
        Gives the figures of an indicator that is computed from records, shape (Z, T), in base
        units; None if there are no records.
    """

    catalogue: Mapping[str, Indicator]
    zones: tuple[str, ...]
    first: int
    months: int
    members: Members
    reported: Callable[[str], Reported | None]
    recorded: Callable[[Indicator, Kind], Values] | None = None
    _kept: dict[tuple[str, Kind], Values] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        if self.first % 12 or self.months < 1:
            raise ValueError(self.first, self.months)

    def can(self, code: str) -> bool:
        """Return whether an indicator, and all that it is made of, is computed here."""
        return all(
            self.catalogue[part].rule in RULES
            and (self.recorded is not None or self.catalogue[part].rule not in RECORD_RULES)
            for part in (code, *rests_on(self.catalogue, code))
        )

    def values(self, code: str, kind: Kind = "ytd") -> Values:
        """Return an indicator in its own unit, for every zone and month.

        Parameters
        ----------
        code
            Indicator.
        kind
            ``month``: of each month alone; ``ytd``: from January to it.

        Returns
        -------
        values
            Shape (Z, T); NaN where it cannot be told.
        """
        return self.base(code, kind) / float(unit(self.catalogue[code].unit).factor)

    def known(self, code: str, kind: Kind = "ytd") -> NDArray[np.bool_]:
        """Return where an indicator can be told, shape (Z, T)."""
        return ~np.isnan(self.base(code, kind))

    def base(self, code: str, kind: Kind) -> Values:
        """Return an indicator in the base unit of its dimension, computed once; read-only."""
        found = self._kept.get((code, kind))
        if found is None:
            found = self._computed(self.catalogue[code], kind)
            found.setflags(write=False)
            self._kept[code, kind] = found
        return found

    def forget(self, code: str) -> None:
        """Drop what was kept of an indicator: a full cube of many indicators is large."""
        for kind in ("month", "ytd"):
            self._kept.pop((code, kind), None)

    def unknown(self) -> Values:
        """Return an array of nothing known."""
        return np.full((len(self.zones), self.months), np.nan)

    def _computed(self, indicator: Indicator, kind: Kind) -> Values:
        if indicator.rule in REPORTED_RULES:
            return self._reported(indicator, kind)
        if indicator.rule == "formula":
            node = parse_expression(indicator.formula)
            return np.array(compute(node, Spot(kind), _Arrays(self)), copy=True)
        if indicator.rule == "ratio":
            upper, lower = (
                _Arrays(self).named(part.indicator, Spot(kind, zone=CITY if part.at else ""))
                for part in indicator.of
            )
            return _Arrays(self).joined("/", upper, lower)
        if self.recorded is None or indicator.rule not in RECORD_RULES:
            return self.unknown()
        return np.array(self.recorded(indicator, kind), copy=True)

    def _reported(self, indicator: Indicator, kind: Kind) -> Values:
        found = [self.reported(code) for code in observed_codes(indicator)]
        parts = [resolved(part, indicator, kind) for part in found if part is not None]
        if not parts:
            return self.unknown()
        return rolled_up(parts[0], indicator, self.members, self.months)


@dataclass(frozen=True, slots=True)
class _Arrays:
    """The algebra of arrays (Z, T); a number is an array (1, 1)."""

    cube: Cube

    def number(self, value: Fraction) -> Values:
        return np.full((1, 1), float(value))

    def named(self, code: str, at: Spot) -> Values:
        kind: Kind = "month" if at.span == "month" else "ytd"
        found = self.cube.base(code, kind)
        if at.back:
            earlier = np.full_like(found, np.nan)
            earlier[:, at.back :] = found[:, : -at.back]
            found = earlier
        if not at.zone:
            return found
        if at.zone == CITY:
            cities = self.cube.members.city
            return np.where((cities >= 0)[:, None], found[cities], np.nan)
        if at.zone not in self.cube.zones:
            return self.cube.unknown()
        return np.broadcast_to(found[self.cube.zones.index(at.zone)], found.shape)

    def joined(self, op: str, left: Values, right: Values) -> Values:
        match op:
            case "+":
                return left + right
            case "-":
                return left - right
            case "*":
                return left * right
        return left / np.where(right == 0, np.nan, right)

    def chosen(self, function: str, values: Sequence[Values]) -> Values:
        match function:
            case "if_known":
                return np.where(np.isnan(values[0]), values[1], values[0])
            case "abs":
                return np.abs(values[0])
        least = np.minimum if function == "min" else np.maximum
        found = values[0]
        for value in values[1:]:
            found = least(found, value)
        return found

    def growth(self, now: Values, before: Values) -> Values:
        return (now - before) / np.where(before > 0, before, np.nan)
