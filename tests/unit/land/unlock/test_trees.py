"""Trees where nothing is limited: the search, the bound of dual ascent, and its cuts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.land.unlock.test_solve import best_of_all, problems
from zonewright.land.unlock.ascent import ascent
from zonewright.land.unlock.deadline import Deadline
from zonewright.land.unlock.graph import graph_of_pairs
from zonewright.land.unlock.network import candidate_roots, network_of
from zonewright.land.unlock.problem import Problem
from zonewright.land.unlock.search import search, tree_streets
from zonewright.land.unlock.solve import solve


def grid(side: int, seed: int) -> Problem:
    """Return a grid of prizes and costs in which every third node is worth something."""
    rng = np.random.default_rng(seed)
    number = np.arange(side * side).reshape(side, side)
    first = np.concatenate([number[:, :-1].ravel(), number[:-1].ravel()])
    second = np.concatenate([number[:, 1:].ravel(), number[1:].ravel()])
    weight = np.where(rng.random(side * side) < 1 / 3, 6.0, -rng.integers(1, 9, side * side))
    return Problem(graph_of_pairs(side * side, first, second), weight)


def steiner(side: int, seed: int) -> Problem:
    """Return a grid whose edges cost, as nodes of their own; a tenth of its nodes has to be in."""
    rng = np.random.default_rng(seed)
    plain = grid(side, seed)
    first, second = plain.graph.pairs()
    count = len(plain)
    middle = count + np.arange(len(first))
    graph = graph_of_pairs(
        count + len(first), np.concatenate([first, middle]), np.concatenate([middle, second])
    )
    weight = np.append(np.zeros(count), -rng.integers(1, 10, len(first)).astype(float))
    forced = np.arange(len(weight)) < 0
    forced[rng.choice(count, count // 10, replace=False)] = True
    return Problem(graph, weight, forced=forced)


@settings(max_examples=40, deadline=None)
@given(problems(limited=False), st.floats(0.0, 30.0))
def test_dual_ascent_never_bounds_below_the_best_set(problem: Problem, guess: float) -> None:
    if not (problem.weight > 0).any():
        return
    best = best_of_all(problem)
    roots, may_serve, later = candidate_roots(problem, -np.inf)
    network = network_of(problem, roots, may_serve)
    found = ascent(problem, network, guess, Deadline(5.0))
    assert max(found.bound, later) >= best - 1e-6
    # What the ascent closes for sets above one less than the best is in no best set.
    result = solve(problem, time_limit_s=5.0, workers=1)
    plain = found.closed(best - 1.0)[1 + len(roots) : network.first_way]
    assert not result.chosen[network.node[1 + len(roots) : network.first_way][plain]].any()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_cuts_of_dual_ascent_hold_for_a_tree(seed: int) -> None:
    problem = steiner(7, seed)
    result = solve(problem, time_limit_s=20.0, workers=1)
    roots, may_serve, _ = candidate_roots(problem, -np.inf)
    network = network_of(problem, roots, may_serve)
    found = ascent(problem, network, result.value, Deadline(5.0))
    assert result.status == "optimal"
    assert result.value <= found.bound + 1e-6
    assert found.bound - result.value <= 0.1 * abs(result.value)
    at = directed(network, result.chosen)
    for row in range(len(found.rows)):
        part = slice(found.rows.start[row], found.rows.start[row + 1])
        entered = float(at[found.rows.column[part]] @ found.rows.factor[part])
        assert entered >= found.rows.lower[row] - 1e-9


def directed(network, chosen: np.ndarray) -> np.ndarray:  # type: ignore[no-untyped-def]
    """Return a tree as values of the network: each way in the direction away from the root."""
    at = np.zeros(len(network))
    at[:2] = 1.0
    first = 1 + len(network.roots)
    reached = [first + int(np.flatnonzero(network.node[first:] == network.roots[0])[0])]
    at[reached[0]] = 1.0
    for v in reached:
        for way in np.flatnonzero(network.tail == v):
            link, w = network.node[network.first_way + way], int(network.head[way])
            if at[w] == 0 and link >= 0 and chosen[link] and chosen[network.node[w]]:
                at[network.first_way + way] = at[w] = 1.0
                reached.append(w)
    return at


@pytest.mark.parametrize("make", [grid, steiner])
def test_the_search_finds_the_proven_best_tree(make) -> None:  # type: ignore[no-untyped-def]
    problem = make(6, 4)
    proven = solve(problem, time_limit_s=30.0, workers=1)
    found = search(problem, time_limit_s=1.0, seed=5, streets=tree_streets(problem))
    assert proven.status == "optimal"
    assert problem.fits(found)
    assert problem.value(found) == pytest.approx(proven.value)


def test_trees_are_searched_only_where_nothing_is_limited() -> None:
    free = grid(4, 1)
    limited = Problem(free.graph, free.weight, np.ones((len(free), 1)), np.array([5.0]))
    assert tree_streets(free) is not None
    assert tree_streets(limited) is None
    assert tree_streets(Problem(free.graph, -np.abs(free.weight))) is None


def test_a_begun_set_is_not_lost() -> None:
    problem = steiner(6, 2)
    best = solve(problem, time_limit_s=20.0, workers=1)
    again = search(
        problem, time_limit_s=0.05, seed=1, begin=best.chosen, streets=tree_streets(problem)
    )
    assert problem.value(again) == pytest.approx(best.value)
