"""Public instances of maximum-weight connected subgraphs and (prize-collecting) Steiner trees.

An edge with a cost becomes a node with that negative weight, so that all are one kind of problem:
a connected set of greatest weight. The cost of a tree is what all prizes together weigh, less the
weight of the set.
"""

from __future__ import annotations

import csv
import gzip
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from zonewright.land.unlock.graph import graph_of_pairs
from zonewright.land.unlock.problem import Problem


@dataclass(frozen=True, slots=True)
class Instance:
    """A public instance, and how a set's weight becomes the value that is published.

    Parameters
    ----------
    name
        Folder and file.
    problem
        The problem.
    offset
        All prizes: the published cost is offset - weight, or the weight itself if `tree` is false.
    tree
        Whether the published value is the cost of a tree, to be as small as can be.
    """

    name: str
    problem: Problem
    offset: float
    tree: bool

    def published(self, weight: float) -> float:
        """Return the published value that belongs to a weight."""
        return self.offset - weight if self.tree else weight


def holds(problem: Problem, chosen: np.ndarray, value: float) -> bool:
    """Tell whether a set is connected, holds what is forced, and weighs what is claimed."""
    number = np.cumsum(chosen) - 1
    tail = np.repeat(np.arange(len(problem)), np.diff(problem.graph.start))
    inside = chosen[tail] & chosen[problem.graph.to]
    ends = number[tail[inside]], number[problem.graph.to[inside]]
    count = int(chosen.sum())
    links = coo_array((np.ones(len(ends[0]), dtype=np.int8), ends), shape=(count, count))
    return (
        count > 0
        and connected_components(links, directed=False)[0] == 1
        and bool(chosen[problem.forced].all())
        and abs(float(problem.weight[chosen].sum()) - value) <= 1e-6 * max(1.0, abs(value))
    )


def best_known(folder: Path) -> dict[str, float]:
    """Return the best known value of each instance; the best tree where no optimum is known."""
    with (folder / "best_known.csv").open(encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if row["kind"] in ("opt", "ub")]
    return {row["instance"]: float(row["best_known"]) for row in rows}


def read(path: Path) -> Instance:
    """Read an instance in the STP format, or in the node and link tables of Johnson et al."""
    with gzip.open(path, "rt", encoding="utf-8", errors="replace") as lines:
        text = lines.read()
    name = f"{path.parent.name}/{path.name}"
    if path.name.endswith(".dat.gz"):
        return _tree(name, *_tables(text))
    return _stp(name, text)


def _stp(name: str, text: str) -> Instance:
    words = [line.split() for line in text.splitlines() if line.strip()]
    count = int(next(row[1] for row in words if row[0].lower() == "nodes"))
    edges = [row for row in words if row[0] in ("E", "A") and len(row) >= 3]
    ends = np.array([[int(row[1]), int(row[2])] for row in edges]) - 1
    prizes = [row for row in words if row[0] in ("T", "TP") and len(row) == 3]
    forced = [int(row[1]) - 1 for row in words if row[0] in ("T", "RootP") and len(row) == 2]
    weight = np.zeros(count)
    weight[[int(row[1]) - 1 for row in prizes]] = [float(row[2]) for row in prizes]
    if all(len(row) == 3 for row in edges):
        return Instance(name, Problem(graph_of_pairs(count, *ends.T), weight), 0.0, tree=False)
    cost = np.array([float(row[3]) for row in edges])
    return _tree(name, weight, ends, cost, np.array(forced, dtype=np.int64))


def _tables(text: str) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    prizes, ends, cost, table = {}, [], [], ""
    for line in text.splitlines():
        row = line.split()
        if len(row) == 1:
            table = row[0]
        elif len(row) >= 4 and row[0][0] != "#":
            if table == "node":
                prizes[int(row[0])] = float(row[3])
            elif table == "link":
                ends.append((int(row[1]) - 1, int(row[2]) - 1))
                cost.append(float(row[3]))
    weight = np.array([prizes[number] for number in sorted(prizes)])
    return weight, np.array(ends), np.array(cost), np.empty(0, dtype=np.int64)


def _tree(
    name: str, prize: np.ndarray, ends: np.ndarray, cost: np.ndarray, forced: np.ndarray
) -> Instance:
    """Make a node of each edge; of parallel edges the cheapest stays."""
    count = len(prize)
    ends = np.sort(ends, axis=1)
    order = np.lexsort((cost, ends[:, 1], ends[:, 0]))
    ends, cost = ends[order], cost[order]
    new = np.append(True, (ends[1:] != ends[:-1]).any(axis=1)) & (ends[:, 0] != ends[:, 1])
    ends, cost = ends[new], cost[new]
    middle = count + np.arange(len(cost))
    graph = graph_of_pairs(
        count + len(cost),
        np.concatenate([ends[:, 0], middle]),
        np.concatenate([middle, ends[:, 1]]),
    )
    weight = np.concatenate([prize, -cost])
    must = np.zeros(len(weight), dtype=bool)
    must[forced] = True
    return Instance(name, Problem(graph, weight, forced=must), float(prize.sum()), tree=True)
