"""The linear relaxation: solved, cut by violated node separators, and solved again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import count as numbers

import numpy as np

from zonewright.land.unlock._highs import LinearProgram, Relaxed, Rows
from zonewright.land.unlock._separators import separate
from zonewright.land.unlock.ascent import ascent
from zonewright.land.unlock.deadline import Deadline
from zonewright.land.unlock.graph import Floats, Ints, Marks
from zonewright.land.unlock.network import Network, first_rows, way_rows
from zonewright.land.unlock.problem import Problem

_MOST_ENTRIES = 400_000


@dataclass(frozen=True, slots=True)
class Cutting:
    """How cuts are looked for.

    Parameters
    ----------
    rows
        Most cuts of one round.
    nested
        Most cuts for one target.
    least
        Smallest violation of a cut.
    """

    rows: int = 200
    nested: int = 3
    least: float = 0.02


class Relaxation:
    """A linear program over a network, with the bounds that every connected set keeps.

    Parameters
    ----------
    problem
        What is asked.
    network
        Its network.
    """

    def __init__(self, problem: Problem, network: Network) -> None:
        self.problem, self.network = problem, network
        size = len(network)
        self.weight = network.spread(problem.weight)
        self.lower, self.upper = np.zeros(size), np.ones(size)
        self.lower[0] = 1.0
        self.lower[1:][network.spread(problem.forced.astype(float))[1:] > 0] = 1.0
        served = network.may_serve.any(axis=0)
        self.upper[network.spread((~served).astype(float)) > 0] = 0.0
        close_ways(network, self.upper)
        self.program = LinearProgram(self.weight, self.lower, self.upper)
        self.fixed_rows = first_rows(problem, network)
        self.program.add(self.fixed_rows)
        self.keep = self.program.row_count
        self.cut_count = 0
        self.begun = False
        self.likely: Floats | None = None

    def begin(self, value: float, deadline: Deadline) -> float:
        """Return a bound from dual ascent on sets above `value`, and take over its cuts.

        It is infinite where something is limited, and of no use a second time. `likely`, shape
        (n,), then marks what a set at the bound may hold.
        """
        if self.begun or self.problem.limited or not len(self.network.roots):
            return np.inf
        self.begun = True
        found = ascent(self.problem, self.network, value, deadline)
        if found.bound > value:
            self.upper[found.closed(value)] = 0.0
            close_ways(self.network, self.upper)
            self.program.add(found.rows)
            self.cut_count += len(found.rows)
            free = (found.least_loss <= 1e-9 * max(1.0, abs(found.bound))).astype(float)
            self.likely = np.clip(self.marks(free), 0.0, 1.0)
        return found.bound

    def solve(self, lower: Floats, upper: Floats, deadline: Deadline) -> Relaxed:
        """Solve under bounds on each network node."""
        self.program.bound(lower, upper)
        for turn in numbers(1):
            left = deadline.left_s()
            # Slices grow, lest a program that is slow to resume never gets anywhere.
            part = min(left, min(0.1 * turn, 0.6)) if deadline.may_stop else left
            found = self.program.solve(part)
            if not found.short or deadline.over():
                break
        return found

    def cut(
        self, at: Floats, open_nodes: Marks, cutting: Cutting, seed: int, deadline: Deadline
    ) -> int:
        """Add violated separators; returns how many there were."""
        network = self.network
        rng = np.random.default_rng(seed)
        ways = way_rows(network, at, cutting.least)
        self.program.add(ways)
        plain = np.arange(len(at)) < network.first_way
        targets = np.flatnonzero((at > cutting.least) & plain & (network.node >= 0))
        targets = targets[np.argsort(-at[targets] - 0.3 * rng.random(len(targets)))]
        start, node, target = separate(
            network.start, network.to, network.back_start, network.back_to, network.twin,
            np.clip(at, 0.0, 1.0), 1 + np.arange(len(network.roots)),
            np.clip(network.node, 0, None), network.may_serve, open_nodes,
            targets.astype(np.int64), cutting.nested, cutting.least, cutting.rows, _MOST_ENTRIES,
            deadline.halt,
        )  # fmt: skip
        if len(target):
            self.program.add(_as_rows(start, node, target))
        self.cut_count += len(target) + len(ways)
        return len(target) + len(ways)

    def drop_slack(self) -> int:
        """Remove cuts that did not bind in the last solution; returns how many."""
        slack = self.program.slack_rows()
        slack[: self.keep] = False
        self.program.remove(slack)
        return int(slack.sum())

    def tighten(self, relaxed: Relaxed, value: float) -> int:
        """Fix for good what cannot be in a set above `value`; returns how many are newly fixed."""
        out, sure = fixed_by_cost(relaxed, value)
        count = int((out & (self.upper > 0)).sum() + (sure & (self.lower < 1)).sum())
        self.upper[out] = 0.0
        close_ways(self.network, self.upper)
        self.lower[sure] = 1.0
        return count

    def marks(self, at: Floats) -> Floats:
        """Return how far each node of the problem is chosen, shape (n,)."""
        return self.network.gather(at, len(self.problem))


def close_ways(network: Network, upper: Floats | Marks) -> None:
    """Close, in place, the ways from or to a closed node."""
    ways = upper[network.first_way :]
    shut = (upper[network.tail] == 0) | (upper[network.head] == 0)
    ways[shut] = 0


def fixed_by_cost(relaxed: Relaxed, value: float) -> tuple[Marks, Marks]:
    """Return which variables are 0, and which are 1, in every solution above `value`."""
    room = relaxed.value - value + 1e-7 * max(1.0, abs(value))
    out = (relaxed.at < 1e-9) & (relaxed.reduced < -room)
    sure = (relaxed.at > 1 - 1e-9) & (relaxed.reduced > room)
    return out, sure


def _as_rows(start: Ints, node: Ints, target: Ints) -> Rows:
    count = len(target)
    full = np.empty(len(node) + count, dtype=np.int64)
    factor = np.ones(len(full))
    new_start = start + np.arange(count + 1)
    last = new_start[1:] - 1
    spot = np.ones(len(full), dtype=bool)
    spot[last] = False
    full[spot] = node
    full[last] = target
    factor[last] = -1.0
    return Rows(new_start, full, factor, np.zeros(count), np.full(count, np.inf))


def converge(
    relaxation: Relaxation,
    lower: Floats,
    upper: Floats,
    *,
    value: float,
    deadline: Deadline,
    cutting: Cutting,
    rounds: int,
    patience: int,
) -> Relaxed | None:
    """Cut until nothing is violated, the bound is no better than the value, or it stalls.

    Parameters
    ----------
    lower, upper
        Shape (m,): bounds of each network node; nodes closed here stay in the cuts, which hold
        everywhere.
    value
        Weight that a set has to beat to matter.
    deadline
        When to stop.
    rounds
        Most rounds of cuts.
    patience
        Stop where so many rounds gained less than 1 % of the distance to the value.

    Returns
    -------
    relaxed
        The last solution, or None if the program could not be solved in time.
    """
    relaxed, least, history, swept = None, 0.2, [], np.inf
    for turn in range(rounds + 1):
        if deadline.over():
            break
        found = relaxation.solve(lower, upper, deadline)
        if found.infeasible:
            return found
        if not found.solved:
            break
        relaxed = found
        history.append(found.value)
        if found.value <= value or turn == rounds:
            break
        if turn >= patience and history[-1 - patience] - found.value < 0.01 * (found.value - value):
            break
        out, sure = fixed_by_cost(found, value)
        lower, upper = np.where(sure, 1.0, lower), np.where(out, 0.0, upper)
        # Rows are dropped seldom without progress, or the same ones might come and go for ever.
        progress = swept - found.value > 1e-4 * abs(found.value)
        if turn % 4 == 3 and (progress or turn % 12 == 11):
            swept = found.value
            relaxation.drop_slack()
        count, look = 0, least
        while count == 0 and look >= cutting.least:
            count = relaxation.cut(
                found.at, relaxation.upper > 0, replace(cutting, least=look), turn, deadline
            )
            if count < 5:
                least = max(least / 3, cutting.least)
                look = look / 3 if look > cutting.least * 1.01 else 0.0
                look = max(look, cutting.least) if look else 0.0
        if count == 0:
            break
    return relaxed
