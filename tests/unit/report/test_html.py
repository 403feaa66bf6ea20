"""The HTML report stands alone, is well formed, and leads from every figure to its records."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from zonewright.core.errors import RangeError
from zonewright.core.phrases import Lang
from zonewright.report import html
from zonewright.report.model import LookBack

VOID = {"meta", "link", "br", "img", "input", "hr"}
CHINESE = re.compile(r"[\u4e00-\u9fff]")


class Page(HTMLParser):
    """Reads a page and refuses crossed or open tags."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def values(self, name: str) -> list[str]:
        return [attrs[name] or "" for _, attrs in self.tags if name in attrs]


@pytest.fixture(scope="module", params=["zh", "en"])
def lang(request: pytest.FixtureRequest) -> Lang:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def page(lookback: LookBack, lang: Lang) -> Page:
    return Page(html.render(lookback, lang))


def test_it_is_well_formed_and_names_are_unique(page: Page) -> None:
    names = page.values("id")
    assert len(names) > 100
    assert len(names) == len(set(names))


def test_every_link_has_its_target(page: Page) -> None:
    links = page.values("href")
    assert len(links) > 100
    assert {link.removeprefix("#") for link in links} <= set(page.values("id"))
    assert all(link.startswith("#") for link in links)


def test_every_figure_leads_to_its_derivation(page: Page, lookback: LookBack) -> None:
    links, names = page.values("href"), page.values("id")
    for figure in lookback.figures:
        assert f"#zr-{figure.code}-records" in links
        assert f"zr-{figure.code}-records" in names


def test_every_record_is_listed_with_its_cell(lookback: LookBack) -> None:
    text = html.render(lookback, "zh")
    lines = [line for figure in lookback.figures for line in figure.derivation.lines]
    assert len(lines) > 400
    assert all(f"<td>{line.code}</td>" in text for line in lines)
    assert "[土地台账] N4" in text


def test_it_needs_nothing_from_elsewhere(page: Page) -> None:
    assert not {"script", "link", "iframe", "object", "img"} & {tag for tag, _ in page.tags}
    for tag, attrs in page.tags:
        assert not [name for name in attrs if name.startswith("on")], tag
        assert "style" not in attrs, tag
        for name, value in attrs.items():
            if not name.startswith("xmlns"):
                assert "//" not in (value or ""), (tag, name)


def test_the_style_loads_nothing() -> None:
    assert "url(" not in html.css()
    assert "@import" not in html.css()
    assert html.css().count("{") == html.css().count("}")


def test_the_fragment_is_an_article_without_style(lookback: LookBack, lang: Lang) -> None:
    text = html.render_fragment(lookback, lang)
    fragment = Page(text)
    assert fragment.tags[0][0] == "article"
    assert not {"style", "html", "body", "script"} & {tag for tag, _ in fragment.tags}
    assert text.strip() in html.render(lookback, lang)


def test_classes_are_styled_or_ours(page: Page) -> None:
    used = {name for value in page.values("class") for name in value.split()}
    assert all(name.startswith("zr-") for name in used)
    ours = {"zr-figures", "zr-table", "zr-tile", "zr-banner", "zr-derivation"}
    assert ours <= used


def test_what_is_synthetic_stands_first(page: Page, lookback: LookBack) -> None:
    text = "".join(page.text)
    assert lookback.notices[0] in text
    assert text.index(lookback.notices[0]) < text.index("143.74" if "时序" in text else "14.374")


def test_names_are_escaped(hostile: LookBack, lang: Lang) -> None:
    text = html.render(hostile, lang)
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    Page(text)


def test_english_has_no_chinese_of_ours(latin: LookBack) -> None:
    text = re.sub(r"<style>.*?</style>", "", html.render(latin, "en"), flags=re.S)
    assert CHINESE.findall(text) == []


def test_chinese_says_chinese_things(page: Page, lang: Lang) -> None:
    text = "".join(page.text)
    assert ("超1,100公顷" in text) == (lang == "zh")
    assert ("more than 1,100 ha" in text) == (lang == "en")


def test_the_least_report_is_a_report(bare: LookBack, lang: Lang) -> None:
    assert bare.title.of(lang) in "".join(Page(html.render(bare, lang)).text)


def test_another_language_is_refused(bare: LookBack) -> None:
    with pytest.raises(RangeError, match="fr"):
        html.render(bare, "fr")  # type: ignore[arg-type]
