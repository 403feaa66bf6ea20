"""Supervision orders: raised, replied to with evidence, judged, extended, escalated, withdrawn.

Whoever reports in the order's zone replies, whoever checks there accepts or refuses, whoever
approves there raises, extends, escalates and withdraws. Nobody judges their own reply, unless
there is nobody else who could. Where kept files are replayed, `at` is when a step was taken; None
means now.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from zonewright.core.errors import InputError, NotAllowedError, StateError, UnknownReferenceError
from zonewright.core.periods import Period
from zonewright.steering.supervision.rules import BY_HAND, book
from zonewright.store.access import Access, access_of
from zonewright.store.actions import trail
from zonewright.store.actions.attachments import attach
from zonewright.store.models import Attachment, Indicator, Order, OrderStep, User, Workspace, Zone
from zonewright.store.selectors.orders import ACTIVE, CLOSED, EVIDENCE, OPEN, REPLIED, WITHDRAWN
from zonewright.store.selectors.orders import order as find

TABLE = "orders"
MAX_TEXT = 4_000
MAX_TITLE = 300


@dataclass(frozen=True, slots=True)
class NewOrder:
    """What an order is to be given for.

    Parameters
    ----------
    matter
        What it is about, once.
    zone, indicator, subject
        Codes, and a record's name; the last two may be empty.
    period
        The month in which it was found.
    due_on
        Deadline.
    rule, cause, title, owner
        As `Order` keeps them.
    """

    matter: str
    zone: str
    period: Period
    due_on: date
    rule: str = BY_HAND
    indicator: str = ""
    subject: str = ""
    cause: Mapping[str, object] = field(default_factory=dict)
    title: str = ""
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A file that proves a reply: its name, its bytes, and what it shows."""

    name: str
    content: bytes
    note: str = ""


def raise_orders(
    wanted: Sequence[NewOrder],
    *,
    on: date,
    access: Access,
    origin: str,
    at: datetime | None = None,
) -> tuple[Order, ...]:
    """Give orders; a matter on which one is open already gets no second one.

    Parameters
    ----------
    wanted
        In the order in which they are numbered.
    on
        Day on which they are given.
    access, origin
        Who gives them, and from where: whoever approves in each zone.

    Returns
    -------
    orders
        Those that are new.

    Raises
    ------
    UnknownReferenceError, NotAllowedError
        If they may not see a zone, or not approve in it. Nothing is given then.
    InputError
        If a deadline lies before the day.
    """
    made = []
    with transaction.atomic():
        # One writer at a time: numbers run on, and a matter is looked up before it is given.
        Workspace.objects.select_for_update().order_by("pk").first()
        asked = [item.matter for item in wanted]
        open_now = set(
            Order.objects.filter(state__in=ACTIVE, matter__in=asked).values_list(
                "matter", flat=True
            )
        )
        number = _last_number(on.year)
        for item in wanted:
            access.require("approve", item.zone)
            if item.due_on < on:
                raise InputError("order-due-past", due_on=item.due_on, on=on)
            if item.matter in open_now:
                continue
            open_now.add(item.matter)
            number += 1
            made.append(_insert(item, f"DB-{on.year}-{number:04d}", on, at, access, origin))
    return tuple(made)


def give(
    zone: str,
    title: str,
    *,
    due_on: date,
    owner: str = "",
    on: date,
    access: Access,
    origin: str,
) -> Order:
    """Give an order by hand.

    Parameters
    ----------
    zone
        Code of the zone that is to answer.
    title
        What is asked.
    due_on
        Deadline, not before `on`.
    owner
        A person, or ``role:CODE``; empty for the role that ``[by_hand]`` names.

    Raises
    ------
    InputError
        If it asks for nothing, or for too much at once, or the deadline is over.
    StateError
        If an order that asks the same of the zone is open.
    UnknownReferenceError, NotAllowedError
        As `raise_orders`.
    """
    asked = " ".join(title.split())
    if not asked:
        raise InputError("order-title-missing")
    if len(asked) > MAX_TITLE:
        raise InputError("order-text-long", most=MAX_TITLE)
    wanted = NewOrder(
        matter=f"hand|{zone}||{asked}",
        zone=zone,
        period=Period.month(on.year, on.month),
        due_on=due_on,
        title=asked,
        owner=owner.strip() or f"role:{book().by_hand.owner[0]}",
    )
    made = raise_orders([wanted], on=on, access=access, origin=origin)
    if not made:
        raise StateError("order-given-already", title=asked, zone=zone)
    return made[0]


