"""Linear programs, by HiGHS: the only module of grading that knows the solver."""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np
from numpy.typing import ArrayLike

from zonewright.core.errors import EngineError
from zonewright.land.grading.terrain import Floats

_INFEASIBLE = (
    highspy.HighsModelStatus.kInfeasible,
    highspy.HighsModelStatus.kUnboundedOrInfeasible,
)


@dataclass(frozen=True, slots=True, eq=False)
class Solved:
    """What the solver found; an infeasible program has no values and an infinite objective."""

    feasible: bool
    objective: float
    values: Floats


class Program:
    """A linear program that is minimised again after rows, bounds or coefficients changed."""

    def __init__(self) -> None:
        self._highs = highspy.Highs()
        self._highs.setOptionValue("output_flag", False)
        self._highs.setOptionValue("threads", 1)
        self._rows = 0
        self._columns = 0

    def columns(self, costs: ArrayLike, low: ArrayLike, high: ArrayLike) -> slice:
        """Add variables with costs and bounds; return their positions."""
        cost, least, most = np.broadcast_arrays(
            np.asarray(costs, dtype=np.float64), np.asarray(low, float), np.asarray(high, float)
        )
        first, count = self._columns, len(cost)
        starts = np.zeros(count, dtype=np.int32)
        empty = np.empty(0, dtype=np.int32)
        self._highs.addCols(
            count, cost.copy(), least.copy(), most.copy(), 0, starts, empty, np.empty(0)
        )
        self._columns += count
        return slice(first, first + count)

    def row(self, low: float, high: float, columns: ArrayLike, values: ArrayLike) -> int:
        """Add a row low <= values · columns <= high; return its position."""
        places = np.asarray(columns, dtype=np.int32)
        numbers = np.asarray(values, dtype=np.float64)
        self._highs.addRow(low, high, len(places), places, numbers)
        self._rows += 1
        return self._rows - 1

    def set_row(self, row: int, low: float, high: float) -> None:
        """Change the bounds of a row."""
        self._highs.changeRowBounds(row, low, high)

    def set_coefficient(self, row: int, column: int, value: float) -> None:
        """Change one coefficient."""
        self._highs.changeCoeff(row, column, value)

    def set_bounds(self, column: int, low: float, high: float) -> None:
        """Change the bounds of a variable."""
        self._highs.changeColBounds(column, low, high)

    def set_costs(self, costs: Floats) -> None:
        """Change the costs of all variables."""
        places = np.arange(self._columns, dtype=np.int32)
        self._highs.changeColsCost(self._columns, places, costs)

    def minimise(self) -> Solved:
        """Solve from where the last solution stands.

        Raises
        ------
        EngineError
            If the solver ends in any state but optimal or infeasible.
        """
        self._highs.run()
        found = self._highs.getModelStatus()
        if found in _INFEASIBLE:
            return Solved(False, np.inf, np.empty(0))
        if found != highspy.HighsModelStatus.kOptimal:
            raise EngineError("grading-solver", status=self._highs.modelStatusToString(found))
        values = np.array(self._highs.getSolution().col_value)
        return Solved(True, float(self._highs.getInfo().objective_function_value), values)
