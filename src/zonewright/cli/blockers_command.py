"""``zonewright blockers``: what keeps land from counting as a block, and what each parcel lacks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import click

from zonewright.cli import options
from zonewright.cli.speaking import Command
from zonewright.cli.terminal import print_json, print_table, say
from zonewright.core.errors import InputError, RangeError
from zonewright.core.units import convert
from zonewright.land.readiness import standard_rule
from zonewright.store.workspace import connect
from zonewright.workflows.between import require_gap
from zonewright.workflows.books import open_books
from zonewright.workflows.land import MIN_BLOCK_MU, Question
from zonewright.workflows.land_blockers import Blockers, blockers_of, changed_rates
from zonewright.workflows.unlock_question import rates_told

_HEADINGS = {
    "en": (
        "Near-block", "Make ready", "Lacks", "Their area [mu]", "Then counts [mu]", "Gained per mu",
        "Cost, assumed [10,000 yuan]", "Found by",
    ),
    "zh": (
        "临近达标的片", "需补齐的地块", "欠缺", "地块面积（亩）", "补齐后达标（亩）",
        "每亩带动（亩）", "估算成本（万元）", "求解方式",
    ),
}  # fmt: skip
_NUMERIC = (False, False, False, True, True, True, True, False)
_METHODS = {
    "en": {"single": "one parcel", "pair": "two parcels", "chain": "a chain (no proof)"},
    "zh": {"single": "单块", "pair": "两块", "chain": "多块（不保证最优）"},
}
_MU_M2 = float(convert(1, "亩", "m2"))


@click.command("blockers", cls=Command)
@options.workspace
@click.option("--zone", required=True, help="Code of the zone of a workspace.")
@click.option("--on", type=options.DAY, help="Day; today if not given.")
@click.option(
    "--min-area-mu",
    "--min-mu",
    "min_mu",
    default=MIN_BLOCK_MU,
    show_default=True,
    help="Size from which a block counts [mu].",
)
@click.option(
    "--gap-m",
    default=0.0,
    show_default=True,
    help="Widest gap over a road or canal across which land is joined as well [m].",
)
@click.option(
    "--rate",
    "rates",
    multiple=True,
    metavar="NAME=CNY",
    help="Cost in place of an assumed one, for each mu (level_cny_mu=52000).",
)
@options.as_of
@options.as_json
@click.pass_obj
def command(
    lang: str,
    workspace: str,
    zone: str,
    on: datetime | None,
    min_mu: float,
    gap_m: float,
    rates: tuple[str, ...],
    as_of: datetime | None,
    as_json: bool,
) -> None:
    """List the parcels that keep ready land from counting as a block, the most rewarding first.

    Each with what it lacks and since when. Costs are assumed unit rates, not prices.
    """
    connect(workspace)
    options.require_zone(zone, as_of=as_of, lang=lang)
    if not min_mu > 0:
        raise RangeError("block-size-bad", found=f"{min_mu:g}")
    require_gap(gap_m)
    changed = changed_rates(_rates(rates))
    day = on.date() if on else date.today()
    question = Question(frozenset({zone}), day, min_mu, gap_m=gap_m)
    found = blockers_of(open_books(as_of), question, changed)
    if as_json:
        answer = {
            "zone": zone, "on": day, "min_mu": min_mu, "gap_m": gap_m,
            "rates": rates_told(found.rates),
        }  # fmt: skip
        print_json({**answer, "items": found.as_dicts()})
        return
    if not len(found.options):
        text = {
            "en": f"No few parcels would make a block of {min_mu:g} mu in {zone} on {day}.",
            "zh": f"{day} {zone} 内没有补齐少数地块即可达到 {min_mu:g} 亩的连片。",
        }
        say(text[lang])
        return
    print_table(
        list(zip(_HEADINGS[lang], _NUMERIC, strict=True)),
        [_cells(found, row, lang) for row in found.options.to_dict("records")],
        lead=2,
    )


def _rates(texts: tuple[str, ...]) -> dict[str, object]:
    """Return rates by name of texts ``NAME=CNY``."""
    found: dict[str, object] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise InputError("plan-rates-unreadable", found=text[:40])
        found[name.strip()] = value.strip().replace(",", "")
    return found


def _cells(found: Blockers, row: Mapping[Any, Any], lang: str) -> tuple[str, ...]:
    codes = [str(code) for code in row["parcels"]]
    return (
        str(row["near_block"]),
        " ".join(codes),
        _lacks(found, codes, lang),
        f"{row['opened_m2'] / _MU_M2:,.1f}",
        f"{row['gained_m2'] / _MU_M2:,.1f}",
        f"{row['gained_per_m2']:,.2f}",
        _wan(row["cost_cny"]),
        _METHODS[lang][str(row["method"])],
    )


def _wan(cny: float) -> str:
    return "—" if cny != cny else f"{cny / 10_000:,.1f}"


def _lacks(found: Blockers, codes: list[str], lang: str) -> str:
    """Return what some parcels lack, each once, with the earliest day since when."""
    first: dict[str, date | None] = {}
    for code in codes:
        row = found.parcels.loc[code]
        for lack, since in zip(row["lacks"], row["lacks_since"], strict=True):
            day = None if since != since else since.date()
            known = first.get(lack)
            first[lack] = day if known is None else min(known, day) if day else known
    rule = standard_rule()
    return "; ".join(
        f"{rule.label(lack, lang)} ({day})" if day else rule.label(lack, lang)
        for lack, day in first.items()
    )
