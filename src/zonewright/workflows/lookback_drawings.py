"""Charts, tables and the map of a look-back, from the same figures as its text."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from zonewright.core.periods import Period
from zonewright.core.phrases import number
from zonewright.core.schema import table
from zonewright.core.units import convert
from zonewright.land import stages
from zonewright.land.blocks import READY_STAGES
from zonewright.report.model import (
    Bar,
    Bars,
    Chart,
    Column,
    MapLayer,
    MonthlyCurve,
    PaceBar,
    PaceBars,
    ReportMap,
    Table,
    Text,
)
from zonewright.steering.figure import Question
from zonewright.steering.series import series, year_to_date
from zonewright.store.models import ZoneVersion
from zonewright.workflows.books import Books
from zonewright.workflows.figures import FigureItem, FigureSet
from zonewright.workflows.pace import standing_of

# From the ground up.
LAYERS = (
    "city",
    "district",
    "economic_zone",
    "cluster",
    "group",
    "bay",
    "cooperation",
    "platform",
    "startup",
    "specialised_park",
    "park",
)
KINDS_EN = {
    "city": "City",
    "district": "District",
    "economic_zone": "Economic zone",
    "cluster": "Cluster",
    "group": "Group",
    "bay": "Bay",
    "cooperation": "Co-operation zone",
    "platform": "Main platform",
    "startup": "Start-up area",
    "specialised_park": "Specialised park",
    "park": "Park",
}
MOST_SOURCES = 10
NO_TEXT = Text("", "")
# Parks are too many and too small to be named on a page-wide map; the desk's map names them.
UNNAMED = ("specialised_park", "park")


def summary_charts(figures: FigureSet) -> tuple[Chart, ...]:
    """Return the chart of all targets: done against expected."""
    bars = tuple(
        PaceBar(
            Text(
                f"{item.figure.indicator.zh}·{item.zone_name_zh}",
                f"{item.figure.indicator.en}, {item.zone_name_en}",
            ),
            item.pace.completion_pct,
            item.pace.expected_pct,
            item.pace.colour,
        )
        for item in figures.items
        if item.pace
    )
    title = Text("年度目标完成率与时序进度", "Completion of the year's targets against pace")
    return (PaceBars(title, bars),) if bars else ()


def chapter_charts(key: str, books: Books, figures: FigureSet, period: Period) -> tuple[Chart, ...]:
    """Return the charts of a chapter; none where there is nothing to draw."""
    drawn: tuple[Chart | None, ...] = ()
    if key == "projects":
        drawn = (_sources_of_transfer(books, figures),)
    elif key == "guarantees":
        drawn = (
            _investment_by_month(books, figures, period),
            _land_by_stage(books, figures, period),
        )
    return tuple(chart for chart in drawn if chart is not None)


def _first(figures: FigureSet, indicator: str) -> FigureItem | None:
    found = (item for item in figures.items if item.figure.question.indicator == indicator)
    return next(found, None)


def _investment_by_month(books: Books, figures: FigureSet, period: Period) -> Chart | None:
    item = _first(figures, "works_invested")
    if item is None:
        return None
    year = period.year
    facts = books.facts(period.end_on)
    question = Question("works_invested", item.zone, period)
    done = [
        figure.number for figure in series(question, facts, year_to_date(year, period.last_month))
    ]
    target = _target_curve(books, question, year)
    return MonthlyCurve(
        title=Text(
            f"{item.zone_name_zh}基础设施累计完成投资",
            f"Infrastructure investment to date, {item.zone_name_en}",
        ),
        unit=item.figure.unit,
        months=tuple(date(year, month, 1) for month in range(1, 13)),
        done=(*done, *(None for _ in range(12 - len(done)))),
        target=target,
    )


def _target_curve(books: Books, question: Question, year: int) -> tuple[float, ...]:
    points = []
    for figure in series(question, books.facts(question.period.end_on), year_to_date(year)):
        pace = standing_of(books, figure).pace
        if pace is None:
            return ()
        points.append(pace.expected)
    return tuple(points)


def _land_by_stage(books: Books, figures: FigureSet, period: Period) -> Chart | None:
    item = _first(figures, "land_levelled") or _first(figures, "land_acquired")
    events = books.tables["parcel_events"]
    if item is None or events.empty:
        return None
    inside = events[books.scope(period.end_on).mask(events, item.zone)]
    stock = stages.stock(inside, period.end_on)
    names = table("parcel_events")["stage"].choices
    return Bars(
        title=Text(
            f"{item.zone_name_zh}土地所处阶段（{period.end_on} 存量）",
            f"Land by stage in {item.zone_name_en} (stock on {period.end_on})",
        ),
        unit="ha",
        bars=tuple(
            Bar(
                Text(f"{stage} {names[str(stage)]}", f"{stage} {STAGES_EN[str(stage)]}"),
                float(convert(area_m2, "m2", "ha")),
                stressed=stage in READY_STAGES,
            )
            for stage, area_m2 in stock["area_m2"].items()
            if area_m2 > 0
        ),
        stressed=Text("净地（已平整未供应）", "levelled, not yet supplied"),
        other=Text("其他阶段", "other stages"),
    )


STAGES_EN = {
    "L0": "planned",
    "L1": "pre-reviewed",
    "L2": "submitted",
    "L3": "acquired",
    "L4": "assembled",
    "L5": "levelled",
    "L6": "served",
    "L7": "ready",
    "L8": "supplied",
    "L9": "in production",
}


def _sources_of_transfer(books: Books, figures: FigureSet) -> Chart | None:
    item = _first(figures, "transfer_ventures")
    if item is None or item.figure.terms.empty:
        return None
    ventures = books.tables["ventures"].set_index("record")
    counted = ventures.loc[list(item.figure.terms["record"]), "source_city"].value_counts()
    near = _first(figures, "transfer_prd_share")
    delta = set(near.figure.inputs[0].terms["record"]) if near and near.figure.inputs else set()
    from_delta = set(ventures.loc[[*delta], "source_city"]) if delta else set()
    rows = counted.head(MOST_SOURCES)
    return Bars(
        title=Text("产业转移项目来源地", "Where the transfer projects come from"),
        unit="个",
        bars=tuple(
            Bar(Text.same(str(city) or "—"), float(count), stressed=city in from_delta)
            for city, count in rows.items()
        ),
        stressed=Text("珠三角城市", "cities of the Pearl River Delta")
        if from_delta
        else Text("", ""),
        other=Text("其他城市", "other cities") if from_delta else Text("", ""),
    )


def chapter_tables(key: str, books: Books, figures: FigureSet, period: Period) -> tuple[Table, ...]:
    """Return the further tables of a chapter."""
    if key == "scope":
        return _areas(books, figures, period)
    if key == "mechanism":
        return _targets(figures)
    if key == "guarantees":
        return _block_list(books, figures)
    return ()


def _fixed(value: float, decimals: int, *, signed: bool = False) -> Text:
    """Return a number with as many decimals as its neighbours in the column."""
    sign = "+" if signed and value > 0 else ""
    return Text.same(sign + number(value, decimals))


def _areas(books: Books, figures: FigureSet, period: Period) -> tuple[Table, ...]:
    """Compare published areas with those of the map: both are kept."""
    versions = books.scope(period.end_on).versions
    rows = []
    for item in figures.items:
        if item.figure.question.indicator != "planned_area" or item.figure.number is None:
            continue
        drawn = float(versions["area_m2"][item.zone]) / 1e6
        difference = 100 * (drawn / item.figure.number - 1)
        name = Text(item.zone_name_zh, item.zone_name_en)
        if drawn == drawn:
            cells = (item.figure.number, drawn, difference)
            rows.append((name, *(_fixed(value, 2) for value in cells)))
    columns = (
        Column(Text("片区", "Zone")),
        Column(Text("公布面积（平方公里）", "As published [km²]"), numeric=True),
        Column(Text("图形面积（平方公里）", "On the map [km²]"), numeric=True),
        Column(Text("相差（%）", "Difference [%]"), numeric=True),
    )
    title = Text("公布面积与图形面积", "Areas as published and on the map")
    note = Text(
        "图形面积为边界的椭球面积；片区相互重叠，面积不可相加。",
        "Areas of the map are geodesic. Zones overlap: areas do not add up.",
    )
    return (Table(title, columns, tuple(rows), note),) if rows else ()


def _targets(figures: FigureSet) -> tuple[Table, ...]:
    rows = tuple(
        (
            Text(item.zone_name_zh, item.zone_name_en),
            Text(item.figure.indicator.zh, item.figure.indicator.en),
            _fixed(item.pace.completion_pct, 2),
            _fixed(item.pace.expected_pct, 2),
            _fixed(item.pace.ahead_pp, 2, signed=True),
            Text(item.pace.word_zh, item.pace.word_en),
        )
        for item in figures.items
        if item.pace
    )
    columns = (
        Column(Text("片区", "Zone")),
        Column(Text("指标", "Indicator")),
        Column(Text("完成率（%）", "Done [%]"), numeric=True),
        Column(Text("时序进度（%）", "Pace [%]"), numeric=True),
        Column(Text("超时序（百分点）", "Ahead [pp]"), numeric=True),
        Column(Text("状态", "State")),
    )
    title = Text("年度目标与时序进度", "Targets of the year and pace")
    return (Table(title, columns, rows),) if rows else ()


def _block_list(books: Books, figures: FigureSet) -> tuple[Table, ...]:
    item = _first(figures, "ready_blocks")
    if item is None:
        return ()
    blocks = books.blocks_of(item.zone, item.period.end_on)
    rows = tuple(
        (
            Text.same(str(row["block_id"])),
            int(row["parcel_count"]),
            _fixed(row["area_m2"] / 10_000, 2),
            _fixed(row["area_mu"], 1),
        )
        for row in blocks.reset_index().to_dict("records")
    )
    columns = (
        Column(Text("连片地块（首个地块编号）", "Block (first parcel)")),
        Column(Text("地块数", "Parcels"), numeric=True),
        Column(Text("面积（公顷）", "Area [ha]"), numeric=True),
        Column(Text("面积（亩）", "Area [mu]"), numeric=True),
    )
    title = Text("500亩以上连片净地", "Contiguous levelled land of 500 mu and more")
    note = Text(
        "共边相连、已平整未供应；一点相接不算连片。",
        "Joined along shared edges, levelled and not yet supplied; a corner does not join.",
    )
    return (Table(title, columns, rows, note),) if rows else ()


def zone_map(books: Books, on: date) -> ReportMap | None:
    """Return the map of the overlapping zones, from the ground up; None without boundaries."""
    versions = books.scope(on).versions
    drawn = versions[versions["geometry"].notna()]
    names = table("zones")["kind"].choices
    layers = []
    for kind in LAYERS:
        rows = drawn[drawn["kind"] == kind]
        if rows.empty:
            continue
        named = {lang: _labels(books, rows.index, kind, lang) for lang in ("zh", "en")}
        frame = rows.assign(name_zh=named["zh"], name_en=named["en"])
        label = Text(names[kind], KINDS_EN[kind])
        layers.append(MapLayer(kind, label, frame[["name_zh", "name_en", "geometry"]]))
    if not layers:
        return None
    title = Text("片区范围与重叠关系", "The zones and how they overlap")
    return ReportMap(title, tuple(layers), _map_note(on))


def _labels(books: Books, codes: Iterable[str], kind: str, lang: str) -> list[str]:
    return ["" if kind in UNNAMED else books.zone_name(code, lang) for code in codes]


def _map_note(on: date) -> Text:
    """Return what the boundaries of city and districts rest on, as their files say."""
    found = ZoneVersion.objects.filter(
        zone__kind__in=("city", "district"), valid_from__lte=on
    ).exclude(legal_basis="")
    bases = dict.fromkeys(found.order_by("pk").values_list("legal_basis", flat=True))
    return Text("；".join(bases), "; ".join(bases))
