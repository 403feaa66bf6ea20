"""Ready blocks from a parcel file beside GeoPandas, PostGIS, DuckDB and libpysal, in one run.

Every method reads the file, joins the ready parcels that share edges, and keeps blocks of 500 mu
and more with outline and area on the ellipsoid. Each runs in a process of its own; imports and a
first run on a small file are told apart. Every answer is compared with what is right before its
time counts. Badly drawn parcels, gaps, one changed parcel and a public cadastre follow.

    python -m benchmarks.land --sizes 10000 100000 --repeats 3 --parts clean dirty

The peers get an environment of their own under the user's cache. Where PostgreSQL is installed and
ZONEWRIGHT_TEST_DATABASE_URL is not set, the benchmark starts itself again under
``tools/with_postgis``.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks import _land_methods as methods
from benchmarks._land_check import Right, check, found_groups
from benchmarks._land_files import LAYER, Files, drawn, public, public_sources
from benchmarks._land_methods import CLEAN, DIRTY, GAP, OURS, REFERENCES, TASKS, Method
from benchmarks._land_run import ROOT, peers_python, run
from benchmarks._land_table import goals, tell, tell_goals
from benchmarks._land_work import MU_M2, Job

RESULTS = Path(__file__).parent / "results"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "zonewright-benchmarks"
BENCH = Path(os.environ.get("ZONEWRIGHT_BENCH") or ROOT.parent / "shared" / "bench")
SIZES = (10_000, 100_000, 1_000_000)
PUBLIC = "public"
MIN_MU, MIN_MU_PUBLIC = 500.0, 10.0
TOLERANCE_M, GAP_M = 0.1, 12.5
# The strictest and the loosest that a reference is asked where its measure is not that of all.
STRICT_AND_LOOSE: dict[str, tuple[dict[str, float], dict[str, float]]] = {
    CLEAN: ({}, {}),
    DIRTY: ({"min_frontage_m": 1.0 + 5 * TOLERANCE_M}, {}),
    GAP: ({"gap_m": GAP_M * (1 - 5e-4)}, {"gap_m": GAP_M * (1 + 5e-4)}),
}
SMALL = 600


@dataclass(slots=True)
class Bench:
    """What a run of the benchmark works with."""

    given: argparse.Namespace
    folder: Path
    database: str
    interpreters: dict[str, Path] = field(default_factory=dict)
    small: dict[str, Files] = field(default_factory=dict)

    def job(self, files: Files, task: str, min_area_m2: float) -> Job:
        """Return what a method is asked on a file."""
        return Job(
            gpkg=str(files.gpkg),
            parquet=str(files.parquet),
            layer=LAYER,
            crs=files.crs,
            equal_area=files.equal_area,
            min_area_m2=min_area_m2,
            tolerance_m=TOLERANCE_M if task == DIRTY else 0.0,
            gap_m=GAP_M if task == GAP else 0.0,
            database=self.database,
        )

    def once(
        self,
        method: Method,
        files: Files,
        task: str,
        min_area_m2: float,
        **changed: float,
    ) -> tuple[dict[str, Any], dict[str, Any] | None]:
        """Run a method once, with some numbers of its job changed."""
        small = self.small[DIRTY if task == DIRTY else CLEAN]
        return run(
            method,
            replace(self.job(files, task, min_area_m2), **changed),
            self.job(small, task, min_area_m2),
            python=self.interpreters[method.environment],
            folder=self.folder,
            limit_s=self.given.time_limit,
        )

    def compile_s(self) -> float:
        """Run Zonewright on small files, and return how long it took: it is compiled then [s]."""
        seconds = 0.0
        for method in methods.METHODS:
            if method.environment == "own":
                for task in method.tasks:
                    files = self.small[DIRTY if task == DIRTY else CLEAN]
                    measured, _ = self.once(method, files, task, MIN_MU * MU_M2)
                    seconds += measured.get("warm_up_s", 0.0)
        return round(seconds, 2)


def main(arguments: list[str]) -> None:
    """Run, print tables, and write ``benchmarks/results/land.json``."""
    given = _given(arguments)
    asked = [method for part in TASKS for method in methods.chosen(given.only, part)]
    database = os.environ.get("ZONEWRIGHT_TEST_DATABASE_URL", "")
    missing = ""
    if not database and any(method.needs_database for method in asked):
        server = [str(ROOT / "tools" / "with_postgis")]
        probe = subprocess.run([*server, "true"], capture_output=True, text=True, check=False)
        if probe.returncode == 0:
            command = [*server, sys.executable, "-m", "benchmarks.land", *arguments]
            raise SystemExit(subprocess.run(command, cwd=ROOT, check=False).returncode)
        missing = probe.stderr.strip().splitlines()[-1]
    result = bench(given, database, missing)
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(json.dumps(result, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    tell_goals(result["goals"])
    if not result["ours_right"]:
        raise SystemExit("An answer of Zonewright's is wrong.")


def bench(given: argparse.Namespace, database: str, missing: str) -> dict[str, Any]:
    """Return the whole result."""
    say = f"postgis is left out: {missing}" if missing else ""
    if say:
        print(f"==> {say}", flush=True)
    result: dict[str, Any] = {
        "benchmark": "land",
        "machine": machine(),
        **{name: getattr(given, name) for name in ("seed", "repeats", "sizes", "parts")},
        "left_out": say,
        "runs": [],
    }
    with tempfile.TemporaryDirectory(prefix="zonewright-bench-") as folder:
        own = Bench(given, Path(folder), database)
        own.interpreters = {"own": Path(sys.executable), "peers": peers_python(CACHE)}
        small = drawn(own.folder, SMALL, seed=given.seed, dirty=True, name="small")
        own.small = dict(zip((CLEAN, DIRTY), small, strict=True))
        result["compile_s"] = own.compile_s()
        print(f"==> Zonewright is compiled once, in {result['compile_s']:.1f} s", flush=True)
        for part in _parts(own):
            tell(part)
            result["runs"].append(part)
    result["goals"] = goals(result["runs"])
    result["ours_right"] = all(
        found.get("right", False)
        for part in result["runs"]
        for name, found in part["methods"].items()
        if name in methods.OWN
    )
    return result


def _parts(bench: Bench) -> Iterator[dict[str, Any]]:
    """Give what came of each task on each data set, one after the other."""
    given = bench.given
    for size in given.sizes:
        print(f"==> drawing {size:,} parcels", flush=True)
        files = drawn(bench.folder, size, seed=given.seed, dirty=DIRTY in given.parts)
        for task in TASKS:
            if task in given.parts and methods.chosen(given.only, task):
                yield measure(bench, files[-1 if task == DIRTY else 0], task, MIN_MU)
        for one in files:
            one.gpkg.unlink()
            one.parquet.unlink()
    sources = public_sources(BENCH / "parcels") if PUBLIC in given.parts else []
    if PUBLIC in given.parts and not sources:
        print(f"==> there are no public parcels in {BENCH / 'parcels'}", flush=True)
    for source in sources:
        files_of = public(bench.folder, source, seed=given.seed)
        for task in (CLEAN, DIRTY, GAP):
            if methods.chosen(given.only, task):
                yield measure(bench, files_of, task, MIN_MU_PUBLIC, is_public=True)


def measure(
    bench: Bench, files: Files, task: str, min_mu: float, *, is_public: bool = False
) -> dict[str, Any]:
    """Return answers, times and memory of the methods of a task on a file; they take turns."""
    min_area_m2 = min_mu * MU_M2
    found: dict[str, dict[str, Any]] = {}
    chosen = [
        method
        for method in methods.chosen(bench.given.only, task)
        if bench.database or not method.needs_database
    ]
    if is_public and task == CLEAN:
        # Where edges are not drawn alike, a tolerance has another answer, which is the next task's.
        chosen = [method for method in chosen if method.name != OURS]
    right = _right(bench, files, task)
    for path in (files.gpkg, files.parquet):
        _touch(path)
    for _ in range(bench.given.repeats):
        for method in chosen:
            kept = found.setdefault(method.name, {"title": method.title, "runs": []})
            slow = kept["runs"] and kept["runs"][0]["seconds"] > bench.given.repeat_below
            if "failed" in kept or slow:
                continue
            measured, answer = bench.once(method, files, task, min_area_m2)
            if answer is None:
                kept.update(measured, right=False)
                continue
            kept["runs"].append(measured)
            if answer["groups"] is None:
                kept["right"] = measured["told"].get("as_scipy", True)
            else:
                judged = check(files, task, answer, right, min_area_m2=min_area_m2)
                if kept.setdefault("answer", judged) != judged:
                    judged["differences"].append("another answer than the first time")
                    judged["right"] = False
                kept["answer"] = judged
                kept["right"] = judged["right"]
    ready = right.groups >= 0
    return {
        "data": files.name,
        "public": is_public,
        "task": task,
        "parcels": len(ready),
        "ready": int(ready.sum()),
        "min_mu": min_mu,
        "groups": right.most,
        "gpkg_mb": round(files.gpkg.stat().st_size / 1e6, 1),
        "parquet_mb": round(files.parquet.stat().st_size / 1e6, 1),
        "methods": {name: _summed(kept) for name, kept in found.items()},
    }


def _right(bench: Bench, files: Files, task: str) -> Right:
    """Return what is right: as it was drawn, or as the reference among the peers finds it.

    A gap is measured on the map by some and on the ground by others, which differs by the scale of
    the map; and the peers' frontage within a tolerance reaches some decimetres around corners.
    Groups that hang on it are left open.
    """
    if files.truth.groups is not None and task != GAP:
        return Right.of(files.truth.groups)
    (reference,) = [method for method in methods.METHODS if method.name == REFERENCES[task]]
    found = []
    for changed in STRICT_AND_LOOSE[task]:
        measured, answer = bench.once(reference, files, task, 0.0, **changed)
        if answer is None:
            raise SystemExit(f"{reference.title} failed: {measured['failed']}")
        found.append(found_groups(files, answer))
    return Right.between(*found)


def _summed(kept: dict[str, Any]) -> dict[str, Any]:
    """Return what was measured of a method, medians first."""
    runs = kept.pop("runs")
    if not runs:
        return kept
    middle = {
        name: round(statistics.median(one[name] for one in runs), 4)
        for name in ("seconds", "cpu_s", "import_s", "warm_up_s", "base_mb", "peak_mb")
    }
    load = [one["phases_s"].get("load", 0.0) for one in runs]
    server = [one["server_peak_mb"] for one in runs if one["server_peak_mb"]]
    return {
        **kept,
        **middle,
        "load_s": round(statistics.median(load), 4),
        "server_peak_mb": max(server, default=None),
        "all_seconds": [one["seconds"] for one in runs],
        "phases_s": runs[-1]["phases_s"],
        "told": runs[-1]["told"],
    }


def machine() -> dict[str, object]:
    """Return what the times depend on."""
    return {
        "processor": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        **{name: version(name) for name in ("numba", "numpy", "pyarrow", "pyogrio", "shapely")},
    }


def _touch(path: Path) -> None:
    """Read a file once, so that the system has it at hand for the first method too."""
    with path.open("rb") as opened:
        while opened.read(1 << 24):
            pass


def _given(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    names = sorted({method.name for method in methods.METHODS})
    parts = [*TASKS, PUBLIC]
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES), help="of the grounds")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--repeat-below", type=float, default=20.0,
                        help="what takes longer is not repeated [s]")  # fmt: skip
    parser.add_argument("--only", nargs="+", default=[], choices=names, metavar="METHOD",
                        help=", ".join(names))  # fmt: skip
    parser.add_argument("--parts", nargs="+", default=parts, choices=parts)
    parser.add_argument("--seed", type=int, default=2023)
    parser.add_argument("--time-limit", type=float, default=900.0, help="of a single run [s]")
    parser.add_argument("--out", type=Path, default=RESULTS / "land.json")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
