"""What a map and a section of a plan show: heights of cut and fill, and profiles."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np
import shapely

from zonewright.core.schema import require_positive
from zonewright.land.grading.columns import columns_of
from zonewright.land.grading.plan import GradingPlan
from zonewright.land.grading.problem import GradingProblem
from zonewright.land.grading.terrain import Floats


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """The ground and the finished surface along a line, n points.

    Parameters
    ----------
    distance_m
        From the start of the line, not falling, shape (n,) [m]; the edge of a pad stands there
        twice, with the height of either side.
    x, y
        Shape (n,) [m].
    ground_m
        Height before; NaN where the terrain has none [m].
    finished_m
        Height after; NaN outside the pads [m].
    pad
        Name of the pad, empty outside.
    """

    distance_m: Floats
    x: Floats
    y: Floats
    ground_m: Floats
    finished_m: Floats
    pad: tuple[str, ...]


def cut_fill_map(problem: GradingProblem, plan: GradingPlan) -> Floats:
    """Return how far the finished surface lies above the ground in each cell of the terrain.

    Parameters
    ----------
    problem, plan
        What was asked, and the answer.

    Returns
    -------
    rise_m
        In the shape of the terrain [m]: above 0 is fill, below 0 cut; NaN outside the pads and
        where the ground is not known. A cell of several pads has their mean by area.
    """
    shape = problem.terrain.heights_m.shape
    area, volume = np.zeros(shape), np.zeros(shape)
    for pad, planned in zip(problem.pads, plan.pads, strict=True):
        columns = columns_of(problem.terrain, pad.polygon)
        rise = planned.plane.heights_at(columns.x, columns.y) - columns.height_m
        np.add.at(area, (columns.row, columns.column), columns.area_m2)
        np.add.at(volume, (columns.row, columns.column), columns.area_m2 * rise)
    rise_m: Floats = np.divide(volume, area, out=np.full(shape, np.nan), where=area > 0)
    return rise_m


def cross_section(
    problem: GradingProblem,
    plan: GradingPlan,
    line: shapely.LineString,
    *,
    spacing_m: float | None = None,
) -> Profile:
    """Return the ground and the finished surface along a line.

    Parameters
    ----------
    problem, plan
        What was asked, and the answer.
    line
        In the terrain's frame, not crossing itself [m].
    spacing_m
        Largest distance between points [m]; None takes half a cell.
    """
    terrain = problem.terrain
    spacing = spacing_m or min(terrain.cell_x_m, terrain.cell_y_m) / 2
    require_positive(spacing_m=spacing)
    spans = sorted(_spans(problem, line))
    length = float(line.length)
    filled = _with_gaps(spans, length)
    points, planes, names = [], [], []
    for start, end, place in filled:
        along = np.linspace(start, end, max(2, ceil((end - start) / spacing) + 1))
        points.append(along)
        x, y = _at(line, along)
        inside = place >= 0
        planes.append(
            plan.pads[place].plane.heights_at(x, y) if inside else np.full(len(along), np.nan)
        )
        names += [problem.pads[place].name if inside else ""] * len(along)
    distance = np.concatenate(points)
    x, y = _at(line, distance)
    ground = terrain.heights_at(x, y)
    return Profile(distance, x, y, ground, np.concatenate(planes), tuple(names))


def _spans(problem: GradingProblem, line: shapely.LineString) -> list[tuple[float, float, int]]:
    """Return from where to where along the line it lies in which pad."""
    spans = []
    for place, pad in enumerate(problem.pads):
        for part in shapely.get_parts(shapely.intersection(line, pad.polygon)):
            if part.length > 0:
                ends = shapely.get_coordinates(part)[[0, -1]]
                start, end = sorted(shapely.line_locate_point(line, shapely.points(ends)).tolist())
                spans.append((start, end, place))
    return spans


def _with_gaps(
    spans: list[tuple[float, float, int]], length: float
) -> list[tuple[float, float, int]]:
    """Return spans without overlap over the whole line; outside pads the place is -1."""
    filled, reached = [], 0.0
    for start, end, place in spans:
        if start > reached + 1e-6:
            filled.append((reached, start, -1))
        if end > max(start, reached):
            filled.append((max(start, reached), end, place))
        reached = max(reached, end)
    if length > reached + 1e-6 or not filled:
        filled.append((reached, length, -1))
    return filled


def _at(line: shapely.LineString, distance_m: Floats) -> tuple[Floats, Floats]:
    points = shapely.line_interpolate_point(line, distance_m)
    return shapely.get_x(points), shapely.get_y(points)
