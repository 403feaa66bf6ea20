"""Several blocks at once as one program: which nodes count, under rows for sets that fall short.

A node counts if its connected set reaches the threshold. Rows for sets that fall short are added as
relaxed or whole solutions break them; every program is a relaxation, so that its bound holds. A
piece of land that holds one block at most has a mark of its own: no node of it counts unless as
much as a block does. With the number of blocks as target, a larger piece holds at most as many
blocks as its nodes, none counted above the threshold, make up.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from zonewright.land.unlock._highs import LinearProgram, Relaxed, Rows, rows_of
from zonewright.land.unlock._shortfall import SHORT, short_sets
from zonewright.land.unlock._whole import solve_whole
from zonewright.land.unlock.blocks_problem import Forest, filled
from zonewright.land.unlock.blocks_tree import BlocksTree
from zonewright.land.unlock.graph import Floats, Ints, Marks
from zonewright.land.unlock.relaxation import fixed_by_cost

_MOST_ROWS = 400
_LEAST = 0.02
_WHOLE_LEAST = 0.5
_WHOLE_SHARE = 0.05


@dataclass(slots=True)
class Bounds:
    """What the program shows.

    Parameters
    ----------
    bound
        No plan is worth more [weight or blocks].
    chosen
        Shape (n,): the best choice found.
    rows
        How many rows were added.
    whole
        Whether a program in whole numbers was solved, not only its relaxation.
    branches
        How many branches were bounded.
    """

    bound: float
    chosen: Marks
    rows: int = 0
    whole: bool = False
    branches: int = 0


@dataclass(slots=True)
class BlocksProgram:
    """The program of a question about several blocks; columns are its n nodes, then the marks.

    Parameters
    ----------
    forest
        What is asked.
    """

    forest: Forest
    weight: Floats = field(init=False)
    lower: Floats = field(init=False)
    upper: Floats = field(init=False)
    piece: Ints = field(init=False)
    rows: list[Rows] = field(init=False)
    scattered: bool = field(init=False)
    added: int = 0

    def __post_init__(self) -> None:
        forest, problem = self.forest, self.forest.problem
        count, threshold = len(problem), max(forest.threshold, 2 * SHORT)
        usable: Marks = np.asarray((problem.use <= problem.limit * (1 + 1e-9)).all(axis=1))
        already, _ = forest.counted(forest.ready)
        part, nodes = problem.graph.part(usable)
        label = np.full(count, -1, dtype=np.int64)
        label[nodes] = part.components()
        capped = np.minimum(problem.weight, threshold)
        pieces = int(label.max(initial=-1)) + 1
        total = np.bincount(label[nodes], capped[nodes], minlength=pieces)
        held = np.bincount(label[nodes], already[nodes], minlength=pieces) > 0
        most = np.floor((total + SHORT) / threshold)
        usable[nodes] = most[label[nodes]] >= 1
        single = (most == 1) & ~held
        marked = np.flatnonzero((most >= 1) if forest.by_number else single)
        column = np.full(pieces, -1, dtype=np.int64)
        column[marked] = count + np.arange(len(marked))
        self.piece = np.where(label >= 0, column[np.clip(label, 0, None)], -1)
        self.piece[~usable] = -1
        # Programs in whole numbers are at their best on pieces of one block, branches on others.
        alone = single[label[usable & (label >= 0)]]
        self.scattered = 2 * int(alone.sum()) > len(alone)
        plain = np.zeros(count) if forest.by_number else problem.weight
        self.weight = np.concatenate([plain, np.full(len(marked), float(forest.by_number))])
        self.lower = np.concatenate([already.astype(float), np.zeros(len(marked))])
        self.upper = np.concatenate([usable.astype(float), most[marked]])
        self.rows = [self._limits(), self._pieces(marked, capped, label, single, threshold)]

    def _limits(self) -> Rows:
        problem = self.forest.problem
        columns, factors, most = [], [], []
        for k in np.flatnonzero(np.isfinite(problem.limit)):
            columns.append(np.flatnonzero(problem.use[:, k]))
            scale = max(float(problem.use[:, k].mean()), 1e-12)
            factors.append(problem.use[columns[-1], k] / scale)
            most.append(float(problem.limit[k] / scale))
        return rows_of(columns, factors, [-np.inf] * len(most), most)

    def _pieces(
        self, marked: Ints, capped: Floats, label: Ints, single: Marks, threshold: float
    ) -> Rows:
        count = len(self.forest.problem)
        order = np.argsort(label, kind="stable")
        begun = np.searchsorted(label[order], marked)
        ended = np.searchsorted(label[order], marked, side="right")
        columns: list[Ints] = []
        factors: list[Floats] = []
        for place, (begin, end) in enumerate(zip(begun, ended, strict=True)):
            nodes, mark = order[begin:end], count + place
            columns.append(np.append(nodes, mark))
            factors.append(np.append(capped[nodes], -(threshold - SHORT)) / threshold)
            if single[marked[place]]:
                for node in nodes:
                    columns.append(np.array([mark, node]))
                    factors.append(np.array([1.0, -1.0]))
        return rows_of(columns, factors, [0.0] * len(columns), [np.inf] * len(columns))

    def cut(self, at: Floats, least: float, seed: int) -> Rows:
        """Return rows that a solution breaks by more than a measure."""
        problem = self.forest.problem
        nodes = at[: len(problem)]
        seeds = np.flatnonzero(nodes > least)
        shake = np.random.default_rng(seed).random(len(seeds))
        seeds = seeds[np.argsort(-nodes[seeds] - 0.3 * shake)]
        row, node, target = short_sets(
            problem.graph.start, problem.graph.to, problem.weight, np.clip(nodes, 0.0, 1.0),
            float(self.forest.threshold), seeds.astype(np.int64), least, _MOST_ROWS,
        )  # fmt: skip
        found: dict[bytes, tuple[Ints, Floats]] = {}
        for place in range(len(target)):
            near = np.sort(node[row[place] : row[place + 1]])
            columns = np.append(near, target[place])
            factors = np.append(np.ones(len(near)), -1.0)
            found.setdefault(columns.tobytes(), (columns, factors))
        rows = rows_of(
            [columns for columns, _ in found.values()], [one for _, one in found.values()],
            [0.0] * len(found), [np.inf] * len(found),
        )  # fmt: skip
        if len(rows):
            self.rows.append(rows)
            self.added += len(rows)
        return rows

    def relax(self, value: float, until: float, stop: Callable[[], bool]) -> Relaxed | None:
        """Solve the relaxation, cut, and solve again; returns the last solution.

        What cannot be in a plan worth more than `value` is closed on the way.
        """
        program = LinearProgram(self.weight, self.lower, self.upper)
        for rows in self.rows:
            program.add(rows)
        relaxed, turn, least, history = None, 0, 0.2, []
        while time.perf_counter() < until and not stop():
            found = program.solve(until - time.perf_counter())
            if not found.solved:
                break
            relaxed = found
            history.append(found.value)
            self._close(found, value)
            program.bound(self.lower, self.upper)
            if found.value <= value * (1 + 1e-9):
                break
            if turn > 25 and history[-25] - found.value < 0.02 * (found.value - value):
                break
            rows = self.cut(found.at, least, turn)
            while not len(rows) and least > _LEAST:
                least = max(least / 3, _LEAST)
                rows = self.cut(found.at, least, turn)
            if not len(rows):
                break
            program.add(rows)
            turn += 1
        return relaxed

    def _close(self, relaxed: Relaxed, value: float) -> None:
        if self.forest.by_number:
            value = np.ceil(value + 1e-6) - 1e-6
        out, sure = fixed_by_cost(relaxed, value)
        self.upper[out & (self.lower < 1)] = 0.0
        self.lower[sure & (self.upper == 1)] = 1.0

    def solve(
        self, begin: Marks, *, until: float, tolerance: float, stop: Callable[[], bool]
    ) -> Bounds:
        """Bound what is asked, and look for better choices on the way.

        Parameters
        ----------
        begin
            Shape (n,): a good choice.
        until
            When to stop [s, performance counter].
        tolerance
            Share of the value within which a choice counts as the best [-].
        stop
            Asked some times a second.
        """
        forest = self.forest
        best = forest.value(begin)
        now = time.perf_counter()
        relaxed = self.relax(best, now + 0.5 * (until - now), stop)
        bound = relaxed.value if relaxed is not None else float(self.weight @ self.upper)
        answer = Bounds(max(self._rounded(bound), best, 0.0), begin, self.added)
        whole = np.ones(len(self.weight), dtype=bool)
        now = time.perf_counter()
        whole_until = now + (0.4 if self.scattered else _WHOLE_SHARE) * (until - now)
        while answer.bound > best * (1 + tolerance) + 1e-9:
            left = whole_until - time.perf_counter()
            if left <= 0.05 or stop():
                break
            found = solve_whole(
                self.weight, self.lower, self.upper, self.rows, whole,
                begin=self._columns(answer.chosen), tolerance=tolerance / 2, time_limit_s=left,
                stop=stop,
            )  # fmt: skip
            if found.infeasible:
                answer.bound = best
                break
            answer.whole = True
            answer.bound = max(min(answer.bound, self._rounded(found.bound)), best, 0.0)
            if not len(found.at):
                break
            chosen = forest.useful(forest.ready | (found.at[: len(begin)] > 0.5))
            if forest.value(chosen) > best:
                best, answer.chosen = forest.value(chosen), chosen
                answer.bound = max(answer.bound, best)
            if not len(self.cut(found.at, _WHOLE_LEAST, 0)):
                break
        if answer.bound > best * (1 + tolerance) + 1e-9:
            self._branch(answer, until, tolerance, stop)
        answer.rows = self.added
        return answer

    def _branch(
        self, answer: Bounds, until: float, tolerance: float, stop: Callable[[], bool]
    ) -> None:
        """Split what is left open, and write bound and better choices into the answer."""
        forest = self.forest
        program = LinearProgram(self.weight, self.lower, self.upper)
        for rows in self.rows:
            program.add(rows)

        def beat() -> float:
            value = forest.value(answer.chosen)
            return value + (1.0 - 1e-6 if forest.by_number else tolerance / 2 * value)

        def offer(at: Floats) -> float:
            chosen = self.near(at)
            if forest.score(chosen) > forest.score(answer.chosen):
                answer.chosen = chosen
            return beat()

        tree = BlocksTree(
            forest, program, self.lower, self.upper, self.cut, offer,
            keep=sum(len(rows) for rows in self.rows[:2]),
        )  # fmt: skip
        bound = tree.run(answer.bound, beat(), until, stop)
        answer.bound = max(self._rounded(min(bound, answer.bound)), forest.value(answer.chosen))
        answer.branches = tree.branches

    def near(self, at: Floats) -> Marks:
        """Return a choice near a relaxed solution: the most chosen nodes that can be paid."""
        forest, problem = self.forest, self.forest.problem
        chosen = forest.ready.copy()
        nodes = at[: len(problem)]
        order = np.flatnonzero((nodes > 0.02) & ~chosen)
        order = order[np.argsort(-nodes[order], kind="stable")]
        spent = np.cumsum(problem.use[order], axis=0)
        fits = (spent <= problem.limit * (1 + 1e-9)).all(axis=1)
        chosen[order[fits]] = True
        return filled(forest, forest.useful(chosen))

    def _rounded(self, bound: float) -> float:
        return float(np.floor(bound + 1e-6)) if self.forest.by_number else bound

    def _columns(self, chosen: Marks) -> Floats:
        """Return a choice as a solution of the program."""
        problem, count = self.forest.problem, len(chosen)
        threshold = max(self.forest.threshold, 2 * SHORT)
        counted, _ = self.forest.counted(chosen)
        at = np.concatenate([counted.astype(float), np.zeros(len(self.weight) - count)])
        inside = np.flatnonzero(counted & (self.piece >= 0))
        capped = np.minimum(problem.weight[inside], threshold)
        sums = np.bincount(self.piece[inside], capped, minlength=len(at))[count:]
        at[count:] = np.minimum(np.floor((sums + SHORT) / threshold), self.upper[count:])
        return at
