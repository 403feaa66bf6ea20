"""What an unlock plan is made from, and the plan itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from zonewright.core.errors import InputError, RangeError
from zonewright.core.units import convert
from zonewright.land.unlock.graph import Floats, Ints, Marks
from zonewright.land.unlock.problem import Status, gap_between

Target = Literal["largest", "area", "blocks"]
MU_500_M2 = float(convert(500, "亩", "m2"))


@dataclass(frozen=True, slots=True)
class Case:
    """Parcels with what each brings and costs, and which of them lie together.

    Parameters
    ----------
    codes
        Shape (n,): parcel codes, no two alike.
    area_m2
        Shape (n,): area [m²], above 0.
    ready
        Shape (n,): whether a parcel is ready.
    cost_cny
        Shape (n,): what it takes to acquire, compensate and level a parcel that is not [CNY].
    quota_mu
        Shape (n,): what that takes of the quota [mu].
    eligible
        Shape (n,): whether a parcel that is not ready may be bought at all.
    first, second
        Shape (p,): positions of two parcels that join.
    """

    codes: NDArray[np.object_]
    area_m2: Floats
    ready: Marks
    cost_cny: Floats
    quota_mu: Floats
    eligible: Marks
    first: Ints
    second: Ints

    def __post_init__(self) -> None:
        count = len(self.codes)
        columns = (self.area_m2, self.ready, self.cost_cny, self.quota_mu, self.eligible)
        if any(len(column) != count for column in columns) or len(self.first) != len(self.second):
            raise InputError(
                "unlock-shapes", nodes=count, shapes=str([len(column) for column in columns])
            )
        if len(set(self.codes.tolist())) != count:
            raise InputError("unlock-code-repeated")
        numbers = np.concatenate([self.area_m2, self.cost_cny, self.quota_mu])
        if not np.isfinite(numbers).all():
            raise RangeError("unlock-not-finite")
        if (numbers < 0).any():
            raise RangeError("unlock-negative-use")

    def __len__(self) -> int:
        return len(self.codes)

    def position(self, code: str) -> int:
        """Return the position of a parcel."""
        found = np.flatnonzero(self.codes == code)
        if not len(found):
            raise InputError("unlock-unknown-parcel", parcel=code)
        return int(found[0])


@dataclass(frozen=True, slots=True)
class Limits:
    """What a plan may take and what it is for.

    Parameters
    ----------
    budget_cny
        Most that may be spent [CNY].
    quota_mu
        Most quota that may be used [mu].
    target
        ``largest``: the area of one block. ``area``: the area in all blocks at or above the
        threshold. ``blocks``: the number of such blocks.
    threshold_m2
        Area at which a block counts [m²]. Default: 500 mu.
    """

    budget_cny: float
    quota_mu: float = float("inf")
    target: Target = "area"
    threshold_m2: float = MU_500_M2

    def __post_init__(self) -> None:
        if not (self.budget_cny >= 0 and self.quota_mu >= 0 and self.threshold_m2 >= 0):
            raise RangeError("unlock-negative-limit")


@dataclass(frozen=True, slots=True)
class Step:
    """One parcel in buying order: what it costs and what it adds to the target's area."""

    code: str
    cost_cny: float
    quota_mu: float
    gained_m2: float

    @property
    def m2_per_cny(self) -> float:
        """Return the area gained for the money [m²/CNY]; infinite if the parcel costs nothing."""
        return self.gained_m2 / self.cost_cny if self.cost_cny else float("inf")


@dataclass(frozen=True, slots=True)
class Block:
    """A block of the plan: its parcels, those of them that are bought, and its area [m²]."""

    members: tuple[str, ...]
    bought: tuple[str, ...]
    area_m2: float


@dataclass(frozen=True, slots=True)
class Plan:
    """What to acquire and level, in what order, and how good that is.

    Parameters
    ----------
    status
        As of `Result`.
    steps
        Parcels to buy, in order: what is given up last if money runs short comes first.
    blocks
        Blocks with a bought parcel, and all that count; largest first.
    value, bound
        What the target comes to [m² or blocks], and what no plan exceeds. With ``largest`` the
        bound holds over every single connected block; with ``area`` and ``blocks`` over all
        plans, but from a looser relaxation.
    before
        What the target comes to if nothing is bought.
    runtime_s
        Wall time [s].
    how
        What gave the plan and the bound.
    """

    status: Status
    limits: Limits
    steps: tuple[Step, ...]
    blocks: tuple[Block, ...]
    value: float
    bound: float
    before: float
    runtime_s: float
    how: tuple[str, ...]

    @property
    def gap(self) -> float:
        """Return how much more than the value there could be, as a share of the value [-]."""
        return gap_between(self.value, self.bound)

    @property
    def cost_cny(self) -> float:
        """Return what all parcels to buy cost [CNY]."""
        return float(sum(step.cost_cny for step in self.steps))

    @property
    def quota_mu(self) -> float:
        """Return what all parcels to buy take of the quota [mu]."""
        return float(sum(step.quota_mu for step in self.steps))

    @property
    def bought(self) -> tuple[str, ...]:
        """Return the codes of the parcels to buy, in order."""
        return tuple(step.code for step in self.steps)
