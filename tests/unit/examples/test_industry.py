from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import Any

import pytest

PRD = ("广州市", "深圳市", "珠海市", "佛山市", "东莞市", "中山市", "惠州市", "肇庆市")
OUTPUT, VALUE_ADDED = "本年累计/工业总产值（万元）", "本年累计/工业增加值（万元）"
SIGNED = "签约/实际日期"


def total(files: Any, zone: str, column: str, month: str = "10月") -> float:
    rows = files.rows(f"规上企业月报_2023年{month}.xlsx", "企业编号")
    return sum(row[column] for row in rows if files.belongs(row["片区编号"], zone)) / 1e4


@pytest.mark.parametrize(
    ("figure", "zone", "column"),
    [
        ("F025", "JM-JJ", OUTPUT),
        ("F026", "JM-JJ", VALUE_ADDED),
        ("F053", "JM-PT", OUTPUT),
        ("F055", "JM-PT", VALUE_ADDED),
    ],
)
def test_firms_add_up(files: Any, agrees: Any, figure: str, zone: str, column: str) -> None:
    agrees(figure, total(files, zone, column))


def test_share_of_the_city(files: Any, agrees: Any) -> None:
    city = next(
        row["数值"]
        for row in files.rows("统计公报摘录.xlsx", "指标代码")
        if row["指标代码"] == "value_added_published" and row["期间"] == "2023年1-10月"
    )
    assert city.startswith("约")
    share = 100 * total(files, "JM-JJ", VALUE_ADDED) / float(city[1:])
    agrees("F027", share)
    assert share == pytest.approx(68.3, abs=0.05)


def test_some_firms_belong_to_cluster_and_platform(files: Any) -> None:
    rows = files.rows("规上企业月报_2023年10月.xlsx", "企业编号")
    both = [
        row
        for row in rows
        if files.belongs(row["片区编号"], "JM-JJ") and files.belongs(row["片区编号"], "JM-PT")
    ]
    assert len(both) > 50
    assert len({row["企业名称"] for row in rows}) == len(rows)
    assert all("虚构" in row["企业名称"] for row in rows)


def test_year_to_date_grows_from_february_to_october(files: Any) -> None:
    months = ["1-2月", *(f"{month}月" for month in range(3, 11))]
    series = [total(files, "JM-JJ", OUTPUT, month) for month in months]
    assert all(later > before for before, later in pairwise(series))


@pytest.fixture(scope="module")
def transfers(files: Any) -> list[dict[str, Any]]:
    return [
        row
        for row in files.rows("产业项目台账.xlsx", "项目编号")
        if row["项目类别"] == "产业转移"
        and files.belongs(row["片区编号"], "JM-PT")
        and row[SIGNED]
        and row[SIGNED] <= dt.date(2023, 10, 31)
    ]


def test_transfer_projects(transfers: Any, agrees: Any) -> None:
    agrees("F061", len(transfers))
    share = 100 * sum(row["来源地市"] in PRD for row in transfers) / len(transfers)
    agrees("F063", share)
    agrees("F064", sum(row["总投资（万元）"] for row in transfers) / 1e4)


def test_eu_projects(files: Any, agrees: Any) -> None:
    rows = files.rows("中欧合作区项目台账.xlsx", "项目编号")
    rows = [row for row in rows if files.belongs(row["片区编号"], "JM-ZO")]
    assert all(row[SIGNED] <= dt.date(2023, 10, 31) for row in rows)
    countries = {row["来源国别"] for row in rows}
    assert 20 < len(countries) < 30
    agrees("F010", len(rows))
    agrees("F011", sum(row["总投资（万美元）"] for row in rows) / 1e4)


def test_the_four_named_projects(files: Any, agrees: Any) -> None:
    rows = {row["企业名称"]: row for row in files.rows("产业项目台账.xlsx", "项目编号")}
    agrees("F066", rows["中创新航"]["厂房面积（平方米）"] / 1e4)
    agrees("F069", rows["隆基绿能"]["用地面积（亩）"] / 15)
    assert rows["隆基绿能"]["封顶/实际日期"] == "2023年6月"
    assert rows["信义玻璃"]["总投资（万元）"] == "约20亿元"
    assert rows["丰江实业"]["总投资（万元）"] == "约10亿元"
    named = {"中创新航", "隆基绿能", "信义玻璃", "丰江实业"}
    for firm, row in rows.items():
        mark = "合成示例" if firm in named else "虚构"
        assert mark in row["项目名称"]
        assert firm in named or "虚构" in firm
