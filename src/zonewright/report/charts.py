"""The charts of report and desk: Vega-Lite specifications made with Altair, drawn offline.

One specification serves the page, the DOCX and the PDF. Colour never stands alone: a pace is also
told by its sign and its number, a target's curve by its dash.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache

import altair as alt
import vl_convert

from zonewright.core.phrases import Lang
from zonewright.report import fontbook, numbers, theme
from zonewright.report.model import Bars, Chart, MonthlyCurve, PaceBar, PaceBars, ReportFigure, Text
from zonewright.report.words import word

Spec = dict[str, object]
Layers = alt.LayerChart | alt.FacetChart
WIDTH = 300
ROW = 24
LONG = 24


def pace_bars(figures: Iterable[ReportFigure], title: Text, *, limit: int = 14) -> PaceBars:
    """Return the bars of every figure that has a target, in the given order.

    Parameters
    ----------
    figures
        Figures; those without a pace are left out.
    title
        Heading of the chart.
    limit
        Bars to keep at most: those furthest from their curve, either way.
    """
    paced = [figure for figure in figures if figure.pace and figure.completion is not None]
    foremost = sorted(paced, key=lambda item: -abs(item.pace.ahead_pp) if item.pace else 0.0)
    kept = foremost[:limit]
    zones = {figure.zone for figure in kept}
    return PaceBars(title, tuple(_bar(item, len(zones) > 1) for item in paced if item in kept))


def spec(chart: Chart, lang: Lang, *, mode: theme.Mode = "light") -> Spec:
    """Return the Vega-Lite specification of a chart, in the colours of a mode."""
    if isinstance(chart, PaceBars):
        drawn = _draw_pace(chart, lang, mode)
    elif isinstance(chart, MonthlyCurve):
        drawn = _draw_curve(chart, lang, mode)
    else:
        drawn = _draw_bars(chart, lang, mode)
    made: Spec = drawn.to_dict()
    return {**made, "config": _config(mode), "background": None}


def render_svg(specification: Mapping[str, object]) -> str:
    """Draw a specification as SVG; texts stay texts, in the report's font."""
    _register_fonts()
    return str(vl_convert.vegalite_to_svg(dict(specification)))


def render_png(specification: Mapping[str, object], *, scale: float = 2.0) -> bytes:
    """Draw a specification as PNG, `scale` pixels to a unit."""
    _register_fonts()
    return bytes(vl_convert.vegalite_to_png(dict(specification), scale=scale))


@lru_cache(maxsize=32)
def svg_to_png(svg: str, *, scale: float = 2.0) -> bytes:
    """Return an SVG drawing as PNG, in the report's font."""
    _register_fonts()
    return bytes(vl_convert.svg_to_png(svg, scale=scale))


def description(chart: Chart, lang: Lang) -> str:
    """Return what the chart shows, for readers who cannot see it."""
    title = chart.title.of(lang)
    if isinstance(chart, MonthlyCurve):
        return _describe_curve(chart, lang)
    if isinstance(chart, PaceBars):
        parts = [
            word(
                "chart-alt-pace-part",
                lang,
                label=bar.label.of(lang),
                completion=_percent(bar.completion_pct),
                expected=_percent(bar.expected_pct),
            )
            for bar in chart.bars
        ]
    else:
        parts = [
            word(
                "chart-alt-bar-part",
                lang,
                label=bar.label.of(lang),
                value=numbers.computed(bar.value, chart.unit, lang),
            )
            for bar in chart.bars
        ]
    gap = "" if lang == "zh" else " "
    return word("chart-alt-pace", lang, title=title, parts=gap.join(parts))


def month_label(month: date, lang: Lang) -> str:
    """Return a month as an axis names it: ``10月`` or ``Oct``."""
    return f"{month.month}月" if lang == "zh" else f"{month:%b}"


@cache
def _register_fonts() -> None:
    vl_convert.register_font_directory(str(fontbook.folder()))


def _bar(figure: ReportFigure, with_zone: bool) -> PaceBar:
    label = figure.label
    if with_zone:
        zone = figure.zone
        label = Text(f"{label.zh}·{zone.zh}", f"{label.en} · {zone.en}")
    pace = figure.pace
    if pace is None or figure.completion is None:
        return PaceBar(label, 0.0, 0.0, "green")
    return PaceBar(label, figure.completion, pace.expected_pct, pace.colour)


