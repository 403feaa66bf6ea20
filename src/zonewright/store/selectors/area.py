"""What lies in an area that a reader draws on the map: counted, summed and listed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import shapely
from django.core.exceptions import EmptyResultSet
from django.db.models import QuerySet
from django.utils import timezone
from numpy.typing import NDArray

from zonewright.core.errors import GeometryError
from zonewright.land.area import geodesic_area_m2
from zonewright.store.access import Access
from zonewright.store.models import NoGo, Parcel, Work
from zonewright.store.selectors._frames import day, geometries, geometry_sql, query
from zonewright.store.selectors.maps import drawn

MAX_VERTICES = 5_000
LISTED = 200
_AREAS = ("Polygon", "MultiPolygon")


def read_area(text: str) -> shapely.Geometry:
    """Return the area that a reader drew, given as GeoJSON [degrees].

    Raises
    ------
    GeometryError
        If it is no polygon, not valid, too large to describe, or has no area.
    """
    try:
        thing = json.loads(text)
        given = thing.get("geometry", thing) if isinstance(thing, Mapping) else {}
        shape = shapely.from_geojson(json.dumps(given))
    except (ValueError, shapely.errors.ShapelyError, RecursionError) as error:
        raise GeometryError("map-area-unreadable") from error
    if shape is None or shape.geom_type not in _AREAS or shape.is_empty:
        raise GeometryError("map-area-unreadable")
    if shapely.get_num_coordinates(shape) > MAX_VERTICES:
        raise GeometryError("map-area-vertices", most=MAX_VERTICES)
    west, south, east, north = shape.bounds
    if not (west >= -180 and south >= -90 and east <= 180 and north <= 90):
        raise GeometryError("map-area-degrees")
    if not shape.is_valid or shape.area == 0:
        raise GeometryError("map-area-invalid")
    return shape


@dataclass(frozen=True, slots=True)
class Sum:
    """How many of one kind lie in an area, and their own area [m²]."""

    code: str
    count: int
    area_m2: float


@dataclass(frozen=True, slots=True)
class Selection:
    """What lies in an area that a reader drew.

    Parameters
    ----------
    area_m2
        Of what was drawn.
    stages
        Parcels by stage, in the order of stages; "" for none.
    works
        Works that meet the area, by kind.
    no_go
        No-go areas by kind; their area is what lies inside.
    parcels
        Parcels: ``id``, ``code``, ``stage``, ``area_m2``, by code.
    """

    area_m2: float
    stages: tuple[Sum, ...]
    works: tuple[Sum, ...]
    no_go: tuple[Sum, ...]
    parcels: pd.DataFrame

    @property
    def count(self) -> int:
        """How many parcels there are."""
        return len(self.parcels)

    @property
    def parcel_area_m2(self) -> float:
        """Their area."""
        return float(self.parcels["area_m2"].sum())


def select(area: shapely.Geometry, *, access: Access, on: date | None = None) -> Selection:
    """Return what lies in an area, of what the reader sees.

    A parcel counts as a whole if its point (`shapely.point_on_surface`) lies in the area: the rule
    by which figures count it in a zone. A work counts if it meets the area.

    Parameters
    ----------
    area
        As `read_area` gives it.
    on
        Day of the stages; None means today.
    """
    found = _parcels_in(area, access=access, on=on)
    grouped = found.groupby("stage")["area_m2"].agg(["size", "sum"])
    stages = tuple(
        Sum(str(stage), int(row["size"]), float(row["sum"])) for stage, row in grouped.iterrows()
    )
    return Selection(
        area_m2=float(geodesic_area_m2([area])[0]),
        stages=stages,
        works=_works_in(area, access),
        no_go=_no_go_in(area, access),
        parcels=found,
    )


def _parcels_in(area: shapely.Geometry, *, access: Access, on: date | None) -> pd.DataFrame:
    rows = drawn(access.narrow(Parcel.objects.all()), area.bounds).order_by()
    columns = rows.values_list(
        "pk", "code", "stage", "area_m2", "reported_area_m2", "west", "south", "east", "north"
    )
    names = ["id", "code", "stage", "area_m2", "_ledger_m2", "west", "south", "east", "north"]
    found = pd.DataFrame.from_records(_plain_rows(columns), columns=names)
    numbers = ["area_m2", "_ledger_m2", "west", "south", "east", "north"]
    found[numbers] = found[numbers].astype("float64")
    found = found[_points_inside(found, area)]
    if on is not None and on < timezone.localdate():
        reached = _stages_on(rows, on)
        found = found.assign(stage=[reached.get(key, "") for key in found["id"]])
    area_m2 = found["area_m2"].fillna(found["_ledger_m2"]).fillna(0.0)
    found = found.assign(area_m2=area_m2)[["id", "code", "stage", "area_m2"]]
    return found.sort_values("code", ignore_index=True)


def _plain_rows(rows: QuerySet[Any, tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Return rows as the database gives them: of a million, the ORM's own way is slow."""
    try:
        return query(*rows.query.sql_with_params())
    except EmptyResultSet:
        return []


