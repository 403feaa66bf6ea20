"""Levels of pads, cut, fill and haul: beside the single best plane and two other ways, in one run.

On every public elevation sample and on a generated block: the engine's plan with its bound; the
single best plane; each pad levelled for itself, as is done by hand; and the same problem as one
linear program with a variable a cell. Before times are told, mean height and cut of each sample are
compared with those that others computed, costs with one another, and the volumes of each plan with
those by prisms, on the cells of the plan and on those of the survey.

    python -m benchmarks.grading --time-limit 60
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import platform
import resource
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import highspy
import numpy as np
import scipy
import shapely
from scipy.ndimage import gaussian_filter
from scipy.optimize import linprog
from scipy.sparse import coo_array, csr_array

from zonewright.core.errors import InputError
from zonewright.land.grading import (
    GradingPlan,
    GradingProblem,
    Pad,
    Plane,
    Rates,
    Terrain,
    grade,
    read_terrain,
    regular_pads,
    resolved,
    terraces,
    verify_plan,
    volumes_by_grid,
    volumes_by_prisms,
)
from zonewright.land.grading._rasterio import read_gdal
from zonewright.land.grading.grade import setting_of
from zonewright.land.grading.model import Setting, terms_at
from zonewright.land.grading.settle import Settler

RESULTS = Path(__file__).parent / "results"
SAMPLES = Path(os.environ.get("ZONEWRIGHT_BENCH", "../shared/bench")) / "dem"
RATES = Rates(
    cut_cny_m3=12.0, fill_cny_m3=6.0, haul_cny_m3_km=2.5, wall_cny_m2=300.0,
    swell=1.25, shrink=0.9, detour=1.2,
)  # fmt: skip
GAP = 1e-4
SLOPE_SIDES = 256
MOST_DIFFERENCE = 0.01


@dataclass(frozen=True)
class Case:
    """One problem: the ground, its division, and the terrain as it was surveyed."""

    name: str
    problem: GradingProblem
    survey: Terrain


def cases(limit: int | None, seed: int) -> Iterator[Case]:
    """Yield every division of every sample that can be read, then of the generated block."""
    for path in sorted([*SAMPLES.glob("*.asc"), *SAMPLES.glob("*.tif")])[:limit]:
        try:
            terrain = read_terrain(path)
        except InputError as error:
            print(f"{path.name}: refused, {error}")
            continue
        yield from divisions(path.name, terrain)
    terrain, block = generated(seed)
    for width, slope in ((300.0, 0.0), (200.0, 0.02)):
        pads = regular_pads(block, width_m=width, depth_m=width, max_slope=slope)
        name = f"generated 182 ha, {len(pads)} pads, slope <= {slope:.0%}"
        yield case_of(name, terrain, pads, max_step_m=4.0)


def case_of(name: str, terrain: Terrain, pads: tuple[Pad, ...], *, max_step_m: float) -> Case:
    """Return a case on cells fine enough for its pads, as the desk and the command take it."""
    fine = resolved(terrain, pads)
    return Case(name, GradingProblem(fine, pads, RATES, max_step_m=max_step_m), terrain)


def divisions(name: str, terrain: Terrain) -> Iterator[Case]:
    """Yield a sample in nine level pads, in nine that may slope, and in terraces that may slope."""
    west, south, east, north = terrain.bounds
    block = shapely.box(west, south, east, north)
    size = {"width_m": (east - west) / 3, "depth_m": (north - south) / 3}
    row, column = np.nonzero(np.isfinite(terrain.heights_m))
    corner_x, corner_y = west + column * terrain.cell_x_m, north - row * terrain.cell_y_m
    ground = shapely.union_all(
        shapely.box(corner_x, corner_y - terrain.cell_y_m, corner_x + terrain.cell_x_m, corner_y)
    )
    short = 1.5 * min(terrain.cell_x_m, terrain.cell_y_m)
    for label, pads in (
        ("9 pads, level", regular_pads(block, **size)),
        ("9 pads, slope <= 2%", regular_pads(block, **size, max_slope=0.02)),
        ("terraces, slope <= 5%",
         terraces(terrain, ground, count=3, min_width_m=short, max_slope=0.05)),
    ):  # fmt: skip
        used = tuple(pad for pad in pads if has_ground(terrain, pad))
        yield case_of(f"{name}, {label}", terrain, used, max_step_m=5.0)


def has_ground(terrain: Terrain, pad: Pad) -> bool:
    """Return whether a pad has any known cell."""
    rows, columns = terrain.window(pad.polygon.bounds)
    return bool(np.isfinite(terrain.heights_m[rows, columns]).any())


def published() -> dict[str, dict[str, float]]:
    """Return what others computed: by file, by quantity."""
    found: dict[str, dict[str, float]] = {}
    path = SAMPLES / "best_known.csv"
    for row in csv.DictReader(path.read_text("utf-8").splitlines()) if path.is_file() else ():
        name, _, quantity = row["instance"].partition("#")
        found.setdefault(name, {})[quantity] = float(row["best_known"])
    return found


def generated(seed: int) -> tuple[Terrain, shapely.Polygon]:
    """Return hills on a slope, 5 m cells, and a block of some 182 ha turned against the grid."""
    side = 300
    hills = gaussian_filter(np.random.default_rng(seed).normal(size=(side, side)), 25)
    heights = hills / hills.std() * 4 + np.linspace(0, 20, side)[:, None]
    block = shapely.affinity.rotate(shapely.box(75, 80, 1425, 1430), 8)
    return Terrain(heights, 0.0, 5.0 * side, 5.0, 5.0), block


def compared() -> list[dict[str, object]]:
    """Return of each sample mean height and the volumes at it, ours beside the published ones.

    Everything is in the file's own units, as published: a file in degrees has cells in square
    degrees here, and is then refused for grading, which needs metres.

    Raises
    ------
    SystemExit
        If a mean is off by 0.001 or a volume by 0.01 %: no times are told of wrong ground.
    """
    found: list[dict[str, object]] = []
    for name, known in sorted(published().items()):
        if not (SAMPLES / name).is_file():
            continue
        terrain = in_file_units(SAMPLES / name)
        mean = float(np.nanmean(terrain.heights_m))
        ours = volumes_by_grid(terrain, shapely.box(*terrain.bounds), Plane(mean, 0.0, 0.0))
        row: dict[str, object] = {
            "sample": name,
            "mean": mean,
            "mean_published": known["mean_elev"],
            "cut_at_mean": ours.cut_m3,
            "cut_at_mean_published": known["cut_volume_at_mean"],
        }
        if "net_volume" in known:
            zero = volumes_by_grid(terrain, shapely.box(*terrain.bounds), Plane(0.0, 0.0, 0.0))
            row |= {"net": zero.net_m3, "net_published": known["net_volume"]}
        for quantity, least in (("mean", 1e-3), ("cut_at_mean", 0.0), ("net", 0.0)):
            if quantity in row:
                given = float(row[f"{quantity}_published"])  # type: ignore[arg-type]
                off = abs(float(row[quantity]) - given)  # type: ignore[arg-type]
                if off > max(least, 1e-4 * abs(given) * (quantity != "mean")):
                    raise SystemExit(f"{name}: {quantity} {row[quantity]} is not {given}")
        found.append(row)
        print(
            f"{name:<30}mean {mean:>12.6f} published {known['mean_elev']:>12.6f}   "
            f"cut {ours.cut_m3:>14.3f} published {known['cut_volume_at_mean']:>14.3f}"
        )
    return found


def in_file_units(path: Path) -> Terrain:
    """Return a sample as it stands in its file, degrees taken for lengths if it is in degrees."""
    try:
        return read_terrain(path)
    except InputError:
        raster = read_gdal(path, crs=None, bounds=None, of=None)
        return Terrain(raster.heights, raster.west, raster.north, raster.cell_x, raster.cell_y)


def each_for_itself(setting: Setting) -> float | None:
    """Return the cost with each pad level and its own soil in balance; None if a step is too high.

    What is done by hand: no soil crosses an edge.
    """
    surfaces = np.zeros((len(setting.grounds), 3))
    shrink = setting.problem.rates.shrink
    for place, ground in enumerate(setting.grounds):
        low, high = float(ground.above_m.min()), float(ground.above_m.max())
        for _ in range(100):
            middle = np.array([(low + high) / 2, 0.0, 0.0])
            cut, fill = ground.cut_fill(middle)
            over = shrink * cut > fill
            low, high = (middle[0], high) if over else (low, middle[0])
        surfaces[place, 0] = low
    settled = Settler(setting).settle(surfaces)
    return None if settled is None else settled.cost_cny


def one_program(setting: Setting, time_limit_s: float) -> tuple[float | None, float]:
    """Return least cost and time of one linear program with a variable a cell (HiGHS by scipy).

    It may dig soil up and put it back, hence is a relaxation; the circle of slopes is a polygon
    around it.
    """
    begun = time.perf_counter()
    problem, rates, ways, edges = (
        setting.problem, setting.problem.rates, setting.ways, setting.edges
    )  # fmt: skip
    pads = len(setting.grounds)
    cells = [len(ground.above_m) for ground in setting.grounds]
    first = 3 * pads + np.concatenate([[0], np.cumsum(cells)])
    first_way = int(first[-1])
    first_step = first_way + len(ways)
    total = first_step + len(edges)
    cost = np.zeros(total)
    cost[first_way:first_step] = ways.price_cny_m3
    cost[first_step:] = rates.wall_cny_m2 * edges.length_m
    upper, upper_to = Rows(), []
    equal, equal_to = Rows(), []
    constant = 0.0
    for k, ground in enumerate(setting.grounds):
        own = np.arange(3 * k, 3 * k + 3)
        own_cells = np.arange(first[k], first[k + 1])
        area = ground.columns.area_m2
        cost[own_cells] = (rates.cut_cny_m3 + rates.fill_cny_m3) * area
        cost[own[0]] += rates.fill_cny_m3 * ground.area_m2
        net = ground.area_m2 * ground.mean_m
        constant -= rates.fill_cny_m3 * net
        for cell, terms, above in zip(own_cells, ground.terms, ground.above_m, strict=True):
            upper.add([*own, cell], [*-terms, -1.0])
            upper_to.append(-above)
        out = first_way + np.flatnonzero(ways.source == k)
        come = first_way + np.flatnonzero(ways.target == k)
        equal.add([*out, *own_cells], [*np.ones(len(out)), *-area])
        equal.add([*come, *own_cells, own[0]],
                  [*np.full(len(come), rates.shrink), *-area, -ground.area_m2])  # fmt: skip
        equal_to += [0.0, -net]
        steepest = float(setting.steepest[k])
        for angle in 2 * np.pi / SLOPE_SIDES * np.arange(SLOPE_SIDES):
            upper.add(own[1:], [np.sin(angle), np.cos(angle)])
            upper_to.append(steepest)
    for place in range(len(edges)):
        one, other = int(edges.first[place]), int(edges.second[place])
        columns = [*range(3 * one, 3 * one + 3), *range(3 * other, 3 * other + 3)]
        points = np.stack([edges.start[place], edges.end[place], edges.middle[place]])
        terms = np.hstack(
            [terms_at(setting.grounds[one], points), -terms_at(setting.grounds[other], points)]
        )
        for sign in (1.0, -1.0):
            for end in terms[:2]:
                upper.add(columns, sign * end)
                upper_to.append(problem.max_step_m)
            upper.add([*columns, first_step + place], [*sign * terms[2], -1.0])
            upper_to.append(0.0)
    bounds = np.full((total, 2), np.inf)
    bounds[: 3 * pads, 0] = -np.inf
    bounds[3 * pads :, 0] = 0.0
    solved = linprog(
        cost, upper.matrix(total), upper_to, equal.matrix(total), equal_to, bounds,
        options={"time_limit": time_limit_s},
    )  # fmt: skip
    value = float(solved.fun) + constant if solved.status == 0 else None
    return value, time.perf_counter() - begun


class Rows:
    """Rows of a sparse matrix, one by one."""

    def __init__(self) -> None:
        self.columns: list[np.ndarray] = []
        self.values: list[np.ndarray] = []

    def add(self, columns: object, values: object) -> None:
        """Add a row."""
        self.columns.append(np.asarray(columns, dtype=int))
        self.values.append(np.asarray(values, dtype=float))

    def matrix(self, width: int) -> csr_array:
        """Return all rows."""
        row = np.repeat(np.arange(len(self.columns)), [len(given) for given in self.columns])
        where = (row, np.concatenate(self.columns))
        shape = (len(self.columns), width)
        return coo_array((np.concatenate(self.values), where), shape=shape).tocsr()


def by_survey(case: Case, plan: GradingPlan) -> float:
    """Return cut and fill by prisms over the cells as surveyed, as a share of the plan's."""
    found = [
        volumes_by_prisms(case.survey, pad.polygon, planned.plane)
        for pad, planned in zip(case.problem.pads, plan.pads, strict=True)
    ]
    moved = sum(volumes.cut_m3 + volumes.fill_m3 for volumes in found)
    return moved / (plan.cut_m3 + plan.fill_m3)


