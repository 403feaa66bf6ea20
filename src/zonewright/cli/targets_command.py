"""``zonewright targets``: the year's targets, their curves, and whether the parts add up."""

from __future__ import annotations

from datetime import datetime

import click

from zonewright.cli import options
from zonewright.cli.speaking import Command
from zonewright.cli.terminal import print_findings, print_json, print_table, say
from zonewright.core.texts import text_of
from zonewright.core.units import unit
from zonewright.store.workspace import connect
from zonewright.workflows.targets import TargetView, targets

_HEADINGS = {
    "en": ("Zone", "Work or project", "Indicator", "Unit", "Target", "Curve", "Mar", "Jun", "Sep"),
    "zh": ("片区", "工程或项目", "指标", "单位", "年度目标", "曲线", "3月%", "6月%", "9月%"),
}
_NUMERIC = (False, False, False, False, True, False, True, True, True)


@click.command("targets", cls=Command)
@options.workspace
@click.option("--year", type=int, help="Year of the targets; the latest that has any by default.")
@click.option("--zone", help="Only this zone and what lies below it.")
@click.option("--check", is_flag=True, help="Only the sums: targets whose parts do not add up.")
@options.as_of
@options.as_json
@click.pass_context
def command(
    context: click.Context,
    workspace: str,
    year: int | None,
    zone: str | None,
    check: bool,
    as_of: datetime | None,
    as_json: bool,
) -> None:
    """List the targets of a year, and say which of them differ from the sum of their parts.

    With --check the exit code is 1 if a sum does not add up.
    """
    lang: str = context.obj
    connect(workspace)
    if zone is None:
        options.require_records(as_of)
    else:
        options.require_zone(zone, as_of=as_of, lang=lang)
    book = targets(year, zone or "", as_of=as_of)
    uneven = [found for cascade in book.cascades if (found := cascade.finding()) is not None]
    if as_json:
        print_json(
            {
                "year": book.year,
                "items": [] if check else [view.as_dict() for view in book.targets],
                "sums": [cascade.as_dict() for cascade in book.cascades],
                "findings": [finding.as_dict(lang) for finding in uneven],
            }
        )
    elif not book.targets:
        years = (", " if lang == "en" else "、").join(map(str, book.years)) or "—"
        say(text_of("targets-none-of-year", {"year": book.year, "years": years}, lang))
    else:
        if not check:
            say(str(book.year), style="bold")
            heads = list(zip(_HEADINGS[lang], _NUMERIC, strict=True))
            print_table(heads, [_cells(view, lang) for view in book.targets], lead=3)
        print_findings(uneven, lang=lang)
    if check and uneven:
        context.exit(1)


def _cells(view: TargetView, lang: str) -> tuple[str, ...]:
    label = unit(view.row.unit).label(lang) or view.row.unit
    shares = [f"{view.shares[month - 1]:.0f}" if view.shares else "—" for month in (3, 6, 9)]
    name = view.subject.name if view.subject else view.row.subject
    return (
        view.zone_name(lang), name, view.indicator.label(lang), label,
        f"{view.row.value:,.2f}", _CURVES[lang].get(view.row.curve, view.row.curve), *shares,
    )  # fmt: skip


_CURVES = {
    "en": {"linear": "even", "stepped": "stepped", "seasonal": "seasonal",
           "milestone": "milestones"},
    "zh": {"linear": "均衡", "stepped": "阶梯", "seasonal": "季节", "milestone": "节点"},
}  # fmt: skip
