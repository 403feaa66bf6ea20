"""Polygons as flat arrays: what is read, how rings run, and what is left out."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
import shapely
from shapely import GeometryCollection, LineString, MultiPolygon, Point, Polygon, box

from zonewright.land import flat as states
from zonewright.land.flat import flat_of_shapes, flat_of_wkb, join_flats

RING = box(0, 0, 9, 9).difference(box(2, 2, 5, 5))
PARTS = MultiPolygon([RING, box(20, 0, 21, 1)])


@pytest.mark.parametrize(
    "written",
    [
        shapely.to_wkb(PARTS),
        shapely.to_wkb(PARTS, byte_order=0),
        shapely.to_wkb(shapely.force_3d(PARTS, 7.0), flavor="iso"),
        shapely.to_wkb(shapely.force_3d(PARTS, 7.0), flavor="extended"),
        shapely.to_wkb(shapely.set_srid(PARTS, 4490), include_srid=True),
        shapely.to_wkb(GeometryCollection([Point(1, 1), PARTS])),
    ],
    ids=["plain", "big-endian", "iso-z", "extended-z", "srid", "collection"],
)
def test_all_forms_of_wkb_are_read(written: bytes) -> None:
    flat = flat_of_wkb([written])
    assert flat.shapes()[0].equals(PARTS)
    assert flat.hole.tolist() == [False, True, False]


def test_outer_rings_run_counter_clockwise_and_holes_clockwise() -> None:
    for shape in (RING, shapely.reverse(RING), shapely.orient_polygons(RING, exterior_cw=True)):
        flat = flat_of_shapes([shape])
        rings = np.split(flat.xy, flat.ring_start[1:-1])
        assert [shapely.is_ccw(shapely.linearrings(ring)) for ring in rings] == [True, False]


def test_repeated_points_and_negative_zeros_are_taken_out() -> None:
    doubled = Polygon([(-0.0, 0), (1, 0), (1, 0), (1, 1), (-0.0, 0), (0, -0.0)])
    flat = flat_of_shapes([doubled])
    assert len(flat.xy) == 4
    assert not np.signbit(flat.xy).any()


@pytest.mark.parametrize(
    ("value", "state"),
    [
        (None, states.MISSING),
        (shapely.to_wkb(Polygon()), states.EMPTY),
        (shapely.to_wkb(GeometryCollection()), states.EMPTY),
        (shapely.to_wkb(Point(1, 2)), states.OTHER),
        (shapely.to_wkb(LineString([(0, 0), (1, 1)])), states.OTHER),
        (b"", states.UNREADABLE),
        (b"no geometry", states.UNREADABLE),
        (shapely.to_wkb(RING)[:-8], states.UNREADABLE),
        (shapely.to_wkb(Polygon([(0, 0), (1, 0), (0, 0)])), states.BROKEN),
    ],
)
def test_what_is_no_polygon_is_told_and_disturbs_no_neighbour(
    value: bytes | None, state: int
) -> None:
    good = shapely.to_wkb(RING)
    flat = flat_of_wkb([good, value, good])
    assert flat.state.tolist() == [0, state, 0]
    assert flat.owner.tolist() == [0, 0, 2, 2]
    assert flat.shapes()[2].equals(RING)


def test_coordinates_that_are_no_numbers_and_open_rings_are_broken() -> None:
    wkb = bytearray(shapely.to_wkb(box(0, 0, 1, 1)))
    wkb[-16:] = np.array([5.0, 5.0]).tobytes()
    unclosed = bytes(wkb)
    wkb[-32:-16] = np.array([np.nan, 5.0]).tobytes()
    assert flat_of_wkb([unclosed, bytes(wkb)]).state.tolist() == [states.BROKEN] * 2


def test_arrow_arrays_of_all_kinds_and_slices() -> None:
    values = [shapely.to_wkb(box(n, 0, n + 1, 1)) for n in range(6)]
    expected = flat_of_wkb(values[2:5])
    for kind in (pa.binary(), pa.large_binary(), pa.binary_view()):
        array = pa.array(values, kind)
        for given in (array[2:5], pa.chunked_array([array[2:3], array[3:5]])):
            found = flat_of_wkb(given)
            assert np.array_equal(found.xy, expected.xy)
            assert found.owner.tolist() == [0, 1, 2]


def test_rows_are_taken_and_joined() -> None:
    flat = flat_of_shapes([box(0, 0, 1, 1), None, PARTS])
    twice = join_flats([flat, flat.take(np.array([1, 2]))])
    assert twice.rows == 5
    shapes = twice.shapes()
    assert [shape is None for shape in shapes] == [False, True, False, True, False]
    assert shapes[4].equals(PARTS)
    assert twice.point_owner().tolist() == np.repeat([0, 2, 4], [5, 15, 15]).tolist()


def test_nothing_is_nothing() -> None:
    flat = flat_of_wkb([])
    assert (flat.rows, len(flat.xy), flat.box()) == (0, 0, (0.0, 0.0, 0.0, 0.0))
    assert join_flats([]).rows == 0
