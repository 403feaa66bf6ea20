"""The linear program of grading: surfaces, volumes, haul, steps.

Variables: of each pad its surface (three numbers, `PadGround`) and its cut; the soil on each way;
the height of each retained piece of edge. The fill is no variable: cut less fill is linear in the
surface. The cut is kept above tangents, which are added where a solution needs them, and below a
chord over the box of surfaces that is looked at. The circle of slopes has tangents too. Volumes
are counted in hundredths of a metre over the whole block, so that all numbers are of one size.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zonewright.land.grading._highs import Program
from zonewright.land.grading.edges import Edges
from zonewright.land.grading.ground import PadGround
from zonewright.land.grading.pads import Pad
from zonewright.land.grading.problem import GradingProblem
from zonewright.land.grading.terrain import Floats
from zonewright.land.grading.ways import Ways

_SIDES = 16  # of the first polygon around the circle of slopes
_UNIT_DEPTH_M = 0.01


@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """A problem with what is computed from it once.

    Parameters
    ----------
    problem
        As given.
    grounds
        The ground of each pad.
    edges
        Where pads meet.
    ways
        Where soil can go.
    """

    problem: GradingProblem
    grounds: tuple[PadGround, ...]
    edges: Edges
    ways: Ways

    @property
    def unit_m3(self) -> float:
        """Volume that is 1 in the linear programs [m³]."""
        return _UNIT_DEPTH_M * sum(ground.area_m2 for ground in self.grounds)

    @property
    def steepest(self) -> Floats:
        """Largest rise of each pad over its reach, shape (k,) [m]."""
        pairs = zip(self.problem.pads, self.grounds, strict=True)
        return np.array([pad.max_slope * ground.reach_m for pad, ground in pairs])


@dataclass(frozen=True, slots=True, eq=False)
class Point:
    """A solution of the linear program.

    Parameters
    ----------
    objective
        Cost [CNY]; infinite if there is no solution.
    surfaces
        Shape (k, 3) [m].
    cuts_m3
        Cut of each pad as the program sees it, shape (k,) [m³].
    """

    objective: float
    surfaces: Floats
    cuts_m3: Floats


class Model:
    """The linear program over a setting; with `tied`, all pads lie in one plane."""

    def __init__(self, setting: Setting, *, tied: bool) -> None:
        self._setting = setting
        self._program = Program()
        self._unit = setting.unit_m3
        self._steepest = setting.steepest
        self._offset = self._add_variables()
        self._add_haul()
        for place, (pad, ground) in enumerate(
            zip(setting.problem.pads, setting.grounds, strict=True)
        ):
            self._add_slopes(place, pad, ground)
            self._add_levels(place, pad, ground)
        self._add_steps()
        if tied:
            self._tie()
        self._chords = [
            self._program.row(-np.inf, np.inf, [self._cut(k), *self._surface(k)], [1.0, 1, 1, 1])
            for k in range(len(setting.grounds))
        ]

    def set_box(self, low: Floats, high: Floats) -> None:
        """Look only at surfaces in a box, shapes (k, 3) [m]."""
        for k, ground in enumerate(self._setting.grounds):
            constant, slopes = ground.chord(low[k], high[k])
            for column, least, most, slope in zip(
                self._surface(k), low[k], high[k], slopes, strict=True
            ):
                self._program.set_bounds(column, float(least), float(most))
                self._program.set_coefficient(self._chords[k], column, -float(slope) / self._unit)
            self._program.set_row(self._chords[k], -np.inf, constant / self._unit)

    def add_tangent(self, k: int, surface: Floats) -> None:
        """Keep the cut of a pad above its tangent at a surface."""
        cut, slopes = self._setting.grounds[k].tangent(surface)
        self._program.row(
            (cut - float(slopes @ surface)) / self._unit, np.inf,
            [self._cut(k), *self._surface(k)], [1.0, *(-slopes / self._unit)],
        )  # fmt: skip

    def keep_slope(self, k: int, surface: Floats) -> None:
        """Keep the slope of a pad below its steepest in the direction in which a surface rises."""
        east, north = surface[1:] / np.hypot(*surface[1:])
        self._limit_slope(k, float(east), float(north))

    def minimise(self) -> Point:
        """Return the cheapest point of the program."""
        solved = self._program.minimise()
        count = len(self._setting.grounds)
        if not solved.feasible:
            return Point(np.inf, np.empty((0, 3)), np.empty(0))
        surfaces = solved.values[: 3 * count].reshape(count, 3)
        cuts = solved.values[3 * count : 4 * count] * self._unit
        return Point((solved.objective + self._offset) * self._unit, surfaces, cuts)

    def _surface(self, k: int) -> range:
        return range(3 * k, 3 * k + 3)

    def _cut(self, k: int) -> int:
        return 3 * len(self._setting.grounds) + k

    def _add_variables(self) -> float:
        """Add surfaces, cuts and ways with their costs; return the constant cost."""
        setting, rates = self._setting, self._setting.problem.rates
        share = np.array([ground.area_m2 for ground in setting.grounds]) / self._unit
        mean = np.array([ground.mean_m for ground in setting.grounds])
        costs = np.zeros((len(share), 3))
        costs[:, 0] = rates.fill_cny_m3 * share
        self._program.columns(costs.ravel(), -np.inf, np.inf)
        self._program.columns(
            np.full(len(share), rates.cut_cny_m3 + rates.fill_cny_m3), 0.0, np.inf
        )
        ways = self._program.columns(setting.ways.price_cny_m3, 0.0, np.inf)
        self._first_way = ways.start
        return float(-rates.fill_cny_m3 * (share @ mean))

    def _add_haul(self) -> None:
        """Add what goes out of each pad, what comes in, and the capacities of sites."""
        setting, ways = self._setting, self._setting.ways
        shrink = setting.problem.rates.shrink
        for k, ground in enumerate(setting.grounds):
            level, share = self._surface(k)[0], ground.area_m2 / self._unit
            out = self._first_way + np.flatnonzero(ways.source == k)
            self._program.row(0.0, 0.0, [*out, self._cut(k)], [*np.ones(len(out)), -1.0])
            come = self._first_way + np.flatnonzero(ways.target == k)
            self._program.row(
                -share * ground.mean_m, -share * ground.mean_m,
                [*come, self._cut(k), level], [*np.full(len(come), shrink), -1.0, -share],
            )  # fmt: skip
            # The fill, cut - share (mean - level), is not below 0.
            self._program.row(share * ground.mean_m, np.inf, [self._cut(k), level], [1.0, share])
        for place, site in enumerate(setting.problem.sites_used):
            used = self._first_way + np.flatnonzero(ways.site == place)
            most = site.capacity_m3 / self._unit
            self._program.row(-np.inf, most, used, np.ones(len(used)))

    def _add_slopes(self, k: int, pad: Pad, ground: PadGround) -> None:
        _, east, north = self._surface(k)
        if not pad.max_slope:
            for column in (east, north):
                self._program.row(0.0, 0.0, [column], [1.0])
            return
        fall = float(np.radians(pad.falls_to_deg or 0.0))
        for angle in fall + 2 * np.pi / _SIDES * np.arange(_SIDES):
            self._limit_slope(k, float(np.sin(angle)), float(np.cos(angle)))
        if pad.falls_to_deg is not None and pad.min_slope:
            least = pad.min_slope * ground.reach_m
            self._program.row(least, np.inf, [east, north], [-np.sin(fall), -np.cos(fall)])

    def _limit_slope(self, k: int, east: float, north: float) -> None:
        """Add a tangent to the circle of slopes in a direction of length 1."""
        most = float(self._steepest[k])
        self._program.row(-np.inf, most, self._surface(k)[1:], [east, north])

    def _add_levels(self, k: int, pad: Pad, ground: PadGround) -> None:
        if pad.min_level_m is None and pad.max_level_m is None:
            return
        low = -np.inf if pad.min_level_m is None else pad.min_level_m - ground.base_m
        high = np.inf if pad.max_level_m is None else pad.max_level_m - ground.base_m
        points = pad.corners if pad.max_slope else np.array([ground.middle])
        for terms in terms_at(ground, points):
            self._program.row(low, high, self._surface(k), terms)

    def _add_steps(self) -> None:
        """Add the largest step at both ends of each piece, and its wall at the middle."""
        setting, edges = self._setting, self._setting.edges
        limit, wall = setting.problem.max_step_m, setting.problem.rates.wall_cny_m2
        for place in range(len(edges)):
            one, other = int(edges.first[place]), int(edges.second[place])
            columns = [*self._surface(one), *self._surface(other)]
            points = np.stack([edges.start[place], edges.end[place], edges.middle[place]])
            terms = np.hstack(
                [terms_at(setting.grounds[one], points), -terms_at(setting.grounds[other], points)]
            )
            if limit is not None:
                for end in terms[:2]:
                    self._program.row(-limit, limit, columns, end)
            if wall:
                cost = wall * edges.length_m[place] / self._unit
                height = self._program.columns([cost], 0.0, np.inf).start
                for sign in (1.0, -1.0):
                    self._program.row(0.0, np.inf, [height, *columns], [1.0, *(sign * terms[2])])

    def _tie(self) -> None:
        """Put all pads into the plane of the first."""
        grounds = self._setting.grounds
        for k in range(1, len(grounds)):
            here = np.array([grounds[k].middle])
            first, own = list(self._surface(0)), list(self._surface(k))
            self._program.row(0.0, 0.0, [own[0], *first], [-1.0, *terms_at(grounds[0], here)[0]])
            for axis in (1, 2):
                values = [1 / grounds[0].reach_m, -1 / grounds[k].reach_m]
                self._program.row(0.0, 0.0, [first[axis], own[axis]], values)


def terms_at(ground: PadGround, points: Floats) -> Floats:
    """Return what makes a pad's surface into heights above the base at points, shape (n, 3)."""
    away = (points - ground.middle) / ground.reach_m
    return np.column_stack([np.ones(len(points)), away])