def reply(
    number: int,
    text: str,
    *,
    evidence: Sequence[Evidence] = (),
    access: Access,
    origin: str,
    at: datetime | None = None,
) -> OrderStep:
    """Reply to an order, with evidence.

    Raises
    ------
    InputError
        If the reply says nothing, or a file cannot be taken.
    StateError
        If the order waits for a judgement, or is done.
    UnknownReferenceError, NotAllowedError
        If they may not see the order, or not report in its zone.
    """
    said = _text(text, "order-reply-missing")
    with _changing(number, access, "report", (OPEN,)) as order:
        step = _step(order, "replied", access, said, at=at, state=REPLIED, origin=origin)
        for file in evidence:
            attach(
                f"{EVIDENCE}:{step.pk}", name=file.name, content=file.content, note=file.note,
                access=access, origin=origin, at=at,
            )  # fmt: skip
    return step


def accept(
    number: int, text: str = "", *, on: date, access: Access, origin: str,
    at: datetime | None = None,
) -> OrderStep:  # fmt: skip
    """Accept the reply to an order, which closes it.

    Raises
    ------
    StateError
        If there is no reply to judge, or it lacks the evidence that the rule asks for.
    NotAllowedError
        If they may not check in the zone, or replied themselves though others could judge.
    """
    with _changing(number, access, "check", (REPLIED,)) as order:
        last = _judged_by_another(order, access)
        files = Attachment.objects.filter(record=f"{EVIDENCE}:{last.pk}", removed_at__isnull=True)
        if book().rule(order.rule).evidence and not files.exists():
            raise StateError("order-no-evidence", order=order.code)
        return _step(
            order, "accepted", access, text.strip()[:MAX_TEXT], at=at, state=CLOSED, closed_on=on,
            origin=origin,
        )  # fmt: skip


def refuse(
    number: int, reason: str, *, access: Access, origin: str, at: datetime | None = None
) -> OrderStep:
    """Refuse the reply to an order with a reason, which opens it again; raises as `accept`."""
    said = _text(reason, "order-reason-missing")
    with _changing(number, access, "check", (REPLIED,)) as order:
        _judged_by_another(order, access)
        return _step(order, "refused", access, said, at=at, state=OPEN, origin=origin)


def extend(
    number: int,
    due_on: date,
    reason: str,
    *,
    access: Access,
    origin: str,
    at: datetime | None = None,
) -> OrderStep:
    """Give an order a later deadline, with a reason.

    Raises
    ------
    InputError
        If the deadline is not later, or no reason is given.
    """
    said = _text(reason, "order-reason-missing")
    with _changing(number, access, "approve", ACTIVE) as order:
        if due_on <= order.due_on:
            raise InputError("order-extend-earlier", due_on=order.due_on)
        return _step(order, "extended", access, said, at=at, due_on=due_on, origin=origin)


def escalate(
    number: int, level: int, *, text: str = "", access: Access, origin: str,
    at: datetime | None = None,
) -> OrderStep:  # fmt: skip
    """Take an open order to a higher level.

    Raises
    ------
    InputError
        If there is no such level.
    StateError
        If it is not open, or has reached the level already.
    """
    if level not in book().levels:
        known = ", ".join(map(str, book().levels))
        raise InputError("order-level-unknown", level=level, known=known)
    with _changing(number, access, "approve", (OPEN,)) as order:
        if level <= order.level:
            raise StateError("order-level-reached", order=order.code, level=order.level)
        return _step(order, "escalated", access, text.strip(), at=at, level=level, origin=origin)


def withdraw(
    number: int, reason: str, *, on: date, access: Access, origin: str, at: datetime | None = None
) -> OrderStep:
    """Withdraw an order that is not done, with a reason."""
    said = _text(reason, "order-reason-missing")
    with _changing(number, access, "approve", ACTIVE) as order:
        return _step(
            order, "withdrawn", access, said, at=at, state=WITHDRAWN, closed_on=on, origin=origin
        )


