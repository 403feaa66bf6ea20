"""Areas and lengths on the ellipsoid, in degrees, metres and feet."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from pyproj import CRS, Geod, Transformer

from zonewright.core.errors import CRSError
from zonewright.land.flat import flat_of_shapes
from zonewright.land.scale import Scale


def polygons(middle: tuple[float, float], spread: float, size: float, *, count: int = 60) -> list:
    """Draw valid random polygons of eight corners around a place."""
    rng = np.random.default_rng(4)
    found = []
    while len(found) < count:
        angle = np.sort(rng.uniform(0, 2 * np.pi, 8))
        reach = size * rng.uniform(0.5, 1, 8)
        centre = np.array(middle) + rng.uniform(-spread, spread, 2)
        shape = shapely.Polygon(
            centre + np.column_stack([np.cos(angle), np.sin(angle)] * reach[:, None].T)
        )
        if shape.is_valid:
            found.append(shape)
    return found


@pytest.mark.parametrize(
    ("middle", "size", "share"),
    [
        ((113.0, 22.5), 0.001, 1e-8),  # 100 m: what is left is the rounding of the other program
        ((113.0, 22.5), 0.05, 1e-8),  # 5 km
        ((-70.0, -53.0), 0.2, 1e-7),  # 20 km
        ((179.99, 5.0), 0.05, 1e-8),  # across the date line
        ((20.0, 64.0), 3.0, 1e-12),  # 300 km: edge by edge
    ],
)
def test_areas_in_degrees_agree_with_geodesics(
    middle: tuple[float, float], size: float, share: float
) -> None:
    shapes = polygons(middle, 0.3, size)
    crs = CRS.from_epsg(4490)
    geod = Geod(a=6_378_137.0, rf=298.257222101)
    expected = [abs(geod.geometry_area_perimeter(shape)[0]) for shape in shapes]
    flat = flat_of_shapes(shapes)
    assert Scale.of(flat, crs).areas_m2(flat) == pytest.approx(expected, rel=share)


@pytest.mark.parametrize(
    ("epsg", "middle", "unit"),
    [
        (4547, (460_000, 2_500_000), 1.0),  # CGCS2000, 3 degrees around 114 E
        (3857, (12_580_000, 2_560_000), 1.0),  # Web Mercator: areas 15 % too large
        (2263, (980_000, 200_000), 0.3048),  # New York, in feet
        (3035, (4_321_000, 3_210_000), 1.0),  # Europe, equal area
    ],
)
def test_areas_in_a_projection_are_those_on_the_ellipsoid(
    epsg: int, middle: tuple[float, float], unit: float
) -> None:
    crs = CRS.from_epsg(epsg)
    shapes = polygons(middle, 40_000, 500 / unit, count=25)
    to_degrees = Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)
    geod = crs.get_geod()
    assert geod is not None
    fine = shapely.segmentize(shapes, 20 / unit)
    drawn = shapely.transform(fine, lambda points: np.column_stack(to_degrees.transform(*points.T)))
    expected = [abs(geod.geometry_area_perimeter(shape)[0]) for shape in drawn]
    flat = flat_of_shapes(shapes)
    assert Scale.of(flat, crs).areas_m2(flat) == pytest.approx(expected, rel=1e-7)


def test_holes_are_subtracted_and_parts_added() -> None:
    ring = shapely.box(113, 22, 113.01, 22.01).difference(
        shapely.box(113.002, 22.002, 113.004, 22.004)
    )
    hole = shapely.box(113.002, 22.002, 113.004, 22.004)
    both = shapely.MultiPolygon([ring, shapely.box(113.02, 22, 113.03, 22.01)])
    flat = flat_of_shapes([both, shapely.box(113, 22, 113.01, 22.01), hole, None])
    found = Scale.of(flat, CRS.from_epsg(4490)).areas_m2(flat)
    assert found[0] == pytest.approx(2 * found[1] - found[2], rel=1e-9)
    assert found[3] == 0


def test_a_parcel_far_away_makes_no_other_area_wrong() -> None:
    """A stray point at the origin, 38 000 km from a zone numbered in its easting."""
    crs = CRS.from_epsg(4526)
    shapes = polygons((38_450_000, 2_500_000), 1_000, 200, count=5)
    alone, strayed = flat_of_shapes(shapes), flat_of_shapes([*shapes, shapely.box(0, 0, 9, 9)])
    expected = Scale.of(alone, crs).areas_m2(alone)
    assert Scale.of(strayed, crs).areas_m2(strayed)[:5] == pytest.approx(expected, rel=1e-6)


def test_the_length_of_units_by_latitude() -> None:
    flat = flat_of_shapes([shapely.box(113, 22, 113.1, 22.2)])
    table = Scale.of(flat, CRS.from_epsg(4490)).table
    geod = Geod(a=6_378_137.0, rf=298.257222101)
    for place, latitude in ((0, 22.0), (128, 22.1), (256, 22.2)):
        assert table[place, 0] == pytest.approx(
            geod.line_length([113, 113.001], [latitude] * 2) * 1e3, rel=1e-6
        )


def test_frames_that_are_none_are_refused() -> None:
    flat = flat_of_shapes([shapely.box(352_000, 2_400_000, 352_100, 2_400_100)])
    with pytest.raises(CRSError, match="not in degrees"):
        Scale.of(flat, CRS.from_epsg(4490))
    with pytest.raises(CRSError, match="neither"):
        Scale.of(flat, CRS.from_epsg(4978))
