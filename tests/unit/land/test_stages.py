"""Flow and stock of the land pipeline."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from zonewright.core.errors import SchemaError
from zonewright.core.periods import Period
from zonewright.land.stages import STAGES, flow, stock


def events(*rows: tuple[str, str, str, float]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["parcel", "stage", "on", "area_m2"])
    return frame.assign(on=pd.to_datetime(frame["on"]))


SAMPLE = events(
    ("A", "L3", "2022-11-30", 100.0),
    ("A", "L5", "2023-02-28", 100.0),
    ("B", "L3", "2023-01-01", 40.0),
    ("B", "L5", "2023-10-31", 40.0),
    ("C", "L5", "2023-11-01", 7.0),
)


def test_flow_counts_both_ends_of_the_period() -> None:
    found = flow(SAMPLE, Period.parse("2023-01..2023-10"))
    assert found.loc["L3"].tolist() == [1, 40.0]
    assert found.loc["L5"].tolist() == [2, 140.0]
    assert list(found.index) == list(STAGES)


def test_a_stage_recorded_twice_counts_on_its_first_day_only() -> None:
    again = pd.concat([SAMPLE, events(("A", "L5", "2023-06-01", 100.0))])
    pd.testing.assert_frame_equal(
        flow(again, Period.parse("2023")), flow(SAMPLE, Period.parse("2023"))
    )
    assert flow(again, Period.parse("2023-06")).loc["L5", "parcel_count"] == 0


def test_flow_since_the_beginning() -> None:
    assert flow(SAMPLE, Period.parse("..2022-12")).loc["L3"].tolist() == [1, 100.0]


def test_stock_is_the_furthest_stage_by_the_day() -> None:
    found = stock(SAMPLE, date(2023, 10, 31))
    assert found.loc["L5"].tolist() == [2, 140.0]
    assert found["parcel_count"].sum() == 2
    assert stock(SAMPLE, date(2023, 10, 30)).loc["L3"].tolist() == [1, 40.0]


def test_stock_before_the_first_event_is_empty() -> None:
    assert stock(SAMPLE, date(2020, 1, 1))["area_m2"].sum() == 0


def test_no_events_give_ten_empty_stages() -> None:
    assert flow(SAMPLE.iloc[:0], Period.parse("2023"))["parcel_count"].tolist() == [0] * 10


def test_a_missing_column_is_named() -> None:
    with pytest.raises(SchemaError, match="area_m2"):
        stock(SAMPLE.drop(columns="area_m2"), date(2023, 1, 1))
