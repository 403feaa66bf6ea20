"""Why no surfaces keep all limits: which limits contradict, or how much soil is over or lacking."""

from __future__ import annotations

import numpy as np

from zonewright.core.findings import Finding
from zonewright.land.grading._highs import Program
from zonewright.land.grading.model import Setting, terms_at
from zonewright.land.grading.terrain import Floats

_LEAST_M = 1e-4


def why_infeasible(setting: Setting) -> list[Finding]:
    """Return what stands against a plan.

    First the levels and steps alone: if they contradict, the limits are named that must give way,
    and by how much in all. Else the soil: what is left over with all pads as high as they may be,
    or lacks with all as low as they may be. (Slopes are taken as level here, unless a fall is
    asked: the surfaces are then those with the smallest fall.)
    """
    program, slacks = _limits(setting)
    solved = program.minimise()
    if solved.feasible and solved.objective > _LEAST_M:
        return [
            Finding(
                "grading-limits", ids=tuple(dict.fromkeys(ids)),
                params={"pads": ", ".join(dict.fromkeys(ids)), "metres": round(metres, 3)},
            )
            for ids, metres in ((ids, float(solved.values[at])) for at, ids in slacks)
            if metres > _LEAST_M
        ]  # fmt: skip
    return _soil(setting)


def _soil(setting: Setting) -> list[Finding]:
    """Return the surplus at the highest levels or the lack at the lowest, beyond the sites."""
    shrink = setting.problem.rates.shrink
    sites = setting.problem.sites_used
    takes = shrink * sum(site.capacity_m3 for site in sites if site.kind == "dump")
    gives = shrink * sum(site.capacity_m3 for site in sites if site.kind == "borrow")
    over = _surplus_m3(setting, highest=True) - takes
    lack = -_surplus_m3(setting, highest=False) - gives
    if over > 0:
        return [Finding("grading-surplus", params={"volume": round(over)})]
    if lack > 0:
        return [Finding("grading-lack", params={"volume": round(lack)})]
    return [Finding("grading-no-plan")]


def _surplus_m3(setting: Setting, *, highest: bool) -> float:
    """Return cut × shrink less fill with all pads as high, or as low, as they may be [m³]."""
    program, _ = _limits(setting, strict=True)
    count = len(setting.grounds)
    areas = np.array([ground.area_m2 for ground in setting.grounds])
    costs = np.zeros(3 * count)
    costs[::3] = -areas if highest else areas
    program.set_costs(costs)
    values = program.minimise().values
    if not len(values):
        return 0.0
    surfaces = values[: 3 * count].reshape(count, 3)
    pairs = list(zip(setting.grounds, surfaces, strict=True))
    volumes = [ground.cut_fill(surface) for ground, surface in pairs]
    cut, fill = (float(total) for total in np.sum(volumes, axis=0))
    return setting.problem.rates.shrink * cut - fill


def _limits(
    setting: Setting, *, strict: bool = False
) -> tuple[Program, list[tuple[int, tuple[str, ...]]]]:
    """Return a program of levels and steps whose limits may give way at a price of 1 a metre.

    With it the position of each slack and the pads concerned; if `strict`, there are none.
    """
    program, problem = Program(), setting.problem
    count = len(setting.grounds)
    reach = max(float(np.ptp(np.concatenate([g.above_m for g in setting.grounds]))), 1.0)
    room = 100.0 * reach
    bounds = np.tile([room, 0.0, 0.0], count)
    for k, (pad, ground) in enumerate(zip(problem.pads, setting.grounds, strict=True)):
        if pad.falls_to_deg is not None:
            fall = np.radians(pad.falls_to_deg)
            down = -pad.min_slope * ground.reach_m
            bounds[3 * k + 1 : 3 * k + 3] = down * np.sin(fall), down * np.cos(fall)
    low = bounds.copy()
    low[::3] = -room
    program.columns(np.zeros(3 * count), low, bounds)
    slacks: list[tuple[int, tuple[str, ...]]] = []

    def keep(columns: list[int], terms: Floats, least: float, most: float, *ids: str) -> None:
        if strict:
            program.row(least, most, columns, terms)
            return
        slack = program.columns([1.0], 0.0, np.inf).start
        slacks.append((slack, ids))
        program.row(-np.inf, most, [*columns, slack], [*terms, -1.0])
        program.row(least, np.inf, [*columns, slack], [*terms, 1.0])

    for k, (pad, ground) in enumerate(zip(problem.pads, setting.grounds, strict=True)):
        least = -np.inf if pad.min_level_m is None else pad.min_level_m - ground.base_m
        most = np.inf if pad.max_level_m is None else pad.max_level_m - ground.base_m
        if np.isfinite([least, most]).any():
            points = pad.corners if pad.max_slope else np.array([ground.middle])
            for terms in terms_at(ground, points):
                keep([3 * k, 3 * k + 1, 3 * k + 2], terms, least, most, pad.name)
    limit, edges = problem.max_step_m, setting.edges
    for place in range(len(edges) if limit is not None else 0):
        one, other = int(edges.first[place]), int(edges.second[place])
        columns = [3 * one + axis for axis in range(3)] + [3 * other + axis for axis in range(3)]
        at = edges.middle[place][None]
        terms = np.hstack(
            [terms_at(setting.grounds[one], at), -terms_at(setting.grounds[other], at)]
        )[0]
        names = (problem.pads[one].name, problem.pads[other].name)
        keep(columns, terms, -float(limit or 0), float(limit or 0), *names)
    return program, slacks