def _config(mode: theme.Mode) -> dict[str, object]:
    tint = theme.colours(mode)
    axis = {
        "domainColor": tint["line"],
        "gridColor": tint["line"],
        "tickColor": tint["line"],
        "labelColor": tint["ink"],
        "titleColor": tint["muted"],
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "labelLimit": 280,
    }
    return {
        "font": theme.FONT,
        "aria": False,
        "view": {"stroke": None},
        "axis": axis,
        "legend": {"labelColor": tint["ink"], "labelFontSize": 12, "title": None},
        "text": {"color": tint["ink"], "fontSize": 12},
    }


def _draw_pace(chart: PaceBars, lang: Lang, mode: theme.Mode) -> Layers:
    tint = theme.colours(mode)
    rows = [
        {
            "done": bar.completion_pct,
            "expected": bar.expected_pct,
            "colour": tint[bar.colour],
            "note": _bar_note(bar),
            "order": place,
        }
        for place, bar in enumerate(chart.bars)
    ]
    top = max([100.0, *(float(bar.completion_pct) for bar in chart.bars)])
    labels = [_wrap(bar.label.of(lang)) for bar in chart.bars]
    lines = max((len(label) for label in labels), default=1)
    y = _category_axis(labels)
    scale = alt.Scale(domain=[0, top * 1.42])
    values = list(range(0, int(top) + 1, 25))
    title = f"{word('chart-percent', lang)}   ┃ {word('chart-expected', lang)}"
    x = alt.X("done:Q", scale=scale, title=title).axis(values=values)
    base = _on(rows).encode(y=y)
    bars = base.mark_bar(height={"band": 0.62}).encode(x=x, color=alt.Color("colour:N", scale=None))
    marks = base.mark_tick(color=tint["ink"], thickness=2.5, size=ROW * 0.8).encode(x="expected:Q")
    notes = base.mark_text(align="left", dx=7).encode(
        x=alt.X("reach:Q", scale=scale), text="note:N"
    )
    notes = notes.transform_calculate(reach="max(datum.done, datum.expected)")
    height = max(len(rows), 1) * (ROW + 17 * (lines - 1))
    return alt.layer(bars, marks, notes).properties(width=WIDTH, height=height)


def _on(rows: Sequence[Mapping[str, object]]) -> alt.Chart:
    """Return a chart on rows that the specification carries itself."""
    return alt.Chart(alt.InlineData(values=list(rows)))


def _bar_note(bar: PaceBar) -> str:
    ahead = bar.completion_pct - bar.expected_pct
    sign = "+" if ahead > 0 else ""
    done = numbers.number(bar.completion_pct, 1)
    return f"{done}%  {theme.SIGNS[bar.colour]} {sign}{numbers.number(ahead, 1)}"


def _draw_curve(chart: MonthlyCurve, lang: Lang, mode: theme.Mode) -> Layers:
    tint = theme.colours(mode)
    shown = chart_unit(chart.unit, lang)
    months = [month_label(month, lang) for month in chart.months]
    done = word("chart-cumulative", lang)
    target = word("chart-target", lang)
    rows = [
        {"month": month, "value": value * shown.factor, "series": done}
        for month, value in zip(months, chart.done, strict=True)
        if value is not None
    ]
    if chart.target:
        rows += [
            {"month": month, "value": value * shown.factor, "series": target}
            for month, value in zip(months, chart.target, strict=True)
        ]
    names = [done, target] if chart.target else [done]
    x = alt.X("month:N", sort=months, title=None, scale=alt.Scale(domain=months)).axis(
        labelAngle=0, labelOverlap=True, grid=False
    )
    y = alt.Y("value:Q", title=shown.title).axis(tickCount=5, format=",~f", domain=False)
    colour = alt.Color("series:N", sort=names).scale(
        domain=names, range=[tint["blue"], tint["muted"]][: len(names)]
    )
    dash = alt.StrokeDash("series:N", sort=names).scale(
        domain=names, range=[[1, 0], [5, 4]][: len(names)]
    )
    legend = alt.Legend(orient="top", symbolStrokeWidth=2.5, symbolSize=300, symbolType="stroke")
    base = _on(rows).encode(x=x, y=y)
    lines = base.mark_line(strokeWidth=2.5).encode(
        color=colour.legend(legend), strokeDash=dash.legend(legend)
    )
    last = [row for row in rows if row["series"] == done][-1:]
    end = _on(last).encode(x=x, y=y)
    dot = end.mark_point(filled=True, size=70, color=tint["blue"], opacity=1)
    note = end.mark_text(align="right", dx=-8, dy=-8, color=tint["ink"], fontWeight="bold")
    label = note.encode(text=alt.Text("value:Q", format=",.2~f"))
    return alt.layer(lines, dot, label).properties(width=WIDTH + 90, height=190)


