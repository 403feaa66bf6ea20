"""One method on one file, in a process of its own: python -m benchmarks._land_work JOB.json.

Runs in the environment of the project or in that of its peers, and imports nothing that only one of
them has. Imports and a first run on a small file are timed apart: they are paid once a process.
"""

from __future__ import annotations

import importlib
import json
import os
import pickle
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MU_M2 = 10_000 / 15


@dataclass(frozen=True, slots=True)
class Job:
    """What is asked: blocks of `min_area_m2` and more of the ready parcels of a file.

    `tolerance_m` is how far apart two drawings of a common edge may run (0: not at all), `gap_m`
    how wide a gap may be that parcels are joined across. `equal_area` is a CRS in which areas are
    those on the ellipsoid. `database` is where PostgreSQL answers, or empty.
    """

    gpkg: str
    parquet: str
    layer: str
    crs: str
    equal_area: str
    min_area_m2: float
    tolerance_m: float = 0.0
    gap_m: float = 0.0
    min_frontage_m: float = 1.0
    database: str = ""


@dataclass(slots=True)
class Answer:
    """What a method found, as it has it; the comparison is made elsewhere and is not timed.

    Attributes
    ----------
    area_m2
        Area of each block that is kept [m²].
    outlines
        Their outlines, shapes or WKB; None if the method gives none.
    labels
        Where there are no outlines: a number of the group of each parcel of the file, below 0 where
        it is not ready.
    groups
        How many groups there are, small ones too.
    parcel_count, members
        How many parcels each block has, and their rows, if the method says so.
    peak_mb
        Peak memory of the server that did the work, if another process did it.
    told
        Whatever else is worth telling.
    """

    area_m2: Any
    outlines: Any = None
    labels: Any = None
    groups: int | None = None
    parcel_count: Any = None
    members: Any = None
    peak_mb: float | None = None
    told: dict[str, object] = field(default_factory=dict)


class Clock:
    """Times of the phases of a method [s]."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Add what happens inside to a phase."""
        begin = time.perf_counter()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - begin


def peak_mb(process: int | str = "self") -> float:
    """Return the peak resident memory of a process since it was started [MB].

    Read from Linux, where it can be had: what ``getrusage`` tells starts with the parent's.
    """
    status = Path(f"/proc/{process}/status")
    if status.exists():
        for line in status.read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024 / 1e6
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def _as_wkb(outlines: Any) -> Any:
    """Return outlines as WKB, which every version of every library understands."""
    if outlines is None or not len(outlines) or isinstance(outlines[0], bytes):
        return outlines
    import shapely

    return shapely.to_wkb(outlines)


def main(path: str) -> None:
    """Run the method that a job file names; tell times, keep the answer beside the job."""
    asked = json.loads(Path(path).read_text(encoding="utf-8"))
    job, small = Job(**asked["job"]), Job(**asked["warm_up"])
    begin = time.perf_counter()
    method = getattr(importlib.import_module(asked["module"]), asked["function"])
    import_s = time.perf_counter() - begin
    begin = time.perf_counter()
    method(small, Clock())
    warm_up_s = time.perf_counter() - begin
    base_mb = peak_mb()
    clock, cpu = Clock(), time.process_time()
    begin = time.perf_counter()
    answer: Answer = method(job, clock)
    seconds, cpu_s = time.perf_counter() - begin, time.process_time() - cpu
    found = {
        "import_s": round(import_s, 3),
        "warm_up_s": round(warm_up_s, 3),
        "seconds": round(seconds, 4),
        "cpu_s": round(cpu_s, 3),
        "phases_s": {name: round(value, 4) for name, value in clock.seconds.items()},
        "base_mb": round(base_mb, 1),
        "peak_mb": round(peak_mb(), 1),
        "server_peak_mb": answer.peak_mb and round(answer.peak_mb, 1),
        "told": answer.told,
    }
    answer.outlines = _as_wkb(answer.outlines)
    with Path(asked["answer"]).open("wb") as kept:
        pickle.dump({name: getattr(answer, name) for name in asked["fields"]}, kept)
    print(json.dumps(found))
    sys.stdout.flush()
    # Some libraries take a second to be torn down, and one of them may fail at it.
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1])
