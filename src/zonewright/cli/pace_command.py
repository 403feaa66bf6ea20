"""``zonewright pace``: the year's targets, how far, and how fast it must go on."""

from __future__ import annotations

from datetime import datetime

import click

from zonewright.cli import options
from zonewright.cli.speaking import Command
from zonewright.cli.terminal import print_json, print_table, say
from zonewright.core.periods import Period
from zonewright.core.texts import text_of
from zonewright.store.workspace import connect
from zonewright.workflows.pace import pace_of_targets

_HEADINGS = {
    "en": (
        "Zone", "Target", "Unit", "Target value", "Done", "%", "Pace [pp]", "Needed/month", "State",
    ),
    "zh": (
        "片区", "指标", "单位", "年度目标", "完成", "完成率%", "超时序（百分点）", "每月还需",
        "状态",
    ),
}  # fmt: skip
# Works or parks named under a target that is behind.
_CAUSES = 3
_NUMERIC = (False, False, False, True, True, True, True, True, False)


@click.command("pace", cls=Command)
@options.workspace
@click.option("--month", help="Month up to which it is counted, 2023-10; the latest by default.")
@click.option("--zone", help="Only the targets of this zone.")
@options.as_of
@options.as_json
@click.pass_obj
def command(
    lang: str,
    workspace: str,
    month: str | None,
    zone: str | None,
    as_of: datetime | None,
    as_json: bool,
) -> None:
    """Compare each target of the year with what was done by a month."""
    connect(workspace)
    if zone is None:
        options.require_records(as_of)
    else:
        options.require_zone(zone, as_of=as_of, lang=lang)
    asked = Period.parse(month) if month else None
    rows = pace_of_targets(month=asked, zone=zone, as_of=as_of)
    if as_json:
        print_json({"items": [row.as_dict() for row in rows]})
        return
    if not rows:
        say(text_of("pace-no-targets", {}, lang))
        return
    say(rows[0].figure.question.period.label(lang), style="bold")
    print_table(
        list(zip(_HEADINGS[lang], _NUMERIC, strict=True)),
        [row.cells(lang) for row in rows],
        lead=2,
    )
    for row in rows:
        if row.causes:
            shown = "; ".join(
                f"{cause.code} {cause.label(lang)} {-cause.short:,.2f}"
                for cause in row.causes[:_CAUSES]
            )
            rest = len(row.causes) - _CAUSES
            names = {"zone": row.zone_name(lang), "name": row.indicator.label(lang)}
            code = "pace-causes-many" if rest > 0 else "pace-causes"
            say(text_of(code, {**names, "causes": shown, "count": rest}, lang))