def measure(case: Case, *, repeats: int, time_limit_s: float) -> dict[str, object]:
    """Return everything about a case; refuses to tell times of an answer that does not hold."""
    seconds = []
    for _ in range(repeats):
        result = grade(case.problem, gap=GAP, time_limit_s=time_limit_s)
        seconds.append(result.runtime_s)
    plan, single = result.plan, result.single
    if plan is None or result.cost_cny is None or result.bound_cny is None:
        return {"case": case.name, "status": result.status,
                "findings": [finding.as_dict() for finding in result.findings]}  # fmt: skip
    faults = verify_plan(case.problem, plan)
    setting = setting_of(case.problem)
    whole, whole_s = one_program(setting, time_limit_s)
    if faults or abs(plan.imbalance) > 1e-3:
        raise SystemExit(f"{case.name}: the plan does not hold: {faults}")
    if single is not None and plan.cost.total_cny > single.cost.total_cny + 1e-6:
        raise SystemExit(f"{case.name}: dearer than the single best plane")
    survey = by_survey(case, plan)
    if max(abs(plan.prisms_by_grid - 1), abs(survey - 1)) > MOST_DIFFERENCE:
        raise SystemExit(f"{case.name}: by prisms {plan.prisms_by_grid}, on the survey {survey}")
    if whole is not None and result.bound_cny < whole * (1 - 1e-4) - 2:
        raise SystemExit(f"{case.name}: bound {result.bound_cny} below the program's {whole}")
    if whole is not None and result.cost_cny < whole * (1 - 1e-6) - 1:
        raise SystemExit(f"{case.name}: cost {result.cost_cny} below the program's {whole}")
    return {
        "case": case.name,
        "cells": sum(len(ground.above_m) for ground in setting.grounds),
        "pads": len(plan.pads),
        "status": result.status,
        "cost_cny": result.cost_cny,
        "bound_cny": result.bound_cny,
        "gap": result.gap,
        "single_plane_cny": None if single is None else single.cost.total_cny,
        "each_for_itself_cny": each_for_itself(setting),
        "one_program_cny": whole,
        "cut_m3": plan.cut_m3,
        "fill_m3": plan.fill_m3,
        "imbalance": plan.imbalance,
        "prisms_by_grid": plan.prisms_by_grid,
        "survey_prisms_by_grid": survey,
        "divided": case.problem.terrain.divided,
        "findings": sorted({finding.code for finding in result.findings}),
        "median_s": round(statistics.median(seconds), 3),
        "seconds": [round(value, 3) for value in seconds],
        "one_program_s": round(whole_s, 3),
    }


