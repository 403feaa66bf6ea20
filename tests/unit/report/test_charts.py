"""Charts draw the figures, with words and signs beside the colours."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from datetime import date

import pytest

from zonewright.core.phrases import Lang
from zonewright.report import charts, drawings, theme
from zonewright.report.model import (
    Bar,
    Bars,
    Chart,
    LookBack,
    MonthlyCurve,
    PaceBar,
    PaceBars,
    Text,
)

BARS = PaceBars(
    Text("完成率", "Done"),
    (
        PaceBar(Text("征地·北组团", "Land · North"), 71.25, 83.33, "red"),
        PaceBar(Text("平整·北组团", "Levelled · North"), 104.9, 83.33, "blue"),
    ),
)
CURVE = MonthlyCurve(
    Text("投资", "Investment"),
    "亿元",
    tuple(date(2023, month, 1) for month in range(1, 13)),
    (10.0, 20.0, *(None,) * 10),
    tuple(12.5 * month for month in range(1, 13)),
)
STOCK = Bars(
    Text("来源地", "Sources"),
    "个",
    (Bar(Text("深圳", "Shenzhen"), 17), Bar(Text("其他", "Elsewhere"), 18, stressed=False)),
    Text("珠三角", "Delta"),
    Text("其他地区", "Other"),
)


def texts(chart: Chart, lang: Lang) -> list[str]:
    root = ElementTree.fromstring(charts.render_svg(charts.spec(chart, lang)))
    return ["".join(node.itertext()) for node in root.iter("{http://www.w3.org/2000/svg}text")]


def test_a_pace_is_told_by_sign_and_number() -> None:
    shown = texts(BARS, "zh")
    assert any("▼" in text and "71.3%" in text and "−12.1" in text for text in shown)
    assert any("▲" in text and "+21.6" in text for text in shown)


def test_bars_keep_the_given_order() -> None:
    shown = " ".join(texts(BARS, "en"))
    assert shown.index("Land") < shown.index("Levelled")
    mirrored = replace(BARS, bars=BARS.bars[::-1])
    shown = " ".join(texts(mirrored, "en"))
    assert shown.index("Land") > shown.index("Levelled")


def test_english_money_is_drawn_in_billions() -> None:
    assert "CNY billion" in texts(CURVE, "en")
    assert "2" in texts(CURVE, "en")
    assert "亿元" in texts(CURVE, "zh")
    assert "20" in texts(CURVE, "zh")


def test_months_and_target_are_named() -> None:
    assert {"1月", "12月", "累计完成", "目标曲线"} <= set(texts(CURVE, "zh"))
    assert "Target's curve" not in texts(replace(CURVE, target=()), "en")


def test_groups_of_bars_have_a_legend_only_if_they_differ() -> None:
    assert "Delta" in texts(STOCK, "en")
    alike = replace(STOCK, stressed=Text("", ""), other=Text("", ""))
    assert not {"Delta", "1", "0 "} & set(texts(alike, "en"))


@pytest.mark.parametrize("chart", [BARS, CURVE, STOCK])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_chart_is_described_in_words(chart: Chart, lang: Lang) -> None:
    text = charts.description(chart, lang)
    assert chart.title.of(lang) in text
    assert any(sign.isdigit() for sign in text)


@pytest.mark.parametrize("chart", [BARS, CURVE, STOCK])
def test_a_drawing_inside_a_page_needs_no_style_and_no_script(chart: Chart) -> None:
    svg = drawings.chart(chart, "zh").inline("zr-picture-1")
    assert 'role="img"' in svg
    root = ElementTree.fromstring(svg)
    for node in root.iter():
        assert not node.tag.endswith(("style", "script", "image"))
        assert not [name for name in node.attrib if name == "style" or name.startswith("on")]
        assert node.attrib.get("id", "zr-picture-1-").startswith("zr-picture-1-")


def test_labels_cannot_leave_their_text() -> None:
    nasty = Text.same('"]; alert(1); ["</text><script>x</script>')
    chart = PaceBars(nasty, (PaceBar(nasty, 50.0, 83.3, "red"),))
    assert "<script" not in drawings.chart(chart, "en").inline("p")
    assert any("alert(1)" in text for text in texts(chart, "en"))


def test_the_summary_chart_shows_every_target(lookback: LookBack) -> None:
    made = charts.pace_bars(lookback.figures, Text("完成率", "Done"))
    targets = [figure for figure in lookback.figures if figure.pace]
    assert len(made.bars) == len(targets) == 11
    few = charts.pace_bars(lookback.figures, Text("", ""), limit=3)
    assert len(few.bars) == 3
    assert min(abs(bar.completion_pct - bar.expected_pct) for bar in few.bars) > 20


def test_only_colours_of_the_theme_are_drawn() -> None:
    known = set(theme.colours("light").values())
    text = json.dumps(charts.spec(BARS, "zh"))
    drawn = {part[:7] for part in text.split('"') if part.startswith("#") and len(part) == 7}
    assert drawn
    assert drawn <= known


def test_a_png_is_drawn() -> None:
    assert charts.render_png(charts.spec(STOCK, "zh"))[:8] == b"\x89PNG\r\n\x1a\n"


def test_a_chart_can_be_drawn_for_the_dark(lookback: LookBack) -> None:
    light, dark = (
        json.dumps(charts.spec(lookback.charts[0], "zh", mode=mode)) for mode in ("light", "dark")
    )
    assert theme.colours("light")["ink"] in light
    assert theme.colours("dark")["ink"] in dark
    assert theme.colours("light")["ink"] not in dark
