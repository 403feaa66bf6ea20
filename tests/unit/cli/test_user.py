"""``zonewright user`` and the accounts of the demo: who may do what after them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from django.db import connection
from pytest_django.fixtures import Settings

from zonewright.cli import zonewright
from zonewright.cli.demo_accounts import ZONE_OF_ROLE, make_accounts
from zonewright.store import workspace as workspaces
from zonewright.store.access import access_of, roles
from zonewright.store.models import AuditEntry, Grant, User, Zone

PASSWORD = "correct-horse-battery-9"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Path:
    path = tmp_path_factory.mktemp("user") / "empty.sqlite"
    with django_db_blocker.unblock():
        workspaces.create(path, title="t")
        Zone.objects.create(code="A", name="甲园", kind="park")
        connection.close()
    return path


@pytest.fixture
def made(
    template: Path, tmp_path: Path, settings: Settings, django_db_blocker: Any
) -> Iterator[Path]:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    path = tmp_path / "w.sqlite"
    path.write_bytes(template.read_bytes())
    with django_db_blocker.unblock():
        connection.close()
        workspaces.connect(path)
        yield path
        connection.close()


def user(path: Path, *args: str, given: str = "", lang: str = "en") -> Result:
    words = ["--lang", lang, "user", str(path), *args]
    return CliRunner().invoke(zonewright, words, input=given)


def held(name: str) -> list[tuple[str, str | None, str]]:
    rows = Grant.objects.filter(user__username=name)
    return list(rows.values_list("role", "zone__code", "hierarchy"))


def test_an_account_made_here_administers_the_workspace(made: Path) -> None:
    said = user(made, "li").output
    password = re.findall(r"Password: (\S+)", said)[0]
    account = User.objects.get()
    assert account.check_password(password)
    assert access_of(account).may("administer")
    assert "password" not in str(AuditEntry.objects.values_list("after", flat=True)).lower()


def test_an_account_made_with_a_role_may_do_only_that(made: Path) -> None:
    args = ("--password-stdin", "--role", "planner", "--zone", "A", "--hierarchy", "admin")
    done = user(made, "li", *args, given=PASSWORD + "\n")
    assert done.exit_code == 0
    assert "li: Planner, A" in done.output
    account = User.objects.get()
    assert account.check_password(PASSWORD)
    assert not account.is_superuser
    assert held("li") == [("planner", "A", "admin")]


def test_an_account_that_gets_a_role_keeps_its_password(made: Path) -> None:
    user(made, "li", "--password-stdin", "--role", "viewer", given=PASSWORD + "\n")
    for _ in range(2):
        said = user(made, "li", "--role", "planner", "--zone", "A", lang="zh").output
    assert said == "li：规划员，A\n"
    assert User.objects.get().check_password(PASSWORD)
    assert set(held("li")) == {("viewer", None, ""), ("planner", "A", "")}


def test_a_new_password_changes_no_role(made: Path) -> None:
    user(made, "li", "--password-stdin", "--role", "viewer", given=PASSWORD + "\n")
    said = user(made, "li").output
    account = User.objects.get()
    assert account.check_password(re.findall(r"Password: (\S+)", said)[0])
    assert held("li") == [("viewer", None, "")]
    assert not account.is_superuser


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--zone", "A"), "name the role with --role"),
        (("--role", "viewer", "--zone", "NOWHERE"), "NOWHERE"),
    ],
)
def test_a_fault_makes_no_account(made: Path, args: tuple[str, ...], said: str) -> None:
    done = user(made, "li", *args)
    assert done.exit_code == 2
    assert said in done.output
    assert not User.objects.exists()


def test_the_demo_shows_every_role(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert set(ZONE_OF_ROLE) == set(roles())
    for code in set(ZONE_OF_ROLE.values()):
        Zone.objects.create(code=code, name=code, kind="park")
    User.objects.create_user("demo", "of an earlier version")
    monkeypatch.setenv("ZONEWRIGHT_DEMO_PASSWORD", PASSWORD)
    for _ in range(2):
        assert make_accounts() == PASSWORD
    assert access_of(User.objects.get(username="demo")).may("administer")
    for role, zone in ZONE_OF_ROLE.items():
        account = User.objects.get(username=role)
        assert account.check_password(PASSWORD)
        assert held(role) == [(role, zone, "")]
        assert access_of(account).zones() == {zone}
