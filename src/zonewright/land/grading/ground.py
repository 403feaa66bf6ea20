"""The cut of a pad as a function of its surface: convex, with exact tangents and chords."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from zonewright.core.errors import InputError
from zonewright.land.grading._sums import cut_and_fill, tangent_of_cut
from zonewright.land.grading.columns import Columns, columns_of
from zonewright.land.grading.pads import Pad, Plane
from zonewright.land.grading.terrain import Floats, Terrain


@dataclass(frozen=True, slots=True, eq=False)
class PadGround:
    """The ground of a pad in the terms of the model.

    A surface is three numbers (level, rise to the east, rise to the north), all in metres: the
    level in the middle of the ground above `base_m`, and the rises over `reach_m`.

    Parameters
    ----------
    columns
        The ground.
    middle
        Center of the ground [m].
    reach_m
        Distance over which the rises are measured [m].
    base_m
        Height from which levels are counted [m].
    terms
        Shape (n, 3): 1 and the scaled offsets of each column, so that terms @ surface is the
        surface's height above the base.
    above_m
        Height of each column above the base, shape (n,) [m].
    """

    columns: Columns
    middle: tuple[float, float]
    reach_m: float
    base_m: float
    terms: Floats
    above_m: Floats

    @property
    def area_m2(self) -> float:
        """Area of the ground [m²]."""
        return self.columns.total_m2

    @property
    def mean_m(self) -> float:
        """Mean height above the base [m]."""
        return float(np.average(self.above_m, weights=self.columns.area_m2))

    def tangent(self, surface: Floats) -> tuple[float, Floats]:
        """Return the cut at a surface [m³] and how it changes with each of its numbers [m²]."""
        found = tangent_of_cut(self.terms, self.above_m, self.columns.area_m2, surface)
        return float(found[0]), -found[1:]

    def cut_fill(self, surface: Floats) -> tuple[float, float]:
        """Return cut and fill at a surface [m³]."""
        cut, fill = cut_and_fill(self.terms, self.above_m, self.columns.area_m2, surface)
        return float(cut), float(fill)

    def chord(self, low: Floats, high: Floats) -> tuple[float, Floats]:
        """Return a linear function that is nowhere below the cut in a box of surfaces.

        Notes
        -----
        In the box the surface over a column lies between two heights; the column's cut is convex in
        it, hence not above the chord between these two.

        Returns
        -------
        constant, slopes
            The cut is at most constant + slopes · surface [m³].
        """
        ends = np.stack([self.terms * low, self.terms * high])
        least, most = ends.min(axis=0).sum(axis=1), ends.max(axis=0).sum(axis=1)
        span = most - least
        share = np.where(span > 0, (self.above_m - least) / np.where(span > 0, span, 1.0), 1.0)
        share = np.where(self.above_m >= most, 1.0, np.clip(share, 0.0, 1.0))
        share = np.where(self.above_m <= least, 0.0, share)
        area = self.columns.area_m2
        reached = np.where(self.above_m >= most, self.above_m, most)
        return float((area * share) @ reached), -((area * share) @ self.terms)

    def plane(self, surface: Floats) -> Plane:
        """Return a surface as a plane in the terrain's frame."""
        level, east, north = (float(value) for value in surface)
        return Plane(self.base_m + level, *self.middle, east / self.reach_m, north / self.reach_m)


def grounds_of(terrain: Terrain, pads: Sequence[Pad]) -> tuple[PadGround, ...]:
    """Return the ground of each pad.

    Raises
    ------
    InputError
        If a pad has no ground with heights.
    """
    found = [columns_of(terrain, pad.polygon) for pad in pads]
    for pad, columns in zip(pads, found, strict=True):
        if not len(columns.area_m2):
            raise InputError("grading-no-ground", pad=pad.name)
    weights = [columns.total_m2 for columns in found]
    base_m = float(np.average([columns.mean_m for columns in found], weights=weights))
    return tuple(_ground(columns, base_m) for columns in found)


def _ground(columns: Columns, base_m: float) -> PadGround:
    middle = columns.middle
    reach_m = max(1.0, float(np.sqrt(columns.total_m2)) / 2)
    east, north = (columns.x - middle[0]) / reach_m, (columns.y - middle[1]) / reach_m
    terms = np.column_stack([np.ones(len(east)), east, north])
    return PadGround(columns, middle, reach_m, base_m, terms, columns.height_m - base_m)
