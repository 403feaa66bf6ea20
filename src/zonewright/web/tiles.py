"""Vector tiles of the workspace's layers: clipped, generalised, encoded (Mapbox Vector Tile 2)."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import geopandas as gpd
import mapbox_vector_tile
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from zonewright.store import selectors

EXTENT = 4096
BUFFER = 80
MAX_ZOOM = 22
MAX_LATITUDE = 85.0511287798066
_OPTIONS = {"extents": EXTENT, "y_coord_down": True, "check_winding_order": False}


@dataclass(frozen=True, slots=True)
class LayerRule:
    """How a layer is generalised.

    Parameters
    ----------
    min_zoom
        First zoom at which it is drawn; below, its tiles are empty.
    columns
        Attributes that a tile carries.
    single_zoom
        First zoom at which features stay single; below, those of one `merge_by` are one.
    merge_by
        Attribute by which features are joined below `single_zoom`; empty to keep them single.
    tolerance
        How far an outline may move [1/4096 of a tile].
    """

    min_zoom: int
    columns: tuple[str, ...]
    single_zoom: int = 0
    merge_by: str = ""
    tolerance: float = 2.0


RULES: Mapping[str, LayerRule] = {
    "zones": LayerRule(0, ("code", "name", "name_en", "kind", "area_km2")),
    "parcels": LayerRule(11, ("code", "stage", "area_m2"), single_zoom=13, merge_by="stage"),
    "works": LayerRule(9, ("code", "name", "kind", "status")),
    "no_go": LayerRule(9, ("kind", "name"), single_zoom=12, merge_by="kind"),
}


def bounds(z: int, x: int, y: int, *, buffer: int = BUFFER) -> tuple[float, float, float, float]:
    """Return a tile's west, south, east and north [degrees], with a margin [1/4096 of a tile]."""
    count, margin = 2**z, buffer / EXTENT
    west, east = ((x - margin) / count, (x + 1 + margin) / count)
    north, south = ((y - margin) / count, (y + 1 + margin) / count)
    return (west * 360 - 180, _latitude(south), east * 360 - 180, _latitude(north))


def _latitude(down: float) -> float:
    return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * down))))


def exists(layer: str, z: int, x: int, y: int) -> bool:
    """Return whether there is such a layer and such a tile."""
    return layer in RULES and 0 <= z <= MAX_ZOOM and 0 <= x < 2**z and 0 <= y < 2**z


@lru_cache(maxsize=1024)
def tile(layer: str, z: int, x: int, y: int, state: Hashable) -> bytes:
    """Return a tile of the workspace; empty if nothing lies in it.

    Parameters
    ----------
    layer
        A key of `RULES`.
    z, x, y
        Which tile.
    state
        Fingerprint of the workspace: answers are kept for as long as it stays the same.
    """
    rule = RULES[layer]
    if z < rule.min_zoom:
        return b""
    found = selectors.features(layer, bounds(z, x, y)).reset_index()
    if "area_km2" in rule.columns:
        found["area_km2"] = (found["area_m2"] / 1e6).round(3)
    return encode(layer, found, z, x, y)


def encode(layer: str, frame: gpd.GeoDataFrame, z: int, x: int, y: int) -> bytes:
    """Return features as a tile; empty if none is left after clipping.

    Parameters
    ----------
    layer
        A key of `RULES`.
    frame
        Features [degrees] with the rule's columns, as far as there are.
    z, x, y
        Which tile.
    """
    rule = RULES[layer]
    frame = frame[frame.geometry.notna()]
    if frame.empty:
        return b""
    shapes = _to_tile(frame.geometry.to_numpy(), z, x, y)
    names = [name for name in rule.columns if name in frame.columns]
    rows = frame[names].reset_index(drop=True)
    if rule.merge_by in names and z < rule.single_zoom:
        shapes, rows = _merged(shapes, rows[rule.merge_by])
    shapes = _generalised(shapes, rule.tolerance)
    features = [
        {"geometry": shape, "properties": _plain(row)}
        for shape, row in zip(shapes, rows.to_dict("records"), strict=True)
        if not shape.is_empty
    ]
    if not features:
        return b""
    layers = [{"name": layer, "features": features}]
    encoded: bytes = mapbox_vector_tile.encode(layers, default_options=_OPTIONS)
    return encoded


def _to_tile(shapes: NDArray[np.object_], z: int, x: int, y: int) -> NDArray[np.object_]:
    clipped = shapely.clip_by_rect(shapes, *bounds(z, x, y))

    def project(points: NDArray[np.float64]) -> NDArray[np.float64]:
        lat = np.radians(np.clip(points[:, 1], -MAX_LATITUDE, MAX_LATITUDE))
        right = (points[:, 0] + 180) / 360 * 2**z - x
        down = (1 - np.arcsinh(np.tan(lat)) / np.pi) / 2 * 2**z - y
        return np.column_stack([right, down]) * EXTENT

    moved: NDArray[np.object_] = shapely.transform(clipped, project)
    return moved


def _merged(
    shapes: NDArray[np.object_], keys: pd.Series
) -> tuple[NDArray[np.object_], pd.DataFrame]:
    groups = keys.fillna("").groupby(keys.fillna(""), sort=True).indices
    joined = [shapely.union_all(shapes[where], grid_size=1.0) for where in groups.values()]
    found = np.empty(len(joined), dtype=object)
    found[:] = joined
    return found, pd.DataFrame({keys.name: list(groups)})


def _generalised(shapes: NDArray[np.object_], tolerance: float) -> NDArray[np.object_]:
    simple = shapely.simplify(shapes, tolerance, preserve_topology=True)
    whole = shapely.set_precision(simple, 1.0)
    kinds = shapely.get_dimensions(shapes)
    # A polygon may collapse to a line or come with stray lines: keep what has its dimension.
    kept = [_of_dimension(shape, kind) for shape, kind in zip(whole, kinds, strict=True)]
    found = np.empty(len(kept), dtype=object)
    found[:] = kept
    oriented: NDArray[np.object_] = shapely.orient_polygons(found, exterior_cw=False)
    return oriented


def _of_dimension(shape: shapely.Geometry, dimension: int) -> shapely.Geometry:
    if shape.geom_type != "GeometryCollection":
        return shape
    parts = [part for part in shapely.get_parts(shape) if shapely.get_dimensions(part) == dimension]
    return shapely.union_all(parts)


def _plain(row: Mapping[Hashable, object]) -> dict[str, object]:
    """Return the attributes as a tile can hold them; empty ones are left out."""
    found: dict[str, object] = {}
    for name, value in row.items():
        plain = value.item() if isinstance(value, np.generic) else value
        if plain is None or plain == "" or (isinstance(plain, float) and math.isnan(plain)):
            continue
        found[str(name)] = plain if isinstance(plain, (str, int, float, bool)) else str(plain)
    return found
