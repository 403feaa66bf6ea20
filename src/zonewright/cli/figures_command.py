"""``zonewright figures``: every figure of the look-back, computed from the records."""

from __future__ import annotations

from datetime import datetime

import click

from zonewright.cli import options
from zonewright.cli.terminal import print_json, print_table
from zonewright.store.workspace import connect
from zonewright.workflows.figures import figure_set

_HEADINGS = {
    "en": ("Figure", "What", "Zone", "Stated", "Computed", "Unit", "Records", "Pace"),
    "zh": ("编号", "指标", "片区", "表述", "计算值", "单位", "记录数", "进度"),
}
_NUMERIC = (False, False, False, True, True, False, True, False)


@click.command("figures")
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
    print_table(
        "",
        list(zip(_HEADINGS[lang], _NUMERIC, strict=True)),
        [
            (
                item.code,
                item.wording(lang),
                item.zone_name(lang),
                item.stated.text(lang),
                item.value_text,
                item.stated.unit,
                f"{len(item.figure.records):,}",
                item.pace.word(lang) if item.pace else "",
            )
            for item in items
        ],
    )
