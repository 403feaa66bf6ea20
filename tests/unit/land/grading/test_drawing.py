"""The map of cut and fill, and sections."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from tests.unit.land.grading.ground import hills, problem_of, terrain_of
from zonewright.land.grading import GradingProblem, Pad, Rates, cross_section, cut_fill_map, grade

RATES = Rates(cut_cny_m3=1.0, fill_cny_m3=1.0, haul_cny_m3_km=1.0)


def test_the_map_adds_up_to_the_volumes() -> None:
    problem = problem_of(hills(4), max_slope=0.02)
    plan = grade(problem).plan
    assert plan is not None
    rise = cut_fill_map(problem, plan)
    assert 100 * rise[rise > 0].sum() == pytest.approx(plan.fill_m3)
    assert -100 * rise[rise < 0].sum() == pytest.approx(plan.cut_m3)


def test_the_map_is_empty_outside_the_pads() -> None:
    terrain = terrain_of(np.ones((4, 4)))
    problem = GradingProblem(terrain, (Pad("A", shapely.box(0, 0, 20, 20)),), RATES)
    plan = grade(problem).plan
    assert plan is not None
    known = ~np.isnan(cut_fill_map(problem, plan))
    assert np.argwhere(known).tolist() == [[2, 0], [2, 1], [3, 0], [3, 1]]


def test_a_section_shows_the_step_upright_and_the_ground_beyond() -> None:
    terrain = terrain_of([[0.0, 0.0, 4.0, 4.0, 4.0]])
    pads = (Pad("W", shapely.box(0, 0, 20, 10)), Pad("E", shapely.box(20, 0, 40, 10)))
    problem = GradingProblem(terrain, pads, RATES)
    plan = grade(problem).plan
    assert plan is not None
    profile = cross_section(problem, plan, shapely.LineString([(-5, 5), (50, 5)]), spacing_m=2)
    assert (np.diff(profile.distance_m) >= 0).all()
    at_edge = np.flatnonzero(np.isclose(profile.distance_m, 25))
    assert profile.finished_m[at_edge] == pytest.approx([0.0, 4.0], abs=0.01)
    assert [profile.pad[place] for place in at_edge] == ["W", "E"]
    outside = np.array([name == "" for name in profile.pad])
    assert np.isnan(profile.finished_m[outside]).all()
    assert np.isnan(profile.ground_m[profile.x < 0]).all()
    assert profile.ground_m[(profile.x > 40) & (profile.x < 50)] == pytest.approx(4.0)
    assert profile.distance_m[-1] == pytest.approx(55)
