"""A reader's own account: password, language, second factor, tokens."""

from __future__ import annotations

import html
import re

import pytest
from axes.models import AccessAttempt
from django.test import Client
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from tests.web import sample
from tests.web.readers import reader_with
from zonewright.store.access import access_of
from zonewright.store.actions import create_user, second_factor, tokens
from zonewright.store.models import ApiToken, AuditEntry, User

pytestmark = pytest.mark.django_db
NEW = "another-horse-battery-7"
POSTS = (
    "password/", "language/", "second-factor/", "second-factor/confirm/", "second-factor/codes/",
    "second-factor/end/", "tokens/", "tokens/1/end/",
)  # fmt: skip


def me() -> User:
    return User.objects.get(username=sample.USER)


def code(device: TOTPDevice) -> str:
    return f"{totp(device.bin_key):06d}"


def text_of(answer: object) -> str:
    return html.unescape(answer.content.decode())  # type: ignore[attr-defined]


def test_it_needs_a_reader(workspace: None, anonymous: Client) -> None:
    assert anonymous.get("/account/")["Location"].startswith("/sign-in/")
    for path in POSTS:
        assert anonymous.post(f"/account/{path}")["Location"].startswith("/sign-in/"), path


def test_everybody_has_one_also_without_a_role(workspace: None) -> None:
    page = text_of(reader_with().get("/account/"))
    assert "You hold no role yet" in page
    page = text_of(reader_with("planner", "G1").get("/account/"))
    assert re.search(r"Planner</strong> <span class=\"muted\">West group", page)


def test_changes_need_a_post(workspace: None, client: Client) -> None:
    for path in POSTS:
        assert client.get(f"/account/{path}").status_code == 405, path


# ---- Password -----------------------------------------------------------------------------------


def test_the_password_is_changed_and_other_sessions_end(workspace: None, client: Client) -> None:
    other = Client()
    other.force_login(me())
    given = {"old": sample.PASSWORD, "new": NEW, "again": NEW}
    assert client.post("/account/password/", given).status_code == 302
    assert me().check_password(NEW)
    assert client.get("/account/").status_code == 200
    assert other.get("/account/").status_code == 302
    entry = AuditEntry.objects.get(action="set password")
    assert (entry.by, entry.origin) == (sample.USER, "desk 127.0.0.1")
    assert NEW not in str(list(AuditEntry.objects.values()))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"old": "wrong", "new": NEW, "again": NEW}, "当前密码不正确"),
        ({"old": sample.PASSWORD, "new": NEW, "again": NEW + "x"}, "不一致"),
        ({"old": sample.PASSWORD, "new": "short", "again": "short"}, "强度不足"),
        ({}, "当前密码不正确"),
    ],
)
def test_a_fault_changes_nothing(
    workspace: None, client: Client, given: dict[str, str], said: str
) -> None:
    answer = client.post("/account/password/", given)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert me().check_password(sample.PASSWORD)


def test_guessing_from_an_open_desk_is_slowed_down_too(workspace: None, client: Client) -> None:
    given = {"old": "wrong", "new": NEW, "again": NEW}
    for _ in range(5):
        client.post("/account/password/", given)
    answer = client.post("/account/password/", {**given, "old": sample.PASSWORD})
    assert answer.status_code == 429
    assert "请等待 15 分钟" in answer.content.decode()
    assert me().check_password(sample.PASSWORD)


def test_what_was_typed_is_kept_nowhere(workspace: None, client: Client) -> None:
    given = {"old": "typed-old-one", "new": "typed-new-one", "again": "typed-new-one"}
    client.post("/account/password/", given)
    from_axes = str(list(_attempts()))
    assert "typed" not in from_axes
    assert "typed" not in str(list(AuditEntry.objects.values()))


def _attempts() -> list[dict[str, object]]:
    return list(AccessAttempt.objects.values())


# ---- Language -----------------------------------------------------------------------------------


def test_the_language_is_kept_for_other_browsers(workspace: None, client: Client) -> None:
    client.post("/account/language/", {"language": "en"})
    client.post("/account/language/", {"language": "en"})
    assert "Your account" in client.get("/account/").content.decode()
    assert AuditEntry.objects.filter(action="update", table="users").count() == 1
    elsewhere = Client(headers={"accept-language": "zh-CN"})
    pair = {"username": sample.USER, "password": sample.PASSWORD}
    elsewhere.post("/sign-in/", pair)
    assert "Your account" in elsewhere.get("/account/").content.decode()
    assert client.post("/account/language/", {"language": "fr"}).status_code == 404


# ---- Second factor ------------------------------------------------------------------------------


