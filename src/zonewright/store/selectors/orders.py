"""Supervision orders that somebody may see, with their steps and their evidence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

from zonewright.core.errors import UnknownReferenceError
from zonewright.store.mapping import is_key
from zonewright.store.models import Attachment, Order, OrderStep

if TYPE_CHECKING:
    from zonewright.store.access import Access

OPEN, REPLIED, CLOSED, WITHDRAWN = "open", "replied", "closed", "withdrawn"
STATES = (OPEN, REPLIED, CLOSED, WITHDRAWN)
ACTIVE = (OPEN, REPLIED)
EVIDENCE = "order_step"
# SQLite takes at most 999 parameters in older builds.
_FEW = 900


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """Which orders are asked for; an empty value asks for all.

    Parameters
    ----------
    zone, owner
        Zone code; who answers, as the order keeps it.
    state
        One of `STATES`, or ``active`` for those that are not done.
    overdue_on
        Only those that are not done and whose deadline is over on a day.
    """

    zone: str = ""
    state: str = ""
    owner: str = ""
    overdue_on: date | None = None


def orders(access: Access, asked: OrderFilter | None = None) -> QuerySet[Order]:
    """Return the orders of the zones that somebody sees: those not done first, by deadline."""
    rows = access.narrow(Order.objects.select_related("zone", "indicator"))
    if asked is None:
        return rows
    if asked.zone:
        rows = rows.filter(zone__code=asked.zone)
    if asked.state:
        rows = rows.filter(state__in=ACTIVE if asked.state == "active" else (asked.state,))
    if asked.owner:
        rows = rows.filter(owner=asked.owner)
    if asked.overdue_on:
        rows = rows.filter(state__in=ACTIVE, due_on__lt=asked.overdue_on)
    return rows


def order(number: int, access: Access) -> Order:
    """Return an order.

    Raises
    ------
    UnknownReferenceError
        If there is none of that number in the zones that they see.
    """
    found = orders(access).filter(pk=number).first()
    if found is None:
        raise UnknownReferenceError("order-unknown", order=number)
    return found


def order_coded(code: str, access: Access) -> Order:
    """Return an order by its code, as in ``DB-2023-0007``; raises as `order`."""
    found = orders(access).filter(code=code).first()
    if found is None:
        raise UnknownReferenceError("order-unknown", order=code)
    return found


def steps(found: Iterable[Order]) -> Mapping[int, tuple[OrderStep, ...]]:
    """Return the steps of orders by the order's key, the oldest first."""
    by_order: dict[int, list[OrderStep]] = {item.pk: [] for item in found}
    keys = list(by_order)
    for start in range(0, len(keys), _FEW):
        rows = OrderStep.objects.filter(of__in=keys[start : start + _FEW])
        for step in rows.order_by("at", "id"):
            by_order[step.of_id].append(step)
    return {key: tuple(rows) for key, rows in by_order.items()}


def evidence(of: Sequence[OrderStep]) -> Mapping[int, tuple[Attachment, ...]]:
    """Return the files of steps by the step's key, without their bytes."""
    names = {f"{EVIDENCE}:{step.pk}": step.pk for step in of}
    rows = Attachment.objects.filter(record__in=list(names), removed_at__isnull=True)
    found: dict[int, list[Attachment]] = {step.pk: [] for step in of}
    for row in rows.select_related("blob").defer("blob__content"):
        found[names[row.record]].append(row)
    return {key: tuple(files) for key, files in found.items()}


def active_matters(access: Access) -> Mapping[str, Order]:
    """Return the orders that are not done by what they are about."""
    return {item.matter: item for item in orders(access, OrderFilter(state="active"))}


def owners(access: Access) -> tuple[str, ...]:
    """Return who answers for orders that somebody sees."""
    named = orders(access).exclude(owner="").order_by("owner").values_list("owner", flat=True)
    return tuple(named.distinct())


def counts(access: Access, on: date) -> Mapping[str, int]:
    """Return how many orders there are by state, and how many of those not done are ``overdue``."""
    states = list(orders(access).order_by().values_list("state", "due_on"))
    found = {state: sum(one == state for one, _ in states) for state in STATES}
    overdue = sum(state in ACTIVE and due_on < on for state, due_on in states)
    return {**found, "overdue": overdue}


def evidence_step(record: str, access: Access) -> OrderStep | None:
    """Return the step that evidence belongs to, as in ``order_step:12``; None if it is not seen."""
    kind, _, number = record.partition(":")
    if kind != EVIDENCE or not is_key(number):
        return None
    seen = Q(of__in=orders(access).order_by().values("pk"))
    return OrderStep.objects.filter(seen, pk=int(number)).select_related("of__zone").first()
