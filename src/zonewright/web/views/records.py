"""The ledgers: all of them, one as a table and as a file, and what its references may name."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from zonewright.core.errors import InputError
from zonewright.store import selectors
from zonewright.store.access import Access
from zonewright.store.mapping import NAMES, writing
from zonewright.store.selectors.listing import choices_for, listing
from zonewright.web import access as reader
from zonewright.web import exports, language, ledger_charts, ledgers, listing_file, listing_view
from zonewright.web.listing_page import look_up
from zonewright.web.listing_view import Asked
from zonewright.web.page import page, wants_partial
from zonewright.web.values import UNITS_OF, unit_name

CHOICES = 30


@require_safe
def ledger_list(request: HttpRequest) -> HttpResponse:
    """Show every ledger with how many records the reader sees in it."""
    access = reader.of(request)
    counts = {name: _count(name, access) for name in NAMES}
    groups = [
        {
            "label": label,
            "ledgers": [
                {"name": name, "label": ledgers.label(name), "count": counts[name]}
                for name in members
            ],
        }
        for label, members in ledgers.groups()
    ]
    context = {"groups": groups, "total": sum(counts.values()), "may_import": access.may("plan")}
    return page(request, "records.html", context)


def _count(name: str, access: Access) -> int:
    return listing(name, access=access, limit=1).total or 0


@require_safe
def record_list(request: HttpRequest, table: str) -> HttpResponse:
    """Show a ledger as it is asked for; for HTMX its table alone."""
    mapped = ledgers.find(table)
    access = reader.of(request)
    cut, asked = look_up(listing_view.read(mapped, request.GET), access)
    context = {
        "section": "records",
        "asked": asked,
        "cut": cut,
        "label": ledgers.label(asked.name),
        "query": asked.query(),
        "sizes": [(size, asked.query(size=size, number=1)) for size in listing_view.SIZES],
        "units": _unit_choices(asked),
        "chips": [(item, asked.without(item)) for item in asked.active],
        "sort": f"-{asked.sort}" if asked.down else asked.sort,
        "previous": asked.query(number=asked.number - 1),
        "following": asked.query(number=asked.number + 1),
        "too_many": cut.total > exports.MAX_ROWS,
        "most": exports.MAX_ROWS,
        "may_add": access.may_anywhere(writing(mapped)),
        "chart": ledger_charts.has_chart(asked.name),
        "deleted": request.GET.get("deleted", ""),
    }
    response = page(request, "record-list.html", context, partial="partials/table.html")
    if wants_partial(request):
        response["HX-Push-Url"] = f"{request.path}{asked.query()}"
    return response


def _unit_choices(asked: Asked) -> list[dict[str, object]]:
    labels = {"area": _("Areas in"), "money": _("Money in"), "energy": _("Energy in")}
    return [
        {
            "kind": kind,
            "label": labels[kind],
            "options": [(code, unit_name(code), code == chosen) for code in UNITS_OF[kind]],
        }
        for kind, chosen in asked.units.items()
    ]


@require_safe
def export(request: HttpRequest, table: str, kind: str) -> HttpResponseBase:
    """Return a ledger as it is seen, as XLSX or CSV; a second sheet says what it is.

    Raises
    ------
    InputError
        If there are more rows than a workbook should hold.
    """
    mapped = ledgers.find(table)
    access = reader.of(request)
    asked = listing_view.read(mapped, request.GET)
    total = (
        listing(
            asked.name, access=access, conditions=asked.conditions(), text=asked.text, limit=1
        ).total
        or 0
    )
    if total > exports.MAX_ROWS:
        raise InputError("export-too-large", count=f"{total:,}", most=f"{exports.MAX_ROWS:,}")
    label = ledgers.label(asked.name)
    filename = f"{label}-{timezone.localdate():%Y%m%d}.{kind}"
    sheet = listing_file.sheet(asked, access, name=label)
    if kind == "csv":
        return exports.csv_response(filename, sheet)
    return exports.xlsx_response(filename, [sheet, _about(request, asked, label, total)])


def _about(request: HttpRequest, asked: Asked, label: str, total: int) -> exports.Sheet:
    """Return the sheet that says what was exported, of what, when and by whom."""
    lines: list[tuple[exports.Value, exports.Value]] = [
        (_("Ledger"), label),
        (_("Records"), total),
        (_("Search"), asked.text),
        *((item.label, item.said()) for item in asked.active),
        (_("Order"), _ordered(asked)),
        (_("Exported"), timezone.now()),
        (_("By"), request.user.get_username()),
        (_("Address"), f"{request.get_host()}{request.path.rpartition('/')[0]}/{asked.query()}"),
        *((_("Notice of the sources"), notice) for notice in dict.fromkeys(selectors.notices())),
    ]
    columns = (exports.Column(_("About this file"), "", 26.0), exports.Column("", "", 80.0))
    return exports.Sheet(_("About"), columns, [line for line in lines if line[1] not in ("", None)])


def _ordered(asked: Asked) -> str:
    name = next((info for info in asked.every if info.field == asked.sort), None)
    if name is None:
        return ""
    return f"{name.label(language.current())} {'↓' if asked.down else '↑'}"


@require_safe
def chart_part(request: HttpRequest, table: str) -> HttpResponse:
    """Show a ledger's chart beside the table of the same numbers; for HTMX without its page."""
    mapped = ledgers.find(table)
    asked = listing_view.read(mapped, request.GET)
    shown = ledger_charts.rows(asked, reader.of(request))
    if shown is None:
        raise Http404(request.path)
    context = {
        "section": "records",
        "asked": asked,
        "shown": shown,
        "query": asked.query(),
        "label": ledgers.label(asked.name),
    }
    return page(request, "record-chart.html", context, partial="partials/table-chart.html")


@require_safe
def chart(request: HttpRequest, table: str) -> HttpResponse:
    """Return the chart of a ledger as a Vega-Lite specification, light or dark."""
    mapped = ledgers.find(table)
    asked = listing_view.read(mapped, request.GET)
    if not ledger_charts.has_chart(asked.name):
        raise Http404(request.path)
    return ledger_charts.answer(request, asked, reader.of(request))


@require_safe
def choices(request: HttpRequest, kind: str) -> HttpResponse:
    """Return the records that a reference may name, as the options of a list."""
    try:
        pairs = choices_for(kind, reader.of(request), request.GET.get("q", "")[:100], limit=CHOICES)
    except InputError as error:
        raise Http404(kind) from error
    return page(request, "partials/field-choices.html", {"pairs": pairs})
