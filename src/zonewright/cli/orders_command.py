"""``zonewright orders``: the supervision orders, what needs one, and who has to hear of delays."""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from datetime import date, datetime

import click

from zonewright.cli import options
from zonewright.cli.speaking import Command
from zonewright.cli.terminal import print_json, print_table, say
from zonewright.core.periods import Period
from zonewright.core.texts import text_of
from zonewright.steering.supervision.rules import book
from zonewright.store.access import Access, operator
from zonewright.store.models import Order
from zonewright.store.selectors.orders import STATES
from zonewright.store.workspace import connect
from zonewright.workflows import supervision
from zonewright.workflows.supervision import Found, OrderRow

ORIGIN = "cli"
_HEADINGS = {
    "en": ("Order", "Matter", "Zone", "Who answers", "State", "Deadline", "Overdue", "With"),
    "zh": ("督办单", "督办事项", "片区", "责任人", "状态", "办结时限", "逾期天数", "督办层级"),
}
_STATES = {
    "en": {
        "open": "open", "replied": "replied", "closed": "closed", "withdrawn": "withdrawn",
    },
    "zh": {
        "open": "办理中", "replied": "已回复待审核", "closed": "已办结", "withdrawn": "已撤销",
    },
}  # fmt: skip
_NUMERIC = (False, False, False, False, False, False, True, False)


@click.command("orders", cls=Command)
@options.workspace
@click.option("--zone", help="Only the orders of this zone.")
@click.option(
    "--state",
    type=click.Choice(["active", "all", *STATES]),
    default="active",
    show_default=True,
    help="Only orders in this state.",
)
@click.option("--overdue", is_flag=True, help="Only orders that are overdue.")
@click.option(
    "--find", "finds", is_flag=True, help="List what needs an order in the month; give none."
)
@click.option("--raise", "raises", is_flag=True, help="Give an order for all that needs one.")
@click.option("--escalate", is_flag=True, help="Take overdue orders to the level they are due to.")
@click.option(
    "--month",
    help="Month that the rules look at, 2023-10, with --find or --raise; the last one by default.",
)
@click.option(
    "--on",
    type=options.DAY,
    help="Day; today if not given, of an older --month the last day of the month after it.",
)
@options.as_json
@click.pass_obj
def command(
    lang: str,
    workspace: str,
    zone: str | None,
    state: str,
    overdue: bool,
    finds: bool,
    raises: bool,
    escalate: bool,
    month: str | None,
    on: datetime | None,
    as_json: bool,
) -> None:
    """List the supervision orders, find what needs one, give and escalate them.

    Nothing is given without --raise. The rules are data: steering/data/orders.toml.
    """
    connect(workspace)
    if zone is not None:
        options.require_zone(zone, as_of=None, lang=lang)
    access, today = operator(getpass.getuser()), date.today()
    if month:
        period = Period.parse(month)
        day = on.date() if on else supervision.day_of_meeting(period, today)
    else:
        day = on.date() if on else today
        period = supervision.default_month(day)
    if finds:
        found = supervision.find(period, day, access)
        _print_found(found, zone, lang, as_json=as_json)
        return
    if raises or escalate:
        _change(
            period, day, access, lang, zone=zone, raises=raises, escalates=escalate, as_json=as_json
        )
        return
    listed_on = on.date() if on else today
    asked = supervision.OrderFilter(
        zone=zone or "",
        state="" if state == "all" else state,
        overdue_on=listed_on if overdue else None,
    )
    rows = supervision.orders(access, asked, on=listed_on)
    if as_json:
        print_json({"on": listed_on, "items": [row.as_dict() for row in rows]})
    elif rows:
        _print(rows, lang)
    else:
        say(text_of("orders-none", {}, lang))
    if month and not as_json:
        say(text_of("orders-month-unused", {"month": period.label(lang)}, lang))


def _change(
    period: Period,
    on: date,
    access: Access,
    lang: str,
    *,
    zone: str | None,
    raises: bool,
    escalates: bool,
    as_json: bool,
) -> None:
    made: Sequence[Order] = ()
    taken: Sequence[supervision.Escalation] = ()
    if raises:
        made = supervision.raise_orders(period, on, access, origin=ORIGIN, zone=zone)
    if escalates:
        taken = supervision.escalate_due(on, access, origin=ORIGIN, zone=zone)
    if as_json:
        print_json(
            {
                "month": str(period),
                "on": on,
                "raised": [row.as_dict() for row in supervision.rows_of(made, on)],
                "escalated": [
                    {"code": item.order.code, "level": item.level, "overdue_days": item.overdue}
                    for item in taken
                ],
            }
        )
        return
    if raises:
        say(text_of("orders-raised", {"count": len(made), "month": period.label(lang)}, lang))
    if escalates:
        say(text_of("orders-escalated", {"count": len(taken)}, lang))
    orders = [*made, *(item.order for item in taken if item.order not in made)]
    if orders:
        _print(supervision.rows_of(_anew(orders, access), on), lang)


def _anew(found: Sequence[Order], access: Access) -> list[Order]:
    return [supervision.order_coded(order.code, access) for order in found]


def _print(rows: Sequence[OrderRow], lang: str) -> None:
    cells = [
        (
            row.order.code,
            row.text(lang),
            row.order.zone.code,
            row.owner(lang),
            _STATES[lang][row.order.state],
            row.order.due_on.isoformat(),
            str(row.overdue) if row.overdue else "",
            row.level_name(lang),
        )
        for row in rows
    ]
    print_table(list(zip(_HEADINGS[lang], _NUMERIC, strict=True)), cells, lead=2)


def _print_found(found: Found, zone: str | None, lang: str, *, as_json: bool) -> None:
    new = [matter for matter in found.new if zone in (None, matter.zone)]
    rules = book()
    if as_json:
        items = [
            {
                "matter": item.key,
                "rule": item.rule,
                "severity": item.severity,
                "zone": item.zone,
                "indicator": item.indicator or None,
                "subject": item.subject or None,
                "text": item.cause.text(rules, "zh"),
                "text_en": item.cause.text(rules, "en"),
                "owner": item.owner,
                "due_on": item.due_on,
            }
            for item in new
        ]
        gone = [order.code for order in found.gone]
        under = [order.code for _, order in found.under_order]
        print_json({"month": str(found.period), "items": items, "under_order": under, "gone": gone})
        return
    if not new:
        say(text_of("orders-nothing-new", {"month": found.period.label(lang)}, lang))
    for item in new:
        say(f"{item.zone}  {item.cause.text(rules, lang)}")
    for order in found.gone:
        say(text_of("orders-gone", {"order": order.code}, lang))
