"""Supervision (督办): what needs an order, the orders there are, and each step of one.

find(period, on, access)             the matters of a month: new, under an open order, gone
raise_orders(period, on, access, …)  gives an order for each that has none
reply, accept, refuse, extend …      a step of an order (`store.actions.orders`)
escalations(on, access)              whom overdue orders have to reach; `escalate_due` takes them
open_order(number, access, on)       as its page shows it
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from zonewright.core.periods import Period
from zonewright.steering.supervision.escalation import level_due, overdue_days
from zonewright.steering.supervision.matters import Cause, Matter, find_matters
from zonewright.steering.supervision.rules import Rule, RuleBook, book
from zonewright.store.access import Access
from zonewright.store.actions.orders import (
    Evidence,
    NewOrder,
    accept,
    escalate,
    extend,
    give,
    refuse,
    reply,
    withdraw,
)
from zonewright.store.actions.orders import raise_orders as _raise
from zonewright.store.models import Attachment, Order, OrderStep
from zonewright.store.selectors import orders as selectors
from zonewright.store.selectors.orders import OrderFilter, order_coded
from zonewright.workflows.supervision_days import day_of_meeting, default_month
from zonewright.workflows.supervision_facts import facts_of
from zonewright.workflows.supervision_words import owner_name, text_of

__all__ = [
    "Escalation",
    "Evidence",
    "Found",
    "OrderFilter",
    "OrderRow",
    "OrderView",
    "accept",
    "by_urgency",
    "day_of_meeting",
    "default_month",
    "escalate",
    "escalate_due",
    "escalations",
    "extend",
    "find",
    "give",
    "open_order",
    "order_coded",
    "orders",
    "owner_name",
    "raise_orders",
    "refuse",
    "reply",
    "rows_of",
    "withdraw",
]


@dataclass(frozen=True, slots=True)
class Found:
    """What the rules find in a month.

    Parameters
    ----------
    period, on
        The month, and the day as of which it was looked at.
    new
        What needs an order and has none.
    under_order
        What has one that is not done, with it.
    gone
        Orders that are not done though their cause is gone: proposed for closing, never closed by
        the program.
    """

    period: Period
    on: date
    new: tuple[Matter, ...]
    under_order: tuple[tuple[Matter, Order], ...]
    gone: tuple[Order, ...]


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order in a list.

    Parameters
    ----------
    order
        The order, with its zone.
    rule
        The rule that it follows.
    overdue
        For how many days its deadline is over [days]; 0 if it is not, or the order is done.
    level_due
        The level that it has to reach; at most `Order.level` if it has nowhere to go.
    replied
        The last reply; None if there is none.
    last
        The last step.
    """

    order: Order
    rule: Rule
    overdue: int
    level_due: int
    replied: OrderStep | None
    last: OrderStep | None

    @property
    def is_done(self) -> bool:
        """Whether it is closed or withdrawn."""
        return self.order.state not in selectors.ACTIVE

    @property
    def escalates(self) -> bool:
        """Whether it has to go to a higher level."""
        return self.level_due > self.order.level

    def text(self, lang: str = "en") -> str:
        """Return what it is about, in a language."""
        return text_of(self.order, lang)

    def level_name(self, lang: str = "en") -> str:
        """Return whom it has reached; empty for its owner alone."""
        name = book().levels.get(self.order.level)
        return name.label(lang) if name else ""

    def owner(self, lang: str = "en") -> str:
        """Return who answers for it, in a language."""
        return owner_name(self.order.owner, lang)

    def as_dict(self) -> dict[str, object]:
        """Return plain values for JSON."""
        order = self.order
        return {
            "id": order.pk,
            "code": order.code,
            "zone": order.zone.code,
            "indicator": order.indicator.code if order.indicator else None,
            "rule": order.rule or None,
            "severity": self.rule.severity,
            "text": self.text("zh"),
            "text_en": self.text("en"),
            "owner": order.owner,
            "period": order.period,
            "subject": order.subject or None,
            "state": order.state,
            "level": order.level,
            "level_due": self.level_due,
            "raised_on": order.raised_on,
            "due_on": order.due_on,
            "overdue_days": self.overdue,
            "closed_on": order.closed_on,
            "last_reply": self.replied.text if self.replied else None,
        }


