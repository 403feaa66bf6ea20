"""Where things lie: zones with their boundary of a day, hierarchies, parcels with their stage."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import geopandas as gpd
import pandas as pd

from zonewright.store.models import ZoneVersion
from zonewright.store.selectors._frames import (
    as_number,
    day,
    frame,
    geo_frame,
    geometry_sql,
    moment,
    utc,
    with_area,
    with_place,
)


def zone_versions(on: date, as_of: datetime | None = None) -> gpd.GeoDataFrame:
    """Return every zone with its boundary of a day.

    Parameters
    ----------
    on
        Day on which a boundary must hold.
    as_of
        Time at which the workspace is seen; None means now.

    Returns
    -------
    zones
        Index: zone code. Columns ``version`` (id; 0 if none holds that day), ``name``, ``name_en``,
        ``kind``, ``area_m2`` [m², NaN without boundary], ``valid_from``, ``valid_to``,
        ``geometry`` (EPSG:4490, None without boundary).
    """
    when = moment(as_of)
    found = frame(
        f"""
        SELECT z.code, coalesce(v.id, 0), z.name, z.name_en, z.kind, v.area_m2,
               date(v.valid_from), date(v.valid_to), {geometry_sql("v.geometry")}
          FROM store_zone z
          LEFT JOIN store_zoneversion v
            ON v.zone_id = z.id AND v.recorded_at <= %s AND v.valid_from <= %s
           AND (v.valid_to IS NULL OR v.valid_to > %s)
         WHERE z.recorded_at <= %s ORDER BY z.code, v.valid_from""",  # noqa: S608
        (
            "code", "version", "name", "name_en", "kind", "area_m2", "valid_from", "valid_to",
            "geometry",
        ),
        (when, day(on), day(on), when),
        dates=("valid_from", "valid_to"),
    )  # fmt: skip
    found = found.drop_duplicates("code", keep="last")
    return with_area(geo_frame(as_number(found, "area_m2").set_index("code")))


@dataclass(frozen=True, slots=True)
class Boundary:
    """A boundary of a zone: since when, until when (the first day without it), area [m²]."""

    valid_from: date
    valid_to: date | None
    area_m2: float | None
    legal_basis: str


def boundaries(zone: str, as_of: datetime | None = None) -> tuple[Boundary, ...]:
    """Return the boundaries that a zone has on the map over time, the latest first.

    Parameters
    ----------
    zone
        Zone code.
    as_of
        Time at which the workspace is seen; None means now.
    """
    found = ZoneVersion.objects.filter(zone__code=zone, geometry__isnull=False)
    if as_of is not None:
        found = found.filter(recorded_at__lte=utc(as_of))
    rows = list(found.order_by("-valid_from"))
    drawn = with_area(
        geo_frame(
            pd.DataFrame(
                {
                    "area_m2": pd.Series([row.area_m2 for row in rows], dtype="float64"),
                    "geometry": pd.Series([row.geometry for row in rows], dtype="object"),
                }
            )
        )
    )
    areas = drawn["area_m2"].tolist()
    return tuple(
        Boundary(row.valid_from, row.valid_to, area_m2, row.legal_basis)
        for row, area_m2 in zip(rows, areas, strict=True)
    )


def memberships(as_of: datetime | None = None) -> pd.DataFrame:
    """Return which zone belongs to which.

    Returns
    -------
    memberships
        Columns ``record``, ``parent``, ``child`` (zone codes), ``hierarchy``, ``valid_from``,
        ``valid_to`` (NaT where open).
    """
    return frame(
        """
        SELECT 'membership:' || m.id, p.code, c.code, m.hierarchy,
               date(m.valid_from), date(m.valid_to)
          FROM store_membership m
          JOIN store_zone p ON p.id = m.parent_id
          JOIN store_zone c ON c.id = m.child_id
         WHERE m.recorded_at <= %s ORDER BY p.code, c.code, m.hierarchy""",
        ("record", "parent", "child", "hierarchy", "valid_from", "valid_to"),
        (moment(as_of),),
        dates=("valid_from", "valid_to"),
    )


def parcels(on: date, as_of: datetime | None = None) -> gpd.GeoDataFrame:
    """Return every parcel with the furthest stage that it had reached by a day.

    Parameters
    ----------
    on
        Day by which a stage must have been reached.
    as_of
        Time at which the workspace is seen; None means now.

    Returns
    -------
    parcels
        Index: parcel code. Columns ``record``, ``zone`` (declared code or ""), ``use``, ``area_m2``
        [m², NaN if neither map nor ledger gives one], ``stage`` (``L0`` to ``L9``, "" if none),
        ``lon``, ``lat`` [degrees, a point inside, NaN if not on the map], ``geometry`` (EPSG:4490,
        None if not on the map).
    """
    when = moment(as_of)
    found = frame(
        f"""
        SELECT p.code, 'parcel:' || p.id, coalesce(z.code, ''), p.use,
               p.area_m2, p.reported_area_m2, p.id, {geometry_sql("p.geometry")}
          FROM store_parcel p LEFT JOIN store_zone z ON z.id = p.zone_id
         WHERE p.recorded_at <= %s ORDER BY p.code""",  # noqa: S608
        ("code", "record", "zone", "use", "area_m2", "_ledger_m2", "_parcel", "geometry"),
        (when,),
    )
    reached = _furthest(on, when)
    stages = pd.Series([reached.get(key, "") for key in found["_parcel"]], dtype="str")
    found = as_number(found, "area_m2", "_ledger_m2").assign(stage=stages)
    found = with_place(found, "store_parcel", "_parcel").drop(columns="_parcel")
    return geo_frame(found.set_index("code"))


def _furthest(on: date, when: object) -> dict[int, str]:
    """Return the furthest stage by parcel id; of a stage's dates the one recorded last counts."""
    events = frame(
        """
        SELECT parcel_id, stage, date("on") FROM store_parcelevent
         WHERE recorded_at <= %s ORDER BY recorded_at, id""",
        ("parcel", "stage", "on"),
        (when,),
        dates=("on",),
    )
    events = events.drop_duplicates(["parcel", "stage"], keep="last")
    reached = events[events["on"] <= pd.Timestamp(on)]
    # Sorting texts once is cheap; asking each of a million groups for its greatest is not.
    furthest = reached.sort_values("stage").drop_duplicates("parcel", keep="last")
    return dict(zip(furthest["parcel"].tolist(), furthest["stage"].tolist(), strict=True))
