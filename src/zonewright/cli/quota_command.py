"""``zonewright quota``: what is left of the land quota, by source, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

import click

from zonewright.cli import options
from zonewright.cli.speaking import Command
from zonewright.cli.terminal import print_findings, print_json, print_table, say
from zonewright.core.schema import table
from zonewright.core.units import convert
from zonewright.store.workspace import connect
from zonewright.workflows.books import open_books
from zonewright.workflows.land_quota import Quota, quota_of

_HEADINGS = {
    "en": (
        "Zone", "Source", "Granted [mu]", "Allocated", "Used", "Expired", "Held", "Pending",
        "Lapsed", "Still to allocate",
    ),
    "zh": (
        "片区", "来源", "已下达（亩）", "已分配", "已使用", "已失效", "结存未分配", "已分配未使用",
        "其中已过期", "可分配余额",
    ),
}  # fmt: skip
_AMOUNTS = (
    "granted_m2", "allocated_m2", "used_m2", "expired_m2", "held_m2", "pending_m2", "lapsed_m2",
    "available_m2",
)  # fmt: skip
_NUMERIC = (False, False, *[True] * len(_AMOUNTS))
_MU_M2 = float(convert(1, "亩", "m2"))


@click.command("quota", cls=Command)
@options.workspace
@click.option("--zone", help="Only the quota of this zone and of the zones in it.")
@click.option("--on", type=options.DAY, help="Day; today if not given.")
@options.as_of
@options.as_json
@click.pass_obj
def command(
    lang: str,
    workspace: str,
    zone: str | None,
    on: datetime | None,
    as_of: datetime | None,
    as_json: bool,
) -> None:
    """Show what is left of the land quota by zone and source, and what is wrong with the ledger.

    Obtained is not used: what a grant leaves unused by its last day lapses.
    """
    connect(workspace)
    day = on.date() if on else date.today()
    zones: frozenset[str] | None = None
    if zone is None:
        options.require_records(as_of)
    else:
        options.require_zone(zone, as_of=as_of, lang=lang)
        zones = frozenset({zone, *open_books(as_of).scope(day).descendants(zone)})
    found = quota_of(zones, day, as_of=as_of)
    if as_json:
        findings = [finding.as_dict(lang) for finding in found.told(_sources(lang))]
        print_json({"zone": zone, "on": day, "items": found.as_dicts(), "findings": findings})
        return
    print_findings(found.told(_sources(lang)), lang=lang)
    if not len(found.balance):
        text = {
            "en": f"The ledger of land quota holds no entry here up to {day}.",
            "zh": f"截至 {day}，用地指标台账中没有记录。",
        }
        say(text[lang])
        return
    print_table(list(zip(_HEADINGS[lang], _NUMERIC, strict=True)), _rows(found, lang), lead=2)


def _sources(lang: str) -> Mapping[str, str]:
    """Return the sources of quota by code, in Chinese; English ones are their codes."""
    return table("quota_entries")["category"].choices if lang == "zh" else {}


def _rows(found: Quota, lang: str) -> list[tuple[str, ...]]:
    names = _sources(lang)
    rows = [
        (
            str(row["zone"]),
            names.get(str(row["category"]), str(row["category"])),
            *(f"{float(row[name]) / _MU_M2:,.1f}" for name in _AMOUNTS),
        )
        for row in found.balance.reset_index().to_dict("records")
    ]
    total = tuple(f"{found.totals[name] / _MU_M2:,.1f}" for name in _AMOUNTS)
    return [*rows, ("合计" if lang == "zh" else "Sum", "", *total)]