@dataclass(frozen=True, slots=True)
class OrderView:
    """An order as its page shows it.

    Parameters
    ----------
    row
        As in a list.
    steps
        Its way, the oldest first, each with its files.
    may
        What whoever asks may do now: ``reply``, ``evidence`` (change the files of the reply that
        waits), ``accept``, ``refuse``, ``extend``, ``escalate``, ``withdraw``.
    cause
        Why it was given; of an order given by hand without parameters.
    is_gone
        Whether its cause no longer holds; None if that was not looked at.
    """

    row: OrderRow
    steps: tuple[tuple[OrderStep, tuple[Attachment, ...]], ...]
    may: frozenset[str]
    cause: Cause
    is_gone: bool | None


@dataclass(frozen=True, slots=True)
class Escalation:
    """An open order that has to reach a higher level."""

    order: Order
    level: int
    overdue: int


def find(
    period: Period, on: date, access: Access, *, sorts: Collection[str] | None = None
) -> Found:
    """Return what the rules find in a month in the zones that somebody sees.

    Parameters
    ----------
    period
        The month; of a longer period its last month counts.
    on
        The day as of which it is looked at.
    access
        Whose zones.
    sorts
        Sorts of facts to look at (``pace``, ``gate`` …); None means all. Of the others nothing is
        found, and nothing is told to be gone.
    """
    rules, active = book(), selectors.active_matters(access)
    # A return that was missing months ago is missing until it comes.
    owed = {Period.parse(key.rpartition("|")[2]) for key in active if key.startswith("return|")}
    facts = facts_of(period, on, access, rules, return_months=owed, sorts=sorts)
    matters = find_matters(facts, period=period, on=on, book=rules)
    keys = {matter.key for matter in matters}
    return Found(
        period=period,
        on=on,
        new=tuple(matter for matter in matters if matter.key not in active),
        under_order=tuple(
            (matter, active[matter.key]) for matter in matters if matter.key in active
        ),
        gone=tuple(
            order
            for key, order in active.items()
            if order.rule
            and (sorts is None or rules.rule(order.rule).fact in sorts)
            and key not in keys
            and Period.parse(order.period).last <= period.last
            and order.raised_on <= on
        ),
    )


def raise_orders(
    period: Period,
    on: date,
    access: Access,
    *,
    origin: str,
    only: Collection[str] | None = None,
    zone: str | None = None,
    at: datetime | None = None,
) -> tuple[Order, ...]:
    """Give an order for each matter of a month that has none.

    Parameters
    ----------
    period, on
        As in `find`.
    access, origin
        Who gives them, and from where: of the matters in zones that they see, those where they
        may approve.
    only
        Keys of the matters to give orders for; None means all.
    zone
        Only for matters of this zone; None means all.
    at
        When they are given, where kept files are replayed; None means now.

    Returns
    -------
    orders
        The new ones; none if each matter is under an order already.
    """
    zones = access.zones("approve")
    wanted = [
        _new(matter, period)
        for matter in find(period, on, access).new
        if (zones is None or matter.zone in zones)
        and (only is None or matter.key in only)
        and zone in (None, matter.zone)
    ]
    return _raise(wanted, on=on, access=access, origin=origin, at=at)


def _new(matter: Matter, period: Period) -> NewOrder:
    return NewOrder(
        matter=matter.key, zone=matter.zone, period=period, due_on=matter.due_on,
        rule=matter.rule, indicator=matter.indicator, subject=matter.subject,
        cause=matter.cause.as_dict(), owner=matter.owner,
    )  # fmt: skip


def orders(
    access: Access, asked: OrderFilter | None = None, *, on: date | None = None
) -> tuple[OrderRow, ...]:
    """Return the orders that somebody sees, as `by_urgency` orders them."""
    return rows_of(by_urgency(selectors.orders(access, asked)), on or timezone.localdate())


