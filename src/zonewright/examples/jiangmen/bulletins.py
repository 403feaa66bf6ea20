"""Figures quoted from bulletins, applications for a title, and the outline of the look-back."""

from __future__ import annotations

from collections.abc import Mapping

from zonewright.examples.jiangmen.workbooks import Cell, Column, Row, Sheet
from zonewright.examples.jiangmen.zones import Zones, read_rows

_APPLICATIONS = (
    ("JM-TP04", "光伏玻璃与组件"),
    ("JM-TP07", "汽车零部件"),
    ("JM-PT-KP", "五金卫浴与装备"),
)
_OBSERVATION_COLUMNS = (
    Column("指标代码", width=24),
    Column("片区编号", width=12),
    Column("片区名称", width=40),
    Column("期间", width=15),
    Column("数值", "num", 12),
    Column("单位", width=9),
    Column("口径", width=9),
    Column("来源文件", width=62),
)


def bulletin_sheet(zones: Zones) -> Sheet:
    """Return figures quoted from the press and from bulletins; estimates say so."""
    rows = [_observation(row, zones) for row in read_rows("bulletins.csv")]
    note = (
        "注：数值摘自公开报道，标“约”且注明估算者为推算数，"
        "不是统计部门公布数（本示例其余表格为合成数据）"
    )
    return Sheet("公报摘录", "统计公报及公开报道摘录", _OBSERVATION_COLUMNS, rows, note=note)


def application_sheet(zones: Zones) -> Sheet:
    """Return the parks' applications for the provincial title."""
    columns = (*_OBSERVATION_COLUMNS, Column("主导产业", width=20))
    rows: list[Row] = []
    for code, trade in _APPLICATIONS:
        row = {
            "indicator": "title_application",
            "zone": code,
            "period": "2023年",
            "value": "1",
            "unit": "个",
            "basis": "不适用",
            "document": f"{zones.names[code]}申报书（示例）",
        }
        rows.append([*_observation(row, zones), trade])
    return Sheet("申报", "2023年度省特色产业园申报表", columns, rows)


def _observation(row: Mapping[str, str], zones: Zones) -> list[Cell]:
    value = row["value"]
    number: Cell = value if value[0] in "约近超" else float(value)
    return [
        row["indicator"],
        row["zone"],
        zones.names[row["zone"]],
        row["period"],
        number,
        row["unit"],
        row["basis"],
        row["document"],
    ]


def outline_sheet(zones: Zones) -> Sheet:
    """Return the outline of the look-back: what it states, never with which value."""
    columns = (
        Column("条目编号", width=10),
        Column("章节", width=10),
        Column("指标代码", width=28),
        Column("片区编号", width=12),
        Column("片区名称", width=38),
        Column("对象编号", width=12),
        Column("期间", width=20),
        Column("单位", width=9),
        Column("表述", width=8),
        Column("表述精度", width=10),
        Column("表述文字", width=46),
        Column("英文表述", width=62),
    )
    rows: list[Row] = [
        [
            row["code"],
            row["chapter"],
            row["indicator"],
            row["zone"],
            zones.names[row["zone"]],
            row["subject"],
            row["period"],
            row["unit"],
            row["bound"],
            float(row["step"]) if row["step"] else None,
            row["wording"],
            row["wording_en"],
        ]
        for row in read_rows("outline.csv")
    ]
    note = "注：提纲只列条目和表述方式，不含数值；本示例数据为合成，仅总量与公开报道一致"
    return Sheet("提纲", "园区再造回头看提纲（2023年1—10月）", columns, rows, note=note)
