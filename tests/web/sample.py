"""A small workspace for the desk's tests: overlapping zones, land, works, targets, an outline.

Everything is invented. Three groups lie in a cluster; a start-up area lies across two groups; a
park lies in one; an economic zone overlaps all of them.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

import shapely

from zonewright.store.actions import create_user
from zonewright.store.models import (
    Indicator,
    Membership,
    NoGo,
    Observation,
    OutlineItem,
    Parcel,
    ParcelEvent,
    Run,
    SourceFile,
    Target,
    Venture,
    Work,
    WorkMonth,
    Workspace,
    Zone,
    ZoneVersion,
)
from zonewright.store.places import locate

NOW = datetime(2023, 11, 2, 3, 0, tzinfo=UTC)
NOTICE = "本文件为合成演示数据（synthetic demonstration data）。"
SECOND_NOTICE = "企业名称均为虚构（all firms are invented）。"
USER, PASSWORD = "linh", "correct-horse-battery"
DISTRICTS = {"D1": (112.6, 22.3, 112.9, 22.7), "D2": (112.9, 22.3, 113.2, 22.7)}
ZONES = {
    # code: name, English name, kind, west, south, east, north
    "CITY": ("江门市", "Jiangmen", "city", (112.6, 22.3, 113.2, 22.7)),
    "D1": ("西区", "West district", "district", DISTRICTS["D1"]),
    "D2": ("东区", "East district", "district", DISTRICTS["D2"]),
    "Z1": ("大型产业集聚区", "Large industrial cluster", "cluster", (112.7, 22.4, 113.1, 22.6)),
    "G1": ("西组团", "West group", "group", (112.7, 22.4, 112.84, 22.6)),
    "G2": ("中组团", "Middle group", "group", (112.84, 22.4, 112.96, 22.6)),
    "G3": ("东组团", "East group", "group", (112.96, 22.4, 113.1, 22.6)),
    "S1": ("跨界先行启动区", "Start-up area across", "startup", (112.8, 22.46, 112.9, 22.54)),
    "P1": ("纸业园 <script>alert(1)</script>", "Paper park", "park", (113.0, 22.45, 113.05, 22.5)),
    "E1": ("滨海经济区", "Coastal economic zone", "economic_zone", (112.65, 22.35, 113.0, 22.55)),
    "C1": ("园区集合", "Collection of parks", "collective", None),
}
COLUMNS = {"code": "A", "parcel": "A", "stage": "H", "on": "I", "area_m2": "F"}
STAGES = ("L3", "L4", "L5", "L6", "L7", "L8")


def fill(*, rows: int = 12) -> None:
    """Fill the connected workspace, `rows` by `rows` parcels."""
    files = sources()
    zones = make_zones(files[0])
    make_land(files[0], zones, rows)
    make_works(files[1], zones)
    make_targets(files[1], zones)
    make_outline(files[1], zones)
    locate()


def title(*, empty: bool = False) -> None:
    """Give the workspace its one row, unless it has it."""
    values = {"title": "江门园区再造", "title_en": "Jiangmen parks rebuilt"}
    if not Workspace.objects.update(**values):
        Workspace.objects.create(created_at=NOW, engine_version="0", **values)


def user() -> None:
    """Add the account of the tests, which may do everything."""
    create_user(USER, PASSWORD, is_superuser=True)


def sources() -> list[SourceFile]:
    """Register two files, each with a notice of its own."""
    return [
        SourceFile.objects.create(
            name=name,
            sha256=f"{number}" * 64,
            size=12_345 * number,
            columns={sheet: columns},
            notice=notice,
            findings=findings,
            imported_at=NOW,
            imported_by="tester",
        )
        for number, name, sheet, columns, notice, findings in (
            (
                1,
                "=土地台账.xlsx",
                "土地台账",
                {"parcels": COLUMNS, "parcel_events": COLUMNS},
                NOTICE,
                [],
            ),
            (
                2,
                "基础设施月报.xlsx",
                "月报",
                {"works": {"code": "A"}, "work_months": {"work": "A", "invested": "G"}},
                SECOND_NOTICE,
                [
                    {
                        "code": "unit-unknown",
                        "severity": "warning",
                        "table": "works",
                        "field": "total_cost",
                        "sheet": "月报",
                        "row": 7,
                        "column": "D",
                        "ids": [],
                        "params": {"text": "大洋", "known": "元"},
                    }
                ],
            ),
        )
    ]  # fmt: skip


def make_zones(file: SourceFile) -> dict[str, Zone]:
    """Draw the zones and say which belongs to which."""
    zones = {}
    for code, (name, name_en, kind, box) in ZONES.items():
        zones[code] = Zone.objects.create(
            code=code, name=name, name_en=name_en, kind=kind, source=file, recorded_at=NOW
        )
        if box is not None:
            shape = shapely.MultiPolygon([shapely.box(*box)])
            ZoneVersion.objects.create(
                zone=zones[code],
                valid_from=date(2023, 1, 1),
                legal_basis="试验〔2023〕1号",
                geometry=shape.wkb,
                area_m2=2.0e8,
                source=file,
                recorded_at=NOW,
            )
    pairs = [("CITY", "Z1", "admin"), ("C1", "P1", "platform"), ("Z1", "S1", "startup")]
    pairs += [("Z1", group, "group") for group in ("G1", "G2", "G3")]
    for parent, child, hierarchy in pairs:
        Membership.objects.create(
            parent=zones[parent],
            child=zones[child],
            hierarchy=hierarchy,
            source=file,
            recorded_at=NOW,
        )
    return zones


def make_land(file: SourceFile, zones: dict[str, Zone], rows: int) -> None:
    """Cut the cluster into parcels, each further along than the one before it."""
    west, south, east, north = ZONES["Z1"][3] or (0, 0, 0, 0)
    wide, high = (east - west) / rows, (north - south) / rows
    parcels, events = [], []
    for number in range(rows * rows):
        column, row = number % rows, number // rows
        box = shapely.box(
            west + column * wide,
            south + row * high,
            west + (column + 0.96) * wide,
            south + (row + 0.96) * high,
        )
        place = {"source": file, "sheet": "土地台账", "row": number + 4, "recorded_at": NOW}
        parcel = Parcel(
            code=f"DK-{number:04d}",
            zone=zones["Z1"],
            town="=1+1" if number == 0 else "大泽镇",
            geometry=shapely.MultiPolygon([box]).wkb,
            area_m2=1e6 + number,
            **place,
        )
        parcels.append(parcel)
        for position, stage in enumerate(STAGES[: 1 + number % len(STAGES)]):
            on = date(2023, 1 + position, 15)
            events.append(ParcelEvent(parcel=parcel, stage=stage, on=on, **place))
    Parcel.objects.bulk_create(parcels)
    ParcelEvent.objects.bulk_create(events)
    NoGo.objects.create(
        code="N1",
        kind="farmland",
        name="基本农田",
        geometry=shapely.MultiPolygon([shapely.box(112.72, 22.42, 112.76, 22.46)]).wkb,
        source=file,
        recorded_at=NOW,
    )


def make_works(file: SourceFile, zones: dict[str, Zone]) -> None:
    """Start five works, with investment from January to October, and one project."""
    for number in range(5):
        line = shapely.LineString(
            [(112.72 + number * 0.07, 22.42), (112.74 + number * 0.07, 22.58)]
        )
        work = Work.objects.create(
            code=f"W{number}",
            name=f"道路{number}",
            kind="road",
            zone=zones["S1"],
            status="new",
            started_on=date(2023, 2 + number, 1),
            geometry=line.wkb,
            source=file,
            sheet="月报",
            row=number + 5,
            recorded_at=NOW,
        )
        WorkMonth.objects.bulk_create(
            WorkMonth(
                work=work,
                month=date(2023, month, 1),
                invested_cny=10_000_000 * (number + 1),
                source=file,
                sheet="月报",
                row=month,
                recorded_at=NOW,
            )
            for month in range(1, 11)
        )
    Venture.objects.create(
        code="V1", name="新厂", zone=zones["S1"], category="transfer", source=file, recorded_at=NOW
    )


def make_targets(file: SourceFile, zones: dict[str, Zone]) -> None:
    """Set a target that is met early, one that is missed, and publish a growth rate."""
    for zone, indicator, value, unit in (
        ("S1", "works_invested", 16, "亿元"),
        ("Z1", "works_invested", 18.1, "亿元"),
        ("Z1", "land_levelled", 30_000, "ha"),
    ):
        Target.objects.create(
            indicator=Indicator.objects.get(code=indicator),
            zone=zones[zone],
            year=2023,
            value=value,
            unit=unit,
            source=file,
            recorded_at=NOW,
        )
    Observation.objects.create(
        indicator=Indicator.objects.get(code="output_growth"),
        zone=zones["Z1"],
        period="2023-01..2023-10",
        value=8.7,
        unit="%",
        source=file,
        sheet="月报",
        row=40,
        recorded_at=NOW,
    )
    Run.objects.create(
        question="figures",
        fingerprint="f" * 64,
        status="done",
        started_at=NOW,
        finished_at=NOW,
        by="tester",
    )


def make_outline(file: SourceFile, zones: dict[str, Zone]) -> None:
    """Ask for figures of every chapter: derived, reported, of overlapping zones."""
    items = (
        # code, chapter, indicator, zone, unit, bound, step, wording, English wording
        ("F018", "guarantees", "land_acquired", "Z1", "ha", "ge", 100, "征地", "Land acquired"),
        ("F019", "guarantees", "land_levelled", "Z1", "ha", "exact", 1, "平整", "Land levelled"),
        ("F020", "guarantees", "ready_blocks", "Z1", "块", "exact", 1, "连片地", "Blocks"),
        ("F030", "projects", "works_started", "S1", "项", "exact", 1, "启动", "Works started"),
        ("F031", "projects", "works_invested", "S1", "亿元", "exact", 0.01, "投资", "Invested"),
        ("F032", "projects", "works_invested", "Z1", "亿元", "exact", 0.01, "投资", "Invested"),
        ("F040", "mechanism", "output_growth", "Z1", "%", "exact", 0.1, "增速", "Growth"),
        ("F050", "scope", "groups", "Z1", "个", "exact", 1, "组团", "Groups"),
        ("F051", "scope", "value_added_rate", "Z1", "%", "exact", 0.01, "增加值率", "VA rate"),
    )  # fmt: skip
    for position, (code, chapter, indicator, zone, unit, bound, step, zh, en) in enumerate(items):
        OutlineItem.objects.create(
            code=code,
            chapter=chapter,
            position=position,
            indicator=Indicator.objects.get(code=indicator),
            zone=zones[zone],
            period="2023-01..2023-10",
            unit=unit,
            bound=bound,
            step=step,
            wording=zh,
            wording_en=en,
            source=file,
            recorded_at=NOW,
        )
