"""Supervision orders: the list, one order, and one given by hand."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from zonewright.core.errors import InputError, StateError, UnknownReferenceError
from zonewright.steering.supervision.rules import book
from zonewright.store.selectors import orders as selectors
from zonewright.web import language, order_view, order_words
from zonewright.web.access import of, origin
from zonewright.web.middleware import status_of
from zonewright.web.page import page
from zonewright.workflows import supervision

PAGE_ORDERS = 50
FILTERS = ("active", *selectors.STATES)


@require_safe
def order_list(request: HttpRequest) -> HttpResponse:
    """Show the orders that the reader sees, by a filter."""
    access = of(request)
    if not access.may_anywhere("view"):
        return page(request, "no-access.html", {})
    today = timezone.localdate()
    asked = {
        "zone": request.GET.get("zone", "")[:200],
        "state": next((name for name in FILTERS if name == request.GET.get("state")), ""),
        "owner": request.GET.get("owner", "")[:200],
        "overdue": "1" if request.GET.get("overdue") == "1" else "",
    }
    found = selectors.orders(
        access,
        selectors.OrderFilter(
            zone=asked["zone"],
            state=asked["state"],
            owner=asked["owner"],
            overdue_on=today if asked["overdue"] else None,
        ),
    )
    shown = Paginator(supervision.by_urgency(found), PAGE_ORDERS).get_page(request.GET.get("page"))
    rows = supervision.rows_of(shown.object_list, today)
    lang, counts = language.current(), selectors.counts(access, today)
    context = {
        "asked": asked,
        "is_filtered": any(asked.values()),
        "shown": shown,
        "orders": order_view.rows(rows, order_view.zone_names(request)),
        "counts": counts,
        "total": sum(counts[state] for state in selectors.STATES),
        "active": counts["open"] + counts["replied"],
        "states": list(order_words.state_names().items()),
        "zones": order_view.zone_choices(request),
        "owners": [(name, supervision.owner_name(name, lang)) for name in selectors.owners(access)],
        "may_give": access.may_anywhere("approve"),
        "today": today,
    }
    return page(request, "orders.html", context)


@require_safe
def order(request: HttpRequest, number: int) -> HttpResponse:
    """Show an order with its way, and what the reader may do with it."""
    return show(request, number)


def show(
    request: HttpRequest, number: int, *, error: str = "", said: str = "", status: int = 200
) -> HttpResponse:
    """Return the page of an order, with what went wrong with a reply and its text."""
    access, today = of(request), timezone.localdate()
    found = selectors.order(number, access)
    # Whoever decides is told whether the cause still holds; it is looked up for them alone.
    decides = access.may("check", found.zone.code) or access.may("approve", found.zone.code)
    view = supervision.open_order(number, access, on=today, look=decides)
    found = view.row.order
    (row,) = order_view.rows([view.row], order_view.zone_names(request))
    lang = language.current()
    context = {
        "order": found,
        "row": row,
        "rule": view.row.rule.name.label(lang),
        "asks_evidence": view.row.rule.evidence,
        "ladder": [
            (order_words.level_names()[level], found.due_on + timedelta(days=days), days)
            for level, days in view.row.rule.ladder
        ],
        "is_done": view.row.is_done,
        "indicator": language.choose(found.indicator.name, found.indicator.name_en)
        if found.indicator
        else "",
        "steps": order_view.steps(view),
        "records": order_view.records_behind(request, view),
        "may": view.may,
        "is_gone": view.is_gone,
        "error": error,
        "said": said,
    }
    return page(request, "order.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Show the form of an order given by hand; give it and lead to its page."""
    access = of(request)
    if not access.may_anywhere("approve"):
        raise Http404(request.path)
    today = timezone.localdate()
    given = {name: request.POST.get(name, "").strip() for name in _FIELDS}
    if request.method == "GET":
        given["zone"] = request.GET.get("zone", "")[:200]
        due_on = today + timedelta(days=book().by_hand.due_days)
        given["due_on"] = due_on.isoformat()
    context: dict[str, object] = {
        "given": given,
        "zones": order_view.zone_choices(request, "approve"),
        "owners": order_words.owner_choices(),
        "today": today.isoformat(),
    }
    if request.method != "POST":
        return page(request, "order-new.html", context)
    try:
        made = supervision.give(
            given["zone"],
            given["title"],
            due_on=order_view.day_of(given["due_on"], today),
            owner=given["person"] or given["owner"],
            on=today,
            access=access,
            origin=origin(request),
        )
    except UnknownReferenceError:
        raise
    except (InputError, StateError) as error:
        context["error"] = error.text(language.current())
        return page(request, "order-new.html", context, status=status_of(error))
    messages.success(request, _("Order %(code)s was given.") % {"code": made.code})
    return HttpResponseRedirect(reverse("order", args=[made.pk]))


_FIELDS = ("zone", "title", "due_on", "owner", "person")
