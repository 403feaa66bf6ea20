"""The facts that figures are computed from, one frame a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import numpy as np
import pandas as pd

from zonewright.store.selectors._frames import as_number, frame, moment, query, with_place

# With more observations than these, each indicator's are read when they are asked for
# (`selectors.many_observations`).
MANY_OBSERVATIONS = 100_000
_PLACE = ("record", "zone", "lon", "lat")
_NUMBER = "CAST({} AS double precision)"


def facts(as_of: datetime | None = None) -> dict[str, pd.DataFrame]:
    """Return what figures are computed from, one frame a table.

    Parameters
    ----------
    as_of
        Time at which the workspace is seen: only rows recorded by then, and of rows that were
        corrected later the one that counted then. None means as it is now.

    Returns
    -------
    facts
        ``parcels``, ``parcel_events``, ``works``, ``work_months``, ``ventures``, ``milestones``,
        ``plans``, ``zones``, ``quota``, ``funds`` and ``observations`` (empty where there are more
        than `MANY_OBSERVATIONS`); each with ``record`` (as
        ``"parcel_event:123"``), ``zone`` (declared code or ""), ``lon`` and ``lat`` [degrees, NaN
        if not on the map], and the columns of its module function.
    """
    when = moment(as_of)
    return {name: _placed(read(when)) for name, read in _READERS.items()}


def _placed(found: pd.DataFrame) -> pd.DataFrame:
    if "lon" not in found:
        found = found.assign(lon=np.nan, lat=np.nan)
    rest = [name for name in found.columns if name not in _PLACE and not name.startswith("_")]
    return found[[*_PLACE, *rest]]


def _latest(found: pd.DataFrame, *key: str) -> pd.DataFrame:
    """Return the last row of each key; the rows come in the order in which they were recorded."""
    return found.drop_duplicates(list(key), keep="last").reset_index(drop=True)


def _parcels(when: object) -> pd.DataFrame:
    found = frame(
        """
        SELECT 'parcel:' || p.id, coalesce(z.code, ''), p.code, p.area_m2, p.reported_area_m2, p.id
          FROM store_parcel p LEFT JOIN store_zone z ON z.id = p.zone_id
         WHERE p.recorded_at <= %s ORDER BY p.code""",
        ("record", "zone", "parcel", "area_m2", "_ledger_m2", "_parcel"),
        (when,),
    )
    return with_place(as_number(found, "area_m2", "_ledger_m2"), "store_parcel", "_parcel")


def _parcel_events(when: object) -> pd.DataFrame:
    found = frame(
        """
        SELECT 'parcel_event:' || e.id, coalesce(z.code, ''), p.code, e.stage, date(e."on"),
               p.area_m2, p.reported_area_m2, p.id
          FROM store_parcelevent e
          JOIN store_parcel p ON p.id = e.parcel_id
          LEFT JOIN store_zone z ON z.id = p.zone_id
         WHERE e.recorded_at <= %s ORDER BY e.recorded_at, e.id""",
        ("record", "zone", "parcel", "stage", "on", "area_m2", "_ledger_m2", "_parcel"),
        (when,),
        dates=("on",),
    )
    found = _latest(as_number(found, "area_m2", "_ledger_m2"), "_parcel", "stage")
    return with_place(found, "store_parcel", "_parcel")


def _works(when: object) -> pd.DataFrame:
    found = frame(
        f"""
        SELECT 'work:' || w.id, coalesce(z.code, ''), w.code, w.kind, w.status,
               date(w.started_on), date(w.finished_on), date(w.planned_start), w.floor_area_m2,
               {_NUMBER.format("w.total_cost_cny")}, w.id
          FROM store_work w LEFT JOIN store_zone z ON z.id = w.zone_id
         WHERE w.recorded_at <= %s ORDER BY w.code""",  # noqa: S608
        (
            "record", "zone", "work", "kind", "status", "started_on", "finished_on",
            "planned_start", "floor_area_m2", "total_cost_cny", "_work",
        ),
        (when,),
        dates=("started_on", "finished_on", "planned_start"),
    )  # fmt: skip
    return with_place(as_number(found, "floor_area_m2", "total_cost_cny"), "store_work", "_work")


def _work_months(when: object) -> pd.DataFrame:
    found = frame(
        f"""
        SELECT 'work_month:' || m.id, coalesce(z.code, ''), w.code, w.kind, date(m.month),
               {_NUMBER.format("m.invested_cny")}, w.id
          FROM store_workmonth m
          JOIN store_work w ON w.id = m.work_id
          LEFT JOIN store_zone z ON z.id = w.zone_id
         WHERE m.recorded_at <= %s ORDER BY m.recorded_at, m.id""",  # noqa: S608
        ("record", "zone", "work", "kind", "month", "invested_cny", "_work"),
        (when,),
        dates=("month",),
    )
    found = _latest(as_number(found, "invested_cny"), "_work", "month")
    return with_place(found, "store_work", "_work")


def _ventures(when: object) -> pd.DataFrame:
    found = frame(
        f"""
        SELECT 'venture:' || v.id, z.code, v.code, v.name, v.category, v.source_country,
               v.source_city, v.industry, {_NUMBER.format("v.investment")}, v.currency,
               v.investment_bound, v.land_m2, v.floor_area_m2,
               date(m.actual_on)
          FROM store_venture v
          JOIN store_zone z ON z.id = v.zone_id
          LEFT JOIN store_milestone m
            ON m.venture_id = v.id AND m.step = 'signed' AND m.recorded_at <= %s
         WHERE v.recorded_at <= %s ORDER BY v.code""",  # noqa: S608
        (
            "record", "zone", "venture", "name", "category", "source_country", "source_city",
            "industry", "investment", "currency", "investment_bound", "land_m2", "floor_area_m2",
            "signed_on",
        ),
        (when, when),
        dates=("signed_on",),
    )  # fmt: skip
    return as_number(found, "investment", "land_m2", "floor_area_m2")


def _milestones(when: object) -> pd.DataFrame:
    return frame(
        """
        SELECT 'milestone:' || m.id, z.code, v.code, m.step, date(m.planned_on), date(m.actual_on),
               m.actual_precision
          FROM store_milestone m
          JOIN store_venture v ON v.id = m.venture_id
          JOIN store_zone z ON z.id = v.zone_id
         WHERE m.recorded_at <= %s ORDER BY v.code, m.id""",
        ("record", "zone", "venture", "step", "planned_on", "actual_on", "actual_precision"),
        (when,),
        dates=("planned_on", "actual_on"),
    )


def _plans(when: object) -> pd.DataFrame:
    return frame(
        """
        SELECT 'plan:' || p.id, z.code, p.code, p.kind, p.level, p.stage, date(p.approved_on)
          FROM store_plan p JOIN store_zone z ON z.id = p.zone_id
         WHERE p.recorded_at <= %s ORDER BY p.code""",
        ("record", "zone", "plan", "kind", "level", "stage", "approved_on"),
        (when,),
        dates=("approved_on",),
    )


def _zones(when: object) -> pd.DataFrame:
    found = frame(
        """
        SELECT 'zone:' || z.id, z.code, z.code, z.kind,
               CASE WHEN EXISTS (
                 SELECT 1 FROM store_plan p
                  WHERE p.zone_id = z.id AND p.kind = 'unified' AND p.recorded_at <= %s
               ) THEN 1 ELSE 0 END
          FROM store_zone z WHERE z.recorded_at <= %s ORDER BY z.code""",
        ("record", "zone", "code", "kind", "planned"),
        (when, when),
    )
    return found.astype({"planned": "int64"})


def _quota(when: object) -> pd.DataFrame:
    found = frame(
        """
        SELECT 'quota_entry:' || q.id, z.code, q.entry, q.category, q.area_m2, date(q."on")
          FROM store_quotaentry q JOIN store_zone z ON z.id = q.zone_id
         WHERE q.recorded_at <= %s ORDER BY q."on", q.code""",
        ("record", "zone", "entry", "category", "area_m2", "on"),
        (when,),
        dates=("on",),
    )
    return as_number(found, "area_m2")


def _funds(when: object) -> pd.DataFrame:
    found = frame(
        f"""
        SELECT 'fund_entry:' || f.id, z.code, f.entry, f.kind, {_NUMBER.format("f.amount_cny")},
               date(f."on")
          FROM store_fundentry f JOIN store_zone z ON z.id = f.zone_id
         WHERE f.recorded_at <= %s ORDER BY f."on", f.code""",  # noqa: S608
        ("record", "zone", "entry", "kind", "amount_cny", "on"),
        (when,),
        dates=("on",),
    )
    return as_number(found, "amount_cny")


def _observations(when: object) -> pd.DataFrame:
    """Return all observations; an empty frame where there are too many to hold."""
    is_few = query("SELECT 1 FROM store_observation LIMIT 1 OFFSET %s", (MANY_OBSERVATIONS,)) == []
    return observations_of(when, None if is_few else ())


def observations_of(
    when: object, indicators: Sequence[str] | None, *, until: int | None = None
) -> pd.DataFrame:
    """Return observations, the latest of each key, placed as `facts` places them.

    Parameters
    ----------
    when
        Rows recorded later are left out (`_frames.moment`).
    indicators
        Codes; None means all.
    until
        Greatest primary key that counts; None means any.
    """
    conditions, params = ["o.recorded_at <= %s"], [when]
    if indicators is not None:
        marks = ", ".join(["%s"] * len(indicators)) or "NULL"
        keys = query(f"SELECT id FROM store_indicator WHERE code IN ({marks})", indicators)  # noqa: S608
        # The keys themselves: of a join the planner may begin with all rows.
        conditions.append(f"o.indicator_id IN ({', '.join(str(key) for (key,) in keys) or 'NULL'})")
    if until is not None:
        conditions.append("o.id <= %s")
        params.append(until)
    found = frame(
        f"""
        SELECT 'observation:' || o.id, coalesce(z.code, fz.code), i.code, coalesce(f.code, ''),
               o.period, {_NUMBER.format("o.value")}, o.unit, o.bound, o.basis
          FROM store_observation o
          JOIN store_indicator i ON i.id = o.indicator_id
          LEFT JOIN store_zone z ON z.id = o.zone_id
          LEFT JOIN store_firm f ON f.id = o.firm_id
          LEFT JOIN store_zone fz ON fz.id = f.zone_id
         WHERE {" AND ".join(conditions)} ORDER BY o.recorded_at, o.id""",  # noqa: S608
        ("record", "zone", "indicator", "firm", "period", "value", "unit", "bound", "basis"),
        params,
    )
    return _placed(_latest(as_number(found, "value"), "indicator", "zone", "firm", "period"))


_READERS: dict[str, Callable[[object], pd.DataFrame]] = {
    "parcels": _parcels,
    "parcel_events": _parcel_events,
    "works": _works,
    "work_months": _work_months,
    "ventures": _ventures,
    "milestones": _milestones,
    "plans": _plans,
    "zones": _zones,
    "quota": _quota,
    "funds": _funds,
    "observations": _observations,
}
