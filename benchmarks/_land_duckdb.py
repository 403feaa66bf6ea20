"""Ready blocks by DuckDB's spatial extension, from GeoParquet, which it reads fastest."""

from __future__ import annotations

from pathlib import Path

import duckdb
import duckdb_extension_spatial
import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from benchmarks._land_work import Answer, Clock, Job

MARGIN = 0.999
READY = "select geometry as geom from read_parquet(?) where status = 'ready'"
# The filter i < j comes after the join: inside of it the planner would leave the spatial join.
PAIRS = """
with pairs as materialized (
    select a.row as first, b.row as second, a.geom as one, b.geom as other
    from ready a join ready b on {near})
select first, second from pairs where first < second and {length} >= ?
"""


def coverage(job: Job, clock: Clock) -> Answer:
    """Unite everything as a coverage, and take it apart again."""
    with _connected() as database:
        with clock.phase("union"):
            database.execute(
                f"create table parts as select unnest(st_dump(st_coverageunion_agg(geom))).geom"  # noqa: S608
                f" as geom from ({READY})",
                [job.parquet],
            )
        return _kept(database, job, clock)


def joined(job: Job, clock: Clock) -> Answer:
    """Join what meets over some length, unite each component (found by SciPy)."""
    near, length = "st_intersects(a.geom, b.geom)", "st_length(st_intersection(one, other))"
    return _by_pairs(job, clock, near, length, [job.min_frontage_m])


def near(job: Job, clock: Clock) -> Answer:
    """Join what runs along one another within the tolerance, unite each component."""
    near = f"st_dwithin(a.geom, b.geom, {job.tolerance_m})"
    around = f"st_buffer(other, {job.tolerance_m}, 2)"
    length = f"st_length(st_intersection(st_boundary(one), {around}))"
    return _by_pairs(job, clock, near, length, [job.min_frontage_m])


def _by_pairs(job: Job, clock: Clock, near: str, length: str, limits: list[float]) -> Answer:
    with _connected() as database:
        with clock.phase("read"):
            database.execute(
                f"create table ready as select row_number() over () - 1 as row, geom"  # noqa: S608
                f" from ({READY})",
                [job.parquet],
            )
        with clock.phase("pairs"):
            pairs = database.execute(PAIRS.format(near=near, length=length), limits).fetchnumpy()
        with clock.phase("components"):
            count = database.execute("select count(*) from ready").fetchall()[0][0]
            first, second = pairs["first"], pairs["second"]
            links = coo_array((np.ones(len(first), bool), (first, second)), shape=(count, count))
            labels = connected_components(links, directed=False)[1]
        with clock.phase("union"):
            groups = {"row": np.arange(count), "block": labels}
            database.register("groups", groups)
            database.execute(
                "create table parts as select st_union_agg(geom) as geom"
                " from ready join groups using (row) group by block"
            )
        return _kept(database, job, clock)


def _connected() -> duckdb.DuckDBPyConnection:
    database = duckdb.connect()
    home = Path(duckdb_extension_spatial.__path__[0]) / "extensions" / f"v{duckdb.__version__}"
    database.load_extension(str(home / "spatial.duckdb_extension"))
    return database


def _kept(database: duckdb.DuckDBPyConnection, job: Job, clock: Clock) -> Answer:
    with clock.phase("areas"):
        # Areas on the ellipsoid are computed for what is large enough on the map, or nearly.
        found = database.execute(
            """
            with large as materialized (select geom from parts where st_area(geom) >= ?),
            measured as (select geom, st_area(st_transform(geom, ?, ?, true)) as area_m2 from large)
            select area_m2, st_aswkb(geom) as outline from measured where area_m2 >= ?
            """,
            [MARGIN * job.min_area_m2, job.crs, job.equal_area, job.min_area_m2],
        ).fetchnumpy()
        groups = database.execute("select count(*) from parts").fetchall()[0][0]
    threads = database.execute("select current_setting('threads')").fetchall()[0][0]
    told = {"duckdb": duckdb.__version__, "threads": threads}
    outlines = np.array([bytes(outline) for outline in found["outline"]], dtype=object)
    return Answer(found["area_m2"], outlines, groups=groups, told=told)
