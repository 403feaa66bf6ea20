"""The Chinese catalogue is complete and in step with the templates, the sources and the .mo."""

from __future__ import annotations

import ast
import gettext
import re
from collections import Counter
from pathlib import Path

import pytest

import zonewright.web

WEB = Path(zonewright.web.__file__).parent
CATALOGUES = sorted(WEB.glob("locale/*/zh_Hans/LC_MESSAGES/django.po"))
PLACEHOLDER = re.compile(r"%\((\w+)\)s")
_ENTRY = re.compile(
    r'^msgid ((?:"(?:[^"\\]|\\.)*"\s*)+)(?:msgid_plural ((?:"(?:[^"\\]|\\.)*"\s*)+))?'
    r'msgstr(?:\[0\])? ((?:"(?:[^"\\]|\\.)*"\s*)+)',
    re.M,
)


def unquoted(text: str) -> str:
    return "".join(ast.literal_eval(part) for part in re.findall(r'"(?:[^"\\]|\\.)*"', text))


def entries(path: Path) -> dict[str, tuple[str, str]]:
    found = {}
    for one, many, translated in _ENTRY.findall(path.read_text(encoding="utf-8")):
        if unquoted(one):
            found[unquoted(one)] = (unquoted(many), unquoted(translated))
    return found


def source() -> dict[str, tuple[str, str]]:
    return {text: said for path in CATALOGUES for text, said in entries(path).items()}


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


def test_no_text_stands_in_two_catalogues() -> None:
    times = Counter(text for path in CATALOGUES for text in entries(path))
    assert [text for text, count in times.items() if count > 1] == []


def test_every_text_is_translated() -> None:
    assert not [path for path in CATALOGUES if "fuzzy" in path.read_text(encoding="utf-8")]
    assert not [text for text, (_, translated) in source().items() if not translated]


def test_placeholders_are_kept() -> None:
    for text, (_, translated) in source().items():
        assert set(PLACEHOLDER.findall(text)) == set(PLACEHOLDER.findall(translated)), text


@pytest.mark.parametrize("path", CATALOGUES, ids=[path.parts[-4] for path in CATALOGUES])
def test_the_compiled_catalogue_is_in_step(path: Path) -> None:
    with path.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for text, (many, translated) in entries(path).items():
        said = compiled.ngettext(text, many, 2) if many else compiled.gettext(text)
        assert said == translated
