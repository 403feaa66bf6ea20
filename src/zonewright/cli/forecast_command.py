"""``zonewright forecast``: where the year will end, how sure that is, and how good it was."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import click

from zonewright.cli import options
from zonewright.cli.speaking import Command
from zonewright.cli.terminal import print_findings, print_json, print_table, say
from zonewright.core.findings import Finding
from zonewright.core.periods import Period
from zonewright.core.texts import text_of
from zonewright.core.units import unit
from zonewright.steering.forecast_year import LEVEL, Track, methods
from zonewright.store.workspace import connect
from zonewright.workflows.books import open_books
from zonewright.workflows.forecasting import ForecastView, forecast_view

_HEADINGS = {
    "en": (
        "Zone", "Indicator", "Unit", "Target", "Done", f"{LEVEL:.0%} low", "Year end",
        f"{LEVEL:.0%} high", "Reached", "Method", "Tests", "Mean error", f"{LEVEL:.0%} held",
    ),
    "zh": (
        "片区", "指标", "单位", "年度目标", "完成", f"{LEVEL:.0%}下限", "年末预测",
        f"{LEVEL:.0%}上限", "完成概率", "方法", "检验次数", "平均误差", f"{LEVEL:.0%}区间包住率",
    ),
}  # fmt: skip
_NUMERIC = (False, False, False, *[True] * 6, False, True, True, True)


@click.command("forecast", cls=Command)
@options.workspace
@click.option("--zone", help="Only this zone; with --indicator, whether it has a target or not.")
@click.option("--indicator", help="Only this indicator (its code).")
@click.option("--month", help="Last month that counts as known, 2023-10; the latest by default.")
@options.as_of
@options.as_json
@click.pass_obj
def command(
    lang: str,
    workspace: str,
    zone: str | None,
    indicator: str | None,
    month: str | None,
    as_of: datetime | None,
    as_json: bool,
) -> None:
    """Tell where each target's year will end, with a range and how good such forecasts were.

    Without a track record there is no forecast; what is missing is said instead.
    """
    connect(workspace)
    if zone is None:
        options.require_records(as_of)
    else:
        options.require_zone(zone, as_of=as_of, lang=lang)
    if indicator is not None:
        options.require_indicator(indicator, as_of=as_of)
    asked = Period.parse(month) if month else None
    views = [
        forecast_view(code, what, asked, as_of=as_of)
        for code, what in _pairs(zone, indicator, asked, as_of)
    ]
    if as_json:
        print_json({"items": [view.year_end.as_dict() for view in views]})
        return
    if not views:
        say(text_of("pace-no-targets", {}, lang))
        return
    say(Period.year_to_date(views[0].year_end.year, views[0].year_end.month).label(lang),
        style="bold")  # fmt: skip
    print_table(
        list(zip(_HEADINGS[lang], _NUMERIC, strict=True)),
        [_cells(view, lang) for view in views],
        lead=2,
    )
    _print_notes(views, lang)


def _print_notes(views: Sequence[ForecastView], lang: str) -> None:
    """Print what weakens forecasts, or why there are none: once each, with the targets."""
    findings: dict[str, Finding] = {}
    targets: dict[str, list[str]] = {}
    for view in views:
        for finding in view.year_end.findings:
            text = finding.text(lang)
            findings.setdefault(text, finding)
            if view.year_end.zone not in text:  # else it names its target itself
                name = f"{view.zone_name(lang)} {view.indicator.label(lang)}"
                targets.setdefault(text, []).append(name)

    def about(finding: Finding) -> str:
        names = targets.get(finding.text(lang), [])
        return "" if len(names) == len(views) else ("；" if lang == "zh" else "; ").join(names)

    print_findings(tuple(findings.values()), lang=lang, about=about)


def _pairs(
    zone: str | None, indicator: str | None, month: Period | None, as_of: datetime | None
) -> list[tuple[str, str]]:
    """Return zone and indicator of each target asked for, or the one pair that is named."""
    if zone is not None and indicator is not None:
        return [(zone, indicator)]
    books = open_books(as_of)
    period = month or books.reporting_period()
    rows = books.targets
    if period is not None:
        rows = rows[rows["year"] == period.year]
    return [
        (str(row["zone"]), str(row["indicator"]))
        for row in rows.to_dict("records")
        if zone in (None, row["zone"]) and indicator in (None, row["indicator"])
    ]


def _cells(view: ForecastView, lang: str) -> tuple[str, ...]:
    found = view.year_end
    label = unit(found.unit).label(lang) or found.unit
    names = (view.zone_name(lang), view.indicator.label(lang), label)
    known = (_number(found.target), _number(found.done))
    if found.best is None:
        return (*names, *known, *["—"] * 8)
    best = found.best
    chance = "—" if best.probability is None else f"{best.probability:.0%}"
    return (
        *names, *known, _number(best.low), _number(best.median), _number(best.high), chance,
        methods()[best.method].label(lang), str(best.track.trials),
        _number(best.track.mean_error), _held(best.track, lang),
    )  # fmt: skip


def _held(track: Track, lang: str) -> str:
    """Return how often earlier intervals held what came, and of how many."""
    share = track.coverage.get(LEVEL)
    if share is None:
        return "—"
    return f"{track.banded}次中{share:.0%}" if lang == "zh" else f"{share:.0%} of {track.banded}"


def _number(value: float | None) -> str:
    return "—" if value is None else f"{value:,.2f}"
