"""A large rectangle that fits into a polygon, turned any way."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Marks = NDArray[np.bool_]
_LONGEST_EDGES = 8
_EVENLY = 6
_KEPT = 3
# Drawn this much smaller, so that rounding does not carry a corner across the boundary.
_INSET = 1e-9


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A rectangle inside a polygon.

    Parameters
    ----------
    shape
        The rectangle, in the frame of the polygon.
    width_m, length_m
        Its sides, width <= length [m].
    """

    shape: shapely.Polygon
    width_m: float
    length_m: float

    @property
    def area_m2(self) -> float:
        """Return its area [m²]."""
        return self.width_m * self.length_m


def inscribed_rectangle(polygon: shapely.Geometry, *, cells: int = 40) -> Rectangle | None:
    """Return a rectangle inside a polygon, as large as a search finds: a proven lower bound.

    Parameters
    ----------
    polygon
        A valid polygon or multipolygon in a metric frame [m].
    cells
        Cells of the search grid along each side of the polygon's frame, at least 2.

    Returns
    -------
    rectangle
        Tested to lie inside. None if the polygon is empty or nothing was found.

    Notes
    -----
    Directions tried: the longest edges of the polygon, its smallest frame, and every 15°. In each,
    the largest rectangle of grid cells inside is found by a histogram of free cells; the best three
    are then moved out side by side until each touches the boundary, and turned a little if that
    gives more. The largest rectangle of all may be larger than the one returned.

    Examples
    --------
    >>> found = inscribed_rectangle(shapely.box(0, 0, 300, 100))
    >>> round(found.width_m, 3), round(found.length_m, 3)
    (100.0, 300.0)
    """
    if polygon.is_empty:
        return None
    centre = shapely.centroid(polygon)
    local = _turned(polygon, 0.0, centre)
    tried = [(angle, _coarse(_turned(local, -angle), cells)) for angle in _angles(local)]
    tried.sort(key=lambda one: _size(one[1]), reverse=True)
    best: tuple[float, float, Floats] | None = None
    for angle, bounds in tried[:_KEPT]:
        found = _refined(local, angle, bounds)
        if best is None or found[0] > best[0]:
            best = found
    return None if best is None else _proven(polygon, best[1], best[2], centre)


def _angles(polygon: shapely.Geometry) -> list[float]:
    """Return directions to try, within a quarter turn [rad]."""
    rings = shapely.get_rings(shapely.get_parts(polygon))
    steps = np.concatenate([np.diff(shapely.get_coordinates(ring), axis=0) for ring in rings])
    length = np.hypot(steps[:, 0], steps[:, 1])
    angle = np.mod(np.round(np.arctan2(steps[:, 1], steps[:, 0]), 3), math.pi / 2)
    kinds, place = np.unique(np.round(angle, 2), return_inverse=True)
    weight = np.bincount(place, weights=length, minlength=len(kinds))
    exact = np.arctan2(steps[:, 1], steps[:, 0])
    chosen = []
    for kind in np.argsort(weight, kind="stable")[::-1][:_LONGEST_EDGES]:
        longest = np.flatnonzero(place == kind)
        chosen.append(float(np.mod(exact[longest[np.argmax(length[longest])]], math.pi / 2)))
    frame = shapely.get_coordinates(shapely.minimum_rotated_rectangle(polygon))
    if len(frame) >= 2:
        side = frame[1] - frame[0]
        chosen.append(math.atan2(side[1], side[0]) % (math.pi / 2))
    return chosen + [step * math.pi / 2 / _EVENLY for step in range(_EVENLY)]


def _coarse(polygon: shapely.Geometry, cells: int) -> Floats:
    """Return the bounds of the largest rectangle of grid cells inside a polygon."""
    west, south, east, north = shapely.bounds(polygon)
    xs, ys = np.linspace(west, east, cells + 1), np.linspace(south, north, cells + 1)
    shapely.prepare(polygon)
    left, low = np.meshgrid(xs[:-1], ys[:-1])
    right, high = np.meshgrid(xs[1:], ys[1:])
    inside = shapely.covers(polygon, shapely.box(left, low, right, high))
    return _largest_free(inside, xs, ys)


def _largest_free(inside: Marks, xs: Floats, ys: Floats) -> Floats:
    """Return the bounds of the largest rectangle of free cells; NaN if no cell is free.

    ``xs`` and ``ys`` are the lines of the grid; ``inside`` has a row for each step of ``ys``.
    """
    best, bounds = 0.0, np.full(4, np.nan)
    base = np.zeros(inside.shape[1], dtype=np.int64)
    for row in range(inside.shape[0]):
        base = np.where(inside[row], base, row + 1)
        height = [*(ys[row + 1] - ys[base]), 0.0]
        stack: list[tuple[int, float]] = []
        for column, size in enumerate(height):
            start = column
            while stack and stack[-1][1] >= size:
                start, tall = stack.pop()
                area = tall * (xs[column] - xs[start])
                if area > best:
                    best = area
                    bounds = np.array([xs[start], ys[row + 1] - tall, xs[column], ys[row + 1]])
            stack.append((start, size))
    return bounds


