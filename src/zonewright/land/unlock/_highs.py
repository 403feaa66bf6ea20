"""The one place where the land engine speaks to HiGHS: a linear program that grows by rows."""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np

from zonewright.core.errors import EngineError
from zonewright.land.unlock.graph import Floats, Ints, Marks


@dataclass(frozen=True, slots=True)
class Rows:
    """Linear rows in compressed form: row i holds entries ``start[i]`` up to ``start[i + 1]``."""

    start: Ints
    column: Ints
    factor: Floats
    lower: Floats
    upper: Floats

    def __len__(self) -> int:
        return len(self.lower)


def rows_of(
    columns: list[Ints], factors: list[Floats], lower: list[float], upper: list[float]
) -> Rows:
    """Return rows from one list of columns and factors each."""
    sizes = np.array([0, *(len(row) for row in columns)], dtype=np.int64)
    return Rows(
        np.cumsum(sizes),
        np.concatenate([np.empty(0, dtype=np.int64), *columns]).astype(np.int64),
        np.concatenate([np.empty(0), *factors]).astype(float),
        np.array(lower, dtype=float),
        np.array(upper, dtype=float),
    )


@dataclass(frozen=True, slots=True)
class Relaxed:
    """The answer of a linear program: its value is a bound only if `solved`.

    `short` tells that the time was up: solved again, it goes on from there.
    """

    solved: bool
    infeasible: bool
    value: float
    at: Floats
    reduced: Floats
    short: bool = False


class LinearProgram:
    """Maximize ``weight @ x`` for x between bounds, under rows that are added as they are found.

    Parameters
    ----------
    weight, lower, upper
        Shape (n,).
    """

    def __init__(self, weight: Floats, lower: Floats, upper: Floats) -> None:
        self._highs = highspy.Highs()
        for option, value in (
            ("output_flag", False),
            ("threads", 1),
            ("solver", "simplex"),
            ("presolve", "off"),
            ("parallel", "off"),
        ):
            self._highs.setOptionValue(option, value)
        count = len(weight)
        self._count = count
        self._highs.addVars(count, lower, upper)
        self._highs.changeColsCost(count, np.arange(count, dtype=np.int32), weight)
        self._highs.changeObjectiveSense(highspy.ObjSense.kMaximize)

    @property
    def row_count(self) -> int:
        """Return how many rows there are."""
        return int(self._highs.getNumRow())

    def add(self, rows: Rows) -> None:
        """Add rows at the end."""
        if len(rows):
            self._highs.addRows(
                len(rows), rows.lower, rows.upper, len(rows.column),
                rows.start[:-1].astype(np.int32), rows.column.astype(np.int32), rows.factor,
            )  # fmt: skip

    def remove(self, gone: Marks) -> None:
        """Remove marked rows; the others keep their order."""
        places = np.flatnonzero(gone).astype(np.int32)
        if len(places):
            self._highs.deleteRows(len(places), places)

    def bound(self, lower: Floats, upper: Floats) -> None:
        """Set the bounds of every variable."""
        columns = np.arange(self._count, dtype=np.int32)
        self._highs.changeColsBounds(self._count, columns, lower, upper)

    def solve(self, time_limit_s: float) -> Relaxed:
        """Solve from the last basis."""
        elapsed = self._highs.getRunTime()
        self._highs.setOptionValue("time_limit", elapsed + max(time_limit_s, 0.01))
        self._highs.run()
        status = self._highs.getModelStatus()
        if status == highspy.HighsModelStatus.kSolveError:
            raise EngineError("unlock-solver-failed", status=str(status))
        solution = self._highs.getSolution()
        at = np.array(solution.col_value, dtype=float)
        reduced = np.array(solution.col_dual, dtype=float)
        return Relaxed(
            solved=status == highspy.HighsModelStatus.kOptimal,
            infeasible=status == highspy.HighsModelStatus.kInfeasible,
            value=float(self._highs.getInfo().objective_function_value),
            at=at,
            reduced=reduced,
            short=status == highspy.HighsModelStatus.kTimeLimit,
        )

    def basis(self) -> highspy.HighsBasis:
        """Return the basis of the last solution."""
        return self._highs.getBasis()

    def probe(
        self, basis: highspy.HighsBasis, lower: Floats, upper: Floats, iterations: int
    ) -> Relaxed:
        """Return where some steps of the dual method lead from a basis; a bound only if solved."""
        self._highs.setBasis(basis)
        self.bound(lower, upper)
        self._highs.setOptionValue("simplex_iteration_limit", iterations)
        relaxed = self.solve(5.0)
        self._highs.setOptionValue("simplex_iteration_limit", 2**31 - 1)
        return relaxed

    def slack_rows(self) -> Marks:
        """Return which rows did not bind in the last solution (their slack is basic)."""
        basis = self._highs.getBasis()
        basic = highspy.HighsBasisStatus.kBasic
        return np.array([status == basic for status in basis.row_status], dtype=bool)
