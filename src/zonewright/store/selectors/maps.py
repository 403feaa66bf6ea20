"""What the map asks of the workspace: what lies at a spot, what bears a name, where things lie.

What lies in an area that a reader draws stands in `area`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import shapely
from django.db import connection
from django.db.models import Min, Model, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils import timezone

from zonewright.land.area import geodesic_area_m2
from zonewright.land.stages import STAGES
from zonewright.store.access import Access
from zonewright.store.mapping import BY_RECORD, EVER, is_key
from zonewright.store.models import (
    MapFeature,
    NoGo,
    Parcel,
    ParcelEvent,
    Venture,
    Work,
    Zone,
    ZoneVersion,
)
from zonewright.store.selectors._frames import geometries
from zonewright.store.selectors.places import memberships

Box = tuple[float, float, float, float]
_M_PER_DEGREE = 111_320.0
_AREAS = ("Polygon", "MultiPolygon")


@dataclass(frozen=True, slots=True)
class Found:
    """Something on the map: its record, what it is, and its box [degrees] or None.

    Parameters
    ----------
    record
        As in ``parcel:123``.
    kind
        Prefix of the record.
    detail
        Stage of a parcel, kind of a zone, work or no-go area, category of a venture.
    zone
        Code of the zone in which it is declared; empty if none.
    """

    record: str
    kind: str
    code: str
    name: str
    name_en: str = ""
    detail: str = ""
    area_m2: float | None = None
    box: Box | None = None
    zone: str = ""


def first_day() -> date:
    """Return the first day on which the map shows something: a dated boundary, or a stage."""
    # Asked stage by stage, an index answers; asked at once, every event is read.
    firsts = (
        ParcelEvent.objects.filter(stage=stage).aggregate(first=Min("on"))["first"]
        for stage in STAGES
    )
    begun = min((first for first in firsts if first is not None), default=None)
    drawn = ZoneVersion.objects.exclude(valid_from__lte=EVER).aggregate(first=Min("valid_from"))
    days = [found for found in (begun, drawn["first"]) if found is not None]
    days.append(timezone.localdate())
    first: date = min(days)
    return first


def hierarchies(on: date) -> dict[str, list[str]]:
    """Return the zones of each hierarchy on a day, parents and children, by its code."""
    rows = memberships()
    when = pd.Timestamp(on)
    held = (rows["valid_from"].isna() | (rows["valid_from"] <= when)) & (
        rows["valid_to"].isna() | (rows["valid_to"] > when)
    )
    found: dict[str, set[str]] = {}
    for row in rows[held].itertuples(index=False):
        found.setdefault(str(row.hierarchy), set()).update((str(row.parent), str(row.child)))
    return {name: sorted(codes) for name, codes in found.items()}


# ---- At a spot --------------------------------------------------------------------------------


def at(
    lon: float, lat: float, *, access: Access, on: date | None = None, tolerance_m: float = 0.0
) -> tuple[Found, ...]:
    """Return what lies at a spot, of what the reader sees: land, works, no-go areas, zones.

    Parameters
    ----------
    lon, lat
        The spot [degrees].
    on
        Day of boundaries and stages; None means today.
    tolerance_m
        How far from the spot a line or point may run [m].

    Returns
    -------
    found
        Parcels, works, no-go areas, then zones, the smallest first.
    """
    when = on or timezone.localdate()
    spot = shapely.Point(lon, lat)
    near = _around(lon, lat, max(tolerance_m, 0.5))
    found: list[Found] = []
    for model, shape in ((Parcel, spot), (Work, near), (NoGo, spot)):
        rows = drawn(access.narrow(model._default_manager.all()), shape.bounds)
        found.extend(_meeting(rows, shape, when))
    versions = ZoneVersion.objects.filter(valid_from__lte=when).filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=when)
    )
    zones = _meeting(drawn(access.narrow(versions), spot.bounds), spot, when)
    found.extend(sorted(zones, key=lambda item: (item.area_m2 or math.inf, item.code)))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Reference:
    """A feature of a layer for reference: its layer's name and colour, its own name, its values."""

    layer: str
    color: str
    name: str
    properties: Mapping[str, object]


def references_at(
    lon: float, lat: float, *, layers: Sequence[str], tolerance_m: float = 0.0
) -> tuple[Reference, ...]:
    """Return the features for reference at a spot, of some layers by code; everybody sees them."""
    near = _around(lon, lat, max(tolerance_m, 0.5))
    rows = MapFeature.objects.filter(layer__code__in=layers, layer__kind="features")
    found = list(drawn(rows, near.bounds).select_related("layer"))
    met = shapely.intersects(geometries([row.geometry for row in found]), near)
    return tuple(
        Reference(row.layer.name, row.layer.color, row.name, row.properties)
        for row, here in zip(found, met, strict=True)
        if here
    )


def _around(lon: float, lat: float, metres: float) -> shapely.Polygon:
    """Return a ring of about so many metres around a spot."""
    high = metres / _M_PER_DEGREE
    wide = high / max(math.cos(math.radians(lat)), 0.01)
    turns = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    return shapely.Polygon(
        np.column_stack([lon + wide * np.cos(turns), lat + high * np.sin(turns)])
    )


def _meeting(rows: QuerySet[Any], shape: shapely.Geometry, on: date) -> list[Found]:
    """Return the rows whose geometry meets a shape."""
    near = list(rows)
    met = shapely.intersects(geometries([row.geometry for row in near]), shape)
    return [_found(row, on) for row, here in zip(near, met, strict=True) if here]


