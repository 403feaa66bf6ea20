"""The tree of parts over all places, worked through by threads, best bound first."""

from __future__ import annotations

import heapq
import threading
import time
from dataclasses import dataclass, field

import numpy as np

from zonewright.land.unlock.branching import Bounded, Part, bound_part, goal_above
from zonewright.land.unlock.deadline import Deadline
from zonewright.land.unlock.graph import Floats, Ints, Marks
from zonewright.land.unlock.network import Network, network_of
from zonewright.land.unlock.problem import Problem
from zonewright.land.unlock.relaxation import Relaxation
from zonewright.land.unlock.search import grown, pulled, search, tree_streets
from zonewright.land.unlock.steiner import Streets

_SEARCH_S = 0.05
_ASK_S = 0.1


@dataclass(slots=True)
class Place:
    """Roots that lie together, and the part of the problem that they may serve.

    Parameters
    ----------
    problem, nodes
        The part, and which nodes of the whole problem it holds.
    network
        Its network.
    streets
        Where trees are searched, if nothing is limited.
    """

    problem: Problem
    nodes: Ints
    network: Network
    programs: dict[int, Relaxation] = field(default_factory=dict)
    streets: Streets | None = None

    def program(self, worker: int) -> Relaxation:
        """Return the linear program of a worker."""
        if worker not in self.programs:
            self.programs[worker] = Relaxation(self.problem, self.network)
        return self.programs[worker]


def places_of(problem: Problem, roots: Ints, may_serve: Marks) -> list[Place]:
    """Split the choice of root by place: roots that serve much the same nodes stay together."""
    groups: list[list[int]] = []
    reach: list[Marks] = []
    largest = int(may_serve.sum(axis=1).max()) if len(roots) else 0
    for place in range(len(roots)):
        served = may_serve[place]
        for number, union in enumerate(reach):
            if (union | served).sum() <= 1.3 * largest and (union & served).any():
                groups[number].append(place)
                reach[number] = union | served
                break
        else:
            groups.append([place])
            reach.append(served.copy())
    places = []
    for group, served in zip(groups, reach, strict=True):
        part, nodes = problem.part(served)
        number_of = np.full(len(problem), -1, dtype=np.int64)
        number_of[nodes] = np.arange(len(nodes))
        own = np.array(group)
        network = network_of(part, number_of[roots[own]], may_serve[own][:, nodes].copy())
        places.append(Place(part, nodes, network, streets=tree_streets(part)))
    return places


