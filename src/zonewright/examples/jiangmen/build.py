"""Write the files that Jiangmen's headquarters would exchange."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import shapely

from zonewright.examples.jiangmen.bulletins import (
    application_sheet,
    bulletin_sheet,
    outline_sheet,
)
from zonewright.examples.jiangmen.fabric import Fabric, build_fabric, read_towns
from zonewright.examples.jiangmen.firms import LAST_MONTHS, Firm, build_firms, firm_sheet
from zonewright.examples.jiangmen.frame import shape_to_metres
from zonewright.examples.jiangmen.land_ledger import land_records, ledger_sheet
from zonewright.examples.jiangmen.layers import write_layers
from zonewright.examples.jiangmen.ledgers import fund_sheet, quota_sheet, target_sheet
from zonewright.examples.jiangmen.nogo import NoGoArea, build_no_go
from zonewright.examples.jiangmen.register import plan_sheet, zone_sheets
from zonewright.examples.jiangmen.stages import build_histories
from zonewright.examples.jiangmen.ventures import build_ventures, eu_sheet, venture_sheet
from zonewright.examples.jiangmen.work_returns import factory_sheet, month_sheet
from zonewright.examples.jiangmen.workbooks import Sheet, save
from zonewright.examples.jiangmen.works import MONTHS, Work, build_works
from zonewright.examples.jiangmen.year import YEAR, Year, build_year, returning
from zonewright.examples.jiangmen.year_registers import registers, small_ground
from zonewright.examples.jiangmen.zones import Zones, build_zones, district_outlines

Progress = Callable[[float, str], None]
_BARRIERS = ("water", "ecology", "flood", "heritage")


def build(
    folder: Path, *, seed: int = 2023, progress: Progress | None = None, returned: bool = False
) -> tuple[Path, ...]:
    """Write every file of the example into a folder.

    Record by record the files add up to the figures published for January to October 2023. The
    figures, the district outlines and the place names are real; everything else is synthetic and
    says so in each file. The same seed gives the same bytes.

    Parameters
    ----------
    folder
        Where to write; made if it does not exist. Files of the same names are replaced.
    seed
        Seed of chance.
    progress
        Called with the share done and what is being done.
    returned
        Whether the months of 2023 of the zones that hand in the year's returns (`year.ZONES`) are
        left out, and their works and firms written as registers instead.

    Returns
    -------
    paths
        Every file written.

    Raises
    ------
    EngineError
        If the lots that the seed draws cannot add up to a published area.
    """
    tell = progress or _silent
    folder.mkdir(parents=True, exist_ok=True)
    tell(0.0, "zones")
    zones = build_zones(seed)
    tell(0.1, "parcels")
    fabric, no_go = build_ground(seed)
    tell(0.4, "stages")
    histories = build_histories(fabric, zones, seed)
    farmland = shapely.union_all([area.degrees for area in no_go if area.kind == "farmland"])
    records = land_records(fabric, histories, zones, farmland, seed)
    works = build_works(fabric, zones, seed)
    tell(0.5, "layers")
    paths = [
        write_layers(
            folder / "园区图层.gpkg",
            zones=zones,
            fabric=fabric,
            records=records,
            works=works,
            no_go=no_go,
        )
    ]
    books: list[tuple[str, tuple[Sheet, ...]]] = [
        ("片区名录.xlsx", zone_sheets(zones)),
        ("规划编制进度表.xlsx", (plan_sheet(zones),)),
        ("用地指标台账.xlsx", (quota_sheet(zones),)),
        ("资金台账.xlsx", (fund_sheet(zones),)),
        ("年度目标任务分解表.xlsx", (target_sheet(zones),)),
        ("特色产业园申报表.xlsx", (application_sheet(zones),)),
        ("统计公报摘录.xlsx", (bulletin_sheet(zones),)),
        ("回头看提纲.xlsx", (outline_sheet(zones),)),
    ]
    for code, name in _districts(zones):
        sheet = ledger_sheet(code, name, fabric, histories, records, seed)
        books.append((f"土地台账_{name}.xlsx", (sheet,)))
    firms = build_firms(seed)
    left_out = _returning(zones, works, firms) if returned else frozenset()
    for position, (year, month) in enumerate(MONTHS):
        told = [work for work in works if year < YEAR or work.code not in left_out]
        books.append((f"基础设施月报_{year}年{month:02d}月.xlsx", (month_sheet(told, position),)))
    books.append(("标准厂房表.xlsx", (factory_sheet(works),)))
    ventures = build_ventures(seed)
    books.append(("产业项目台账.xlsx", (venture_sheet(ventures, zones),)))
    books.append(("中欧合作区项目台账.xlsx", (eu_sheet(ventures, zones),)))
    told_firms = [firm for firm in firms if firm.code not in left_out]
    for position, month in enumerate(LAST_MONTHS):
        label = "1-2月" if month == 2 else f"{month}月"
        books.append(
            (f"规上企业月报_2023年{label}.xlsx", (firm_sheet(told_firms, zones, position),))
        )
    for number, (name, sheets) in enumerate(books):
        tell(0.6 + 0.4 * number / len(books), name)
        paths.append(save(folder / name, sheets))
    if returned:
        paths += registers(folder, build_year(works, firms, seed), zones, only=left_out)
    tell(1.0, "")
    return tuple(paths)


def build_start(folder: Path, *, seed: int = 2023) -> tuple[Year, tuple[Path, ...]]:
    """Write what the year of returns needs and no more, and return the year with the files."""
    zones = build_zones(seed)
    year = year_of(zones, seed=seed)
    return year, small_ground(folder, year, zones)


def year_of(zones: Zones | None = None, *, seed: int = 2023) -> Year:
    """Return the year of returns of the example that a seed draws."""
    drawn = zones or build_zones(seed)
    fabric, _ = build_ground(seed)
    return build_year(build_works(fabric, drawn, seed), build_firms(seed), seed)


def build_ground(seed: int) -> tuple[Fabric, tuple[NoGoArea, ...]]:
    """Return the lots and the no-go areas that they keep clear of."""
    towns = read_towns()
    districts = {code: shape_to_metres(shape) for code, shape in district_outlines().items()}
    land = shapely.union_all(list(districts.values()))
    places = np.array([[*town.centre, town.radius_m] for town in towns])
    no_go = build_no_go(land, places, seed)
    barriers = shapely.union_all([area.metres for area in no_go if area.kind in _BARRIERS])
    return build_fabric(towns, districts, barriers, seed), no_go


def _districts(zones: Zones) -> list[tuple[str, str]]:
    outlines = district_outlines()
    found = []
    for version in zones.versions:
        if version.kind == "district":
            code = next(c for c, shape in outlines.items() if shape.equals(version.geometry))
            found.append((code, version.name))
    return found


def _returning(zones: Zones, works: Sequence[Work], firms: Sequence[Firm]) -> frozenset[str]:
    by_code = {firm.code: firm for firm in firms}
    return returning(zones, {work.code: work for work in works}, by_code)


def _silent(done: float, text: str) -> None:
    del done, text
