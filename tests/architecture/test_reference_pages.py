"""The reference pages say what the dictionaries say; the README's examples run."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

from tools.make_reference import FOLDER, PAGES
from tools.returns_reference import missing_sentences

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_in_step_with_its_dictionary(name: str) -> None:
    written = (FOLDER / name).read_text(encoding="utf-8")
    assert written == PAGES[name](), "run: python -m tools.make_reference"


def test_the_page_of_returns_has_words_for_every_rule() -> None:
    assert not missing_sentences()


def test_the_library_lines_of_the_readme_run() -> None:
    failed, tried = doctest.testfile(str(ROOT / "README.md"), module_relative=False)
    assert tried >= 4
    assert failed == 0


@pytest.mark.parametrize("name", ["README.md", "README.zh.md"])
def test_the_readme_is_short_and_its_links_lead_somewhere(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 120
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert (ROOT / target).exists(), target
