"""Industrial projects with their milestones: four named in the press, the rest fictitious."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np

from zonewright.examples.jiangmen.selection import split_sum
from zonewright.examples.jiangmen.workbooks import Cell, Column, Sheet
from zonewright.examples.jiangmen.zones import Zones

STEPS = ("签约", "供地", "开工", "封顶", "试投产", "投产", "达产")
CATEGORIES = {"transfer": "产业转移", "eu": "欧资", "major": "重大产业", "other": "其他"}
_LAST = date(2023, 10, 31)
# Transfer projects of the platform: 65 by source, CNY 21.364 bn in all [万元].
_PLATFORM_SOURCES = (
    ("深圳市", 19),
    ("广州市", 13),
    ("东莞市", 9),
    ("佛山市", 7),
    ("上海市", 5),
    ("长沙市", 4),
    ("温州市", 4),
    ("厦门市", 4),
)
_PLATFORM_INVESTMENT = 2_136_400
_PLATFORM_ZONES = (
    *("JM-PT-TS", "JM-PT-KP", "JM-PT-HS", "JM-GC"),
    *("JM-TP04", "JM-TP07", "JM-PT-KP"),
)
_OTHER_ZONES = (
    *("JM-PJY", "JM-GX", "JM-TP01", "JM-TP02", "JM-TP03"),
    *("JM-DZ", "JM-TP11", "JM-TP10", "JM-EP"),
)
_OTHER_SOURCES = ("深圳市", "广州市", "佛山市", "中山市", "东莞市", "珠海市", "苏州市")
_EU_COUNTRIES = (
    *("德国", "法国", "意大利", "荷兰", "西班牙", "瑞典"),
    *("丹麦", "芬兰", "奥地利", "比利时", "瑞士", "英国"),
    *("爱尔兰", "葡萄牙", "波兰", "捷克", "匈牙利", "挪威"),
    *("卢森堡", "希腊", "斯洛文尼亚", "罗马尼亚", "保加利亚"),
)
_EU_COUNT, _EU_INVESTMENT = 156, 1_534_600
_TRADES = (
    ("C34", "智能装备"),
    ("C36", "汽车零部件"),
    ("C38", "新能源电气"),
    ("C39", "电子元件"),
    ("C33", "五金卫浴"),
    ("C26", "新材料"),
    ("C35", "应急装备"),
    ("C14", "健康食品"),
)
_ISSUES = ("用地报批中", "环评办理中", "施工图审查中", "供电容量待落实")
_GREEK = ("甲", "乙", "丙", "丁", "戊", "己", "庚", "辛")


@dataclass(frozen=True)
class Venture:
    """A project: investment in 万元 or 万美元 (text where the press gives a bound)."""

    code: str
    name: str
    firm: str
    zone: str
    category: str
    source: str
    industry: str
    investment: Cell
    fixed_investment: Cell
    land_mu: float | None
    floor_area_m2: int | None
    power_kw: int
    water_m3_d: int
    gas_m3_d: int
    issue: str | None = None
    planned: dict[str, Cell] = field(default_factory=dict)
    actual: dict[str, Cell] = field(default_factory=dict)


def build_ventures(seed: int) -> tuple[Venture, ...]:
    """Return every project."""
    rng = np.random.default_rng([seed, 70])
    sources = [city for city, count in _PLATFORM_SOURCES for _ in range(count)]
    sizes = split_sum(_PLATFORM_INVESTMENT // 100, rng.lognormal(0.0, 0.8, len(sources)) + 0.05)
    ventures = list(_named())
    for row, k in enumerate(rng.permutation(len(sources))):
        zone = _PLATFORM_ZONES[row % len(_PLATFORM_ZONES)]
        code = f"JM-V-{row + 11:04d}"
        ventures.append(_venture(code, "transfer", zone, sources[k], int(sizes[row]) * 100, rng))
    for row in range(34):
        source = _OTHER_SOURCES[row % len(_OTHER_SOURCES)]
        zone = _OTHER_ZONES[row % len(_OTHER_ZONES)]
        size = int(rng.uniform(30, 900)) * 100
        category = ("transfer", "major", "other")[row % 3]
        ventures.append(_venture(f"JM-V-{row + 101:04d}", category, zone, source, size, rng))
    sizes = split_sum(_EU_INVESTMENT // 10, rng.lognormal(0.0, 0.9, _EU_COUNT) + 0.03)
    for row in range(_EU_COUNT):
        zone = "JM-YY" if row % 4 == 0 else "JM-ZO"
        country = _EU_COUNTRIES[int(row % 23 if row < 60 else rng.integers(9))]
        code = f"JM-E-{row + 1:04d}"
        ventures.append(_venture(code, "eu", zone, country, int(sizes[row]) * 10, rng))
    return tuple(ventures)


def _venture(
    code: str, category: str, zone: str, source: str, investment: int, rng: np.random.Generator
) -> Venture:
    industry, trade = _TRADES[int(rng.integers(len(_TRADES)))]
    number = int(code[-4:])
    origin = source.removesuffix("市")
    firm = f"示例{origin}{trade}{_GREEK[number % 8]}{number:03d}公司（虚构）"
    yuan = investment * (7 if category == "eu" else 1)
    land = round(float(np.clip(yuan / rng.uniform(350, 700), 8, 420)), 1)
    signed = date(2021 if category != "eu" else 2016, 2, 1)
    signed += timedelta(int(rng.integers(0, (date(2023, 10, 12) - signed).days)))
    planned, actual = _ladder(signed, rng)
    return Venture(
        code,
        f"{trade}项目{number:03d}（虚构）",
        firm,
        zone,
        category,
        source,
        industry,
        investment,
        int(investment * 0.72),
        land,
        int(land * 667 * rng.uniform(0.9, 1.8)) // 100 * 100,
        int(yuan * rng.uniform(0.06, 0.2)),
        int(rng.uniform(30, 900)),
        int(rng.uniform(0, 4_000)),
        str(rng.choice(_ISSUES)) if "开工" not in actual and rng.random() < 0.6 else None,
        planned,
        actual,
    )


def _ladder(signed: date, rng: np.random.Generator) -> tuple[dict[str, Cell], dict[str, Cell]]:
    """Return planned and reached days of the ladder that starts at signature."""
    waits = (0, 150, 120, 200, 130, 60, 240)
    planned: dict[str, Cell] = {}
    actual: dict[str, Cell] = {}
    plan = fact = signed
    reached = True
    for step, wait in zip(STEPS, waits, strict=True):
        plan += timedelta(wait)
        fact += timedelta(int(wait * rng.uniform(0.75, 1.45)))
        planned[step] = plan
        reached = reached and fact <= _LAST
        if reached:
            actual[step] = fact
    return planned, actual


def _named() -> tuple[Venture, ...]:
    """Return the four projects that the press names; what it does not say is made up."""
    mark = "（细节为合成示例）"
    return (
        Venture(
            "JM-V-0001",
            f"中创新航（凤山湖）动力电池项目{mark}",
            "中创新航",
            "JM-FS",
            "major",
            "常州市",
            "C38",
            None,
            None,
            None,
            530_000,
            98_000,
            3_200,
            0,
            None,
            {"签约": date(2021, 11, 20), "开工": date(2022, 4, 1), "投产": date(2023, 6, 30)},
            {
                "签约": date(2021, 11, 20),
                "开工": "2022年4月",
                "封顶": "2022年12月",
                "投产": "2023年4月",
            },
        ),
        Venture(
            "JM-V-0002",
            f"隆基绿能光伏组件项目{mark}",
            "隆基绿能",
            "JM-LJ",
            "major",
            "西安市",
            "C38",
            None,
            None,
            510,
            290_000,
            36_000,
            1_400,
            0,
            None,
            {"签约": date(2023, 2, 10), "开工": date(2023, 4, 21), "封顶": date(2023, 7, 15)},
            {"签约": date(2023, 2, 10), "开工": date(2023, 4, 21), "封顶": "2023年6月"},
        ),
        Venture(
            "JM-V-0003",
            f"信义玻璃项目{mark}",
            "信义玻璃",
            "JM-TP04",
            "major",
            "东莞市",
            "C30",
            "约20亿元",
            None,
            460,
            240_000,
            22_000,
            1_900,
            86_000,
            None,
            {"签约": date(2022, 8, 18), "开工": date(2023, 9, 1), "封顶": date(2024, 5, 30)},
            {"签约": date(2022, 8, 18), "供地": date(2023, 5, 16), "开工": "2023年9月"},
        ),
        Venture(
            "JM-V-0004",
            f"丰江实业项目{mark}",
            "丰江实业",
            "JM-DZ",
            "major",
            "江门市",
            "C38",
            "约10亿元",
            None,
            150,
            130_000,
            9_000,
            600,
            0,
            None,
            {"签约": date(2021, 9, 15), "开工": date(2022, 5, 10), "试投产": date(2023, 10, 31)},
            {"签约": date(2021, 9, 15), "开工": date(2022, 5, 10), "试投产": "2023年10月"},
        ),
    )


def venture_sheet(ventures: Sequence[Venture], zones: Zones) -> Sheet:
    """Return the ledger of the projects invested in CNY."""
    title = "江门市产业项目台账（截至2023年10月）"
    chosen = [venture for venture in ventures if venture.category != "eu"]
    return _sheet("产业项目", title, chosen, zones, money="万元", source="来源地市")


def eu_sheet(ventures: Sequence[Venture], zones: Zones) -> Sheet:
    """Return the ledger of the EU-capital projects, invested in USD."""
    title = "中欧（江门）中小企业国际合作区欧资项目台账（截至2023年10月）"
    chosen = [venture for venture in ventures if venture.category == "eu"]
    return _sheet("欧资项目", title, chosen, zones, money="万美元", source="来源国别")


def _sheet(
    name: str, title: str, ventures: Sequence[Venture], zones: Zones, *, money: str, source: str
) -> Sheet:
    columns = [
        Column("序号", "int", 6),
        Column("项目编号", width=12),
        Column("项目名称", width=32),
        Column("企业名称", width=34),
        Column("片区编号", width=11),
        Column("所属片区", width=26),
        Column("项目类别", width=10),
        Column(source, width=11),
        Column("行业代码", width=9),
        Column(f"总投资（{money}）", "int", 13),
        Column(f"固定资产投资（{money}）", "int", 13),
        Column("用地面积（亩）", "num", 11),
        Column("厂房面积（平方米）", "int", 12),
        Column("用电负荷kW", "int", 11),
        Column("日用水量m3", "int", 11),
        Column("日用气量m3", "int", 11),
        Column("环保类别", width=10),
        *(
            Column(side, "date", 12, group=step)
            for step in STEPS
            for side in ("计划日期", "实际日期")
        ),
        Column("服务专员", width=9),
        Column("卡点", width=18),
    ]
    rows: list[list[Cell]] = [
        [
            number,
            venture.code,
            venture.name,
            venture.firm,
            venture.zone,
            zones.names[venture.zone],
            CATEGORIES[venture.category],
            venture.source,
            venture.industry,
            venture.investment,
            venture.fixed_investment,
            venture.land_mu,
            venture.floor_area_m2,
            venture.power_kw,
            venture.water_m3_d,
            venture.gas_m3_d or None,
            "报告表",
            *(side.get(step) for step in STEPS for side in (venture.planned, venture.actual)),
            "示例专员",
            venture.issue,
        ]
        for number, venture in enumerate(ventures, start=1)
    ]
    return Sheet(name, title, columns, rows, unit=f"单位：{money}、亩、平方米")
