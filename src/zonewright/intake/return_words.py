"""The words on the sheets of a return's workbook, by name and language."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from zonewright.core.schema import Field


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    text = (files("zonewright.intake") / "data" / "return_words.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def word(name: str, lang: str, /, **params: object) -> str:
    """Return a word or sentence in a language (``en`` or ``zh``) with its parameters filled in."""
    return _words()[name][lang].format(**params)


def named(field: Field) -> dict[str, str]:
    """Return what a field is called, as a finding names it in either language."""
    return {"caption_zh": field.zh, "caption_en": field.en}
