"""Write an exchange copy of the workspace: a GeoPackage of curated layers.

Layers ``zones``, ``parcels``, ``works`` and ``no_go`` (EPSG:4490) have the fields of
``core.schema`` as columns, in the fields' own units; a parcel's nine connections are one column a
service. Computed columns stand beside them (current stage, date of each stage, areas, zones that a
parcel lies in) and are not taken back.

Two tables make the way back a three-way merge: ``zonewright_base`` (``layer``, ``key``, ``row``)
keeps each row as it left, key and row as JSON; ``zonewright_state`` (``fingerprint``,
``exported_at``, ``day``, ``title``, ``notices``) says of which state. Users, sessions, runs and the
audit trail stay at home.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from django.db import connection

from zonewright.core.errors import StorageError
from zonewright.core.schema import table
from zonewright.store import _ready, mapping  # noqa: F401  (_ready before any model)
from zonewright.store.inspection import has_workspace_mark
from zonewright.store.mapping import Mapped
from zonewright.store.models import Workspace
from zonewright.store.selectors import fingerprint, notices, parcels, zone_versions
from zonewright.store.selectors._frames import CRS, frame

_LAYERS: tuple[tuple[str, Mapped], ...] = (
    ("zones", mapping.ZONES),
    ("parcels", mapping.PARCELS),
    ("works", mapping.WORKS),
    ("no_go", mapping.NO_GO),
)
_SHAPES = ("geometry", "multipolygon")
_MULTI = {"zones": "MultiPolygon", "parcels": "MultiPolygon", "no_go": "MultiPolygon"}


def export_gpkg(path: Path | str, *, on: date, overwrite: bool = False) -> None:
    """Write the curated layers of the connected workspace to a new GeoPackage.

    Parameters
    ----------
    path
        File to be written.
    on
        Day whose zone boundaries and parcel stages are written.
    overwrite
        Whether an existing file is replaced, once the new one is complete.

    Raises
    ------
    StorageError
        If the file exists and may not be overwritten, is a workspace, or cannot be written.
    """
    path = Path(path)
    if path.exists():
        if not overwrite:
            raise StorageError("export-exists", path=path)
        if _is_workspace(path):
            raise StorageError("export-onto-workspace", path=path)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial.gpkg")
    try:
        _write(partial, on=on)
        if overwrite:
            partial.replace(path)
        else:
            os.link(partial, path)
    except FileExistsError as error:
        raise StorageError("export-exists", path=path) from error
    except (OSError, pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        raise StorageError("export-not-written", path=path, cause=error) from error
    finally:
        for suffix in ("", "-journal", "-wal", "-shm"):
            partial.with_name(partial.name + suffix).unlink(missing_ok=True)


def _is_workspace(path: Path) -> bool:
    """Return whether a file is a workspace.

    The connected one is known by its name: to open it here would drop the connection's locks.
    """
    name = connection.settings_dict["NAME"] if connection.vendor == "sqlite" else ""
    here = Path(unquote(urlsplit(str(name)).path))
    if here.exists() and path.samefile(here):
        return True
    return has_workspace_mark(path)


def _write(path: Path, *, on: date) -> None:
    said = notices()
    about = {"DESCRIPTION": " · ".join(said)} if said else {}
    base: list[dict[str, str]] = []
    for name, mapped in _LAYERS:
        rows = _rows(name, mapped, on)
        base.extend(_base(name, rows))
        layer = _columns(name, rows).join(_computed(name, on), on="code")
        pyogrio.write_dataframe(
            layer,
            path,
            layer=name,
            driver="GPKG",
            append=path.exists(),
            geometry_type=_MULTI.get(name, "Unknown"),
            promote_to_multi=name in _MULTI,
            layer_metadata=about,
        )
    state = {
        "fingerprint": fingerprint(),
        "exported_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "day": on.isoformat(),
        "title": Workspace.objects.values_list("title", flat=True).first() or "",
        "notices": "\n".join(said),
    }
    columns = ["layer", "key", "row"]
    _write_table(path, "zonewright_base", pd.DataFrame(base, columns=columns, dtype=str))
    _write_table(path, "zonewright_state", pd.DataFrame([state]))


def _write_table(path: Path, name: str, rows: pd.DataFrame) -> None:
    pyogrio.write_dataframe(rows, path, layer=name, driver="GPKG", append=True)


def _rows(name: str, mapped: Mapped, on: date) -> list[dict[str, Any]]:
    """Return field to value, as in ``core.records``, for every record of a layer."""
    paths = {
        column.field.name: f"{column.attr.removesuffix('_id')}__code"
        if column.refers
        else column.attr
        for column in mapped.columns
    }
    found = mapped.model._default_manager.order_by("code").values_list("pk", *paths.values())
    rows = {row[0]: dict(zip(paths, row[1:], strict=True)) for row in found}
    if name == "zones":
        _add_versions(rows, on)
    order = [field.name for field in table(name).fields]
    return [{field: row.get(field) for field in order} for row in rows.values()]


def _add_versions(rows: Mapping[int, dict[str, Any]], on: date) -> None:
    names = [column.attr for column in mapping.ZONE_VERSIONS.columns]
    versions = mapping.ZONE_VERSIONS.model._default_manager.filter(valid_from__lte=on)
    for zone, *values in versions.order_by("valid_from").values_list("zone_id", *names):
        version = dict(zip(names, values, strict=True))
        if version["valid_to"] is not None and version["valid_to"] <= on:
            continue
        if version["valid_from"] == mapping.EVER:
            version["valid_from"] = None
        rows[zone].update(version)


def _base(layer: str, rows: list[dict[str, Any]]) -> list[dict[str, str]]:
    key = table(layer).key
    return [
        {
            "layer": layer,
            "key": json.dumps([_plain(row[name]) for name in key], ensure_ascii=False),
            "row": json.dumps(
                {name: _plain(value) for name, value in row.items()}, ensure_ascii=False
            ),
        }
        for row in rows
    ]


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Decimal | date):
        return str(value)
    return None if value in ("", {}) else value


def _columns(layer: str, rows: list[dict[str, Any]]) -> gpd.GeoDataFrame:
    """Return the rows as a layer: a column a field, services one column each."""
    found = pd.DataFrame(index=range(len(rows)))
    shapes: list[bytes | None] = [None] * len(rows)
    for field in table(layer).fields:
        values = [row[field.name] for row in rows]
        if field.kind in _SHAPES:
            shapes = values
        elif field.kind == "services":
            for service in field.choices:
                states = [(value or {}).get(service) for value in values]
                found[service] = pd.array(states, dtype="Int64")
        else:
            found[field.name] = _column(field.kind, values)
    return gpd.GeoDataFrame(found, geometry=np.asarray(shapely.from_wkb(shapes)), crs=CRS)


def _column(kind: str, values: list[Any]) -> Any:
    if kind in ("area", "money", "energy", "number", "percent"):
        return np.array([np.nan if value is None else float(value) for value in values])
    if kind == "date":
        return pd.to_datetime(pd.Series(values, dtype=object)).astype("datetime64[ms]")
    if kind == "bool":
        return pd.array(values, dtype="boolean")
    return pd.array([value or None for value in values], dtype="str")


def _computed(layer: str, on: date) -> pd.DataFrame:
    """Return the columns that are shown and not taken back, by code."""
    if layer == "zones":
        return pd.DataFrame(zone_versions(on)[["area_m2"]])
    if layer != "parcels":
        return pd.DataFrame(index=pd.Index([], dtype="str"))
    found = parcels(on)
    shown = pd.DataFrame(found[["area_m2", "stage"]]).join(_stage_dates())
    return shown.assign(zones=_zones_of(found, zone_versions(on)))


def _stage_dates() -> pd.DataFrame:
    events = frame(
        """
        SELECT p.code, e.stage, date(e."on") FROM store_parcelevent e
          JOIN store_parcel p ON p.id = e.parcel_id ORDER BY e.recorded_at, e.id""",
        ("code", "stage", "on"),
        dates=("on",),
    )
    events = events.drop_duplicates(["code", "stage"], keep="last")
    wide = events.pivot_table(index="code", columns="stage", values="on", aggfunc="last")
    return wide.astype("datetime64[ms]").add_suffix("_on")


def _zones_of(found: gpd.GeoDataFrame, zones: gpd.GeoDataFrame) -> pd.Series[str]:
    """Return the codes of the zones in whose boundary each parcel's point lies, as text."""
    drawn = zones[zones.geometry.notna()]
    lists: list[list[str]] = [[] for _ in range(len(found))]
    lon, lat = found["lon"].to_numpy(), found["lat"].to_numpy()
    for code, shape in drawn.geometry.items():
        shapely.prepare(shape)
        for position in np.flatnonzero(shapely.intersects_xy(shape, lon, lat)).tolist():
            lists[position].append(str(code))
    return pd.Series([" ".join(codes) for codes in lists], index=found.index, dtype="str")
