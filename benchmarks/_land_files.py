"""The files that the land benchmark reads: GeoPackage and GeoParquet, and what is true of them."""

from __future__ import annotations

import gzip
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyogrio
import shapely
from numpy.typing import NDArray
from pyproj import Transformer
from scipy.ndimage import gaussian_filter

from benchmarks._land_dirt import soiled
from benchmarks._land_ground import READY_SHARE, draw

LAYER = "parcels"
CRS = "EPSG:4547"
# Straight edges of lots and geodesics differ by less than a square centimetre a lot in it.
EQUAL_AREA = "+proj=laea +lat_0={lat:.4f} +lon_0={lon:.4f} +ellps=GRS80 +units=m +no_defs"
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Truth:
    """What a method has to find.

    Attributes
    ----------
    ready
        Shape (n,).
    area_m2
        Shape (n,): on the ellipsoid, without overlaps [m²].
    points
        Shape (n,): a point well inside of each parcel.
    groups
        Shape (n,): lowest row in the group, -1 where not ready; None if nobody knows.
    """

    ready: NDArray[np.bool_]
    area_m2: Floats
    points: NDArray[np.object_]
    groups: NDArray[np.int64] | None


@dataclass(frozen=True, slots=True)
class Files:
    """A data set: its two files, the CRS in which areas are true, and the truth."""

    name: str
    gpkg: Path
    parquet: Path
    crs: str
    equal_area: str
    truth: Truth


def drawn(folder: Path, count: int, *, seed: int, dirty: bool, name: str = "drawn") -> list[Files]:
    """Draw a ground and write it, with `dirty` in a second, badly drawn form as well."""
    ground = draw(count, seed=seed)
    shapes = _polygons(ground.xy / 1_000, ground.start)
    equal_area = _equal_area(shapes, CRS)
    truth = Truth(ground.ready, _area_m2(shapes, CRS, equal_area),
                  shapely.point_on_surface(shapes), ground.groups)  # fmt: skip

    def written(ending: str, shapes: NDArray[np.object_]) -> Files:
        own = f"{name}-{count}{ending}"
        return _written(folder, own, shapes, ground.ready, CRS, equal_area, truth)

    with ThreadPoolExecutor(max_workers=1) as pool:
        clean = pool.submit(written, "", shapes)
        found = [written("-dirty", _polygons(*soiled(ground, seed=seed)))] if dirty else []
        return [clean.result(), *found]


def public_sources(folder: Path) -> list[Path]:
    """Return the public parcels that lie there."""
    return [*sorted(folder.glob("cadastre-*.json.gz")), *sorted(folder.glob("*/bubenec.gpkg"))]


def public(folder: Path, source: Path, *, seed: int) -> Files:
    """Return a public cadastre: one of the French register, or the plots that momepy shows.

    Which parcels are ready is drawn.
    """
    if source.suffix == ".gpkg":
        # The file is in Web Mercator, which is no map to measure on: take the Czech grid.
        frame = gpd.read_file(source, layer="plots").to_crs("EPSG:5514")
    else:
        with gzip.open(source) as opened:
            features = json.load(opened)["features"]
        frame = gpd.GeoDataFrame.from_features(features, crs="EPSG:4326").to_crs("EPSG:2154")
    crs, shapes = f"EPSG:{frame.crs.to_epsg()}", frame.geometry.to_numpy()
    equal_area = _equal_area(shapes, crs)
    points = shapely.point_on_surface(shapes)
    ready = _patches(shapely.get_coordinates(points), seed=seed)
    truth = Truth(ready, _area_m2(shapes, crs, equal_area), points, None)
    return _written(folder, source.name.split(".")[0], shapes, ready, crs, equal_area, truth)


def _patches(xy: Floats, *, seed: int, cells: int = 64) -> NDArray[np.bool_]:
    """Return which parcels are ready: 45 %, in patches."""
    field = gaussian_filter(np.random.default_rng(seed).normal(size=(cells, cells)), 2.0)
    low, high = xy.min(axis=0), xy.max(axis=0)
    x, y = ((xy - low) / (high - low) * (cells - 1)).astype(int).T
    return field[x, y] > np.quantile(field[x, y], 1 - READY_SHARE)


def _polygons(xy: Floats, start: NDArray[np.int64]) -> NDArray[np.object_]:
    offsets = (start, np.arange(len(start)))
    return shapely.from_ragged_array(shapely.GeometryType.POLYGON, xy, offsets)


def _equal_area(shapes: NDArray[np.object_], crs: str) -> str:
    west, south, east, north = shapely.total_bounds(shapes)
    to_degrees = Transformer.from_crs(crs, "EPSG:4490", always_xy=True)
    lon, lat = to_degrees.transform((west + east) / 2, (south + north) / 2)
    return EQUAL_AREA.format(lat=lat, lon=lon)


def _area_m2(shapes: NDArray[np.object_], crs: str, equal_area: str) -> Floats:
    """Return areas on the ellipsoid [m²], by an equal-area map around the middle of the data."""
    to_map = Transformer.from_crs(crs, equal_area, always_xy=True)
    return shapely.area(
        shapely.transform(shapes, lambda xy: np.column_stack(to_map.transform(*xy.T)))
    )


def _written(
    folder: Path,
    name: str,
    shapes: NDArray[np.object_],
    ready: NDArray[np.bool_],
    crs: str,
    equal_area: str,
    truth: Truth,
) -> Files:
    files = Files(name, folder / f"{name}.gpkg", folder / f"{name}.parquet", crs, equal_area, truth)
    fields = {
        "code": np.array([f"P{row:07}" for row in range(len(shapes))], dtype=object),
        "status": np.where(ready, "ready", "occupied").astype(object),
    }
    kinds = set(shapely.get_type_id(shapes))
    columns = {name: pa.array(values, pa.string()) for name, values in fields.items()}
    if kinds != {3}:
        shapes = _all_multi(shapes)
    pyogrio.raw.write_arrow(
        pa.table({**columns, "geom": pa.array(shapely.to_wkb(shapes), pa.binary())}),
        files.gpkg,
        layer=LAYER,
        driver="GPKG",
        geometry_name="geom",
        geometry_type="Polygon" if kinds == {3} else "MultiPolygon",
        crs=crs,
    )
    frame = gpd.GeoDataFrame(fields, geometry=shapes, crs=crs)
    frame.to_parquet(files.parquet, compression="zstd", index=False)
    return files


def _all_multi(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return polygons as multipolygons of one part."""
    parts, owner = shapely.get_parts(shapes, return_index=True)
    return np.asarray(shapely.multipolygons(parts, indices=owner, out=np.full(len(shapes), None)))
