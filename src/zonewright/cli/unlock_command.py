"""``zonewright unlock``: which parcels to acquire and level next for a budget."""

from __future__ import annotations

import importlib
from datetime import date, datetime

import click

from zonewright.cli import options
from zonewright.cli.speaking import Command
from zonewright.cli.terminal import print_json, print_table, progress, say
from zonewright.store.workspace import connect

_HEADINGS = {
    "en": ("No.", "Parcel", "Stage", "Area [mu]", "Cost [10,000 yuan]", "Spent so far"),
    "zh": ("序号", "地块", "阶段", "面积（亩）", "费用（万元）", "累计投入"),
}
_CURVE = {
    "en": ("Budget [10,000 yuan]", "Cost", "Gained [ha]", "Blocks", "Gap [%]"),
    "zh": ("预算（万元）", "费用", "新增（公顷）", "连片地块", "差距（%）"),
}
_BOTH_QUOTAS = {
    "en": "--quota-mu and --no-quota contradict each other; give one of them.",
    "zh": "--quota-mu 与 --no-quota 相互矛盾；请只用其一。",
}
_MU_M2 = 2000 / 3


@click.command("unlock", cls=Command)
@options.workspace
@click.option("--zone", required=True, help="Code of the zone to plan for.")
@click.option("--budget-wan", type=float, required=True, help="Budget [10,000 yuan].")
@click.option("--on", type=options.DAY, help="Day; today if not given.")
@click.option("--quota-mu", type=float, help="Land quota [mu]; else what the ledger has left.")
@click.option("--no-quota", is_flag=True, help="Set no limit of land quota.")
@click.option(
    "--threshold-mu",
    default=500.0,
    show_default=True,
    help="Size from which a block counts in the plan [mu].",
)
@click.option(
    "--target",
    type=click.Choice(("area", "blocks", "largest")),
    default="area",
    show_default=True,
    help="Most land in such blocks, most such blocks, or the largest single block.",
)
@click.option("--acquire-cny-mu", type=float, help="Approval and expropriation [CNY/mu].")
@click.option("--compensate-cny-mu", type=float, help="Compensation [CNY/mu].")
@click.option("--level-cny-mu", type=float, help="Levelling [CNY/mu].")
@click.option("--connect-cny-mu", type=float, help="Road to the parcel [CNY/mu].")
@click.option("--by", type=options.DAY, help="Day by which all land has to be ready.")
@click.option(
    "--acquire-months", type=float, help="Approval and expropriation take this long [months]."
)
@click.option("--compensate-months", type=float, help="Compensation takes this long [months].")
@click.option("--level-months", type=float, help="Levelling takes this long [months].")
@click.option("--connect-months", type=float, help="The road takes this long [months].")
@click.option("--with", "with_parcel", help="Code of a parcel that the plan must hold.")
@click.option("--steps", default=0, show_default=True, help="Budgets of the curve; 0 for none.")
@click.option("--time-limit-s", default=30.0, show_default=True, help="Time for the search [s].")
@options.as_json
@click.pass_obj
def command(
    lang: str,
    /,
    workspace: str,
    zone: str,
    on: datetime | None,
    by: datetime | None,
    quota_mu: float | None,
    no_quota: bool,
    with_parcel: str | None,
    as_json: bool,
    **given: object,
) -> None:
    """Find which parcels to acquire and level so that a budget makes the most contiguous land.

    Costs and lead times are assumptions unless they are given. Value and bound are printed with the
    plan, which is checked again from the shapes.
    """
    connect(workspace)
    options.require_zone(zone, as_of=None, lang=lang)
    question = importlib.import_module("zonewright.workflows.unlock_question")
    engine = importlib.import_module("zonewright.workflows.unlocking")
    books = importlib.import_module("zonewright.workflows.books")
    if no_quota and quota_mu is not None:
        raise click.UsageError(_BOTH_QUOTAS[lang])
    quota = "given" if quota_mu is not None else "none" if no_quota else "ledger"
    params = {name: value for name, value in given.items() if value is not None}
    params |= {
        "zone": zone,
        "on": (on.date() if on else date.today()).isoformat(),
        "by": by.date().isoformat() if by else "",
        "quota": quota,
        "quota_mu": quota_mu,
        "with": with_parcel,
    }
    asked = question.question_of(params)
    with progress("", quiet=as_json) as report:
        found = engine.plan_unlock(asked, books.open_books(), say=lambda share: report(share, ""))
    found.pop("features")
    if as_json:
        print_json(found)
        return
    _print(found, lang)


def _print(found: dict[str, object], lang: str) -> None:
    told = importlib.import_module("zonewright.cli.plan_lines")
    for line in told.unlock_lines(found, lang):
        say(line)
    plans, main, items = found["plans"], found["main"], found["items"]
    spent = 0.0
    rows = []
    for place, code in enumerate(plans[main]["chosen"], start=1):  # type: ignore[index]
        item = items[code]  # type: ignore[index]
        spent += item["cost_cny"]
        rows.append(
            (
                str(place), code, item["stage"] or "-", f"{item['area_m2'] / _MU_M2:,.1f}",
                f"{item['cost_cny'] / 1e4:,.1f}", f"{spent / 1e4:,.1f}",
            )
        )  # fmt: skip
    if rows:
        numeric = (True, False, False, True, True, True)
        print_table(list(zip(_HEADINGS[lang], numeric, strict=True)), rows, lead=2)
    if len(plans) > 1:  # type: ignore[arg-type]
        print_table([(name, True) for name in _CURVE[lang]], told.curve_rows(found))
