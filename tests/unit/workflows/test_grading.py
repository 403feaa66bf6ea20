"""Grading questions of a workspace: what is typed, where the block lies, and what is written."""

from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np
import pytest
import shapely

from tests.unit.store.conftest import Made
from tests.web.plan_ground import CRS, terrain_text
from zonewright.core.errors import CRSError, InputError, RangeError
from zonewright.land.grading import GradingProblem, Pad, Terrain, grade, read_terrain
from zonewright.store.models import Parcel, Zone, ZoneVersion
from zonewright.store.places import locate
from zonewright.workflows import grading
from zonewright.workflows.books import open_books
from zonewright.workflows.cut_fill_picture import CUT, FILL, picture, scale_m
from zonewright.workflows.grading_question import frame_around, pads_of, question_of, sites_of

ASKED = {"zone": "Z1", "on": "2023-10-31", "parcels": "DK-0000", "crs": CRS, "time_limit_s": 1}


@pytest.fixture
def land(embedded: Made) -> None:
    """A zone and the parcel that the terrain of `plan_ground` covers."""
    zone = Zone.objects.create(code="Z1", name="集聚区", kind="cluster")
    shape = shapely.MultiPolygon([shapely.box(112.7, 22.4, 113.1, 22.6)])
    ZoneVersion.objects.create(zone=zone, valid_from="2023-01-01", geometry=shape.wkb)
    parcel = shapely.MultiPolygon([shapely.box(112.7, 22.4, 112.764, 22.432)])
    Parcel.objects.create(code="DK-0000", geometry=parcel.wkb)
    locate()


@pytest.fixture
def terrain(tmp_path: Path) -> Path:
    """The terrain as a file."""
    path = tmp_path / "ground.asc"
    path.write_text(terrain_text(), encoding="utf-8")
    return path


def test_a_block_is_levelled_on_its_terrain(land: None, terrain: Path, tmp_path: Path) -> None:
    question = question_of(ASKED | {"pattern": "terraces", "terraces": 2, "min_width_m": 400})
    problem, ground = grading.problem_of(question, terrain, open_books())
    result = grading.plan_grading(question, problem)
    told = grading.told(question, problem, ground, result)
    assert told["verified"] is True
    assert told["cost_cny"] <= told["single"]["cost"]["total_cny"] * (1 + 1e-9)
    assert abs(told["plan"]["imbalance"]) < 1e-3
    paths = grading.write_files(problem, result.plan, tmp_path / "out")
    rise = read_terrain(paths[0], crs=CRS).heights_m
    cell_m2 = problem.terrain.cell_m2
    # The grid tells the same earth as the plan, but for cells on the border, which it holds whole.
    moved = float(np.nansum(np.abs(rise))) * cell_m2
    assert moved == pytest.approx(told["plan"]["fill_m3"] + told["plan"]["cut_m3"], rel=0.2)
    assert Path(paths[1]).read_bytes()[:4] == b"\x89PNG"


