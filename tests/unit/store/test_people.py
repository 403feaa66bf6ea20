"""Who may manage whom: the whole workspace, some zones, nobody."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pytest_django.fixtures import Settings

from tests.unit.store.conftest import Made
from zonewright.core.errors import (
    InputError,
    NotAllowedError,
    StateError,
    UnknownReferenceError,
    ZonewrightError,
)
from zonewright.store.access import Access, access_of, operator
from zonewright.store.actions import create_user, people, tokens
from zonewright.store.models import AuditEntry, Grant, Membership, User, Zone
from zonewright.store.selectors import people as selectors

PASSWORD = "correct-horse-battery-9"
MACHINE = operator("machine")
# A city with two districts; a park lies in one district, and by another hierarchy in the other.
ZONES = ("CITY", "WEST", "EAST", "PARK")
MEMBERSHIPS = (
    ("CITY", "WEST", "admin"), ("CITY", "EAST", "admin"), ("WEST", "PARK", "admin"),
    ("EAST", "PARK", "platform"),
)  # fmt: skip


@pytest.fixture(autouse=True)
def _quick_and_signed(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    monkeypatch.setattr(people._links, "_secret", "k" * 50)


@pytest.fixture
def zones(workspace: Made) -> None:
    made = {code: Zone.objects.create(code=code, name=code, kind="park") for code in ZONES}
    for parent, child, hierarchy in MEMBERSHIPS:
        Membership.objects.create(parent=made[parent], child=made[child], hierarchy=hierarchy)


def account(name: str, role: str = "", zone: str = "", hierarchy: str = "") -> User:
    user = create_user(name, PASSWORD)
    if role:
        people.grant(user, role, zone=zone, hierarchy=hierarchy, access=MACHINE)
    return user


def keeper(zone: str = "WEST", hierarchy: str = "") -> Access:
    return access_of(account("keeper", "administrator", zone, hierarchy))


def code_of(error: pytest.ExceptionInfo[ZonewrightError]) -> str:
    return error.value.code


def test_a_new_account_has_no_password_and_its_first_role(zones: None) -> None:
    user = people.create_person(
        "li", name="李工", role="planner", zone="PARK", access=MACHINE, origin="cli"
    )
    assert not user.has_usable_password()
    assert user.first_name == "李工"
    assert access_of(user).zones("plan") == {"PARK"}
    assert set(AuditEntry.objects.values_list("action", "table", "code", "by", "origin")) == {
        ("create", "users", "li", "machine", "cli"),
        ("grant", "users", "li", "machine", "cli"),
    }


@pytest.mark.parametrize("name", ["", "a b", "x" * 151, "new", "WANG", "a/b", "<b>"])
def test_names_that_cannot_be_used_are_refused(zones: None, name: str) -> None:
    account("wang")
    with pytest.raises(InputError):
        people.create_person(name, access=MACHINE)
    assert User.objects.count() == 1


def test_a_role_is_given_once(zones: None) -> None:
    user = account("li", "viewer", "WEST")
    people.grant(user, "viewer", zone="WEST", access=MACHINE)
    people.grant(user, "viewer", access=MACHINE)
    people.grant(user, "viewer", access=MACHINE)
    assert Grant.objects.count() == 2
    assert AuditEntry.objects.filter(action="grant").count() == 2


@pytest.mark.parametrize(
    ("role", "zone", "hierarchy", "code"),
    [
        ("king", "WEST", "", "role-unknown"),
        ("viewer", "NOWHERE", "", "zone-not-seen"),
        ("viewer", "WEST", "tree", "hierarchy-unknown"),
    ],
)
def test_what_is_unknown_is_named(
    zones: None, role: str, zone: str, hierarchy: str, code: str
) -> None:
    user = account("li")
    asked = keeper()
    people.grant(user, "viewer", zone="WEST", access=MACHINE)
    with pytest.raises(UnknownReferenceError) as caught:
        people.grant(user, role, zone=zone, hierarchy=hierarchy, access=asked)
    assert code_of(caught) == code


def test_whoever_administers_nothing_finds_nobody(zones: None) -> None:
    planner = access_of(account("li", "planner"))
    other = account("wang", "viewer", "WEST")
    assert not selectors.visible(planner).exists()
    for attempt in (
        lambda: people.create_person("new-one", access=planner),
        lambda: people.grant(other, "viewer", zone="EAST", access=planner),
        lambda: people.switch(other, on=False, access=planner),
        lambda: people.make_link(other, access=planner),
        lambda: people.remove_second_factor(other, access=planner),
        lambda: people.revoke_tokens(other, access=planner),
    ):
        with pytest.raises(UnknownReferenceError):
            attempt()
    other.refresh_from_db()
    assert other.is_active


def test_a_keeper_of_zones_sees_who_holds_a_role_there(zones: None) -> None:
    account("inside", "viewer", "PARK")
    account("outside", "viewer", "EAST")
    account("everywhere", "viewer")
    account("nobody")
    both = account("both", "viewer", "WEST")
    people.grant(both, "planner", zone="EAST", access=MACHINE)
    seen = keeper()
    assert {user.username for user in selectors.visible(seen)} == {"inside", "both", "keeper"}
    held = selectors.people(seen, [both])[0].held
    assert [item.grant.zone.code for item in held if item.grant.zone] == ["WEST"]
    with pytest.raises(UnknownReferenceError):
        selectors.found(seen, "outside")


def test_a_keeper_of_zones_grants_within_them_only(zones: None) -> None:
    seen = keeper()
    user = account("li", "viewer", "PARK")
    people.grant(user, "planner", zone="WEST", access=seen)
    with pytest.raises(NotAllowedError):
        people.grant(user, "planner", access=seen)
    with pytest.raises(UnknownReferenceError):
        people.grant(user, "planner", zone="EAST", access=seen)
    assert access_of(user).zones("plan") == {"WEST", "PARK"}


def test_no_grant_reaches_beyond_the_hierarchy_of_who_gives_it(zones: None) -> None:
    """EAST holds PARK by another hierarchy than the one that the keeper was given."""
    seen = keeper("EAST", "admin")
    user = account("li", "viewer", "EAST")
    with pytest.raises(NotAllowedError) as caught:
        people.grant(user, "planner", zone="EAST", access=seen)
    assert code_of(caught) == "grant-too-wide"
    assert "PARK" in str(caught.value)
    people.grant(user, "planner", zone="EAST", hierarchy="admin", access=seen)
    assert access_of(user).zones("plan") == {"EAST"}


def test_a_keeper_takes_away_only_what_lies_in_their_zones(zones: None) -> None:
    user = account("li", "viewer", "PARK")
    wide = people.grant(user, "planner", zone="CITY", access=MACHINE)
    seen = keeper()
    with pytest.raises(NotAllowedError) as caught:
        people.revoke(wide, access=seen)
    assert code_of(caught) == "grant-of-others"
    people.revoke(Grant.objects.get(user=user, role="viewer"), access=seen)
    assert list(user.grants.values_list("role", flat=True)) == ["planner"]


def test_taking_away_twice_leaves_one_trace(zones: None) -> None:
    user = account("li", "viewer", "PARK")
    held = Grant.objects.get(user=user)
    people.revoke(held, access=MACHINE)
    people.revoke(Grant(pk=held.pk, user=user, role="viewer"), access=MACHINE)
    entry = AuditEntry.objects.get(action="revoke")
    assert entry.before == {"role": "viewer", "zone": "PARK", "hierarchy": ""}


def test_an_account_is_kept_by_who_keeps_all_its_zones(zones: None) -> None:
    inside = account("inside", "viewer", "PARK")
    both = account("both", "viewer", "PARK")
    people.grant(both, "viewer", zone="EAST", access=MACHINE)
    seen = keeper()
    assert selectors.keeps(seen, inside)
    for attempt in (
        lambda: people.switch(both, on=False, access=seen),
        lambda: people.make_link(both, access=seen),
        lambda: people.remove_second_factor(both, access=seen),
        lambda: people.revoke_tokens(both, access=seen),
    ):
        with pytest.raises(NotAllowedError) as caught:
            attempt()
        assert code_of(caught) == "person-of-others"


def test_a_superuser_is_kept_by_no_keeper_of_zones(zones: None) -> None:
    chief = create_user("chief", PASSWORD, is_superuser=True)
    people.grant(chief, "viewer", zone="PARK", access=MACHINE)
    seen = keeper()
    with pytest.raises(NotAllowedError):
        people.make_link(chief, access=seen)
    with pytest.raises(NotAllowedError):
        people.demote(chief, access=seen)


def test_nobody_lifts_or_switches_off_themselves(zones: None) -> None:
    seen = keeper()
    own = User.objects.get(username="keeper")
    with pytest.raises(NotAllowedError) as caught:
        people.grant(own, "planner", zone="PARK", access=seen)
    assert code_of(caught) == "grant-to-oneself"
    with pytest.raises(NotAllowedError) as caught:
        people.switch(own, on=False, access=seen)
    assert code_of(caught) == "switch-oneself"


def test_the_last_administrator_stays(zones: None) -> None:
    chief = create_user("chief", PASSWORD, is_superuser=True)
    second = people.create_person("second", role="administrator", access=MACHINE)
    for attempt in (
        lambda: people.demote(chief, access=MACHINE),
        lambda: people.switch(chief, on=False, access=MACHINE),
    ):
        with pytest.raises(StateError) as caught:
            attempt()
        assert code_of(caught) == "administrator-last"
    # Somebody who has no password yet could not sign in; once they have one, they could.
    second.set_password(PASSWORD)
    second.save()
    people.demote(chief, access=MACHINE)
    with pytest.raises(StateError):
        people.revoke(second.grants.get(), access=MACHINE)
    assert list(selectors.administrators()) == [second]


def test_switching_off_ends_everything_and_leaves_one_trace(zones: None) -> None:
    user = account("li", "viewer", "PARK")
    text, _ = tokens.issue(user, "qgis", access=access_of(user))
    people.switch(user, on=False, access=MACHINE)
    people.switch(user, on=False, access=MACHINE)
    assert tokens.authenticate(text, address="10.0.0.1") is None
    user.refresh_from_db()
    assert access_of(user).zones() == frozenset()
    assert AuditEntry.objects.filter(action="switch off").count() == 1
    people.switch(user, on=True, access=MACHINE)
    assert tokens.authenticate(text, address="10.0.0.1") is not None


def test_a_link_sets_the_password_once(zones: None) -> None:
    user = people.create_person("li", role="viewer", zone="PARK", access=MACHINE)
    secret = people.make_link(user, access=keeper())
    with pytest.raises(InputError):
        people.set_password_by_link(user, secret, "short")
    people.set_password_by_link(user, secret, PASSWORD, origin="desk 10.0.0.1")
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    with pytest.raises(StateError) as caught:
        people.set_password_by_link(user, secret, PASSWORD + "x")
    assert code_of(caught) == "link-outdated"
    assert AuditEntry.objects.get(action="set password").by == "li"
    assert not any(secret in str(entry.__dict__) for entry in AuditEntry.objects.all())


def test_a_link_ends_when_roles_change_or_the_account_is_off(zones: None) -> None:
    user = people.create_person("li", role="viewer", zone="PARK", access=MACHINE)
    secret = people.make_link(user, access=MACHINE)
    assert people.opens(user, secret)
    held = people.grant(user, "administrator", access=MACHINE)
    assert not people.opens(user, secret)
    people.revoke(held, access=MACHINE)
    assert people.opens(user, secret)
    people.switch(user, on=False, access=MACHINE)
    user.refresh_from_db()
    assert not people.opens(user, secret)
    with pytest.raises(StateError) as caught:
        people.make_link(user, access=MACHINE)
    assert code_of(caught) == "person-off"


def test_a_link_ends_after_a_day(zones: None, monkeypatch: pytest.MonkeyPatch) -> None:
    user = people.create_person("li", access=MACHINE)
    secret = people.make_link(user, access=MACHINE)
    later = people._links._now() + timedelta(hours=25)
    monkeypatch.setattr(people._links, "_now", lambda: later)
    assert not people.opens(user, secret)


def test_filters_find_who_fits(zones: None) -> None:
    account("li", "planner", "PARK")
    account("wang", "viewer")
    create_user("chief", PASSWORD, is_superuser=True)
    people.create_person("zhao", name="赵工", access=MACHINE)
    off = account("sun", "viewer", "WEST")
    people.switch(off, on=False, access=MACHINE)

    def names(**asked: str) -> list[str]:
        return [user.username for user in selectors.sought(MACHINE, **asked)]

    assert names(text="赵") == ["zhao"]
    assert names(role="planner") == ["li"]
    assert names(zone="*") == ["chief", "wang"]
    assert names(role="administrator") == ["chief"]
    assert names(role="viewer", zone="WEST") == ["sun"]
    assert names(state="off") == ["sun"]
    assert names(state="new") == ["zhao"]