def _insert(
    item: NewOrder, code: str, on: date, at: datetime | None, access: Access, origin: str
) -> Order:
    zone = Zone.objects.filter(code=item.zone).first()
    if zone is None:
        raise UnknownReferenceError("zone-not-seen", zone=item.zone)
    indicator = None
    if item.indicator:
        indicator = Indicator.objects.filter(code=item.indicator).first()
    made = Order.objects.create(
        code=code, rule=item.rule, matter=item.matter, zone=zone, indicator=indicator,
        period=str(Period.month(item.period.year, item.period.last_month)),
        subject=item.subject, cause=dict(item.cause), title=item.title, owner=item.owner,
        due_on=item.due_on, raised_on=on, raised_by=access.name,
    )  # fmt: skip
    OrderStep.objects.create(
        of=made, action="raised", by=access.name, at=at or timezone.now(), due_on=item.due_on
    )
    told = {
        "zone": item.zone, "rule": item.rule, "matter": item.matter, "title": item.title,
        "owner": item.owner, "due_on": item.due_on.isoformat(), "state": OPEN,
    }  # fmt: skip
    _note("raise", made, access, origin, after={key: value for key, value in told.items() if value})
    return made


def _last_number(year: int) -> int:
    codes = Order.objects.filter(code__startswith=f"DB-{year}-").values_list("code", flat=True)
    numbers = (code.rpartition("-")[2] for code in codes)
    return max((int(number) for number in numbers if number.isdecimal()), default=0)


@contextmanager
def _changing(
    number: int, access: Access, permission: str, states: Sequence[str]
) -> Iterator[Order]:
    """Hold an order that somebody may change, in one of some states, until it is written."""
    with transaction.atomic():
        seen = find(number, access)
        order = Order.objects.select_for_update().get(pk=seen.pk)
        access.require(permission, seen.zone.code)  # type: ignore[arg-type]
        if order.state not in states:
            raise StateError("order-state", order=order.code)
        yield order


def _step(
    order: Order,
    action: str,
    access: Access,
    text: str,
    *,
    origin: str,
    at: datetime | None,
    due_on: date | None = None,
    **changes: object,
) -> OrderStep:
    """Write a step and what it changes of its order, and tell the trail."""
    if due_on is not None:
        changes["due_on"] = due_on
    before = {name: _plain(getattr(order, name)) for name in changes}
    for name, value in changes.items():
        setattr(order, name, value)
    order.save(update_fields=list(changes))
    made = OrderStep.objects.create(
        of=order, action=action, by=access.name, at=at or timezone.now(), text=text, due_on=due_on
    )
    after = {name: _plain(value) for name, value in changes.items()}
    _note(_VERBS[action], order, access, origin, before=before, after=after, reason=text)
    return made


_VERBS = {
    "replied": "reply", "accepted": "accept", "refused": "refuse", "extended": "extend",
    "escalated": "escalate", "withdrawn": "withdraw",
}  # fmt: skip


def _note(
    action: str,
    order: Order,
    access: Access,
    origin: str,
    *,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
    reason: str = "",
) -> None:
    trail.note(
        action, by=access.name, origin=origin, table=TABLE, code=order.code,
        record=f"order:{order.pk}", before=before, after=after, reason=reason,
    )  # fmt: skip


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def _text(text: str, code: str) -> str:
    said = text.strip()
    if not said:
        raise InputError(code)
    if len(said) > MAX_TEXT:
        raise InputError("order-text-long", most=MAX_TEXT)
    return said


def _judged_by_another(order: Order, access: Access) -> OrderStep:
    """Return the reply that is judged; refuse its own writer while others could judge it."""
    last = order.steps.filter(action="replied").order_by("at", "id").last()
    if last is None:
        raise StateError("order-state", order=order.code)
    own = book().separate and last.by == access.name
    if own and _others_check(order.zone.code, access.name):
        raise NotAllowedError("order-own-reply", order=order.code)
    return last


def _others_check(zone: str, name: str) -> bool:
    people = User.objects.filter(is_active=True).exclude(username=name)
    return any(access_of(user).may("check", zone) for user in people.iterator())
