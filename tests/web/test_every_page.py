"""What holds for every page: both languages, headers, no inline code, structure."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from django.http import HttpResponse
from django.test import Client

from tests.web import sample
from tests.web.plan_ground import filled, means, plots, terrain
from zonewright.workflows.worker import work_off

pytestmark = pytest.mark.django_db
PATHS = (
    "/", "/figures/", "/figures/F018/", "/figures/F051/", "/zones/", "/zones/Z1/", "/zones/C1/",
    "/report/", "/sources/", "/runs/", "/nowhere/", "/people/", "/people/new/", "/people/linh/",
    "/account/", "/audit/", "/records/", "/records/parcels/", "/records/works/new/",
    "/records/parcels/chart/", "/land/", "/land/?zone=P1&on=2023-10-31&since=2023-01-31",
    "/land/quota/", "/land/blocks/Z1/DK-0002/?on=2023-10-31", "/land/unlock/",
    "/land/unlock/compare/", "/land/grading/", "/land/grading/?zone=Z1", "/returns/",
    "/returns/?month=2023-10", "/returns/2023-10/works/S1/",
    "/board/", "/board/?sort=works_invested&only=target", "/board/Z1/works_invested/",
    "/board/Z1/output_growth/", "/publications/", "/indicators/", "/indicators/tax_per_mu/",
    "/targets/", "/targets/set/", "/targets/set/?zone=Z1&indicator=works_invested&year=2023",
    "/forecast/", "/forecast/Z1/works_invested/", "/forecast/Z1/works_invested/back-test/",
    "/forecast/Z1/ready_blocks/",
)  # fmt: skip
# Of plans: {unlock} and {other} are of the same land, {late} by a day, {none} has no levels.
PLAN_PATHS = (
    "/land/unlock/", "/land/unlock/{unlock}/", "/land/unlock/{unlock}/?step=0",
    "/land/unlock/{late}/", "/land/unlock/{cancelled}/", "/land/unlock/?like={late}",
    "/land/unlock/{unlock}/why/?parcel=U04", "/land/unlock/{unlock}/why/?parcel=U00",
    "/land/unlock/compare/?run={unlock}&run={other}", "/land/grading/", "/land/grading/{grading}/",
    "/land/grading/{none}/", "/land/grading/?like={grading}", "/runs/{unlock}/", "/runs/{grading}/",
)  # fmt: skip
CHINESE = re.compile(r"[\u4e00-\u9fff]")
# Two English words in a row: a text that nobody translated.
ENGLISH = re.compile(r"\b[A-Za-z]{2,} [a-z]{2,}\b")
VOID = {"meta", "link", "input", "br", "hr", "img"}


class Reading(HTMLParser):
    """Collect what the rules are about."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.unbalanced: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.unbalanced.append(tag)


def read(page: str) -> Reading:
    reading = Reading()
    reading.feed(page)
    return reading


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(("language", "code"), [("zh-hans", "zh-CN"), ("en", "en")])
def test_it_renders_in_both_languages(
    workspace: None, reader: Callable[[str], Client], path: str, language: str, code: str
) -> None:
    answer = reader(language).get(path)
    assert answer.status_code == (404 if path == "/nowhere/" else 200)
    assert f'<html lang="{code}"' in answer.content.decode()


@pytest.mark.parametrize("path", PATHS)
def test_the_desks_own_english_words_hold_no_chinese(
    workspace: None, english: Client, path: str
) -> None:
    assert not chinese_headings(english.get(path).content.decode())


def chinese_headings(page: str) -> list[str]:
    """Return the headings and labels of an English page that are Chinese."""
    page = re.sub(r'<aside class="notice".*?</aside>', "", page, flags=re.S)  # verbatim quotations
    headings = re.findall(r"<(?:th|h2|h3|label|legend|button|dt)[ >].*?</", page, flags=re.S)
    return [
        text
        for text in headings
        if 'scope="row"' not in text and 'lang="zh-CN"' not in text and CHINESE.search(text)
    ]


@pytest.mark.parametrize("path", PATHS)
def test_no_code_or_style_is_inline(workspace: None, client: Client, path: str) -> None:
    check_nothing_inline(client.get(path).content.decode())


