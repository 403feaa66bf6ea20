"""Messages by code, in English and Chinese, one TOML file an area.

Each entry is ``[code]`` with ``en`` and ``zh``; ``{name}`` stands for a parameter. A message says
what is wrong, where, and how to mend it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

LANGUAGES = ("en", "zh")


class _Params(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "?"


@cache
def all_texts() -> Mapping[str, Mapping[str, str]]:
    """Return every text: code to language to template."""
    texts: dict[str, Mapping[str, str]] = {}
    for entry in sorted(files(__name__).iterdir(), key=lambda item: item.name):
        if entry.name.endswith(".toml"):
            texts.update(tomllib.loads(entry.read_text(encoding="utf-8")))
    return texts


def text_of(code: str, params: Mapping[str, object], lang: str = "en") -> str:
    """Return the text of a code with its parameters filled in; an unknown code shows itself."""
    template = all_texts().get(code, {}).get(lang)
    if template is None:
        detail = ", ".join(f"{key}={value}" for key, value in params.items())
        return f"{code}: {detail}" if detail else code
    return template.format_map(_Params(params))
