"""``zonewright board``: all zones by headline indicator, who is behind, and by what."""

from __future__ import annotations

from datetime import datetime

import click

from zonewright.cli import options
from zonewright.cli.speaking import Command
from zonewright.cli.terminal import print_json, print_table, say
from zonewright.core.errors import InputError
from zonewright.core.periods import Period
from zonewright.core.texts import text_of
from zonewright.core.units import unit
from zonewright.store.access import operator
from zonewright.store.workspace import connect
from zonewright.workflows.board import Board, BoardCell, board, latest_month

_HEADINGS = {
    "en": ("Zone", "Indicator", "Unit", "Value", "Reported", "Target", "%", "Pace [pp]", "State",
           "Cause"),
    "zh": ("片区", "指标", "单位", "完成", "已报", "年度目标", "完成率%", "超时序（百分点）",
           "状态", "原因"),
}  # fmt: skip
_NUMERIC = (False, False, False, True, False, True, True, True, False, False)


@click.command("board", cls=Command)
@options.workspace
@click.option("--month", help="Month up to which it is counted, 2023-10; the latest by default.")
@click.option("--zone", help="Only this zone.")
@click.option(
    "--behind",
    is_flag=True,
    help="Only figures of the board that are behind, the furthest first; the meeting list has"
    " every target.",
)
@options.as_of
@options.as_json
@click.pass_obj
def command(
    lang: str,
    workspace: str,
    month: str | None,
    zone: str | None,
    behind: bool,
    as_of: datetime | None,
    as_json: bool,
) -> None:
    """Show every zone by headline indicator: value, target, pace, and what holds it up."""
    connect(workspace)
    if zone is None:
        options.require_records(as_of)
    else:
        options.require_zone(zone, as_of=as_of, lang=lang)
    period = Period.parse(month) if month else latest_month(as_of)
    if period is None:
        raise InputError("board-empty")
    found = board(period, as_of=as_of, access=operator("cli"))
    cells = [cell for cell in (found.behind() if behind else found.cells)
             if zone in (None, cell.zone)]  # fmt: skip
    if as_json:
        print_json({**found.as_dict(), "cells": [cell.as_dict() for cell in cells]})
        return
    if not found.indicators:
        say(text_of("board-no-headline", {}, lang))
        return
    say(found.period.label(lang), style="bold")
    print_table(
        list(zip(_HEADINGS[lang], _NUMERIC, strict=True)),
        [_row(cell, found, lang) for cell in cells if cell.value is not None or cell.target],
        lead=2,
    )
    if any(cell.part for cell in cells):
        say(text_of("board-parts", {}, lang))


def _row(cell: BoardCell, found: Board, lang: str) -> tuple[str, ...]:
    names = {zone.code: zone.label(lang) for zone in found.zones}
    labels = {item.code: item.label(lang) for item in found.indicators}
    separator = "、" if lang == "zh" else ", "
    return (
        names[cell.zone],
        labels[cell.indicator],
        unit(cell.unit).label(lang) or cell.unit,
        _number(cell.value, ",.2f"),
        cell.part.short(lang) if cell.part else "",
        _number(cell.target, ",.2f"),
        _number(cell.completion_pct, ".2f"),
        _number(cell.ahead_pp, "+.2f"),
        cell.word(lang),
        separator.join(cause.label(lang) for cause in cell.cause[:2]) or cell.unexplained(lang),
    )


def _number(given: float | None, form: str) -> str:
    return "—" if given is None else format(given, form)
