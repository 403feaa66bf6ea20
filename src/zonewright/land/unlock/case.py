"""What an unlock plan is made from, and the plan itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from zonewright.core.errors import InputError, RangeError
from zonewright.core.findings import Finding
from zonewright.core.units import convert
from zonewright.land.unlock.graph import Floats, Ints, Marks
from zonewright.land.unlock.problem import Status, gap_between

Target = Literal["largest", "area", "blocks"]
MU_500_M2 = float(convert(500, "亩", "m2"))
DAYS_A_MONTH = 365.25 / 12


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
    lead_months
        Shape (n,): how long it takes until a parcel that is not ready is [months]. Default: 0.
    """

    codes: NDArray[np.object_]
    area_m2: Floats
    ready: Marks
    cost_cny: Floats
    quota_mu: Floats
    eligible: Marks
    first: Ints
    second: Ints
    lead_months: Floats = field(default_factory=lambda: np.empty(0))

    def __post_init__(self) -> None:
        count = len(self.codes)
        if self.lead_months.size == 0:
            object.__setattr__(self, "lead_months", np.zeros(count))
        columns = (
            self.area_m2, self.ready, self.cost_cny, self.quota_mu, self.eligible, self.lead_months,
        )  # fmt: skip
        if any(len(column) != count for column in columns) or len(self.first) != len(self.second):
            raise InputError(
                "unlock-shapes", nodes=count, shapes=str([len(column) for column in columns])
            )
        if len(set(self.codes.tolist())) != count:
            raise InputError("unlock-code-repeated")
        numbers = np.concatenate([self.area_m2, self.cost_cny, self.quota_mu, self.lead_months])
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
    start, by
        Day on which the work begins, and day by which all of it has to be ready; a parcel that
        takes longer is not bought. Without both there is no such limit.
    """

    budget_cny: float
    quota_mu: float = float("inf")
    target: Target = "area"
    threshold_m2: float = MU_500_M2
    start: date | None = None
    by: date | None = None

    def __post_init__(self) -> None:
        if not (self.budget_cny >= 0 and self.quota_mu >= 0 and self.threshold_m2 >= 0):
            raise RangeError("unlock-negative-limit")
        if self.by is not None and (self.start is None or self.by < self.start):
            raise RangeError("unlock-day-order", start=self.start, by=self.by)

    def in_time(self, case: Case) -> Marks:
        """Return which parcels can be ready by the day, shape (n,)."""
        if self.by is None or self.start is None:
            return np.ones(len(case), dtype=bool)
        days = np.ceil(case.lead_months * DAYS_A_MONTH - 1e-9)
        return np.asarray(case.ready | (days <= (self.by - self.start).days))


def ready_on(start: date, months: float) -> date:
    """Return the day on which what takes some months is ready; a month has 30.4375 days.

    Examples
    --------
    >>> ready_on(date(2023, 10, 31), 6.0)
    datetime.date(2024, 5, 1)
    """
    return start + timedelta(days=int(np.ceil(months * DAYS_A_MONTH - 1e-9)))


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
        What the target comes to [m² or blocks], and what no plan exceeds.
    before
        What the target comes to if nothing is bought.
    runtime_s
        Wall time [s].
    how
        What gave the plan and the bound: notices with codes ``unlock-how-…``.
    """

    status: Status
    limits: Limits
    steps: tuple[Step, ...]
    blocks: tuple[Block, ...]
    value: float
    bound: float
    before: float
    runtime_s: float
    how: tuple[Finding, ...]

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
