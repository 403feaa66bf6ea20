"""Cut and fill, by cells and by prisms."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.land.grading.ground import SAMPLES, expected, hills, terrain_of
from zonewright.core.errors import InputError
from zonewright.land.grading import (
    Pad,
    Plane,
    Terrain,
    read_terrain,
    resolved,
    volumes_by_grid,
    volumes_by_prisms,
)
from zonewright.land.grading.columns import columns_of
from zonewright.land.grading.prisms import positive_part, prisms_of

HOLED = shapely.Polygon(
    [(3, 4), (111, 12), (95, 104), (20, 115)], [[(40, 40), (70, 45), (60, 71), (42, 60)]]
)
finite = st.floats(-50, 50, allow_nan=False)


@pytest.mark.parametrize("row", expected())
def test_samples_have_the_cut_that_others_computed(row: dict[str, str]) -> None:
    terrain = read_terrain(SAMPLES / row["file"])
    plane = Plane(float(row["mean_m"]), 0, 0)
    found = volumes_by_grid(terrain, shapely.box(*terrain.bounds), plane)
    assert found.cut_m3 == pytest.approx(float(row["cut_m3"]), rel=1e-5)
    prisms = volumes_by_prisms(terrain, shapely.box(*terrain.bounds), plane)
    assert prisms.cut_m3 == pytest.approx(found.cut_m3, rel=0.01)
    assert prisms.fill_m3 == pytest.approx(found.fill_m3, rel=0.01)
    assert prisms.area_m2 == pytest.approx(found.area_m2)


def test_cells_count_with_the_part_that_is_covered() -> None:
    columns = columns_of(hills(1), HOLED)
    assert columns.total_m2 == pytest.approx(HOLED.area)
    assert columns.middle == pytest.approx((HOLED.centroid.x, HOLED.centroid.y))


def test_sizes_may_be_whole_numbers() -> None:
    terrain = Terrain(np.ones((2, 2)), west=0, north=6, cell_x_m=3, cell_y_m=3)
    assert columns_of(terrain, shapely.box(0, 0, 4, 4)).total_m2 == pytest.approx(16)


def test_prisms_of_a_shape_with_a_hole_cover_it() -> None:
    prisms = prisms_of(hills(1), HOLED)
    assert prisms.area_m2.sum() == pytest.approx(HOLED.area)
    assert prisms.missing_m2 == pytest.approx(0, abs=1e-6)


def test_cut_by_prisms_is_the_integral_over_the_triangles() -> None:
    """Against a sum over half a million points of the same triangulated ground."""
    terrain, plane = hills(2), Plane(50.5, 60, 60, 0.01, -0.02)
    step = 0.15
    x, y = (axis.ravel() for axis in np.meshgrid(*[np.arange(step / 2, 120, step)] * 2))
    inside = shapely.contains_xy(HOLED, x, y)
    x, y = x[inside], y[inside]
    padded = np.pad(terrain.heights_m, 1, mode="edge")
    across, down = x / 10 + 0.5, (120 - y) / 10 + 0.5
    # Half cells at the border: the node beyond the last middle stands on the border itself.
    across = np.where(across < 1, 2 * across - 1, across)
    down = np.where(down < 1, 2 * down - 1, down)
    across = np.where(across > 12, 12 + 2 * (across - 12), across)
    down = np.where(down > 12, 12 + 2 * (down - 12), down)
    column, row = np.floor(across).astype(int), np.floor(down).astype(int)
    u, v = across - column, down - row
    nw, ne, sw, se = (padded[row + i, column + j] for i, j in ((0, 0), (0, 1), (1, 0), (1, 1)))
    lower, upper = nw + v * (sw - nw) + u * (se - sw), nw + u * (ne - nw) + v * (se - ne)
    above = np.where(v > u, lower, upper) - plane.heights_at(x, y)
    share = HOLED.area / len(x)
    found = volumes_by_prisms(terrain, HOLED, plane)
    assert found.cut_m3 == pytest.approx(above[above > 0].sum() * share, rel=2e-3)
    assert found.fill_m3 == pytest.approx(-above[above < 0].sum() * share, rel=2e-3)


def test_ground_in_a_plane_is_measured_alike_by_both() -> None:
    rows, columns = np.mgrid[:12, :12]
    terrain = terrain_of(0.3 * columns - 0.2 * rows)
    inner = shapely.box(20, 20, 100, 100)
    for plane in (Plane(-5, 60, 60), Plane(9, 60, 60, 0.02, 0.01)):
        grid, prisms = volumes_by_grid(terrain, inner, plane), volumes_by_prisms(
            terrain, inner, plane
        )  # fmt: skip
        assert (grid.cut_m3, grid.fill_m3) == pytest.approx((prisms.cut_m3, prisms.fill_m3))


def test_finer_columns_come_nearer_to_the_prisms() -> None:
    terrain, plane = hills(3), Plane(50, 0, 0)
    prisms = volumes_by_prisms(terrain, HOLED, plane).cut_m3
    coarse, fine = (
        abs(volumes_by_grid(ground, HOLED, plane).cut_m3 - prisms)
        for ground in (terrain, terrain.refined(5))
    )
    assert fine < coarse / 3


def test_ground_without_heights_is_left_out_by_both() -> None:
    heights = np.full((6, 6), 3.0)
    heights[2:4, 1] = np.nan
    terrain = terrain_of(heights)
    for measure in (volumes_by_grid, volumes_by_prisms):
        found = measure(terrain, shapely.box(-10, 0, 60, 60), Plane(1.0, 0, 0))
        assert found.cut_m3 == pytest.approx(2 * 3400)
        assert found.missing_m2 == pytest.approx(200 + 600)


@pytest.mark.parametrize("measure", [volumes_by_grid, volumes_by_prisms])
def test_a_polygon_beyond_the_terrain_is_refused(measure: object) -> None:
    with pytest.raises(InputError):
        measure(terrain_of([[1.0]]), shapely.box(900, 900, 950, 950), Plane(0, 0, 0))  # type: ignore[operator]


@given(st.tuples(finite, finite, finite))
def test_above_less_below_is_the_mean(corners: tuple[float, float, float]) -> None:
    values = np.array([corners])
    above, below = positive_part(values)[0], positive_part(-values)[0]
    assert above >= 0
    assert above - below == pytest.approx(np.mean(corners), abs=1e-9)


@given(st.tuples(finite, finite, finite), st.integers(0, 2))
def test_a_divided_triangle_has_the_same_volume(
    corners: tuple[float, float, float], turn: int
) -> None:
    a, b, c = np.roll(corners, turn)
    middle = (b + c) / 2
    parts = positive_part(np.array([[a, b, middle], [a, middle, c]])).mean()
    assert parts == pytest.approx(positive_part(np.array([corners]))[0], abs=1e-9)


@given(st.integers(0, 50), st.floats(45, 55), st.floats(-0.05, 0.05))
def test_cut_less_fill_is_linear_in_the_level(seed: int, level: float, slope: float) -> None:
    terrain = hills(seed, 6, 6)
    block = shapely.box(3, 4, 57, 51)
    one, other = (
        volumes_by_grid(terrain, block, Plane(height, 30, 27.5, slope)) for height in (level, 50)
    )
    assert one.net_m3 - other.net_m3 == pytest.approx((50 - level) * block.area, abs=1e-6)


# Depth of a landslide on 10 m cells, metres between neighbours (landlab, MIT).
NAN = np.nan
SLIDE = np.array(
    [
        [NAN, -5.9, -9.2, -10.5, -6.3],
        [NAN, -9.0, -14.2, -13.7, -7.6],
        [-7.5, -10.4, -15.6, -15.7, -10.2],
        [-4.8, -8.4, -13.7, -12.4, -9.8],
        [-4.0, -4.6, -7.7, -4.3, -3.8],
        [-1.7, -3.0, -3.8, -1.6, -2.4],
        [NAN, -1.2, -1.7, NAN, NAN],
    ]
)


@pytest.mark.parametrize("slope", [0.0, 0.1])
def test_few_rough_cells_are_divided_until_columns_measure_what_prisms_do(slope: float) -> None:
    """The area is the same; a column takes a slope within its cell for a step at the border."""
    survey = terrain_of(SLIDE)
    block, plane = shapely.box(*survey.bounds), Plane(-7.3, 25, 35, slope, 0.0)
    fine = resolved(survey, [Pad("A", block)])
    prisms = volumes_by_prisms(survey, block, plane)
    coarse, divided = (volumes_by_grid(ground, block, plane) for ground in (survey, fine))
    assert coarse.area_m2 == pytest.approx(prisms.area_m2) == pytest.approx(divided.area_m2)
    assert coarse.cut_m3 > 1.05 * prisms.cut_m3
    assert divided.cut_m3 == pytest.approx(prisms.cut_m3, rel=0.01)
    assert divided.fill_m3 == pytest.approx(prisms.fill_m3, rel=0.01)
    assert (survey.divided, fine.divided) == (1, 4)


def test_cells_that_are_enough_stay_as_they_are() -> None:
    terrain = hills(1, 20, 20)
    assert resolved(terrain, [Pad("A", shapely.box(0, 0, 200, 200))]) is terrain


def test_ground_with_more_holes_than_heights_is_measured_the_same() -> None:
    terrain = hills(4)
    terrain.heights_m[:9] = np.nan
    few = volumes_by_prisms(terrain, HOLED, Plane(50, 0, 0))
    columns = columns_of(terrain, HOLED)
    assert few.area_m2 == pytest.approx(columns.total_m2)
    assert few.missing_m2 == pytest.approx(columns.missing_m2)