def by_urgency(found: Iterable[Order]) -> list[Order]:
    """Return orders with those not done first, by deadline; then the others, the latest first."""
    return sorted(found, key=_urgency)


def _urgency(order: Order) -> tuple[bool, int, str]:
    done = order.state not in selectors.ACTIVE
    day = (order.closed_on or order.due_on) if done else order.due_on
    return (done, -day.toordinal() if done else day.toordinal(), order.code)


def rows_of(found: Iterable[Order], on: date) -> tuple[OrderRow, ...]:
    """Return orders with what a list shows of them, in their order."""
    listed = list(found)
    steps = selectors.steps(listed)
    return tuple(_row(order, steps[order.pk], on, book()) for order in listed)


def _row(order: Order, steps: tuple[OrderStep, ...], on: date, rules: RuleBook) -> OrderRow:
    rule = rules.rule(order.rule)
    active = order.state in selectors.ACTIVE
    # A reply that waits for its judgement is no more the owner's delay.
    waits = order.state == selectors.OPEN
    replies = [step for step in steps if step.action == "replied"]
    return OrderRow(
        order=order,
        rule=rule,
        overdue=overdue_days(order.due_on, on) if active else 0,
        level_due=level_due(rule.ladder, order.due_on, on) if waits else order.level,
        replied=replies[-1] if replies else None,
        last=steps[-1] if steps else None,
    )


def open_order(number: int, access: Access, *, on: date, look: bool = False) -> OrderView:
    """Return an order as its page shows it.

    Parameters
    ----------
    number
        Its key.
    on
        The day as of which delays are told.
    look
        Whether to look if its cause still holds, which asks the rules anew.

    Raises
    ------
    UnknownReferenceError
        If they may not see it.
    """
    order = selectors.order(number, access)
    steps = selectors.steps([order])[order.pk]
    files = selectors.evidence(steps)
    gone = None
    if look and order.rule and order.state in selectors.ACTIVE:
        found_in = Period.parse(order.period)
        month = max(default_month(on), found_in, key=lambda period: period.last)
        sorts = (book().rule(order.rule).fact,)
        gone = order.pk in {item.pk for item in find(month, on, access, sorts=sorts).gone}
    return OrderView(
        row=_row(order, steps, on, book()),
        steps=tuple((step, files[step.pk]) for step in steps),
        may=_may(order, access),
        cause=Cause.of(order.cause),
        is_gone=gone,
    )


def _may(order: Order, access: Access) -> frozenset[str]:
    zone, allowed = order.zone.code, set()
    if order.state == selectors.OPEN and access.may("report", zone):
        allowed.add("reply")
    if order.state == selectors.REPLIED:
        if access.may("report", zone):
            allowed.add("evidence")
        if access.may("check", zone):
            allowed |= {"accept", "refuse"}
    if order.state in selectors.ACTIVE and access.may("approve", zone):
        allowed |= {"extend", "withdraw"}
        if order.state == selectors.OPEN and order.level < max(book().levels):
            allowed.add("escalate")
    return frozenset(allowed)


def escalations(on: date, access: Access) -> tuple[Escalation, ...]:
    """Return the open orders that have to reach a higher level by a day, the most overdue first."""
    rows = orders(access, OrderFilter(state=selectors.OPEN), on=on)
    due = [Escalation(row.order, row.level_due, row.overdue) for row in rows if row.escalates]
    return tuple(sorted(due, key=lambda item: (-item.overdue, item.order.code)))


def escalate_due(
    on: date, access: Access, *, origin: str, zone: str | None = None
) -> tuple[Escalation, ...]:
    """Take every order that is due for it to its level, where they may approve; or of one zone."""
    zones = access.zones("approve")
    taken = [
        item
        for item in escalations(on, access)
        if (zones is None or item.order.zone.code in zones) and zone in (None, item.order.zone.code)
    ]
    for item in taken:
        escalate(item.order.pk, item.level, access=access, origin=origin)
    return tuple(taken)