def test_it_is_turned_on_by_a_code_and_codes_are_shown_once(
    workspace: None, client: Client
) -> None:
    assert client.get("/account/second-factor/code.svg").status_code == 404
    client.post("/account/second-factor/")
    image = client.get("/account/second-factor/code.svg")
    assert image["Content-Type"] == "image/svg+xml"
    assert "no-store" in image["Cache-Control"]
    assert "style" not in image.content.decode()
    device = TOTPDevice.objects.get()
    shown = text_of(client.get("/account/"))
    assert re.search(r'class="secret-text">[A-Z2-7 ]{32,}', shown)
    answer = client.post("/account/second-factor/confirm/", {"code": code(device)})
    codes = re.findall(r"<code>([a-z0-9]{4}(?:-[a-z0-9]{4}){2})</code>", text_of(answer))
    assert len(codes) == 10
    assert "no-store" in answer["Cache-Control"]
    after = text_of(client.get("/account/"))
    assert not any(text in after for text in codes)
    assert "还剩 10 个恢复码" in after
    assert client.get("/account/second-factor/code.svg").status_code == 404
    assert client.post("/account/second-factor/").status_code == 409


def test_a_wrong_code_turns_nothing_on(workspace: None, client: Client) -> None:
    client.post("/account/second-factor/")
    right = code(TOTPDevice.objects.get())
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    answer = client.post("/account/second-factor/confirm/", {"code": wrong})
    assert answer.status_code == 422
    assert second_factor.device_of(me()) is None


def test_turning_it_off_needs_the_password(workspace: None, client: Client) -> None:
    client.post("/account/second-factor/")
    device = TOTPDevice.objects.get()
    client.post("/account/second-factor/confirm/", {"code": code(device)})
    for path in ("end/", "codes/"):
        answer = client.post(f"/account/second-factor/{path}", {"old": "wrong"})
        assert answer.status_code == 422
    assert second_factor.device_of(me()) is not None
    again = client.post("/account/second-factor/codes/", {"old": sample.PASSWORD})
    assert len(re.findall(r"<code>[a-z0-9]{4}-", text_of(again))) == 10
    client.post("/account/second-factor/end/", {"old": sample.PASSWORD})
    assert second_factor.device_of(me()) is None


# ---- Tokens -------------------------------------------------------------------------------------


def test_a_token_is_shown_once(workspace: None, client: Client) -> None:
    given = {"name": "QGIS", "role": "viewer", "zone": "G1", "hierarchy": "", "days": "30"}
    answer = client.post("/account/tokens/", given)
    assert "no-store" in answer["Cache-Control"]
    text = re.findall(r"zw_[\w-]{43}", text_of(answer))[0]
    found = tokens.authenticate(text, address="")
    assert found is not None
    assert access_of(found[0], token=found[1]).zones() == {"G1"}
    page = text_of(client.get("/account/"))
    assert text not in page
    assert text[:9] in page
    assert text not in str(list(AuditEntry.objects.values()))


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"name": "", "days": "30"}, 422),
        ({"name": "x", "days": "0"}, 422),
        ({"name": "x", "days": "366"}, 422),
        ({"name": "x", "days": "many"}, 422),
        ({"name": "x", "days": "30", "role": "king"}, 404),
        ({"name": "x", "days": "30", "zone": "G1"}, 422),
        ({"name": "x", "days": "30", "role": "viewer", "zone": "NOWHERE"}, 404),
        ({"name": "x", "days": "30", "role": "viewer", "zone": "G1", "hierarchy": "t"}, 404),
    ],
)
def test_a_token_that_cannot_be_is_refused(
    workspace: None, client: Client, given: dict[str, str], status: int
) -> None:
    answer = client.post("/account/tokens/", given)
    assert answer.status_code == status
    assert 'role="alert"' in answer.content.decode()
    assert not ApiToken.objects.exists()


def test_zones_that_the_reader_does_not_see_are_not_told(workspace: None) -> None:
    reader = reader_with("viewer", "G1")
    page = text_of(reader.get("/account/"))
    assert "West group" in page
    assert "Coastal economic zone" not in page
    given = {"name": "x", "days": "30", "role": "viewer", "zone": "E1"}
    assert reader.post("/account/tokens/", given).status_code == 404


def test_a_token_is_ended_by_its_holder_only(workspace: None, client: Client) -> None:
    text, token = tokens.issue(me(), "QGIS", access=access_of(me()))
    other = Client()
    other.force_login(create_user("wang", NEW))
    assert other.post(f"/account/tokens/{token.pk}/end/").status_code == 404
    assert tokens.authenticate(text, address="") is not None
    for _ in range(2):
        assert client.post(f"/account/tokens/{token.pk}/end/").status_code == 302
    assert tokens.authenticate(text, address="") is None
    assert AuditEntry.objects.filter(action="revoke", table="tokens").count() == 1
