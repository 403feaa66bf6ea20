"""Fictitious above-scale firms and their monthly returns, counted from January on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zonewright.examples.jiangmen.selection import split_sum
from zonewright.examples.jiangmen.workbooks import Cell, Column, Sheet
from zonewright.examples.jiangmen.zones import Zones

LAST_MONTHS = tuple(range(2, 11))
# Year-to-date sums of October [万元]: cluster 31 199 873 and 8 181 964, platform 6 805 168 and
# 1 670 713; firms in both are counted once in each.
_SETS = (
    (
        "cluster",
        1_090,
        27_987_532,
        7_412_907,
        (
            *("JM-PJY", "JM-YY", "JM-ZO", "JM-TP05", "JM-TP08", "JM-TP09", "JM-QD-PH"),
            *("JM-GX", "JM-GX", "JM-TP01", "JM-TP02", "JM-TP03", "JM-TP06", "JM-TP10"),
            *("JM-DZ", "JM-SQ", "JM-FS", "JM-QD-GX", "JM-TP11", "JM-JJ-S", "JM-JJ-E"),
        ),
    ),
    ("both", 118, 3_212_341, 769_057, ("JM-GC", "JM-GC", "JM-TP04", "JM-TP07")),
    ("platform", 152, 3_592_827, 901_656, ("JM-PT-TS", "JM-PT-KP", "JM-PT-KP", "JM-PT-HS")),
    ("outside", 124, 2_406_118, 548_202, ("JM-EP", "JM-KP", "JM-TS", "JM-XH", "JM-HS", "JM-LJ")),
)
_TRADES = (
    ("C14", "食品"),
    ("C22", "纸品"),
    ("C26", "新材料"),
    ("C27", "医药健康"),
    ("C30", "玻璃建材"),
    ("C33", "金属制品"),
    ("C34", "机械装备"),
    ("C35", "安全应急装备"),
    ("C36", "汽车零部件"),
    ("C37", "轨道交通装备"),
    ("C38", "家用电器"),
    ("C38", "新能源电池"),
    ("C39", "电子信息"),
)
_FIRST = "云岚嘉启宏远锦拓瑞凌恒泽旭澄"
_SECOND = "川达辰拓森普诺卓维固盈朗捷彦"
_COLUMNS = (
    Column("序号", "int", 6),
    Column("企业编号", width=12),
    Column("企业名称", width=32),
    Column("片区编号", width=11),
    Column("所属片区", width=26),
    Column("行业代码", width=9),
    Column("期间", width=16),
    Column("工业总产值（万元）", "int", 14, group="本年累计"),
    Column("工业增加值（万元）", "int", 14, group="本年累计"),
    Column("税收（万元）", "int", 12, group="本年累计"),
    Column("用电量（万kWh）", "num", 13, group="本年累计"),
)


@dataclass(frozen=True, slots=True)
class Firm:
    """A firm with its year-to-date figures, one a month from February to October [万元, 万kWh]."""

    code: str
    name: str
    zone: str
    industry: str
    output: NDArray[np.int64]
    value_added: NDArray[np.int64]
    tax: NDArray[np.int64]
    power: NDArray[np.float64]


def build_firms(seed: int) -> tuple[Firm, ...]:
    """Return the firms; October's year-to-date figures add up to the published ones."""
    rng = np.random.default_rng([seed, 60])
    firms: list[Firm] = []
    for _, count, output, value_added, homes in _SETS:
        size = rng.lognormal(0.0, 1.1, count) + 0.08
        outputs = split_sum(output, size)
        rate = np.clip(rng.normal(0.25, 0.05, count), 0.1, 0.42)
        values = split_sum(value_added, outputs.astype(np.float64) * rate)
        for row in range(count):
            firms.append(_firm(len(firms), homes[row % len(homes)], outputs[row], values[row], rng))
    return tuple(firms)


def _firm(number: int, zone: str, output: int, value_added: int, rng: np.random.Generator) -> Firm:
    industry, trade = _TRADES[int(rng.integers(len(_TRADES)))]
    first, second = _FIRST[number % len(_FIRST)], _SECOND[number // len(_FIRST) % len(_SECOND)]
    month = np.array([1.75, 1.05, 1.0, 1.02, 1.06, 1.0, 0.99, 1.04, 1.06])
    share = np.cumsum(month * rng.uniform(0.8, 1.2, len(month)))
    share /= share[-1]
    value_share = np.cumsum(month * rng.uniform(0.8, 1.2, len(month)))
    value_share /= value_share[-1]
    tax = int(output * rng.uniform(0.012, 0.045))
    power = output * rng.uniform(0.012, 0.08)
    return Firm(
        f"JM-F-{number + 1:04d}",
        f"示例{first}{second}{trade}{number + 1:04d}有限公司（虚构）",
        zone,
        industry,
        np.round(output * share).astype(np.int64),
        np.round(value_added * value_share).astype(np.int64),
        np.round(tax * share).astype(np.int64),
        np.round(power * share, 2),
    )


def firm_sheet(firms: Sequence[Firm], zones: Zones, position: int) -> Sheet:
    """Return the firms' return of a month, by its position in ``LAST_MONTHS``."""
    month = LAST_MONTHS[position]
    period = f"2023年1-{month}月"
    rows: list[list[Cell]] = [
        [
            number,
            firm.code,
            firm.name,
            firm.zone,
            zones.names[firm.zone],
            firm.industry,
            period,
            int(firm.output[position]),
            int(firm.value_added[position]),
            int(firm.tax[position]),
            float(firm.power[position]),
        ]
        for number, firm in enumerate(firms, start=1)
    ]
    total: list[Cell] = [None] * len(_COLUMNS)
    total[1] = "合计"
    total[7] = sum(int(firm.output[position]) for firm in firms)
    total[8] = sum(int(firm.value_added[position]) for firm in firms)
    total[9] = sum(int(firm.tax[position]) for firm in firms)
    total[10] = round(sum(float(firm.power[position]) for firm in firms), 2)
    return Sheet(
        "规上企业",
        f"江门市规模以上工业企业月报（{period}累计）",
        _COLUMNS,
        [*rows, total],
        frozenset({len(rows)}),
        unit="单位：万元、万kWh",
    )
