"""How a figure came about, as the desk shows it: formula, inputs, boundaries, sums and records."""

from __future__ import annotations

import math
import re

from django.http import HttpRequest

from zonewright.core.records import RecordCard
from zonewright.core.units import unit as unit_of
from zonewright.report import numbers
from zonewright.steering.figure import Figure
from zonewright.store.access import Access
from zonewright.store.mapping import is_key
from zonewright.web import finding_names, language, lines
from zonewright.web.access import of
from zonewright.workflows.books import Books
from zonewright.workflows.figures import Derivation, DerivationLine

LEAST = "least_completion"


def context(
    request: HttpRequest, derived: Derivation, books: Books, unit: str
) -> dict[str, object]:
    """Return what the partials of a derivation need: a page of records, as searched and sorted.

    Parameters
    ----------
    unit
        Unit of the contributions [unit code].
    """
    order, text, number = asked(request)
    lang = language.current()
    figure = derived.figure
    by, groups = lines.groups(derived.lines)
    access = of(request)
    return {
        "formula": readable(figure, books),
        "note": figure.indicator.note(lang),
        "findings": finding_names.told(figure.findings, books),
        "versions": [version_name(version, books) for version in derived.versions],
        "inputs": [input_view(part, figure, books, access=access) for part in derived.inputs],
        "grouped_by": by,
        "groups": groups,
        "group_count": sum(group.count for group in groups),
        "group_decimals": 0 if all(group.total.is_integer() for group in groups) else 2,
        "group_total": math.fsum(group.total for group in groups),
        "cut": lines.cut(found_lines(request, derived), number),
        "hidden": derived.hidden,
        "order": order,
        "query": text,
        "unit": unit_of(unit).label(lang) or unit,
    }


def found_lines(request: HttpRequest, derived: Derivation) -> list[DerivationLine]:
    """Return the records behind a figure, as searched and sorted."""
    order, text, _ = asked(request)
    return lines.arrange(lines.search(derived.lines, text), order)


def asked(request: HttpRequest) -> tuple[lines.Order, str, int]:
    """Return order, search and page that are asked for."""
    given = request.GET.get("order", "most")
    order: lines.Order = next((known for known in lines.ORDERS if known == given), "most")
    number = request.GET.get("page", "1")
    return order, request.GET.get("q", "")[:200], int(number) if is_key(number) else 1


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
    part: Derivation, whole: Figure, books: Books, *, access: Access
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
