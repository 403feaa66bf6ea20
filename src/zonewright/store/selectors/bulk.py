"""Whole layers of the map in bulk, and what has changed in them since they were read.

Rows come as columns of plain values, geometries as WKB: no object is made for each row, so that a
million parcels are read in seconds.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from zonewright.store.models import MapLayer, Place, Zone
from zonewright.store.selectors._frames import drawn_m2, geometries, geometry_sql, query

Ints = NDArray[np.int64]
CHUNK = 50_000
# Most databases take at least 999 parameters in a query.
_PARAMETERS = 900


@dataclass(frozen=True, slots=True)
class ParcelRows:
    """Parcels that are on the map, by ascending id.

    Parameters
    ----------
    ids
        Primary keys.
    codes, stages
        Code and furthest stage reached ("" if none) of each.
    area_m2
        On the map [m²]; NaN if the geometry is no polygon.
    places
        Primary key of each place; -1 where it is not found yet.
    geometries
        WKB (EPSG:4490).
    """

    ids: Ints
    codes: tuple[str, ...]
    stages: tuple[str, ...]
    area_m2: NDArray[np.float64]
    places: Ints
    geometries: tuple[bytes, ...]


def parcel_rows(ids: Collection[int] | None = None) -> Iterator[ParcelRows]:
    """Return the parcels that are on the map, some thousands at a time.

    Parameters
    ----------
    ids
        Which parcels; None means all.
    """
    columns = f"id, code, stage, area_m2, place_id, {geometry_sql('geometry')}"
    select = f"SELECT {columns} FROM store_parcel WHERE geometry IS NOT NULL"  # noqa: S608
    if ids is not None:
        for some in _some(ids):
            marks = ", ".join(["%s"] * len(some))
            rows = query(f"{select} AND id IN ({marks}) ORDER BY id", some)
            if rows:
                yield _parcels(rows)
        return
    last = -1
    while rows := query(f"{select} AND id > %s ORDER BY id LIMIT {CHUNK}", (last,)):
        last = rows[-1][0]
        yield _parcels(rows)


def _parcels(rows: Sequence[tuple[object, ...]]) -> ParcelRows:
    ids, codes, stages, area, places, shapes = zip(*rows, strict=True)
    wkb = tuple(bytes(shape) for shape in shapes)
    area_m2 = np.array(area, dtype=np.float64)
    unknown = np.flatnonzero(np.isnan(area_m2))
    if len(unknown):
        area_m2[unknown] = drawn_m2(geometries([wkb[row] for row in unknown]))
    placed = np.array([-1 if place is None else place for place in places], dtype=np.int64)
    return ParcelRows(np.array(ids, dtype=np.int64), codes, stages, area_m2, placed, wkb)


@dataclass(frozen=True, slots=True)
class EventRows:
    """Dated stages of parcels, in the order in which they were recorded.

    Parameters
    ----------
    parcels
        Primary key of each parcel.
    stages
        Stage of each.
    days
        Days, as ``YYYY-MM-DD``.
    """

    parcels: Ints
    stages: tuple[str, ...]
    days: tuple[str, ...]


def event_rows(parcels: Collection[int] | None = None) -> EventRows:
    """Return the dated stages of some parcels; None means of all."""
    day = 'CAST(date("on") AS text)'
    select = f"SELECT parcel_id, stage, {day} FROM store_parcelevent"  # noqa: S608
    rows: list[tuple[object, ...]] = []
    if parcels is None:
        rows = query(f"{select} ORDER BY recorded_at, id")
    else:
        for some in _some(parcels):
            marks = ", ".join(["%s"] * len(some))
            rows += query(f"{select} WHERE parcel_id IN ({marks}) ORDER BY recorded_at, id", some)
    if not rows:
        return EventRows(np.empty(0, dtype=np.int64), (), ())
    owners, stages, days = zip(*rows, strict=True)
    return EventRows(np.array(owners, dtype=np.int64), stages, days)


@dataclass(frozen=True, slots=True)
class Span:
    """Numbers of the log that were not there when higher ones were: perhaps still to come."""

    first: int
    last: int
    seen_at: float


@dataclass(frozen=True, slots=True)
class LogMark:
    """How far the log of changed rows (`models.Change`) was read.

    Parameters
    ----------
    last
        Highest number seen.
    missing
        Numbers below it that were skipped: a transaction that began before another may end after
        it, and one that fails leaves its numbers unused.
    """

    last: int
    missing: tuple[Span, ...] = ()


# Numbers that have not come after ten minutes belong to a transaction that failed.
_PATIENCE_S = 600.0


def log_mark() -> LogMark:
    """Return the end of the log."""
    ((last,),) = query("SELECT max(id) FROM store_change")
    return LogMark(int(last or 0))


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed in a table, of one moment.

    Parameters
    ----------
    rows
        Primary keys of rows that were written.
    others
        Rows that tables beside it name: parcels whose events were written.
    mark
        Up to where the log was read.
    token
        The table's token: another one without rows means that the log does not tell of a change.
    """

    rows: frozenset[int]
    others: frozenset[int]
    mark: LogMark
    token: str


