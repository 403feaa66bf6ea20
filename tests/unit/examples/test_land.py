from __future__ import annotations

import datetime as dt
import re
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import shapely

START, END = dt.date(2023, 1, 1), dt.date(2023, 10, 31)
COLUMNS = {
    "L3": "征地完成日期",
    "L4": "收储整备日期",
    "L5": "平整验收日期",
    "L6": "九通完成日期",
    "L7": "净地日期",
    "L8": "供应日期",
    "L9": "投产日期",
}
MU_500_M2 = 1e6 / 3


@pytest.fixture(scope="module")
def days(files: Any) -> dict[str, np.ndarray]:
    """Day of each stage as an ordinal, 0 for never, in the order of the map's parcels."""
    found = {}
    for stage, column in COLUMNS.items():
        cells = [as_date(files.land[code][column]) for code in files.parcels.index]
        found[stage] = np.array([day.toordinal() if day else 0 for day in cells])
    return found


def as_date(cell: object) -> dt.date | None:
    if isinstance(cell, dt.date) or not cell:
        return cell or None  # type: ignore[return-value]
    found = re.fullmatch(r"(\d{4})[.年](\d{1,2})月?", str(cell))
    assert found, cell
    start = dt.date(int(found[1]), int(found[2]), 28) + dt.timedelta(4)
    return start.replace(day=1) - dt.timedelta(1)


@pytest.mark.parametrize(
    ("figure", "stage", "zone"),
    [
        ("F018", "L3", "JM-JJ"),
        ("F019", "L5", "JM-JJ"),
        ("F028", "L3", "JM-QD"),
        ("F029", "L5", "JM-QD"),
        ("F060", "L4", "JM-PT"),
    ],
)
def test_land_adds_up(
    files: Any, days: Any, agrees: Any, figure: str, stage: str, zone: str
) -> None:
    parcels = files.parcels
    when = days[stage]
    chosen = (when >= START.toordinal()) & (when <= END.toordinal())
    chosen &= files.inside(parcels.geometry, zone)
    agrees(figure, parcels["area_m2"][chosen].sum() / 1e4)


def test_nineteen_blocks_by_the_union_of_ready_parcels(
    files: Any, days: Any, published: Any
) -> None:
    parcels = files.parcels
    last = END.toordinal()
    levelled = (days["L5"] > 0) & (days["L5"] <= last)
    gone = ((days["L8"] > 0) & (days["L8"] <= last)) | ((days["L9"] > 0) & (days["L9"] <= last))
    ready = parcels[levelled & ~gone & files.inside(parcels.geometry, "JM-JJ")]
    parts = shapely.get_parts(shapely.union_all(ready.geometry.to_numpy()))
    tree = shapely.STRtree(parts)
    where = tree.query(shapely.point_on_surface(ready.geometry.to_numpy()), predicate="within")
    areas = np.bincount(where[1], ready["area_m2"].to_numpy()[where[0]])
    assert (areas >= MU_500_M2).sum() == int(published["F020"]["value"])
    assert (np.abs(areas / MU_500_M2 - 1) > 0.01).all()
    assert ((areas > 0.7 * MU_500_M2) & (areas < MU_500_M2)).sum() >= 5
    edge = files.boundaries["JM-JJ"].boundary
    assert (shapely.distance(parts[areas >= MU_500_M2], edge) > 0.0003).all()


def test_ready_parcels_do_not_straddle_a_zone(files: Any, days: Any) -> None:
    last = END.toordinal()
    ready = (days["L5"] > dt.date(2022, 1, 1).toordinal()) & (days["L5"] <= last)
    shapes = files.parcels.geometry.to_numpy()[ready]
    for zone in ("JM-JJ", "JM-PT", "JM-QD"):
        edge = files.boundaries[zone].boundary
        shapely.prepare(edge)
        assert not shapely.intersects(edge, shapes).any()


def test_the_fabric_is_a_valid_coverage(files: Any) -> None:
    shapes = shapely.get_parts(files.parcels.geometry.to_numpy())
    assert len(shapes) == len(files.parcels)
    assert shapely.is_valid(shapes).all()
    assert shapely.coverage_is_valid(shapes)


def test_the_fabric_has_the_order_of_the_real_areas(files: Any) -> None:
    parcels = files.parcels
    assert len(parcels) >= 20_000
    assert parcels.crs.to_epsg() == 4490
    assert 300e6 < parcels["area_m2"].sum() < 800e6
    assert 1e4 < parcels["area_m2"].mean() < 5e4
    assert parcels["area_m2"].min() > 1_000
    assert parcels.index.is_unique
    assert parcels.index.str.fullmatch(r"4407\d\d-[A-Z]{2}-\d{5}").all()


def test_lots_differ_in_size_and_direction(files: Any) -> None:
    parcels = files.parcels
    areas = parcels["area_m2"]
    assert areas.std() / areas.mean() > 0.4
    boxes = shapely.minimum_rotated_rectangle(parcels.geometry.to_numpy()[::97])
    corners = shapely.get_coordinates(boxes).reshape(-1, 5, 2)
    edge = corners[:, 1] - corners[:, 0]
    angle = np.degrees(np.arctan2(edge[:, 1], edge[:, 0])) % 90
    assert (np.histogram(angle, bins=9, range=(0, 90))[0] > 0).all()


def test_parcels_mostly_keep_clear_of_no_go_areas(files: Any) -> None:
    no_go = files.layer("no_go")
    assert {"永久基本农田", "生态保护红线", "水域", "行洪通道"} <= set(no_go["管控类型"])
    assert no_go.is_valid.all()
    points = shapely.point_on_surface(files.parcels.geometry.to_numpy())
    inside = shapely.STRtree(no_go.geometry.to_numpy()).query(points, predicate="within")
    assert 0 < len(set(inside[0].tolist())) < 0.1 * len(points)


def test_ledgers_and_map_hold_the_same_parcels(files: Any) -> None:
    assert set(files.land) == set(files.parcels.index)


def test_stages_follow_one_another(days: Any) -> None:
    stages = list(COLUMNS)
    for earlier, later in pairwise(stages):
        both = (days[earlier] > 0) & (days[later] > 0)
        assert both.any()
        assert (days[earlier][both] <= days[later][both]).all()
    assert max(day.max() for day in days.values()) <= END.toordinal()


def test_ledgers_have_the_habits_of_real_ones(files: Any) -> None:
    areas = [row["总面积（亩）"] for row in files.land.values()]
    texts = [cell for cell in areas if isinstance(cell, str)]
    assert sum(cell.endswith("公顷") for cell in texts) > 100
    assert sum(cell.startswith("约") for cell in texts) > 50
    loose = [row["征地完成日期"] for row in files.land.values()]
    loose = [cell for cell in loose if isinstance(cell, str) and cell]
    assert any("年" in cell for cell in loose)
    assert any("." in cell for cell in loose)
    assert {as_date(cell) < START for cell in loose} == {True}  # type: ignore[operator]


def test_reported_areas_are_near_the_maps(files: Any) -> None:
    mapped = files.parcels["area_m2"]
    for code, row in list(files.land.items())[::53]:
        text = str(row["总面积（亩）"]).removeprefix("约")
        unit = 1e4 if text.endswith("公顷") else 2_000 / 3
        reported = float(text.removesuffix("公顷")) * unit
        assert reported == pytest.approx(mapped[code], rel=0.03)
