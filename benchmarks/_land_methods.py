"""The methods that are compared, and on what."""

from __future__ import annotations

from dataclasses import dataclass

CLEAN, DIRTY, GAP, REGROUP = "clean", "dirty", "gap", "regroup"
TASKS = {
    CLEAN: "parcels that share edges exactly: blocks with outline and area on the ellipsoid",
    DIRTY: "badly drawn parcels, joined within the tolerance: the same",
    GAP: "clean parcels, joined across gaps: groups and areas",
    REGROUP: "all parcels kept with their neighbours: groups after one parcel changes",
}


@dataclass(frozen=True, slots=True)
class Method:
    """A method: a function of a module that runs in the environment `own` or of its `peers`."""

    name: str
    title: str
    place: str
    tasks: tuple[str, ...]
    environment: str = "peers"

    @property
    def needs_database(self) -> bool:
        """Whether PostgreSQL has to be there."""
        return self.place.startswith("_land_postgis")


OURS, OURS_EXACT, OURS_GAP = "zonewright", "zonewright-exact", "zonewright-gap"
READ, USUAL = "read", "geopandas-sjoin"
DATABASE_WITHIN = "postgis-within"
# Who says what is right where nobody knows it beforehand.
REFERENCES = {CLEAN: USUAL, DIRTY: "geopandas-near", GAP: "geopandas-within"}
METHODS = (
    Method(READ, "only reading the file as Arrow", "_land_read:read", (CLEAN,), "own"),
    Method(OURS, "Zonewright", "_land_ours:blocks", (CLEAN, DIRTY), "own"),
    Method(OURS_EXACT, "Zonewright without tolerance", "_land_ours:exact", (CLEAN,), "own"),
    Method("zonewright-parquet", "Zonewright without tolerance (GeoParquet)",
           "_land_ours:exact_of_parquet", (CLEAN,), "own"),
    Method(OURS_GAP, "Zonewright", "_land_ours:across_gaps", (GAP,), "own"),
    Method("regroup", "Zonewright", "_land_ours:change", (REGROUP,), "own"),
    Method(USUAL, "GeoPandas sjoin + components + dissolve", "_land_geopandas:sjoin",
           (CLEAN, DIRTY)),
    Method("geopandas-coverage", "GeoPandas coverage union + explode",
           "_land_geopandas:coverage", (CLEAN, DIRTY)),
    Method("geopandas-subsets", "GeoPandas disjoint subset union + explode",
           "_land_geopandas:disjoint_subsets", (CLEAN,)),
    Method("libpysal", "libpysal Graph (rook) + dissolve", "_land_pysal:graph", (CLEAN,)),
    Method("duckdb-coverage", "DuckDB coverage union + dump (GeoParquet)",
           "_land_duckdb:coverage", (CLEAN,)),
    Method("duckdb-join", "DuckDB spatial join + components + union (GeoParquet)",
           "_land_duckdb:joined", (CLEAN,)),
    Method("postgis-intersecting", "PostGIS ST_ClusterIntersecting + union + dump",
           "_land_postgis:intersecting", (CLEAN,)),
    Method("postgis-dbscan", "PostGIS ST_ClusterDBSCAN(0) + union + dump",
           "_land_postgis:clustered", (CLEAN,)),
    Method("geopandas-unary", "GeoPandas unary union + explode", "_land_geopandas:unary",
           (DIRTY,)),
    Method("geopandas-buffer", "GeoPandas buffer + union + explode + buffer back",
           "_land_geopandas:buffered", (DIRTY,)),
    Method("geos-clean", "GEOS coverage clean + coverage union + explode",
           "_land_geopandas:cleaned", (DIRTY,)),
    Method("geopandas-near", "GeoPandas sjoin dwithin + frontage + components + dissolve",
           "_land_geopandas:near", (DIRTY,)),
    Method("duckdb-near", "DuckDB spatial join dwithin + frontage + union (GeoParquet)",
           "_land_duckdb:near", (DIRTY,)),
    Method("postgis-near", "PostGIS join ST_DWithin + frontage + components + union",
           "_land_postgis:near", (DIRTY,)),
    Method("geopandas-within", "GeoPandas sjoin dwithin + components",
           "_land_geopandas:within", (GAP,)),
    Method(DATABASE_WITHIN, "PostGIS ST_ClusterDBSCAN", "_land_postgis:within", (GAP,)),
)  # fmt: skip
OWN = {method.name for method in METHODS if method.environment == "own"}


def chosen(only: list[str], task: str) -> list[Method]:
    """Return the methods of a task, of those that are asked for; all where none is named."""
    return [method for method in METHODS
            if task in method.tasks and (not only or method.name in only)]  # fmt: skip
