"""What is to be graded: the ground, the pads, the soil, the prices and the rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from zonewright.core.errors import InputError, RangeError
from zonewright.core.schema import require_positive
from zonewright.land.grading.pads import Pad, require_apart
from zonewright.land.grading.terrain import Floats, Terrain


@dataclass(frozen=True, slots=True)
class Rates:
    """Prices of earthwork and how the soil changes its volume.

    Parameters
    ----------
    cut_cny_m3
        Digging and loading, per m³ in place [CNY/m³].
    fill_cny_m3
        Spreading and compacting, per m³ compacted [CNY/m³].
    haul_cny_m3_km
        Carrying, per loose m³ and km [CNY/(m³·km)].
    wall_cny_m2
        Retaining a step between two pads, per m² of its face [CNY/m²].
    swell
        Loose volume of 1 m³ dug in place (松方系数).
    shrink
        Compacted volume of 1 m³ dug in place (压实系数).
    detour
        Way driven by straight distance, 1 or more.
    """

    cut_cny_m3: float
    fill_cny_m3: float
    haul_cny_m3_km: float
    wall_cny_m2: float = 0.0
    swell: float = 1.0
    shrink: float = 1.0
    detour: float = 1.0

    def __post_init__(self) -> None:
        require_positive(swell=self.swell, shrink=self.shrink)
        for name in ("cut_cny_m3", "fill_cny_m3", "haul_cny_m3_km", "wall_cny_m2"):
            if not 0 <= getattr(self, name) < np.inf:
                raise RangeError("grading-price", field=name, value=getattr(self, name))
        if not 1 <= self.detour < np.inf:
            raise RangeError("grading-detour", value=self.detour)


@dataclass(frozen=True, slots=True)
class Site:
    """Where soil can be fetched from or taken to.

    Parameters
    ----------
    name
        Unique among the sites.
    kind
        ``borrow`` (取土场) or ``dump`` (弃土场).
    x, y
        In the terrain's frame [m].
    price_cny_m3
        Beside cutting, hauling and filling, per m³ in place [CNY/m³]; digging in a borrow pit
        belongs here.
    capacity_m3
        How much it has or takes, in place [m³].
    """

    name: str
    kind: Literal["borrow", "dump"]
    x: float
    y: float
    price_cny_m3: float
    capacity_m3: float = np.inf

    def __post_init__(self) -> None:
        if not (self.price_cny_m3 >= 0 and self.capacity_m3 >= 0):
            raise RangeError("grading-price", field=self.name, value=self.price_cny_m3)


@dataclass(frozen=True, slots=True, eq=False)
class GradingProblem:
    """A block to be levelled.

    Parameters
    ----------
    terrain
        The ground.
    pads
        Platforms, k of them, which do not lie over one another; together they are the block.
    rates
        Prices and soil.
    sites
        Where soil may come from or go to; used only if `balance` is not asked.
    balance
        Whether all soil that is cut is filled on the block and none comes in: cut × shrink = fill.
    max_step_m
        Largest step between pads that share an edge [m]; None for no limit.
    distances_m
        Way from the middle of each pad to that of each pad, shape (k, k) [m]; None takes straight
        distances × detour, and within a pad 0.52 √area, the mean between two points of a square.

    Raises
    ------
    InputError
        If there is no pad, or sites share a name.
    GeometryError
        If pads share a name or lie over one another.
    RangeError
        If a limit or distance is below 0.
    """

    terrain: Terrain
    pads: tuple[Pad, ...]
    rates: Rates
    sites: tuple[Site, ...] = ()
    balance: bool = True
    max_step_m: float | None = None
    distances_m: Floats | None = None

    def __post_init__(self) -> None:
        if not self.pads:
            raise InputError("grading-no-pads")
        require_apart(self.pads)
        names = [site.name for site in self.sites]
        if len(set(names)) < len(names):
            raise InputError("grading-site-name", names=", ".join(sorted(names)))
        if self.max_step_m is not None and not self.max_step_m >= 0:
            raise RangeError("grading-step", value=self.max_step_m)
        given, count = self.distances_m, len(self.pads)
        if given is not None and (given.shape != (count, count) or not (given >= 0).all()):
            raise RangeError("grading-distances", shape=str(given.shape), pads=count)

    @property
    def sites_used(self) -> tuple[Site, ...]:
        """The sites that may be used: none if balance is asked."""
        return () if self.balance else self.sites
