"""The registers with which the year of returns begins: works and firms, without their months."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from zonewright.examples.jiangmen.ledgers import target_sheet
from zonewright.examples.jiangmen.register import zone_sheets
from zonewright.examples.jiangmen.work_returns import KIND, STATUS
from zonewright.examples.jiangmen.workbooks import Column, Row, Sheet, save
from zonewright.examples.jiangmen.year import Year
from zonewright.examples.jiangmen.zones import Zones

_WORKS = (
    Column("序号", "int", 6),
    Column("项目编号", width=13),
    Column("项目名称", width=34),
    Column("项目类型", width=10),
    Column("片区编号", width=11),
    Column("建设性质", width=9),
    Column("总投资（万元）", "int", 12),
    Column("年度计划投资（万元）", "int", 12),
    Column("计划开工", "date", 12, group="开工"),
    Column("实际开工", "date", 12, group="开工"),
    Column("计划完工", "date", 12, group="完工"),
    Column("资金来源", width=14),
    Column("责任单位", width=20),
)
_FIRMS = (
    Column("序号", "int", 6),
    Column("企业编号", width=12),
    Column("企业名称", width=32),
    Column("片区编号", width=11),
    Column("所属片区", width=26),
    Column("行业代码", width=9),
)
_BEGUN = 2023


def registers(
    folder: Path, year: Year, zones: Zones, *, only: Collection[str] | None = None
) -> tuple[Path, ...]:
    """Write the registers of works and firms into a folder, and return their paths.

    Parameters
    ----------
    only
        Codes of the works and firms that are in them; None means all.
    """
    return (
        save(folder / "基础设施项目库.xlsx", (work_sheet(year, only),)),
        save(folder / "规上企业名录.xlsx", (firm_sheet(year, zones, only),)),
    )


def small_ground(folder: Path, year: Year, zones: Zones) -> tuple[Path, ...]:
    """Write what the year needs and no more: zones, targets, registers; return the paths."""
    folder.mkdir(parents=True, exist_ok=True)
    return (
        save(folder / "片区名录.xlsx", zone_sheets(zones)),
        save(folder / "年度目标任务分解表.xlsx", (target_sheet(zones),)),
        *registers(folder, year, zones),
    )


def work_sheet(year: Year, only: Collection[str] | None = None) -> Sheet:
    """Return the register of works as it stands at the beginning of the year."""
    rows: list[Row] = []
    for code, work in year.works.items():
        if only is not None and code not in only:
            continue
        started = work.started_on
        if started is not None and started.year >= _BEGUN:
            started = None
        rows.append(
            [
                len(rows) + 1, code, work.name, KIND[work.kind], work.zone, STATUS[work.status],
                work.total_cost, work.year_plan or None, work.planned_start, started,
                work.planned_finish, work.funds, work.owner,
            ]
        )  # fmt: skip
    return Sheet("项目库", "江门市园区基础设施项目库（2023年初）", _WORKS, rows, unit="单位：万元")


def firm_sheet(year: Year, zones: Zones, only: Collection[str] | None = None) -> Sheet:
    """Return the register of firms."""
    rows: list[Row] = []
    for code, firm in year.firms.items():
        if only is None or code in only:
            rows.append(
                [len(rows) + 1, code, firm.name, firm.zone, zones.names[firm.zone], firm.industry]
            )
    return Sheet("企业名录", "江门市规模以上工业企业名录（2023年）", _FIRMS, rows)
