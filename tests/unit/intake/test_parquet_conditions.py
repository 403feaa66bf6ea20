"""Conditions on GeoParquet: judged once a combination of values, right for every row."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from zonewright.core.errors import SchemaError
from zonewright.intake.parcel_file import read_parcels

COUNT = 300
CONDITIONS = (
    "status = 'ready'",
    "status IS NULL OR grade > 3",
    "status = 'ready' AND grade <= 2 OR code LIKE '%7'",
    "area_m2 > 50.5 AND status <> 'ready'",
    "since >= '2023-01-10' AND grade IS NOT NULL",
    "kind = 'b' AND status = 'ready'",
    "1 = 1",
    "1 = 0",
)


def table() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    return pd.DataFrame(
        {
            "code": [f"P{row:03}" for row in range(COUNT)],
            "status": rng.choice(np.array(["ready", "occupied", None], dtype=object), COUNT),
            "grade": pd.array(rng.integers(0, 6, COUNT), dtype="Int64"),
            "area_m2": np.round(rng.uniform(0, 100, COUNT), 1),
            "since": pd.to_datetime("2023-01-01")
            + pd.to_timedelta(rng.integers(0, 20, COUNT), "D"),
            "kind": pd.Categorical(rng.choice(["a", "b"], COUNT)),
        }
    ).assign(grade=lambda frame: frame["grade"].mask(frame["grade"] == 5))


def write(path: Path, frame: pd.DataFrame) -> Path:
    shapes = [shapely.box(row, 0, row + 1, 1) for row in range(len(frame))]
    gpd.GeoDataFrame(frame, geometry=shapes, crs="EPSG:4547").to_parquet(path)
    return path


@pytest.mark.parametrize("where", CONDITIONS)
def test_conditions_hold_row_by_row(tmp_path: Path, where: str) -> None:
    frame = table()
    plain = frame.astype(object).where(frame.notna(), None)
    plain["since"] = frame["since"].dt.strftime("%Y-%m-%d %H:%M:%S")
    database = sqlite3.connect(":memory:")
    plain.to_sql("parcels", database)
    expected = [row for (row,) in database.execute(f'SELECT "index" FROM parcels WHERE {where}')]
    found = read_parcels(write(tmp_path / "lots.parquet", frame), where=where)
    assert found.numbers.tolist() == expected


def test_a_condition_on_no_rows_is_still_read(tmp_path: Path) -> None:
    path = write(tmp_path / "none.parquet", table().iloc[:0])
    assert read_parcels(path, where="status = 'ready'").numbers.tolist() == []
    with pytest.raises(SchemaError):
        read_parcels(path, where="stat = 'ready'")
