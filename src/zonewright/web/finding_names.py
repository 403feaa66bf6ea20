"""Findings as pages tell them: zones, indicators and months by name in place of their codes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from zonewright.core.errors import InputError
from zonewright.core.findings import Finding
from zonewright.core.periods import Period
from zonewright.web import language
from zonewright.web.steering_words import catalogue_of, zone_name
from zonewright.workflows.books import Books


def told(findings: Iterable[Finding], books: Books) -> tuple[str, ...]:
    """Return what findings say in the reader's language, with the names that books know."""
    return tuple(_named(finding, books).text(language.current()) for finding in findings)


def _named(finding: Finding, books: Books) -> Finding:
    lang, params = language.current(), dict(finding.params)
    known = catalogue_of(books)
    if params.get("zone") in books.zones:
        params["zone"] = zone_name(books, str(params["zone"]))
    if params.get("indicator") in known:
        params["indicator"] = known[str(params["indicator"])].label(lang)
    if "period" in params:
        params["period"] = _month(str(params["period"]))
    ids = tuple(zone_name(books, code) if code in books.zones else code for code in finding.ids)
    return replace(finding, params=params, ids=ids)


def _month(text: str) -> str:
    try:
        return Period.parse(text).label(language.current())
    except InputError:
        return text
