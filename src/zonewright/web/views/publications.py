"""What was given out: a month's figures as they stood, and which of them would be others now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from zonewright.core.records import RecordCard
from zonewright.report import numbers
from zonewright.store import selectors
from zonewright.web import language
from zonewright.web.access import of, origin
from zonewright.web.board_asked import month_asked
from zonewright.web.exports import Column, Sheet, Value, xlsx_response
from zonewright.web.land_answers import books_now
from zonewright.web.page import page
from zonewright.web.steering_words import labels_of, zone_name
from zonewright.workflows import board as workflow

# Records told of each change; the figure's own page lists all.
SHOWN_RECORDS = 8
LONGEST_TITLE = 200


@dataclass(frozen=True, slots=True)
class ChangeView:
    """A figure that was given out and is another now.

    Parameters
    ----------
    zone, zone_name, indicator, label
        Which figure.
    address
        Where it is explained as it is now.
    old, new, difference
        As given out, as it is now, and new less old, with the unit.
    risen
        Whether it is more now; None if it cannot be told.
    records
        Some of what came in since.
    more
        How many further records came in since.
    """

    zone: str
    zone_name: str
    indicator: str
    label: str
    address: str
    old: str
    new: str
    difference: str
    risen: bool | None
    records: tuple[RecordCard, ...]
    more: int


@require_safe
def publications(request: HttpRequest) -> HttpResponse:
    """Show what was given out, the latest first."""
    if not of(request).may_anywhere("view"):
        return page(request, "no-access.html", {})
    found = workflow.published()
    lang = language.current()
    rows = [{"publication": item, "month": item.period.label(lang)} for item in found]
    return page(request, "publications.html", {"rows": rows})


@require_safe
def publication(request: HttpRequest, number: int) -> HttpResponse:
    """Show which figures of a publication would be others now, and what came in since."""
    found = find(request, number)
    changes = workflow.changes_since(found.key, access=of(request))
    context = {
        "publication": found,
        "month": found.period.label(language.current()),
        "as_published": f"{reverse('board')}?{urlencode(moment_of(found))}",
        "changes": change_views(changes),
    }
    return page(request, "publication.html", context)


@require_safe
def publication_file(request: HttpRequest, number: int) -> HttpResponseBase:
    """Return the changes since a publication as a workbook."""
    found = find(request, number)
    changes = workflow.changes_since(found.key, access=of(request))
    columns = (
        Column(_("Zone"), width=14), Column(f"{_('Zone')} · {_('name')}", width=30),
        Column(_("Measure"), width=26), Column(_("Month"), width=10),
        Column(_("Given out"), "#,##0.00"), Column(_("Now"), "#,##0.00"),
        Column(_("Difference"), "+#,##0.00;-#,##0.00;0.00"), Column(_("Unit"), width=12),
        Column(_("Records since"), width=50),
    )  # fmt: skip
    sheet = Sheet(_("Changes"), columns, _cells(changes))
    return xlsx_response(f"changes-{month_of(found)}-{found.key}.xlsx", [sheet])


@require_POST
def publish(request: HttpRequest) -> HttpResponse:
    """Keep the board of a month as it is given out.

    Raises
    ------
    NotAllowedError
        If the reader may not approve in the whole workspace.
    """
    access = of(request)
    access.require("approve")
    month, faults = month_asked(request.POST.get("month", ""), None)
    if month is None:
        messages.error(request, faults[0] if faults else _("Say which month is published."))
        return HttpResponseRedirect(reverse("board"))
    title = request.POST.get("title", "").strip()[:LONGEST_TITLE]
    made = workflow.publish(month, access, title, origin=origin(request))
    said = _("%(count)s figures of %(month)s were published.")
    label = made.period.label(language.current())
    messages.success(request, said % {"count": made.figures, "month": label})
    return HttpResponseRedirect(reverse("publication", args=[made.key]))


def find(request: HttpRequest, number: int) -> workflow.Published:
    """Return a publication.

    Raises
    ------
    Http404
        If there is none, or the reader may see no zone.
    """
    if not of(request).may_anywhere("view"):
        raise Http404(request.path)
    found = next((item for item in workflow.published() if item.key == number), None)
    if found is None:
        raise Http404(request.path)
    return found


def month_of(found: workflow.Published) -> str:
    """Return the month of a publication as an address holds it."""
    return f"{found.period.year}-{found.period.last_month:02d}"


def moment_of(found: workflow.Published) -> dict[str, str]:
    """Return month and time of a publication, as the board's address holds them."""
    return {"month": month_of(found), "as_of": found.as_of.isoformat()}


def change_views(changes: Sequence[workflow.FigureChange]) -> list[ChangeView]:
    """Return changes in the reader's language, each with some of the records that came in since."""
    lang, books = language.current(), books_now()
    first = (name for change in changes for name in change.records[:SHOWN_RECORDS])
    named = list(dict.fromkeys(first))
    cards = dict(zip(named, selectors.record_cards(named), strict=True))
    labels = labels_of(books)
    found = []
    for change in changes:
        gap = change.difference
        shown = change.records[:SHOWN_RECORDS]
        month = f"{change.period.year}-{change.period.last_month:02d}"
        address = reverse("board-cell", args=[change.zone, change.indicator])
        found.append(
            ChangeView(
                zone=change.zone,
                zone_name=zone_name(books, change.zone),
                indicator=change.indicator,
                label=labels.get(change.indicator, change.indicator),
                address=f"{address}?{urlencode({'month': month})}",
                old=_amount(change.old, change.unit, lang),
                new=_amount(change.new, change.unit, lang),
                difference=difference(gap, change.unit),
                risen=None if gap is None else gap > 0,
                records=tuple(cards[name] for name in shown),
                more=len(change.records) - len(shown),
            )
        )
    return found


def _amount(value: float | None, unit: str, lang: language.Lang) -> str:
    return "—" if value is None else numbers.computed(value, unit, lang)


def difference(value: float | None, unit: str) -> str:
    """Return a difference with its sign and unit; a dash for none."""
    if value is None:
        return "—"
    lang = language.current()
    return ("+" if value > 0 else "") + numbers.computed(value, unit, lang)


def _cells(changes: Sequence[workflow.FigureChange]) -> Iterator[list[Value]]:
    lang, books = language.current(), books_now()
    labels = labels_of(books)
    for change in changes:
        yield [
            change.zone, zone_name(books, change.zone),
            labels.get(change.indicator, change.indicator),
            f"{change.period.year}-{change.period.last_month:02d}",
            change.old, change.new, change.difference, numbers.unit_label(change.unit, lang),
            " ".join(change.records),
        ]  # fmt: skip
