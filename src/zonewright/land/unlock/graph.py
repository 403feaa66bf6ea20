"""Graphs as flat arrays, and the contraction of nodes that cost nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Marks = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Graph:
    """An undirected graph: the neighbors of node v are ``to[start[v]:start[v + 1]]``.

    Parameters
    ----------
    start
        Shape (n + 1,).
    to
        Shape (2 e,): each edge stands at both of its ends; ascending within a node.
    """

    start: Ints
    to: Ints

    def __len__(self) -> int:
        return len(self.start) - 1

    @property
    def degree(self) -> Ints:
        """Return the number of neighbors of each node, shape (n,)."""
        return np.diff(self.start)

    def pairs(self) -> tuple[Ints, Ints]:
        """Return each edge once, the lower node first."""
        first = np.repeat(np.arange(len(self)), self.degree)
        once = first < self.to
        return first[once], self.to[once]

    def components(self) -> Ints:
        """Return the number of the component of each node, shape (n,)."""
        ones = np.ones(len(self.to), dtype=np.int8)
        first = np.repeat(np.arange(len(self)), self.degree)
        links = coo_array((ones, (first, self.to)), shape=(len(self), len(self)))
        labels: Ints = connected_components(links, directed=False)[1].astype(np.int64)
        return labels

    def part(self, kept: Marks) -> tuple[Graph, Ints]:
        """Return the graph of some of the nodes, and which nodes these are."""
        nodes = np.flatnonzero(kept)
        number = np.full(len(self), -1, dtype=np.int64)
        number[nodes] = np.arange(len(nodes))
        first, second = self.pairs()
        inside = kept[first] & kept[second]
        return graph_of_pairs(len(nodes), number[first[inside]], number[second[inside]]), nodes


def graph_of_pairs(count: int, first: Ints, second: Ints) -> Graph:
    """Return the graph of `count` nodes with the given edges; loops and repeats are dropped.

    Examples
    --------
    >>> graph = graph_of_pairs(3, np.array([0, 1, 1, 2]), np.array([1, 0, 2, 2]))
    >>> graph.start.tolist(), graph.to.tolist()
    ([0, 1, 3, 4], [1, 0, 2, 1])
    """
    first, second = np.asarray(first, dtype=np.int64), np.asarray(second, dtype=np.int64)
    proper = first != second
    one = np.concatenate([first[proper], second[proper]])
    other = np.concatenate([second[proper], first[proper]])
    keys = np.unique(one * count + other)
    start = np.searchsorted(keys, np.arange(count + 1) * count)
    return Graph(start.astype(np.int64), keys % max(count, 1))


def merge_groups(graph: Graph, merged: Marks) -> tuple[Graph, Ints]:
    """Make one node of each connected group of marked nodes.

    Parameters
    ----------
    graph
        Graph of n nodes.
    merged
        Shape (n,): which nodes grow together with their marked neighbors.

    Returns
    -------
    graph
        The smaller graph, of m nodes.
    number
        Shape (n,): the new node of each old one, in the order of their first old nodes.

    Examples
    --------
    >>> path = graph_of_pairs(4, np.array([0, 1, 2]), np.array([1, 2, 3]))
    >>> merge_groups(path, np.array([True, True, False, True]))[1].tolist()
    [0, 0, 1, 2]
    """
    first, second = graph.pairs()
    joined = merged[first] & merged[second]
    labels = graph_of_pairs(len(graph), first[joined], second[joined]).components()
    _, where, number = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(len(where), dtype=np.int64)
    rank[np.argsort(where)] = np.arange(len(where))
    number = rank[number]
    return graph_of_pairs(len(where), number[first], number[second]), number
