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
from dataclasses import asdict
from pathlib import Path

import highspy
import numba
import numpy as np
import shapely

from benchmarks._unlock_ground import LOT_M, TOLERANCE_M, Ground, ground
from benchmarks._unlock_peers import flow_model, greedy_local_search
from benchmarks._unlock_public import best_known, read
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
        "bound_ha": result.bound, "gap": result.gap, "status": result.status, "how": result.how,
        "seconds": result.runtime_s, "reached": result.gap <= goal,
    }  # fmt: skip
    if peers:
        greedy = greedy_local_search(problem, limit_s, seed)
        found["greedy"] = asdict(greedy)
        found["never_worse_than_greedy"] = bool(result.value >= greedy.value - 1e-6)
        if count <= 2_000:
            flow = flow_model(problem, limit_s)
            found["flow"] = {**asdict(flow), "gap": gap_between(flow.value, flow.bound)}
    return found


def on_public(path: Path, best: dict[str, float], seconds: float, peers: bool) -> dict[str, object]:
    """Solve one public instance; the distance is to the best known value, the gap is proven."""
    instance = read(path)
    clock = time.perf_counter()
    result = solve(instance.problem, time_limit_s=seconds)
    known = best.get(instance.name)
    value = instance.published(result.value)
    found: dict[str, object] = {
        "instance": instance.name, "nodes": len(instance.problem), "value": value,
        "bound": instance.published(result.bound), "best_known": known, "status": result.status,
        "off": None if known is None else abs(value - known) / max(abs(known), 1e-9),
        "gap": abs(value - instance.published(result.bound)) / max(abs(value), 1e-9),
        "seconds": time.perf_counter() - clock, "how": result.how,
    }  # fmt: skip
    if peers:
        flow = flow_model(instance.problem, seconds)
        found["flow"] = {
            "value": instance.published(flow.value), "bound": instance.published(flow.bound),
            "seconds": flow.runtime_s,
            "off": None if known is None
            else abs(instance.published(flow.value) - known) / max(abs(known), 1e-9),
        }  # fmt: skip
    return found


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


def main(arguments: list[str]) -> None:
    """Run, print a table as it goes, and write ``benchmarks/results/unlock.json``."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, help="for each instance, instead of its own limit")
    parser.add_argument("--public-seconds", type=float, default=20.0)
    parser.add_argument("--quick", action="store_true", help="few instances, without the peers")
    parser.add_argument("--family", default="", help="only public instances whose name holds this")
    parser.add_argument("--limit", type=int, default=0, help="most public instances; 0 for all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=RESULTS / "unlock.json")
    given = parser.parse_args(arguments)
    folder = BENCH / "pcst_mwcs"
    best = best_known(folder)
    paths = [path for path in sorted(folder.rglob("*.gz")) if given.family in str(path)]
    if given.quick:
        paths = [path for path in paths if any(mark in path.name for mark in QUICK)]
    paths = paths[: given.limit or None]
    grounds = [row for row in GROUNDS if not given.quick or row[0] == 2_000]
    result: dict[str, object] = {"benchmark": "unlock", "machine": machine(), "seed": given.seed}
    solve(problem_of(ground(100, fragmented=True, seed=0), 3)[0], time_limit_s=1.0)
    areas = []
    print(f"{'start-up area':34} {'value':>10} {'gap':>9} {'goal':>8} {'s':>6} greedy  flow gap")
    for row in grounds:
        found = on_ground(row, given.seconds, given.seed, peers=not given.quick)
        areas.append(found)
        greedy = found.get("greedy", {}).get("value", float("nan"))  # type: ignore[union-attr]
        flow = found.get("flow", {}).get("gap", float("nan"))  # type: ignore[union-attr]
        name = f"{row[0]:,} {'fragmented' if row[1] else 'few'} K={row[2]}"
        print(
            f"{name:34} {found['value_ha']:>10.2f} {found['gap']:>9.3%} {row[4]:>8.1%} "
            f"{found['seconds']:>6.1f} {greedy:.2f} {flow:.1%}", flush=True,
        )  # fmt: skip
    publics = []
    print(f"{'public instance':56} {'value':>13} {'off':>8} {'gap':>8} {'s':>6} flow off")
    for path in paths:
        seconds = given.seconds or given.public_seconds
        found = on_public(path, best, seconds, peers=not given.quick)
        publics.append(found)
        off = "-" if found["off"] is None else f"{found['off']:.3%}"
        flow_off = found.get("flow", {}).get("off")  # type: ignore[union-attr]
        print(
            f"{found['instance']:56} {found['value']:>13.3f} {off:>8} {found['gap']:>8.3%} "
            f"{found['seconds']:>6.1f} {'-' if flow_off is None else f'{flow_off:.3%}'}",
            flush=True,
        )
    result |= {"areas": areas, "public": publics}
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(json.dumps(result, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
