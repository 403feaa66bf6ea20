"""The registry of indicators: what each means, how it is computed, and what uses what."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from zonewright.report import numbers
from zonewright.steering import registry
from zonewright.web import indicator_view, language
from zonewright.web.access import of
from zonewright.web.land_answers import books_now
from zonewright.web.page import page
from zonewright.web.steering_words import catalogue_of


@require_safe
def indicators(request: HttpRequest) -> HttpResponse:
    """Show every indicator: those of the board first, in their order there."""
    if not of(request).may_anywhere("view"):
        return page(request, "no-access.html", {})
    known = catalogue_of(books_now())
    text = request.GET.get("q", "").strip()[:200]
    rows = [indicator_view.row(item, known) for item in known.values()]
    total = len(rows)
    if text:
        wanted = text.casefold().split()
        rows = [row for row in rows if all(word in _haystack(row) for word in wanted)]
    rows.sort(key=lambda row: row.headline or total)
    context = {"rows": rows, "query": text, "total": total}
    return page(request, "indicators.html", context, partial="partials/indicator-rows.html")


def _haystack(row: indicator_view.IndicatorRow) -> str:
    parts = (row.code, row.label, row.unit, row.department, row.formula, row.source)
    return " ".join(parts).casefold()


@require_safe
def indicator(request: HttpRequest, code: str) -> HttpResponse:
    """Show an indicator's definition, what it is made of, and what is made of it.

    Raises
    ------
    Http404
        If there is none of that code, or the reader may see no zone.
    """
    known = catalogue_of(books_now())
    if code not in known or not of(request).may_anywhere("view"):
        raise Http404(request.path)
    item, lang = known[code], language.current()
    context = {
        "row": indicator_view.row(item, known),
        "item": item,
        "note": item.note(lang),
        "other_name": item.label("en" if lang == "zh" else "zh"),
        "unit": numbers.unit_label(item.unit, lang),
        "basis": indicator_view.bases().get(item.basis, item.basis),
        "rollup": indicator_view.rollups().get(item.rollup, item.rollup),
        "uses": indicator_view.tree(code, known),
        "used_by": indicator_view.links(registry.used_by(known, code), known),
        "affected": len(registry.affected_by(known, code)),
    }
    return page(request, "indicator.html", context)
