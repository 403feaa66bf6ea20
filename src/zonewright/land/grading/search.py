"""The search for the cheapest surfaces: tangents to the volumes, and boxes of surfaces.

In one box the linear program gives a bound; its surfaces, settled, give a plan. Tangents are added
where the program thinks the cut smaller than it is, or a slope less steep. Where it thinks the cut
larger - soil dug up and put back, to have it shrink - the box is divided, and the chords over the
halves forbid more of that.
"""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from zonewright.land.grading.model import Model, Point, Setting
from zonewright.land.grading.settle import Settled, Settler
from zonewright.land.grading.terrain import Floats

Progress = Callable[[float, float], None]

_ROUNDS = 400  # of tangents in one box
_EXACT_CNY = 1.0
_FIRST_LEVELS = 9
_SLOPE_SHARE = 1e-7
_CUT_TOLERANCE = 1e-6  # of the unit of volume


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What a search found.

    Parameters
    ----------
    best
        The cheapest plan, None if none was found.
    bound_cny
        No plan costs less [CNY]; infinite if there is none.
    finished
        Whether the gap was reached; else the time was over.
    """

    best: Settled | None
    bound_cny: float
    finished: bool


@dataclass(order=True, slots=True)
class _Box:
    bound: float
    number: int
    low: Floats = field(compare=False)
    high: Floats = field(compare=False)


def search(
    setting: Setting,
    *,
    tied: bool,
    gap: float,
    time_limit_s: float,
    start: Settled | None = None,
    progress: Progress | None = None,
) -> Found:
    """Return the cheapest surfaces, to a gap or a time.

    Parameters
    ----------
    setting
        The problem.
    tied
        Whether all pads lie in one plane.
    gap
        Share of the cost at which to stop.
    time_limit_s
        Time after which to stop [s].
    start
        A plan that is known already.
    progress
        Called with cost and bound [CNY] whenever one of them is better.
    """
    model, settler = Model(setting, tied=tied), Settler(setting)
    low, high = _whole(setting)
    _add_first_tangents(model, setting)
    run = _Run(model, settler, setting, gap, time.perf_counter() + time_limit_s, start, progress)
    boxes = [_Box(-np.inf, 0, low, high)]
    number = 1
    while boxes:
        box = heapq.heappop(boxes)
        run.floor = min(box.bound, run.cost)
        if run.closed(box.bound):
            boxes.append(box)
            break
        model.set_box(box.low, box.high)
        point = run.look(box.bound)
        if run.late():
            boxes.append(_Box(max(box.bound, run.seen), 0, box.low, box.high))
            break
        if point is None:
            continue
        halves = _halves(setting, box, point)
        if not halves:
            run.pruned = min(run.pruned, point.objective)
        for half_low, half_high in halves:
            heapq.heappush(boxes, _Box(point.objective, number, half_low, half_high))
            number += 1
    bound = min([run.cost, run.pruned, *(box.bound for box in boxes)])
    return Found(run.best, bound, not boxes or run.closed(bound))


class _Run:
    """The best plan so far, and when to stop."""

    def __init__(
        self,
        model: Model,
        settler: Settler,
        setting: Setting,
        gap: float,
        until: float,
        start: Settled | None,
        progress: Progress | None,
    ) -> None:
        self._model, self._settler, self._setting = model, settler, setting
        self._gap, self._until, self._progress = gap, until, progress
        self._steepest = setting.steepest
        self.best = start
        self.floor = -np.inf
        self.pruned = np.inf
        self.seen = -np.inf

    @property
    def cost(self) -> float:
        return np.inf if self.best is None else self.best.cost_cny

    def late(self) -> bool:
        return time.perf_counter() > self._until

    def closed(self, bound: float) -> bool:
        """Return whether nothing much cheaper can lie above a bound."""
        if self.best is None:
            return False
        return self.cost - bound <= max(_EXACT_CNY, self._gap * self.cost)

    def look(self, known: float) -> Point | None:
        """Return the box's point if it must be divided, None if it is done with."""
        self.seen = known
        units = _CUT_TOLERANCE * self._setting.unit_m3
        point = Point(known, np.empty((0, 3)), np.empty(0))
        for _ in range(_ROUNDS):
            point = self._model.minimise()
            if not np.isfinite(point.objective):
                return None
            self.seen = max(self.seen, point.objective)
            self._try(point.surfaces)
            if self.closed(point.objective):
                self.pruned = min(self.pruned, point.objective)
                return None
            if self.late():
                return point
            short = [
                k
                for k, ground in enumerate(self._setting.grounds)
                if ground.cut_fill(point.surfaces[k])[0] > point.cuts_m3[k] + units
            ]
            for k in short:
                self._model.add_tangent(k, point.surfaces[k])
            rises = np.hypot(point.surfaces[:, 1], point.surfaces[:, 2])
            steep = np.flatnonzero(rises > self._steepest * (1 + _SLOPE_SHARE) + 1e-9).tolist()
            for k in steep:
                self._model.keep_slope(k, point.surfaces[k])
            if not short and not len(steep):
                break
        return point

    def _try(self, surfaces: Floats) -> None:
        ways = (False, True) if self._setting.problem.sites_used else (False,)
        for even in ways:
            settled = self._settler.settle(surfaces, even=even)
            if settled is not None and settled.cost_cny < self.cost:
                self.best = settled
                if self._progress is not None:
                    self._progress(self.cost, max(self.floor, min(self.seen, self.cost)))


