"""The figures, and how each came about."""

from __future__ import annotations

import math
import re

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from zonewright.core.errors import UnknownReferenceError
from zonewright.core.records import RecordCard
from zonewright.core.schema import table
from zonewright.core.units import unit as unit_of
from zonewright.report import numbers
from zonewright.steering.figure import Figure
from zonewright.store.access import Access
from zonewright.store.mapping import is_key
from zonewright.web import language, lines
from zonewright.web.access import of
from zonewright.web.cards import card, cards
from zonewright.web.page import page
from zonewright.workflows import figures as workflow
from zonewright.workflows.books import Books
from zonewright.workflows.standing import standing

LEAST = "least_completion"


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
    order, text, number = _asked(request)
    found = lines.arrange(lines.search(derived.lines, text), order)
    lang = language.current()
    books = now.books
    by, groups = lines.groups(derived.lines)
    context = {
        "card": card(item),
        "formula": readable(item.figure, books),
        "note": item.figure.indicator.note(lang),
        "findings": [
            finding.text(lang) for finding in (*item.figure.findings, *item.stated.findings)
        ],
        "versions": [version_name(version, books) for version in derived.versions],
        "inputs": [input_view(part, item.figure, books, access=access) for part in derived.inputs],
        "grouped_by": by,
        "groups": groups,
        "group_count": sum(group.count for group in groups),
        "group_decimals": 0 if all(group.total.is_integer() for group in groups) else 2,
        "group_total": math.fsum(group.total for group in groups),
        "cut": lines.cut(found, number),
        "hidden": derived.hidden,
        "order": order,
        "query": text,
        "unit": unit_of(item.stated.unit).label(lang) or item.stated.unit,
        "figure_set": figures,
        "standing": now,
    }
    return page(request, "figure.html", context, partial="partials/records.html")


def version_name(version: RecordCard, books: Books) -> str:
    """Return the zone of a boundary and the day from which the boundary holds."""
    lang = language.current()
    name = books.zone_name(version.code, lang)
    since = version.values.get("valid_from", "—")
    return f"{name}（{since}）" if lang == "zh" else f"{name} ({since})"


def readable(figure: Figure, books: Books) -> str:
    """Return a figure's formula with the names of zones in place of their codes."""
    lang = language.current()
    text = figure.formula(lang)
    zones = {part.question.zone for part in (figure, *figure.inputs)}
    for code in sorted(filter(None, zones), key=len, reverse=True):
        named = rf"(?:片区 |zone )?(?<![\w-]){re.escape(code)}(?![\w-])"
        name = books.zone_name(code, lang).replace("\\", r"\\")
        text = re.sub(named, name, text)
    return text


def input_view(
    part: workflow.Derivation, whole: Figure, books: Books, *, access: Access
) -> dict[str, object]:
    """Return a figure that another is made of, and what that one is made of in turn.

    Where the whole is the least of its inputs, the input that decides it is marked. Of a zone that
    the reader may not see, name and value are told and no more: the whole could not be checked
    without them.
    """
    lang = language.current()
    figure = part.figure
    shown: dict[str, object] = {
        "label": figure.indicator.label(lang),
        "zone": books.zone_name(figure.question.zone, lang),
        "value": numbers.computed(figure.value, figure.unit, lang),
        "decides": whole.indicator.rule == LEAST and figure.value == whole.value,
    }
    if access.may("view", figure.question.zone):
        shown |= {
            "records": len(figure.records),
            "formula": readable(figure, books),
            "inputs": [input_view(below, figure, books, access=access) for below in part.inputs],
        }
    return shown


@require_safe
def records_csv(request: HttpRequest, code: str) -> StreamingHttpResponse:
    """Return the records behind a figure as CSV, as searched and sorted on its page."""
    item = find(code, figures_of(request))
    order, text, _ = _asked(request)
    derived = workflow.derivation(item, access=of(request))
    found = lines.arrange(lines.search(derived.lines, text), order)
    note = lines.hidden_text(derived.hidden) if derived.hidden else ""
    response = StreamingHttpResponse(
        lines.to_csv(found, unit=item.stated.unit, note=note),
        content_type="text/csv; charset=utf-8",
    )
    name = f"{slugify(item.code) or 'figure'}-records.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _asked(request: HttpRequest) -> tuple[lines.Order, str, int]:
    given = request.GET.get("order", "most")
    order: lines.Order = next((known for known in lines.ORDERS if known == given), "most")
    number = request.GET.get("page", "1")
    return order, request.GET.get("q", "")[:200], int(number) if is_key(number) else 1
