"""Signing in and out, and how guessing is slowed down."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.core.cache import cache
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice
from pytest_django.fixtures import Settings

from tests.web import sample
from zonewright.store.actions import second_factor
from zonewright.store.models import AuditEntry, User

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


# ---- Waiting after failures ---------------------------------------------------------------------


def test_the_refusal_is_told_with_its_status(empty: None, anonymous: Client) -> None:
    for _ in range(5):
        attempt(anonymous, password="wrong")
    answer = anonymous.post("/sign-in/", PAIR)
    assert answer.status_code == 429
    assert answer["Retry-After"] == "900"


def test_the_wait_ends_after_a_quarter_of_an_hour_from_the_fifth_failure(
    empty: None, anonymous: Client
) -> None:
    for _ in range(5):
        attempt(anonymous, password="wrong")
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=14))
    assert anonymous.post("/sign-in/", PAIR).status_code == 429  # and asking does not prolong it
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=15, seconds=1))
    assert anonymous.post("/sign-in/", PAIR).status_code == 302


def test_the_wait_does_not_live_in_the_process(empty: None, anonymous: Client) -> None:
    for _ in range(5):
        attempt(anonymous, password="wrong")
    cache.clear()
    assert anonymous.post("/sign-in/", PAIR).status_code == 429
    assert AccessAttempt.objects.get().failures_since_start == 5


def test_an_unknown_name_is_refused_in_the_same_words(empty: None, anonymous: Client) -> None:
    def told(name: str) -> list[str]:
        pages = [attempt(anonymous, username=name, password="wrong") for _ in range(6)]
        return [re.sub(f'value="{name}"', "", _without_token(page)) for page in pages]

    assert told(sample.USER) == told("nobody")


def _without_token(page: str) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page)


def test_an_account_that_is_off_is_refused_in_the_same_words(
    empty: None, anonymous: Client
) -> None:
    User.objects.update(is_active=False)
    assert "账号与密码不匹配" in attempt(anonymous)


def test_many_names_from_one_address_wait_too(empty: None, anonymous: Client) -> None:
    for number in range(30):
        attempt(anonymous, username=f"name{number}", password="Summer-2026!")
    answer = anonymous.post("/sign-in/", PAIR)
    assert answer.status_code == 429
    assert Client(REMOTE_ADDR="10.0.0.9").post("/sign-in/", PAIR).status_code == 302


def test_what_was_typed_is_kept_nowhere(empty: None, anonymous: Client) -> None:
    attempt(anonymous, username="My-Pass-Word-1", password="secret-typed")
    kept = f"{list(AccessAttempt.objects.values())}{list(AuditEntry.objects.values())}"
    assert "secret-typed" not in kept
    assert "My-Pass-Word-1" not in str(list(AuditEntry.objects.values()))


def test_the_trail_says_who_signed_in_and_out_and_who_failed(
    empty: None, anonymous: Client
) -> None:
    for _ in range(6):
        attempt(anonymous, password="wrong")
    AccessAttempt.objects.all().delete()
    anonymous.post("/sign-in/", PAIR)
    anonymous.post("/sign-out/")
    entries = AuditEntry.objects.filter(table="sessions").order_by("id")
    assert [entry.action for entry in entries] == [
        *["fail to sign in"] * 5,
        "lock out",
        "sign in",
        "sign out",
    ]
    assert {(entry.by, entry.origin) for entry in entries} == {(sample.USER, "desk 127.0.0.1")}


# ---- Where a reader asks from -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "203.0.113.9", "127.0.0.1"),
        (1, "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        (2, "198.51.100.1, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        (2, "203.0.113.9", "127.0.0.1"),
        (1, "", "127.0.0.1"),
        (1, "not an address", "127.0.0.1"),
        (1, "[2001:db8::7]:443", "2001:db8::7"),
        (1, "203.0.113.9:5123", "203.0.113.9"),
    ],
)
def test_only_trusted_proxies_tell_the_address(
    empty: None, settings: Settings, proxies: int, forwarded: str, address: str
) -> None:
    settings.PROXIES = proxies
    Client(headers={"x-forwarded-for": forwarded}).post("/sign-in/", PAIR)
    assert AuditEntry.objects.get(action="sign in").origin == f"desk {address}"


# ---- How long a session lasts -------------------------------------------------------------------


def age(client: Client, **seconds: float) -> None:
    """Make a session older: since it began, since its reader last asked."""
    session = client.session
    for name, by in seconds.items():
        session[name] -= by
    session.save()


def test_a_reader_who_was_away_signs_in_again_and_is_told(empty: None, anonymous: Client) -> None:
    anonymous.post("/sign-in/", PAIR)
    age(anonymous, seen=119 * 60)
    assert anonymous.get("/account/").status_code == 200
    age(anonymous, seen=121 * 60)
    answer = anonymous.get("/account/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in/")
    assert "120 分钟无操作" in anonymous.get("/sign-in/").content.decode()
    assert "120 分钟无操作" not in anonymous.get("/sign-in/").content.decode()


def test_a_session_ends_after_half_a_day_however_busy(empty: None, anonymous: Client) -> None:
    anonymous.post("/sign-in/", PAIR)
    age(anonymous, began=12 * 3600 + 1)
    assert anonymous.get("/account/").status_code == 302
    assert "登录已过期" in anonymous.get("/sign-in/").content.decode()


def test_not_every_request_writes_the_session(empty: None, anonymous: Client) -> None:
    anonymous.post("/sign-in/", PAIR)
    before = anonymous.session["seen"]
    anonymous.get("/account/")
    assert anonymous.session["seen"] == before
    age(anonymous, seen=6 * 60)
    anonymous.get("/account/")
    assert anonymous.session["seen"] >= before


def test_a_busy_workspace_does_not_turn_a_reader_away(
    empty: None, anonymous: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    anonymous.post("/sign-in/", PAIR)
    age(anonymous, seen=6 * 60)

    def busy(*args: object, **values: object) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore.save", busy)
    assert anonymous.get("/account/").status_code == 200


def test_signing_in_changes_the_key_of_the_session(empty: None, anonymous: Client) -> None:
    anonymous.get("/sign-in/")
    session = anonymous.session
    session["x"] = 1
    session.save()
    anonymous.cookies["zonewright_session"] = session.session_key or ""
    anonymous.post("/sign-in/", PAIR)
    assert anonymous.session.session_key != session.session_key


# ---- The second factor --------------------------------------------------------------------------


@pytest.fixture
def secured(empty: None) -> TOTPDevice:
    user = User.objects.get(username=sample.USER)
    return TOTPDevice.objects.create(user=user, name="desk", confirmed=True)


def code(device: TOTPDevice) -> str:
    return f"{totp(device.bin_key):06d}"


def test_the_password_alone_opens_nothing(secured: TOTPDevice, anonymous: Client) -> None:
    answer = anonymous.post("/sign-in/?next=/sources/", {**PAIR, "next": "/sources/"})
    assert answer["Location"] == "/sign-in/second-factor/?next=%2Fsources%2F"
    for path in ("/", "/sources/", "/account/", "/people/", "/audit/", "/account/tokens/"):
        assert anonymous.get(path)["Location"].startswith("/sign-in/"), path
    page = anonymous.get(answer["Location"]).content.decode()
    assert sample.USER in page
    assert "/figures/" not in page
    key = anonymous.session.session_key
    done = anonymous.post(answer["Location"], {"code": code(secured), "next": "/sources/"})
    assert (done.status_code, done["Location"]) == (302, "/sources/")
    assert anonymous.get("/sources/").status_code == 200
    assert anonymous.session.session_key != key
    assert AuditEntry.objects.filter(action="sign in").count() == 1


def test_a_used_code_does_not_open_again(secured: TOTPDevice, anonymous: Client) -> None:
    used = code(secured)
    anonymous.post("/sign-in/", PAIR)
    anonymous.post("/sign-in/second-factor/", {"code": used})
    other = Client(headers={"accept-language": "en"})
    other.post("/sign-in/", PAIR)
    answer = other.post("/sign-in/second-factor/", {"code": used})
    assert "was used already" in answer.content.decode()
    assert other.get("/account/").status_code == 302


def test_wrong_codes_wait(secured: TOTPDevice, anonymous: Client) -> None:
    anonymous.post("/sign-in/", PAIR)
    first = anonymous.post("/sign-in/second-factor/", {"code": "000000"})
    second = anonymous.post("/sign-in/second-factor/", {"code": code(secured)})
    assert (first.status_code, second.status_code) == (200, 429)
    assert "Retry-After" in second
    assert AuditEntry.objects.get(action="fail to sign in").reason == "second factor"


def test_a_recovery_code_opens_once(empty: None, anonymous: Client) -> None:
    user = User.objects.get(username=sample.USER)
    device = second_factor.begin(user)
    _, codes = second_factor.confirm(user, code(device))
    anonymous.post("/sign-in/", PAIR)
    assert anonymous.post("/sign-in/second-factor/", {"code": codes[0]}).status_code == 302
    assert "还剩 9 个" in anonymous.get("/account/").content.decode()


def test_the_step_is_for_who_gave_a_password_and_not_for_long(
    secured: TOTPDevice, anonymous: Client
) -> None:
    assert anonymous.get("/sign-in/second-factor/")["Location"].startswith("/sign-in/?")
    anonymous.post("/sign-in/", PAIR)
    age(anonymous, began=11 * 60)
    answer = anonymous.post("/sign-in/second-factor/", {"code": code(secured)})
    assert answer["Location"].startswith("/sign-in/?")
    assert anonymous.get("/account/").status_code == 302


def test_it_leads_to_no_other_site(secured: TOTPDevice, anonymous: Client) -> None:
    anonymous.post("/sign-in/", PAIR)
    values = {"code": code(secured), "next": "https://elsewhere.example/"}
    assert anonymous.post("/sign-in/second-factor/", values)["Location"] == "/"


def test_sessions_from_before_must_show_it_too(empty: None, client: Client) -> None:
    assert client.get("/account/").status_code == 200
    user = User.objects.get(username=sample.USER)
    TOTPDevice.objects.create(user=user, name="desk", confirmed=True)
    assert client.get("/account/").status_code == 302
