"""Methods in processes of their own, in the environment of the project or in that of the peers."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks._land_methods import Method
from benchmarks._land_work import Job

ROOT = Path(__file__).parents[1]
FIELDS = ("area_m2", "outlines", "labels", "groups", "parcel_count", "members")
PACKAGES = ("geopandas", "libpysal", "psycopg[binary]", "pyarrow", "pyogrio", "scipy", "shapely")
# DuckDB's extension from the package index, as it was signed by its makers, so that no other place
# has to be reached; it asks for the DuckDB that it was built for.
DUCKDB = ("duckdb-extension-spatial",)


def peers_python(cache: Path) -> Path:
    """Return the interpreter of the peers' own environment, made at the first call."""
    home = cache / "land"
    python = home / "bin" / "python"
    if not (home / "ready").exists():
        print("==> installing the peers in an environment of their own", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(home)], check=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*install, *PACKAGES], check=True)
        # Without it DuckDB's methods are told as failed.
        subprocess.run([*install, *DUCKDB], check=False)
        (home / "ready").touch()
    return python


def run(
    method: Method, job: Job, warm_up: Job, *, python: Path, folder: Path, limit_s: float
) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Run a method once; return what was measured, and the answer or None if there is none."""
    module, function = method.place.split(":")
    answer = folder / "answer.pickle"
    answer.unlink(missing_ok=True)
    asked = {
        "module": f"benchmarks.{module}",
        "function": function,
        "job": asdict(job),
        "warm_up": asdict(warm_up),
        "answer": str(answer),
        "fields": FIELDS,
    }
    paper = folder / "job.json"
    paper.write_text(json.dumps(asked), encoding="utf-8")
    command = [str(python), "-m", "benchmarks._land_work", str(paper)]
    # Compiled code is kept for the run of the benchmark only: the first process compiles it.
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(folder / "compiled")}
    try:
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True,
                              timeout=limit_s, check=False)  # fmt: skip
    except subprocess.TimeoutExpired:
        return {"failed": f"took longer than {limit_s:.0f} s"}, None
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"ended with {done.returncode}"]
        return {"failed": lines[-1].replace(f"{folder}{os.sep}", "")[:200]}, None
    with answer.open("rb") as opened:
        found = pickle.load(opened)  # noqa: S301 - written by the process that was just started
    return json.loads(done.stdout.strip().splitlines()[-1]), found
