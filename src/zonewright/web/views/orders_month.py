"""What the rules find in a month: matters to give orders for, orders to escalate, causes gone."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from zonewright.store.access import Access
from zonewright.web import order_view, order_words
from zonewright.web.access import of, origin
from zonewright.web.page import page
from zonewright.workflows import supervision

# What a reader looks through at once; the rest follows once these are under an order.
SHOWN = 200


@require_safe
def month(request: HttpRequest) -> HttpResponse:
    """Show what the rules find in a month; nothing is given before the reader says so."""
    access, today = _supervisor(request), timezone.localdate()
    default = supervision.default_month(today)
    period = order_view.month_of(request.GET.get("month", "").strip()[:7], default)
    found = supervision.find(period, today, access)
    names = order_view.zone_names(request)
    levels = order_words.level_names()
    new = order_view.matters(request, found.new[:SHOWN])
    context = {
        "month": str(period),
        "period": period,
        "new": new,
        "new_count": len(found.new),
        "givable": sum(row.may_give for row in new),
        "under_order": [
            (row, item.pk, item.code)
            for row, (_matter, item) in zip(
                order_view.matters(request, [matter for matter, _order in found.under_order]),
                found.under_order,
                strict=True,
            )
        ],
        "gone": order_view.rows(supervision.rows_of(found.gone, today), names),
        "escalations": [
            (row, levels.get(item.level, ""))
            for item in supervision.escalations(today, access)
            for row in order_view.rows(supervision.rows_of([item.order], today), names)
        ],
        "today": today,
    }
    return page(request, "orders-month.html", context)


@require_POST
def give(request: HttpRequest) -> HttpResponse:
    """Give an order for each matter that was ticked."""
    access, today = _supervisor(request), timezone.localdate()
    default = supervision.default_month(today)
    period = order_view.month_of(request.POST.get("month", "").strip()[:7], default)
    ticked = frozenset(request.POST.getlist("matter"))
    if not ticked:
        messages.error(request, _("Tick at least one matter."))
        return _back("orders-month", f"?month={period}")
    made = supervision.raise_orders(period, today, access, origin=origin(request), only=ticked)
    if not made:
        messages.info(request, _("Each of these matters is under an order already."))
        return _back("orders-month", f"?month={period}")
    messages.success(request, _("Orders given: %(count)s") % {"count": len(made)})
    return _back("orders", "?state=open")


@require_POST
def escalate(request: HttpRequest) -> HttpResponse:
    """Take every order that is due for it to its level."""
    access = _supervisor(request)
    taken = supervision.escalate_due(timezone.localdate(), access, origin=origin(request))
    messages.success(request, _("Orders escalated: %(count)s") % {"count": len(taken)})
    return _back("orders", "?overdue=1")


def _supervisor(request: HttpRequest) -> Access:
    """Return the reader's access; whoever approves nowhere gives no orders (404)."""
    access = of(request)
    if not access.may_anywhere("approve"):
        raise Http404(request.path)
    return access


def _back(name: str, query: str) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse(name) + query)
