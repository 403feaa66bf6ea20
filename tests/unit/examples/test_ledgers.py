from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from zonewright.examples import jiangmen

PERIODS = {
    "plan": {"2023"},
    "2023": {"2023"},
    "": {"2023"},
    "2022": {"2022"},
    "2022 (paid 2023)": {"2023-01..2023-10"},
    "cumulative": {"..2023-10"},
    "to 2023": {"..2023-10"},
    "2023 to date": {"2023-01..2023-10", "..2023-10"},
    "2023-01..2023-10": {"2023-01..2023-10"},
    "2023-06": {"2023-06"},
}
BOUNDS = {"exact": "准确", "lower": "超", "upper": "近", "approx": "约"}


def test_quota_granted_to_the_platform(files: Any, agrees: Any) -> None:
    rows = files.rows("用地指标台账.xlsx", "来源文号")
    granted = sum(
        row["面积（亩）"]
        for row in rows
        if row["摘要"] == "下达"
        and row["指标类别"] == "省专项"
        and files.belongs(row["片区编号"], "JM-PT")
    )
    assert granted == int(granted)
    agrees("F050", granted / 15)


def test_funds_granted(files: Any, agrees: Any) -> None:
    rows = [row for row in files.rows("资金台账.xlsx", "来源文号") if row["摘要"] == "下达"]
    sums = {
        kind: sum(
            row["金额（万元）"]
            for row in rows
            if row["资金类别"] == kind and files.belongs(row["片区编号"], zone)
        )
        for kind, zone in (("奖励资金", "JM-JJ"), ("资本金", "JM-PT"))
    }
    agrees("F016", sums["奖励资金"] / 1e4)
    agrees("F045", sums["资本金"] / 1e4)


def test_no_account_is_overdrawn(files: Any) -> None:
    ledgers = (
        ("用地指标台账.xlsx", "面积（亩）", "指标类别", "使用项目"),
        ("资金台账.xlsx", "金额（万元）", "资金类别", "用途"),
    )
    for name, amount, kind, project in ledgers:
        zones: dict[tuple[str, str], float] = {}
        projects: dict[tuple[str, str, str], float] = {}
        for row in files.rows(name, "来源文号"):
            key = (row["片区编号"], row[kind])
            of = (*key, row[project])
            if row["摘要"] == "下达":
                zones[key] = zones.get(key, 0) + row[amount]
            elif row["摘要"] in ("分配", "拨付"):
                zones[key] = zones.get(key, 0) - row[amount]
                projects[of] = projects.get(of, 0) + row[amount]
            else:
                projects[of] = projects.get(of, 0) - row[amount]
            assert zones[key] >= 0
            assert projects.get(of, 0) >= 0


def test_running_balances(files: Any) -> None:
    balance = 0.0
    for row in files.rows("用地指标台账.xlsx", "来源文号"):
        sign = {"下达": 1, "分配": -1, "使用": 0}[row["摘要"]]
        balance += sign * row["面积（亩）"]
        assert abs(row["余额（亩）"] - balance) < 0.005


def test_plans_of_the_cluster(files: Any, agrees: Any) -> None:
    rows = files.rows("规划编制进度表.xlsx", "规划编号")
    agrees("F017", sum(files.belongs(row["片区编号"], "JM-JJ") for row in rows))
    assert len(rows) > 41


def test_three_parks_apply(files: Any, agrees: Any) -> None:
    rows = files.rows("特色产业园申报表.xlsx", "指标代码")
    assert {row["指标代码"] for row in rows} == {"title_application"}
    agrees("F065", sum(row["数值"] for row in rows if files.belongs(row["片区编号"], "JM-PT")))


def test_the_outline_asks_for_every_published_figure_and_holds_no_value(
    files: Any, published: Any
) -> None:
    rows = {row["条目编号"]: row for row in files.rows("回头看提纲.xlsx", "条目编号")}
    wanted = {
        code: row for code, row in published.items() if row["basis"] in ("derived", "reported")
    }
    assert set(rows) == set(wanted)
    for code, row in rows.items():
        figure = wanted[code]
        assert row["单位"] == figure["unit"], code
        assert row["表述"] == BOUNDS[figure["bound"]], code
        assert row["期间"] in PERIODS[figure["period"]], code
        assert figure["value"] not in row["英文表述"].split(), code
        if figure["unit"] != "date":
            step = float(row["表述精度"])
            share = float(figure["value"]) / step
            assert abs(share - round(share)) < 1e-6, code


def test_reported_figures_are_the_published_ones(files: Any, published: Any) -> None:
    bulletins = {
        (row["指标代码"], row["片区编号"], row["期间"]): row
        for row in files.rows("统计公报摘录.xlsx", "指标代码")
    }
    spoken = {"2023": "2023年", "2022": "2022年", "2023-01..2023-10": "2023年1-10月"}
    words = {"exact": "", "approx": "约", "upper": "近"}
    for item in files.rows("回头看提纲.xlsx", "条目编号"):
        figure = published[item["条目编号"]]
        if figure["basis"] == "reported":
            row = bulletins[item["指标代码"], item["片区编号"], spoken[item["期间"]]]
            text = str(row["数值"])
            assert text.startswith(words[figure["bound"]])
            assert float(text.lstrip("约近")) == float(figure["value"])
            assert row["单位"] == figure["unit"]


def test_the_published_copy_is_whole() -> None:
    path = Path(jiangmen.__file__).parent / "data" / "published_figures.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert [row["id"] for row in rows] == [f"F{number:03d}" for number in range(1, 79)]