def test_both_sections_run_through_the_whole_block(land: None, terrain: Path) -> None:
    question = question_of(ASKED)
    problem, ground = grading.problem_of(question, terrain, open_books())
    told = grading.told(question, problem, ground, grading.plan_grading(question, problem))
    along, across = told["sections"]
    assert along["points"][-1][0] > across["points"][-1][0] > 3000
    assert {point[3] for point in along["points"]} >= {"P1"}
    assert all(point[1] is not None for point in along["points"])


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"parcels": "XX"}, "XX"),
        ({"parcels": "", "block": "B1"}, "no block B1"),
        ({"pattern": "grid", "width_m": 50, "depth_m": 50}, "platforms"),
    ],
)
def test_what_is_not_there_is_named(
    land: None, terrain: Path, changed: dict[str, object], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        grading.problem_of(question_of(ASKED | changed), terrain, open_books())


def test_a_terrain_without_a_frame_asks_for_one(land: None, terrain: Path) -> None:
    with pytest.raises(CRSError):
        grading.problem_of(question_of(ASKED | {"crs": ""}), terrain, open_books())


def test_a_terrain_in_degrees_is_brought_into_metres(land: None, tmp_path: Path) -> None:
    path = tmp_path / "degrees.asc"
    rows = "\n".join(
        " ".join(f"{20 + column * 0.1:.2f}" for column in range(60)) for _ in range(40)
    )
    path.write_text(
        f"ncols 60\nnrows 40\nxllcorner 112.69\nyllcorner 22.39\ncellsize 0.0015\n{rows}\n",
        encoding="utf-8",
    )
    problem, ground = grading.problem_of(
        question_of(ASKED | {"crs": "EPSG:4490"}), path, open_books()
    )
    assert (
        problem.terrain.crs.to_epsg()
        == frame_around(shapely.box(112.7, 22.4, 112.8, 22.5)).to_epsg()
    )
    assert ground.area == pytest.approx(6600 * 3540, rel=0.02)


@pytest.mark.parametrize(("lon", "epsg"), [(113.0, 4547), (76.0, 4534), (121.6, 4550)])
def test_the_frame_of_a_place_is_its_3_degree_one(lon: float, epsg: int) -> None:
    assert frame_around(shapely.box(lon, 30, lon + 0.1, 30.1)).to_epsg() == epsg


def test_a_place_outside_those_frames_is_refused() -> None:
    with pytest.raises(CRSError, match="outside"):
        frame_around(shapely.box(2, 48, 2.1, 48.1))


@pytest.mark.parametrize(
    "text",
    [
        "pit, hole, 113, 22, 5, 9",
        "pit, borrow, 113, 22",
        ", dump, 113, 22, 5, 9",
        "a, dump, 500, 22, 5",
    ],
)
def test_a_site_that_cannot_be_read_is_named_by_its_line(text: str) -> None:
    with pytest.raises(InputError, match="Line 2"):
        sites_of(f"东坑, 弃土, 113.02, 22.41, 8, 50000\n{text}")


def test_sites_are_read_in_both_languages() -> None:
    first, second = sites_of(
        "东坑，弃土场，113.02，22.41，8\n\nwest, borrow, 113, 22.4, 6.5, 90000"
    )
    assert (first.name, first.kind, second.kind) == ("东坑", "dump", "borrow")
    assert first.capacity_m3 > 1e9


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"swell": 0}, RangeError),
        ({"cut_cny_m3": "dear"}, InputError),
        ({"max_slope_pct": 50}, RangeError),
        ({"pattern": "spiral"}, InputError),
        ({"zone": ""}, InputError),
        ({"detour": 0.5}, RangeError),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused(
    changed: dict[str, object], error: type[InputError]
) -> None:
    with pytest.raises(error):
        question_of(ASKED | changed)


def test_the_picture_shows_cut_fill_and_nothing() -> None:
    rise = np.array([[9.0, -9.0], [0.0, np.nan]])
    made = picture(rise)
    body = made[made.index(b"IDAT") + 4 : made.index(b"IEND") - 8]
    pixels = (
        np.frombuffer(zlib.decompress(body), dtype=np.uint8).reshape(2, 9)[:, 1:].reshape(2, 2, 4)
    )
    assert pixels[0, 0].tolist() == [*FILL[1], 255]
    assert pixels[0, 1].tolist() == [*CUT[1], 255]
    assert pixels[1, 0, 3] == 255
    assert pixels[1, 1].tolist() == [0, 0, 0, 0]
    assert scale_m(rise) == pytest.approx(9.0, rel=0.1)


def test_a_grid_of_cut_and_fill_reads_back(tmp_path: Path) -> None:
    ground = Terrain(
        np.array([[1.0, 2.0], [3.0, np.nan]]), west=0, north=20, cell_x_m=10, cell_y_m=10
    )
    rates = question_of(ASKED).rates
    problem = GradingProblem(ground, (Pad("P", shapely.box(0, 0, 20, 20)),), rates)
    plan = grade(problem).plan
    assert plan is not None
    path = tmp_path / "rise.asc"
    path.write_text(
        grading.cut_fill_ascii(problem, grading.rise_of(problem, plan)), encoding="utf-8"
    )
    found = read_terrain(path).heights_m
    level = plan.pads[0].plane.level_m
    assert found == pytest.approx(level - ground.heights_m, abs=1e-3, nan_ok=True)


def test_a_grid_of_platforms_covers_the_block(land: None) -> None:
    ground = shapely.box(0, 0, 400, 300)
    flat = Terrain(np.full((30, 40), 5.0), west=0, north=300, cell_x_m=10, cell_y_m=10)
    asked = question_of(ASKED | {"pattern": "grid", "width_m": 200, "depth_m": 150})
    pads = pads_of(asked, flat, ground)
    assert len(pads) == 4
    assert sum(pad.polygon.area for pad in pads) == pytest.approx(ground.area)
