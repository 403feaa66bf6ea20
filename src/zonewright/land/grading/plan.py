"""The answer: surfaces, volumes, haul and cost of a graded block."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from zonewright.core.findings import Finding
from zonewright.land.grading.pads import Plane
from zonewright.land.grading.volumes import Volumes

Status = Literal["optimal", "feasible", "infeasible", "unknown"]


@dataclass(frozen=True, slots=True)
class PadPlan:
    """A pad as planned.

    Parameters
    ----------
    name
        Of the pad.
    plane
        Its surface.
    by_grid
        Cut and fill by cells, which cost and balance are computed with.
    by_prisms
        Cut and fill by triangular prisms, to compare.
    """

    name: str
    plane: Plane
    by_grid: Volumes
    by_prisms: Volumes


@dataclass(frozen=True, slots=True)
class Haul:
    """Soil on one way.

    Parameters
    ----------
    source, target
        Name of a pad or site.
    kind
        ``within`` a pad, ``between`` pads, ``borrow`` from a site, ``dump`` at a site.
    volume_m3
        In place [m³].
    distance_m
        Way [m].
    cost_cny
        Haul and price of the site [CNY].
    """

    source: str
    target: str
    kind: Literal["within", "between", "borrow", "dump"]
    volume_m3: float
    distance_m: float
    cost_cny: float


@dataclass(frozen=True, slots=True)
class Cost:
    """What a plan costs, by kind [CNY]."""

    cut_cny: float
    fill_cny: float
    haul_cny: float
    sites_cny: float
    walls_cny: float

    @property
    def total_cny(self) -> float:
        """All together [CNY]."""
        return self.cut_cny + self.fill_cny + self.haul_cny + self.sites_cny + self.walls_cny


@dataclass(frozen=True, slots=True)
class GradingPlan:
    """A graded block.

    Parameters
    ----------
    pads
        In the order of the problem.
    hauls
        Every way on which soil is moved, the largest first.
    cost
        By kind.
    shrink
        Compacted volume of 1 m³ cut.
    walls_m2
        Face of all steps between pads [m²].
    """

    pads: tuple[PadPlan, ...]
    hauls: tuple[Haul, ...]
    cost: Cost
    shrink: float
    walls_m2: float

    @property
    def cut_m3(self) -> float:
        """All cut, in place [m³]."""
        return sum(pad.by_grid.cut_m3 for pad in self.pads)

    @property
    def fill_m3(self) -> float:
        """All fill, compacted [m³]."""
        return sum(pad.by_grid.fill_m3 for pad in self.pads)

    @property
    def imbalance(self) -> float:
        """Cut × shrink less fill, as a share of the larger; 0 if nothing is moved."""
        filled = self.shrink * self.cut_m3
        return (filled - self.fill_m3) / max(filled, self.fill_m3, 1e-9)

    @property
    def prisms_by_grid(self) -> float:
        """Cut and fill by prisms, as a share of those by cells; 1 if nothing is moved."""
        moved = self.cut_m3 + self.fill_m3
        found = sum(pad.by_prisms.cut_m3 + pad.by_prisms.fill_m3 for pad in self.pads)
        return found / moved if moved > 0 else 1.0


@dataclass(frozen=True, slots=True)
class GradingResult:
    """What grading found.

    Parameters
    ----------
    status
        ``optimal``: within the gap asked for; ``feasible``: the time was over before;
        ``infeasible``: no surfaces keep all limits, `findings` say which; ``unknown``: the time was
        over before any plan was found.
    cost_cny
        Cost of the plan [CNY]; None without one.
    bound_cny
        No plan costs less [CNY]; None if infeasible.
    gap
        (cost - bound) / cost; None without a plan.
    runtime_s
        Wall time [s].
    plan
        None if there is none.
    single
        The cheapest plan with all pads in one plane, under the same limits and prices; None if
        there is none.
    findings
        Ground without heights, limits that cannot be met.
    """

    status: Status
    cost_cny: float | None
    bound_cny: float | None
    gap: float | None
    runtime_s: float
    plan: GradingPlan | None
    single: GradingPlan | None
    findings: tuple[Finding, ...]
