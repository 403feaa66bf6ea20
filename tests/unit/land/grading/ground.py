"""Grounds and blocks for the tests of grading."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from zonewright.land.grading import GradingProblem, Pad, Rates, Terrain

SAMPLES = Path(__file__).parents[3] / "data" / "dem"
RATES = Rates(
    cut_cny_m3=12.0, fill_cny_m3=6.0, haul_cny_m3_km=2.5, wall_cny_m2=300.0, swell=1.25, shrink=0.9
)


def expected() -> list[dict[str, str]]:
    """Return what others computed of each sample."""
    return list(csv.DictReader((SAMPLES / "expected.csv").read_text("utf-8").splitlines()))


def terrain_of(heights: object, cell_m: float = 10.0) -> Terrain:
    """Return a terrain whose south-western corner is the origin."""
    grid = np.atleast_2d(np.asarray(heights, dtype=np.float64))
    return Terrain(grid, 0.0, grid.shape[0] * cell_m, cell_m, cell_m)


def hills(seed: int, rows: int = 12, columns: int = 12, cell_m: float = 10.0) -> Terrain:
    """Return smooth random hills on a slope."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:rows, :columns] / 6.0
    waves = rng.normal(size=(3, 4))
    heights = sum(
        2 * a * np.sin(b * x + c * y + d) for a, b, c, d in waves
    ) + 1.5 * rng.normal() * x  # fmt: skip
    return terrain_of(heights + 50.0, cell_m)


def quarters(terrain: Terrain, **limits: Any) -> tuple[Pad, ...]:
    """Return the four quarters of a terrain as pads."""
    west, south, east, north = terrain.bounds
    x, y = (west + east) / 2, (south + north) / 2
    boxes = {
        "NW": (west, y, x, north), "NE": (x, y, east, north),
        "SW": (west, south, x, y), "SE": (x, south, east, y),
    }  # fmt: skip
    return tuple(Pad(name, shapely.box(*box), **limits) for name, box in boxes.items())


def problem_of(terrain: Terrain, *, rates: Rates = RATES, **rules: Any) -> GradingProblem:
    """Return the grading of a terrain's quarters under limits of pads and rules of the problem."""
    names = ("max_slope", "min_level_m", "max_level_m", "falls_to_deg", "min_slope")
    limits = {name: rules.pop(name) for name in names if name in rules}
    return GradingProblem(terrain, quarters(terrain, **limits), rates, **rules)