def machine() -> dict[str, object]:
    """Return what the times depend on."""
    return {
        "processor": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "highs": highspy.Highs().version(),
        **{library.__name__: library.__version__ for library in (np, scipy, shapely)},
    }


def line(found: dict[str, object]) -> str:
    """Return a case as a line of the table."""
    if "cost_cny" not in found:
        return f"{found['case']:<52}{found['status']}"
    cost = float(found["cost_cny"])  # type: ignore[arg-type]

    def share(name: str) -> str:
        value = found[name]
        return "-" if value is None else f"{float(value) / max(cost, 1e-9):.3f}"  # type: ignore[arg-type]

    return (
        f"{found['case']:<52}{found['cells']:>7}{cost / 10_000:>11.2f}{found['gap']:>9.0e}"
        f"{share('single_plane_cny'):>9}{share('each_for_itself_cny'):>9}"
        f"{found['imbalance']:>9.0e}{found['prisms_by_grid']:>8.4f}"
        f"{found['survey_prisms_by_grid']:>8.4f}"
        f"{found['median_s']:>8.2f}{found['one_program_s']:>9.2f}"
    )


def main(arguments: list[str]) -> None:
    """Run, print a table, and write ``benchmarks/results/grading.json``."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--limit", type=int, default=None, help="how many samples")
    parser.add_argument("--seed", type=int, default=2023)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--time-limit", type=float, default=60.0, help="seconds a problem")
    parser.add_argument("--out", type=Path, default=RESULTS / "grading.json")
    given = parser.parse_args(arguments)
    print(
        f"{'cost in 10,000 CNY; other ways as multiples of it':<52}{'cells':>7}{'cost':>11}"
        f"{'gap':>9}{'1 plane':>9}{'by pad':>9}{'balance':>9}{'prisms':>8}{'survey':>8}"
        f"{'s':>8}{'1 LP, s':>9}"
    )
    ground, found = compared(), []
    for case in cases(given.limit, given.seed):
        found.append(measure(case, repeats=given.repeats, time_limit_s=given.time_limit))
        print(line(found[-1]), flush=True)
    result = {
        "benchmark": "grading",
        "machine": machine(),
        "seed": given.seed,
        "repeats": given.repeats,
        "gap_asked": GAP,
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "published": ground,
        "cases": found,
    }
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(json.dumps(result, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    print(f"Peak memory of the whole run: {result['peak_memory_mb']} MB")


if __name__ == "__main__":
    main(sys.argv[1:])
