"""The seven districts' land ledgers, with the habits of real ones: mixed units, loose dates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from zonewright.examples.jiangmen.fabric import Fabric
from zonewright.examples.jiangmen.frame import Floats
from zonewright.examples.jiangmen.stages import FIRST_DAY, STAGES, Histories
from zonewright.examples.jiangmen.workbooks import Cell, Column, Sheet
from zonewright.examples.jiangmen.zones import Zones

SERVICES = ("道路", "供水", "雨水", "污水", "供电", "燃气", "供热", "通信", "宽带")
DATES = (
    "征地完成日期",
    "收储整备日期",
    "平整验收日期",
    "九通完成日期",
    "净地日期",
    "供应日期",
    "投产日期",
)
COLUMNS = (
    Column("序号", "int", 6),
    Column("地块编号", width=18),
    Column("片区编号", width=11),
    Column("镇村", width=12),
    Column("四至", width=26),
    Column("总面积（亩）", "num", 12),
    Column("规划用途", width=14),
    Column("现状地类", width=12),
    Column("是否占基本农田", width=9),
    Column("批次批文", width=22),
    Column("征地完成%", "pct", 8),
    Column("未征原因", width=18),
    Column("平整状态", width=10),
    *(Column(name, "int", 6, group="九通") for name in SERVICES),
    *(Column(name, "date", 12) for name in DATES),
    Column("可供日期", "date", 12),
    Column("拟供项目", width=20),
    Column("责任人", width=9),
)
_AREA, _TOWN = 5, 3
_MU_M2 = 2_000 / 3
_USES = ("一类工业用地", "二类工业用地", "二类工业用地", "新型产业用地", "物流仓储用地")
_LAND = ("耕地", "园地", "林地", "坑塘水面", "建设用地", "其他农用地")
_REASONS = ("青苗补偿未达成一致", "坟墓未迁", "权属争议", "留用地未落实", "待批次批复")
_SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨"
_HECTARE_SHARE, _ABOUT_SHARE, _LOOSE_DATE_SHARE = 0.012, 0.006, 0.035


@dataclass(frozen=True)
class LandRecords:
    """The lots as the ledgers and the map tell of them, in the order of the fabric.

    Parameters
    ----------
    zone
        Declared zone of each lot: the smallest one that holds it.
    reported_mu
        Area as reported, rounded to 0.01 mu.
    farmland
        Whether a lot takes basic farmland.
    use
        Planned use.
    stage
        Furthest stage reached.
    """

    zone: NDArray[Any]
    reported_mu: Floats
    farmland: NDArray[np.bool_]
    use: NDArray[Any]
    stage: NDArray[Any]


def land_records(
    fabric: Fabric, histories: Histories, zones: Zones, farmland: Any, seed: int
) -> LandRecords:
    """Return what is said of every lot beside its shape and dates."""
    rng = np.random.default_rng([seed, 40])
    points = shapely.point_on_surface(fabric.geometry)
    x, y = shapely.get_x(points), shapely.get_y(points)
    noise = np.where(rng.random(len(points)) < 0.15, rng.normal(0.0, 0.004, len(points)), 0.0)
    return LandRecords(
        zones.innermost(x, y),
        np.round(fabric.area_m2 / _MU_M2 * (1 + noise), 2),
        shapely.contains_xy(farmland, x, y),
        rng.choice(np.array(_USES, dtype=object), len(points)),
        histories.current(),
    )


def ledger_sheet(
    district: str, name: str, fabric: Fabric, histories: Histories, records: LandRecords, seed: int
) -> Sheet:
    """Return the land ledger of a district, with a subtotal a town and a total.

    Parameters
    ----------
    district
        Administrative code.
    name
        Name of the district.
    fabric, histories, records
        The lots and what is known of them.
    seed
        Seed of chance.
    """
    rng = np.random.default_rng([seed, 41, int(district)])
    towns: dict[str, list[int]] = {}
    for block in fabric.superblocks:
        if block.district == district:
            towns.setdefault(block.town.name, []).extend(int(lot) for lot in block.lots)
    rows: list[list[Cell]] = []
    strong: set[int] = set()
    total = 0.0
    number = 0
    for town, lots in towns.items():
        writer = _Writer(town, fabric, histories, records, rng)
        for lot in lots:
            number += 1
            rows.append([number, *writer.row(lot)])
        area = float(np.round(records.reported_mu[lots].sum(), 2))
        total += area
        strong.add(len(rows))
        rows.append(_sum_row("小计", town, area))
    strong.add(len(rows))
    rows.append(_sum_row("合计", "", round(total, 2)))
    title = f"{name}产业园区土地台账（截至2023年10月31日）"
    return Sheet("土地台账", title, COLUMNS, rows, frozenset(strong), unit="单位：亩")


def _sum_row(label: str, town: str, area: float) -> list[Cell]:
    row: list[Cell] = [None] * len(COLUMNS)
    row[1], row[_TOWN], row[_AREA] = label, town, area
    return row


class _Writer:
    """Writes the rows of one town."""

    def __init__(
        self,
        town: str,
        fabric: Fabric,
        histories: Histories,
        records: LandRecords,
        rng: np.random.Generator,
    ) -> None:
        self.town, self.fabric, self.histories = town, fabric, histories
        self.records, self.rng = records, rng
        self.person = f"{_SURNAMES[int(rng.integers(len(_SURNAMES)))]}某"

    def row(self, lot: int) -> list[Cell]:
        """Return the cells of one lot."""
        records, rng = self.records, self.rng
        level = int(records.stage[lot][1])
        days = [self.histories.on(lot, stage) for stage in STAGES]
        village = f"示例{int(self.fabric.block_of[lot]) % 40 + 1}村"
        acquired = 100.0 if level >= 3 else round(float(rng.choice([0, 0, 0, 20, 45, 80])), 1)
        waiting = level < 3 and acquired > 0
        clean = days[STAGES.index("L7")]
        return [
            str(self.fabric.codes[lot]),
            str(records.zone[lot]) or None,
            self.town,
            f"东至规划路，西至{village}界，南至规划路，北至支路",
            self._area(float(records.reported_mu[lot])),
            str(records.use[lot]),
            "建设用地" if level >= 5 else str(rng.choice(_LAND)),
            "是" if records.farmland[lot] else "否",
            self._batch(level, days[0]),
            acquired,
            str(rng.choice(_REASONS)) if waiting else None,
            _levelling(level),
            *self._services(level),
            *self._dates(days),
            clean + timedelta(30) if clean and level == 7 else None,
            "示例意向项目（虚构）" if level == 7 and rng.random() < 0.2 else None,
            self.person,
        ]

    def _area(self, mu: float) -> Cell:
        chance = self.rng.random()
        if chance < _HECTARE_SHARE:
            return f"{mu / 15:.4f}公顷"
        if chance < _HECTARE_SHARE + _ABOUT_SHARE:
            return f"约{mu:.2f}"
        return mu

    def _batch(self, level: int, acquired: date | None) -> Cell:
        if level < 3 or acquired is None:
            return None
        number = acquired.timetuple().tm_yday // 12 + 1
        return f"示例批文〔{acquired.year}〕{number}号"

    def _services(self, level: int) -> list[Cell]:
        if level >= 6:
            state = np.full(9, 5) if level >= 8 else self.rng.integers(4, 6, 9)
        elif level == 5:
            state = self.rng.integers(1, 5, 9)
        elif level >= 3:
            state = self.rng.integers(0, 3, 9)
        else:
            return [None] * 9
        return [int(value) for value in state]

    def _dates(self, days: list[date | None]) -> list[Cell]:
        """Return dates, a few old ones as loosely as offices write them."""
        cells: list[Cell] = list(days)
        for position, day in enumerate(days):
            if day is None or self.rng.random() >= _LOOSE_DATE_SHARE:
                continue
            following = next((later for later in days[position + 1 :] if later), None)
            month_end = (day.replace(day=28) + timedelta(4)).replace(day=1) - timedelta(1)
            if day < FIRST_DAY and day.month != 10 and (not following or month_end < following):
                loose: Mapping[bool, str] = {
                    True: f"{day.year}.{day.month}",
                    False: f"{day.year}年{day.month}月",
                }
                cells[position] = loose[bool(self.rng.random() < 0.5)]
        return cells


def _levelling(level: int) -> str:
    if level >= 5:
        return "已平整"
    return "平整中" if level == 4 else "未平整"
