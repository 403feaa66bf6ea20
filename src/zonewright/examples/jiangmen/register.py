"""The list of zones with their memberships, and the register of plans."""

from __future__ import annotations

from datetime import date
from typing import Final

from zonewright.examples.jiangmen.workbooks import Column, Row, Sheet
from zonewright.examples.jiangmen.zones import Zones

KINDS: Final = {
    "city": "市",
    "district": "区县",
    "cluster": "产业集聚区",
    "group": "组团",
    "startup": "先行启动区",
    "park": "园区",
    "specialised_park": "特色产业园",
    "platform": "主平台",
    "economic_zone": "经济区",
    "bay": "湾区",
    "cooperation": "合作区",
    "collective": "集合",
}
_HIERARCHIES = {
    "admin": "行政区划",
    "group": "组团",
    "startup": "先行启动区",
    "specialised_park": "特色产业园",
    "platform": "主平台",
    "economic_zone": "经济区",
    "cooperation": "合作区",
}


def zone_sheets(zones: Zones) -> tuple[Sheet, Sheet]:
    """Return the list of zones as they stand, and their memberships."""
    listed: list[Row] = [
        [
            version.code,
            version.name,
            version.name_en,
            KINDS[version.kind],
            version.valid_from,
            version.valid_to,
            version.legal_basis,
        ]
        for version in zones.versions
        if version.valid_to is None
    ]
    names = zones.names
    members: list[Row] = [
        [
            row["parent"],
            names[row["parent"]],
            row["child"],
            names[row["child"]],
            _HIERARCHIES[row["hierarchy"]],
            date.fromisoformat(row["valid_from"]),
            None,
        ]
        for row in zones.memberships
    ]
    columns = (
        Column("片区编号", width=12),
        Column("片区名称", width=44),
        Column("英文名称", width=50),
        Column("片区类型", width=12),
        Column("边界生效日期", "date", 13),
        Column("边界失效日期", "date", 13),
        Column("依据文件", width=34),
    )
    member_columns = (
        Column("上级片区编号", width=13),
        Column("上级片区", width=40),
        Column("下级片区编号", width=13),
        Column("下级片区", width=40),
        Column("体系", width=13),
        Column("起始日期", "date", 13),
        Column("终止日期", "date", 13),
    )
    return (
        Sheet("片区", "江门市产业片区名录", columns, listed),
        Sheet("隶属关系", "江门市产业片区隶属关系表", member_columns, members),
    )


def plan_sheet(zones: Zones) -> Sheet:
    """Return the register of plans: 41 of the cluster, more of the platform and the districts."""
    rows: list[Row] = [[number, *row] for number, row in enumerate(_plans(zones), start=1)]
    columns = (
        Column("序号", "int", 6),
        Column("规划编号", width=14),
        Column("规划名称", width=58),
        Column("片区编号", width=12),
        Column("规划层级", width=12),
        Column("规划类型", width=16),
        Column("编制阶段", width=11),
        Column("审批机关", width=18),
        Column("批复日期", "date", 13),
    )
    return Sheet("规划", "江门市产业园区规划编制进度表（截至2023年10月）", columns, rows)


def _plans(zones: Zones) -> list[Row]:
    unified = [("JM-JJ", "集聚区"), *((c, "先行启动区") for c in _of_kind(zones, "startup"))]
    unified += [(code, "园区") for code in _of_kind(zones, "specialised_park")]
    drafts = [(code, level, "统一规划") for code, level in unified]
    drafts += [(code, "组团", "国土空间规划") for code in _of_kind(zones, "group")]
    for code in _of_kind(zones, "startup"):
        drafts += [(code, "先行启动区", "产业规划"), (code, "先行启动区", "概念性规划")]
    drafts += [(c, "园区", "控制性详细规划") for c in _of_kind(zones, "specialised_park")]
    specials = ("综合交通", "排水防涝", "电力设施", "燃气供热", "信息通信", "生态环境保护")
    named = [(code, level, kind, f"{zones.names[code]}{kind}") for code, level, kind in drafts]
    named += [
        ("JM-JJ", "集聚区", "专项规划", f"{zones.names['JM-JJ']}{s}专项规划") for s in specials
    ]
    for code in ("JM-PT", "JM-PT-TS", "JM-PT-KP", "JM-PT-HS"):
        level = "主平台" if code == "JM-PT" else "园区"
        named.append((code, level, "统一规划", f"{zones.names[code]}统一规划"))
    rows: list[Row] = []
    stages = ("已批复", "已批复", "已批复", "报批", "公示", "评审", "编制中")
    for number, (code, level, kind, name) in enumerate(named, start=1):
        stage = "已批复" if kind == "统一规划" else stages[number * 3 % len(stages)]
        day = date(2022 + number % 2, 1 + number * 5 % 9, 1 + number * 7 % 27)
        approved = stage == "已批复"
        approver = "市人民政府" if approved else None
        rows.append(
            [
                f"JM-P-{number:03d}",
                name,
                code,
                level,
                kind,
                stage,
                approver,
                day if approved else None,
            ]
        )
    return rows


def _of_kind(zones: Zones, kind: str) -> list[str]:
    found = [v.code for v in zones.versions if v.kind == kind and v.valid_to is None]
    return sorted(found)
