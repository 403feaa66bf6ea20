"""The works of a zone as a forecast takes them: plan, cost, progress, what each month brought."""

from __future__ import annotations

import numpy as np
import pandas as pd

from zonewright.core.units import factor
from zonewright.steering.figure import Question
from zonewright.steering.forecast_works import WorkState
from zonewright.steering.rollup import indicator_of
from zonewright.steering.rows import held_in, rows_meeting
from zonewright.store import selectors
from zonewright.workflows.books import Books

# The indicator that is what works bring.
WORKS_INDICATOR = "works_invested"


def works_ahead(books: Books, asked: Question) -> tuple[WorkState, ...]:
    """Return the works of a zone with what each month brought, in the indicator's unit.

    Parameters
    ----------
    books
        What the workspace says.
    asked
        The indicator that works bring, a zone, and a period: what came later is left out.
    """
    facts = books.facts(asked.period.end_on)
    indicator = indicator_of(asked.indicator, facts)
    scale = float(factor(held_in(indicator), indicator.unit))
    scope = books.scope(asked.period.end_on)
    works = books.tables["works"]
    kinds = tuple(condition for condition in indicator.where if condition.field == "kind")
    counted = rows_meeting(works, kinds, of="works")
    works = works[scope.mask(works, asked.zone) & counted]
    months = books.tables["work_months"]
    months = months[months["work"].isin(works["work"])]
    months = months[months["month"] <= pd.Timestamp(asked.period.end_on)]
    amounts = _amounts(months, scale)
    plans = selectors.work_plans(asked.period.end_on, as_of=books.as_of)
    return tuple(
        WorkState(
            code=str(row["work"]),
            amounts=amounts.get(str(row["work"]), {}),
            total=_scaled(row["total_cost_cny"], scale),
            year_plan=_plan(plans, str(row["work"]), scale),
            physical_pct=_of(plans, str(row["work"]), "physical_pct"),
            planned_start=_month(row["planned_start"]),
            started=_month(row["started_on"]),
            finished=_month(row["finished_on"]),
        )
        for row in works.to_dict("records")
    )


def _amounts(months: pd.DataFrame, scale: float) -> dict[str, dict[int, float]]:
    found: dict[str, dict[int, float]] = {}
    known = months[months["invested_cny"].notna()]
    index = known["month"].dt.year * 12 + known["month"].dt.month - 1
    for work, month, amount in zip(known["work"], index, known["invested_cny"], strict=True):
        found.setdefault(str(work), {})[int(month)] = float(amount) * scale
    return found


def _plan(plans: pd.DataFrame, work: str, scale: float) -> float | None:
    return _scaled(_of(plans, work, "year_plan_cny"), scale)


def _of(plans: pd.DataFrame, work: str, column: str) -> float | None:
    if work not in plans.index:
        return None
    value = float(plans[column].loc[work])
    return None if np.isnan(value) else value


def _scaled(value: float | None, scale: float) -> float | None:
    return None if value is None or np.isnan(value) else float(value) * scale


def _month(day: object) -> int | None:
    return day.year * 12 + day.month - 1 if isinstance(day, pd.Timestamp) else None