def _draw_bars(chart: Bars, lang: Lang, mode: theme.Mode) -> Layers:
    tints = [theme.colours(mode)[role] for role in ("blue", "soft")]
    stressed, other = chart.stressed.of(lang) or "1", chart.other.of(lang) or "0"
    shown = chart_unit(chart.unit, lang)
    rows = [
        {
            "value": bar.value * shown.factor,
            "note": numbers.number(numbers.rounded(bar.value * shown.factor, "%")),
            "group": stressed if bar.stressed else other,
            "order": place,
        }
        for place, bar in enumerate(chart.bars)
    ]
    y = _category_axis([[bar.label.of(lang)] for bar in chart.bars])
    colour = alt.Color("group:N", scale=alt.Scale(domain=[stressed, other], range=tints))
    legend = alt.Legend(orient="top", symbolType="square") if chart.stressed else None
    top = max((bar.value * shown.factor for bar in chart.bars), default=1.0) or 1.0
    scale = alt.Scale(domain=[0, top * 1.18])
    x = alt.X("value:Q", scale=scale, title=shown.title or None).axis(tickCount=4, format=",~f")
    base = _on(rows).encode(y=y, x=x)
    bars = base.mark_bar(height={"band": 0.68}).encode(color=colour.legend(legend))
    notes = base.mark_text(align="left", dx=5).encode(text="note:N")
    height = max(len(rows), 1) * ROW
    return alt.layer(bars, notes).properties(width=WIDTH + 20, height=height)


@dataclass(frozen=True, slots=True)
class ChartUnit:
    """How a chart shows a unit: the factor onto its axis, and the axis's title."""

    factor: float
    title: str


_ENGLISH = {
    "亿元": ChartUnit(0.1, "CNY billion"),
    "亿美元": ChartUnit(0.1, "USD billion"),
    "万m2": ChartUnit(10.0, "thousand m²"),
}


def chart_unit(unit: str, lang: Lang) -> ChartUnit:
    """Return how charts in a language show a unit."""
    if lang == "en" and unit in _ENGLISH:
        return _ENGLISH[unit]
    return ChartUnit(1.0, numbers.unit_label(unit, lang))


def _category_axis(labels: Sequence[Sequence[str]]) -> alt.Y:
    """Return an axis of rows in the given order; each row's label may have several lines."""
    names = json.dumps(labels, ensure_ascii=False)
    raised = -7 * (max((len(label) for label in labels), default=1) - 1)
    return alt.Y("order:O", title=None).axis(
        domain=False, ticks=False, labelExpr=f"{names}[datum.value]", labelOffset=raised
    )


def _wrap(label: str) -> list[str]:
    """Break a label of indicator and zone into two lines: at the dot, or at the last comma."""
    head, dot, tail = label.partition("·")
    if not dot and len(label) > LONG:
        head, dot, tail = label.rpartition(", ")
    return [head.strip(), tail.strip()] if dot else [label]


def _describe_curve(chart: MonthlyCurve, lang: Lang) -> str:
    known: Sequence[tuple[int, float]] = [
        (place, value) for place, value in enumerate(chart.done) if value is not None
    ]
    place, value = known[-1] if known else (0, 0.0)
    target = ""
    if chart.target:
        asked = numbers.computed(chart.target[place], chart.unit, lang)
        target = word("chart-alt-curve-target", lang, target=asked)
    return word(
        "chart-alt-curve",
        lang,
        title=chart.title.of(lang),
        done=numbers.computed(value, chart.unit, lang),
        month=month_label(chart.months[place], lang),
        target=target,
    )


def _percent(value: float) -> str:
    return f"{numbers.number(value, 2)}%"
