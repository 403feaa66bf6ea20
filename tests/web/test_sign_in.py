"""Signing in and out, and how guessing is slowed down."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.web import sample

pytestmark = pytest.mark.django_db
PAIR = {"username": sample.USER, "password": sample.PASSWORD}


def attempt(client: Client, **values: str) -> str:
    return client.post("/sign-in/", {**PAIR, **values}, follow=True).content.decode()


def test_the_right_pair_leads_to_the_page_asked_for(empty: None, anonymous: Client) -> None:
    answer = anonymous.post("/sign-in/?next=/sources/", {**PAIR, "next": "/sources/"})
    assert (answer.status_code, answer["Location"]) == (302, "/sources/")
    assert anonymous.get("/sources/").status_code == 200


def test_nobody_is_sent_to_another_site(empty: None, anonymous: Client) -> None:
    answer = anonymous.post("/sign-in/", {**PAIR, "next": "https://elsewhere.example/"})
    assert answer["Location"] == "/"


def test_a_wrong_password_is_refused_with_a_message(empty: None, anonymous: Client) -> None:
    page = attempt(anonymous, password="wrong")
    assert "账号与密码不匹配" in page
    assert "_auth_user_id" not in anonymous.session


def test_empty_fields_are_named(empty: None, anonymous: Client) -> None:
    assert "请填写账号和密码" in attempt(anonymous, username="", password="")


def test_five_failures_lock_even_the_right_password(empty: None, anonymous: Client) -> None:
    for _ in range(5):
        assert "失败次数过多" not in attempt(anonymous, password="wrong")
    assert "失败次数过多" in attempt(anonymous)
    assert "_auth_user_id" not in anonymous.session


def test_the_lock_is_of_the_name_at_the_address(empty: None, anonymous: Client) -> None:
    for _ in range(5):
        attempt(anonymous, password="wrong")
    elsewhere = Client(REMOTE_ADDR="10.0.0.9")
    assert elsewhere.post("/sign-in/", PAIR).status_code == 302


def test_a_success_starts_the_count_again(empty: None, anonymous: Client) -> None:
    for _ in range(4):
        attempt(anonymous, password="wrong")
    assert anonymous.post("/sign-in/", PAIR).status_code == 302
    anonymous.post("/sign-out/")
    for _ in range(4):
        attempt(anonymous, password="wrong")
    assert anonymous.post("/sign-in/", PAIR).status_code == 302


def test_signing_out_needs_a_post_and_ends_the_session(empty: None, client: Client) -> None:
    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/")["Location"] == "/sign-in/"
    assert client.get("/sources/").status_code == 302


def test_the_form_carries_a_token_and_a_request_without_it_is_refused(empty: None) -> None:
    strict = Client(enforce_csrf_checks=True, headers={"accept-language": "en"})
    answer = strict.post("/sign-in/", PAIR)
    assert answer.status_code == 403
    assert "open for too long" in answer.content.decode()


@pytest.mark.parametrize(("language", "word"), [("zh-CN", "密码"), ("en", "Password")])
def test_it_speaks_the_browsers_language(empty: None, language: str, word: str) -> None:
    page = Client(headers={"accept-language": language}).get("/sign-in/").content.decode()
    assert word in page


def test_other_languages_read_chinese(empty: None) -> None:
    page = Client(headers={"accept-language": "fr"}).get("/sign-in/").content.decode()
    assert "密码" in page


def test_the_workspace_speaks_no_figures_to_strangers(workspace: None, anonymous: Client) -> None:
    page = anonymous.get("/sign-in/").content.decode()
    assert "/figures/" not in page
    assert "公顷" not in page
