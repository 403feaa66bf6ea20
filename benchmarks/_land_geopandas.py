"""Ready blocks by GeoPandas and GEOS, as their manuals would have it."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from benchmarks._land_work import Answer, Clock, Job

# Blocks are chosen by the area on the map with this margin, then by that on the ellipsoid.
MARGIN = 0.999
Integers = NDArray[np.int64]


def sjoin(job: Job, clock: Clock) -> Answer:
    """Join what meets, keep pairs with a common length, dissolve their components."""
    ready = ready_parcels(job, clock)
    with clock.phase("pairs"):
        first, second = _pairs(ready, predicate="intersects")
    with clock.phase("lengths"):
        shapes = ready.geometry.to_numpy()
        common = shapely.length(shapely.intersection(shapes[first], shapes[second]))
        long = common >= job.min_frontage_m
    with clock.phase("components"):
        labels = _components(first[long], second[long], len(ready))
    return dissolved(ready, labels, job, clock)


def coverage(job: Job, clock: Clock) -> Answer:
    """Unite everything as a coverage, and take it apart again."""
    ready = ready_parcels(job, clock)
    with clock.phase("union"):
        parts = shapely.get_parts(ready.union_all(method="coverage"))
    return _kept(parts, ready.crs, job, clock)


def disjoint_subsets(job: Job, clock: Clock) -> Answer:
    """Unite what hangs together piece by piece, and take it apart again."""
    ready = ready_parcels(job, clock)
    with clock.phase("union"):
        parts = shapely.get_parts(ready.union_all(method="disjoint_subset"))
    return _kept(parts, ready.crs, job, clock)


def unary(job: Job, clock: Clock) -> Answer:
    """Unite everything with nodes wherever lines cross, and take it apart again."""
    ready = ready_parcels(job, clock)
    with clock.phase("union"):
        parts = shapely.get_parts(ready.union_all(method="unary"))
    return _kept(parts, ready.crs, job, clock)


def buffered(job: Job, clock: Clock) -> Answer:
    """Swell by the tolerance, unite, take apart, shrink: what many a manual says of bad edges."""
    ready = ready_parcels(job, clock)
    by = max(job.tolerance_m, 0.05)
    with clock.phase("union"):
        swollen = ready.buffer(by, join_style="mitre").union_all()
        parts = shapely.buffer(shapely.get_parts(swollen), -by, join_style="mitre")
    return _kept(parts, ready.crs, job, clock)


def cleaned(job: Job, clock: Clock) -> Answer:
    """Make a coverage of it (GEOS 3.14), unite that, and take it apart again."""
    ready = ready_parcels(job, clock)
    with clock.phase("clean"):
        clean = shapely.coverage_clean(
            ready.geometry.to_numpy(),
            snapping_distance=1.5 * job.tolerance_m,
            gap_width=2 * job.tolerance_m,
        )
        clean = clean[~shapely.is_empty(clean)]
    with clock.phase("union"):
        parts = shapely.get_parts(shapely.coverage_union_all(clean))
    return _kept(parts, ready.crs, job, clock)


def near(job: Job, clock: Clock) -> Answer:
    """Join what runs along one another within the tolerance, dissolve the components."""
    ready = ready_parcels(job, clock)
    with clock.phase("pairs"):
        first, second = _pairs(ready, predicate="dwithin", distance=job.tolerance_m)
    with clock.phase("lengths"):
        shapes = ready.geometry.to_numpy()
        around = shapely.buffer(shapes, job.tolerance_m, quad_segs=2)
        along = shapely.intersection(shapely.boundary(shapes[first]), around[second])
        long = shapely.length(along) >= job.min_frontage_m
    with clock.phase("components"):
        labels = _components(first[long], second[long], len(ready))
    return dissolved(ready, labels, job, clock)


def within(job: Job, clock: Clock) -> Answer:
    """Join what lies within the gap; groups and areas, no outlines."""
    parcels = _parcels(job, clock)
    ready = np.flatnonzero(parcels["status"] == "ready")
    with clock.phase("pairs"):
        frame = parcels.iloc[ready].reset_index(drop=True)
        first, second = _pairs(frame, predicate="dwithin", distance=job.gap_m)
    with clock.phase("components"):
        own = _components(first, second, len(ready))
        sums = np.bincount(own, frame.area)
        labels = np.full(len(parcels), -1)
        labels[ready] = own
    return Answer(sums[sums >= job.min_area_m2], labels=labels, groups=len(sums))


def _parcels(job: Job, clock: Clock) -> gpd.GeoDataFrame:
    with clock.phase("read"):
        return gpd.read_file(job.gpkg, layer=job.layer, use_arrow=True)


def ready_parcels(job: Job, clock: Clock) -> gpd.GeoDataFrame:
    """Read the ready parcels, without their columns."""
    with clock.phase("read"):
        return gpd.read_file(
            job.gpkg, layer=job.layer, use_arrow=True, columns=[], where="status = 'ready'"
        )


def _pairs(frame: gpd.GeoDataFrame, **how: object) -> tuple[Integers, Integers]:
    shapes = frame[["geometry"]]
    pairs = shapes.sjoin(shapes, **how)
    first, second = pairs.index.to_numpy(), pairs["index_right"].to_numpy()
    once = first < second
    return first[once], second[once]


def _components(first: Integers, second: Integers, count: int) -> Integers:
    links = coo_array((np.ones(len(first), bool), (first, second)), shape=(count, count))
    return connected_components(links, directed=False)[1]


def dissolved(ready: gpd.GeoDataFrame, labels: Integers, job: Job, clock: Clock) -> Answer:
    """Dissolve every component and keep what is large enough."""
    with clock.phase("dissolve"):
        blocks = ready[["geometry"]].assign(block=labels).dissolve("block")
    return _kept(blocks.geometry.to_numpy(), ready.crs, job, clock)


def _kept(parts: NDArray[np.object_], crs: object, job: Job, clock: Clock) -> Answer:
    with clock.phase("areas"):
        large = parts[shapely.area(parts) >= MARGIN * job.min_area_m2]
        area_m2 = gpd.GeoSeries(large, crs=crs).to_crs(job.equal_area).area.to_numpy()
        kept = area_m2 >= job.min_area_m2
    versions = {library.__name__: library.__version__ for library in (gpd, shapely, pd)}
    told = {**versions, "geos": shapely.geos_version_string}
    return Answer(area_m2[kept], large[kept], groups=len(parts), told=told)
