"""A look-back of the size and kind of a real one: 57 figures on 15,000 lines of records.

Stated figures are those published for Jiangmen's programme; districts are coarse outlines; zones,
records and targets are synthetic.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from random import Random

import geopandas as gpd
import pytest
from shapely.geometry import Point, box

from zonewright.core.findings import Finding, Place
from zonewright.report import charts
from zonewright.report.model import (
    CHAPTERS,
    Bar,
    Bars,
    Chapter,
    Column,
    Derivation,
    Entry,
    Input,
    Line,
    LookBack,
    MapLayer,
    MonthlyCurve,
    PaceMark,
    ReportFigure,
    ReportMap,
    SourceFile,
    Table,
    Text,
)

DATA = Path(__file__).parent / "data"
NOTICE = "示例数据：地块、工程、企业与项目均为模拟生成，不对应任何真实主体。"
LINES = 15_000
FILES = {
    "ha": ("土地台账_2023年10月.xlsx", "土地台账", "N"),
    "亿元": ("基础设施月报_2023年10月.xlsx", "月报", "J"),
    "项": ("基础设施月报_2023年10月.xlsx", "月报", "B"),
}
OTHER_FILE = ("产业项目台账.xlsx", "台账", "K")


def read_figures(lines: int = LINES) -> dict[str, list[ReportFigure]]:
    with (DATA / "figures.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    weights = {"F018": 0.35, "F019": 0.25, "F060": 0.12, "F023": 0.08, "F058": 0.04}
    found: dict[str, list[ReportFigure]] = {key: [] for key in CHAPTERS}
    for row in rows:
        share = weights.get(row["code"], 0.16 / (len(rows) - len(weights)))
        count = 1 if row["kind"] == "reported" else max(1, int(lines * share))
        found[row["chapter"]].append(figure_of(row, count))
    return found


def figure_of(row: dict[str, str], count: int) -> ReportFigure:
    value = float(row["value"]) if row["unit"] != "date" else None
    target = float(row["target"]) if row["target"] else None
    completion = 100 * value / target if target and value else None
    pace = None
    if completion is not None and target is not None and value is not None:
        ahead = completion - 1000 / 12
        colour = "blue" if ahead >= 3 else "green" if ahead > -3 else "yellow"
        colour = "red" if ahead < -10 else colour
        left = max(target - value, 0.0) / 2
        pace = PaceMark(1000 / 12, ahead, colour, left, value / 10)  # type: ignore[arg-type]
    ratio = row["nature"] == "ratio" and row["kind"] == "derived"
    return ReportFigure(
        code=row["code"],
        label=Text(row["label_zh"], row["label_en"]),
        zone=Text(row["zone_zh"], row["zone_en"]),
        period=Text(row["period_zh"], row["period_en"]),
        value=date(2023, 6, 30) if value is None else value,
        unit=row["unit"],
        stated=float(row["stated"]) if row["stated"] else None,
        bound=row["bound"],  # type: ignore[arg-type]
        wording=Text("2023年6月", "June 2023") if value is None else Text("", ""),
        basis=row["basis"],  # type: ignore[arg-type]
        kind=row["kind"],  # type: ignore[arg-type]
        nature=row["nature"],  # type: ignore[arg-type]
        target=target,
        completion=completion,
        pace=pace,
        derivation=Derivation(
            formula=Text(
                row["formula_zh"] or "按来源引用", row["formula_en"] or "As the source says"
            ),
            scope=Text(
                f"{row['zone_zh']}，边界版本 V2（2023-01-01 起）",
                f"{row['zone_en']}, boundary version V2 (from 2023-01-01)",
            ),
            unit={"ha": "m2", "亿元": "元", "km2": "km2"}.get(row["unit"], ""),
            lines=() if ratio else tuple(lines_of(row, value, count)),
            inputs=INPUTS.get(row["code"], ()),
        ),
        note=NOTES.get(row["code"], Text("", "")),
    )


def lines_of(row: dict[str, str], value: float | None, count: int) -> Iterator[Line]:
    name, sheet, column = FILES.get(row["unit"], OTHER_FILE)
    factor = {"ha": 10_000.0, "亿元": 1e8}.get(row["unit"], 1.0)
    share = None if value is None else round(value * factor / count, 2)
    for place in range(count):
        yield Line(
            record=f"parcel_event:{place + 1}",
            code=f"{row['code'][1:]}-{place + 1:05d}",
            title=f"{row['zone_zh']}第{place + 1}条记录",
            contribution=share if factor != 1.0 else (1 if value is not None else None),
            place=Place(name, sheet, place + 4, column),
        )


INPUTS = {
    "F027": (
        Input(Text("片区企业合计", "Sum of the zone's firms"), 818.2, "亿元", "F026"),
        Input(Text("统计部门公布的全市数", "The city's published value"), 1197.04, "亿元"),
    ),
    "F032": (
        Input(Text("完成投资", "Investment done"), 26.03, "亿元", "F031"),
        Input(Text("年度目标", "Year's target"), 30.18, "亿元"),
    ),
}
NOTES = {
    "F058": Text(
        "“累计”自年初还是自启动起，来源未说明。", "The source does not say since when it adds up."
    ),
    "F063": Text("按项目数计，不按投资额计。", "By number of projects, not by investment."),
}


def map_of() -> ReportMap:
    districts = gpd.read_file(DATA / "districts.geojson")

    def layer(kind: str, zh: str, en: str, *zones: tuple[str, str, object]) -> MapLayer:
        frame = gpd.GeoDataFrame(
            {"name_zh": [z[0] for z in zones], "name_en": [z[1] for z in zones]},
            geometry=[z[2] for z in zones],
            crs="EPSG:4490",
        )
        return MapLayer(kind, Text(zh, en), frame)

    def blob(lon: float, lat: float, size: float) -> object:
        return Point(lon, lat).buffer(size, quad_segs=3)

    land = districts.union_all()
    cluster = box(112.55, 22.22, 113.2, 22.72).intersection(land)
    return ReportMap(
        Text("片区重叠关系（示意）", "The zones and their overlaps (sketch)"),
        (
            MapLayer("district", Text("区县", "District"), districts.to_crs("EPSG:4490")),
            layer(
                "economic_zone",
                "经济区",
                "Economic zone",
                ("大广海湾经济区", "Guanghai Bay Economic Zone", box(112.4, 21.6, 113.1, 22.25)),
            ),
            layer(
                "cluster",
                "大型产业集聚区",
                "Industrial cluster",
                ("江门大型产业集聚区", "Jiangmen Large Industrial Cluster", cluster),
            ),
            layer(
                "group",
                "组团",
                "Group",
                ("北组团", "North group", blob(112.95, 22.62, 0.11)),
                ("东组团", "East group", blob(113.1, 22.46, 0.1)),
                ("南组团", "South group", blob(112.85, 22.3, 0.12)),
            ),
            layer(
                "platform",
                "主平台",
                "Main platform",
                ("台山园", "Taishan Park", blob(112.79, 22.28, 0.035)),
                ("开平园", "Kaiping Park", blob(112.68, 22.39, 0.03)),
                ("鹤山园", "Heshan Park", blob(112.83, 22.6, 0.03)),
            ),
            layer(
                "startup",
                "先行启动区",
                "Start-up area",
                (
                    "蓬江—鹤山先行启动区",
                    "Pengjiang–Heshan start-up area",
                    blob(113.0, 22.69, 0.045),
                ),
                (
                    "高新区—三江睦洲先行启动区",
                    "Hi-tech–Sanjiang start-up area",
                    blob(113.12, 22.46, 0.04),
                ),
                ("新会智造先行启动区", "Xinhui start-up area", blob(112.9, 22.5, 0.04)),
            ),
            layer(
                "specialised_park",
                "特色产业园",
                "Specialised park",
                *(
                    (
                        f"特色园{n}",
                        f"Park {n}",
                        blob(112.62 + 0.055 * n, 22.33 + 0.03 * (n % 4), 0.013),
                    )
                    for n in range(1, 9)
                ),
            ),
        ),
        Text(
            "区县界线依据天地图数据（审图号见数据来源）；片区范围为模拟示意，不作为划界依据。",
            "District outlines after Tianditu (see the sources for the map approval number); "
            "zones are synthetic and mark no legal boundary.",
        ),
    )


def lookback_of(lines: int = LINES) -> LookBack:
    chapters = read_figures(lines)
    every = [figure for key in CHAPTERS for figure in chapters[key]]
    rng = Random(7)
    months = tuple(date(2023, month, 1) for month in range(1, 13))
    done: list[float | None] = []
    level = 0.0
    for month in range(12):
        level += 12 + rng.random() * 4.7
        done.append(round(level * 143.74 / 143.0, 2) if month < 10 else None)
    done[9] = 143.74
    curve = MonthlyCurve(
        Text("集聚区基础设施投资进度", "Infrastructure investment of the cluster"),
        "亿元",
        months,
        tuple(done),
        tuple(135.2 * m / 12 for m in range(1, 13)),
    )
    stages = (
        ("征地", "Acquired", 1830.5),
        ("收储整备", "Assembled", 1420.2),
        ("平整", "Levelled", 1105.0),
        ("通", "Connected", 640.4),
        ("净地", "Clean", 402.9),
    )
    cities = (
        ("深圳", "Shenzhen", 17),
        ("广州", "Guangzhou", 11),
        ("东莞", "Dongguan", 10),
        ("佛山", "Foshan", 9),
        ("其他", "Elsewhere", 18),
    )
    extra = {
        "projects": {
            "charts": (
                curve,
                Bars(
                    Text("产业转移项目来源地", "Source of the transfer projects"),
                    "个",
                    tuple(Bar(Text(zh, en), n, zh != "其他") for zh, en, n in cities),
                    Text("珠三角", "Pearl River Delta"),
                    Text("其他", "Elsewhere"),
                ),
            ),
        },
        "guarantees": {
            "charts": (
                Bars(
                    Text("各阶段土地存量", "Stock of land by stage"),
                    "ha",
                    tuple(Bar(Text(zh, en), n) for zh, en, n in stages),
                ),
            ),
            "tables": (
                Table(
                    Text("最大的三块连片成熟地", "The three largest ready blocks"),
                    (Column(Text("块号", "Block")), Column(Text("面积（亩）", "Area [mu]"), True)),
                    (
                        (Text.same("B-001"), 1812.4),
                        (Text.same("B-007"), 1377),
                        (Text.same("B-013"), 902.55),
                    ),
                ),
            ),
        },
    }
    return LookBack(
        title=Text(
            "江门市园区再造工程回头看报告", "Look-back on Jiangmen's park-rebuilding programme"
        ),
        subtitle=Text(
            "大型产业集聚区、先行启动区与主平台",
            "The cluster, the start-up areas and the main platform",
        ),
        zones=(
            Text("江门大型产业集聚区", "Jiangmen Large Industrial Cluster"),
            Text("江门承接产业有序转移主平台", "Jiangmen main platform for industrial transfer"),
        ),
        period=Text("2023年1—10月", "Jan–Oct 2023"),
        as_of=date(2023, 11, 20),
        generated_at=datetime(2023, 11, 23, 9, 30, tzinfo=timezone(timedelta(hours=8))),
        run="R-2023-0042",
        workspace="jiangmen",
        notices=(NOTICE,),
        headlines=("F018", "F019", "F020", "F022", "F023", "F031", "F025", "F026"),
        chapters=tuple(
            Chapter(key, tuple(chapters[key]), **extra.get(key, {}))  # type: ignore[arg-type]
            for key in CHAPTERS
        ),
        map=map_of(),
        charts=(
            charts.pace_bars(
                every, Text("年度目标完成率与时序", "The year's targets: done and expected")
            ),
        ),
        sources=(
            SourceFile(
                "土地台账_2023年10月.xlsx",
                Text("地块与阶段", "Parcels and stages"),
                "ab" * 32,
                20418,
                date(2023, 11, 6),
            ),
            SourceFile(
                "基础设施月报_2023年10月.xlsx",
                Text("工程与月报", "Works and months"),
                "cd" * 32,
                1890,
                date(2023, 11, 6),
            ),
            SourceFile(
                "产业项目台账.xlsx", Text("产业项目", "Projects"), "ef" * 32, 412, date(2023, 11, 7)
            ),
        ),
        glossary=(
            Entry(
                Text("连片", "Contiguous block"),
                Text(
                    "已平整未供应、共边相连且不小于500亩的地块。",
                    "Ready parcels joined along shared edges, 500 mu and more.",
                ),
            ),
            Entry(
                Text("时序", "Pace"),
                Text(
                    "完成率与目标曲线应达进度之差。",
                    "Completion against what the target's curve asks for by now.",
                ),
            ),
        ),
        findings=(
            Finding(
                "unit-unknown",
                "warning",
                place=Place("土地台账_2023年10月.xlsx", "土地台账", 318, "E"),
                params={"text": "公倾", "known": "ha, 亩"},
            ),
        ),
        watch=(
            Text(
                "片区占全市增加值比重一年上升约8个百分点，需核对边界是否调整。",
                "The share of the city's value added rose by some 8 points: check the boundary.",
            ),
        ),
    )


@pytest.fixture(scope="session")
def lookback() -> LookBack:
    """The report with few lines of records: everything else at full size."""
    return lookback_of(lines=600)


@pytest.fixture(scope="session")
def hostile(lookback: LookBack) -> LookBack:
    """The same with names that carry markup of every format."""
    nasty = Text.same('<script>alert("x")</script> & #eval("1") *_`$@ \\ "')
    chapter = lookback.chapters[3]
    figure = replace(chapter.figures[0], label=nasty, zone=nasty, note=nasty)
    changed = replace(chapter, figures=(figure, *chapter.figures[1:]))
    return replace(
        lookback, title=nasty, notices=(nasty.zh,), chapters=(*lookback.chapters[:3], changed)
    )


@pytest.fixture(scope="session")
def latin(lookback: LookBack) -> LookBack:
    """The same, whose names and quotations have no Chinese in English: what is left is our own."""

    def changed(figure: ReportFigure) -> ReportFigure:
        place = Place("file.xlsx", "sheet", 7, "N")
        lines = tuple(
            replace(line, title="record", code="C-1", place=place)
            for line in figure.derivation.lines[:3]
        )
        return replace(figure, derivation=replace(figure.derivation, lines=lines))

    return replace(
        lookback,
        notices=("Made up.",),
        chapters=tuple(
            replace(chapter, figures=tuple(changed(figure) for figure in chapter.figures))
            for chapter in lookback.chapters
        ),
        sources=tuple(replace(source, name="file.xlsx") for source in lookback.sources),
        findings=(Finding("range-positive", "info", params={"field": "area", "value": 0}),),
    )


@pytest.fixture(scope="session")
def bare() -> LookBack:
    """The least that a report can hold."""
    return LookBack(
        title=Text("回头看", "Look-back"),
        subtitle=Text("", ""),
        zones=(),
        period=Text("2023年", "2023"),
        as_of=date(2023, 12, 31),
        generated_at=datetime(2024, 1, 1, 8, 0, 0, 123456, tzinfo=UTC),
        run="",
        workspace="w",
        notices=(),
        headlines=(),
        chapters=(),
    )
