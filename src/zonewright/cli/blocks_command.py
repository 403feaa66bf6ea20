"""``zonewright blocks``: contiguous ready land, largest first."""

from __future__ import annotations

from datetime import date, datetime

import click

from zonewright.cli import options
from zonewright.cli.speaking import Command
from zonewright.cli.terminal import print_json, print_table, say
from zonewright.core.errors import RangeError
from zonewright.store.workspace import connect
from zonewright.workflows.blocks import blocks_of

_HEADINGS = {
    "en": ("Block", "Parcels", "Area [ha]", "Area [mu]"),
    "zh": ("连片地块", "地块数", "面积（公顷）", "面积（亩）"),
}


@click.command("blocks", cls=Command)
@options.workspace
@click.option("--zone", required=True, help="Code of the zone.")
@click.option("--on", type=options.DAY, help="Day; today if not given.")
@click.option("--min-mu", default=500.0, show_default=True, help="Smallest block to list [mu].")
@options.as_of
@options.as_json
@click.pass_obj
def command(
    lang: str,
    workspace: str,
    zone: str,
    on: datetime | None,
    min_mu: float,
    as_of: datetime | None,
    as_json: bool,
) -> None:
    """List the blocks of ready parcels that share edges, and are large enough, in a zone."""
    connect(workspace)
    options.require_zone(zone, as_of=as_of, lang=lang)
    if min_mu <= 0:
        raise RangeError("block-size-bad", found=f"{min_mu:g}")
    day = on.date() if on else date.today()
    blocks = blocks_of(zone, on=day, min_area_mu=min_mu, as_of=as_of)
    if as_json:
        print_json({"zone": zone, "on": day, "min_mu": min_mu, "items": blocks.as_dicts()})
        return
    if not blocks.rows:
        text = {
            "en": f"No block of {min_mu:g} mu or more is ready in {zone} on {day}.",
            "zh": f"{day} {zone} 内没有 {min_mu:g} 亩以上的连片成熟地块。",
        }
        say(text[lang])
        return
    print_table(
        list(zip(_HEADINGS[lang], (False, True, True, True), strict=True)),
        [
            (row.block_id, f"{row.parcel_count:,}", f"{row.area_ha:,.2f}", f"{row.area_mu:,.1f}")
            for row in blocks.rows
        ],
    )