def _points_inside(found: pd.DataFrame, area: shapely.Geometry) -> NDArray[np.bool_]:
    """Return which parcels have their point in the area.

    One whose box lies in the area needs no look at its shape.
    """
    shapely.prepare(area)
    corners = (found[name].to_numpy() for name in ("west", "south", "east", "north"))
    boxes = shapely.box(*corners)
    inside: NDArray[np.bool_] = shapely.contains_properly(area, boxes)
    boxless = found["west"].isna().to_numpy()
    unsure = np.flatnonzero(boxless | (~inside & shapely.intersects(area, boxes)))
    if len(unsure):
        ids = found["id"].to_numpy()[unsure].tolist()
        points = shapely.point_on_surface(parcel_shapes(ids))
        inside[unsure] = shapely.intersects(area, points)
    return inside


def parcel_shapes(ids: list[int]) -> NDArray[np.object_]:
    """Return the geometries of parcels by primary key, in the order given."""
    return _shapes("store_parcel", ids)


def _shapes(table: str, ids: list[int]) -> NDArray[np.object_]:
    """Return the geometries of rows, in their order."""
    found: dict[int, Any] = {}
    for start in range(0, len(ids), 900):
        chunk = ids[start : start + 900]
        marks = ", ".join(["%s"] * len(chunk))
        found.update(
            query(
                f"SELECT id, {geometry_sql('geometry')} FROM {table} WHERE id IN ({marks})",  # noqa: S608
                chunk,
            )
        )
    return geometries([found[number] for number in ids])


def _stages_on(rows: QuerySet[Any], on: date) -> dict[int, str]:
    """Return the furthest stage by parcel; of a stage's dates the one recorded last counts."""
    try:
        parcels, params = rows.values_list("pk").query.sql_with_params()
    except EmptyResultSet:
        return {}
    events = query(
        'SELECT parcel_id, stage, "on" <= %s FROM store_parcelevent'  # noqa: S608
        f" WHERE parcel_id IN ({parcels}) ORDER BY recorded_at, id",
        (day(on), *params),
    )
    last = {(parcel, stage): reached for parcel, stage, reached in events}
    found: dict[int, str] = {}
    for (parcel, stage), reached in last.items():
        if reached:
            found[parcel] = max(stage, found.get(parcel, ""))
    return found


def _works_in(area: shapely.Geometry, access: Access) -> tuple[Sum, ...]:
    rows = list(drawn(access.narrow(Work.objects.all()), area.bounds))
    met = shapely.intersects(geometries([row.geometry for row in rows]), area)
    kinds = pd.Series([row.kind for row, here in zip(rows, met, strict=True) if here], dtype="str")
    return tuple(Sum(str(kind), int(count), 0.0) for kind, count in kinds.value_counts().items())


def _no_go_in(area: shapely.Geometry, access: Access) -> tuple[Sum, ...]:
    rows = list(drawn(access.narrow(NoGo.objects.all()), area.bounds))
    if not rows:
        return ()
    cut = shapely.intersection(geometries([row.geometry for row in rows]), area)
    parts, owner = shapely.get_parts(cut, return_index=True)
    # Where two areas only touch, a line or a point is left.
    polygons = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    area_m2 = np.zeros(len(rows))
    np.add.at(area_m2, owner[polygons], geodesic_area_m2(parts[polygons]))
    found = pd.DataFrame({"kind": [row.kind for row in rows], "area_m2": area_m2})
    grouped = found[found["area_m2"] > 0].groupby("kind")["area_m2"].agg(["size", "sum"])
    return tuple(
        Sum(str(kind), int(row["size"]), float(row["sum"])) for kind, row in grouped.iterrows()
    )
