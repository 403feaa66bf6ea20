"""Tokens of programs: shown once, limited, and no longer good when they should not be."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone
from pytest_django.fixtures import Settings

from tests.unit.store.conftest import Made
from zonewright.core.errors import InputError, NotAllowedError, RangeError, UnknownReferenceError
from zonewright.store.access import access_of, operator
from zonewright.store.actions import create_user, people, tokens
from zonewright.store.models import ApiToken, AuditEntry, User, Zone

PASSWORD = "correct-horse-battery-9"
WHERE = "10.0.0.1"


@pytest.fixture(autouse=True)
def _quick_hasher(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def holder(workspace: Made) -> User:
    return create_user("li", PASSWORD, is_superuser=True)


def make(user: User, name: str = "qgis", **more: object) -> tuple[str, ApiToken]:
    return tokens.issue(user, name, access=access_of(user), origin="t", **more)  # type: ignore[arg-type]


def test_a_token_opens_and_only_its_fingerprint_is_kept(holder: User) -> None:
    text, token = make(holder)
    assert len(text) == 46
    assert text.startswith("zw_")
    found = tokens.authenticate(text, address=WHERE)
    assert found is not None
    assert (found[0].pk, found[1].pk) == (holder.pk, token.pk)
    kept = [str(row) for row in ApiToken.objects.values()]
    kept += [str(row) for row in AuditEntry.objects.values()]
    assert not any(text in row or text[10:] in row for row in kept)
    assert token.expires_at is not None
    assert timedelta(days=89) < token.expires_at - timezone.now() <= timedelta(days=90)


@pytest.mark.parametrize("text", ["", "zw_", "zw_" + "x" * 43, "nothing"])
def test_what_nobody_was_given_opens_nothing(holder: User, text: str) -> None:
    make(holder)
    assert tokens.authenticate(text, address=WHERE) is None


def test_an_ended_outdated_or_orphaned_token_opens_nothing(holder: User) -> None:
    text, token = make(holder)
    ApiToken.objects.update(expires_at=timezone.now())
    assert tokens.authenticate(text, address=WHERE) is None
    ApiToken.objects.update(expires_at=timezone.now() + timedelta(days=1))
    assert tokens.authenticate(text, address=WHERE) is not None
    User.objects.update(is_active=False)
    assert tokens.authenticate(text, address=WHERE) is None
    User.objects.update(is_active=True)
    assert tokens.revoke(token, access=access_of(holder)) is True
    assert tokens.revoke(token, access=access_of(holder)) is False
    assert tokens.authenticate(text, address=WHERE) is None
    assert AuditEntry.objects.filter(action="revoke", table="tokens").count() == 1


def test_only_its_holder_or_who_keeps_the_account_ends_it(holder: User) -> None:
    text, token = make(holder)
    with pytest.raises(NotAllowedError):
        tokens.revoke(token, access=access_of(create_user("wang", PASSWORD)))
    assert tokens.authenticate(text, address=WHERE) is not None
    assert tokens.revoke(token, access=operator("machine")) is True


def test_its_use_is_noted_once_a_minute(holder: User) -> None:
    text, _ = make(holder)
    tokens.authenticate(text, address=WHERE)
    first = ApiToken.objects.get().last_used_at
    assert first is not None
    tokens.authenticate(text, address=WHERE)
    assert ApiToken.objects.get().last_used_at == first
    ApiToken.objects.update(last_used_at=first - timedelta(seconds=61))
    tokens.authenticate(text, address=WHERE)
    last = ApiToken.objects.get().last_used_at
    assert last is not None
    assert last >= first


def test_a_busy_workspace_does_not_refuse_a_reader(
    holder: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, _ = make(holder)

    def busy(*args: object, **values: object) -> int:
        raise OperationalError("database is locked")

    monkeypatch.setattr("django.db.models.query.QuerySet.update", busy)
    assert tokens.authenticate(text, address=WHERE) is not None


def test_a_token_may_do_less_than_its_holder_and_never_more(holder: User) -> None:
    zone = Zone.objects.create(code="A", name="甲", kind="park")
    other = Zone.objects.create(code="B", name="乙", kind="park")
    _, token = make(holder, role="viewer", zone=zone)
    limited = access_of(holder, token=token)
    assert limited.zones("view") == {"A"}
    assert not limited.may_anywhere("plan")
    small = create_user("wang", PASSWORD)
    people.grant(small, "viewer", zone="B", access=operator("t"))
    _, wide = make(small, role="administrator")
    assert access_of(small, token=wide).zones("view") == {other.code}
    assert not access_of(small, token=wide).may_anywhere("administer")


def test_faults_are_named(holder: User) -> None:
    other = create_user("wang", PASSWORD)
    with pytest.raises(NotAllowedError):
        tokens.issue(other, "qgis", access=access_of(holder))
    with pytest.raises(InputError):
        make(holder, " ")
    with pytest.raises(UnknownReferenceError):
        make(holder, role="king")
    with pytest.raises(InputError):
        make(holder, zone=Zone.objects.create(code="A", name="甲", kind="park"))
    for days in (0, -1, 366):
        with pytest.raises(RangeError):
            make(holder, days=days)
    assert not ApiToken.objects.exists()
