"""Find the place of records: the set of zones in which each lies, so that SQL can ask who sees it.

A record with a geometry lies in the zones whose boundary of the day holds its point (a no-go area:
in those that it meets); one without lies in the zone in which it is declared. What lies below or
above a zone in a hierarchy is not in the place: `store.access` follows hierarchies when it asks.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from hashlib import sha256

import numpy as np
import pandas as pd
import shapely
from django.db import connection, transaction
from django.utils import timezone
from numpy.typing import NDArray

from zonewright.store.models import NoGo, Parcel, Place, Revision, Work, Zone
from zonewright.store.models.base import Placed
from zonewright.store.selectors._frames import geometries, geometry_sql, query, with_place
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
    zones = zone_versions(on or timezone.localdate())
    zones = zones[zones.geometry.notna()]
    with transaction.atomic():
        every = _note_state(zones["version"].tolist())
        changed = sum(_locate(model, zones, every=every) for model in _MODELS)
        _shorten_log()
    return changed


def forget(model: type[Placed], ids: Sequence[int]) -> None:
    """Forget the place of records whose zone or geometry changes; `locate` finds it again."""
    model._default_manager.filter(pk__in=ids).update(place=None)


def _note_state(versions: Sequence[int]) -> bool:
    """Keep which boundaries places rest on; say whether they are others than before."""
    text = f"{token('store_zoneversion')} {sorted(versions)}"
    state = sha256(text.encode()).hexdigest()
    found, made = Revision.objects.get_or_create(name=_STATE, defaults={"token": state})
    if not made and found.token == state:
        return False
    Revision.objects.filter(name=_STATE).update(token=state)
    return True


def _locate(model: type[Placed], zones: pd.DataFrame, *, every: bool) -> int:
    table = model._meta.db_table
    declared = "NULL" if model is NoGo else "zone_id"
    condition = "" if every else " WHERE place_id IS NULL OR geometry IS NULL"
    rows = query(f"SELECT id, place_id, {declared} FROM {table}{condition}")  # noqa: S608
    if not rows:
        return 0
    found = pd.DataFrame.from_records(rows, columns=["id", "place", "zone"]).astype("float64")
    ids = found["id"].astype("int64")
    pks = dict(Zone.objects.values_list("code", "pk"))
    numbers = [pks[code] for code in zones.index]
    inside = _inside(model, ids, zones)
    drawn = inside[:, -1]
    places = _place_ids(inside[:, :-1], numbers, np.where(drawn, np.nan, found["zone"]))
    moved = places != found["place"].to_numpy()
    changes = list(zip(places[moved].tolist(), ids[moved].tolist(), strict=True))
    with connection.cursor() as cursor:
        for start in range(0, len(changes), _CHUNK):
            cursor.executemany(
                f"UPDATE {table} SET place_id = %s WHERE id = %s",  # noqa: S608
                changes[start : start + _CHUNK],
            )
    return len(changes)


def _inside(model: type[Placed], ids: pd.Series[int], zones: pd.DataFrame) -> NDArray[np.bool_]:
    """Return which record lies in which zone; the last column says whether it is on the map."""
    table = model._meta.db_table
    shapes = zones.geometry.to_numpy()
    shapely.prepare(shapes)
    found = np.zeros((len(ids), len(zones) + 1), dtype=bool)
    if model is NoGo:
        rows = dict(query(f"SELECT id, {geometry_sql('geometry')} FROM {table}"))  # noqa: S608
        areas = geometries([rows[number] for number in ids])
        for column, shape in enumerate(shapes):
            found[:, column] = shapely.intersects(shape, areas)
        found[:, -1] = True
        return found
    points = with_place(pd.DataFrame({"id": ids}), table, "id")
    x, y = points["lon"].to_numpy(), points["lat"].to_numpy()
    found[:, -1] = ~np.isnan(x)
    for column, shape in enumerate(shapes):
        west, south, east, north = shape.bounds
        near = (x >= west) & (x <= east) & (y >= south) & (y <= north)
        found[near, column] = shapely.intersects_xy(shape, x[near], y[near])
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
    ((length, last),) = query(f"{query_max} FROM store_change")  # noqa: S608
    if length > _MAX_LOG:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM store_change WHERE id < %s", [last])
