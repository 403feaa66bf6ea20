"""A plan checked by plain arithmetic: cell by cell, haul by haul, with nothing of the model."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, cos, floor, hypot, isnan, radians, sin, sqrt

import numpy as np
import shapely

from zonewright.core.findings import Finding
from zonewright.land.grading.pads import Pad
from zonewright.land.grading.plan import GradingPlan, PadPlan
from zonewright.land.grading.problem import GradingProblem
from zonewright.land.grading.terrain import Floats, Terrain

_SHARE = 1e-6  # by which a sum may differ
_BALANCE = 1e-3
_LEVEL_M, _SLOPE, _STEP_M = 1e-4, 1e-6, 1e-3
_NARROW_M, _WIDE_M, _SURE_EDGE_M, _POINTS_M = 0.04, 0.08, 2.0, 0.5
_WALL_SHARE, _WALL_M = 0.02, 0.05


def verify_plan(problem: GradingProblem, plan: GradingPlan) -> tuple[Finding, ...]:
    """Return what in a plan does not hold; nothing if all of it does.

    Volumes are recomputed cell by cell; soil is counted out and in at each pad and site; levels,
    slopes and steps are measured at the outlines; the cost is added up again.

    Parameters
    ----------
    problem
        What was asked.
    plan
        The answer.
    """
    (findings,) = verify_plans(problem, (plan,))
    return findings


def verify_plans(
    problem: GradingProblem, plans: Sequence[GradingPlan]
) -> tuple[tuple[Finding, ...], ...]:
    """Return what does not hold in each of some plans for one problem; cells are cut once."""
    pieces = [_pieces(problem.terrain, pad) for pad in problem.pads]
    return tuple(_faults(problem, plan, pieces) for plan in plans)


def _faults(
    problem: GradingProblem, plan: GradingPlan, pieces: Sequence[Floats]
) -> tuple[Finding, ...]:
    findings: list[Finding] = []
    middles, areas = [], []
    for pad, planned, (area, x, y, ground) in zip(problem.pads, plan.pads, pieces, strict=True):
        areas.append(float(area.sum()))
        middles.append((float(area @ x) / areas[-1], float(area @ y) / areas[-1]))
        plane = planned.plane
        finished = plane.level_m + plane.slope_east * (x - plane.x) + plane.slope_north * (
            y - plane.y
        )  # fmt: skip
        over = area * (ground - finished)
        moved = planned.by_grid.cut_m3 + planned.by_grid.fill_m3
        for asked, found in (
            (planned.by_grid.cut_m3, float(over[over > 0].sum())),
            (planned.by_grid.fill_m3, float(-over[over < 0].sum())),
        ):
            if abs(asked - found) > _SHARE * max(moved, 1.0):
                findings.append(_finding("grading-check-volume", pad.name, asked, found))
        findings += _surface(pad, planned)
    findings += _steps(problem, plan)
    findings += _soil(problem, plan)
    findings += _costs(problem, plan, middles, areas)
    if problem.balance and abs(plan.imbalance) > _BALANCE:
        findings.append(
            _finding("grading-check-balance", "", plan.shrink * plan.cut_m3, plan.fill_m3)
        )
    return tuple(findings)


def _pieces(terrain: Terrain, pad: Pad) -> Floats:
    """Return the covered part of each cell with a height: area, x, y, height, shape (4, n)."""
    west, south, east, north = pad.polygon.bounds
    rows, columns = terrain.heights_m.shape
    wide, high = terrain.cell_x_m, terrain.cell_y_m
    first = max(0, floor((west - terrain.west) / wide))
    left = terrain.west + wide * np.arange(
        first, min(columns, ceil((east - terrain.west) / wide)), dtype=np.float64
    )
    found = []
    shapely.prepare(pad.polygon)
    for row in range(
        max(0, floor((terrain.north - north) / high)),
        min(rows, ceil((terrain.north - south) / high)),
    ):
        top = terrain.north - row * high
        whole = shapely.covers(pad.polygon, shapely.box(left, top - high, left + wide, top))
        for place, inside in enumerate(whole):
            ground, at = float(terrain.heights_m[row, first + place]), float(left[place])
            if isnan(ground):
                continue
            if inside:
                found.append((wide * high, at + wide / 2, top - high / 2, ground))
                continue
            part = shapely.clip_by_rect(pad.polygon, at, top - high, at + wide, top)
            if part.area > 0:
                found.append((part.area, part.centroid.x, part.centroid.y, ground))
    return np.array(found).T


def _surface(pad: Pad, planned: PadPlan) -> list[Finding]:
    """Check levels at every point of the outline, slope and fall."""
    plane, findings = planned.plane, []
    heights = [plane.height_at(x, y) for x, y in shapely.get_coordinates(pad.polygon)]
    if pad.max_slope == 0:
        heights = [plane.level_m]
    if pad.min_level_m is not None and min(heights) < pad.min_level_m - _LEVEL_M:
        findings.append(_finding("grading-check-level", pad.name, min(heights), pad.min_level_m))
    if pad.max_level_m is not None and max(heights) > pad.max_level_m + _LEVEL_M:
        findings.append(_finding("grading-check-level", pad.name, max(heights), pad.max_level_m))
    slope = hypot(plane.slope_east, plane.slope_north)
    if slope > pad.max_slope + _SLOPE:
        findings.append(_finding("grading-check-slope", pad.name, slope, pad.max_slope))
    if pad.falls_to_deg is not None:
        way = radians(pad.falls_to_deg)
        fall = -(plane.slope_east * sin(way) + plane.slope_north * cos(way))
        if fall < pad.min_slope - _SLOPE:
            findings.append(_finding("grading-check-slope", pad.name, fall, pad.min_slope))
    return findings


def _steps(problem: GradingProblem, plan: GradingPlan) -> list[Finding]:
    """Check steps and their walls every half metre along the outlines.

    What counts as a common edge has a tolerance: of a narrower one every step must be kept and
    paid, of a wider one no wall may be paid that is not there.
    """
    findings, least_m2, most_m2 = [], 0.0, 0.0
    outlines = [shapely.segmentize(pad.polygon, _POINTS_M).boundary for pad in problem.pads]
    shapes = np.array([pad.polygon for pad in problem.pads])
    pairs = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=_WIDE_M).T
    for one, other in pairs[pairs[:, 0] < pairs[:, 1]].tolist():
        middle, length, apart = _facing(outlines[one], shapes[other])
        first, second = plan.pads[one].plane, plan.pads[other].plane
        step = np.array([abs(first.height_at(*at) - second.height_at(*at)) for at in middle])
        rough = _WALL_M * length.sum() + 2 * _POINTS_M * step.max(initial=0.0)
        most_m2 += float(length @ step + rough)
        sure = apart <= _NARROW_M
        if length[sure].sum() < _SURE_EDGE_M:
            continue
        least_m2 += float(length[sure] @ step[sure] - rough)
        limit = problem.max_step_m
        if limit is not None and step[sure].max() > limit + _STEP_M:
            name = f"{problem.pads[one].name}, {problem.pads[other].name}"
            findings.append(_finding("grading-check-step", name, float(step[sure].max()), limit))
    found = min(max(plan.walls_m2, least_m2 * (1 - _WALL_SHARE)), most_m2 * (1 + _WALL_SHARE))
    if abs(plan.walls_m2 - found) > _WALL_M:
        findings.append(_finding("grading-check-walls", "", plan.walls_m2, found))
    return findings


def _facing(outline: shapely.Geometry, polygon: shapely.Geometry) -> tuple[Floats, Floats, Floats]:
    """Return the pieces of an outline along a polygon: middle, length, distance from it [m]."""
    points, ring = shapely.get_coordinates(shapely.get_parts(outline), return_index=True)
    along = ring[1:] == ring[:-1]
    middle = ((points[1:] + points[:-1]) / 2)[along]
    length = np.hypot(*(points[1:] - points[:-1]).T)[along]
    apart = shapely.distance(shapely.points(middle), polygon)
    near = apart <= _WIDE_M
    return middle[near], length[near], apart[near]


def _soil(problem: GradingProblem, plan: GradingPlan) -> list[Finding]:
    """Check that all that is cut goes somewhere, all fill comes from somewhere, no site is over."""
    findings = []
    scale = max(plan.cut_m3 + plan.fill_m3, 1.0)
    for planned in plan.pads:
        out = sum(haul.volume_m3 for haul in plan.hauls if haul.source == planned.name)
        come = sum(haul.volume_m3 for haul in plan.hauls if haul.target == planned.name)
        if abs(out - planned.by_grid.cut_m3) > _SHARE * scale:
            findings.append(
                _finding("grading-check-haul", planned.name, out, planned.by_grid.cut_m3)
            )
        if abs(plan.shrink * come - planned.by_grid.fill_m3) > _SHARE * scale:
            findings.append(
                _finding("grading-check-haul", planned.name, come, planned.by_grid.fill_m3)
            )
    for site in problem.sites:
        used = sum(
            haul.volume_m3
            for haul in plan.hauls
            if haul.kind == site.kind and site.name in (haul.source, haul.target)
        )
        if used > site.capacity_m3 + _SHARE * scale or (problem.balance and used > 0):
            findings.append(_finding("grading-check-haul", site.name, used, site.capacity_m3))
    return findings


def _costs(
    problem: GradingProblem,
    plan: GradingPlan,
    middles: list[tuple[float, float]],
    areas: list[float],
) -> list[Finding]:
    """Add the cost up again, with distances measured again."""
    rates = problem.rates
    places = {pad.name: place for place, pad in enumerate(problem.pads)}
    sites = {site.name: site for site in problem.sites}
    total = rates.cut_cny_m3 * plan.cut_m3 + rates.fill_cny_m3 * plan.fill_m3
    total += rates.wall_cny_m2 * plan.walls_m2
    for haul in plan.hauls:
        price = 0.0
        if haul.kind == "within":
            way = rates.detour * 0.5214 * sqrt(areas[places[haul.source]])
        elif haul.kind == "between":
            one, other = middles[places[haul.source]], middles[places[haul.target]]
            way = rates.detour * hypot(one[0] - other[0], one[1] - other[1])
        else:
            site, pad = (
                (sites[haul.source], haul.target)
                if haul.kind == "borrow"
                else (sites[haul.target], haul.source)
            )
            x, y = middles[places[pad]]
            way, price = rates.detour * hypot(x - site.x, y - site.y), site.price_cny_m3
        if problem.distances_m is not None and haul.kind in ("within", "between"):
            way = float(problem.distances_m[places[haul.source], places[haul.target]])
        total += haul.volume_m3 * (price + rates.haul_cny_m3_km * rates.swell * way / 1000)
    if abs(total - plan.cost.total_cny) > _SHARE * max(total, 1.0):
        return [_finding("grading-check-cost", "", plan.cost.total_cny, total)]
    return []


def _finding(code: str, name: str, planned: float, found: float) -> Finding:
    params = {"name": name, "planned": round(planned, 4), "found": round(found, 4)}
    return Finding(code, ids=(name,) if name else (), params=params)
