"""Names that the pages of steering use: of zones, of indicators, of curves."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils import timezone

from zonewright.steering.catalogue import Indicator
from zonewright.web import language
from zonewright.workflows.books import Books


def catalogue_of(books: Books) -> Mapping[str, Indicator]:
    """Return every indicator that the workspace knows, by code."""
    return books.facts(timezone.localdate()).catalogue


def labels_of(books: Books) -> Mapping[str, str]:
    """Return the names of all indicators in the reader's language."""
    lang = language.current()
    return {code: item.label(lang) for code, item in catalogue_of(books).items()}


def zone_name(books: Books, code: str) -> str:
    """Return a zone's name in the reader's language; of an unknown one its code."""
    return books.zone_name(code, language.current()) if code in books.zones else code
