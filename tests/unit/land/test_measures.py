"""What a block measures: widths, compactness, rectangles, tests."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Polygon, box
from shapely.affinity import rotate, scale, translate

from tests.unit.land.draw import draw
from zonewright.core.errors import CRSError, GeometryError, InputError
from zonewright.land import rectangles
from zonewright.land.area import geodesic_area_m2
from zonewright.land.frame import MetricFrame
from zonewright.land.measures import measures, read_tests, standard_tests
from zonewright.land.rectangles import inscribed_rectangle
from zonewright.land.widths import hull_width_m, wide_part, widths

TESTS = standard_tests()
FRAME = MetricFrame(113.0)
ORIGIN = FRAME.to_metric(np.array([[113.0, 22.5]]))[0]

ELL = Polygon([(0, 0), (300, 0), (300, 300), (200, 300), (200, 100), (0, 100)])
YARDS = shapely.union_all([box(0, 0, 100, 100), box(150, 0, 250, 100), box(100, 40, 150, 60)])
FLAG = box(0, 0, 100, 100).union(box(100, 40, 400, 60))
RING = box(0, 0, 200, 200).difference(box(50, 50, 150, 150))
WEDGE = Polygon([(0, 0), (400, 0), (0, 60)])


def on_the_map(*shapes: shapely.Geometry) -> gpd.GeoDataFrame:
    """Put shapes, drawn in metres, near 113° E 22.5° N."""
    placed = [translate(shape, *ORIGIN) for shape in shapes]
    return gpd.GeoDataFrame(
        geometry=[shapely.transform(shape, FRAME.to_degrees) for shape in placed], crs="EPSG:4490"
    )


@pytest.mark.parametrize(
    ("shape", "passage", "arm", "hull"),
    [
        (box(0, 0, 300, 100), 100.0, 100.0, 100.0),
        (YARDS, 20.0, 100.0, 100.0),
        (FLAG, 100.0, 20.0, 100.0),
        (RING, 50.0, 58.58, 200.0),
        (ELL, 117.16, 100.0, 282.84),
        (WEDGE, 4 * 12_000 / (460 + math.hypot(400, 60)), 0.0, 59.34),
        (Polygon([(0, 0), (100, 0), (50, 86.6025)]), 57.735, 57.735, 86.60),
    ],
)
@pytest.mark.parametrize("turn", [0, 23])
def test_widths(
    shape: shapely.Geometry, passage: float, arm: float, hull: float, turn: float
) -> None:
    turned = rotate(shape, turn)
    found = widths(turned)
    assert found.passage_m == pytest.approx(passage, abs=0.05)
    assert found.arm_m == pytest.approx(arm, abs=0.5 if shape is not WEDGE else 12)
    assert hull_width_m(turned) == pytest.approx(hull, abs=0.01)


def test_a_passage_between_two_corners_is_their_distance() -> None:
    """Two triangles that nearly touch: no edge runs along the passage."""
    left = [(0, 0), (100, 100), (0, 200)]
    right = [(200, 200), (110, 101), (200, 0)]
    found = widths(Polygon([*left, *right]))
    across = shapely.distance(shapely.LineString(left), shapely.LineString(right))
    assert found.passage_m == pytest.approx(across, rel=0.02)
    assert found.place.distance(shapely.Point(105, 100.5)) < 5


def test_the_passage_is_where_the_yards_meet() -> None:
    place = widths(YARDS).place
    assert 99 <= place.x <= 151
    assert place.y == pytest.approx(50, abs=0.1)


@settings(max_examples=10, deadline=None)
@given(st.floats(6, 90), st.floats(5, 200), st.floats(0, 90))
def test_a_disc_as_wide_as_the_passage_moves_and_a_wider_does_not(
    gap: float, length: float, turn: float
) -> None:
    """An independent test: drawn in by half a width, the shape hangs together or falls apart."""
    low = 50 - gap / 2
    left, right = box(0, 0, 120, 100), box(120 + length, -40, 250 + length, 100)
    shape = rotate(shapely.union_all([left, right, box(119, low, 121 + length, low + gap)]), turn)
    found = widths(shape).passage_m
    through = shapely.buffer(shape, -found / 2 * 0.995)
    stuck = shapely.buffer(shape, -found / 2 * 1.005)
    assert found == pytest.approx(gap, rel=0.005)
    assert through.geom_type == "Polygon"
    assert stuck.geom_type == "MultiPolygon"


def test_the_wide_part_leaves_the_pole_of_a_flag() -> None:
    part = wide_part(FLAG, wide_m=50)
    assert part.geom_type == "Polygon"
    assert 10_000 <= part.area <= 10_100
    assert wide_part(FLAG, wide_m=20).area == pytest.approx(FLAG.area, rel=1e-3)
    assert wide_part(YARDS, wide_m=30).area == pytest.approx(10_000, rel=0.02)
    assert wide_part(FLAG, wide_m=120).is_empty
    assert wide_part(box(0, 0, 300, 100), wide_m=100).area == pytest.approx(30_000)


@pytest.mark.parametrize(
    ("shape", "best"),
    [
        (box(0, 0, 300, 100), 30_000.0),
        (ELL, 30_000.0),
        (FLAG, 10_000.0),
        (RING, 10_000.0),
        (Polygon([(0, 0), (100, 0), (0, 100)]), 2_500.0),
        (shapely.Point(0, 0).buffer(100, quad_segs=64), 20_000.0),
    ],
)
@pytest.mark.parametrize("turn", [0, 31.7])
def test_rectangles(shape: shapely.Geometry, best: float, turn: float) -> None:
    turned = rotate(shape, turn)
    found = inscribed_rectangle(turned)
    assert found is not None
    assert turned.covers(found.shape)
    assert found.shape.area == pytest.approx(found.area_m2, rel=1e-9)
    assert 0.985 * best <= found.area_m2 <= best * (1 + 1e-9)


@settings(max_examples=10, deadline=None)
@given(st.lists(st.floats(0.2, 1.0), min_size=5, max_size=12), st.floats(0, 360))
def test_a_rectangle_lies_inside_and_is_worth_having(radii: list[float], turn: float) -> None:
    """Star-shaped outlines; at least the square in the widest disc, never more than the area."""
    angles = np.linspace(0, 2 * math.pi, len(radii), endpoint=False)
    size = 400 * np.array(radii)
    star = Polygon(np.column_stack([size * np.cos(angles), size * np.sin(angles)]))
    shape = rotate(star, turn)
    found = inscribed_rectangle(shape)
    assert found is not None
    assert shape.covers(found.shape)
    disc = shapely.maximum_inscribed_circle(shape, tolerance=0.1).length
    assert 0.9 * 2 * disc**2 <= found.area_m2 <= shape.area
    assert found.width_m <= found.length_m


def test_a_rectangle_that_sticks_out_is_never_returned(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the search brings, the answer is tested against the polygon itself."""

    def blown_up(*_: object) -> tuple[float, float, np.ndarray]:
        return 400.0, 0.0, np.array([-11.0, -11.0, 11.0, 11.0])

    monkeypatch.setattr(rectangles, "_refined", blown_up)
    assert inscribed_rectangle(box(0, 0, 20, 20)) is None