def _whole(setting: Setting) -> tuple[Floats, Floats]:
    """Return a box in which all sensible surfaces lie.

    The middle of a pad keeps the pad's limits. Without limits levels may leave the range of the
    ground, but never by more than all soil above the lowest ground spread on the smallest pad.
    """
    above = np.concatenate([ground.above_m for ground in setting.grounds])
    areas = np.array([ground.area_m2 for ground in setting.grounds])
    limits = [
        limit - setting.grounds[0].base_m
        for pad in setting.problem.pads
        for limit in (pad.min_level_m, pad.max_level_m)
        if limit is not None
    ]
    bottom, top = min([above.min(), *limits]), max([above.max(), *limits])
    room = (top - bottom + 1.0) * areas.sum() / areas.min()
    rise = setting.steepest
    base = setting.grounds[0].base_m
    low = [
        bottom - room if pad.min_level_m is None else pad.min_level_m - base
        for pad in setting.problem.pads
    ]
    high = [
        top + room if pad.max_level_m is None else pad.max_level_m - base
        for pad in setting.problem.pads
    ]
    return np.column_stack([low, -rise, -rise]), np.column_stack([high, rise, rise])


def _add_first_tangents(model: Model, setting: Setting) -> None:
    for k, ground in enumerate(setting.grounds):
        for level in np.quantile(ground.above_m, np.linspace(0.0, 1.0, _FIRST_LEVELS)):
            model.add_tangent(k, np.array([level, 0.0, 0.0]))


def _halves(setting: Setting, box: _Box, point: Point) -> list[tuple[Floats, Floats]]:
    """Return the box divided where the program dug most for nothing."""
    extra = point.cuts_m3 - [
        ground.cut_fill(surface)[0]
        for ground, surface in zip(setting.grounds, point.surfaces, strict=True)
    ]
    k = int(np.argmax(extra))
    axis = int(np.argmax(box.high[k] - box.low[k]))
    low, high = float(box.low[k, axis]), float(box.high[k, axis])
    if high - low < 1e-9:
        return []
    margin = 0.1 * (high - low)
    at = float(np.clip(point.surfaces[k, axis], low + margin, high - margin))
    upper_low, lower_high = box.low.copy(), box.high.copy()
    upper_low[k, axis] = lower_high[k, axis] = at
    return [(box.low, lower_high), (upper_low, box.high)]
