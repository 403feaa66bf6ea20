"""What the rules find in a month: matters to give orders for, orders to escalate, causes gone."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from zonewright.core.errors import InputError
from zonewright.core.periods import Period
from zonewright.store.access import Access
from zonewright.web import order_view, order_words
from zonewright.web.access import of, origin
from zonewright.web.page import page
from zonewright.workflows import supervision
from zonewright.workflows.supervision_meeting import default_day

# What a reader looks through at once; the rest follows once these are under an order.
SHOWN = 200


@require_safe
def month(request: HttpRequest) -> HttpResponse:
    """Show what the rules find in a month; nothing is given before the reader says so."""
    access, today = _supervisor(request), timezone.localdate()
    period, on = _asked(request.GET, today)
    found = supervision.find(period, on, access)
    names = order_view.zone_names(request)
    levels = order_words.level_names()
    zone = request.GET.get("zone", "")[:200]
    chosen = [matter for matter in found.new if zone in ("", matter.zone)]
    new = order_view.matters(request, chosen[:SHOWN])
    context = {
        "month": str(period),
        "period": period,
        "new": new,
        "new_count": len(chosen),
        "zone": zone,
        "zones": sorted(
            (
                (code, names[code])
                for code in {zone, *(matter.zone for matter in found.new)}
                if code in names
            ),
            key=lambda pair: pair[1],
        ),
        "givable": sum(row.may_give for row in new),
        "under_order": [
            (row, item.pk, item.code)
            for row, (_matter, item) in zip(
                order_view.matters(request, [matter for matter, _order in found.under_order]),
                found.under_order,
                strict=True,
            )
        ],
        "gone": order_view.rows(supervision.rows_of(found.gone, on), names),
        "escalations": [
            (row, levels.get(item.level, ""))
            for item in supervision.escalations(on, access)
            for row in order_view.rows(supervision.rows_of([item.order], on), names)
        ],
        "on": on,
        "on_text": on.isoformat(),
        "today": today.isoformat(),
        "is_past": on < today,
    }
    return page(request, "orders-month.html", context)


@require_POST
def give(request: HttpRequest) -> HttpResponse:
    """Give an order for each matter that was ticked."""
    access = _supervisor(request)
    period, on = _asked(request.POST, timezone.localdate())
    back = f"?month={period}&on={on}"
    ticked = frozenset(request.POST.getlist("matter"))
    if not ticked:
        messages.error(request, _("Tick at least one matter."))
        return _back("orders-month", back)
    made = supervision.raise_orders(period, on, access, origin=origin(request), only=ticked)
    if not made:
        messages.info(request, _("Each of these matters is under an order already."))
        return _back("orders-month", back)
    messages.success(request, _("Orders given: %(count)s") % {"count": len(made)})
    return _back("orders", "?state=open")


@require_POST
def escalate(request: HttpRequest) -> HttpResponse:
    """Take every order that is due for it to its level."""
    access = _supervisor(request)
    _period, on = _asked(request.POST, timezone.localdate())
    taken = supervision.escalate_due(on, access, origin=origin(request))
    messages.success(request, _("Orders escalated: %(count)s") % {"count": len(taken)})
    return _back("orders", "?overdue=1")


def _asked(given: QueryDict, today: date) -> tuple[Period, date]:
    """Return the month that is looked at and the day as of which it is judged.

    Without either they are those of the meeting list. A day that was shown with another month
    (`was`) and left as it was is not meant for this one. Neither lies in time to come.
    """
    said = given.get("month", "").strip()[:7]
    written = given.get("on", "").strip()[:10]
    before, _blank, shown = given.get("was", "").partition(" ")
    if said and before not in ("", said) and written == shown:
        written = ""
    present = Period.month(today.year, today.month)
    if said:
        period = min(order_view.month_of(said, present), present, key=lambda month: month.last)
        on = order_view.day_of(written, supervision.day_of_meeting(period, today))
        return period, min(on, today)
    on = min(order_view.day_of(written, default_day(today)), today)
    if on.year == date.min.year:  # the month before may lie before the calendar
        raise InputError("day-bad", text=written)
    return supervision.default_month(on), on


def _supervisor(request: HttpRequest) -> Access:
    """Return the reader's access; whoever approves nowhere gives no orders (404)."""
    access = of(request)
    if not access.may_anywhere("approve"):
        raise Http404(request.path)
    return access


def _back(name: str, query: str) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse(name) + query)
