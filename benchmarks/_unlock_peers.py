"""Beside the unlock engine: a flow model in HiGHS, and greedy with local search."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import highspy
import numpy as np

from zonewright.land.unlock.problem import Problem


@dataclass(frozen=True, slots=True)
class Peer:
    """What a peer came to: weight of its set, its bound, and its wall time [s]."""

    value: float
    bound: float
    runtime_s: float


def flow_model(problem: Problem, time_limit_s: float) -> Peer:
    """Solve the textbook model: one commodity flows from a chosen root."""
    clock = time.perf_counter()
    count = len(problem)
    first, second = problem.graph.pairs()
    tail, head = np.concatenate([first, second]), np.concatenate([second, first])
    arcs = len(tail)
    # Columns: x of nodes, r of roots, flow of arcs, flow from the source to each root.
    size = 3 * count + arcs
    flow, source = 2 * count, 2 * count + arcs
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("time_limit", float(time_limit_s))
    lower, upper = np.zeros(size), np.full(size, float(count))
    upper[: 2 * count] = 1.0
    lower[:count] = problem.forced
    highs.addVars(size, lower, upper)
    highs.changeColsCost(count, np.arange(count, dtype=np.int32), problem.weight)
    highs.changeObjectiveSense(highspy.ObjSense.kMaximize)
    whole = np.arange(2 * count, dtype=np.int32)
    kinds = np.full(2 * count, highspy.HighsVarType.kInteger)
    highs.changeColsIntegrality(2 * count, whole, kinds)
    infinite = highspy.kHighsInf

    def row(low: float, high: float, columns: list[int], factors: list[float]) -> None:
        highs.addRow(
            low, high, len(columns), np.array(columns, dtype=np.int32), np.array(factors, float)
        )

    row(1.0, 1.0, list(range(count, 2 * count)), [1.0] * count)
    for k in np.flatnonzero(np.isfinite(problem.limit)):
        scale = max(float(problem.use[:, k].mean()), 1e-12)
        columns = np.flatnonzero(problem.use[:, k])
        row(
            -infinite, float(problem.limit[k] / scale),
            columns.tolist(), (problem.use[columns, k] / scale).tolist(),
        )  # fmt: skip
    out = [[] for _ in range(count)]
    into = [[] for _ in range(count)]
    for arc in range(arcs):
        out[tail[arc]].append(flow + arc)
        into[head[arc]].append(flow + arc)
    for v in range(count):
        columns = [*into[v], source + v, *out[v], v]
        factors = [1.0] * (len(into[v]) + 1) + [-1.0] * (len(out[v]) + 1)
        row(0.0, 0.0, columns, factors)
        row(-infinite, 0.0, [*into[v], source + v, v], [1.0] * (len(into[v]) + 1) + [-float(count)])
        row(-infinite, 0.0, [source + v, count + v], [1.0, -float(count)])
        row(-infinite, 0.0, [count + v, v], [1.0, -1.0])
    highs.run()
    info = highs.getInfo()
    found = info.primal_solution_status == 2
    value = float(info.objective_function_value) if found else float("nan")
    return Peer(value, float(info.mip_dual_bound), time.perf_counter() - clock)


def greedy_local_search(problem: Problem, time_limit_s: float, seed: int) -> Peer:
    """Grow by the best neighbor for its cost from each of many nodes, then swap while it helps.

    Plain Python on purpose: no paths are looked ahead, one neighbor at a time. Forced nodes weigh
    so much that they are wanted first; a set that lacks one counts for nothing.
    """
    clock = time.perf_counter()
    asked = problem
    much = 1.0 + 2.0 * float(np.abs(problem.weight).sum())
    problem = replace(problem, weight=problem.weight + problem.forced * much)
    rng = np.random.default_rng(seed)
    graph, limit = problem.graph, problem.limit
    free = ~(problem.use > 0).any(axis=1)
    order = np.lexsort((-problem.weight, ~free))
    best: set[int] = set()
    best_value, turn = -np.inf, 0

    def grow(chosen: set[int]) -> set[int]:
        spent = problem.use[list(chosen)].sum(axis=0)
        edge = {int(w) for v in chosen for w in _near(graph, v)} - chosen
        while edge and time.perf_counter() - clock < time_limit_s:
            scores = []
            for v in edge:
                gain = problem.weight[v] + sum(
                    problem.weight[w] for w in _near(graph, v) if free[w] and w not in chosen
                )
                fits = (spent + problem.use[v] <= limit + 1e-9).all()
                cost = float(problem.use[v, 0]) if np.isfinite(limit[0]) else 1.0
                scores.append((gain / (cost + 1e-9) if fits and gain > 0 else -1.0, v))
            score, v = max(scores)
            if score <= 0:
                break
            chosen.add(v)
            spent = spent + problem.use[v]
            edge |= {int(w) for w in _near(graph, v)} - chosen
            edge.discard(v)
        return chosen

    while time.perf_counter() - clock < time_limit_s:
        if turn < 30 or not best:
            trial = grow({int(order[turn % len(order)])})
        else:
            bought = [v for v in best if not free[v]]
            if not bought:
                break
            gone = set(rng.choice(bought, size=min(len(bought), 3), replace=False).tolist())
            trial = grow(_largest_part(graph, best - gone, problem.weight))
        value = float(problem.weight[list(trial)].sum())
        if value > best_value:
            best, best_value = trial, value
        turn += 1
    value = float(asked.weight[list(best)].sum())
    if (asked.forced & ~np.isin(np.arange(len(asked)), list(best))).any():
        value = -np.inf
    return Peer(value, float("inf"), time.perf_counter() - clock)


def _near(graph, v: int):  # type: ignore[no-untyped-def]
    return graph.to[graph.start[v] : graph.start[v + 1]]


def _largest_part(graph, nodes: set[int], weight: np.ndarray) -> set[int]:  # type: ignore[no-untyped-def]
    left, best, most = set(nodes), set(), -np.inf
    while left:
        part, stack = set(), [left.pop()]
        while stack:
            v = stack.pop()
            part.add(v)
            for w in _near(graph, v).tolist():
                if w in left:
                    left.discard(w)
                    stack.append(w)
        total = float(weight[list(part)].sum())
        if total > most:
            best, most = part, total
    return best
