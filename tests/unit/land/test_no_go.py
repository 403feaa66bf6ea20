"""How much of a parcel lies in no-go areas."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from pyproj import CRS, Transformer

from zonewright.land.area import geodesic_area_m2
from zonewright.land.frame import EPSG_4490
from zonewright.land.no_go import no_go_m2

METRE = 1 / 111_000
LOT = shapely.box(113, 22, 113.01, 22.01)


def lost(*areas: shapely.Geometry | None, of: tuple[shapely.Geometry | None, ...]) -> list[float]:
    drawn = np.array(areas, dtype=object).reshape(len(areas))
    found: list[float] = no_go_m2(np.array(of, dtype=object), drawn, EPSG_4490).tolist()
    return found


def test_land_counts_for_each_area_that_it_lies_in() -> None:
    west, east = shapely.box(113, 22, 113.005, 22.01), shapely.box(113.004, 22, 113.02, 22.01)
    found = lost(west, east, of=(LOT, None, shapely.box(112, 22, 112.01, 22.01)))
    both = geodesic_area_m2([west, shapely.intersection(east, LOT)]).sum()
    assert found == pytest.approx([both, 0.0, 0.0], rel=1e-7)


@pytest.mark.parametrize(("width_m", "counts"), [(0.05, False), (0.3, True)])
def test_a_boundary_drawn_twice_is_no_land(width_m: float, counts: bool) -> None:
    beside = shapely.box(113.01 - width_m * METRE, 22, 113.02, 22.01)
    assert bool(lost(LOT, of=(beside,))[0] > 0) is counts


def test_a_no_go_area_that_crosses_itself_still_counts() -> None:
    bow = shapely.Polygon([(113, 22), (113.01, 22.01), (113.01, 22), (113, 22.01)])
    expected = geodesic_area_m2(shapely.get_parts(shapely.make_valid(bow))).sum()
    assert lost(bow, of=(LOT,)) == pytest.approx([expected], rel=1e-6)


def test_lines_points_and_nothing_take_no_land() -> None:
    line = shapely.LineString([(113, 22), (113.01, 22.01)])
    assert lost(line, shapely.Point(113.005, 22.005), None, of=(LOT,)) == [0.0]
    assert lost(of=(LOT,)) == [0.0]


def test_a_projected_frame_gives_the_same_area() -> None:
    crs = CRS.from_epsg(4547)
    to = Transformer.from_crs(EPSG_4490, crs, always_xy=True)

    def moved(shape: shapely.Geometry) -> shapely.Geometry:
        fine = shapely.segmentize(shape, 1e-4)
        return shapely.transform(fine, lambda xy: np.column_stack(to.transform(*xy.T)))

    half = shapely.box(113.005, 22, 113.02, 22.01)
    found = no_go_m2(np.array([moved(LOT)]), np.array([moved(half)]), crs)
    assert found[0] == pytest.approx(lost(half, of=(LOT,))[0], rel=1e-5)