def changed_since(table: str, mark: LogMark, now: float) -> Changes | None:
    """Return what was written to a table, and to those that tell of its rows, since a mark.

    None means that part of the log is gone, and everything must be read anew.

    Parameters
    ----------
    table
        As in `store.spatial.LOGGED`.
    mark
        How far the log was read.
    now
        Time on a clock that only goes forward [s].
    """
    spans = [span for span in mark.missing if now - span.seen_at < _PATIENCE_S]
    condition = " OR ".join(["c.id > %s", *["c.id BETWEEN %s AND %s"] * len(spans)])
    found = query(
        f"""
        SELECT r.token, (SELECT min(id) FROM store_change), (SELECT max(id) FROM store_change),
               c.id, c.name, c.row
          FROM store_revision r LEFT JOIN store_change c ON {condition}
         WHERE r.name = %s ORDER BY c.id""",  # noqa: S608
        (mark.last, *(number for span in spans for number in (span.first, span.last)), table),
    )
    token, first, last = found[0][:3]
    if (last or 0) < mark.last or (first or 0) > mark.last + 1:
        return None
    rows = [row[3:] for row in found if row[3] is not None]
    came = [number for number, _, _ in rows]
    wanted = [(span.first, span.last, span.seen_at) for span in spans]
    end = max([mark.last, *came])
    if end > mark.last:
        wanted.append((mark.last + 1, end, now))
    missing = tuple(Span(*left) for span in wanted for left in _left_of(span, came))
    own = frozenset(row for _, name, row in rows if name == table)
    others = frozenset(row for _, name, row in rows if name != table)
    return Changes(own, others, LogMark(end, missing), token)


def _left_of(span: tuple[int, int, float], came: Sequence[int]) -> Iterator[tuple[int, int, float]]:
    """Return the parts of a span that none of some ascending numbers fills."""
    first, last, seen_at = span
    for number in came:
        if first <= number <= last:
            if number > first:
                yield first, number - 1, seen_at
            first = number + 1
    if first <= last:
        yield first, last, seen_at


def tokens(names: Collection[str]) -> dict[str, str]:
    """Return the change tokens of some tables."""
    marks = ", ".join(["%s"] * len(names))
    sql = f"SELECT name, token FROM store_revision WHERE name IN ({marks})"  # noqa: S608
    return dict(query(sql, tuple(names)))


def places_in(zones: Collection[str]) -> list[int]:
    """Return the primary keys of the places that lie in at least one of some zones."""
    found = Place.objects.filter(zones__code__in=zones).values_list("pk", flat=True)
    return list(found.distinct())


def zones_of(codes: Collection[str]) -> list[int]:
    """Return the primary keys of some zones."""
    return list(Zone.objects.filter(code__in=codes).values_list("pk", flat=True))


_LAYERS: dict[str, tuple[tuple[str, ...], str]] = {
    # layer: columns, their SQL
    "zones": (
        ("id", "place", "since", "until", "code", "name", "name_en", "kind", "area_m2"),
        "SELECT z.id, z.id, CAST(date(v.valid_from) AS text), CAST(date(v.valid_to) AS text),"
        " z.code, z.name, z.name_en, z.kind, v.area_m2, {geometry}"
        " FROM store_zoneversion v JOIN store_zone z ON z.id = v.zone_id"
        " WHERE v.geometry IS NOT NULL ORDER BY z.code, v.valid_from",
    ),
    "works": (
        ("id", "place", "code", "name", "kind", "status"),
        "SELECT v.id, v.place_id, v.code, v.name, v.kind, v.status, {geometry}"
        " FROM store_work v WHERE v.geometry IS NOT NULL ORDER BY v.code",
    ),
    "no_go": (
        ("id", "place", "code", "kind", "name"),
        "SELECT v.id, v.place_id, v.code, v.kind, v.name, {geometry}"
        " FROM store_nogo v WHERE v.geometry IS NOT NULL ORDER BY v.code",
    ),
}


def layer_rows(layer: str) -> pd.DataFrame:
    """Return every feature of a small layer: zones (each boundary), works or no-go areas.

    Returns
    -------
    rows
        ``id``, ``place`` (primary key of its place, of a zone its own; None if not found yet),
        what a tile says of it, ``geometry`` (WKB); zones also ``since`` and ``until`` (the first
        day without it) as ``YYYY-MM-DD`` and ``area_m2`` [m²].
    """
    names, sql = _LAYERS[layer]
    rows = query(sql.format(geometry=geometry_sql("v.geometry")))
    found = pd.DataFrame.from_records(rows, columns=[*names, "geometry"])
    if "area_m2" in names and len(found):
        area_m2 = found["area_m2"].to_numpy(dtype=float, na_value=np.nan).copy()
        unknown = np.isnan(area_m2)
        area_m2[unknown] = drawn_m2(geometries(found["geometry"][unknown].tolist()))
        found["area_m2"] = area_m2
    return found


def has_reference_layer(code: str) -> bool:
    """Return whether there is a reference layer with features of its own."""
    return MapLayer.objects.filter(code=code, kind="features").exists()


def reference_rows(code: str) -> list[tuple[int, str, object, bytes]]:
    """Return id, name, properties and WKB of each feature of a reference layer."""
    return [
        (row[0], row[1], row[2], bytes(row[3]))
        for row in query(
            f"SELECT f.id, f.name, f.properties, {geometry_sql('f.geometry')}"  # noqa: S608
            " FROM store_mapfeature f JOIN store_maplayer l ON l.id = f.layer_id"
            " WHERE l.code = %s AND f.geometry IS NOT NULL ORDER BY f.id",
            (code,),
        )
    ]


def _some(ids: Collection[int]) -> Iterator[list[int]]:
    ordered = sorted(ids)
    for start in range(0, len(ordered), _PARAMETERS):
        yield ordered[start : start + _PARAMETERS]
