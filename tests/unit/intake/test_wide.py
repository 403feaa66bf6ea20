"""Ledgers laid out wide: 下达, 分配, 使用, 余额 in columns."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.unit.intake.books import coded, faults, table_of, write_book
from zonewright.core.findings import Place
from zonewright.core.records import FileRead
from zonewright.intake.reading import read_file

MU = 2000 / 3
HEAD = ["来源文号", "类别", "下达", "分配", "使用（项目/批次）", None, "余额", "有效期"]
SUB = [None, None, None, None, "面积", "项目/批次", None, None]
MERGE = ["A3:A4", "B3:B4", "C3:C4", "D3:D4", "E3:F3", "G3:G4", "H3:H4"]


def quota(path: Path, *rows: list[object]) -> FileRead:
    above = [["江门市用地指标台账（截至2023年10月）"], ["单位：亩"], HEAD, SUB]
    return read_file(write_book(path, {"指标": [*above, *rows]}, merge={"指标": MERGE}))


def test_a_wide_quota_ledger_becomes_entries(tmp_path: Path) -> None:
    read = quota(
        tmp_path / "用地指标台账.xlsx",
        ["粤〔2023〕1号", "省专项", 500, 300, 100, "大泽项目", 200, "2024-12-31"],
        ["江〔2023〕2号", "市统筹", "1.2万亩", None, None, None, 12000, None],
        ["合计", None, 12500, 300, 100, None, 12200, None],
    )
    assert faults(read) == []
    table = table_of(read, "quota_entries")
    assert [(row["code"], row["entry"], row["area"]) for row in table.rows] == [
        ("粤〔2023〕1号·省专项·江门市·下达", "granted", pytest.approx(500 * MU)),
        ("粤〔2023〕1号·省专项·江门市·分配", "allocated", pytest.approx(300 * MU)),
        ("粤〔2023〕1号·省专项·江门市·使用", "used", pytest.approx(100 * MU)),
        ("江〔2023〕2号·市统筹·江门市·下达", "granted", pytest.approx(12_000 * MU)),
    ]
    assert {row["on"] for row in table.rows} == {date(2023, 10, 31)}
    assert table.rows[0]["expires_on"] == date(2024, 12, 31)
    assert "expires_on" not in table.rows[1]
    assert [row.get("project") for row in table.rows[:3]] == [None, None, "大泽项目"]
    assert table.place(2, "area") == Place("用地指标台账.xlsx", "指标", 5, "E")
    (zone,) = coded(read, "intake-zone-of-title")
    (day,) = coded(read, "intake-date-of-title")
    assert (zone.params["value"], day.params["value"]) == ("江门市", "2023-10-31")


def test_faults_of_a_wide_ledger_are_named(tmp_path: Path) -> None:
    read = quota(
        tmp_path / "用地指标台账.xlsx",
        ["粤〔2023〕1号", "省专项", 500, 300, None, None, 200, None],
        ["江〔2023〕2号", "市统筹", 400, 100, None, None, 250, None],
        ["江〔2023〕3号", "存量核补", None, None, None, None, None, None],
        ["江〔2023〕4号", "增减挂", "待定额", 5, None, None, 5, None],
        ["合计", None, 950, 405, None, None, None, None],
    )
    assert faults(read) == [
        ("intake-number-text", "C8"),
        ("intake-balance-differs", "G6"),
        ("intake-wide-empty", "7"),
    ]


def test_a_total_of_a_wide_ledger_is_compared(tmp_path: Path) -> None:
    read = quota(
        tmp_path / "用地指标台账.xlsx",
        ["粤〔2023〕1号", "省专项", 500, 300, None, None, 200, None],
        ["合计", None, 600, 300, None, None, None, None],
    )
    assert faults(read) == [("intake-total-differs", "C6")]


def test_a_wide_ledger_without_date_or_zone_lacks_columns(tmp_path: Path) -> None:
    rows = [["用地指标台账"], ["单位：亩"], ["来源文号", "类别", "下达", "分配", "余额"]]
    rows.append(["粤1号", "省专项", 5, 1, 4])  # type: ignore[list-item]
    read = read_file(write_book(tmp_path / "q.xlsx", {"指标": rows}))
    (finding,) = coded(read, "intake-column-missing")
    assert finding.params["missing"] == "“片区编号”(zone)、“日期”(on)"


def test_a_wide_ledger_of_funds_keeps_its_numbers_and_days(tmp_path: Path) -> None:
    head = ["序号", "来源文号", "资金类别", "片区", "日期", "下达", "拨付", "使用", "余额"]
    rows = [["资金台账"], ["单位：万元"], head]
    rows.append(["Z-1", "财1号", "专项债", "JM", "2023-3-1", "2.5亿元", 10000, 5000, 20000])
    read = read_file(write_book(tmp_path / "资金台账.xlsx", {"资金": rows}))
    assert faults(read) == []
    found = [(row["code"], row["amount"]) for row in table_of(read, "fund_entries").rows]
    assert found == [
        ("Z-1·下达", 250_000_000), ("Z-1·拨付", 100_000_000), ("Z-1·使用", 50_000_000),
    ]  # fmt: skip


def test_a_ledger_that_names_its_entries_stays_long(tmp_path: Path) -> None:
    head = ["序号", "资金类别", "片区", "日期", "摘要", "下达金额（万元）"]
    rows = [["资金台账"], head, ["Z-1", "专项债", "JM", "2023-3-1", "拨付", 5]]
    read = read_file(write_book(tmp_path / "资金台账.xlsx", {"资金": rows}))
    (row,) = table_of(read, "fund_entries").rows
    assert (row["code"], row["entry"], row["amount"]) == ("Z-1", "allocated", 50_000)
