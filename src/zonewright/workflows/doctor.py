"""Examine the machine and a workspace: what is wrong, and how to mend it."""

from __future__ import annotations

import shutil
import sqlite3
import sys
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from pathlib import Path

import pyogrio
import pyproj

from zonewright.core.findings import Finding
from zonewright.store import workspace as workspaces

MIN_PYTHON = (3, 11)
MIN_SQLITE = (3, 38)
MIN_FREE_BYTES = 1_000_000_000
NEEDED_EPSG = (4490, 4526, 4547)
NEEDED_DRIVERS = ("GPKG", "ESRI Shapefile", "GeoJSON")
FRONT_END = ("maplibre-gl.mjs", "htmx.min.js")


def examine(target: str | None = None) -> tuple[Finding, ...]:
    """Return what stands in the way of work on this machine and, if given, of a workspace.

    Parameters
    ----------
    target
        Path of a workspace or a ``postgresql://`` address; None examines the machine alone.
    """
    found = [*_machine(), *_libraries(), *_shipped_files()]
    if target is not None:
        found.extend(workspaces.check(target))
    return tuple(found)


def _machine() -> list[Finding]:
    found = []
    if sys.version_info < MIN_PYTHON:
        found.append(_error("doctor-python-old", found=sys.version.split()[0], wanted="3.11"))
    if sqlite3.sqlite_version_info < MIN_SQLITE:
        found.append(_error("doctor-sqlite-old", found=sqlite3.sqlite_version, wanted="3.38"))
    if not _has_rtree():
        found.append(_error("doctor-sqlite-rtree"))
    free = shutil.disk_usage(Path.cwd()).free
    if free < MIN_FREE_BYTES:
        found.append(Finding("doctor-disk-full", "warning", params={"free_mb": free // 1_000_000}))
    return found


def _has_rtree() -> bool:
    with sqlite3.connect(":memory:") as connection:
        try:
            connection.execute("CREATE VIRTUAL TABLE box USING rtree(id, west, east, south, north)")
        except sqlite3.OperationalError:
            return False
    connection.close()
    return True


def _libraries() -> list[Finding]:
    found = []
    for code in NEEDED_EPSG:
        try:
            pyproj.CRS.from_epsg(code)
        except pyproj.exceptions.CRSError:
            found.append(_error("doctor-crs-missing", epsg=code))
    drivers = pyogrio.list_drivers()
    for driver in NEEDED_DRIVERS:
        if "w" not in drivers.get(driver, ""):
            found.append(_error("doctor-driver-missing", driver=driver))
    try:
        version("psycopg")
    except PackageNotFoundError:
        found.append(Finding("doctor-postgis-absent", "info"))
    return found


def _shipped_files() -> list[Finding]:
    package = files("zonewright")
    found = []
    vendor = package / "web" / "static" / "vendor"
    missing = [name for name in FRONT_END if not _holds(vendor, name)]
    if missing:
        found.append(_error("doctor-front-end-missing", names=", ".join(missing)))
    fonts = package / "report" / "fonts"
    if not any(entry.name.endswith(".ttf") for entry in fonts.iterdir()):
        found.append(_error("doctor-font-missing"))
    return found


def _holds(folder: object, name: str) -> bool:
    root = Path(str(folder))
    return root.is_dir() and any(root.rglob(name))


def _error(code: str, **params: object) -> Finding:
    return Finding(code, "error", params=params)
