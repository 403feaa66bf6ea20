"""Levels and haul: against closed forms, other programs and exhaustive search."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq, linprog

from tests.unit.land.grading.ground import RATES, SAMPLES, hills, problem_of, quarters, terrain_of
from zonewright.core.errors import GeometryError, InputError, RangeError
from zonewright.land.grading import (
    GradingProblem,
    Pad,
    Rates,
    Site,
    Terrain,
    best_plane,
    grade,
    read_terrain,
    regular_pads,
    verify_plan,
    volumes_by_grid,
)

few = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
BORROW = Site("Hill", "borrow", -500.0, 60.0, price_cny_m3=15.0)
DUMP = Site("Pit", "dump", 700.0, 60.0, price_cny_m3=4.0)


@pytest.mark.parametrize("name", ["DEM_10m.asc", "west_bijou_gully.asc", "hugo_site.asc"])
@pytest.mark.parametrize("max_slope", [0.0, 0.03])
def test_samples_balance_and_are_not_dearer_than_the_best_plane(
    name: str, max_slope: float
) -> None:
    terrain = read_terrain(SAMPLES / name)
    west, south, east, north = terrain.bounds
    pads = tuple(
        pad
        for pad in regular_pads(
            shapely.box(*terrain.bounds),
            width_m=(east - west) / 3, depth_m=(north - south) / 3, max_slope=max_slope,
        )
        if pad_is_known(terrain, pad)
    )  # fmt: skip
    problem = GradingProblem(terrain, pads, RATES, max_step_m=5.0)
    result = grade(problem)
    assert result.status == "optimal"
    assert result.plan is not None
    assert result.single is not None
    assert abs(result.plan.imbalance) <= 1e-3
    assert RATES.shrink * result.plan.cut_m3 == pytest.approx(result.plan.fill_m3, rel=1e-9)
    assert result.plan.cost.total_cny <= result.single.cost.total_cny
    assert result.plan.prisms_by_grid == pytest.approx(1, abs=0.01)
    assert verify_plan(problem, result.plan) == ()


def pad_is_known(terrain: Terrain, pad: Pad) -> bool:
    rows, columns = terrain.window(pad.polygon.bounds)
    return bool(np.isfinite(terrain.heights_m[rows, columns]).any())


def test_a_single_level_in_balance_is_the_root_of_cut_less_fill() -> None:
    terrain = hills(4)
    block = shapely.box(*terrain.bounds)
    cells = np.sort(terrain.heights_m.ravel())

    def surplus(level: float) -> float:
        return float(0.9 * np.maximum(cells - level, 0).sum() - np.maximum(level - cells, 0).sum())

    level = brentq(surplus, cells[0], cells[-1], xtol=1e-12)
    result = grade(GradingProblem(terrain, (Pad("A", block),), RATES))
    assert result.plan is not None
    assert result.plan.pads[0].plane.level_m == pytest.approx(level, abs=1e-8)


def test_two_levels_are_the_best_of_a_fine_grid() -> None:
    """All pairs of levels a centimetre apart, each priced by hand: two pads have one way."""
    terrain = terrain_of([[1.0, 2.0, 3.0, 6.0, 7.0, 11.0]] * 2)
    pads = (Pad("W", shapely.box(0, 0, 30, 20)), Pad("E", shapely.box(30, 0, 60, 20)))
    rates = replace(RATES, shrink=1.0, swell=1.0, haul_cny_m3_km=200.0, wall_cny_m2=400.0)
    problem = GradingProblem(terrain, pads, rates, max_step_m=3.0)
    levels = np.arange(0, 1100) / 100.0

    def volumes(heights: list[float]) -> tuple[np.ndarray, np.ndarray]:
        rise = levels[:, None] - np.array(heights)
        return 200 * np.maximum(-rise, 0).sum(1), 200 * np.maximum(rise, 0).sum(1)

    (cut_w, fill_w), (cut_e, fill_e) = volumes([1.0, 2.0, 3.0]), volumes([6.0, 7.0, 11.0])
    best = np.inf
    for west, low in enumerate(levels):
        east = np.flatnonzero(
            np.isclose(cut_w[west] + cut_e, fill_w[west] + fill_e)
            & (np.abs(levels - low) <= 3 + 1e-9)
        )
        for place in east:
            within = min(cut_w[west], fill_w[west]) + min(cut_e[place], fill_e[place])
            across = abs(cut_w[west] - fill_w[west])
            haul = 0.2 * (0.5214 * np.sqrt(600.0) * within + 30.0 * across)
            moved = 18.0 * (cut_w[west] + cut_e[place])
            best = min(best, moved + haul + 400.0 * 20 * abs(levels[place] - low))
    result = grade(problem, gap=1e-7)
    assert result.cost_cny is not None
    assert result.cost_cny <= best + 1
    assert result.cost_cny == pytest.approx(best, rel=2e-3)


@pytest.mark.parametrize("seed", range(4))
def test_the_cost_is_that_of_another_formulation(seed: int) -> None:
    """One variable a cell and no tangents: the same linear program, written out in full.

    Soil neither swells nor shrinks and steps cost nothing, so that the program is no relaxation.
    """
    terrain = hills(seed, 8, 8)
    rates = replace(RATES, shrink=1.0, wall_cny_m2=0.0)
    problem = problem_of(terrain, max_slope=0.02, max_step_m=1.0, rates=rates)
    result = grade(problem, gap=1e-7)
    assert result.cost_cny is not None
    assert result.cost_cny == pytest.approx(written_out(problem), rel=1e-4, abs=1.01)


def written_out(problem: GradingProblem) -> float:
    """Return the least cost by a program over cells: u >= h - p, v >= p - h, u - v = h - p."""
    terrain, rates = problem.terrain, problem.rates
    rows, columns = terrain.heights_m.shape
    cells = rows * columns
    x, y = np.meshgrid(terrain.center_x, terrain.center_y)
    pad_of = np.zeros((rows, columns), dtype=int)
    for place, pad in enumerate(problem.pads):
        pad_of[shapely.contains_xy(pad.polygon, x, y)] = place
    middle = np.array([pad.polygon.centroid.coords[0] for pad in problem.pads])
    distance = np.hypot(*(middle[:, None] - middle[None]).transpose(2, 0, 1))
    np.fill_diagonal(distance, 0.5214 * np.sqrt([pad.polygon.area for pad in problem.pads]))
    pads = len(problem.pads)
    # Columns: (z, a, b) a pad, u, v a cell, q a pair of pads.
    first_u, first_v = 3 * pads, 3 * pads + cells
    first_q, total = 3 * pads + 2 * cells, 3 * pads + 2 * cells + pads**2
    cost = np.zeros(total)
    cost[first_u:first_v] = rates.cut_cny_m3 * 100
    cost[first_v:first_q] = rates.fill_cny_m3 * 100
    cost[first_q:] = rates.haul_cny_m3_km * rates.swell * distance.ravel() / 1000
    equal, equal_to, below, below_to = [], [], [], []

    def height(place: int, at: np.ndarray) -> np.ndarray:
        row = np.zeros(total)
        row[3 * place : 3 * place + 3] = 1.0, *(at - middle[place])
        return row

    for cell, (place, h, east, north) in enumerate(
        zip(pad_of.ravel(), terrain.heights_m.ravel(), x.ravel(), y.ravel(), strict=True)
    ):
        row = height(place, np.array([east, north]))
        row[first_u + cell], row[first_v + cell] = 1.0, -1.0
        equal.append(row)
        equal_to.append(h)
    for place in range(pads):
        mine = np.flatnonzero(pad_of.ravel() == place)
        out, come = np.zeros(total), np.zeros(total)
        out[first_u + mine], come[first_v + mine] = 100.0, 100.0
        out[first_q + place * pads + np.arange(pads)] = -1.0
        come[first_q + np.arange(pads) * pads + place] = -rates.shrink
        equal += [out, come]
        equal_to += [0.0, 0.0]
        for angle in np.arange(720) * np.pi / 360:
            row = np.zeros(total)
            row[3 * place + 1 : 3 * place + 3] = np.sin(angle), np.cos(angle)
            below.append(row)
            below_to.append(problem.pads[place].max_slope)
    for one, other, ends in shared_edges(problem):
        for at in ends:
            step = height(one, at) - height(other, at)
            below += [step, -step]
            below_to += [problem.max_step_m, problem.max_step_m]
    bounds = [(None, None)] * (3 * pads) + [(0, None)] * (total - 3 * pads)
    solved = linprog(
        cost, np.array(below), np.array(below_to), np.array(equal), np.array(equal_to), bounds
    )
    return float(solved.fun)


def shared_edges(problem: GradingProblem) -> list[tuple[int, int, np.ndarray]]:
    """Return the edges of the quarters by their ends."""
    return [
        (one, other, shapely.get_coordinates(shared))
        for one, other in combinations(range(len(problem.pads)), 2)
        if (shared := problem.pads[one].polygon.intersection(problem.pads[other].polygon)).length
    ]


@few
@given(st.integers(0, 10_000), st.sampled_from([0.0, 0.02, 0.05]), st.floats(0.8, 1.2))
def test_plans_hold_and_are_never_dearer_than_one_plane(
    seed: int, max_slope: float, shrink: float
) -> None:
    problem = problem_of(
        hills(seed, 8, 8), max_slope=max_slope, rates=replace(RATES, shrink=shrink)
    )
    result = grade(problem)
    assert result.plan is not None
    assert result.single is not None
    assert result.bound_cny is not None
    assert result.plan.cost.total_cny <= result.single.cost.total_cny + 1e-6
    assert result.bound_cny <= result.plan.cost.total_cny + 1e-6
    assert result.plan.imbalance == pytest.approx(0, abs=1e-7)
    assert verify_plan(problem, result.plan) == ()


@few
@given(st.integers(0, 10_000), st.floats(0.5, 6.0), st.floats(0.1, 0.9))
def test_a_tighter_step_is_never_cheaper(seed: int, step: float, share: float) -> None:
    terrain = hills(seed, 6, 6)
    wide, tight = (
        grade(problem_of(terrain, max_step_m=limit), gap=1e-7) for limit in (step, share * step)
    )
    assert wide.cost_cny is not None
    assert tight.cost_cny is not None
    assert tight.cost_cny >= wide.cost_cny * (1 - 1e-6) - 1.01


@few
@given(st.integers(0, 10_000), st.floats(-1000, 1000))
def test_ground_raised_as_a_whole_is_levelled_higher_at_the_same_cost(
    seed: int, rise: float
) -> None:
    terrain = hills(seed, 6, 6)
    raised = terrain_of(terrain.heights_m + rise)
    one, other = (grade(problem_of(ground), gap=1e-7) for ground in (terrain, raised))
    assert one.cost_cny == pytest.approx(other.cost_cny, rel=1e-5, abs=1.01)


def test_one_plane_on_ground_in_a_plane_costs_nothing() -> None:
    rows, columns = np.mgrid[:8, :8]
    result = best_plane(problem_of(terrain_of(0.15 * columns - 0.1 * rows), max_slope=0.03))
    assert result.cost_cny == pytest.approx(0, abs=1.01)
    assert result.plan is not None
    planes = [pad.plane for pad in result.plan.pads]
    assert [plane.slope_east for plane in planes] == pytest.approx([0.015] * 4, abs=1e-4)
    assert [plane.slope_north for plane in planes] == pytest.approx([0.01] * 4, abs=1e-4)


def test_the_best_plane_is_the_best_of_all_slopes_tried() -> None:
    problem = problem_of(hills(9, 8, 8), max_slope=0.04, rates=replace(RATES, haul_cny_m3_km=0.0))
    result = best_plane(problem)
    assert result.plan is not None
    assert result.cost_cny is not None
    first = result.plan.pads[0].plane
    rng = np.random.default_rng(0)
    for east, north in rng.uniform(-0.028, 0.028, (20, 2)):

        def surplus(level: float, east: float = east, north: float = north) -> float:
            plane = replace(first, level_m=level, slope_east=east, slope_north=north)
            found = [volumes_by_grid(problem.terrain, p.polygon, plane) for p in problem.pads]
            return 0.9 * sum(v.cut_m3 for v in found) - sum(v.fill_m3 for v in found)

        level = brentq(surplus, 0, 100)
        plane = replace(first, level_m=level, slope_east=east, slope_north=north)
        found = [volumes_by_grid(problem.terrain, pad.polygon, plane) for pad in problem.pads]
        cost = sum(12.0 * v.cut_m3 + 6.0 * v.fill_m3 for v in found)
        assert result.cost_cny <= cost + 1


def test_levels_slopes_and_falls_are_kept() -> None:
    problem = problem_of(
        hills(5), max_slope=0.02, min_slope=0.005, falls_to_deg=135.0, min_level_m=48.0,
        balance=False, sites=(BORROW, DUMP),
    )  # fmt: skip
    result = grade(problem)
    assert result.plan is not None
    for pad, planned in zip(problem.pads, result.plan.pads, strict=True):
        plane = planned.plane
        fall = (plane.slope_north - plane.slope_east) / np.sqrt(2)
        assert 0.005 - 1e-9 <= fall <= plane.slope + 1e-12 <= 0.02 + 1e-9
        assert min(plane.height_at(x, y) for x, y in pad.corners) >= 48.0 - 1e-6


@pytest.mark.parametrize("least", [0.0099, 0.01])
def test_a_fall_as_large_as_the_steepest_slope_is_kept(least: float) -> None:
    problem = problem_of(hills(11), max_slope=0.01, min_slope=least, falls_to_deg=200.0)
    result = grade(problem)
    assert result.status == "optimal"
    assert result.plan is not None
    assert [pad.plane.slope for pad in result.plan.pads] == pytest.approx([0.01] * 4, rel=0.011)


def test_soil_is_fetched_where_a_high_level_asks_for_it() -> None:
    terrain = terrain_of(np.zeros((4, 4)))
    problem = problem_of(terrain, min_level_m=2.0, balance=False, sites=(BORROW, DUMP))
    result = grade(problem)
    assert result.plan is not None
    assert {haul.kind for haul in result.plan.hauls} == {"borrow"}
    assert result.plan.fill_m3 == pytest.approx(3200)
    assert sum(haul.volume_m3 for haul in result.plan.hauls) == pytest.approx(3200 / 0.9)
    assert result.plan.cost.sites_cny == pytest.approx(15 * 3200 / 0.9)


def test_an_open_balance_is_never_dearer_than_a_closed_one() -> None:
    terrain = hills(6)
    closed = grade(problem_of(terrain), gap=1e-6)
    free = grade(problem_of(terrain, balance=False, sites=(BORROW, DUMP)), gap=1e-6)
    assert closed.cost_cny is not None
    assert free.cost_cny is not None
    assert free.cost_cny <= closed.cost_cny + 1.01


def test_soil_that_shrinks_is_not_dug_up_and_put_back_to_be_lost() -> None:
    """The linear relaxation would: the pads are held so low that soil is left over."""
    terrain = terrain_of([[0.0] * 4 + [1.0] * 4] * 8)
    problem = problem_of(terrain, max_level_m=0.46, rates=replace(RATES, shrink=0.95))
    result = grade(problem, time_limit_s=20)
    assert result.status == "infeasible"
    assert [finding.code for finding in result.findings] == ["grading-surplus"]
    enough = problem_of(terrain, max_level_m=0.4875, rates=replace(RATES, shrink=0.95))
    assert grade(enough).plan is not None


def test_soil_is_not_worked_for_nothing_to_save_a_wall() -> None:
    """The eastern pads stand fixed with soil left over, which only a strip behind a wall can take.

    The wall costs more than digging soil up and compacting it until the surplus is gone, which the
    linear relaxation does and no plan may do: the strip's level follows from the balance alone.
    """
    heights = np.tile([4.0, 5.0, 6.0, 9.0, 4.0, 29.0], (10, 1))
    fixed = {"min_level_m": 6.0, "max_level_m": 6.0}
    pads = (
        Pad("W", shapely.box(0, 0, 30, 100)),
        Pad("M", shapely.box(30, 0, 50, 100), **fixed),
        Pad("E", shapely.box(50, 0, 60, 100), **fixed),
    )
    rates = replace(RATES, shrink=0.8, wall_cny_m2=6000.0)
    result = grade(GradingProblem(terrain_of(heights), pads, rates), time_limit_s=20)
    assert result.status == "optimal"
    assert result.plan is not None
    # Cut of M and E: 3000 + 23 000, fill of M 2000: 0.8 · 26 000 - 2000 = 18 800 are left for W.
    level = brentq(
        lambda z: sum(
            (0.8 * max(h - z, 0) - max(z - h, 0)) * 1000 for h in (4.0, 5.0, 6.0)
        ) + 18_800, 0, 30,
    )  # fmt: skip
    assert result.plan.pads[0].plane.level_m == pytest.approx(level, abs=1e-6)


def test_contradicting_limits_are_named() -> None:
    terrain = hills(7)
    pads = list(quarters(terrain))
    pads[0] = replace(pads[0], min_level_m=60.0)
    pads[1] = replace(pads[1], max_level_m=40.0)
    result = grade(GradingProblem(terrain, tuple(pads), RATES, max_step_m=5.0))
    assert result.status == "infeasible"
    assert result.plan is None
    assert {finding.code for finding in result.findings} == {"grading-limits"}
    named = {name for finding in result.findings for name in finding.ids}
    assert named & {"NW", "NE"}


def test_a_lack_of_soil_is_said_with_its_volume() -> None:
    result = grade(problem_of(terrain_of(np.zeros((4, 4))), min_level_m=2.0))
    assert [finding.code for finding in result.findings] == ["grading-lack"]
    assert result.findings[0].params["volume"] == 3200
    small = replace(BORROW, capacity_m3=2000.0)
    result = grade(
        problem_of(terrain_of(np.zeros((4, 4))), min_level_m=2.0, balance=False, sites=(small,))
    )
    assert result.findings[0].params["volume"] == 1400


def test_ground_without_heights_is_a_finding() -> None:
    terrain = hills(8)
    terrain.heights_m[:3, :3] = np.nan
    result = grade(problem_of(terrain))
    assert [(f.code, f.ids) for f in result.findings if f.code == "grading-nodata"] == [
        ("grading-nodata", ("NW",))
    ]
    terrain.heights_m[:6, :6] = np.nan
    with pytest.raises(InputError, match="NW"):
        grade(problem_of(terrain))


def test_a_table_of_distances_is_used() -> None:
    terrain = terrain_of([[0.0, 0.0, 2.0, 2.0]])
    pads = (Pad("W", shapely.box(0, 0, 20, 10)), Pad("E", shapely.box(20, 0, 40, 10)))
    rates = Rates(1.0, 1.0, 10.0)
    ways = np.array([[5.0, 900.0], [700.0, 5.0]])
    result = best_plane(GradingProblem(terrain, pads, rates, distances_m=ways))
    assert result.plan is not None
    (haul,) = result.plan.hauls
    assert (haul.source, haul.target, haul.distance_m) == ("E", "W", 700.0)
    assert haul.cost_cny == pytest.approx(200 * 0.7 * 10)


def test_no_time_still_gives_an_honest_bound() -> None:
    terrain = hills(3, 40, 40)
    pads = regular_pads(shapely.box(*terrain.bounds), width_m=80, depth_m=80, max_slope=0.02)
    problem = GradingProblem(terrain, pads, RATES)
    result = grade(problem, time_limit_s=0.05)
    assert result.status in ("feasible", "unknown")
    full = grade(problem)
    assert full.status == "optimal"
    assert full.cost_cny is not None
    assert (result.bound_cny or -np.inf) <= full.cost_cny


def test_progress_falls_in_cost() -> None:
    told: list[tuple[float, float]] = []
    grade(problem_of(hills(2)), progress=lambda cost, bound: told.append((cost, bound)))
    costs = [cost for cost, _ in told]
    assert costs == sorted(costs, reverse=True)
    assert all(bound <= cost for cost, bound in told)


def test_pads_over_one_another_or_of_one_name_are_refused() -> None:
    terrain = hills(1)
    square = shapely.box(0, 0, 50, 50)
    with pytest.raises(GeometryError, match="A and B"):
        GradingProblem(terrain, (Pad("A", square), Pad("B", shapely.box(40, 0, 90, 50))), RATES)
    with pytest.raises(GeometryError, match="more than one"):
        GradingProblem(terrain, (Pad("A", square), Pad("A", shapely.box(50, 0, 90, 50))), RATES)


def test_numbers_out_of_range_are_refused() -> None:
    with pytest.raises(RangeError):
        replace(RATES, cut_cny_m3=-1.0)
    with pytest.raises(RangeError):
        replace(RATES, shrink=0.0)
    with pytest.raises(RangeError):
        Pad("A", shapely.box(0, 0, 1, 1), max_slope=0.01, min_slope=0.02)
    with pytest.raises(RangeError):
        Pad("A", shapely.box(0, 0, 1, 1), min_level_m=3, max_level_m=2)
    with pytest.raises(GeometryError):
        Pad("A", shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)]))
    with pytest.raises(InputError):
        GradingProblem(hills(1), (), RATES)
