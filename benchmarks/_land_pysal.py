"""Ready blocks by libpysal, whose graph finds the neighbours."""

from __future__ import annotations

import libpysal
from libpysal.graph import Graph

from benchmarks._land_geopandas import dissolved, ready_parcels
from benchmarks._land_work import Answer, Clock, Job


def graph(job: Job, clock: Clock) -> Answer:
    """Join what has an edge in common, dissolve the components."""
    ready = ready_parcels(job, clock)
    with clock.phase("pairs"):
        links = Graph.build_contiguity(ready, rook=True, strict=True)
    with clock.phase("components"):
        labels = links.component_labels.to_numpy()
    answer = dissolved(ready, labels, job, clock)
    answer.told["libpysal"] = libpysal.__version__
    return answer
