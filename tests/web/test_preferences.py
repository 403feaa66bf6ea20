"""Light and dark, Chinese and English."""

from __future__ import annotations

import pytest
from django.test import Client

from zonewright.web import theme

pytestmark = pytest.mark.django_db
SURFACES = ("ground", "panel", "page")


@pytest.mark.parametrize("choice", ["auto", "light", "dark"])
def test_the_choice_is_kept_and_drawn(empty: None, anonymous: Client, choice: str) -> None:
    answer = anonymous.post("/theme/", {"theme": choice, "next": "/sign-in/"})
    assert (answer.status_code, answer["Location"]) == (302, "/sign-in/")
    page = anonymous.get("/sign-in/").content.decode()
    assert f'data-theme="{choice}"' in page
    assert page.count('aria-pressed="true"') == 1


@pytest.mark.parametrize("onward", ["https://elsewhere.example/", "//elsewhere.example", ""])
def test_nobody_is_sent_to_another_site(empty: None, anonymous: Client, onward: str) -> None:
    answer = anonymous.post("/theme/", {"theme": "dark", "next": onward})
    assert answer["Location"] in ("/", "")
    answer = anonymous.post("/language/", {"language": "en", "next": onward})
    assert "elsewhere" not in answer["Location"]


def test_an_unknown_theme_or_a_mere_reading_changes_nothing(empty: None, anonymous: Client) -> None:
    assert anonymous.post("/theme/", {"theme": "pink"}).status_code == 400
    assert anonymous.get("/theme/").status_code == 405
    anonymous.cookies["zonewright_theme"] = '"><script>'
    assert 'data-theme="auto"' in anonymous.get("/sign-in/").content.decode()


def test_the_language_is_kept(empty: None, anonymous: Client) -> None:
    assert "密码" in anonymous.get("/sign-in/").content.decode()
    anonymous.post("/language/", {"language": "en", "next": "/sign-in/"})
    assert "Password" in anonymous.get("/sign-in/").content.decode()


def test_the_style_sheet_holds_both_themes_and_is_kept_by_its_tag(
    db: None, anonymous: Client
) -> None:
    answer = anonymous.get("/theme.css")
    css = answer.content.decode()
    assert theme.colours("light")["ink"] in css
    assert theme.colours("dark")["ink"] in css
    assert "prefers-color-scheme:dark" in css
    again = anonymous.get("/theme.css", headers={"if-none-match": answer["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("name", theme.THEMES)
@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("text", ["ink", "muted", "accent"])
def test_text_can_be_read(name: theme.Theme, surface: str, text: str) -> None:
    colour = theme.colours(name)
    assert theme.contrast(colour[text], colour[surface]) >= 4.5


@pytest.mark.parametrize("name", theme.THEMES)
def test_notices_buttons_and_marks_can_be_seen(name: theme.Theme) -> None:
    colour = theme.colours(name)
    assert theme.contrast(colour["notice-ink"], colour["notice"]) >= 4.5
    assert theme.contrast(colour["on-accent"], colour["accent"]) >= 4.5
    assert theme.contrast(colour["accent"], colour["hover"]) >= 4.5
    assert theme.contrast(colour["muted"], colour["hover"]) >= 4.5
    for mark in ("blue", "green", "yellow", "red", "edge"):
        assert theme.contrast(colour[mark], colour["ground"]) >= 3, mark


def test_contrast_is_that_of_the_standard() -> None:
    assert theme.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert theme.contrast("#ffffff", "#777777") == theme.contrast("#777777", "#ffffff")


def test_after_a_refused_form_a_choice_leads_back_to_where_the_form_stood(
    empty: None, client: Client
) -> None:
    ways = {"Referer": "http://testserver/account/?a=1"}
    page = client.post("/account/tokens/", {"name": ""}, headers=ways).content.decode()
    assert 'name="next" value="/account/?a=1"' in page
    ways = {"Referer": "http://elsewhere.example/account/"}
    page = client.post("/account/tokens/", {"name": ""}, headers=ways).content.decode()
    assert 'name="next" value="/account/tokens/"' in page
