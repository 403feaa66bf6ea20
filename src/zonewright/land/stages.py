"""The land pipeline L0 to L9: what passed a stage in a period, and what stands at it on a day."""

from __future__ import annotations

from datetime import date

import pandas as pd

from zonewright.core.periods import Period
from zonewright.core.schema import require_columns, table

STAGES: tuple[str, ...] = tuple(table("parcel_events")["stage"].choices)


def flow(events: pd.DataFrame, period: Period) -> pd.DataFrame:
    """Return what reached each stage in a period.

    A parcel reaches a stage once, on the first day recorded for it.

    Parameters
    ----------
    events
        Columns ``parcel``, ``stage``, ``on`` and ``area_m2`` [m²].
    period
        Months that count.

    Returns
    -------
    flow
        Index ``stage`` (L0 to L9, all ten); ``parcel_count`` and ``area_m2`` [m²].

    Examples
    --------
    >>> events = pd.DataFrame({
    ...     "parcel": ["A", "A", "B"], "stage": ["L3", "L5", "L3"], "area_m2": [10.0, 10.0, 5.0],
    ...     "on": pd.to_datetime(["2023-02-01", "2023-06-01", "2022-12-31"])})
    >>> flow(events, Period.parse("2023")).loc["L3"].to_dict()
    {'parcel_count': 1.0, 'area_m2': 10.0}
    """
    _require(events)
    first = events.sort_values("on", kind="stable").drop_duplicates(["parcel", "stage"])
    if period.first is not None:
        first = first[first["on"] >= pd.Timestamp(period.start_on)]
    return _by_stage(first[first["on"] < _day_after(period.end_on)])


def stock(events: pd.DataFrame, on: date) -> pd.DataFrame:
    """Return what stands at each stage at the end of a day.

    A parcel stands at the furthest stage that it has reached, also where it skipped one.

    Parameters
    ----------
    events
        As for `flow`.
    on
        The day, included.

    Returns
    -------
    stock
        As for `flow`; every parcel with an event by the day counts exactly once.

    Examples
    --------
    >>> events = pd.DataFrame({
    ...     "parcel": ["A", "A", "B"], "stage": ["L3", "L5", "L3"], "area_m2": [10.0, 10.0, 5.0],
    ...     "on": pd.to_datetime(["2023-02-01", "2023-06-01", "2022-12-31"])})
    >>> stock(events, date(2023, 5, 31))["area_m2"].loc[["L3", "L5"]].tolist()
    [15.0, 0.0]
    """
    _require(events)
    reached = events[events["on"] < _day_after(on)].sort_values("stage", kind="stable")
    return _by_stage(reached.drop_duplicates("parcel", keep="last"))


def _require(events: pd.DataFrame) -> None:
    require_columns(events, "parcel", "stage", "on", "area_m2", of="parcel_events")


def _day_after(day: date) -> pd.Timestamp:
    return pd.Timestamp(day) + pd.Timedelta(days=1)


def _by_stage(rows: pd.DataFrame) -> pd.DataFrame:
    groups = rows.groupby("stage", observed=True)
    found = groups.agg(parcel_count=("parcel", "size"), area_m2=("area_m2", "sum"))
    found = found.reindex(list(STAGES), fill_value=0).rename_axis("stage")
    return found.astype({"parcel_count": "int64", "area_m2": "float64"})
