"""Supervision orders: what was ordered, by when, and what was done since."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router
from ninja.params.functions import Query

from zonewright.store.models import Attachment, OrderStep
from zonewright.store.selectors import orders as stored
from zonewright.store.selectors.orders import OrderFilter
from zonewright.web.access import of
from zonewright.web.api import schemas
from zonewright.web.api.answers import (
    Cursor,
    Limit,
    Number,
    answer,
    answers,
    check_parameters,
    next_address,
    number_after,
)
from zonewright.web.api.trail import as_attachment
from zonewright.workflows.supervision import rows_of

router = Router()
_LIST = ("zone", "state", "owner", "overdue", "limit", "after")
_STATES = Literal["", "active", "open", "replied", "closed", "withdrawn"]


@router.get(
    "/orders",
    response=answers(200, schemas.Orders),
    operation_id="orders",
    summary="Supervision orders",
    tags=["orders"],
)
def order_list(
    request: HttpRequest,
    zone: Annotated[str, Query(max_length=200, description="Code of the zone")] = "",
    state: Annotated[_STATES, Query(description="active: open or replied")] = "",
    owner: Annotated[str, Query(max_length=200)] = "",
    overdue: Annotated[bool, Query(description="Only those whose deadline is over")] = False,
    limit: Limit = 100,
    after: Cursor = None,
) -> HttpResponse:
    """Give the orders of the zones that whoever asks sees, the latest first."""
    check_parameters(request, _LIST)
    today = timezone.localdate()
    asked = OrderFilter(zone, state, owner, today if overdue else None)
    rows = stored.orders(of(request), asked).order_by("-pk")
    last = number_after(after)
    if last is not None:
        rows = rows.filter(pk__lt=last)
    found = list(rows[: limit + 1])
    cursor = str(found[limit - 1].pk) if len(found) > limit else None
    items = [row.as_dict() for row in rows_of(found[:limit], today)]
    return answer({"items": items, "next": next_address(request, cursor)})


@router.get(
    "/orders/{number}",
    response=answers(200, schemas.OrderWhole),
    operation_id="order",
    summary="A supervision order with its steps",
    tags=["orders"],
)
def order(request: HttpRequest, number: Number) -> HttpResponse:
    """Give an order: what is ordered, each step since, and the files that prove it."""
    check_parameters(request, ())
    found = stored.order(number, of(request))
    (row,) = rows_of([found], timezone.localdate())
    steps = stored.steps([found])[found.pk]
    files = stored.evidence(steps)
    return answer({**row.as_dict(), "steps": [_step(step, files[step.pk]) for step in steps]})


def _step(step: OrderStep, files: Iterable[Attachment]) -> dict[str, object]:
    return {
        "action": step.action,
        "by": step.by,
        "at": step.at.isoformat(),
        "text": step.text,
        "due_on": step.due_on,
        "evidence": [as_attachment(item) for item in files],
    }