def _found(row: Model, on: date) -> Found:
    if isinstance(row, ZoneVersion):
        zone = row.zone
        return Found(
            f"zone:{zone.pk}", "zone", zone.code, zone.name, zone.name_en, zone.kind,
            _measured(row), _box(row), zone.code,
        )  # fmt: skip
    if isinstance(row, Parcel):
        stage = stage_on(row, on)
        return Found(
            f"parcel:{row.pk}", "parcel", row.code, row.code, "", stage, _measured(row), _box(row)
        )
    if isinstance(row, Work):
        return Found(f"work:{row.pk}", "work", row.code, row.name, "", row.kind, None, _box(row))
    if isinstance(row, NoGo):
        name = row.name or row.code
        return Found(
            f"no_go:{row.pk}", "no_go", row.code, name, "", row.kind, _measured(row), _box(row)
        )
    raise TypeError(row)


def stage_on(parcel: Parcel, on: date) -> str:
    """Return the furthest stage that a parcel had reached by a day; empty if none."""
    rows = ParcelEvent.objects.filter(parcel=parcel).order_by("recorded_at", "pk")
    last = dict(rows.values_list("stage", "on"))
    return max((stage for stage, when in last.items() if when <= on), default="")


def _measured(row: Any) -> float | None:
    if row.area_m2 is not None:
        return float(row.area_m2)
    shape = geometries([row.geometry])[0]
    known = shape is not None and shape.geom_type in _AREAS
    return float(geodesic_area_m2([shape])[0]) if known else None


def _box(row: Any) -> Box | None:
    if row.west is not None:
        return (row.west, row.south, row.east, row.north)
    shape = geometries([row.geometry])[0]
    if shape is None:
        return None
    west, south, east, north = (float(value) for value in shape.bounds)
    return (west, south, east, north)


def drawn(rows: QuerySet[Any], box: Iterable[float]) -> QuerySet[Any]:
    """Return the rows whose box may meet a box, found by the spatial index."""
    west, south, east, north = box
    table = rows.model._meta.db_table
    if connection.vendor == "postgresql":
        where = f"{table}.geometry && ST_MakeEnvelope(%s, %s, %s, %s, 4490)"
        return rows.extra(where=[where], params=[west, south, east, north])  # noqa: S610
    # A row that another program wrote without its box stands in no R-tree.
    inside = RawSQL(  # noqa: S611
        f"SELECT id FROM {table}_rtree WHERE west <= %s AND east >= %s"  # noqa: S608
        f" AND south <= %s AND north >= %s UNION ALL SELECT id FROM {table} WHERE west IS NULL",
        (east, west, north, south),
    )
    return rows.filter(pk__in=inside, geometry__isnull=False)


# ---- One record -------------------------------------------------------------------------------


def shape_of(record: str, *, on: date | None = None) -> shapely.Geometry | None:
    """Return where a record lies: its geometry, or None if it has none on that day.

    Parameters
    ----------
    record
        A zone, parcel, work or no-go area, as in ``parcel:123``.
    on
        Day of a zone's boundary; None means today.
    """
    kind, _, number = record.partition(":")
    if kind not in ("zone", "parcel", "work", "no_go") or not is_key(number):
        return None
    if kind == "zone":
        when = on or timezone.localdate()
        versions = ZoneVersion.objects.filter(zone_id=int(number), valid_from__lte=when)
        versions = versions.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=when))
        row: Any = versions.order_by("-valid_from").first()
    else:
        row = BY_RECORD[kind].model._default_manager.filter(pk=int(number)).first()
    found = geometries([row.geometry if row else None])[0]
    return found if isinstance(found, shapely.Geometry) else None


# ---- Search -----------------------------------------------------------------------------------


def search(text: str, *, access: Access, limit: int = 8) -> tuple[Found, ...]:
    """Return zones, works and ventures by code or name, and parcels by the start of their code.

    Parameters
    ----------
    text
        What a reader typed.
    limit
        How many of each kind.
    """
    wanted = text.strip()
    if not wanted:
        return ()
    today = timezone.localdate()
    named = Q(code__icontains=wanted) | Q(name__icontains=wanted)
    zones = access.narrow(Zone.objects.filter(named | Q(name_en__icontains=wanted)))
    works = access.narrow(Work.objects.filter(named)).select_related("zone")
    ventures = access.narrow(Venture.objects.filter(named)).select_related("zone")
    parcels = access.narrow(Parcel.objects.filter(_code_begins(wanted))).order_by("code")
    return (
        *_zones_found(zones.order_by("code")[:limit], today),
        *(_found(row, today) for row in parcels[:limit]),
        *(_found(row, today) for row in works.order_by("code")[:limit]),
        *(
            Found(
                f"venture:{row.pk}", "venture", row.code, row.name, "", row.category,
                zone=row.zone.code,
            )
            for row in ventures.order_by("code")[:limit]
        ),
    )  # fmt: skip


def _code_begins(text: str) -> Q:
    """Return the condition that the code begins with a text, so that the index finds it."""
    wanted = Q()
    for start in {text, text.upper()}:
        if connection.vendor == "postgresql":
            wanted |= Q(code__startswith=start)
        else:
            wanted |= Q(code__gte=start, code__lt=start + chr(0x10FFFF))
    return wanted


def _zones_found(zones: Iterable[Zone], on: date) -> list[Found]:
    chosen = list(zones)
    versions = ZoneVersion.objects.filter(zone__in=chosen, valid_from__lte=on)
    held = versions.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=on))
    drawn = {row.zone_id: row for row in held.filter(geometry__isnull=False)}
    return [
        Found(
            f"zone:{zone.pk}", "zone", zone.code, zone.name, zone.name_en, zone.kind,
            box=_box(drawn[zone.pk]) if zone.pk in drawn else None, zone=zone.code,
        )
        for zone in chosen
    ]  # fmt: skip
