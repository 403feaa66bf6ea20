"""The headquarters' board and the whole cube of a province that reports, on SQLite and PostGIS.

300 parks report 200 indicators for 120 months (7.2 million observations, 2 % of them corrected
later); districts, clusters and the city are rolled up. Boards of random months are asked as the
workspace was at random times, each for the first time. The same roll-up is written as plain SQL,
and the answers are compared before the times.

    python -m benchmarks.steering --quick

Without ZONEWRIGHT_TEST_DATABASE_URL it starts itself again under ``tools/with_postgis``.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from django.db import connection

from benchmarks import _steering_sql as plain
from benchmarks._steering_ground import BEGIN, FIRST, fill
from zonewright.core.periods import Period
from zonewright.core.units import unit
from zonewright.land.hierarchy import Hierarchy
from zonewright.steering.catalogue import Indicator
from zonewright.steering.cube import REPORTED_RULES, RULES, Cube
from zonewright.steering.cube_reported import Members
from zonewright.steering.registry import order, rests_on
from zonewright.store import selectors
from zonewright.store.access import operator
from zonewright.store.selectors.observations import reported_by, reporters
from zonewright.store.workspace import connect, one_moment
from zonewright.workflows.board import Board, board, explain, warm
from zonewright.workflows.board_cells import forget

ROOT = Path(__file__).parents[1]
RESULTS = Path(__file__).parent / "results"
QUICK = {"parks": 60, "indicators": 40, "months": 24, "boards": 20}
FLOWS = tuple(f"r{number:03}" for number in range(7))
# Sums in another order differ by what floats lose.
SAME = 1e-9
ME = operator("benchmark")


def main(arguments: list[str]) -> None:
    """Run, print tables, and write ``benchmarks/results/steering.json``."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--parks", type=int, default=300, help="zones that report")
    parser.add_argument("--indicators", type=int, default=200)
    parser.add_argument("--months", type=int, default=120)
    parser.add_argument("--boards", type=int, default=100, help="boards asked on each database")
    parser.add_argument("--seed", type=int, default=2023)
    parser.add_argument("--quick", action="store_true", help="a small province")
    parser.add_argument("--sqlite-only", action="store_true", help="without PostGIS")
    parser.add_argument("--out", type=Path, default=RESULTS / "steering.json")
    given = parser.parse_args(arguments)
    if given.quick:
        vars(given).update(QUICK)
    shared = os.environ.get("ZONEWRIGHT_TEST_DATABASE_URL", "")
    if not shared and not given.sqlite_only:
        command = [
            str(ROOT / "tools" / "with_postgis"),
            sys.executable,
            "-m",
            "benchmarks.steering",
        ]
        raise SystemExit(subprocess.run([*command, *arguments], check=False).returncode)
    result: dict[str, object] = {
        "benchmark": "steering", "machine": machine(),
        **{name: getattr(given, name) for name in ("parks", "indicators", "months", "boards",
                                                   "seed")},
    }  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="zonewright-bench-") as folder:
        targets = {"sqlite": str(Path(folder) / "bench.sqlite")}
        if shared and not given.sqlite_only:
            targets["postgis"] = shared
        for name, target in targets.items():
            result[name] = measure(name, target, given)
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(json.dumps(result, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    tell(result)


def measure(name: str, target: str, given: argparse.Namespace) -> dict[str, object]:
    """Fill a workspace of one kind and return what was measured on it."""
    say(f"filling the workspace on {name}")
    begin = time.monotonic()
    filled = fill(target, parks=given.parks, indicators=given.indicators, months=given.months,
                  seed=given.seed)  # fmt: skip
    filled_s = time.monotonic() - begin
    say(f"{filled.rows:,} observations in {filled_s:.0f} s; asking boards")
    connect(target)
    warmed_s = settle()
    found: dict[str, object] = {"observations": filled.rows, "filled_s": round(filled_s, 1)}
    found["boards"] = {"warmed_ms": round(1000 * warmed_s, 1), **boards(given)}
    say("comparing boards with SQL")
    found["board_beside_sql"] = beside_sql(given)
    say("recomputing everything")
    cube, found["recomputed"] = recomputed(given)
    say("the roll-up as SQL")
    found["rollup_beside_sql"] = rollup_beside_sql(cube)
    connection.close()
    return found


def settle() -> float:
    """Make the first board, as a process of the desk does before anybody asks; return how long.

    What stays for good is then left out of later searches for cycles, as it is there.
    """
    begin = time.monotonic()
    warm()
    warmed_s = time.monotonic() - begin
    forget()
    gc.collect()
    gc.freeze()
    return warmed_s


def asked(given: argparse.Namespace, count: int, seed: int) -> list[tuple[Period, datetime | None]]:
    """Return random months, a third as they are known now, the others as at some later time."""
    rng = np.random.default_rng(seed)
    found: list[tuple[Period, datetime | None]] = []
    for number in range(count):
        month = int(rng.integers(0, given.months))
        last = FIRST + month
        period = Period(last - last % 12, last)
        later = BEGIN + timedelta(days=365 + 30.44 * (month + 2 + float(rng.uniform(0, 8))))
        found.append((period, None if number % 3 == 0 else later))
    return found


def boards(given: argparse.Namespace) -> dict[str, object]:
    """Return how long boards take that nobody asked for before."""
    seconds, cells = [], 0
    for period, as_of in asked(given, given.boards, given.seed):
        forget()
        begin = time.monotonic()
        found = board(period, as_of=as_of, access=ME)
        seconds.append(time.monotonic() - begin)
        cells = len(found.cells)
    again = time.monotonic()
    board(period, as_of=as_of, access=ME)
    again = time.monotonic() - again
    begin = time.monotonic()
    explain("CITY", FLOWS[0], period, as_of, access=ME)
    p50, p95 = (round(1000 * float(value), 1) for value in np.percentile(seconds, [50, 95]))
    return {
        "count": len(seconds), "cells": cells, "p50_ms": p50, "p95_ms": p95,
        "max_ms": round(1000 * max(seconds), 1), "same_again_ms": round(1000 * again, 2),
        "city_explained_s": round(time.monotonic() - begin, 2),
    }  # fmt: skip


def beside_sql(given: argparse.Namespace) -> dict[str, object]:
    """Compare the flows of some boards with a query for them; return its times."""
    seconds, compared = [], 0
    for period, as_of in asked(given, 6, given.seed + 7):
        shown = board(period, as_of=as_of, access=ME)
        texts = [str(Period(last, last)) for last in range(period.first or 0, period.last + 1)]
        begin = time.monotonic()
        expected = plain.year_to_date(list(FLOWS), texts, as_of or datetime(9999, 1, 1, tzinfo=UTC))
        seconds.append(time.monotonic() - begin)
        compared += _compare(shown, expected)
    p50, worst = float(np.median(seconds)), max(seconds)
    return {"cells_compared": compared, "sql_p50_ms": round(1000 * p50, 1),
            "sql_max_ms": round(1000 * worst, 1)}  # fmt: skip


def _compare(shown: Board, expected: dict[tuple[str, str], float]) -> int:
    count = 0
    for cell in shown.cells:
        if cell.indicator in FLOWS:
            base = expected.get((cell.zone, cell.indicator))
            told = None if cell.value is None else cell.value * float(unit(cell.unit).factor)
            same = (told is None) == (base is None)
            if not same or (told is not None and base is not None and not _alike(told, base)):
                raise SystemExit(f"{cell.zone} {cell.indicator}: {told}, SQL says {base}")
            count += 1
    return count


def recomputed(given: argparse.Namespace) -> tuple[Cube, dict[str, object]]:
    """Compute every indicator, of months and years to date, of every zone and month."""
    catalogue = selectors.catalogue()
    begin = time.monotonic()
    with one_moment():
        codes = [code for code in order(catalogue) if _is_reported(catalogue, code)]
        base = [code for code in codes if catalogue[code].rule in REPORTED_RULES]
        units = {code: catalogue[code].unit for code in base}
        reported = reported_by(units, first=FIRST, months=given.months)
        last = Period(FIRST + given.months - 1, FIRST + given.months - 1)
        hierarchy = Hierarchy.of(selectors.memberships(), last.end_on)
    read_s = time.monotonic() - begin
    who = reporters()
    city = {zone: "CITY" for zone in who.zones if zone[0] in "CDP"}
    members = Members.of(who.zones, {zone: hierarchy.below(zone) for zone in who.zones}, city=city)
    cube = Cube(catalogue, who.zones, FIRST, given.months, members, reported.get)
    known = 0
    for code in codes:
        for kind in ("month", "ytd"):
            known += int(cube.known(code, kind).sum())
    return cube, {
        "indicators": len(codes), "zones": len(who.zones), "figures": known,
        "read_s": round(read_s, 1), "whole_s": round(time.monotonic() - begin, 1),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }  # fmt: skip


def _is_reported(known: Mapping[str, Indicator], code: str) -> bool:
    """Return whether an indicator rests on observations alone and is computed as arrays."""
    parts = [known[part] for part in (code, *rests_on(known, code))]
    return all(part.rule in RULES and part.table in ("", "observations") for part in parts) and (
        any(part.rule in REPORTED_RULES for part in parts)
    )


def rollup_beside_sql(cube: Cube) -> dict[str, object]:
    """Compare every monthly sum of zones above others with one query for them all."""
    begin = time.monotonic()
    expected = plain.rolled_up()
    sql_s = time.monotonic() - begin
    place = {zone: at for at, zone in enumerate(cube.zones)}
    for (zone, code, text), base in expected.items():
        told = float(cube.base(code, "month")[place[zone], Period.parse(text).last - cube.first])
        if not _alike(told, base):
            raise SystemExit(f"{zone} {code} {text}: {told}, SQL says {base}")
    return {"sums_compared": len(expected), "sql_s": round(sql_s, 1)}


def _alike(told: float, base: float) -> bool:
    return abs(told - base) <= SAME * max(1.0, abs(base))


def machine() -> dict[str, object]:
    """Return what the times depend on."""
    return {
        "processor": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
    }


def tell(result: dict[str, object]) -> None:
    """Print the results."""
    for name in ("sqlite", "postgis"):
        found = result.get(name)
        if isinstance(found, dict):
            print(
                f"{name}: {found['observations']:,} observations, filled in {found['filled_s']} s"
            )
            for part in ("boards", "board_beside_sql", "recomputed", "rollup_beside_sql"):
                words = ", ".join(f"{key} {value:,}" for key, value in found[part].items())
                print(f"  {part:18} {words}")


def say(text: str) -> None:
    """Tell what is going on."""
    print(f"==> {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
