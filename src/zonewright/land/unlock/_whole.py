"""HiGHS for whole numbers: one solve of a mixed-integer program, with its bound."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np

from zonewright.core.errors import EngineError
from zonewright.land.unlock._highs import Rows
from zonewright.land.unlock.graph import Floats, Marks


@dataclass(frozen=True, slots=True)
class Whole:
    """The answer of a program in whole numbers.

    Parameters
    ----------
    done
        Whether it was solved to the end.
    infeasible
        Whether it has no solution.
    bound
        No solution is worth more; infinite if nothing is known.
    at
        Shape (n,): the best solution found; empty if there is none.
    """

    done: bool
    infeasible: bool
    bound: float
    at: Floats


def solve_whole(
    weight: Floats,
    lower: Floats,
    upper: Floats,
    rows: Sequence[Rows],
    whole: Marks,
    *,
    begin: Floats | None,
    tolerance: float,
    time_limit_s: float,
    stop: Callable[[], bool],
) -> Whole:
    """Maximize ``weight @ x`` under rows, for x between bounds and whole where marked.

    Parameters
    ----------
    weight, lower, upper, whole
        Shape (n,).
    rows
        Each in compressed form.
    begin
        Shape (n,): a solution to begin with.
    tolerance
        Share of the value within which a solution counts as the best [-].
    time_limit_s
        Wall time [s].
    stop
        Asked some times a second; once it is true the best so far is returned.
    """
    highs = highspy.Highs()
    for option, value in (
        ("output_flag", False), ("threads", 1), ("parallel", "off"),
        ("time_limit", max(time_limit_s, 0.05)), ("mip_rel_gap", tolerance),
    ):  # fmt: skip
        highs.setOptionValue(option, value)
    count = len(weight)
    columns = np.arange(count, dtype=np.int32)
    highs.addVars(count, lower, upper)
    highs.changeColsCost(count, columns, weight)
    kinds = np.where(
        whole, int(highspy.HighsVarType.kInteger), int(highspy.HighsVarType.kContinuous)
    )
    highs.changeColsIntegrality(count, columns, kinds.astype(np.uint8))
    highs.changeObjectiveSense(highspy.ObjSense.kMaximize)
    for block in rows:
        if len(block):
            highs.addRows(
                len(block), block.lower, block.upper, len(block.column),
                block.start[:-1].astype(np.int32), block.column.astype(np.int32), block.factor,
            )  # fmt: skip
    if begin is not None:
        solution = highspy.HighsSolution()
        solution.col_value = begin.tolist()
        highs.setSolution(solution)

    def ask(event: Any) -> None:
        event.interrupt(stop())

    highs.cbMipInterrupt += ask
    highs.run()
    status = highs.getModelStatus()
    if status == highspy.HighsModelStatus.kSolveError:
        raise EngineError("unlock-solver-failed", status=str(status))
    info = highs.getInfo()
    found = info.primal_solution_status == 2  # a feasible point
    bound = float(info.mip_dual_bound)
    return Whole(
        done=status == highspy.HighsModelStatus.kOptimal,
        infeasible=status == highspy.HighsModelStatus.kInfeasible,
        bound=bound if np.isfinite(bound) else np.inf,
        at=np.array(highs.getSolution().col_value, dtype=float) if found else np.empty(0),
    )
