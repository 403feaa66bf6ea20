"""What works, parcels and projects were to bring by their own plans up to a month, and brought."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from zonewright.core.periods import Period
from zonewright.core.units import factor
from zonewright.steering.catalogue import Indicator
from zonewright.steering.rows import held_in, rows_meeting
from zonewright.steering.shortfall import CarrierKind
from zonewright.store.selectors import open_items
from zonewright.workflows.books import Books

_MONTHS = 12


@dataclass(frozen=True, eq=False)
class Owing:
    """Records that are behind their own plan.

    Parameters
    ----------
    kind
        Of the records.
    table, column
        Table of facts that holds them, and its column of codes.
    rows
        Index code; ``record``, ``name``, ``zone``, ``owner``, ``planned`` and ``done`` [the
        indicator's unit], ``due`` (a day, or NaT).
    """

    kind: CarrierKind
    table: str
    column: str
    rows: pd.DataFrame

    def within(self, books: Books, zone: str, on: date) -> pd.DataFrame:
        """Return the rows of the records that lie in a zone on a day."""
        frame = books.tables[self.table]
        inside = set(frame[self.column].to_numpy()[books.scope(on).mask(frame, zone)])
        return self.rows[self.rows.index.isin(inside)]


def owing(books: Callable[[], Books], indicator: Indicator, period: Period) -> Owing | None:
    """Return the records that are behind their own plan for an indicator.

    ==============  ===============================================================================
    investment      a work's plan of the year, spread evenly from its planned start to December;
                    less what its returns bring
    starts,         a work, or its floor area, from its planned start or finish on, until it has
    factories       begun or is finished
    land            a parcel's area, if it is to be available by the year's end, until it has
                    passed the stage: earlier stages have no day of their own
    signings        a project from the day on which it was to be signed, until it is
    ==============  ===============================================================================

    Parameters
    ----------
    books
        Opens what the workspace says; called only if there are records that could be behind.
    indicator
        A flow; of others records carry nothing.
    period
        January to a month.

    Returns
    -------
    owing
        None if no record plans anything for the indicator.
    """
    makers: dict[str, Callable[[Books, Indicator, Period], Owing | None]] = {
        "work_months": _works_behind_plan,
        "works": _works_late,
        "parcel_events": _parcels_late,
        "ventures": _ventures_late,
    }
    maker = makers.get(indicator.table)
    if maker is None or indicator.nature != "flow":
        return None
    if not open_items.has_rows(indicator.table.replace("work_months", "works")):
        return None
    return maker(books(), indicator, period)


def _works_behind_plan(books: Books, indicator: Indicator, period: Period) -> Owing | None:
    if indicator.value != "invested_cny":
        return None
    works = open_items.works_planned(books.as_of)
    works = works[_meeting(works, indicator) & works["year_plan_cny"].notna()]
    months = books.tables["work_months"]
    start, end = pd.Timestamp(period.start_on), pd.Timestamp(period.end_on)
    inside = (months["month"] >= start) & (months["month"] <= end)
    done = months[inside].groupby("work")["invested_cny"].sum()
    # A work that begins within the year is to bring its plan from then to December.
    begin = works["planned_start"]
    before = (begin.dt.month - 1).where(begin.dt.year == period.year, 0)
    share = (period.last_month - before).clip(lower=0) / (_MONTHS - before)
    share = share.where(~(begin.dt.year > period.year), 0.0)
    scale = float(factor(held_in(indicator), indicator.unit))
    brought = done.reindex(works.index).fillna(0.0)
    planned = works["year_plan_cny"] * share * scale
    return _behind("work", works, planned, brought * scale, works["planned_finish"])


def _works_late(books: Books, indicator: Indicator, period: Period) -> Owing | None:
    plans = {"started_on": "planned_start", "finished_on": "planned_finish"}
    if indicator.when not in plans:
        return None
    works = open_items.works_planned(books.as_of)
    works = works[_meeting(works, indicator)]
    size = pd.Series(1.0, index=works.index)
    if indicator.rule == "sum":
        if indicator.value not in works:
            return None
        size = works[indicator.value] * float(factor("m2", indicator.unit))
    due = works[plans[indicator.when]]
    late = _late(due, works[indicator.when], period)
    return _behind("work", works, size.where(late, 0.0), 0.0 * size, due)


def _parcels_late(books: Books, indicator: Indicator, period: Period) -> Owing | None:
    stages = [c.values for c in indicator.where if c.field == "stage" and c.op == "="]
    if indicator.value != "area_m2" or not stages:
        return None
    parcels = open_items.parcels_planned(date(period.year, _MONTHS, 31), books.as_of)
    events = books.tables["parcel_events"]
    # Who has come further has passed the stage, whether it was noted or not.
    passed = (events["on"] <= pd.Timestamp(period.end_on)) & (events["stage"] >= min(stages[0]))
    areas = books.tables["parcels"].drop_duplicates("parcel").set_index("parcel")
    area_m2 = areas["area_m2"].reindex(parcels.index).fillna(0.0)
    lacks = ~parcels.index.isin(set(events["parcel"][passed]))
    planned = area_m2.where(lacks, 0.0) * float(factor("m2", indicator.unit))
    return _behind("parcel", parcels, planned, 0.0 * planned, parcels["available_on"])


def _ventures_late(books: Books, indicator: Indicator, period: Period) -> Owing | None:
    if indicator.when != "signed_on" or indicator.rule != "count":
        return None
    ventures = open_items.ventures_planned("signed", books.as_of)
    known = books.tables["ventures"].set_index("venture")
    wanted = known[rows_meeting(known, indicator.where, of="ventures")].index
    ventures = ventures[ventures.index.isin(wanted)]
    planned = _late(ventures["planned_on"], ventures["actual_on"], period).astype(float)
    return _behind("venture", ventures, planned, 0.0 * planned, ventures["planned_on"])


def _late(planned: pd.Series, actual: pd.Series, period: Period) -> pd.Series:
    end = pd.Timestamp(period.end_on)
    return (planned <= end) & ~(actual <= end)


def _meeting(works: pd.DataFrame, indicator: Indicator) -> np.ndarray:
    """Return which works an indicator counts, by the conditions that concern works."""
    of_works = [condition for condition in indicator.where if condition.field in works]
    return rows_meeting(works, of_works, of="works")


def _behind(
    kind: CarrierKind, rows: pd.DataFrame, planned: pd.Series, done: pd.Series, due: pd.Series
) -> Owing:
    found = rows.assign(planned=planned, done=done, due=due)
    columns = ["record", "name", "zone", "owner", "planned", "done", "due"]
    return Owing(kind, f"{kind}s", kind, found[found["planned"] > found["done"]][columns])
