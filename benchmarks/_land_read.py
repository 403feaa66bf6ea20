"""Only reading a parcel file as Arrow: what no method can do without."""

from __future__ import annotations

import numpy as np
import pyogrio

from benchmarks._land_work import Answer, Clock, Job


def read(job: Job, clock: Clock) -> Answer:
    """Read the whole file as Arrow, and do nothing with it."""
    with clock.phase("read"):
        _, table = pyogrio.raw.read_arrow(job.gpkg, layer=job.layer)
    told = {"rows": table.num_rows, "gdal": ".".join(map(str, pyogrio.__gdal_version__))}
    return Answer(np.zeros(0), told=told)