def test_an_empty_shape_has_no_rectangle() -> None:
    assert inscribed_rectangle(Polygon()) is None


def test_measures_on_the_map_are_those_of_the_drawing() -> None:
    found = measures(on_the_map(box(0, 0, 800, 500), FLAG), TESTS).iloc[0]
    assert found["area_m2"] == pytest.approx(400_000, rel=1e-6)
    assert found["area_mu"] == pytest.approx(600, rel=1e-6)
    assert found["min_width_m"] == pytest.approx(500, abs=0.1)
    assert found["hull_width_m"] == pytest.approx(500, abs=0.01)
    assert found["compactness"] == pytest.approx(4 * math.pi * 400_000 / 2_600**2, rel=1e-4)
    assert found["rectangle_m2"] == pytest.approx(400_000, rel=1e-4)
    assert found["rectangle_length_m"] == pytest.approx(800, abs=0.1)


def test_the_rectangle_comes_back_to_the_map() -> None:
    blocks = on_the_map(rotate(FLAG, 20))
    found = measures(blocks, TESTS)
    assert found.crs == "EPSG:4490"
    outline = blocks.geometry.iloc[0].buffer(1e-9)
    assert outline.covers(found.geometry.iloc[0])
    area = geodesic_area_m2(found.geometry)[0]
    assert area == pytest.approx(found["rectangle_m2"].iloc[0], rel=1e-5)


def test_far_from_the_meridian_lengths_stay_true() -> None:
    wide = on_the_map(box(0, 0, 500, 500)).geometry.iloc[0]
    spread = gpd.GeoDataFrame(
        geometry=[wide, translate(wide, 6.0, 0)], crs="EPSG:4490", index=["A", "B"]
    )
    found = measures(spread, TESTS, rectangles=False)
    assert found["hull_width_m"].tolist() == pytest.approx([500, 500], abs=0.02)


def test_another_frame_gives_the_same() -> None:
    blocks = on_the_map(box(0, 0, 800, 500))
    one = measures(blocks, TESTS).iloc[0]
    other = measures(blocks.to_crs("EPSG:4547"), TESTS).iloc[0]
    for name in ("area_m2", "min_width_m", "hull_width_m", "compactness"):
        assert one[name] == pytest.approx(other[name], rel=1e-6)


