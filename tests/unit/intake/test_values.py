"""Amounts whose cell names a multiple or a unit of its own."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from tests.unit.intake.books import coded, faults, table_of, write_book
from zonewright.intake.reading import read_file

MU = 2000 / 3


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("300万", 3_000_000),
        ("5千万", 50_000_000),
        ("2百", 200),
        ("3亿", 300_000_000),
        ("7", 70_000),
    ],
)
def test_a_multiple_counts_yuan_whatever_the_caption_says(
    tmp_path: Path, text: str, amount: int
) -> None:
    head = ["项目编号", "项目名称", "项目类型", "总投资（万元）"]
    rows = [head, ["W-1", "路", "道路", text]]
    read = read_file(write_book(tmp_path / "工程.xlsx", {"工程": rows}))
    assert table_of(read, "works").rows[0]["total_cost"] == amount


@pytest.mark.parametrize(
    ("text", "area_mu"), [("2万", 20_000), ("3千", 3_000), ("1.2万亩", 12_000)]
)
def test_a_multiple_of_an_area(tmp_path: Path, text: str, area_mu: int) -> None:
    rows = [["地块编号", "片区", "总面积（万亩）"], ["P-1", "A", text], ["P-2", "A", 1]]
    read = read_file(write_book(tmp_path / "地块.xlsx", {"地块": rows}))
    first, second = table_of(read, "parcels").rows
    assert first["reported_area"] == pytest.approx(area_mu * MU)
    assert second["reported_area"] == pytest.approx(10_000 * MU)


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("1395平方公里", "公顷", Decimal(139_500)),
        ("超100亿", "亿元", Decimal(100)),
        ("3亿", "万元", Decimal(30_000)),
        ("5万", "个", Decimal(50_000)),
        ("1.2万", "万亩", Decimal("1.2")),
        ("800公顷", None, Decimal(800)),
        (12, "km2", Decimal(12)),
    ],
)
def test_a_value_is_brought_to_the_unit_beside_it(
    tmp_path: Path, text: object, unit: str | None, value: Decimal
) -> None:
    rows = [["指标", "片区", "期间", "数值", "单位"], ["planned_area", "JM", "2023年", text, unit]]
    read = read_file(write_book(tmp_path / "公报.xlsx", {"公报": rows}))
    assert faults(read) == []
    (row,) = table_of(read, "observations").rows
    assert row["value"] == value
    assert row["unit"] in ("ha", "亿元", "万元", "个", "万亩", "km2")
    assert not {"value_unit", "value_scale"} & set(row)


def test_a_value_in_a_unit_of_something_else_is_refused(tmp_path: Path) -> None:
    rows = [
        ["指标", "片区", "期间", "数值", "单位"],
        ["planned_area", "JM", "2023年", "5亿元", "公顷"],
    ]
    read = read_file(write_book(tmp_path / "公报.xlsx", {"公报": rows}))
    assert faults(read) == [("intake-unit-wrong", "D2")]


def test_shares_among_percents_are_named(tmp_path: Path) -> None:
    rows = [["地块编号", "片区", "征地完成率"], ["P-1", "A", 0.5], ["P-2", "A", "60"]]
    read = read_file(write_book(tmp_path / "地块.xlsx", {"地块": rows}))
    (finding,) = coded(read, "intake-percent-mixed")
    assert (finding.place.row, finding.place.column) == (2, "C")
