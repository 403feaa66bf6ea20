"""What is planned and not yet done: the records that may carry a shortfall."""

from __future__ import annotations

from datetime import date, datetime

import pandas as pd

from zonewright.store.selectors._frames import as_number, day, frame, moment, query

_NUMBER = "CAST({} AS double precision)"
# Tables of facts to those of the database.
_HOME = {
    "parcels": "store_parcel", "parcel_events": "store_parcelevent", "works": "store_work",
    "work_months": "store_workmonth", "ventures": "store_venture",
    "milestones": "store_milestone", "plans": "store_plan", "zones": "store_zone",
    "quota": "store_quotaentry", "funds": "store_fundentry",
}  # fmt: skip


def has_rows(table: str) -> bool:
    """Return whether a table of facts holds anything."""
    return bool(query(f"SELECT 1 FROM {_HOME[table]} LIMIT 1"))  # noqa: S608


def works_planned(as_of: datetime | None = None) -> pd.DataFrame:
    """Return works with their plan.

    Returns
    -------
    works
        Index: code. ``record``, ``name``, ``zone``, ``owner``, ``kind``, ``planned_start``,
        ``started_on``, ``planned_finish``, ``finished_on``, ``year_plan_cny`` [元],
        ``floor_area_m2`` [m²].
    """
    found = frame(
        f"""
        SELECT w.code, 'work:' || w.id, w.name, coalesce(z.code, ''), w.owner, w.kind,
               date(w.planned_start), date(w.started_on), date(w.planned_finish),
               date(w.finished_on), {_NUMBER.format("w.year_plan_cny")}, w.floor_area_m2
          FROM store_work w LEFT JOIN store_zone z ON z.id = w.zone_id
         WHERE w.recorded_at <= %s ORDER BY w.code""",  # noqa: S608
        (
            "code", "record", "name", "zone", "owner", "kind", "planned_start", "started_on",
            "planned_finish", "finished_on", "year_plan_cny", "floor_area_m2",
        ),
        (moment(as_of),),
        dates=("planned_start", "started_on", "planned_finish", "finished_on"),
    )  # fmt: skip
    return as_number(found, "year_plan_cny", "floor_area_m2").set_index("code")


def parcels_planned(on: date, as_of: datetime | None = None) -> pd.DataFrame:
    """Return parcels that are to be available by a day.

    Returns
    -------
    parcels
        Index: code. ``record``, ``name`` (the code), ``zone``, ``owner``, ``available_on``.
    """
    return frame(
        """
        SELECT p.code, 'parcel:' || p.id, p.code, coalesce(z.code, ''), p.owner,
               date(p.available_on)
          FROM store_parcel p LEFT JOIN store_zone z ON z.id = p.zone_id
         WHERE p.recorded_at <= %s AND p.available_on <= %s ORDER BY p.code""",
        ("code", "record", "name", "zone", "owner", "available_on"),
        (moment(as_of), day(on)),
        dates=("available_on",),
    ).set_index("code")


def ventures_planned(step: str, as_of: datetime | None = None) -> pd.DataFrame:
    """Return industrial projects with the planned and actual day of a step.

    Returns
    -------
    ventures
        Index: code. ``record``, ``name``, ``zone``, ``owner``, ``planned_on``, ``actual_on``.
    """
    return frame(
        """
        SELECT v.code, 'venture:' || v.id, v.name, z.code, v.officer, date(m.planned_on),
               date(m.actual_on)
          FROM store_venture v
          JOIN store_zone z ON z.id = v.zone_id
          JOIN store_milestone m ON m.venture_id = v.id AND m.step = %s
         WHERE v.recorded_at <= %s AND m.recorded_at <= %s ORDER BY v.code""",
        ("code", "record", "name", "zone", "owner", "planned_on", "actual_on"),
        (step, moment(as_of), moment(as_of)),
        dates=("planned_on", "actual_on"),
    ).set_index("code")


def parts_named(as_of: datetime | None = None) -> pd.DataFrame:
    """Return works and industrial projects by code.

    Returns
    -------
    parts
        Index: code, each once. ``record``, ``name``, ``zone``, ``owner``, ``due`` (planned finish
        of a work, else NaT).
    """
    found = frame(
        """
        SELECT w.code, 'work:' || w.id, w.name, coalesce(z.code, ''), w.owner,
               date(w.planned_finish)
          FROM store_work w LEFT JOIN store_zone z ON z.id = w.zone_id
         WHERE w.recorded_at <= %s
        UNION ALL
        SELECT v.code, 'venture:' || v.id, v.name, z.code, v.officer, NULL
          FROM store_venture v JOIN store_zone z ON z.id = v.zone_id
         WHERE v.recorded_at <= %s""",
        ("code", "record", "name", "zone", "owner", "due"),
        (moment(as_of), moment(as_of)),
        dates=("due",),
    )
    return found.drop_duplicates("code", keep="last").set_index("code")


def zone_rows(as_of: datetime | None = None) -> list[tuple[str, str, str, str]]:
    """Return code, names (Chinese, English) and kind of every zone, by code."""
    return query(
        "SELECT code, name, coalesce(nullif(name_en, ''), name), kind FROM store_zone"
        " WHERE recorded_at <= %s ORDER BY code",
        (moment(as_of),),
    )


def last_report(as_of: datetime | None = None, *, before: date | None = None) -> date | None:
    """Return the last month of works' returns, or the last event of land if no work reports.

    With `before` only what lies before that day counts.
    """
    limit = day(before) if before else None
    for table, column in (("store_workmonth", "month"), ("store_parcelevent", '"on"')):
        ends = f" AND {column} < %s" if before else ""
        found = frame(
            f"SELECT max(date({column})) FROM {table} WHERE recorded_at <= %s{ends}",  # noqa: S608
            ("last",), (moment(as_of), *([limit] if before else ())), dates=("last",),
        )["last"].iloc[0]  # fmt: skip
        if not pd.isna(found):
            last: date = pd.Timestamp(found).date()
            return last
    return None
