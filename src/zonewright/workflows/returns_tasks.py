"""The tasks of a return of tasks: the orders (督办单) of its zone, as they stood in its month."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from django.db.models import Q

from zonewright.core.findings import Finding
from zonewright.core.periods import Period
from zonewright.steering.returns.checking import Context, finding
from zonewright.steering.returns.kinds import ReturnKind
from zonewright.steering.returns.rows import RowsOf, SheetRow
from zonewright.steering.supervision.escalation import overdue_days
from zonewright.store.access import Access
from zonewright.store.models import Order
from zonewright.store.selectors import orders as selectors
from zonewright.workflows.supervision_words import owner_name, text_of

ORDERS = "orders"
_SOURCE = "督办单 {code}"
_CODE = re.compile(r"DB-\d{4}-\d+")
_DONE = Decimal(100)


def with_orders(rows: Sequence[SheetRow], zone: str, period: str) -> tuple[SheetRow, ...]:
    """Return the rows of a sheet of tasks, completed by the orders of a zone.

    Parameters
    ----------
    rows
        Those carried over from last month.

    Returns
    -------
    rows
        A carried row of an order says its present deadline; one whose order ended before the month
        is left out. An order without a row follows, by deadline. What was closed in the month is
        done.
    """
    month = Period.parse(period)
    there = {order.code: order for order in _orders(zone, month)}
    kept = [row for row in rows if not _is_over(row, there)]
    listed = {code for row in kept if (code := _code_of(row))}
    found = [
        replace(row, values={**row.values, **_present(there[code], month.end_on)})
        if (code := _code_of(row)) in there
        else row
        for row in kept
    ]
    # Numbers of rows that were left out are not given again: last month's row is another one.
    number = max((int(row.key[1:]) for row in rows if row.key[1:].isdecimal()), default=0)
    for order in sorted(there.values(), key=lambda item: (item.due_on, item.code)):
        if order.code not in listed:
            number += 1
            found.append(SheetRow(0, f"+{number}", _values(order, month.end_on)))
    return tuple(found)


def left_out(kind: ReturnKind, rows: RowsOf, start: RowsOf, context: Context) -> Iterator[Finding]:
    """Yield the orders with which a return of tasks began and which it no longer lists."""
    for sheet in kind.sheets:
        if sheet.starts != ORDERS:
            continue
        listed = {_code_of(row) for row in rows.get(sheet.code, ())}
        for row in start.get(sheet.code, ()):
            code = _code_of(row)
            if code and code not in listed:
                params = {"order": code, "task": str(row.values.get(sheet.key) or "")}
                yield finding(
                    "return-order-left-out", "warning", sheet, "source", SheetRow(0, row.key, {}),
                    context=context, params=params,
                )  # fmt: skip


def _orders(zone: str, month: Period) -> Iterable[Order]:
    """Return the orders that were given by the month's end and had not ended before it."""
    rows = selectors.orders(Access("", by_zone={zone: frozenset({"view"})}))
    rows = rows.exclude(state=selectors.WITHDRAWN).filter(raised_on__lte=month.end_on)
    return rows.filter(Q(closed_on__isnull=True) | Q(closed_on__gte=month.start_on))


def _values(order: Order, end: date) -> dict[str, object]:
    return {
        "source": _SOURCE.format(code=order.code),
        "task": text_of(order, "zh"),
        "owner": owner_name(order.owner, "zh") or order.zone.name,
        **_present(order, end),
    }


def _present(order: Order, end: date) -> dict[str, object]:
    """Return what of an order may be another every month."""
    if order.closed_on is not None and order.closed_on <= end:
        return {"due_on": order.due_on, "done_pct": _DONE}
    late = overdue_days(order.due_on, end)
    return {"due_on": order.due_on, **({"overdue_days": Decimal(late)} if late else {})}


def _is_over(row: SheetRow, there: Iterable[str]) -> bool:
    """Return whether a row is of an order that is none of the month's any more."""
    code = _code_of(row)
    return bool(code and code not in there and Order.objects.filter(code=code).exists())


def _code_of(row: SheetRow) -> str:
    """Return the code of the order that a row names as its source, or an empty text."""
    match = _CODE.search(str(row.values.get("source") or ""))
    return match[0] if match else ""
