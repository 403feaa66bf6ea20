"""Branch and cut for several blocks: rows for sets that fall short are added at every branch."""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from zonewright.land.unlock._highs import LinearProgram, Relaxed, Rows
from zonewright.land.unlock.blocks_problem import Forest
from zonewright.land.unlock.graph import Floats, Marks
from zonewright.land.unlock.relaxation import fixed_by_cost

_ROUNDS = 6
_SWEEP = 40
_WHOLE = 1e-6


@dataclass(slots=True)
class BlocksTree:
    """Branches over which nodes count, worked through best bound first.

    Parameters
    ----------
    forest
        What is asked.
    program
        The relaxation with its rows so far; it gains rows.
    lower, upper
        Shape (n + k,): bounds of the nodes and marks.
    cut
        Given a solution, the least violation and a seed: new rows that it breaks.
    offer
        Given how far each node is chosen, looks for a choice near it; returns what a choice has to
        beat.
    keep
        How many of the first rows are never dropped.
    """

    forest: Forest
    program: LinearProgram
    lower: Floats
    upper: Floats
    cut: Callable[[Floats, float, int], Rows]
    offer: Callable[[Floats], float]
    keep: int = 0
    branches: int = 0
    _heap: list[tuple[float, int, Floats, Floats]] = field(default_factory=list)
    _closed: float = -np.inf

    def run(self, bound: float, best: float, until: float, stop: Callable[[], bool]) -> float:
        """Split until nothing may beat the best choice or the time is up; returns the bound.

        Parameters
        ----------
        bound, best
            Bound of the whole, and what a choice has to beat.
        until
            When to stop [s, performance counter].
        stop
            Asked between branches.
        """
        self._heap = [(-bound, 0, self.lower, self.upper)]
        count = 1
        while self._heap and -self._heap[0][0] > best:
            if time.perf_counter() >= until or stop():
                break
            known, _, lower, upper = self._heap[0]
            found = self._solve(lower, upper, best, until)
            if found is None:
                break
            heapq.heappop(self._heap)
            self.branches += 1
            value, at = min(found.value, -known), found.at
            if found.infeasible or value <= best:
                continue
            best = max(best, self.offer(at))
            if value <= best:
                continue
            out, sure = fixed_by_cost(found, best)
            upper = np.where(out & (lower < 1), 0.0, upper)
            lower = np.where(sure & (upper == 1), 1.0, lower)
            place = self._split(at)
            if place < 0:
                self._closed = max(self._closed, value)
                continue
            less, more = upper.copy(), lower.copy()
            less[place] = np.floor(at[place])
            more[place] = np.floor(at[place]) + 1.0
            for child in ((lower, less), (more, upper)):
                heapq.heappush(self._heap, (-value, count, *child))
                count += 1
        left = -self._heap[0][0] if self._heap else -np.inf
        return max(min(bound, max(left, self._closed)), best)

    def _solve(self, lower: Floats, upper: Floats, best: float, until: float) -> Relaxed | None:
        """Bound a branch, with new rows; None if the time does not suffice."""
        nodes = len(self.forest.problem)
        may, _ = self.forest.counted(upper[:nodes] > 0)
        if (lower[:nodes] > may).any():
            return Relaxed(False, True, -np.inf, np.empty(0), np.empty(0))
        upper[:nodes] = np.where(may, upper[:nodes], 0.0)
        self.program.bound(lower, upper)
        found = None
        for turn in range(_ROUNDS):
            left = until - time.perf_counter()
            solved = self.program.solve(max(left, 0.01))
            if solved.infeasible:
                return solved
            if not solved.solved:
                return found
            found = solved
            if found.value <= best:
                break
            rows = self.cut(found.at, 0.1 if turn else 0.2, self.branches + turn)
            if not len(rows):
                rows = self.cut(found.at, 0.02, self.branches + turn)
            if not len(rows):
                break
            self.program.add(rows)
        if self.branches % _SWEEP == _SWEEP - 1:
            slack: Marks = self.program.slack_rows()
            slack[: self.keep] = False
            self.program.remove(slack)
        return found

    def _split(self, at: Floats) -> int:
        """Return the variable to split: far from whole, and of much weight or use; -1 for none."""
        problem = self.forest.problem
        part = at - np.floor(at + _WHOLE)
        open_parts = np.flatnonzero((part > _WHOLE) & (part < 1 - _WHOLE))
        if not len(open_parts):
            return -1
        finite = np.isfinite(problem.limit) & (problem.limit > 0)
        use = (problem.use[:, finite] / problem.limit[finite]).sum(axis=1)
        total = max(float(problem.weight.max()), 1e-12)
        size = np.ones(len(at))
        size[: len(problem)] = problem.weight / total + use / max(float(use.max()), 1e-12)
        spread = np.minimum(part[open_parts], 1 - part[open_parts]) * np.sqrt(size[open_parts])
        return int(open_parts[np.argmax(spread)])
