"""A solution that is cut short: when it ends, what it returns, and what it says about itself."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest

from zonewright.land.unlock.deadline import Deadline
from zonewright.land.unlock.graph import graph_of_pairs
from zonewright.land.unlock.problem import Problem
from zonewright.land.unlock.solve import solve


@pytest.fixture(scope="module")
def large() -> Problem:
    """Return scattered free nodes on a grid of 4,900 under one budget: hours to be proven."""
    side = 70
    rng = np.random.default_rng(3)
    number = np.arange(side * side).reshape(side, side)
    first = np.concatenate([number[:, :-1].ravel(), number[:-1].ravel()])
    second = np.concatenate([number[:, 1:].ravel(), number[1:].ravel()])
    use = np.where(rng.random(side * side) < 0.1, 0.0, rng.lognormal(0.0, 0.6, side * side))
    weight = rng.uniform(0.8, 1.2, side * side)
    problem = Problem(
        graph_of_pairs(side * side, first, second), weight, use[:, None], np.array([60.0])
    )
    solve(problem, time_limit_s=0.5)
    return problem


@pytest.mark.parametrize("after_s", [0.3, 3.0])
def test_a_stop_returns_the_best_so_far_within_a_second(large: Problem, after_s: float) -> None:
    began = time.perf_counter()
    result = solve(large, time_limit_s=60.0, stop=lambda: time.perf_counter() - began > after_s)
    assert after_s < result.runtime_s < after_s + 1.5
    assert result.status == "feasible"
    assert large.fits(result.chosen)
    assert result.value < result.bound < np.inf


def test_who_asks_is_the_thread_that_waits(large: Problem) -> None:
    askers: set[int] = set()

    def stop() -> bool:
        askers.add(threading.get_ident())
        return False

    solve(large, time_limit_s=2.0, stop=stop)
    assert askers == {threading.get_ident()}


def test_a_deadline_that_is_stopped_stays_so() -> None:
    answers = iter([False, True])
    deadline = Deadline(60.0, lambda: next(answers))
    while not deadline.over():
        time.sleep(0.02)
    assert deadline.stopped
    assert deadline.left_s() == 0.0


def test_how_is_told_in_both_languages(large: Problem) -> None:
    result = solve(large, time_limit_s=0.5)
    assert [notice.code for notice in result.how] == ["unlock-how-growth", "unlock-how-separators"]
    for notice in result.how:
        assert notice.severity == "info"
        assert "?" not in notice.text("en") + notice.text("zh")
        assert notice.text("en") != notice.text("zh")