def test_an_area_that_is_given_is_kept() -> None:
    blocks = on_the_map(box(0, 0, 800, 500)).assign(area_m2=1_000_000 / 3 - 1e-7)
    found = measures(blocks, TESTS, rectangles=False).iloc[0]
    assert found["area_m2"] == 1_000_000 / 3 - 1e-7
    assert "area_500_mu" in found["passed"]
    less = measures(blocks.assign(area_m2=1_000_000 / 3 - 1e-3), TESTS, rectangles=False).iloc[0]
    assert "area_500_mu" in less["failed"]


@pytest.mark.parametrize(
    ("shape", "passed"),
    [
        (box(0, 0, 800, 500), {"area_500_mu", "width_100_m", "wide_500_mu", "compact"}),
        (box(0, 0, 4_000, 100), {"area_500_mu", "width_100_m", "wide_500_mu"}),
        (box(0, 0, 4_000, 99), {"area_500_mu"}),
        (box(0, 0, 500, 500), {"width_100_m", "compact"}),
        (box(0, 0, 3_000, 2_300), {test.code for test in TESTS.tests}),
        (scale(YARDS, 5, 4, origin=(0, 0)), {"area_500_mu", "compact"}),
    ],
)
def test_the_standard_tests(shape: shapely.Geometry, passed: set[str]) -> None:
    found = measures(on_the_map(shape), TESTS, rectangles=False).iloc[0]
    assert set(found["passed"]) == passed
    assert set(found["failed"]) == {test.code for test in TESTS.tests} - passed


OWN = """
version = "own"
[[test]]
code = "plot"
measure = "rectangle_width_m"
at_least = 90
zh = "矩形宽90米"
en = "rectangle 90 m wide"
"""


def test_tests_of_ones_own() -> None:
    own = read_tests(OWN)
    found = measures(on_the_map(FLAG, box(0, 0, 50, 500)), own)
    assert found["passed"].tolist() == [("plot",), ()]
    with pytest.raises(InputError, match="plot"):
        measures(on_the_map(FLAG), own, rectangles=False)


@settings(max_examples=6, deadline=None)
@given(st.floats(50, 2_000), st.floats(50, 2_000), st.floats(0.5, 0.999))
def test_tightening_a_limit_never_adds(width: float, length: float, share: float) -> None:
    blocks = on_the_map(box(0, 0, width, length))
    found = measures(blocks, TESTS, rectangles=False).iloc[0]
    rows = [
        OWN.replace("rectangle_width_m", measure)
        .replace("= 90", f"= {limit}")
        .replace('"plot"', f'"{measure}_{name}"')
        for measure in ("area_m2", "min_width_m", "compactness")
        for name, limit in (
            ("loose", found[measure] * share), ("tight", found[measure] / share + 0.1)
        )
    ]  # fmt: skip
    own = read_tests("".join(row.replace('version = "own"', "") for row in rows))
    passed = measures(blocks, own, rectangles=False)["passed"].iloc[0]
    assert passed == ("area_m2_loose", "min_width_m_loose", "compactness_loose")


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("rectangle_width_m", "beauty", "measure"),
        ("= 90", '= "90"', "at_least"),
        ("= 90", "= 90\nwide_m = 5", "wide_m"),
        ("= 90", '= 90\nunit = "亩"', "unit"),
        ("= 90", "= 90\nmost = 5", "most"),
        ("rectangle_width_m", "wide_m2", "wide_m"),
        ("[[test]]", "[[test", "TOML"),
    ],
)
def test_tests_of_ones_own_are_checked(old: str, new: str, named: str) -> None:
    with pytest.raises(InputError, match=named):
        read_tests(OWN.replace(old, new))
    with pytest.raises(InputError, match="twice"):
        read_tests(OWN + OWN.replace('version = "own"', ""))


def test_refusals() -> None:
    with pytest.raises(CRSError):
        measures(draw("R").set_crs(None, allow_override=True), TESTS)
    with pytest.raises(GeometryError, match="0"):
        measures(gpd.GeoDataFrame(geometry=[None], crs="EPSG:4490"), TESTS)
    shapes = [box(113, 22, 114, 23), shapely.LineString([(113, 22), (113.1, 22)])]
    with pytest.raises(GeometryError, match="1"):
        measures(gpd.GeoDataFrame(geometry=shapes, crs="EPSG:4490"), TESTS)


def test_no_blocks_give_an_empty_table() -> None:
    found = measures(draw("R").iloc[:0], TESTS)
    assert len(found) == 0
    assert "passed" in found
