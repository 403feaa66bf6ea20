"""What the records say of land beyond its stages: ownership, quota, and what lies between it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from zonewright.store.models import MapFeature, NoGo, Parcel, QuotaEntry, Revision, Work
from zonewright.store.selectors._frames import ALWAYS, geometries, utc

Shapes = NDArray[np.object_]
_LEDGER = ("code", "acquired_pct", "basic_farmland", "services")
_QUOTA = (
    "record", "code", "entry", "zone", "category", "area_m2", "project", "on", "document",
    "expires_on",
)  # fmt: skip
_LAYERS = ("store_maplayer", "store_mapfeature")


@dataclass(frozen=True, slots=True, eq=False)
class LayerShapes:
    """The features of a reference layer, n of them.

    Parameters
    ----------
    code, name
        Of the layer.
    names
        What the features are called.
    properties
        Their values.
    shapes
        Their geometries (EPSG:4490).
    """

    code: str
    name: str
    names: tuple[str, ...]
    properties: tuple[dict[str, object], ...]
    shapes: Shapes


def ledger(as_of: datetime | None = None) -> pd.DataFrame:
    """Return what the land ledger says of each parcel's ownership, farmland and connections.

    Parameters
    ----------
    as_of
        Time at which the workspace is seen; None means now.

    Returns
    -------
    ledger
        Index parcel code: ``acquired_pct`` [%, NaN where unknown], ``basic_farmland`` (True, False
        or None), ``services`` (state 0 to 5 by service).
    """
    rows = Parcel.objects.filter(recorded_at__lte=_until(as_of))
    found = pd.DataFrame.from_records(list(rows.values_list(*_LEDGER)), columns=list(_LEDGER))
    found["acquired_pct"] = found["acquired_pct"].astype("float64")
    return found.set_index("code")


def no_go_shapes(as_of: datetime | None = None) -> Shapes:
    """Return the no-go areas that are known at a time, shape (n,) (EPSG:4490); None means now."""
    rows = NoGo.objects.filter(recorded_at__lte=_until(as_of), geometry__isnull=False)
    return geometries(list(rows.order_by("code").values_list("geometry", flat=True)))


def work_shapes(kinds: Collection[str], as_of: datetime | None = None) -> tuple[Shapes, Shapes]:
    """Return kind and geometry (EPSG:4490) of the works of some kinds, shapes (n,)."""
    rows = Work.objects.filter(
        recorded_at__lte=_until(as_of), geometry__isnull=False, kind__in=sorted(kinds)
    )
    found = list(rows.order_by("code").values_list("kind", "geometry"))
    named = np.array([kind for kind, _ in found], dtype=object)
    return named, geometries([shape for _, shape in found])


def layer_shapes() -> tuple[LayerShapes, ...]:
    """Return the reference layers that have features of their own, by code."""
    rows = MapFeature.objects.filter(geometry__isnull=False).order_by("layer__code", "pk")
    names = ("layer__code", "layer__name", "name", "properties", "geometry")
    layers: dict[tuple[str, str], list[tuple[str, dict[str, object], bytes]]] = {}
    for code, layer, name, properties, shape in rows.values_list(*names):
        layers.setdefault((code, layer), []).append((name, dict(properties or {}), shape))
    return tuple(
        LayerShapes(
            code,
            layer,
            tuple(name for name, _, _ in items),
            tuple(properties for _, properties, _ in items),
            geometries([shape for _, _, shape in items]),
        )
        for (code, layer), items in layers.items()
    )


def layers_token() -> str:
    """Return the change token of the reference layers, which no fingerprint of figures holds."""
    found = Revision.objects.filter(name__in=_LAYERS).order_by("name")
    return "|".join(found.values_list("token", flat=True))


def quota_entries(as_of: datetime | None = None) -> pd.DataFrame:
    """Return the ledger of land quota.

    Parameters
    ----------
    as_of
        Time at which the workspace is seen; None means now.

    Returns
    -------
    entries
        By day and code: ``record``, ``code``, ``entry``, ``zone`` (code), ``category``, ``area_m2``
        [m²], ``project``, ``on``, ``document``, ``expires_on`` (NaT where none is given).
    """
    rows = QuotaEntry.objects.filter(recorded_at__lte=_until(as_of)).order_by("on", "code")
    names = (
        "pk", "code", "entry", "zone__code", "category", "area_m2", "project", "on", "document",
        "expires_on",
    )  # fmt: skip
    listed = [(f"quota_entry:{row[0]}", *row[1:]) for row in rows.values_list(*names)]
    found = pd.DataFrame.from_records(listed, columns=list(_QUOTA))
    found["area_m2"] = found["area_m2"].astype("float64")
    for name in ("on", "expires_on"):
        found[name] = pd.to_datetime(found[name]).astype("datetime64[ns]")
    return found


def _until(as_of: datetime | None) -> datetime:
    return ALWAYS if as_of is None else utc(as_of)
