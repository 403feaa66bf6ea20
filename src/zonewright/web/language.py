"""The reader's language, as the texts of the library name it."""

from __future__ import annotations

from typing import Literal

from django.utils.translation import get_language

Lang = Literal["zh", "en"]


def current() -> Lang:
    """Return ``zh`` or ``en`` for the request at hand."""
    return "en" if (get_language() or "").startswith("en") else "zh"


def choose(zh: str, en: str) -> str:
    """Return the text in the reader's language, or the other one if that is empty."""
    return (en or zh) if current() == "en" else (zh or en)
