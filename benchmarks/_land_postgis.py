"""Ready blocks by PostGIS: the file is loaded and indexed first, which is told apart."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import psycopg
import pyogrio
from pyproj import CRS
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from benchmarks._land_work import Answer, Clock, Job, peak_mb

MARGIN = 0.999
# What a server with some memory would be set to; nothing is compiled for one statement.
TABLES = "read, parcels, groups, parts, clusters"
SETTINGS = ("work_mem = '512MB'", "maintenance_work_mem = '512MB'", "jit = off")
COVERAGE_UNION_SINCE = (3, 4)
PARTS = "create unlogged table parts as select (st_dump({union})).geom as geom from {groups}"


def intersecting(job: Job, clock: Clock) -> Answer:
    """Cluster what intersects, unite each cluster, take it apart where only corners meet."""
    with _loaded(job, clock, where="where status = 'ready'") as database:
        with clock.phase("union"):
            if _version(database) >= COVERAGE_UNION_SINCE:
                groups = (
                    "(select st_coverageunion(geom) as geom from (select geom,"
                    " st_clusterintersectingwin(geom) over () as number from parcels) as one"
                    " group by number) as each"
                )
                database.execute(PARTS.format(union="geom", groups=groups))
            else:
                groups = (
                    "(select unnest(st_clusterintersecting(geom)) as geom from parcels) as each"
                )
                database.execute(PARTS.format(union="st_unaryunion(geom)", groups=groups))
        return _kept(database, job, clock)


def clustered(job: Job, clock: Clock) -> Answer:
    """Cluster at distance 0, unite each cluster, take it apart where only corners meet."""
    with _loaded(job, clock, where="where status = 'ready'") as database:
        union = "st_coverageunion" if _version(database) >= COVERAGE_UNION_SINCE else "st_union"
        with clock.phase("union"):
            groups = (
                f"(select {union}(geom) as geom from (select geom,"  # noqa: S608
                " st_clusterdbscan(geom, 0, 1) over () as number from parcels) as one"
                " group by number) as each"
            )
            database.execute(PARTS.format(union="geom", groups=groups))
        return _kept(database, job, clock)


def near(job: Job, clock: Clock) -> Answer:
    """Join what runs along one another within the tolerance, unite each component."""
    with _loaded(job, clock, where="where status = 'ready'") as database:
        with clock.phase("pairs"):
            found = database.execute(
                "select a.row, b.row from parcels a join parcels b"
                " on a.row < b.row and st_dwithin(a.geom, b.geom, %(near)s)"
                " where st_length(st_intersection(st_boundary(a.geom),"
                " st_buffer(b.geom, %(near)s, 2))) >= %(least)s",
                {"near": job.tolerance_m, "least": job.min_frontage_m},
            ).fetchall()
        with clock.phase("components"):
            first, second = np.array(found, dtype=np.int64).reshape(-1, 2).T
            (count,) = _one(database, "select max(row) + 1 from parcels")
            links = coo_array((np.ones(len(first), bool), (first, second)), shape=(count, count))
            labels = connected_components(links, directed=False)[1]
            with database.cursor().copy("copy groups from stdin") as copy:
                for row, label in enumerate(labels.tolist()):
                    copy.write_row((row, label))
        with clock.phase("union"):
            database.execute(
                "create unlogged table parts as select st_union(geom) as geom"
                " from parcels join groups using (row) group by number"
            )
        return _kept(database, job, clock)


def within(job: Job, clock: Clock) -> Answer:
    """Cluster at the distance of the gap; groups and areas on the map, no outlines."""
    with _loaded(job, clock) as database:
        with clock.phase("clusters"):
            database.execute(
                "create unlogged table clusters as select row, st_area(geom) as area_m2,"
                " st_clusterdbscan(geom, %s, 1) over () as number"
                " from parcels where status = 'ready'",
                [job.gap_m],
            )
            sums = database.execute(
                "select sum(area_m2) from clusters group by number having sum(area_m2) >= %s",
                [job.min_area_m2],
            ).fetchall()
            (groups,) = _one(database, "select count(distinct number) from clusters")
        found = np.array(database.execute("select row, number from clusters").fetchall())
        (count,) = _one(database, "select max(row) + 1 from parcels")
        labels = np.full(count, -1)
        labels[found[:, 0]] = found[:, 1]
        return Answer(
            np.array(sums, dtype=float).ravel(),
            labels=labels,
            groups=groups,
            peak_mb=peak_mb(database.info.backend_pid),
            told=_told(database),
        )


@contextmanager
def _loaded(job: Job, clock: Clock, *, where: str = "") -> Iterator[psycopg.Connection]:
    """Load a file into tables without a log, with an index; `where` selects what is kept."""
    with psycopg.connect(job.database, autocommit=True) as database:
        for setting in SETTINGS:
            database.execute(f"set {setting}")
        database.execute(f"drop table if exists {TABLES}")
        with clock.phase("load"):
            srid = CRS(job.crs).to_epsg()
            database.execute("create unlogged table read (row integer, status text, geom geometry)")
            _, table = pyogrio.raw.read_arrow(job.gpkg, layer=job.layer, columns=["status"])
            with database.cursor().copy("copy read from stdin with (format binary)") as copy:
                copy.set_types(["int4", "text", "bytea"])
                shapes = table.column(table.num_columns - 1).to_pylist()
                for row, (status, shape) in enumerate(
                    zip(table["status"].to_pylist(), shapes, strict=True)
                ):
                    copy.write_row((row, status, shape))
            database.execute(
                "create unlogged table parcels as select row, status,"  # noqa: S608
                f" st_setsrid(geom, {srid}) as geom from read {where}"
            )
            database.execute("create index on parcels using gist (geom)")
            database.execute("analyze parcels")
            database.execute("create unlogged table groups (row integer, number integer)")
        yield database


def _kept(database: psycopg.Connection, job: Job, clock: Clock) -> Answer:
    with clock.phase("areas"):
        found = database.execute(
            "with large as materialized (select geom from parts where st_area(geom) >= %s),"
            " measured as (select geom, st_area(st_transform(geom, 4490)::geography) as area_m2"
            " from large) select area_m2, st_asbinary(geom) from measured where area_m2 >= %s",
            [MARGIN * job.min_area_m2, job.min_area_m2],
        ).fetchall()
        (groups,) = _one(database, "select count(*) from parts")
    area_m2 = np.array([row[0] for row in found], dtype=float)
    outlines = np.array([bytes(row[1]) for row in found], dtype=object)
    peak = peak_mb(database.info.backend_pid)
    return Answer(area_m2, outlines, groups=groups, peak_mb=peak, told=_told(database))


def _one(database: psycopg.Connection, query: str) -> tuple[int]:
    (found,) = database.execute(query).fetchall()
    return (int(found[0]),)


def _version(database: psycopg.Connection) -> tuple[int, ...]:
    (found,) = database.execute("select postgis_lib_version()").fetchall()
    return tuple(int(part) for part in str(found[0]).split(".")[:2])


def _told(database: psycopg.Connection) -> dict[str, object]:
    (found,) = database.execute(
        "select current_setting('server_version'), postgis_lib_version(), postgis_geos_version()"
    ).fetchall()
    postgres, postgis, geos = found
    coverage = _version(database) >= COVERAGE_UNION_SINCE
    return {"postgres": postgres, "postgis": postgis, "geos": geos, "coverage_union": coverage}
