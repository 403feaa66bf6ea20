"""Find the place of records: the set of zones in which each lies, so that SQL can ask who sees it.

A record with a geometry lies in the zones whose boundary of the day holds its point (a no-go area:
in those that it meets); one without lies in the zone in which it is declared, and so does one whose
declared zone could hold it by no boundary: it has none, and no members. What lies below or
above a zone in a hierarchy is not in the place: `store.access` follows hierarchies when it asks.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any

import numpy as np
import pandas as pd
import shapely
from django.db import connection, transaction
from django.utils import timezone
from numpy.typing import NDArray

from zonewright.store.models import NoGo, Parcel, Place, Revision, Work, Zone
from zonewright.store.models.base import Placed
from zonewright.store.selectors._frames import (
    day,
    geometries,
    geometry_sql,
    point_inside,
    query,
)
from zonewright.store.selectors.places import zone_versions
from zonewright.store.selectors.state import token

_MODELS: tuple[type[Placed], ...] = (Parcel, Work, NoGo)
_STATE = "places"
_CHUNK = 20_000
# The log of changed rows is for whoever holds a layer in memory; longer, they read it all anew.
_MAX_LOG = 20_000


def locate(*, on: date | None = None) -> int:
    """Bring the places of all records up to date; call it in the transaction of a write.

    Records whose place is known are left alone unless boundaries have changed, also by the day.

    Parameters
    ----------
    on
        Day of the boundaries; None means today.

    Returns
    -------
    changed
        How many records got another place.
    """
    when = on or timezone.localdate()
    zones = zone_versions(when)
    unbounded = set(zones.index[zones.geometry.isna()])
    zones = zones[zones.geometry.notna()]
    # No savepoint: within one, SQLite would keep the page of every row that is written.
    with transaction.atomic(savepoint=False):
        pks = dict(Zone.objects.values_list("code", "pk"))
        leaves = {pks[code] for code in unbounded} - _with_members(when)
        every = _note_state([*zones["version"], *sorted(leaves)])
        ground = _Ground(zones, [pks[code] for code in zones.index], leaves)
        changed = sum(_locate(model, ground, every=every) for model in _MODELS)
        _shorten_log()
    return changed


def forget(model: type[Placed], ids: Sequence[int]) -> None:
    """Forget the place of records whose zone or geometry changes; `locate` finds it again."""
    model._default_manager.filter(pk__in=ids).update(place=None)


@dataclass(frozen=True, slots=True)
class _Ground:
    """Zones with their boundary, their primary keys, and those of zones that nothing bounds."""

    zones: pd.DataFrame
    numbers: list[int]
    leaves: set[int]


def _with_members(on: date) -> set[int]:
    """Return the primary keys of the zones that have members on a day."""
    rows = query(
        "SELECT DISTINCT parent_id FROM store_membership"
        " WHERE (valid_from IS NULL OR valid_from <= %s) AND (valid_to IS NULL OR valid_to > %s)",
        (day(on), day(on)),
    )
    return {int(number) for (number,) in rows}


def _note_state(rests_on: Sequence[int]) -> bool:
    """Keep which boundaries places rest on; say whether they are others than before."""
    text = f"{token('store_zoneversion')} {rests_on}"
    state = sha256(text.encode()).hexdigest()
    found, made = Revision.objects.get_or_create(name=_STATE, defaults={"token": state})
    if not made and found.token == state:
        return False
    Revision.objects.filter(name=_STATE).update(token=state)
    return True


def _locate(model: type[Placed], ground: _Ground, *, every: bool) -> int:
    table = model._meta.db_table
    declared = "NULL" if model is NoGo else "zone_id"
    head = f"SELECT id, place_id, {declared}, {geometry_sql('geometry')} FROM {table}"  # noqa: S608
    # Two searches, each with its index: a table of a million rows is not read for a few.
    conditions = ("",) if every else (" WHERE place_id IS NULL", " WHERE west IS NULL")
    rows = {row[0]: row for condition in conditions for row in query(head + condition)}
    if not rows:
        return 0
    shapes = geometries([row[3] for row in rows.values()])
    known = [row[:3] for row in rows.values()]
    found = pd.DataFrame.from_records(known, columns=["id", "place", "zone"]).astype("float64")
    inside = _inside(shapes, ground.zones, by_point=model is not NoGo)
    own = found["zone"].where(~inside[:, -1] | found["zone"].isin(ground.leaves)).to_numpy()
    places = _place_ids(inside[:, :-1], ground.numbers, own)
    moved = places != found["place"].to_numpy()
    ids = found["id"].to_numpy(dtype="int64")
    for place in np.unique(places[moved]):
        _put(table, int(place), ids[moved & (places == place)].tolist())
    return int(moved.sum())


def _put(table: str, place: int, ids: Sequence[int]) -> None:
    """Write a place to many rows in few statements."""
    is_server = connection.vendor == "postgresql"
    among = "= ANY(%s)" if is_server else "IN (SELECT value FROM json_each(%s))"
    with connection.cursor() as cursor:
        for start in range(0, len(ids), _CHUNK):
            part = list(ids[start : start + _CHUNK])
            given: Any = part if is_server else json.dumps(part)
            sql = f"UPDATE {table} SET place_id = %s WHERE id {among}"  # noqa: S608
            cursor.execute(sql, (place, given))


def _inside(
    shapes: NDArray[np.object_], zones: pd.DataFrame, *, by_point: bool
) -> NDArray[np.bool_]:
    """Return which record lies in which zone; the last column says whether it is on the map."""
    found = np.zeros((len(shapes), len(zones) + 1), dtype=bool)
    found[:, -1] = ~shapely.is_missing(shapes)
    boundaries = zones.geometry.to_numpy()
    shapely.prepare(boundaries)
    if not by_point:
        for column, boundary in enumerate(boundaries):
            found[:, column] = shapely.intersects(boundary, shapes)
        return found
    points = point_inside(shapes)
    x, y = shapely.get_x(points), shapely.get_y(points)
    for column, boundary in enumerate(boundaries):
        west, south, east, north = boundary.bounds
        near = (x >= west) & (x <= east) & (y >= south) & (y <= north)
        found[near, column] = shapely.intersects_xy(boundary, x[near], y[near])
    return found


def _place_ids(
    inside: NDArray[np.bool_], numbers: Sequence[int], declared: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Return the primary key of each record's place, making the places that are new."""
    packed = np.packbits(inside, axis=1) if inside.shape[1] else np.zeros((len(inside), 1), "u1")
    own = np.nan_to_num(declared, nan=0.0).astype(">i8").view("u1").reshape(len(inside), 8)
    whole = np.ascontiguousarray(np.hstack([packed, own]))
    # One value a row: numpy sorts those at once, rows of bytes it would compare one by one.
    key_of_row = whole.view([("", whole.dtype, whole.shape[1])]).ravel()
    _, first, which = np.unique(key_of_row, return_index=True, return_inverse=True)
    known = dict(Place.objects.values_list("key", "pk"))
    found = []
    for row in first:
        zones = {number for number, here in zip(numbers, inside[row], strict=True) if here}
        if not np.isnan(declared[row]):
            zones.add(int(declared[row]))
        key = " ".join(map(str, sorted(zones)))
        if key not in known:
            place = Place.objects.create(key=key)
            place.zones.set(zones)
            known[key] = place.pk
        found.append(known[key])
    return np.asarray(found, dtype="int64")[which.ravel()]


def _shorten_log() -> None:
    """Forget all but the last row of a long log."""
    query_max = "SELECT coalesce(max(id), 0) - coalesce(min(id), 0), coalesce(max(id), 0)"
    ((length, last),) = query(f"{query_max} FROM store_change")
    if length > _MAX_LOG:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM store_change WHERE id < %s", [last])
