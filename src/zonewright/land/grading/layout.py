"""Dividing a block into pads: a regular pattern, or terraces across the fall of the ground."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import numpy as np
import shapely
from shapely import affinity

from zonewright.core.errors import RangeError
from zonewright.core.schema import require_positive
from zonewright.land.grading.columns import columns_of
from zonewright.land.grading.pads import Pad
from zonewright.land.grading.terrain import Floats, Terrain

_SLIVER = 0.1  # of a whole pad: a smaller piece joins its neighbour
_MOST_BANDS = 400
_SEAM_M = 1e-6  # rounding apart which two pieces still meet
_TOUCH_M = 0.1  # common edge that a joined sliver has at least


def regular_pads(
    block: shapely.Geometry,
    *,
    width_m: float,
    depth_m: float,
    turned_deg: float = 0.0,
    max_slope: float = 0.0,
    min_level_m: float | None = None,
) -> tuple[Pad, ...]:
    """Divide a block into rectangles of one size; pieces on the border are cut by it.

    Parameters
    ----------
    block
        In the terrain's frame [m].
    width_m, depth_m
        Size of a pad along and across the pattern [m].
    turned_deg
        The pattern's turn from east, counter-clockwise [degrees].
    max_slope, min_level_m
        Of every pad (`Pad`).

    Returns
    -------
    pads
        Together the block, in rows; a piece below a tenth of a pad is joined to the neighbour with
        the longest common edge.

    Examples
    --------
    >>> pads = regular_pads(shapely.box(0, 0, 250, 100), width_m=100, depth_m=100)
    >>> [(pad.name, pad.polygon.area) for pad in pads]
    [('P1', 10000.0), ('P2', 10000.0), ('P3', 5000.0)]
    """
    require_positive(width_m=width_m, depth_m=depth_m)
    level = affinity.rotate(block, -turned_deg, origin=(0, 0))
    west, south, east, north = shapely.bounds(level)
    columns = np.arange(west, east - 1e-9 * width_m, width_m)
    rows = np.arange(south, north - 1e-9 * depth_m, depth_m)
    x, y = (axis.ravel() for axis in np.meshgrid(columns, rows))
    cells = shapely.intersection(level, shapely.box(x, y, x + width_m, y + depth_m))
    pieces = _without_slivers(cells, _SLIVER * width_m * depth_m)
    return _pads(
        (affinity.rotate(piece, turned_deg, origin=(0, 0)) for piece in pieces),
        max_slope, min_level_m,
    )  # fmt: skip


def terraces(
    terrain: Terrain,
    block: shapely.Geometry,
    *,
    count: int,
    min_width_m: float,
    max_slope: float = 0.0,
    min_level_m: float | None = None,
) -> tuple[Pad, ...]:
    """Divide a block into strips along the contours of its mean fall.

    Parameters
    ----------
    terrain
        Heights on a grid.
    block
        In the terrain's frame [m].
    count
        Number of strips, 1 or more.
    min_width_m
        Least width of a strip, measured down the fall [m].
    max_slope, min_level_m
        Of every pad (`Pad`).

    Returns
    -------
    pads
        Together the block, from the highest ground to the lowest. A strip that the block's outline
        divides is several pads, so that there may be more than `count`.

    Raises
    ------
    RangeError
        If the block is too short for that many strips.

    Notes
    -----
    The plane that fits the ground best gives the direction of the fall. The lines across it are
    placed so that the squared differences of the ground from the mean height of its strip are
    least, exactly, over lines one cell apart (dynamic programming).
    """
    require_positive(count=count, min_width_m=min_width_m)
    columns = columns_of(terrain, block)
    x, y = columns.middle
    away = np.column_stack([columns.x - x, columns.y - y])
    weight = np.sqrt(columns.area_m2)
    terms = np.column_stack([np.ones(len(away)), away]) * weight[:, None]
    slope = np.linalg.lstsq(terms, columns.height_m * weight, rcond=None)[0][1:]
    steep = float(np.hypot(*slope))
    down = -slope / steep if steep > 1e-9 else np.array([0.0, -1.0])
    corners = (shapely.get_coordinates(block) - (x, y)) @ down
    along = away @ down
    start, end = float(corners.min()), float(corners.max())
    cell = max(terrain.cell_x_m, terrain.cell_y_m, (end - start) / _MOST_BANDS)
    bands = max(count, round((end - start) / cell))
    edges = np.linspace(start, end, bands + 1)
    least = int(np.ceil(min_width_m / (edges[1] - edges[0]) - 1e-9))
    if least * count > bands:
        raise RangeError(
            "grading-terraces", count=count, width=min_width_m, length=round(end - start, 1)
        )
    cuts = _best_cuts(along, columns.height_m, columns.area_m2, edges, count, least)
    reach = 2 * float(np.hypot(*np.ptp(shapely.get_coordinates(block), axis=0))) + 1
    across = np.array([-down[1], down[0]]) * reach
    pieces = []
    for top, bottom in pairwise(cuts):
        upper = (x, y) + down * (top if top > start else start - reach)
        lower = (x, y) + down * (bottom if bottom < end else end + reach)
        strip = shapely.Polygon([upper - across, upper + across, lower + across, lower - across])
        pieces.append(shapely.intersection(block, strip))
    sliver = _SLIVER * float(shapely.area(block)) / count
    return _pads(_without_slivers(np.array(pieces), sliver), max_slope, min_level_m)


def _best_cuts(
    along: Floats, height: Floats, area: Floats, edges: Floats, count: int, least: int
) -> Floats:
    """Return the edges of the strips with the least squared differences within them."""
    band = np.clip(np.searchsorted(edges, along, side="right") - 1, 0, len(edges) - 2)
    bands = len(edges) - 1
    sums = [
        np.concatenate([[0.0], np.cumsum(np.bincount(band, values, minlength=bands))])
        for values in (area, area * height, area * height**2)
    ]
    weight, first, second = (total[None, :] - total[:, None] for total in sums)
    spread = second - first**2 / np.where(weight > 0, weight, 1.0)
    place = np.arange(bands + 1)
    spread[place[None, :] - place[:, None] < least] = np.inf
    cost, came = np.where(place == 0, 0.0, np.inf), []
    for _ in range(count):
        through = cost[:, None] + spread
        came.append(through.argmin(axis=0))
        cost = through.min(axis=0)
    cuts = [bands]
    for step in reversed(came):
        cuts.append(int(step[cuts[-1]]))
    return edges[cuts[::-1]]


def _without_slivers(pieces: Iterable[shapely.Geometry], least_m2: float) -> list[shapely.Polygon]:
    """Return the polygons of pieces; small ones joined to the neighbour they share most with."""
    parts = [
        part
        for part in shapely.get_parts(np.array(list(pieces)))
        if part.geom_type == "Polygon" and part.area > 0
    ]
    alone: list[shapely.Polygon] = []
    while parts:
        place = min(range(len(parts)), key=lambda at: parts[at].area)
        small = parts.pop(place)
        if small.area >= least_m2 or not parts:
            return [*parts[:place], small, *parts[place:], *alone]
        reach = shapely.buffer(small, _SEAM_M)
        shared = shapely.length(shapely.intersection(reach, shapely.boundary(parts)))
        best = int(np.argmax(shared))
        joined = shapely.union_all([small, parts[best]], grid_size=_SEAM_M)
        if shared[best] > _TOUCH_M and joined.geom_type == "Polygon":
            parts[best] = joined
        else:
            alone.append(small)
    return alone


def _pads(
    pieces: Iterable[shapely.Polygon], max_slope: float, min_level_m: float | None
) -> tuple[Pad, ...]:
    return tuple(
        Pad(f"P{number}", piece, min_level_m=min_level_m, max_slope=max_slope)
        for number, piece in enumerate(pieces, start=1)
    )
