"""Cut rings and lines at a box, and leave out points that nobody sees."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from zonewright.core.compiled import Whole, compiled

Coordinates = NDArray[np.int64]


@compiled
def _cut(
    x: Coordinates, y: Coordinates, n: int, to_x: Coordinates, to_y: Coordinates, limit: int,
    side: int,
) -> int:  # fmt: skip
    """Cut a ring at one side of a box: 0 west, 1 east (by x), 2 north, 3 south (by y)."""
    count = 0
    for i in range(n):
        j = i - 1 if i > 0 else n - 1
        here = x[i] if side < 2 else y[i]
        before = x[j] if side < 2 else y[j]
        low = side == 0 or side == 2
        inside = here >= limit if low else here <= limit
        was_inside = before >= limit if low else before <= limit
        if inside != was_inside:
            # From the lower end, whoever asks: neighbours cut their common edge at one point.
            a, b = (i, j) if here < before else (j, i)
            low_value = x[a] if side < 2 else y[a]
            share = (limit - low_value) / abs(here - before)
            if side < 2:
                to_x[count] = limit
                to_y[count] = y[a] + np.int64(math.floor(share * (y[b] - y[a]) + 0.5))
            else:
                to_y[count] = limit
                to_x[count] = x[a] + np.int64(math.floor(share * (x[b] - x[a]) + 0.5))
            count += 1
        if inside:
            to_x[count], to_y[count] = x[i], y[i]
            count += 1
    return count


@compiled
def cut_ring(
    x: Coordinates, y: Coordinates, n: int, spare_x: Coordinates, spare_y: Coordinates,
    west: int, north: int, east: int, south: int,
) -> int:  # fmt: skip
    """Cut a ring at a box, in place; return how many points are left."""
    n = _cut(x, y, n, spare_x, spare_y, west, 0)
    n = _cut(spare_x, spare_y, n, x, y, east, 1)
    n = _cut(x, y, n, spare_x, spare_y, north, 2)
    return _cut(spare_x, spare_y, n, x, y, south, 3)


@compiled
def cut_piece(
    x0: Whole, y0: Whole, x1: Whole, y1: Whole, west: Whole, north: Whole, east: Whole, south: Whole
) -> tuple[bool, Whole, Whole, Whole, Whole]:
    """Return whether a straight piece meets a box, and its ends inside."""
    first, last = 0.0, 1.0
    dx, dy = x1 - x0, y1 - y0
    for side in range(4):
        if side == 0:
            step, room = -dx, x0 - west
        elif side == 1:
            step, room = dx, east - x0
        elif side == 2:
            step, room = -dy, y0 - north
        else:
            step, room = dy, south - y0
        if step == 0:
            if room < 0:
                return False, 0, 0, 0, 0
        elif step < 0:
            first = max(first, room / step)
        else:
            last = min(last, room / step)
    if first > last:
        return False, 0, 0, 0, 0
    a_x, a_y, b_x, b_y = x0, y0, x1, y1
    if first > 0.0:
        a_x = x0 + np.int64(math.floor(first * dx + 0.5))
        a_y = y0 + np.int64(math.floor(first * dy + 0.5))
    if last < 1.0:
        b_x = x0 + np.int64(math.floor(last * dx + 0.5))
        b_y = y0 + np.int64(math.floor(last * dy + 0.5))
    return True, a_x, a_y, b_x, b_y


@compiled
def to_units(x: Coordinates, y: Coordinates, n: int, west: int, north: int, shift: int) -> int:
    """Round points to the units of a tile, in place, leaving out those that repeat one."""
    count = 0
    half = 1 << (shift - 1) if shift > 0 else 0
    for i in range(n):
        if shift >= 0:
            u, v = (x[i] - west + half) >> shift, (y[i] - north + half) >> shift
        else:
            u, v = (x[i] - west) << -shift, (y[i] - north) << -shift
        if count == 0 or u != x[count - 1] or v != y[count - 1]:
            x[count], y[count] = u, v
            count += 1
    return count


@compiled
def twice_area(x: Coordinates, y: Coordinates, n: int) -> int:
    """Return twice the area of a ring; above 0 where it runs clockwise on the screen."""
    total = 0
    for i in range(n):
        j = i - 1 if i > 0 else n - 1
        total += x[j] * y[i] - x[i] * y[j]
    return total


@compiled
def reverse(x: Coordinates, y: Coordinates, n: int) -> None:
    """Turn the order of points round, in place."""
    for i in range(n // 2):
        x[i], x[n - 1 - i] = x[n - 1 - i], x[i]
        y[i], y[n - 1 - i] = y[n - 1 - i], y[i]


@compiled
def simplify(x: Coordinates, y: Coordinates, n: int, tolerance: float) -> int:
    """Leave out points that lie within a tolerance of the line without them, in place.

    The first and the last point stay (Douglas and Peucker 1973).
    """
    if n < 3:
        return n
    keep = np.zeros(n, dtype=np.bool_)
    keep[0] = keep[n - 1] = True
    stack = np.empty((64 + n, 2), dtype=np.int64)
    stack[0, 0], stack[0, 1] = 0, n - 1
    depth = 1
    while depth > 0:
        depth -= 1
        first, last = stack[depth, 0], stack[depth, 1]
        farthest, most = -1, tolerance * tolerance
        dx, dy = x[last] - x[first], y[last] - y[first]
        length2 = float(dx * dx + dy * dy)
        for i in range(first + 1, last):
            px, py = x[i] - x[first], y[i] - y[first]
            if length2 == 0.0:
                away2 = float(px * px + py * py)
            else:
                along = min(max((px * dx + py * dy) / length2, 0.0), 1.0)
                away2 = (px - along * dx) ** 2 + (py - along * dy) ** 2
            if away2 > most:
                farthest, most = i, away2
        if farthest >= 0:
            keep[farthest] = True
            stack[depth, 0], stack[depth, 1] = first, farthest
            stack[depth + 1, 0], stack[depth + 1, 1] = farthest, last
            depth += 2
    count = 0
    for i in range(n):
        if keep[i]:
            x[count], y[count] = x[i], y[i]
            count += 1
    return count
