"""The unlock engine on public connected-subgraph instances and on a start-up area's parcels.

Public instances tell the distance to the best known value; a start-up area's parcels (few large or
many small ready groups, 2,000 and 20,000) tell the proven gap. Beside each: a single-commodity flow
model in HiGHS with the same time, and greedy with local search. Plans on parcels are drawn and
added up anew by code that shares nothing with the model.

    python -m benchmarks.unlock --quick
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import highspy
import numba
import numpy as np
import shapely

from benchmarks._unlock_ground import LOT_M, TOLERANCE_M, Ground, ground
from benchmarks._unlock_peers import flow_model, greedy_local_search
from benchmarks._unlock_public import best_known, holds, read
from benchmarks._unlock_summary import WORSE, families, missed, print_families
from zonewright.land.unlock.graph import graph_of_pairs, merge_groups
from zonewright.land.unlock.problem import Problem, gap_between
from zonewright.land.unlock.solve import solve
from zonewright.land.unlock.verify import verify

RESULTS = Path(__file__).parent / "results"
BENCH = Path(os.environ.get("ZONEWRIGHT_BENCH", "../shared/bench"))
# Parcels, fragmented, budget in mean costs of a parcel, seconds, gap to reach.
GROUNDS = (
    (2_000, False, 10, 60, 0.001),
    (2_000, False, 40, 60, 0.001),
    (20_000, False, 40, 120, 0.005),
    (2_000, True, 10, 60, 0.03),
    (2_000, True, 40, 60, 0.03),
    (20_000, True, 20, 120, 0.15),
    (20_000, True, 40, 120, 0.15),
)
# The flow model of a larger instance is not even built within the time.
FLOW_NODES = 20_000
QUICK = ("lymphoma", "cc3-4nu", "K100.1.dat", "C01-A", "d01", "n-500-a-0.62-d-0.25-e-0.5.")


def problem_of(drawn: Ground, budget: float) -> tuple[Problem, np.ndarray]:
    """Return the problem of one ground, ready groups contracted, and the node of each parcel."""
    graph = graph_of_pairs(len(drawn.parcels), drawn.first, drawn.second)
    merged, number = merge_groups(graph, drawn.ready)
    cost = np.bincount(number, drawn.cost_cny)
    limit = np.array([budget * drawn.mean_cost_cny])
    return Problem(merged, np.bincount(number, drawn.area_m2) / 1e4, cost[:, None], limit), number


def on_ground(row: tuple, seconds: float | None, seed: int, peers: bool) -> dict[str, object]:
    """Solve one start-up area, check the plan on its geometry, and run the peers."""
    count, fragmented, budget, limit_s, goal = row
    limit_s = seconds or limit_s
    drawn = ground(count, fragmented=fragmented, seed=seed)
    problem, number = problem_of(drawn, budget)
    result = solve(problem, time_limit_s=limit_s, seed=seed)
    bought = result.chosen[number] & ~drawn.ready
    verdict = verify(
        drawn.parcels, ready=drawn.ready, bought=bought, area_m2=drawn.area_m2,
        cost_cny=drawn.cost_cny, quota_mu=np.zeros(count),
        budget_cny=float(problem.limit[0]), budget_mu=np.inf, threshold_m2=result.value * 1e4 - 1,
        gap_m=TOLERANCE_M, min_frontage_m=LOT_M / 5, claimed={"counted_m2": result.value * 1e4},
    )  # fmt: skip
    if verdict.faults:
        raise SystemExit(f"The plan does not hold on the map: {verdict.faults}")
    found: dict[str, object] = {
        "parcels": count, "fragmented": fragmented, "budget_mean_costs": budget, "seed": seed,
        "nodes": len(problem), "limit_s": limit_s, "goal_gap": goal, "value_ha": result.value,
        "bound_ha": result.bound, "gap": result.gap, "status": result.status,
        "how": [notice.text() for notice in result.how], "seconds": result.runtime_s,
        "reached": result.gap <= goal,
    }  # fmt: skip
    if peers:
        greedy = greedy_local_search(problem, limit_s, seed)
        found["greedy"] = asdict(greedy)
        found["never_worse_than_greedy"] = bool(result.value >= greedy.value - _same(result.value))
        if count <= 2_000:
            flow = flow_model(problem, limit_s)
            found["flow"] = {**asdict(flow), "gap": gap_between(flow.value, flow.bound)}
    return found


def on_public(path: Path, best: dict[str, float], seconds: float, peers: bool) -> dict[str, object]:
    """Solve one public instance; the distance is to the best known value, the gap is proven."""
    instance = read(path)
    clock = time.perf_counter()
    result = solve(instance.problem, time_limit_s=seconds)
    spent = time.perf_counter() - clock
    if not holds(instance.problem, result.chosen, result.value):
        raise SystemExit(f"{instance.name}: the set does not hold.")
    known = best.get(instance.name)
    value = instance.published(result.value)
    found: dict[str, object] = {
        "instance": instance.name, "nodes": len(instance.problem), "value": value,
        "bound": instance.published(result.bound), "best_known": known, "status": result.status,
        "off": _off(value, known),
        "gap": abs(value - instance.published(result.bound)) / max(abs(value), 1e-9),
        "seconds": spent, "how": [notice.text() for notice in result.how], "against_flow": None,
    }  # fmt: skip
    if peers:
        greedy = greedy_local_search(instance.problem, spent, 0)
        found["greedy"] = {**asdict(greedy), "value": instance.published(greedy.value)}
        found["never_worse_than_greedy"] = bool(result.value >= greedy.value - _same(result.value))
    if peers and len(instance.problem) <= FLOW_NODES:
        flow = flow_model(instance.problem, seconds)
        reached = instance.published(flow.value)
        found["flow"] = {
            "value": reached, "bound": instance.published(flow.bound),
            "seconds": flow.runtime_s, "off": _off(reached, known),
        }  # fmt: skip
        # A flow model without any set is worse than any set.
        more = result.value - flow.value if np.isfinite(flow.value) else np.inf
        equal = abs(more) <= 1e-4 * abs(value)
        found["against_flow"] = "equal" if equal else "better" if more > 0 else "worse"
    return found


def _off(value: float, known: float | None) -> float | None:
    """Return the distance to the best known value; None if there is no value or none is known."""
    if known is None or not np.isfinite(value):
        return None
    return abs(value - known) / max(abs(known), 1e-9)


def _same(value: float) -> float:
    return WORSE * max(1.0, abs(value))


def machine() -> dict[str, object]:
    """Return what the times depend on."""
    return {
        "processor": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "load": os.getloadavg(),
        "python": platform.python_version(),
        "highs": highspy.Highs().version(),
        **{library.__name__: library.__version__ for library in (numba, np, shapely)},
    }


def run_areas(given: argparse.Namespace, keep: Callable[[dict], None]) -> None:
    """Run the start-up areas, hand each row on, and print it."""
    rows = [row for row in GROUNDS if not given.quick or row[0] == 2_000]
    print(f"{'start-up area':34} {'value':>10} {'gap':>9} {'goal':>8} {'s':>6} greedy  flow gap")
    for number, row in enumerate(rows, start=1):
        found = on_ground(row, given.seconds, given.seed, given.peers)
        keep(found)
        greedy = found.get("greedy", {}).get("value", float("nan"))  # type: ignore[union-attr]
        flow = found.get("flow", {}).get("gap", float("nan"))  # type: ignore[union-attr]
        name = f"{number}/{len(rows)} {row[0]:,} {'fragmented' if row[1] else 'few'} K={row[2]}"
        print(
            f"{name:34} {found['value_ha']:>10.2f} {found['gap']:>9.3%} {row[4]:>8.1%} "
            f"{found['seconds']:>6.1f} {greedy:.2f} {flow:.1%}", flush=True,
        )  # fmt: skip


def run_public(given: argparse.Namespace, keep: Callable[[dict], None]) -> None:
    """Run the public instances, hand each row on, and print it."""
    folder = BENCH / "pcst_mwcs"
    best = best_known(folder)
    paths = [path for path in sorted(folder.rglob("*.gz")) if given.family in str(path)]
    if given.quick:
        paths = [path for path in paths if any(mark in path.name for mark in QUICK)]
    paths = paths[: given.limit or None]
    print(f"{'public instance':64} {'value':>13} {'off':>8} {'gap':>8} {'s':>6} flow off")
    for number, path in enumerate(paths, start=1):
        found = on_public(path, best, given.seconds or given.public_seconds, given.peers)
        keep(found)
        off = "-" if found["off"] is None else f"{found['off']:.3%}"
        flow_off = found.get("flow", {}).get("off")  # type: ignore[union-attr]
        print(
            f"{f'{number}/{len(paths)} ' + str(found['instance']):64} {found['value']:>13.3f} "
            f"{off:>8} {found['gap']:>8.3%} {found['seconds']:>6.1f} "
            f"{'-' if flow_off is None else f'{flow_off:.3%}'}",
            flush=True,
        )


def main(arguments: list[str]) -> int:
    """Run, print a table as it goes, and write ``benchmarks/results/unlock.json`` row by row.

    Returns 1 if a start-up area misses its goal, or greedy with local search is better anywhere.
    """
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, help="for each instance, instead of its own limit")
    parser.add_argument("--public-seconds", type=float, default=5.0)
    parser.add_argument("--quick", action="store_true", help="few instances, without the peers")
    parser.add_argument("--no-peers", dest="peers", action="store_false", help="ours alone")
    parser.add_argument("--only", choices=("areas", "public"), help="one of the two parts")
    parser.add_argument("--family", default="", help="only public instances whose name holds this")
    parser.add_argument("--limit", type=int, default=0, help="most public instances; 0 for all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=RESULTS / "unlock.json")
    given = parser.parse_args(arguments)
    given.peers = given.peers and not given.quick
    clock = time.perf_counter()
    areas: list[dict] = []
    publics: list[dict] = []
    result = {
        "benchmark": "unlock", "machine": machine(), "seed": given.seed, "finished": False,
        "areas": areas, "public": publics,
    }  # fmt: skip

    def keep(rows: list[dict], row: dict) -> None:
        rows.append(row)
        write(given.out, result | {"families": families(publics)})

    warm()
    if given.only != "public":
        run_areas(given, lambda row: keep(areas, row))
    if given.only != "areas":
        run_public(given, lambda row: keep(publics, row))
        print_families(publics)
    faults = missed(areas, publics)
    done = {"families": families(publics), "missed": faults, "finished": True}
    write(given.out, result | done | {"seconds": time.perf_counter() - clock})
    for fault in faults:
        print(f"missed: {fault}")
    return 1 if faults else 0


def warm() -> None:
    """Compile what is compiled, so that no row pays for it."""
    limited = problem_of(ground(100, fragmented=True, seed=0), 3)[0]
    solve(limited, time_limit_s=30.0)
    count = len(limited)
    weight = np.where(np.arange(count) % 3 == 0, 5.0, -1.0)
    solve(Problem(limited.graph, weight), time_limit_s=30.0)


def write(path: Path, result: dict) -> None:
    """Write the results so far; a reader never sees half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(json.dumps(result, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    part.replace(path)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
