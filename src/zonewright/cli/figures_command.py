"""``zonewright figures``: every figure of the look-back, computed from the records."""

from __future__ import annotations

from datetime import datetime

import click

from zonewright.cli import options
from zonewright.cli.speaking import Command
from zonewright.cli.terminal import print_json, print_table, say
from zonewright.core.texts import text_of
from zonewright.core.units import known_unit, unit
from zonewright.store.workspace import connect
from zonewright.workflows.figures import figure_set

_HEADINGS = {
    "en": ("Figure", "What", "Zone", "Stated", "Computed", "Unit", "Records", "Pace"),
    "zh": ("编号", "指标", "片区", "表述", "计算值", "单位", "记录数", "进度"),
}
_NUMERIC = (False, False, False, True, True, False, True, False)


@click.command("figures", cls=Command)
@options.workspace
@click.option("--zone", help="Only the figures of this zone.")
@options.as_of
@options.as_json
@click.pass_obj
def command(
    lang: str, workspace: str, zone: str | None, as_of: datetime | None, as_json: bool
) -> None:
    """Compute the figures of the workspace's outline, each from its records."""
    connect(workspace)
    if zone is None:
        options.require_records(as_of)
    else:
        options.require_zone(zone, as_of=as_of, lang=lang)
    figures = figure_set(as_of=as_of)
    items = [item for item in figures.items if zone in (None, item.zone)]
    if as_json:
        print_json(
            {
                "items": [item.as_dict() for item in items],
                "run": figures.run,
                "as_of": figures.as_of,
                "notices": list(figures.notices),
            }
        )
        return
    if not items:
        code = "figures-none-in-zone" if figures.items else "outline-empty"
        say(text_of(code, {"zone": zone}, lang))
        return
    print_table(
        list(zip(_HEADINGS[lang], _NUMERIC, strict=True)),
        [
            (
                item.code,
                item.wording(lang),
                item.zone_name(lang),
                item.stated.text(lang),
                item.value_text,
                unit_label(item.stated.unit, lang),
                f"{len(item.figure.records):,}",
                item.pace.word(lang) if item.pace else "",
            )
            for item in items
        ],
        lead=3,
    )
    for notice in figures.notices:
        say(notice, style="dim")


def unit_label(name: str, lang: str) -> str:
    """Return how a reader of a language writes a unit; a count has none in English."""
    return unit(name).label(lang) if known_unit(name) else name
