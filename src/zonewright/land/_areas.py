"""Compiled sums over rings: areas on the ellipsoid, plane areas and centres of gravity."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from zonewright.core.compiled import compiled

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@compiled
def box_of(xy: Floats) -> tuple[float, float, float, float]:
    """Return west, south, east and north of points, of which there is at least one."""
    west, south = xy[0, 0], xy[0, 1]
    east, north = west, south
    for p in range(len(xy)):
        west, east = min(west, xy[p, 0]), max(east, xy[p, 0])
        south, north = min(south, xy[p, 1]), max(north, xy[p, 1])
    return west, south, east, north


@compiled
def spread(ring_start: Ints, of_ring: NDArray[np.int32], of_point: NDArray[np.int32]) -> None:
    """Write a number of each ring at all its points."""
    for ring in range(len(of_ring)):
        of_point[ring_start[ring] : ring_start[ring + 1]] = of_ring[ring]


@compiled
def ring_areas_m2(
    degrees: Floats, ring_start: Ints, axis_m: float, eccentricity2: float, wide_degrees: float
) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the area of each ring on the ellipsoid, above 0 if counter-clockwise [m²].

    Notes
    -----
    The area between an edge and the parallel of the ring's first point is the integral of F(φ) dλ,
    F the area of a strip one radian wide. F is a Taylor series of third order about the first
    point, φ along the edge a parabola with the curvature of the geodesic at its middle. Rings
    wider than `wide_degrees`, or near a pole, are told and left at 0.
    """
    count = len(ring_start) - 1
    area_m2 = np.zeros(count)
    wide = np.zeros(count, dtype=np.bool_)
    radian = math.pi / 180.0
    for ring in range(count):
        first, last = ring_start[ring], ring_start[ring + 1]
        x0, y0 = degrees[first, 0], degrees[first, 1]
        sine, cosine = math.sin(y0 * radian), math.cos(y0 * radian)
        w = 1.0 - eccentricity2 * sine * sine
        # The strip's area and its derivatives, in units of axis² (1 - e²).
        f1 = cosine / w**2
        f2 = -sine / w**2 + 4.0 * eccentricity2 * sine * cosine**2 / w**3
        f3 = (
            -cosine / w**2
            - 4.0 * eccentricity2 * sine**2 * cosine / w**3
            + 4.0 * eccentricity2 * (cosine**3 - 2.0 * sine**2 * cosine) / w**3
            + 24.0 * eccentricity2**2 * sine**2 * cosine**3 / w**4
        )
        # Curvature of a geodesic: d²φ/dλ² = bend + lean (dφ/dλ)², and how it changes with φ.
        bend = -w * cosine * sine / (1.0 - eccentricity2)
        lean = (
            -2.0 * (1.0 - eccentricity2) * sine / (w * cosine)
            - 3.0 * eccentricity2 * sine * cosine / w
        )
        bend_slope = -(cosine**2 - sine**2)
        lean_slope = -2.0 / cosine**2
        total = 0.0
        reach = 0.0
        u0 = 0.0
        for p in range(first + 1, last):
            u1 = (degrees[p, 1] - y0) * radian
            turn = degrees[p, 0] - degrees[p - 1, 0]
            if turn > 180.0:
                turn -= 360.0
            elif turn < -180.0:
                turn += 360.0
            turn *= radian
            rise = u1 - u0
            middle = (u0 + u1) / 2.0
            bulge = (bend + bend_slope * middle) * turn * turn
            bulge += (lean + lean_slope * middle) * rise * rise
            mean = middle - bulge / 12.0
            square = (u0 * u0 + u0 * u1 + u1 * u1) / 3.0 - bulge * middle / 6.0
            cube = (u0 + u1) * (u0 * u0 + u1 * u1) / 4.0
            total -= turn * (f1 * mean + f2 / 2.0 * square + f3 / 6.0 * cube)
            far = max(abs(u1), abs(degrees[p, 0] - x0) * radian)
            reach = max(reach, far)
            u0 = u1
        # Written so that a coordinate that is no number is wide as well.
        if not (reach <= wide_degrees * radian) or abs(y0) > 85.0:
            wide[ring] = True
        else:
            area_m2[ring] = total * axis_m * axis_m * (1.0 - eccentricity2)
    return area_m2, wide


@compiled
def ring_moments(xy: Floats, ring_start: Ints) -> tuple[Floats, Floats, Floats]:
    """Return the plane area of each ring and its centre of gravity (its first point if flat)."""
    count = len(ring_start) - 1
    area = np.empty(count)
    x = np.empty(count)
    y = np.empty(count)
    for ring in range(count):
        first, last = ring_start[ring], ring_start[ring + 1]
        x0, y0 = xy[first, 0], xy[first, 1]
        twice, by_x, by_y = 0.0, 0.0, 0.0
        ax, ay = xy[first + 1, 0] - x0, xy[first + 1, 1] - y0
        for p in range(first + 2, last - 1):
            bx, by = xy[p, 0] - x0, xy[p, 1] - y0
            part = ax * by - ay * bx
            twice += part
            by_x += part * (ax + bx)
            by_y += part * (ay + by)
            ax, ay = bx, by
        area[ring] = twice / 2.0
        x[ring] = x0 + (by_x / (3.0 * twice) if twice != 0.0 else 0.0)
        y[ring] = y0 + (by_y / (3.0 * twice) if twice != 0.0 else 0.0)
    return area, x, y


@compiled
def at_points(
    x: Floats, y: Floats, box: tuple[float, float, float, float], coefficients: Floats
) -> Floats:
    """Return a polynomial of two variables, in Chebyshev form over a box, at points."""
    count = len(coefficients)
    found = np.empty(len(x))
    across = np.ones(count)
    up = np.ones(count)
    wide, high = max(box[2] - box[0], 1e-12), max(box[3] - box[1], 1e-12)
    for i in range(len(x)):
        across[1] = (2.0 * x[i] - box[0] - box[2]) / wide
        up[1] = (2.0 * y[i] - box[1] - box[3]) / high
        for k in range(2, count):
            across[k] = 2.0 * across[1] * across[k - 1] - across[k - 2]
            up[k] = 2.0 * up[1] * up[k - 1] - up[k - 2]
        total = 0.0
        for j in range(count):
            part = 0.0
            for k in range(count):
                part += coefficients[j, k] * up[k]
            total += part * across[j]
        found[i] = total
    return found
