"""Managing people on the desk, and setting a password by a link."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.test import Client
from django_otp.plugins.otp_totp.models import TOTPDevice

from tests.web import sample
from tests.web.readers import reader_with
from zonewright.store.access import access_of, operator
from zonewright.store.actions import create_user, people, tokens
from zonewright.store.models import ApiToken, AuditEntry, Grant, User

pytestmark = pytest.mark.django_db
PASSWORD = "correct-horse-battery-9"
MACHINE = operator("machine")
POSTS = ("roles/", "roles/everything/end/", "state/", "link/", "second-factor/end/", "tokens/end/")


@pytest.fixture
def li(workspace: None) -> User:
    """Somebody who plans in one group."""
    user = create_user("li", PASSWORD)
    people.grant(user, "planner", zone="G1", access=MACHINE)
    return user


@pytest.fixture
def keeper(workspace: None) -> Client:
    """An administrator of the cluster and what lies in it."""
    return reader_with("administrator", "Z1")


def text_of(client: Client, path: str) -> str:
    return html.unescape(client.get(path).content.decode())


# ---- Who may come in ----------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["", "viewer", "reporter", "checker", "approver", "planner"])
def test_others_find_nothing(li: User, role: str) -> None:
    reader = reader_with(role, None) if role else reader_with()
    assert reader.get("/people/").status_code == 404
    assert reader.get("/people/new/").status_code == 404
    assert reader.post("/people/new/", {"username": "x"}).status_code == 404
    assert reader.get("/people/li/").status_code == 404
    for path in POSTS:
        assert reader.post(f"/people/li/{path}").status_code == 404, path
    held = Grant.objects.get(user=li)
    assert reader.post(f"/people/li/roles/{held.pk}/end/").status_code == 404
    assert Grant.objects.filter(user=li).count() == 1
    assert "/people/" not in reader.get("/account/").content.decode()


def test_strangers_are_sent_to_sign_in(li: User, anonymous: Client) -> None:
    for path in ("/people/", "/people/new/", "/people/li/"):
        assert anonymous.get(path)["Location"].startswith("/sign-in/")


def test_a_keeper_of_other_zones_finds_nobody_of_these(li: User) -> None:
    other = reader_with("administrator", "E1")
    assert "li" not in re.findall(r'href="/people/([^/"]+)/"', text_of(other, "/people/"))
    assert other.get("/people/li/").status_code == 404
    for path in POSTS:
        assert other.post(f"/people/li/{path}").status_code == 404, path


# ---- The list -----------------------------------------------------------------------------------


def test_the_list_shows_roles_and_state(li: User, client: Client) -> None:
    people.create_person("wang", name="王芳", role="viewer", access=MACHINE)
    page = text_of(client, "/people/")
    assert "共 3 个账号" in page
    assert re.search(r"规划员</strong> <span class=\"muted\">西组团", page)
    assert "王芳" in page
    assert "尚未设密码" in page


def test_the_list_is_filtered(li: User, client: Client) -> None:
    people.create_person("wang", name="王芳", role="viewer", access=MACHINE)

    def found(query: str) -> set[str]:
        names = re.findall(r'href="/people/([^/"]+)/"', text_of(client, f"/people/?{query}"))
        return set(names) - {"new"}

    assert found("role=planner") == {"li"}
    assert found("zone=G1") == {"li"}
    assert found("zone=*") == {"wang", sample.USER}
    assert found("q=王") == {"wang"}
    assert found("state=new") == {"wang"}
    assert found("role=king&state=strange") == {"li", "wang", sample.USER}
    assert found("q=nobody-of-this-name") == set()


def test_a_long_list_takes_no_more_queries(
    li: User, client: Client, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    for number in range(30):
        user = User.objects.create(username=f"u{number}")
        Grant.objects.create(user=user, role="viewer")
    with django_assert_max_num_queries(16):
        client.get("/people/")


# ---- Accounts -----------------------------------------------------------------------------------


def test_an_account_is_made_with_a_link_for_its_holder(workspace: None, client: Client) -> None:
    given = {"username": "zhao", "name": "赵强", "role": "reporter", "zone": "G2", "hierarchy": ""}
    assert client.post("/people/new/", given)["Location"] == "/people/zhao/"
    answer = client.post("/people/zhao/link/")
    assert "no-store" in answer["Cache-Control"]
    address = html.unescape(answer.content.decode()).partition('value="http://testserver')[2]
    path = address.partition('"')[0]
    holder = Client(headers={"accept-language": "en"})
    hidden = holder.get(path)["Location"]
    assert path.split("/")[-2] not in hidden
    assert "zhao" in holder.get(hidden).content.decode()
    done = holder.post(hidden, {"new": PASSWORD, "again": PASSWORD})
    assert done["Location"] == "/sign-in/"
    pair = {"username": "zhao", "password": PASSWORD}
    assert holder.post("/sign-in/", pair).status_code == 302
    assert holder.get("/zones/G2/").status_code == 200
    assert holder.get("/zones/E1/").status_code == 404
    again = Client(headers={"accept-language": "en"}).get(path)
    assert again.status_code == 409
    assert "ask an administrator for a new one" in again.content.decode()
    assert path.split("/")[-2] not in str(list(AuditEntry.objects.values()))


@pytest.mark.parametrize(
    ("given", "status", "said"),
    [
        ({"username": ""}, 422, "不能为空"),
        ({"username": "a b"}, 422, "不能作为登录账号"),
        ({"username": sample.USER}, 422, "已被使用"),
        ({"username": "zhao", "role": "king"}, 404, "没有角色"),
        ({"username": "zhao", "role": "viewer", "zone": "NOWHERE"}, 404, "NOWHERE"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_made(
    workspace: None, client: Client, given: dict[str, str], status: int, said: str
) -> None:
    answer = client.post("/people/new/", given)
    assert answer.status_code == status
    assert said in answer.content.decode()
    assert User.objects.count() == 1
    assert f'value="{given["username"]}"' in answer.content.decode()


def test_roles_are_given_and_taken_away(li: User, client: Client) -> None:
    given = {"role": "viewer", "zone": "*", "hierarchy": ""}
    for _ in range(2):
        assert client.post("/people/li/roles/", given).status_code == 302
    assert access_of(li).zones("view") is None
    held = Grant.objects.get(user=li, role="viewer")
    for _ in range(2):
        assert client.post(f"/people/li/roles/{held.pk}/end/").status_code == 302
    assert access_of(li).zones("view") == {"G1"}
    assert AuditEntry.objects.filter(action="grant", by=sample.USER).count() == 1
    assert AuditEntry.objects.filter(action="revoke").count() == 1


def test_a_role_that_is_none_is_refused_on_the_page(li: User, client: Client) -> None:
    answer = client.post("/people/li/roles/", {"role": "king", "zone": "*"})
    assert answer.status_code == 404
    assert "没有角色“king”" in answer.content.decode()


def test_changes_need_a_post(li: User, client: Client) -> None:
    for path in POSTS:
        assert client.get(f"/people/li/{path}").status_code == 405, path


def test_an_account_is_switched_off_and_on(li: User, client: Client) -> None:
    reader = Client()
    reader.force_login(li)
    assert reader.get("/account/").status_code == 200
    client.post("/people/li/state/", {"on": "0"})
    assert reader.get("/account/").status_code == 302
    assert "已停用" in text_of(client, "/people/li/")
    assert client.post("/people/li/link/").status_code == 409
    client.post("/people/li/state/", {"on": "1"})
    assert User.objects.get(username="li").is_active


def test_the_last_administrator_stays(workspace: None, client: Client) -> None:
    answer = client.post(f"/people/{sample.USER}/roles/everything/end/")
    assert answer.status_code == 409
    assert "没有人能管理整个工作区" in answer.content.decode()
    assert client.post(f"/people/{sample.USER}/state/", {"on": "0"}).status_code == 403
    assert User.objects.get(username=sample.USER).is_superuser


def test_a_lost_second_factor_is_removed(li: User, client: Client) -> None:
    TOTPDevice.objects.create(user=li, name="desk", confirmed=True)
    assert "两步验证" in text_of(client, "/people/li/")
    client.post("/people/li/second-factor/end/")
    client.post("/people/li/second-factor/end/")
    assert not TOTPDevice.objects.exists()
    assert AuditEntry.objects.filter(action="remove second factor", code="li").count() == 1


def test_tokens_are_ended(li: User, client: Client) -> None:
    text, _ = tokens.issue(li, "qgis", access=access_of(li))
    assert "qgis" in text_of(client, "/people/li/")
    client.post("/people/li/tokens/end/")
    assert tokens.authenticate(text, address="") is None
    assert not ApiToken.objects.filter(revoked_at=None).exists()


# ---- Administrators of some zones ---------------------------------------------------------------


def test_a_keeper_manages_roles_in_their_zones(li: User, keeper: Client) -> None:
    assert "li" in text_of(keeper, "/people/")
    assert sample.USER not in text_of(keeper, "/people/")
    given = {"role": "viewer", "zone": "G2", "hierarchy": ""}
    assert keeper.post("/people/li/roles/", given).status_code == 302
    assert keeper.post("/people/li/roles/", {**given, "zone": "*"}).status_code == 403
    assert keeper.post("/people/li/roles/", {**given, "zone": "E1"}).status_code == 404
    assert access_of(li).zones("view") == {"G1", "G2"}


def test_a_keeper_makes_accounts_in_their_zones_only(workspace: None, keeper: Client) -> None:
    given = {"username": "zhao", "role": "viewer", "zone": "G2", "hierarchy": ""}
    assert keeper.post("/people/new/", {"username": "zhao"}).status_code == 403
    assert keeper.post("/people/new/", {**given, "zone": "E1"}).status_code == 404
    assert not User.objects.filter(username="zhao").exists()
    assert keeper.post("/people/new/", given).status_code == 302
    assert keeper.post("/people/zhao/link/").status_code == 200


def test_a_keeper_cannot_take_over_an_account_with_roles_elsewhere(
    li: User, keeper: Client
) -> None:
    people.grant(li, "planner", zone="E1", access=MACHINE)
    page = text_of(keeper, "/people/li/")
    assert "Coastal" not in page.partition('class="role-list"')[2].partition("</ul>")[0]
    assert "/people/li/link/" not in page
    for path in ("link/", "second-factor/end/", "tokens/end/", "state/"):
        assert keeper.post(f"/people/li/{path}").status_code == 403, path
    other = Grant.objects.get(user=li, zone__code="E1")
    keeper.post(f"/people/li/roles/{other.pk}/end/")
    assert Grant.objects.filter(pk=other.pk).exists()


def test_a_keeper_does_not_lift_themselves(workspace: None, keeper: Client) -> None:
    name = User.objects.latest("pk").username
    given = {"role": "planner", "zone": "G1", "hierarchy": ""}
    assert keeper.post(f"/people/{name}/roles/", given).status_code == 403


# ---- The link -----------------------------------------------------------------------------------


def link_of(user: User) -> str:
    answer = Client()
    answer.force_login(User.objects.get(username=sample.USER))
    page = answer.post(f"/people/{user.username}/link/").content.decode()
    return html.unescape(page).partition('value="http://testserver')[2].partition('"')[0]


def test_the_link_ends_the_wait_and_other_sessions(li: User, anonymous: Client) -> None:
    session = Client()
    session.force_login(li)
    for _ in range(5):
        anonymous.post("/sign-in/", {"username": "li", "password": "wrong"})
    hidden = anonymous.get(link_of(li))["Location"]
    anonymous.post(hidden, {"new": PASSWORD + "x", "again": PASSWORD + "x"})
    assert not AccessAttempt.objects.exists()
    pair = {"username": "li", "password": PASSWORD + "x"}
    assert anonymous.post("/sign-in/", pair)["Location"] == "/"
    assert session.get("/account/").status_code == 302


@pytest.mark.parametrize(
    ("new", "again", "said"),
    [
        (PASSWORD, PASSWORD + "y", "不一致"),
        ("short", "short", "强度不足"),
        ("1234567890123", "1234567890123", "强度不足"),
    ],
)
def test_a_password_that_cannot_be_is_refused(
    li: User, anonymous: Client, new: str, again: str, said: str
) -> None:
    hidden = anonymous.get(link_of(li))["Location"]
    answer = anonymous.post(hidden, {"new": new, "again": again})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    li.refresh_from_db()
    assert li.check_password(PASSWORD)


@pytest.mark.parametrize("path", ["/reset/MQ/x-y/", "/reset/!!/x/", "/reset/OTk5/set/"])
def test_a_link_that_is_none_says_so(li: User, anonymous: Client, path: str) -> None:
    answer = anonymous.get(path)
    assert answer.status_code == 409
    assert "请向管理员索取新链接" in answer.content.decode()
