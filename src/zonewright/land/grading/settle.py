"""What surfaces really cost: exact volumes, the soil in balance, and the cheapest haul."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from zonewright.land.grading._highs import Program
from zonewright.land.grading.model import Setting, terms_at
from zonewright.land.grading.terrain import Floats, Ints

STEP_TOLERANCE_M = 1e-4
_LEVEL_TOLERANCE_M = 1e-5
_FALL_TOLERANCE = 5e-7
_SLACK = 1e-9  # of all soil that is moved: rounding, where a balance is exact


@dataclass(frozen=True, slots=True, eq=False)
class Settled:
    """Surfaces that keep every limit, and what they cost.

    Parameters
    ----------
    surfaces
        Shape (k, 3) [m].
    cuts_m3, fills_m3
        Exact volumes of each pad in place, shape (k,) [m³].
    amounts_m3
        Soil on each way in place, shape (w,) [m³].
    walls_m2
        Face of the retained piece of each edge, shape (e,) [m²].
    cost_cny
        All together [CNY].
    """

    surfaces: Floats
    cuts_m3: Floats
    fills_m3: Floats
    amounts_m3: Floats
    walls_m2: Floats
    cost_cny: float


class Settler:
    """Settles surfaces again and again over one setting."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._haul, self._rows = _haul_program(setting)
        heights = np.concatenate([ground.above_m for ground in setting.grounds])
        self._most_shift_m = float(np.ptp(heights)) + 1.0
        self._steepest = setting.steepest
        self._middles = np.array([ground.middle for ground in setting.grounds])
        self._reaches = np.array([ground.reach_m for ground in setting.grounds])

    def settle(self, surfaces: Floats, *, even: bool = False) -> Settled | None:
        """Return the surfaces, raised or lowered together until the soil fits, with their cost.

        None if they cannot be: a level, a step or a capacity stands against it. With `even` no site
        is used, though it might be.
        """
        balanced = self._balanced(self._flattened(surfaces), even=even)
        if balanced is None or not (self._falls_kept(balanced) and self._steps_kept(balanced)):
            return None
        cuts, fills = self._volumes(balanced)
        amounts = self._amounts(cuts, fills)
        if amounts is None:
            return None
        walls = self.walls_m2(balanced)
        rates = self._setting.problem.rates
        cost = (
            rates.cut_cny_m3 * cuts.sum()
            + rates.fill_cny_m3 * fills.sum()
            + self._setting.ways.price_cny_m3 @ amounts
            + rates.wall_cny_m2 * walls.sum()
        )
        return Settled(balanced, cuts, fills, amounts, walls, float(cost))

    def _flattened(self, surfaces: Floats) -> Floats:
        """Return the surfaces with slopes that are too steep brought to the steepest."""
        rise = np.hypot(surfaces[:, 1], surfaces[:, 2])
        share = np.where(rise > self._steepest, self._steepest / np.maximum(rise, 1e-12), 1.0)
        flattened: Floats = surfaces * np.column_stack([np.ones(len(share)), share, share])
        return flattened

    def surplus_m3(self, surfaces: Floats) -> float:
        """Return what is left of the cut after all fill, compacted [m³]; below 0 if it lacks."""
        cuts, fills = self._volumes(surfaces)
        return float(self._setting.problem.rates.shrink * cuts.sum() - fills.sum())

    def walls_m2(self, surfaces: Floats) -> Floats:
        """Return the face of each piece of edge, by the step at its middle, shape (e,) [m²]."""
        edges = self._setting.edges
        return np.abs(self._steps(surfaces, edges.middle)) * edges.length_m

    def _volumes(self, surfaces: Floats) -> tuple[Floats, Floats]:
        pairs = zip(self._setting.grounds, surfaces, strict=True)
        volumes = np.array([ground.cut_fill(surface) for ground, surface in pairs])
        return volumes[:, 0], volumes[:, 1]

    def _balanced(self, surfaces: Floats, *, even: bool) -> Floats | None:
        """Return the surfaces, shifted as little as the soil asks, within their limits."""
        low, high = self._level_limits(surfaces)
        least, most = (0.0, 0.0) if even else self._surplus_limits()

        def shifted(shift_m: float) -> Floats:
            moved = surfaces.copy()
            moved[:, 0] = np.clip(surfaces[:, 0] + shift_m, low, high)
            return moved

        start = shifted(0.0)
        surplus = self.surplus_m3(start)
        if least <= surplus <= most:
            return start
        wanted = most if surplus > most else least

        def over(shift_m: float) -> float:
            return self.surplus_m3(shifted(shift_m)) - wanted

        end = self._most_shift_m if surplus > most else -self._most_shift_m
        if over(end) * (surplus - wanted) > 0:
            return None
        return shifted(float(brentq(over, min(0.0, end), max(0.0, end), xtol=1e-13, rtol=1e-14)))

    def _level_limits(self, surfaces: Floats) -> tuple[Floats, Floats]:
        """Return between which levels each pad may move with its slopes, shapes (k,) [m]."""
        limits = []
        for pad, ground, surface in zip(
            self._setting.problem.pads, self._setting.grounds, surfaces, strict=True
        ):
            rise = terms_at(ground, pad.corners)[:, 1:] @ surface[1:]
            low = -np.inf if pad.min_level_m is None else pad.min_level_m - ground.base_m
            high = np.inf if pad.max_level_m is None else pad.max_level_m - ground.base_m
            low, high = low - float(rise.min()), high - float(rise.max())
            if low > high and low - high < _LEVEL_TOLERANCE_M:
                low = high = (low + high) / 2
            limits.append((low, max(low, high)))
        least, most = zip(*limits, strict=True)
        return np.array(least), np.array(most)

    def _surplus_limits(self) -> tuple[float, float]:
        """Return how much soil may lack and be left, compacted [m³]."""
        shrink = self._setting.problem.rates.shrink
        least = most = 0.0
        for site in self._setting.problem.sites_used:
            if site.kind == "borrow":
                least -= shrink * site.capacity_m3
            else:
                most += shrink * site.capacity_m3
        return least, most

    def _falls_kept(self, surfaces: Floats) -> bool:
        for pad, ground, surface in zip(
            self._setting.problem.pads, self._setting.grounds, surfaces, strict=True
        ):
            if pad.falls_to_deg is not None:
                way = np.radians(pad.falls_to_deg)
                fall = -(surface[1] * np.sin(way) + surface[2] * np.cos(way)) / ground.reach_m
                if fall < pad.min_slope - _FALL_TOLERANCE:
                    return False
        return True

    def _steps_kept(self, surfaces: Floats) -> bool:
        limit, edges = self._setting.problem.max_step_m, self._setting.edges
        if limit is None or not len(edges):
            return True
        steps = [np.abs(self._steps(surfaces, points)).max() for points in (edges.start, edges.end)]
        return bool(max(steps) <= limit + STEP_TOLERANCE_M)

    def _steps(self, surfaces: Floats, points: Floats) -> Floats:
        """Return how far the first pad lies above the second at a point of each piece [m]."""
        edges = self._setting.edges
        step: Floats = self._heights(surfaces, edges.first, points) - self._heights(
            surfaces, edges.second, points
        )
        return step

    def _heights(self, surfaces: Floats, pads: Ints, points: Floats) -> Floats:
        """Return the height above the base of one pad's surface at each point [m]."""
        own = surfaces[pads]
        away = (points - self._middles[pads]) / self._reaches[pads, None]
        height: Floats = own[:, 0] + (own[:, 1:] * away).sum(axis=1)
        return height

    def _amounts(self, cuts: Floats, fills: Floats) -> Floats | None:
        """Return the soil on each way that costs least [m³], None if it cannot be carried."""
        unit = self._setting.unit_m3
        slack = _SLACK * max(cuts.sum(), fills.sum()) / unit
        for (out, come), cut, fill in zip(self._rows, cuts / unit, fills / unit, strict=True):
            self._haul.set_row(out, cut, cut)
            self._haul.set_row(come, max(0.0, fill - slack), fill + slack)
        solved = self._haul.minimise()
        return np.maximum(solved.values, 0.0) * unit if solved.feasible else None


def _haul_program(setting: Setting) -> tuple[Program, list[tuple[int, int]]]:
    """Return the flow of soil, and of each pad the rows of what goes out and what comes in."""
    program, ways = Program(), setting.ways
    program.columns(ways.price_cny_m3, 0.0, np.inf)
    rows = []
    for k in range(len(setting.grounds)):
        out, come = np.flatnonzero(ways.source == k), np.flatnonzero(ways.target == k)
        shrink = np.full(len(come), setting.problem.rates.shrink)
        rows.append(
            (
                program.row(0.0, 0.0, out, np.ones(len(out))),
                program.row(0.0, 0.0, come, shrink),
            )
        )
    for place, site in enumerate(setting.problem.sites_used):
        used = np.flatnonzero(ways.site == place)
        most = site.capacity_m3 / setting.unit_m3
        program.row(-np.inf, most, used, np.ones(len(used)))
    return program, rows
