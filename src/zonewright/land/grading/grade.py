"""Grading a block: the levels of its pads, the haul between them, and the single best plane."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from zonewright.core.errors import EngineError
from zonewright.core.findings import Finding
from zonewright.core.schema import require_positive
from zonewright.land.grading.edges import edges_between
from zonewright.land.grading.ground import PadGround, grounds_of
from zonewright.land.grading.model import Setting
from zonewright.land.grading.pads import Pad
from zonewright.land.grading.plan import Cost, GradingPlan, GradingResult, Haul, PadPlan, Status
from zonewright.land.grading.prisms import Prisms, prisms_of
from zonewright.land.grading.problem import GradingProblem
from zonewright.land.grading.reasons import why_infeasible
from zonewright.land.grading.search import Found, Progress, search
from zonewright.land.grading.settle import Settled
from zonewright.land.grading.terrain import Terrain
from zonewright.land.grading.verify import verify_plans
from zonewright.land.grading.volumes import Volumes
from zonewright.land.grading.ways import OUTSIDE, ways_of

_PIECES = 12  # of an edge between two pads, at most about
_LEAST_HAUL = 1e-9  # of all soil
_DIFFERENCE = 0.01
_SINGLE_GAP = 1e-6


def grade(
    problem: GradingProblem,
    *,
    gap: float = 1e-4,
    time_limit_s: float = 60.0,
    progress: Progress | None = None,
) -> GradingResult:
    """Return the cheapest levels of all pads and the haul between them.

    Parameters
    ----------
    problem
        Ground, pads, prices and rules.
    gap
        Share of the cost by which the answer may lie above the bound; above 0.
    time_limit_s
        Time after which the search stops with the best plan so far and its bound; reading the
        ground before and checking the plan after it come on top [s].
    progress
        Called with cost and bound [CNY] whenever one of them is better.

    Returns
    -------
    result
        With the plan, never dearer than the single best plane, which stands beside it.

    Raises
    ------
    InputError
        If a pad has no ground with heights.
    RangeError
        If the gap or the time is not above 0.
    EngineError
        If the plan does not stand the check of `verify_plan`.

    Notes
    -----
    Cut and fill are sums over the cells of the terrain, hence convex and piecewise linear in the
    surface of a pad, and known exactly at each. The model keeps volumes above tangents of these
    functions (Kelley's cutting planes) and below chords over boxes of surfaces (branch and bound),
    and moves the soil as a flow of least cost. Every plan is settled with exact volumes.

    Examples
    --------
    >>> from shapely import box
    >>> from zonewright.land.grading import GradingProblem, Pad, Rates, Terrain
    >>> terrain = Terrain(np.array([[1.0, 3.0]]), west=0, north=10, cell_x_m=10, cell_y_m=10)
    >>> rates = Rates(cut_cny_m3=10, fill_cny_m3=5, haul_cny_m3_km=2)
    >>> pads = (Pad("A", box(0, 0, 20, 10)),)
    >>> result = grade(GradingProblem(terrain, pads, rates))
    >>> round(result.plan.pads[0].plane.level_m, 6), round(result.plan.cut_m3, 6)
    (2.0, 100.0)
    """
    require_positive(gap=gap, time_limit_s=time_limit_s)
    begun = time.perf_counter()
    setting = setting_of(problem)
    alone = len(problem.pads) == 1
    single = search(
        setting,
        tied=True,
        gap=gap if alone else min(gap, _SINGLE_GAP),
        time_limit_s=time_limit_s / (1 if alone else 3),
    )
    found = single
    if not alone:
        left_s = time_limit_s - (time.perf_counter() - begun)
        found = search(
            setting, tied=False, gap=gap, time_limit_s=max(left_s, 0.01), start=single.best,
            progress=progress,
        )  # fmt: skip
    return _result(setting, found, single, begun)


def best_plane(
    problem: GradingProblem, *, gap: float = 1e-6, time_limit_s: float = 60.0
) -> GradingResult:
    """Return the cheapest plan with all pads in one plane, level if a pad must be level.

    Parameters, errors and result are those of `grade`; `single` is the plan itself.

    Examples
    --------
    >>> from shapely import box
    >>> from zonewright.land.grading import GradingProblem, Pad, Rates, Terrain
    >>> terrain = Terrain(np.array([[1.0, 3.0]]), west=0, north=10, cell_x_m=10, cell_y_m=10)
    >>> rates = Rates(cut_cny_m3=10, fill_cny_m3=5, haul_cny_m3_km=2)
    >>> pads = (Pad("A", box(0, 0, 10, 10)), Pad("B", box(10, 0, 20, 10)))
    >>> result = best_plane(GradingProblem(terrain, pads, rates))
    >>> [round(pad.plane.level_m, 6) for pad in result.plan.pads]
    [2.0, 2.0]
    """
    require_positive(gap=gap, time_limit_s=time_limit_s)
    begun = time.perf_counter()
    setting = setting_of(problem)
    single = search(setting, tied=True, gap=gap, time_limit_s=time_limit_s)
    return _result(setting, single, single, begun)


def setting_of(problem: GradingProblem) -> Setting:
    """Return a problem with its grounds, edges and ways.

    Raises
    ------
    InputError
        If a pad has no ground with heights.
    """
    grounds = grounds_of(problem.terrain, problem.pads)
    areas = np.array([ground.area_m2 for ground in grounds])
    cell = max(problem.terrain.cell_x_m, problem.terrain.cell_y_m)
    piece_m = max(cell, float(np.sqrt(areas.max())) / _PIECES)
    edges = edges_between(problem.pads, piece_m=piece_m)
    middles = np.array([ground.middle for ground in grounds])
    return Setting(problem, grounds, edges, ways_of(problem, middles, areas))


def _result(setting: Setting, found: Found, single: Found, begun: float) -> GradingResult:
    problem = setting.problem
    findings = [*_divided(problem.terrain), *_without_ground(problem.pads, setting.grounds)]
    if found.best is None:
        status: Status = "infeasible" if found.finished else "unknown"
        if found.finished:
            findings += why_infeasible(setting)
        bound = None if found.finished else found.bound_cny
        seconds = time.perf_counter() - begun
        return GradingResult(status, None, bound, None, seconds, None, None, tuple(findings))
    prisms = [prisms_of(problem.terrain, pad.polygon) for pad in problem.pads]
    plan = _plan(setting, found.best, prisms)
    beside = None if single.best is None else _plan(setting, single.best, prisms)
    findings += _differences(plan)
    for wrong in verify_plans(problem, (plan,) if beside is None else (plan, beside)):
        if wrong:
            raise EngineError(wrong[0].code, **wrong[0].params)
    cost, bound = found.best.cost_cny, min(found.bound_cny, found.best.cost_cny)
    return GradingResult(
        status="optimal" if found.finished else "feasible",
        cost_cny=cost,
        bound_cny=bound,
        gap=(cost - bound) / cost if cost > 0 else 0.0,
        runtime_s=time.perf_counter() - begun,
        plan=plan,
        single=beside,
        findings=tuple(findings),
    )


def _plan(setting: Setting, settled: Settled, prisms: Sequence[Prisms]) -> GradingPlan:
    problem = setting.problem
    pads = []
    for pad, ground, solid, surface, cut, fill in zip(
        problem.pads, setting.grounds, prisms, settled.surfaces, settled.cuts_m3,
        settled.fills_m3, strict=True,
    ):  # fmt: skip
        plane = ground.plane(surface)
        grid = Volumes(float(cut), float(fill), ground.area_m2, ground.columns.missing_m2)
        solid_m2 = float(solid.area_m2.sum())
        solid_cut, solid_fill = solid.cut_fill(plane)
        beside = Volumes(solid_cut, solid_fill, solid_m2, solid.missing_m2)
        pads.append(PadPlan(pad.name, plane, grid, beside))
    rates, ways = problem.rates, setting.ways
    sites = np.array([site.price_cny_m3 for site in problem.sites_used])
    at_site = ways.site >= 0
    sites_cny = float(sites[ways.site[at_site]] @ settled.amounts_m3[at_site])
    cost = Cost(
        cut_cny=float(rates.cut_cny_m3 * settled.cuts_m3.sum()),
        fill_cny=float(rates.fill_cny_m3 * settled.fills_m3.sum()),
        haul_cny=float(ways.price_cny_m3 @ settled.amounts_m3) - sites_cny,
        sites_cny=sites_cny,
        walls_cny=float(rates.wall_cny_m2 * settled.walls_m2.sum()),
    )
    walls_m2 = float(settled.walls_m2.sum())
    return GradingPlan(tuple(pads), _hauls(setting, settled), cost, rates.shrink, walls_m2)


def _hauls(setting: Setting, settled: Settled) -> tuple[Haul, ...]:
    ways, pads, sites = setting.ways, setting.problem.pads, setting.problem.sites_used
    least = _LEAST_HAUL * float(settled.amounts_m3.sum())
    hauls = []
    for place in np.flatnonzero(settled.amounts_m3 > least):
        source, target, site = (
            int(which[place]) for which in (ways.source, ways.target, ways.site)
        )
        volume = float(settled.amounts_m3[place])
        hauls.append(
            Haul(
                source=sites[site].name if source == OUTSIDE else pads[source].name,
                target=sites[site].name if target == OUTSIDE else pads[target].name,
                kind=(
                    sites[site].kind if site >= 0 else "within" if source == target else "between"
                ),
                volume_m3=volume,
                distance_m=float(ways.distance_m[place]),
                cost_cny=float(ways.price_cny_m3[place]) * volume,
            )
        )
    return tuple(sorted(hauls, key=lambda haul: -haul.volume_m3))


def _divided(terrain: Terrain) -> list[Finding]:
    """Return a finding if cells of the survey were divided."""
    if terrain.divided == 1:
        return []
    params = {"times": terrain.divided, "cell": round(terrain.cell_x_m * terrain.divided, 3)}
    return [Finding("grading-divided", "info", params=params)]


def _without_ground(pads: tuple[Pad, ...], grounds: tuple[PadGround, ...]) -> list[Finding]:
    """Return a finding of each pad that lies partly where the terrain has no height."""
    findings = []
    for pad, ground in zip(pads, grounds, strict=True):
        missing = ground.columns.missing_m2
        share = missing / (missing + ground.area_m2)
        if share > 1e-6:
            params = {"pad": pad.name, "area": round(missing, 1), "share": round(100 * share, 2)}
            findings.append(Finding("grading-nodata", "warning", ids=(pad.name,), params=params))
    return findings


def _differences(plan: GradingPlan) -> list[Finding]:
    """Return a finding if cells and prisms measure different volumes."""
    ratio = plan.prisms_by_grid
    if abs(ratio - 1) <= _DIFFERENCE:
        return []
    params = {"difference": round(100 * (ratio - 1), 2)}
    return [Finding("grading-volumes-differ", "warning", params=params)]
