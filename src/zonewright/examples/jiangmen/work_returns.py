"""The monthly returns of works, and the register of standard factories."""

from __future__ import annotations

from collections.abc import Sequence

from zonewright.examples.jiangmen.workbooks import Cell, Column, Sheet
from zonewright.examples.jiangmen.works import MONTHS, Work, invested_by

STATUS = {"new": "新开工", "continuing": "续建", "completing": "投产", "preparatory": "前期"}
KIND = {
    "road": "道路",
    "water": "供水",
    "rain": "雨水",
    "sewage": "污水",
    "power": "供电",
    "gas": "燃气",
    "heat": "供热",
    "telecom": "通信",
    "levelling": "场地平整",
    "flood": "防洪排涝",
    "green": "生态绿化",
    "facility": "公共配套",
    "standard_factory": "标准厂房",
}
_COLUMNS = (
    Column("序号", "int", 6),
    Column("项目编号", width=13),
    Column("项目名称", width=34),
    Column("项目类型", width=10),
    Column("片区编号", width=11),
    Column("建设性质", width=9),
    Column("总投资（万元）", "int", 12),
    Column("年度计划投资（万元）", "int", 12),
    Column("月份", width=11),
    Column("当月完成投资（万元）", "int", 12, group="完成投资"),
    Column("年累完成投资（万元）", "int", 12, group="完成投资"),
    Column("形象进度%", "pct", 9),
    Column("形象进度", width=16),
    Column("计划开工", "date", 12, group="开工"),
    Column("实际开工", "date", 12, group="开工"),
    Column("计划完工", "date", 12, group="完工"),
    Column("实际完工", "date", 12, group="完工"),
    Column("资金来源", width=14),
    Column("存在问题", width=16),
    Column("责任单位", width=20),
)
_FACTORY_COLUMNS = (
    Column("序号", "int", 6),
    Column("项目编号", width=13),
    Column("项目名称", width=30),
    Column("项目类型", width=10),
    Column("片区编号", width=11),
    Column("建设性质", width=9),
    Column("建筑面积（平方米）", "int", 13),
    Column("总投资（万元）", "int", 12),
    Column("计划开工", "date", 12, group="开工"),
    Column("实际开工", "date", 12, group="开工"),
    Column("计划完工", "date", 12, group="完工"),
    Column("实际完工", "date", 12, group="完工"),
    Column("责任单位", width=24),
)
_STEPS = (
    (15, "施工准备"),
    (40, "基础及管线施工"),
    (75, "主体施工"),
    (99, "收尾工程"),
    (101, "已完工"),
)


def month_sheet(works: Sequence[Work], month: int) -> Sheet:
    """Return the return of one month, by its position in ``MONTHS``."""
    year, number = MONTHS[month]
    year_to_date = invested_by(works, month)
    rows: list[list[Cell]] = []
    for position, work in enumerate(works):
        listed = work.invested.any() or (work.status == "preparatory" and year == 2023)
        begun = work.started_on is None or (
            (work.started_on.year, work.started_on.month) <= (year, number)
        )
        if listed and begun:
            rows.append([len(rows) + 1, *_row(work, month, int(year_to_date[position]))])
    total: list[Cell] = [None] * len(_COLUMNS)
    total[1] = "合计"
    for column in (9, 10):
        total[column] = sum(int(str(row[column])) for row in rows)
    title = f"江门市园区基础设施建设月报（{year}年{number}月）"
    return Sheet(
        f"{number}月", title, _COLUMNS, [*rows, total], frozenset({len(rows)}), unit="单位：万元"
    )


def factory_sheet(works: Sequence[Work]) -> Sheet:
    """Return the register of standard factories."""
    rows: list[list[Cell]] = [
        [
            number,
            work.code,
            work.name,
            KIND[work.kind],
            work.zone,
            STATUS[work.status],
            work.floor_area_m2,
            work.total_cost,
            work.planned_start,
            work.started_on,
            work.planned_finish,
            work.finished_on,
            work.owner,
        ]
        for number, work in enumerate(
            (work for work in works if work.kind == "standard_factory"), start=1
        )
    ]
    total: list[Cell] = [None] * len(_FACTORY_COLUMNS)
    total[1] = "合计"
    for column in (6, 7):
        total[column] = sum(int(str(row[column])) for row in rows)
    title = "江门市标准厂房建设情况表（截至2023年10月）"
    return Sheet(
        "标准厂房",
        title,
        _FACTORY_COLUMNS,
        [*rows, total],
        frozenset({len(rows)}),
        unit="单位：平方米、万元",
    )


def stage_of(done_pct: float) -> str:
    """Return what is said of the site of a work that is done so far [%]."""
    return next(text for limit, text in _STEPS if done_pct < limit)


def _row(work: Work, month: int, year_to_date: int) -> list[Cell]:
    year, number = MONTHS[month]
    spent = int(work.invested[: month + 1].sum())
    done = round(min(100.0, 100.0 * spent / work.total_cost), 1)
    finished = work.finished_on
    if finished and (finished.year, finished.month) > (year, number):
        finished = None
    return [
        work.code,
        work.name,
        KIND[work.kind],
        work.zone,
        STATUS[work.status],
        work.total_cost,
        work.year_plan or None,
        f"{year}年{number}月",
        int(work.invested[month]),
        year_to_date,
        done,
        stage_of(done),
        work.planned_start,
        work.started_on,
        work.planned_finish,
        finished,
        work.funds,
        "雨季影响施工" if number in (5, 6) and len(work.name) % 5 == 0 else None,
        work.owner,
    ]