class Tree:
    """Parts that may still hold a better set than the best one known.

    Parameters
    ----------
    problem
        The whole problem.
    places
        Where roots may be.
    chosen
        The best set known, of the whole problem; none if nothing is marked.
    bound
        Bound of the whole that is known already.
    later
        Bound of the sets whose root is in none of the places.
    tolerance
        Share of the value within which a part is done.
    deadline
        When to stop.
    seed
        Where the random search begins.
    """

    def __init__(
        self,
        problem: Problem,
        places: list[Place],
        chosen: Marks,
        *,
        bound: float,
        later: float,
        tolerance: float,
        deadline: Deadline,
        seed: int,
    ) -> None:
        self.problem, self.places = problem, places
        self.chosen = chosen.copy()
        self.value = problem.value(chosen) if problem.fits(chosen) else -np.inf
        self.bound, self.tolerance, self.deadline = bound, tolerance, deadline
        self.parts = 0
        self._look_s = min(_SEARCH_S, 0.005 * deadline.left_s(), 1e-4 * len(problem))
        self._seed = seed
        self._streets = tree_streets(problem)
        self._closed = later
        self._count = 0
        self._heap: list[tuple[float, int, int, Part]] = []
        self._active: dict[int, float] = {}
        self._lock = threading.Lock()
        self._fault: BaseException | None = None
        for number, place in enumerate(places):
            whole = place.program(0)
            self._push(number, Part(whole.lower > 0.5, whole.upper > 0.5, bound, 0))

    def run(self, workers: int) -> None:
        """Work until everything is bounded or the time is up; then `bound` holds."""
        threads = [
            threading.Thread(target=self._work, args=(number,), daemon=True)
            for number in range(workers)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            while thread.is_alive():
                thread.join(_ASK_S)
                self.deadline.over()
        if self._fault is not None:
            raise self._fault
        remaining = -self._heap[0][0] if self._heap else -np.inf
        self.bound = max(min(self.bound, max(remaining, self._closed)), self.value)

    def _push(self, place: int, part: Part) -> None:
        self._count += 1
        heapq.heappush(self._heap, (-part.bound, self._count, place, part))

    def _take(self, worker: int) -> tuple[int, Part] | None:
        """Return the part with the highest bound, or None if none may hold a better set."""
        with self._lock:
            if self._heap and -self._heap[0][0] > goal_above(self.value, self.tolerance):
                _, _, place, part = heapq.heappop(self._heap)
                self._active[worker] = part.bound
                return place, part
        return None

    def _work(self, worker: int) -> None:
        try:
            while not self.deadline.over() and self._fault is None:
                taken = self._take(worker)
                if taken is not None:
                    self._bound(worker, *taken)
                elif self._active:
                    self._search_more()
                else:
                    break
        except BaseException as fault:  # noqa: BLE001 - handed to the caller's thread by run()
            self._fault = fault

    def _bound(self, worker: int, number: int, part: Part) -> None:
        place = self.places[number]
        found = bound_part(
            place.program(worker), part,
            value=lambda shares: self._look_near(place, shares, part.depth),
            best=self.value, deadline=self.deadline, tolerance=self.tolerance,
        )  # fmt: skip
        if found.whole and found.shares is not None:
            self._offer(place, found.shares > 0.5)
        with self._lock:
            del self._active[worker]
            self.parts += found.bound is not None
            self._settle(number, part, found)

    def _settle(self, number: int, part: Part, found: Bounded) -> None:
        if found.bound is None:
            self._push(number, part)
        elif not found.children:
            self._closed = max(self._closed, min(found.bound, part.bound))
        for child in found.children:
            self._push(number, child)

    def _look_near(self, place: Place, shares: Floats, depth: int) -> float:
        """Look for a set near a relaxed solution; returns the weight of the best set known."""
        with self._lock:
            self._seed += 1
            seed, chosen = self._seed, self.chosen[place.nodes]
        inside = chosen.sum() == self.chosen.sum() and chosen.any()
        weight = shares * np.clip(pulled(place.problem), 0.0, None)
        streets = place.streets
        # Where nodes cost as well as streets, both searches find what the other misses.
        if streets is not None and seed % 2 and (streets.weight < 0).any():
            streets = None
        begin: Marks | None = chosen
        if streets is not None and (not inside or seed % 3 == 1):
            begin = None
        elif not inside or (seed % 4 < 2 and streets is None):
            boost = float(np.random.default_rng(seed).choice([1.0, 2.0, 4.0]))
            begin = grown(place.problem, int(np.argmax(weight)), boost=boost, guide=shares)
        found = search(
            place.problem, time_limit_s=self._look_s if depth else 8 * self._look_s, seed=seed,
            begin=begin, guide=0.1 + shares, deadline=self.deadline,
            streets=streets,
        )  # fmt: skip
        self._offer(place, found)
        return self.value

    def _search_more(self) -> None:
        """Spend idle time on the best set."""
        with self._lock:
            self._seed += 1
            seed, begin = self._seed, self.chosen.copy()
        if begin.any():
            whole = Place(self.problem, np.arange(len(self.problem)), self.places[0].network)
            found = search(
                self.problem, time_limit_s=0.2, seed=seed, begin=begin, deadline=self.deadline,
                streets=self._streets,
            )  # fmt: skip
            self._offer(whole, found)
        else:
            time.sleep(0.05)

    def _offer(self, place: Place, chosen: Marks) -> None:
        value = place.problem.value(chosen)
        if value <= self.value + 1e-9 or not place.problem.fits(chosen):
            return
        with self._lock:
            if value > self.value:
                self.value = value
                self.chosen = np.zeros(len(self.problem), dtype=bool)
                self.chosen[place.nodes[chosen]] = True