def check_nothing_inline(page: str) -> None:
    """Check that a page brings no code or style of its own, and nothing from elsewhere."""
    for tag, attributes in read(page).tags:
        assert tag != "style"
        assert "style" not in attributes, (tag, attributes)
        assert not [name for name in attributes if name.startswith("on")], (tag, attributes)
        if tag == "script":
            assert attributes["src"].startswith("/static/")
        for name in ("src", "href"):
            assert not (attributes.get(name) or "").startswith(("http", "//")), attributes


@pytest.mark.parametrize("path", PATHS)
def test_it_can_be_read_by_ear_and_by_keyboard(workspace: None, english: Client, path: str) -> None:
    check_structure(english.get(path).content.decode())


def check_structure(page: str) -> None:
    """Check headings, landmarks, captions, labels and identifiers of a page."""
    reading = read(page)
    tags = [tag for tag, _ in reading.tags]
    assert not reading.unbalanced
    assert tags.count("h1") == 1
    assert tags.count("main") == 1
    assert '<a class="skip" href="#main">' in page
    assert tags.count("table") == tags.count("caption")
    labels = {attributes.get("for") for tag, attributes in reading.tags if tag == "label"}
    for tag, attributes in reading.tags:
        if tag in ("input", "select") and attributes.get("type") not in ("hidden", "checkbox"):
            assert attributes["id"] in labels
        if tag == "th":
            assert attributes.get("scope") in ("row", "col")
    ids = [attributes["id"] for _, attributes in reading.tags if "id" in attributes]
    assert len(ids) == len(set(ids))


def plan_of(answer: HttpResponse) -> int:
    assert answer.status_code == 302, answer.content.decode()
    return int(answer["Location"].split("/")[-2])


@pytest.fixture
def plans(workspace: None, english: Client) -> dict[str, int]:
    """Plans of every kind: found, wanted by a day, without an answer, cancelled."""
    plots()
    asked = {
        name: plan_of(english.post("/land/unlock/", means(**changed)))
        for name, changed in (
            ("unlock", {}),
            ("other", {"budget_wan": "3000", "target": "largest"}),
            ("late", {"by": "2024-05-15", "level_cny_mu": "50000"}),
            ("cancelled", {"budget_wan": "1"}),
        )
    }
    english.post(f"/land/unlock/{asked['cancelled']}/cancel/")
    for name, changed in (("grading", {}), ("none", {"pattern": "one", "min_level_m": "500"})):
        form = filled(**changed) | {"files": [terrain()]}
        asked[name] = plan_of(english.post("/land/grading/", form))
    work_off()
    return asked


def test_all_this_holds_for_the_pages_of_plans(
    plans: dict[str, int], reader: Callable[[str], Client]
) -> None:
    for language, code in (("zh-hans", "zh-CN"), ("en", "en")):
        client = reader(language)
        for path in PLAN_PATHS:
            answer = client.get(path.format(**plans))
            page = answer.content.decode()
            assert answer.status_code == 200, path
            assert f'<html lang="{code}"' in page
            check_nothing_inline(page)
            check_structure(page)
            if code == "en":
                assert not chinese_headings(page), path
            else:
                told = re.sub(r"<[^>]*>", " ", page[page.index("<main") :])
                assert not ENGLISH.findall(told), path


@pytest.mark.parametrize("path", ["/", "/sign-in/", "/theme.css", "/nowhere/", "/healthz"])
def test_every_answer_carries_the_guards(workspace: None, client: Client, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


def test_a_page_of_a_reader_is_kept_by_nobody_else(workspace: None, client: Client) -> None:
    assert "private" in client.get("/figures/")["Cache-Control"]


def test_cookies_are_out_of_reach_of_scripts(empty: None, anonymous: Client) -> None:
    pair = {"username": sample.USER, "password": sample.PASSWORD}
    answer = anonymous.post("/sign-in/", pair)
    for name in ("zonewright_session", "zonewright_csrf"):
        assert answer.cookies[name]["httponly"]
        assert answer.cookies[name]["samesite"] == "Lax"


def test_unknown_host_names_are_refused(empty: None) -> None:
    answer = Client(headers={"host": "evil.example"}).get("/sign-in/")
    assert answer.status_code == 400


def test_health_is_told_without_an_account(db: None, anonymous: Client) -> None:
    answer = anonymous.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert anonymous.post("/healthz").status_code == 405
