"""The ledgers of land quota and of funds, and the year's targets."""

from __future__ import annotations

from datetime import date

from zonewright.examples.jiangmen.workbooks import Column, Row, Sheet
from zonewright.examples.jiangmen.zones import Zones, read_rows

_NAMES = {
    "land_acquired": "征地面积",
    "land_assembled": "新整备土地",
    "land_levelled": "土地平整面积",
    "ready_blocks": "500亩以上连片净地",
    "works_started": "启动建设基础设施工程",
    "works_invested": "基础设施完成投资",
    "standard_factory_built": "新增建成标准厂房面积",
}
_SIGNS = {"下达": 1, "退回": 1, "分配": -1, "拨付": -1, "使用": 0, "失效": -1}


def quota_sheet(zones: Zones) -> Sheet:
    """Return the ledger of land quota with its running balance [亩]."""
    columns = (
        Column("序号", width=10),
        Column("日期", "date", 12),
        Column("来源文号", width=24),
        Column("指标类别", width=12),
        Column("摘要", width=9),
        Column("片区编号", width=12),
        Column("片区名称", width=34),
        Column("面积（亩）", "num", 12),
        Column("使用项目", width=36),
        Column("有效期至", "date", 12),
        Column("余额（亩）", "num", 12),
    )
    balance = 0.0
    rows: list[Row] = []
    for number, row in enumerate(read_rows("quota.csv"), start=1):
        area = float(row["area_mu"])
        balance = round(balance + _SIGNS[row["entry"]] * area, 4)
        rows.append(
            [
                f"ZB-{number:03d}",
                date.fromisoformat(row["on"]),
                row["document"],
                row["category"],
                row["entry"],
                row["zone"],
                zones.names[row["zone"]],
                area,
                row["project"],
                date.fromisoformat(row["expires_on"]),
                balance,
            ]
        )
    return Sheet("用地指标", "江门市园区用地指标台账（2023年）", columns, rows, unit="单位：亩")


def fund_sheet(zones: Zones) -> Sheet:
    """Return the ledger of funds with its running balance [万元]."""
    columns = (
        Column("序号", width=10),
        Column("日期", "date", 12),
        Column("来源文号", width=24),
        Column("资金类别", width=12),
        Column("摘要", width=9),
        Column("片区编号", width=12),
        Column("片区名称", width=40),
        Column("金额（万元）", "int", 13),
        Column("用途", width=30),
        Column("余额（万元）", "int", 13),
    )
    balance = 0
    rows: list[Row] = []
    for number, row in enumerate(read_rows("funds.csv"), start=1):
        amount = int(row["amount_wan"])
        balance += _SIGNS[row["entry"]] * amount
        rows.append(
            [
                f"ZJ-{number:03d}",
                date.fromisoformat(row["on"]),
                row["document"],
                row["kind"],
                row["entry"],
                row["zone"],
                zones.names[row["zone"]],
                amount,
                row["purpose"],
                balance,
            ]
        )
    return Sheet("资金", "江门市园区建设资金台账", columns, rows, unit="单位：万元")


def target_sheet(zones: Zones) -> Sheet:
    """Return the year's targets with their curves."""
    columns = (
        Column("指标代码", width=24),
        Column("指标名称", width=26),
        Column("片区编号", width=12),
        Column("片区名称", width=38),
        Column("年度", width=8),
        Column("年度目标", "num4", 12),
        Column("单位", width=9),
        Column("进度曲线", width=10),
        Column("一季度%", "pct", 9, group="进度要求"),
        Column("上半年%", "pct", 9, group="进度要求"),
        Column("三季度%", "pct", 9, group="进度要求"),
        Column("全年%", "pct", 9, group="进度要求"),
    )
    rows: list[Row] = [
        [
            row["indicator"],
            _NAMES[row["indicator"]],
            row["zone"],
            zones.names[row["zone"]],
            "2023",
            float(row["value"]),
            row["unit"],
            row["curve"],
            *(float(row[key]) if row[key] else None for key in ("q1", "half", "q3", "year")),
        ]
        for row in read_rows("targets.csv")
    ]
    return Sheet("年度目标", "2023年度园区建设目标任务分解表", columns, rows)
