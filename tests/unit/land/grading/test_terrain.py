"""Reading terrain: formats, frames, units, and cells without heights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from pyproj import CRS
from rasterio.transform import Affine
from shapely import box

from tests.unit.land.grading.ground import SAMPLES, expected, terrain_of
from zonewright.core.errors import CRSError, InputError, RangeError
from zonewright.land.grading import Terrain, read_terrain

METRIC = "EPSG:4547"
HEIGHTS = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, -9999.0]])


def from_origin(west: float, north: float, x: float, y: float) -> Affine:
    return Affine(x, 0.0, west, 0.0, -y, north)


def write(path: Path, heights: np.ndarray, transform: Affine, **more: Any) -> Path:
    profile = {
        "driver": "GTiff", "count": 1, "dtype": heights.dtype, "nodata": -9999.0,
        "height": heights.shape[0], "width": heights.shape[1], "transform": transform, **more,
    }  # fmt: skip
    with rasterio.open(path, "w", **profile) as sink:
        sink.write(heights, 1)
    return path


@pytest.mark.parametrize("row", expected())
def test_samples_have_the_mean_that_others_computed(row: dict[str, str]) -> None:
    terrain = read_terrain(SAMPLES / row["file"])
    assert np.nanmean(terrain.heights_m) == pytest.approx(float(row["mean_m"]), abs=1e-6)


@pytest.mark.parametrize("name", ["DEM_10m.asc", "hugo_site.asc", "west_bijou_gully.asc"])
def test_an_ascii_grid_is_read_as_gdal_reads_it(name: str) -> None:
    terrain = read_terrain(SAMPLES / name)
    with rasterio.open(SAMPLES / name) as source:
        expected = np.ma.filled(source.read(1, masked=True).astype(float), np.nan)
        assert terrain.bounds == pytest.approx(tuple(source.bounds))
    assert terrain.heights_m == pytest.approx(expected, nan_ok=True, rel=1e-6)


def test_the_corner_may_be_given_by_the_middle_of_a_cell(tmp_path: Path) -> None:
    path = tmp_path / "center.asc"
    path.write_text("NCOLS 2\nNROWS 1\nxllcenter 5\nyllcenter 15\ncellsize 10\n7 -9999\n")
    terrain = read_terrain(path)
    assert terrain.bounds == (0.0, 10.0, 20.0, 20.0)
    assert terrain.heights_m.tolist()[0][0] == 7.0
    assert np.isnan(terrain.heights_m[0, 1])


@pytest.mark.parametrize("text", ["", "ncols 2\nnrows 1\n1 2", "ncols a\nnrows b\ncellsize 1\n1"])
def test_a_grid_without_its_header_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "bad.asc"
    path.write_text(text)
    with pytest.raises(InputError, match=r"bad\.asc"):
        read_terrain(path)


def test_a_grid_with_a_height_too_few_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "short.asc"
    path.write_text("ncols 2\nnrows 2\nxllcorner 0\nyllcorner 0\ncellsize 10\n1 2 3")
    with pytest.raises(InputError, match="3 heights follow"):
        read_terrain(path)


def test_a_frame_beside_an_ascii_grid_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.asc"
    path.write_text("ncols 1\nnrows 1\nxllcorner 0\nyllcorner 0\ncellsize 10\n1")
    path.with_suffix(".prj").write_text(CRS.from_epsg(4547).to_wkt("WKT1_ESRI"))
    crs = read_terrain(path).crs
    assert crs is not None
    assert crs.is_projected


def test_a_geotiff_keeps_frame_corner_and_unknown_cells(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", HEIGHTS, from_origin(500_000, 2_500_000, 5, 5), crs=METRIC)
    terrain = read_terrain(path)
    assert terrain.crs == CRS.from_epsg(4547)
    assert terrain.bounds == (500_000, 2_499_990, 500_015, 2_500_000)
    assert np.isnan(terrain.heights_m).tolist() == [[False] * 3, [False, False, True]]


def test_feet_become_metres(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", HEIGHTS, from_origin(500_000, 2_500_000, 5, 5), crs=METRIC)
    assert read_terrain(path, height_unit="ft").heights_m[0, 0] == pytest.approx(0.3048)
    with rasterio.open(path, "r+") as sink:
        sink.units = ("US survey foot",)
    assert read_terrain(path).heights_m[0, 0] == pytest.approx(1200 / 3937)
    with pytest.raises(RangeError, match="fathom"):
        read_terrain(path, height_unit="fathom")


def test_only_the_part_asked_for_is_read(tmp_path: Path) -> None:
    heights = np.arange(10_000.0).reshape(100, 100)
    path = write(tmp_path / "a.tif", heights, from_origin(0, 1000, 10, 10), crs=METRIC)
    part = read_terrain(path, bounds=(205, 305, 255, 345))
    assert part.bounds == (200, 300, 260, 350)
    assert part.heights_m[0].tolist() == heights[65, 20:26].tolist()
    with pytest.raises(InputError, match="does not reach"):
        read_terrain(path, bounds=(5000, 5000, 5100, 5100))


def test_degrees_are_refused_and_can_be_warped(tmp_path: Path) -> None:
    rows, columns = np.mgrid[:60, :60]
    heights = 100.0 + rows * 0.5 + columns * 0.25
    second = 1 / 3600
    path = write(tmp_path / "a.tif", heights, from_origin(113, 22.5, second, second),
                 crs="EPSG:4490")  # fmt: skip
    with pytest.raises(CRSError, match="EPSG:4490"):
        read_terrain(path)
    terrain = read_terrain(path, warp_to=METRIC)
    x, y = (float(value[value.size // 2]) for value in (terrain.center_x, terrain.center_y))
    lon, lat = rasterio.warp.transform(METRIC, "EPSG:4490", [x], [y])
    row, column = (22.5 - lat[0]) / second - 0.5, (lon[0] - 113) / second - 0.5
    found = terrain.heights_at(np.array([x]), np.array([y]))
    assert found[0] == pytest.approx(100 + row * 0.5 + column * 0.25, abs=0.02)
    corner = terrain.in_this_frame(box(113.005, 22.49, 113.006, 22.491), "EPSG:4490")
    assert box(*terrain.bounds).contains(corner)


@pytest.mark.parametrize("code", ["EPSG:3857", "EPSG:2263"])
def test_frames_without_true_metres_are_refused(code: str) -> None:
    with pytest.raises(CRSError, match=code):
        Terrain(np.ones((2, 2)), 0, 20, 10, 10, CRS.from_user_input(code))


def test_unnamed_degrees_are_noticed() -> None:
    with pytest.raises(CRSError, match="degrees"):
        Terrain(np.ones((2, 2)), 113.0, 22.5, 0.0003, 0.0003)


def test_a_terrain_without_heights_is_refused() -> None:
    with pytest.raises(InputError, match="no height"):
        terrain_of([[np.nan]])


def test_heights_between_cells_are_bilinear() -> None:
    terrain = terrain_of([[0.0, 10.0], [20.0, 30.0]])
    x, y = np.array([10.0, 5.0, 1.0, 25.0]), np.array([10.0, 15.0, 19.0, 5.0])
    assert terrain.heights_at(x, y) == pytest.approx([15.0, 0.0, 0.0, np.nan], nan_ok=True)


def test_an_unknown_cell_has_no_height_and_spoils_none() -> None:
    terrain = terrain_of([[10.0, np.nan]])
    found = terrain.heights_at(np.array([9.0, 11.0]), np.array([5.0, 5.0]))
    assert found == pytest.approx([10.0, np.nan], nan_ok=True)


def test_refining_keeps_a_plane() -> None:
    rows, columns = np.mgrid[:6, :6]
    fine = terrain_of(columns * 1.0 + rows * 2.0).refined(3)
    assert fine.heights_m.shape == (18, 18)
    assert fine.heights_m[9, 10] - fine.heights_m[9, 9] == pytest.approx(1 / 3)
