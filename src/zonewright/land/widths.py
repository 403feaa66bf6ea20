"""How wide a polygon is: across its hull, and at its narrowest passage."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
# So much less width is let pass [m].
_PLAY_M = 0.01
# A part beyond a passage counts if a disc this much wider than the passage fits into it.
_WIDER = 1.02
_MOST_POINTS = 2_400
# A point of the polygon is at most so many widths from where a disc of that width fits.
_REACH = 2.0
_ROWS_AT_ONCE = 64


def hull_width_m(polygon: shapely.Geometry) -> float:
    """Return the smallest distance of two parallel lines with the polygon between them [m].

    Exact: one of the lines lies along an edge of the convex hull.

    Examples
    --------
    >>> hull_width_m(shapely.box(0, 0, 300, 100))
    100.0
    """
    points = shapely.get_coordinates(shapely.convex_hull(polygon))[:-1]
    if len(points) < 3:
        return 0.0
    edges = np.roll(points, -1, axis=0) - points
    length = np.hypot(edges[:, 0], edges[:, 1])
    across = np.column_stack([-edges[:, 1], edges[:, 0]]) / length[:, None]
    reach = np.abs((points[None, :, :] - points[:, None, :]) @ across[:, :, None])[:, :, 0]
    return float(reach.max(axis=1).min())


@dataclass(frozen=True, slots=True)
class Widths:
    """How wide a polygon is [m].

    Parameters
    ----------
    widest_m
        Width of the widest disc that fits.
    passage_m
        Width of the narrowest passage between two parts that are both wider; ``widest_m`` if there
        is none. The widest disc that can be moved from any place where it fits to any other.
    arm_m
        Width of the narrowest dead end that is longer than one and a half times its width;
        ``widest_m`` if there is none. The least width at which some point of the polygon is further
        than two widths from where a disc of that width fits; 0 for a corner sharper than 29°.
    place
        Middle of the narrowest passage, or of the widest disc.
    """

    widest_m: float
    passage_m: float
    arm_m: float
    place: shapely.Point

    @property
    def min_width_m(self) -> float:
        """Return the smaller of the passage and the arm."""
        return min(self.passage_m, self.arm_m)


def widths(polygon: shapely.Geometry, *, points: int = 400) -> Widths:
    """Return the widths of a polygon, taken along its middle line.

    Parameters
    ----------
    polygon
        A valid polygon in a metric frame [m], not empty. Parts of a multipolygon touch at most in
        points: its passage is 0 wide.
    points
        Points along the boundary between which the middle line is drawn; more are taken where the
        shape has more vertices, at most 2 400.

    Returns
    -------
    widths
        Good to a share of a per cent; a passage between parallel edges is exact.

    Notes
    -----
    The middle line is taken from the Voronoi diagram of boundary points, and its depth is the
    distance to the boundary itself. Its points are joined in the order of their depth, the deepest
    first; where two deeper parts meet, the depth is half the passage between them.

    Examples
    --------
    >>> yards = [shapely.box(0, 0, 100, 100), shapely.box(150, 0, 250, 100)]
    >>> found = widths(shapely.union_all([*yards, shapely.box(100, 40, 150, 60)]))
    >>> round(found.passage_m, 2), 100 <= found.place.x <= 150
    (20.0, True)
    """
    disc = shapely.get_coordinates(shapely.maximum_inscribed_circle(polygon, tolerance=0.01))
    widest = 2 * math.dist(disc[0], disc[1])
    parts = shapely.get_parts(polygon)
    if len(parts) > 1:
        touch = shapely.intersection(parts[0], shapely.union_all(parts[1:]))
        place = shapely.centroid(polygon if touch.is_empty else touch)
        return Widths(widest, 0.0, 0.0, place)
    passage, arm, place, step = _along(polygon, disc, points)
    while passage < 2 * step and points < _MOST_POINTS:
        points = min(4 * points, _MOST_POINTS)
        passage, arm, place, step = _along(polygon, disc, points)
    return Widths(widest, min(passage, widest), min(arm, widest), place)


def wide_part(polygon: shapely.Geometry, *, wide_m: float) -> shapely.Geometry:
    """Return the largest connected part of a polygon that is nowhere narrower than a width.

    The polygon is drawn in by half the width, what falls apart is told apart, and each part is
    drawn out again with sharp corners, so that a rectangle of exactly the width is kept whole.

    Parameters
    ----------
    polygon
        A valid polygon in a metric frame [m].
    wide_m
        Width [m]; a centimetre below it is let pass.

    Returns
    -------
    part
        Inside the polygon; empty if nothing is as wide.

    Examples
    --------
    >>> flag = shapely.box(0, 0, 100, 100).union(shapely.box(100, 40, 400, 60))
    >>> round(wide_part(flag, wide_m=50.0).area, -3)
    10000.0
    """
    half = (wide_m - _PLAY_M) / 2
    cores = shapely.get_parts(shapely.buffer(polygon, -half, quad_segs=16))
    drawn = [
        shapely.intersection(
            shapely.buffer(core, half, join_style="mitre", mitre_limit=2.0), polygon
        )
        for core in cores
        if not core.is_empty
    ]
    parts = [part for shape in drawn for part in _polygons(shape)]
    return max(parts, key=lambda part: part.area, default=shapely.Polygon())


def _polygons(shape: shapely.Geometry) -> list[shapely.Geometry]:
    return [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]


def _along(
    polygon: shapely.Geometry, disc: Floats, points: int
) -> tuple[float, float, shapely.Point, float]:
    """Return passage, arm, place of the passage, and the step between boundary points.

    Parts of the middle line that are not joined are joined by a passage too narrow to be seen.
    """
    nodes, first, second, outline, step = _middle_line(polygon, points)
    nodes, depth = _lifted(nodes, shapely.boundary(polygon), step)
    found, apart = _first_meeting(depth, first, second, step)
    nodes, depth = np.vstack([nodes, disc[:1]]), np.append(depth, math.dist(disc[0], disc[1]))
    arm = _arm_m(nodes, depth, outline, play_m=2 * step)
    passage = math.inf if found is None else 2 * float(depth[found])
    place = nodes[depth.argmax() if found is None else found]
    return (min(passage, step) if apart else passage), arm, shapely.Point(place), step


def _middle_line(
    polygon: shapely.Geometry, points: int
) -> tuple[Floats, Ints, Ints, Floats, float]:
    """Return the middle line: its points and neighbours; and boundary points with their step."""
    vertices = shapely.get_num_coordinates(polygon)
    step = polygon.length / min(max(points, 2 * vertices), _MOST_POINTS)
    outline = shapely.get_coordinates(shapely.segmentize(polygon, step))
    edges = shapely.get_parts(
        shapely.voronoi_polygons(shapely.MultiPoint(outline), only_edges=True)
    )
    shapely.prepare(polygon)
    edges = shapely.segmentize(edges[shapely.contains_properly(polygon, edges)], step / 2)
    ends, line = shapely.get_coordinates(edges, return_index=True)
    nodes, number = np.unique(np.round(ends, 6), axis=0, return_inverse=True)
    linked = line[1:] == line[:-1]
    number = number.reshape(-1)
    return nodes, number[:-1][linked], number[1:][linked], outline, step


def _lifted(nodes: Floats, boundary: shapely.Geometry, step: float) -> tuple[Floats, Floats]:
    """Return points moved across onto the ridge of depth, and their depth [m].

    Away from the nearest boundary the depth first rises and then falls by a metre a metre, so that
    two depths tell where the ridge is. What lies deeper after the move is moved.
    """
    shapely.prepare(boundary)
    at = shapely.points(nodes)
    depth = shapely.distance(at, boundary)
    ends = shapely.get_coordinates(shapely.shortest_line(at, boundary)).reshape(-1, 2, 2)
    away = (nodes - ends[:, 1]) / depth[:, None]
    beyond = shapely.distance(shapely.points(nodes + step * away), boundary)
    moved = nodes + away * ((beyond + step - depth) / 2)[:, None]
    deeper = shapely.distance(shapely.points(moved), boundary)
    good = (deeper > depth) & (deeper < depth + step)
    return np.where(good[:, None], moved, nodes), np.where(good, deeper, depth)


def _first_meeting(
    depth: Floats, first: Ints, second: Ints, step: float
) -> tuple[int | None, bool]:
    """Return the shallowest point at which two deeper parts meet, and whether parts stay apart.

    Edges are taken by the depth of their shallower end, the deepest first. A part is as deep as its
    deepest point.
    """
    above = np.arange(len(depth))

    def top(node: int) -> int:
        while above[node] != node:
            above[node] = above[above[node]]
            node = int(above[node])
        return node

    found = None
    shallow = np.where(depth[first] < depth[second], first, second)
    for edge in np.argsort(-depth[shallow], kind="stable").tolist():
        one, other = top(int(first[edge])), top(int(second[edge]))
        if one == other:
            continue
        if depth[one] < depth[other]:
            one, other = other, one
        least = max(_WIDER * depth[shallow[edge]], depth[shallow[edge]] + step / 10, step)
        if depth[other] > least:
            found = int(shallow[edge])
        above[other] = one
    tops = np.flatnonzero(above == np.arange(len(depth)))
    return found, bool((depth[tops] > step).sum() > 1)


def _arm_m(nodes: Floats, depth: Floats, outline: Floats, *, play_m: float) -> float:
    """Return the least width at which the boundary is out of reach of the discs of that width.

    Centres of discs of a width w lie within depth - w/2 of a point of the middle line that is at
    least w/2 deep. Points of the middle line are taken away from the shallowest on.
    """
    order = np.argsort(-depth, kind="stable")
    nodes, depth = nodes[order], depth[order]
    worst = np.full(len(depth), -np.inf)
    for start in range(0, len(outline), _ROWS_AT_ONCE):
        some = outline[start : start + _ROWS_AT_ONCE]
        away = np.hypot(*(some[:, None, :] - nodes[None, :, :]).transpose(2, 0, 1)) - depth
        worst = np.maximum(worst, np.minimum.accumulate(away, axis=1).max(axis=0))
    lost = np.flatnonzero(worst[:-1] > (_REACH - 0.5) * 2 * depth[1:] + play_m)
    return 2 * float(depth[lost[-1] + 1] if len(lost) else depth[0])
