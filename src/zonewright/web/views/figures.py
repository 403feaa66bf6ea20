"""The figures, and how each came about."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from zonewright.core.errors import UnknownReferenceError
from zonewright.core.schema import table
from zonewright.web import derivation_view, language, lines
from zonewright.web.access import of
from zonewright.web.cards import card, cards
from zonewright.web.page import page
from zonewright.workflows import figures as workflow
from zonewright.workflows.standing import standing


def figures_of(request: HttpRequest) -> workflow.FigureSet:
    """Return the figures that a reader may see: those of their zones."""
    return standing().figures.within(of(request).zones())


def find(code: str, figures: workflow.FigureSet) -> workflow.FigureItem:
    """Return a figure.

    Raises
    ------
    Http404
        If there is none of that code among those at hand.
    """
    try:
        return figures.item(code)
    except UnknownReferenceError as error:
        raise Http404(code) from error


@require_safe
def figure_list(request: HttpRequest) -> HttpResponse:
    """Show the figures of the reader's zones by chapter."""
    if not of(request).may_anywhere("view"):
        return page(request, "no-access.html", {})
    lang = language.current()
    now = standing()
    found = now.figures.within(of(request).zones())
    names = table("outline")["chapter"].choices
    shown = cards(found.items)
    chapters = []
    for key, name in names.items():
        members = [item for item in shown if item.chapter == key]
        # What has a target comes first; a chapter without any needs no columns for it.
        chapters.append(
            {
                "key": key,
                "name": name if lang == "zh" else key.capitalize(),
                "cards": sorted(members, key=lambda item: item.pace is None),
                "has_targets": any(item.pace for item in members),
            }
        )
    context = {
        "chapters": [chapter for chapter in chapters if chapter["cards"]],
        "figure_set": found,
        "standing": now,
        "total": len(shown),
    }
    return page(request, "figures.html", context)


@require_safe
def figure(request: HttpRequest, code: str) -> HttpResponse:
    """Show how a figure came about: formula, inputs, scope, and a page of its records."""
    now = standing()
    figures = now.figures.within(of(request).zones())
    item = find(code, figures)
    access = of(request)
    derived = workflow.derivation(item, access=access)
    lang = language.current()
    context = {
        **derivation_view.context(request, derived, now.books, item.stated.unit),
        "card": card(item),
        "findings": [
            finding.text(lang) for finding in (*item.figure.findings, *item.stated.findings)
        ],
        "records_at": reverse("figure", args=[item.code]),
        "records_csv": reverse("figure-records", args=[item.code]),
        "figure_set": figures,
        "standing": now,
    }
    return page(request, "figure.html", context, partial="partials/records.html")


@require_safe
def records_csv(request: HttpRequest, code: str) -> StreamingHttpResponse:
    """Return the records behind a figure as CSV, as searched and sorted on its page."""
    item = find(code, figures_of(request))
    derived = workflow.derivation(item, access=of(request))
    found = derivation_view.found_lines(request, derived)
    note = lines.hidden_text(derived.hidden) if derived.hidden else ""
    response = StreamingHttpResponse(
        lines.to_csv(found, unit=item.stated.unit, note=note),
        content_type="text/csv; charset=utf-8",
    )
    name = f"{slugify(item.code) or 'figure'}-records.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
