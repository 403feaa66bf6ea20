"""Areas on the ellipsoid."""

from __future__ import annotations

import math

import numpy as np
import pytest
from pyproj import Geod
from shapely import GeometryCollection, LineString, MultiPolygon, Point, Polygon, box

from zonewright.core.errors import CRSError, GeometryError
from zonewright.land.area import geodesic_area_m2

A, F = 6_378_137.0, 1 / 298.257222101
E2 = F * (2 - F)


def strip_area_m2(south: float, north: float, width: float) -> float:
    """Return the area between two parallels by the closed formula of the ellipsoid."""

    def q(lat: float) -> float:
        s, e = math.sin(math.radians(lat)), math.sqrt(E2)
        return s / (2 * (1 - E2 * s * s)) + math.log((1 + e * s) / (1 - e * s)) / (4 * e)

    return math.radians(width) * A * A * (1 - E2) * (q(north) - q(south))


def test_a_small_square_agrees_with_the_closed_formula() -> None:
    square = box(113.0, 22.5, 113.001, 22.501)
    expected = strip_area_m2(22.5, 22.501, 0.001)
    assert geodesic_area_m2([square])[0] == pytest.approx(expected, rel=1e-7)


def test_a_polygon_with_hole_agrees_with_pyproj() -> None:
    rings = box(113, 22, 113.4, 22.4).exterior, box(113.1, 22.1, 113.2, 22.2).exterior
    geod = Geod(a=A, rf=1 / F)
    outer, inner = (abs(geod.geometry_area_perimeter(Polygon(ring))[0]) for ring in rings)
    with_hole = Polygon(rings[0], [rings[1]])
    assert geodesic_area_m2([with_hole])[0] == pytest.approx(outer - inner, rel=1e-12)


def test_the_direction_of_rings_is_irrelevant() -> None:
    hole = [(113.1, 22.1), (113.2, 22.1), (113.2, 22.2), (113.1, 22.2)]
    shell = [(113, 22), (113.4, 22), (113.4, 22.4), (113, 22.4)]
    drawings = [
        Polygon(shell[::a], [hole[::b]])
        for a, b in [(1, 1), (1, -1), (-1, 1), (-1, -1)]
    ]  # fmt: skip
    found = geodesic_area_m2(drawings)
    assert found == pytest.approx([found[0]] * 4, rel=1e-13)


def test_parts_add_up_and_order_is_kept() -> None:
    one, other = box(113, 22, 113.1, 22.1), box(113.2, 22, 113.25, 22.1)
    both = MultiPolygon([one, other])
    found = geodesic_area_m2([other, both, one])
    assert found[1] == pytest.approx(found[0] + found[2], rel=1e-13)
    assert found[0] < found[2]


def test_nothing_has_no_area_and_the_unknown_stays_unknown() -> None:
    found = geodesic_area_m2([Polygon(), None, box(113, 22, 113.1, 22.1)])
    assert found[0] == 0
    assert np.isnan(found[1])
    assert found[2] > 1e8
    assert geodesic_area_m2([]).shape == (0,)


@pytest.mark.parametrize("shape", [Point(113, 22), LineString([(113, 22), (114, 22)])])
def test_points_and_lines_are_refused(shape: object) -> None:
    with pytest.raises(GeometryError, match="give polygons"):
        geodesic_area_m2([box(113, 22, 113.1, 22.1), shape])


def test_collections_are_refused() -> None:
    with pytest.raises(GeometryError, match="GeometryCollection"):
        geodesic_area_m2([GeometryCollection([box(113, 22, 113.1, 22.1)])])


def test_metres_and_swapped_axes_are_refused() -> None:
    with pytest.raises(CRSError, match="not in degrees"):
        geodesic_area_m2([box(38_500_000, 2_500_000, 38_500_100, 2_500_100)])
    with pytest.raises(CRSError, match="longitude before latitude"):
        geodesic_area_m2([box(22, 113, 22.1, 113.1)])
