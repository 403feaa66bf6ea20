"""Every word of the report exists in both languages, with the same places for values."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files

import pytest

from zonewright.core.errors import RangeError
from zonewright.report.words import in_sentence, require_language, word


def texts(name: str) -> dict[str, dict[str, str]]:
    return tomllib.loads((files("zonewright.core.texts") / name).read_text(encoding="utf-8"))


TEXTS = texts("report.toml")
MEETING = texts("meeting.toml")
SOURCES = "".join(
    path.read_text(encoding="utf-8")
    for folder in ("", "templates")
    for path in (files("zonewright.report") / folder).iterdir()
    if path.name.endswith((".py", ".html", ".typ"))
)
BUILT = ("chapter-", "intro-", "pace-", "basis-", "severity-")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.mark.parametrize("code", TEXTS)
def test_a_text_has_both_languages(code: str) -> None:
    zh, en = TEXTS[code]["zh"], TEXTS[code]["en"]
    assert zh
    assert not CHINESE.search(en)
    assert set(re.findall(r"{(\w+)}", zh)) == set(re.findall(r"{(\w+)}", en))


@pytest.mark.parametrize("code", TEXTS)
def test_no_text_is_left_over(code: str) -> None:
    name = code.removeprefix("report-")
    assert name.startswith(BUILT) or re.search(rf'["\'](report-)?{name}["\']', SOURCES), code


def test_every_word_asked_for_exists() -> None:
    asked = re.findall(r'word\(\s*["\']([a-z-]+)["\']', SOURCES)
    assert len(asked) > 60
    assert not [name for name in asked if f"report-{name}" not in TEXTS and name not in MEETING]


def test_another_language_is_refused() -> None:
    with pytest.raises(RangeError, match="fr"):
        require_language("fr")


def test_labels_inside_a_sentence() -> None:
    assert in_sentence("Land acquired") == "land acquired"
    assert in_sentence("EU-capital projects") == "EU-capital projects"
    assert word("stop", "zh") == "。"
