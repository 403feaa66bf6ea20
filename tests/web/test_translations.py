"""The Chinese catalogue is complete and in step with the templates, the sources and the .mo."""

from __future__ import annotations

import ast
import gettext
import re
from pathlib import Path

import zonewright.web

WEB = Path(zonewright.web.__file__).parent
CATALOGUE = WEB / "locale" / "zh_Hans" / "LC_MESSAGES"
PLACEHOLDER = re.compile(r"%\((\w+)\)s")
_ENTRY = re.compile(
    r'^msgid ((?:"(?:[^"\\]|\\.)*"\s*)+)(?:msgid_plural ((?:"(?:[^"\\]|\\.)*"\s*)+))?'
    r'msgstr(?:\[0\])? ((?:"(?:[^"\\]|\\.)*"\s*)+)',
    re.M,
)


def unquoted(text: str) -> str:
    return "".join(ast.literal_eval(part) for part in re.findall(r'"(?:[^"\\]|\\.)*"', text))


def source() -> dict[str, tuple[str, str]]:
    text = (CATALOGUE / "django.po").read_text(encoding="utf-8")
    found = {}
    for one, many, translated in _ENTRY.findall(text):
        if unquoted(one):
            found[unquoted(one)] = (unquoted(many), unquoted(translated))
    return found


def used() -> set[str]:
    """Return every text that templates and views ask to be translated."""
    found: set[str] = set()
    for path in (WEB / "templates").rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        found.update(re.findall(r"""{% trans "([^"]+)" %}""", text))
        found.update(re.findall(r"""{% trans '([^']+)' %}""", text))
        found.update(re.findall(r"""_\("([^"]+)"\)""", text))
        for block in re.findall(r"{% blocktrans[^%]*%}(.*?){% endblocktrans %}", text, re.S):
            one = block.partition("{% plural %}")[0]
            found.add(re.sub(r"{{ (\w+) }}", r"%(\1)s", one))
    for path in WEB.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "_":
                found.add(ast.literal_eval(node.args[0]))
    return found


def test_every_text_of_the_desk_is_in_the_catalogue_and_no_other() -> None:
    assert used() == set(source())


def test_every_text_is_translated() -> None:
    text = (CATALOGUE / "django.po").read_text(encoding="utf-8")
    assert "fuzzy" not in text
    assert not [text for text, (_, translated) in source().items() if not translated]


def test_placeholders_are_kept() -> None:
    for text, (_, translated) in source().items():
        assert set(PLACEHOLDER.findall(text)) == set(PLACEHOLDER.findall(translated)), text


def test_the_compiled_catalogue_is_in_step() -> None:
    with (CATALOGUE / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for text, (many, translated) in source().items():
        said = compiled.ngettext(text, many, 2) if many else compiled.gettext(text)
        assert said == translated
