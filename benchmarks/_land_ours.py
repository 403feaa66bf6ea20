"""Ready blocks by Zonewright: what ``zonewright blocks FILE`` does before it prints."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from benchmarks._land_work import MU_M2, Answer, Clock, Job
from zonewright.intake.parcel_file import read_parcels
from zonewright.land.groups import group_sums, regroup
from zonewright.land.topology import topology_of
from zonewright.workflows.block_file import FileBlocks, blocks_of_file

READY = "status = 'ready'"
CHANGES = 21


def blocks(job: Job, clock: Clock) -> Answer:
    """Find the blocks as the command does if nothing else is said: within its tolerance."""
    found = blocks_of_file(Path(job.gpkg), layer=job.layer, ready_where=READY,
                           min_area_mu=job.min_area_m2 / MU_M2)  # fmt: skip
    return _answer(found, clock)


def exact(job: Job, clock: Clock) -> Answer:
    """Find the blocks with no tolerance, as all others have none."""
    found = blocks_of_file(Path(job.gpkg), layer=job.layer, ready_where=READY,
                           min_area_mu=job.min_area_m2 / MU_M2, tolerance_m=0.0)  # fmt: skip
    return _answer(found, clock)


def exact_of_parquet(job: Job, clock: Clock) -> Answer:
    """Find the blocks with no tolerance, from GeoParquet."""
    found = blocks_of_file(Path(job.parquet), ready_where=READY,
                           min_area_mu=job.min_area_m2 / MU_M2, tolerance_m=0.0)  # fmt: skip
    return _answer(found, clock, first_row=0)


def across_gaps(job: Job, clock: Clock) -> Answer:
    """Find the blocks of parcels that lie no further apart than the gap."""
    found = blocks_of_file(Path(job.gpkg), layer=job.layer, ready_where=READY,
                           min_area_mu=job.min_area_m2 / MU_M2, gap_m=job.gap_m)  # fmt: skip
    return _answer(found, clock)


def change(job: Job, clock: Clock) -> Answer:
    """Keep the neighbours of all parcels; change one, group anew, and do so some times."""
    with clock.phase("read"):
        parcels = read_parcels(Path(job.gpkg), layer=job.layer)
        numbers = read_parcels(Path(job.gpkg), layer=job.layer, where=READY).numbers
    with clock.phase("topology"):
        topology = topology_of(parcels.flat, parcels.crs)
    ready = np.isin(parcels.numbers, numbers)
    times = []
    for parcel in np.random.default_rng(0).integers(0, len(ready), CHANGES):
        ready[parcel] = ~ready[parcel]
        begin = time.perf_counter()
        groups = regroup(topology, ready, min_frontage_m=job.min_frontage_m)
        sums = group_sums(groups, topology.area_m2)
        times.append(time.perf_counter() - begin)
    clock.seconds["regroup"] = statistics.median(times)
    # SciPy on the same neighbours, in the state after the last change.
    both = ready[topology.first] & ready[topology.second]
    both &= topology.shared_m >= job.min_frontage_m
    first, second = topology.first[both], topology.second[both]
    shape = (len(ready), len(ready))
    links = coo_array((np.ones(len(first), bool), (first, second)), shape=shape)
    labels = connected_components(links, directed=False)[1][ready]
    pairs = np.unique(np.column_stack([labels, groups[ready]]), axis=0)
    told: dict[str, object] = {
        "regroup_s": round(clock.seconds["regroup"], 5),
        "groups": len(sums),
        "as_scipy": bool(len(pairs) == len(np.unique(labels)) == len(sums)),
    }
    return Answer(sums[sums >= job.min_area_m2], told=told)


def _answer(found: FileBlocks, clock: Clock, *, first_row: int = 1) -> Answer:
    """Return what was found; rows of a GeoPackage are numbered from 1."""
    clock.seconds.update(found.timing)
    table = found.blocks
    return Answer(
        table.area_m2,
        table.outline,
        groups=table.groups,
        parcel_count=table.parcel_count,
        members=found.parcels.numbers[table.member] - first_row,
        told={"findings": len(found.findings)},
    )
