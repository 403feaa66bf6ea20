"""Examine the connected workspace: pages, references, indexes, space."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import shapely
from django.apps import apps
from django.db import connection

from zonewright.core.findings import Finding
from zonewright.store.fields import BOX
from zonewright.store.spatial import LOCATED, MEASURED, TRACKED

MIN_FREE_BYTES = 500_000_000
MAX_LOG_BYTES = 64_000_000
MUCH_BYTES = 500_000_000
MIN_POSTGIS = (3, 0)
_LOCATED_MODELS = ("ZoneVersion", "Parcel", "NoGo", "Work", "MapFeature")


def examine(path: Path | None) -> tuple[Finding, ...]:
    """Return what is wrong with the connected workspace.

    Parameters
    ----------
    path
        Its file; None if it is a PostgreSQL database.
    """
    found = [*_boxes(), *_tokens(), *_description(), *_run_files()]
    if path is None:
        return (*_postgis(), *found)
    return (*_pages(), *_references(), *_rtrees(), *_disk(path), *found)


def _rows(sql: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


def _error(code: str, **params: object) -> Finding:
    return Finding(code, "error", params=params)


def _pages() -> list[Finding]:
    faults = [str(row[0]) for row in _rows("PRAGMA integrity_check(5)") if row[0] != "ok"]
    return [_error("health-pages", fault=fault) for fault in faults]


def _references() -> list[Finding]:
    counts: dict[tuple[str, str], int] = {}
    for table, _row, parent, _key in _rows("PRAGMA foreign_key_check"):
        pair = (str(table), str(parent))
        counts[pair] = counts.get(pair, 0) + 1
    return [
        _error("health-references", child=child, parent=parent, count=count)
        for (child, parent), count in counts.items()
    ]


def _rtrees() -> list[Finding]:
    found = []
    for name in LOCATED:
        ((wanted, entries),) = _rows(
            f"SELECT (SELECT count(*) FROM {name} WHERE west IS NOT NULL),"  # noqa: S608
            f" (SELECT count(*) FROM {name}_rtree)"
        )
        ((state,),) = _rows(f"SELECT rtreecheck('{name}_rtree')")
        if wanted != entries or state != "ok":
            found.append(_error("health-rtree", name=name, rows=wanted, entries=entries))
    triggers = {str(row[0]) for row in _rows("SELECT name FROM sqlite_master WHERE type='trigger'")}
    wanted_triggers = {f"{name}_rtree_{event}" for name in LOCATED for event in _EVENTS}
    wanted_triggers |= {f"{name}_forget_box" for name in LOCATED}
    wanted_triggers |= {f"{name}_forget_area" for name in MEASURED}
    wanted_triggers |= {f"{name}_token_{event}" for name in TRACKED for event in _SQL_EVENTS}
    missing = sorted(wanted_triggers - triggers)
    if missing:
        found.append(_error("health-triggers", names=", ".join(missing[:5]), count=len(missing)))
    return found


_EVENTS = ("insert", "update", "delete")
_SQL_EVENTS = ("INSERT", "UPDATE", "DELETE")


def _boxes() -> list[Finding]:
    """Return a finding a model whose stored bounding boxes are not those of its geometries.

    A box that is NULL is read from the geometry and no fault.
    """
    found = []
    for name in _LOCATED_MODELS:
        model = apps.get_model("store", name)
        rows = list(
            model.objects.filter(geometry__isnull=False, west__isnull=False)
            .order_by()
            .values_list("geometry", *BOX)
        )
        if not rows:
            continue
        bounds = shapely.bounds(shapely.from_wkb([row[0] for row in rows], on_invalid="ignore"))
        stored = np.array([row[1:] for row in rows], dtype=float)
        wrong = int((~np.isclose(bounds, stored, rtol=0, atol=1e-9, equal_nan=True)).any(1).sum())
        if wrong:
            found.append(_error("health-boxes", name=model._meta.db_table, count=wrong))
    return found


def _tokens() -> list[Finding]:
    present = {str(row[0]) for row in _rows("SELECT name FROM store_revision")}
    missing = [name for name in TRACKED if name not in present]
    if not missing:
        return []
    return [_error("health-triggers", names=", ".join(missing[:5]), count=len(missing))]


def _description() -> list[Finding]:
    count = apps.get_model("store", "Workspace").objects.count()
    found = [] if count == 1 else [_error("health-description", count=count)]
    stale = apps.get_model("store", "Run").objects.filter(status="running").count()
    if stale:
        found.append(Finding("health-runs", "info", params={"count": stale}))
    return found


def _run_files() -> list[Finding]:
    """Mention how much the files of runs take, once it is much."""
    ((size,),) = _rows(
        "SELECT coalesce(sum(size), 0) FROM store_blob"
        " WHERE sha256 IN (SELECT blob_id FROM store_runfile)"
    )
    if int(str(size)) < MUCH_BYTES:
        return []
    return [Finding("health-run-files", "info", params={"size_mb": int(str(size)) // 1_000_000})]


def _disk(path: Path) -> list[Finding]:
    found = []
    free = shutil.disk_usage(path.parent).free
    if free < max(MIN_FREE_BYTES, path.stat().st_size):
        params = {"free_mb": free // 1_000_000}
        found.append(Finding("health-disk", "warning", params=params))
    log = path.with_name(path.name + "-wal")
    if log.exists() and log.stat().st_size > MAX_LOG_BYTES:
        size_mb = log.stat().st_size // 1_000_000
        found.append(Finding("health-log", "warning", params={"size_mb": size_mb}))
    return found


def _postgis() -> list[Finding]:
    ((text,),) = _rows("SELECT postgis_lib_version()")
    numbers = tuple(int(part) for part in str(text).split(".")[:2])
    if numbers < MIN_POSTGIS:
        return [_error("health-postgis", found=text, wanted=".".join(map(str, MIN_POSTGIS)))]
    return []
