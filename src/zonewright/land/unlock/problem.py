"""The question of the unlock engine, and its answer: a connected set of greatest weight."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from zonewright.core.errors import InputError, RangeError
from zonewright.core.findings import Finding
from zonewright.land.unlock.graph import Floats, Graph, Ints, Marks

Status = Literal["optimal", "feasible", "infeasible", "unknown"]


@dataclass(frozen=True, slots=True)
class Problem:
    """Choose connected nodes of greatest total weight within limits on what they use.

    Parameters
    ----------
    graph
        Graph of n nodes.
    weight
        Shape (n,): what a node brings; below 0 where it costs. Any unit, the same for all.
    use
        Shape (n, k): what a node takes of each limited means (money, quota), not below 0.
    limit
        Shape (k,): how much there is of each means; infinite where it is not limited.
    forced
        Shape (n,): which nodes every answer must hold.
    """

    graph: Graph
    weight: Floats
    use: Floats = field(default_factory=lambda: np.empty((0, 0)))
    limit: Floats = field(default_factory=lambda: np.empty(0))
    forced: Marks = field(default_factory=lambda: np.empty(0, dtype=bool))

    def __post_init__(self) -> None:
        count = len(self.graph)
        if self.use.size == 0:
            object.__setattr__(self, "use", np.zeros((count, 1)))
            object.__setattr__(self, "limit", np.array([np.inf]))
        if self.forced.size == 0:
            object.__setattr__(self, "forced", np.zeros(count, dtype=bool))
        shapes = (self.weight.shape, self.use.shape, self.forced.shape)
        if shapes != ((count,), (count, len(self.limit)), (count,)):
            raise InputError("unlock-shapes", nodes=count, shapes=str(shapes))
        if not np.isfinite(self.weight).all() or not np.isfinite(self.use).all():
            raise RangeError("unlock-not-finite")
        if (self.use < 0).any() or not (self.limit >= 0).all():
            raise RangeError("unlock-negative-use")

    def __len__(self) -> int:
        return len(self.graph)

    @property
    def limited(self) -> bool:
        """Return whether any node takes of a means that is limited."""
        return bool((self.use[:, np.isfinite(self.limit)] > 0).any())

    def value(self, chosen: Marks) -> float:
        """Return the weight of a set of nodes."""
        return float(self.weight[chosen].sum())

    def fits(self, chosen: Marks) -> bool:
        """Tell whether a set is connected, holds what is forced, and keeps the limits."""
        if not chosen.any() or (self.forced & ~chosen).any():
            return False
        if (self.use[chosen].sum(axis=0) > self.limit * (1 + 1e-9) + 1e-9).any():
            return False
        part, _ = self.graph.part(chosen)
        return bool((part.components() == 0).all())

    def part(self, kept: Marks) -> tuple[Problem, Ints]:
        """Return the problem on some of the nodes, and which nodes these are."""
        graph, nodes = self.graph.part(kept)
        return (
            replace(
                self,
                graph=graph,
                weight=self.weight[nodes],
                use=self.use[nodes],
                forced=self.forced[nodes],
            ),
            nodes,
        )


@dataclass(frozen=True, slots=True)
class Result:
    """An answer with its proof.

    Parameters
    ----------
    status
        ``optimal``: no other set brings more than 1e-4 of the value more. ``feasible``: within the
        gap. ``infeasible``: no set holds what is forced within the limits.
        ``unknown``: none was found, nor shown not to be.
    chosen
        Shape (n,): nodes of the best set that was found.
    value
        Its weight.
    bound
        No connected set within the limits weighs more.
    runtime_s
        Wall time [s].
    how
        What gave the set and what gave the bound, in order of use; notices with codes
        ``unlock-how-…``.
    """

    status: Status
    chosen: Marks
    value: float
    bound: float
    runtime_s: float
    how: tuple[Finding, ...]

    @property
    def gap(self) -> float:
        """Return how much more than the value there could be, as a share of the value [-]."""
        return gap_between(self.value, self.bound)


def gap_between(value: float, bound: float) -> float:
    """Return (bound - value) / |value|, not below 0; infinite if the value is 0 and the bound not.

    Examples
    --------
    >>> gap_between(80.0, 100.0)
    0.25
    """
    over = max(bound - value, 0.0)
    if over <= 1e-9 * max(1.0, abs(bound)):
        return 0.0
    return over / abs(value) if value else float("inf")