def _refined(
    polygon: shapely.Geometry, angle: float, bounds: Floats
) -> tuple[float, float, Floats]:
    """Return size, direction and bounds after moving the sides out and turning a little."""
    if np.isnan(bounds).any():
        return 0.0, angle, bounds
    best = _grown(_turned(polygon, -angle), bounds, (0.0, 1e-6, 1e-4, 0.002))
    found = (_size(best), angle, best)
    step = math.radians(2.0)
    while step > math.radians(0.05):
        better = False
        for turn in (step, -step):
            turned = _turned(polygon, -(found[1] + turn))
            start = _shrunk(turned, _moved(found[2], -turn))
            if start is None:
                continue
            grown = _grown(turned, start, (1e-4,))
            if _size(grown) > found[0] * (1 + 1e-6):
                found, better = (_size(grown), found[1] + turn, grown), True
                break
        if not better:
            step /= 2
    return found


def _grown(polygon: shapely.Geometry, bounds: Floats, margins: tuple[float, ...]) -> Floats:
    """Return bounds with their sides moved out until all touch, the best of some orders.

    Two opposite sides are moved out first and taken back by a margin, so that an edge that slants
    by a hair does not hold up the other two; then they are moved out again.
    """
    best = bounds
    for margin in margins:
        for one, other in (((0, 2), (1, 3)), ((1, 3), (0, 2))):
            now = _pushed(polygon, bounds, one)
            low, high = one
            back = margin * (now[high] - now[low])
            now[low], now[high] = now[low] + back, now[high] - back
            now = _pushed(polygon, _pushed(polygon, now, other), one)
            best = max(best, now, key=_size)
    return best


def _pushed(polygon: shapely.Geometry, bounds: Floats, sides: tuple[int, ...]) -> Floats:
    """Return bounds with some sides moved out, one after the other, until they touch."""
    frame = np.asarray(shapely.bounds(polygon))
    now = bounds.copy()
    for side in sides:
        strip = now.copy()
        if side < 2:
            strip[side], strip[side + 2] = frame[side], now[side]
        else:
            strip[side - 2], strip[side] = now[side], frame[side]
        outside = shapely.difference(shapely.box(*strip), polygon)
        if outside.is_empty:
            now[side] = frame[side]
        else:
            now[side] = shapely.bounds(outside)[side + 2 if side < 2 else side - 2]
    return now


def _shrunk(polygon: shapely.Geometry, bounds: Floats) -> Floats | None:
    """Return the bounds made smaller about their middle until they lie inside."""
    middle = (bounds[:2] + bounds[2:]) / 2
    half = (bounds[2:] - bounds[:2]) / 2
    shapely.prepare(polygon)
    for share in (0.98, 0.95, 0.9, 0.8):
        tried = np.concatenate([middle - share * half, middle + share * half])
        if polygon.covers(shapely.box(*tried)):
            return tried
    return None


def _moved(bounds: Floats, angle: float) -> Floats:
    """Return bounds of the same size about the middle turned around the origin."""
    x, y = (bounds[:2] + bounds[2:]) / 2
    half = (bounds[2:] - bounds[:2]) / 2
    middle = np.array(
        [x * math.cos(angle) - y * math.sin(angle), x * math.sin(angle) + y * math.cos(angle)]
    )
    return np.concatenate([middle - half, middle + half])


def _proven(
    polygon: shapely.Geometry, angle: float, bounds: Floats, centre: shapely.Point
) -> Rectangle | None:
    """Return the rectangle in the polygon's own frame, tested to lie inside."""
    if np.isnan(bounds).any():
        return None
    shapely.prepare(polygon)
    middle, half = (bounds[:2] + bounds[2:]) / 2, (bounds[2:] - bounds[:2]) / 2
    for inset in (_INSET, 1e-7, 1e-5, 1e-3):
        small = half * (1 - inset)
        local = shapely.box(*(middle - small), *(middle + small))
        points = shapely.get_coordinates(_turned(local, angle))
        shape = shapely.Polygon(points + shapely.get_coordinates(centre))
        if polygon.covers(shape):
            sides = sorted(2 * small)
            return Rectangle(shape, float(sides[0]), float(sides[1]))
    return None


def _turned(
    shape: shapely.Geometry, angle: float, origin: shapely.Point | None = None
) -> shapely.Geometry:
    """Return a shape moved by the origin to zero and turned to the left [rad]."""
    zero = np.zeros(2) if origin is None else shapely.get_coordinates(origin)[0]
    turn = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    return shapely.transform(shape, lambda points: (points - zero) @ turn)


def _size(bounds: Floats) -> float:
    size = float((bounds[2] - bounds[0]) * (bounds[3] - bounds[1]))
    return 0.0 if math.isnan(size) else size
