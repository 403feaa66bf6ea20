"""The solver against every connected set of small graphs: value, bound, limits, what is forced."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zonewright.land.unlock.graph import graph_of_pairs
from zonewright.land.unlock.problem import Problem
from zonewright.land.unlock.solve import solve

NODES = 8


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    """Compile before any time limit counts."""
    path = graph_of_pairs(3, np.array([0, 1]), np.array([1, 2]))
    solve(Problem(path, np.array([2.0, -1.0, 2.0])), time_limit_s=60.0)
    solve(Problem(path, np.ones(3), np.ones((3, 1)), np.array([2.0])), time_limit_s=60.0)


def best_of_all(problem: Problem) -> float:
    """Return the weight of the best set by trying every one."""
    count, best = len(problem), -np.inf
    near = [
        set(problem.graph.to[problem.graph.start[v] : problem.graph.start[v + 1]].tolist())
        for v in range(count)
    ]
    for size in range(1, count + 1):
        for nodes in combinations(range(count), size):
            inside, reached, edge = set(nodes), {nodes[0]}, [nodes[0]]
            while edge:
                new = (near[edge.pop()] & inside) - reached
                reached |= new
                edge.extend(new)
            chosen = np.isin(np.arange(count), nodes)
            fits = (problem.use[chosen].sum(axis=0) <= problem.limit + 1e-9).all()
            if len(reached) == size and fits and not (problem.forced & ~chosen).any():
                best = max(best, float(problem.weight[chosen].sum()))
    return best


@st.composite
def problems(draw: st.DrawFn, *, limited: bool, forced: bool = False) -> Problem:
    pairs = st.tuples(st.integers(0, NODES - 1), st.integers(0, NODES - 1))
    edges = np.array(draw(st.lists(pairs, min_size=4, max_size=16)))
    low = 0 if limited else -9
    weight = draw(st.lists(st.integers(low, 9), min_size=NODES, max_size=NODES))
    use = draw(
        st.lists(st.tuples(st.integers(0, 6), st.integers(0, 4)), min_size=NODES, max_size=NODES)
    )
    limit = (draw(st.integers(0, 20)), draw(st.integers(0, 12))) if limited else (np.inf, np.inf)
    must = np.zeros(NODES, dtype=bool)
    if forced:
        must[list(draw(st.sets(st.integers(0, NODES - 1), min_size=1, max_size=2)))] = True
    return Problem(
        graph_of_pairs(NODES, *edges.T),
        np.array(weight, dtype=float),
        np.array(use, dtype=float) if limited else np.zeros((NODES, 2)),
        np.array(limit, dtype=float),
        must,
    )


def check(problem: Problem) -> None:
    result = solve(problem, time_limit_s=10.0, workers=1)
    best = best_of_all(problem)
    if best == -np.inf:
        assert result.status == "infeasible"
        return
    assert problem.fits(result.chosen)
    assert result.value == pytest.approx(problem.value(result.chosen))
    assert result.bound >= best - 1e-6
    assert result.value == pytest.approx(best, rel=1e-4, abs=1e-6)
    assert result.status == "optimal"


@settings(max_examples=25, deadline=None)
@given(problems(limited=True))
def test_the_best_set_within_two_limits(problem: Problem) -> None:
    check(problem)


@settings(max_examples=25, deadline=None)
@given(problems(limited=False))
def test_the_best_set_where_nodes_may_cost(problem: Problem) -> None:
    check(problem)


@settings(max_examples=15, deadline=None)
@given(problems(limited=False, forced=True))
def test_the_best_set_that_holds_what_is_forced(problem: Problem) -> None:
    check(problem)


@settings(max_examples=15, deadline=None)
@given(problems(limited=True, forced=True))
def test_the_best_set_that_holds_what_is_forced_within_limits(problem: Problem) -> None:
    check(problem)
