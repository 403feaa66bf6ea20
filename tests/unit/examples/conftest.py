"""The example's files, built once, and a reader that shares no code with the generator."""

from __future__ import annotations

import csv
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely
from pyproj import Geod
from python_calamine import CalamineWorkbook

from zonewright.examples.jiangmen import build

GEOD = Geod(ellps="GRS80")
STARTUPS = ("JM-QD-PH", "JM-QD-GX", "JM-QD-XH")


def geodesic(shapes: Any) -> np.ndarray:
    return np.array([abs(GEOD.geometry_area_perimeter(shape)[0]) for shape in shapes])


class Files:
    """The folder as a stranger would read it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @cache  # noqa: B019
    def rows(self, name: str, key: str, sheet: int = 0) -> list[dict[str, Any]]:
        """Return the rows below the header that holds `key`; grouped headers as 组/列."""
        cells = CalamineWorkbook.from_path(self.folder / name).get_sheet_by_index(sheet).to_python()
        head = next(number for number, row in enumerate(cells) if key in row)
        names, body = list(cells[head]), head + 1
        if cells[head + 1][0] == "":
            group = ""
            below = cells[head + 1]
            for position, text in enumerate(names):
                group = text or group
                names[position] = f"{group}/{below[position]}" if below[position] else text
            body = head + 2
        rows = [dict(zip(names, row, strict=True)) for row in cells[body:]]
        return [row for row in rows if row[key] not in ("", "小计", "合计")]

    def layer(self, name: str) -> gpd.GeoDataFrame:
        return pyogrio.read_dataframe(self.folder / "园区图层.gpkg", layer=name)

    @cached_property
    def boundaries(self) -> dict[str, Any]:
        frame = self.layer("zones")
        present = frame[frame["边界失效日期"].isna()]
        found = dict(zip(present["片区编号"], present.geometry, strict=True))
        found["JM-QD"] = shapely.union_all([found[code] for code in STARTUPS])
        return found

    @cached_property
    def parcels(self) -> gpd.GeoDataFrame:
        frame = self.layer("parcels").set_index("地块编号")
        frame["area_m2"] = geodesic(frame.geometry)
        return frame

    @cached_property
    def land(self) -> dict[str, dict[str, Any]]:
        """Every row of the seven land ledgers by parcel code."""
        found: dict[str, dict[str, Any]] = {}
        for path in sorted(self.folder.glob("土地台账_*.xlsx")):
            for row in self.rows(path.name, "地块编号"):
                assert row["地块编号"] not in found
                found[row["地块编号"]] = row
        return found

    def inside(self, shapes: Any, zone: str) -> np.ndarray:
        points = shapely.point_on_surface(np.asarray(shapes))
        return shapely.contains_xy(
            self.boundaries[zone], shapely.get_x(points), shapely.get_y(points)
        )

    @cached_property
    def parents(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for row in self.rows("片区名录.xlsx", "上级片区编号", 1):
            found.setdefault(row["下级片区编号"], set()).add(row["上级片区编号"])
        return found

    @cache  # noqa: B019
    def belongs(self, zone: str, to: str) -> bool:
        """Whether a zone is another or lies below it in any hierarchy."""
        return zone == to or any(self.belongs(up, to) for up in self.parents.get(zone, ()))

    @cached_property
    def targets(self) -> dict[tuple[str, str], float]:
        rows = self.rows("年度目标任务分解表.xlsx", "指标代码")
        return {(row["指标代码"], row["片区编号"]): row["年度目标"] for row in rows}


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    folder = tmp_path_factory.mktemp("jiangmen")
    build(folder)
    return Files(folder)


@pytest.fixture(scope="session")
def published() -> dict[str, dict[str, str]]:
    """The published figures by id."""
    path = Path(build.__code__.co_filename).parent / "data" / "published_figures.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        return {row["id"]: row for row in csv.DictReader(lines)}


@pytest.fixture(scope="session")
def agrees(published: dict[str, dict[str, str]]) -> Any:
    """Return a check that a value agrees with a figure at its published precision and bound."""

    def check(code: str, value: float) -> None:
        row = published[code]
        text = row["value"]
        stated = float(text)
        decimals = len(text.partition(".")[2])
        if row["bound"] == "lower":
            assert value > stated
            assert value < stated * 1.15
        elif row["bound"] == "upper":
            assert value <= stated
            assert value > stated * 0.9
        else:
            assert f"{value:.{decimals}f}" == f"{stated:.{decimals}f}"

    return check
