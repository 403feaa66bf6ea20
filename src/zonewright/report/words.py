"""The report's own words in a language, from ``core/texts/report.toml``."""

from __future__ import annotations

from collections.abc import Iterable

from zonewright.core.errors import RangeError
from zonewright.core.phrases import Lang
from zonewright.core.texts import text_of
from zonewright.report.model import LANGUAGES


def require_language(lang: str) -> None:
    """Refuse a language that the report is not written in.

    Raises
    ------
    RangeError
        If it is neither ``zh`` nor ``en``.
    """
    if lang not in LANGUAGES:
        raise RangeError("report-lang-unknown", value=lang)


def word(name: str, lang: Lang, **params: object) -> str:
    """Return a word or sentence of the report; `name` is the text's code without ``report-``."""
    return text_of(f"report-{name}", params, lang)


def listing(parts: Iterable[str], lang: Lang) -> str:
    """Join parts as a list within a sentence."""
    return word("list-semicolon", lang).join(parts)


def in_sentence(label: str) -> str:
    """Return a label as it reads inside a sentence: the first letter small, unless an acronym."""
    if len(label) > 1 and label[0].isascii() and label[1].islower():
        return label[0].lower() + label[1:]
    return label
