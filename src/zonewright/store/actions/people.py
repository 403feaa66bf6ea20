"""Managing people: accounts, the roles they hold, and what brings somebody back in.

Administrators of the whole workspace manage everybody. An administrator of some zones grants and
takes away roles within those zones, and keeps the accounts all of whose roles lie there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.db import transaction
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from zonewright.core.errors import NotAllowedError, StateError, UnknownReferenceError
from zonewright.core.schema import table
from zonewright.store.access import Access, roles
from zonewright.store.actions import tokens, trail
from zonewright.store.actions.users import create_user, require_name, set_password
from zonewright.store.models import ApiToken, Grant, User, Workspace, Zone
from zonewright.store.selectors import people as selectors


class _Links(PasswordResetTokenGenerator):
    """Links by which a person sets a password, good until used, outdated, or roles change.

    Who keeps some zones may make a link for an account that lies in them; once that account holds
    a role elsewhere, the link must no longer open it.
    """

    key_salt = "zonewright.store.actions.people"

    def _make_hash_value(self, user: User, timestamp: int) -> str:
        grants = Grant.objects.filter(user=user).order_by("pk").values_list("pk", flat=True)
        state = f"{user.is_active}{user.is_superuser}{list(grants)}"
        return super()._make_hash_value(user, timestamp) + state


_links = _Links()


def create_person(
    username: str,
    *,
    access: Access,
    origin: str = "",
    name: str = "",
    role: str = "",
    zone: str = "",
    hierarchy: str = "",
) -> User:
    """Make an account without a password; its holder sets one by a link (`make_link`).

    Parameters
    ----------
    username, name
        What the person signs in with, and what they are called.
    role, zone, hierarchy
        A first role, as in `grant`; only who administers the whole workspace may leave it out.

    Raises
    ------
    InputError
        If the name is empty, taken or cannot be one, or the role is none.
    NotAllowedError
        If the role would reach beyond the zones of who asks.
    """
    _require_administrator(access)
    if not role:
        access.require("administer")
    with transaction.atomic():
        require_name(username)
        user = User(username=username, first_name=name.strip())
        user.set_unusable_password()
        user.save()
        after = {"name": name.strip()}
        _note("create", user, access, origin, after=after)
        if role:
            _grant(user, role, zone, hierarchy, access, origin)
    return user


def open_account(
    username: str,
    password: str,
    *,
    access: Access,
    origin: str = "",
    role: str = "",
    zone: str = "",
    hierarchy: str = "",
) -> User:
    """Make an account that can sign in at once, for who works on the machine itself.

    Parameters
    ----------
    username, password
        What the person signs in with.
    role, zone, hierarchy
        Its role, as in `grant`; without one the account administers the whole workspace.

    Raises
    ------
    InputError
        If the name is empty or taken, the password is too weak, or the role is none.
    """
    access.require("administer")
    with transaction.atomic():
        user = create_user(username, password, is_superuser=not role, by=access.name, origin=origin)
        if role:
            _grant(user, role, zone, hierarchy, access, origin)
    return user


def grant(
    user: User, role: str, *, access: Access, origin: str = "", zone: str = "", hierarchy: str = ""
) -> Grant:
    """Give somebody a role; one that they hold already stays as it is.

    Parameters
    ----------
    role
        Code of the role.
    zone
        Code of the zone; empty means the whole workspace.
    hierarchy
        Hierarchy that says what lies in the zone; empty means every one.

    Raises
    ------
    UnknownReferenceError
        If there is no such account, role, zone or hierarchy, or who asks may not see it.
    NotAllowedError
        If the role reaches beyond the zones of who asks, or they would lift themselves.
    """
    _require_visible(access, user)
    with transaction.atomic():
        return _grant(user, role, zone, hierarchy, access, origin)


def _grant(user: User, role: str, zone: str, hierarchy: str, access: Access, origin: str) -> Grant:
    if access.name == user.get_username() and not access.may("administer"):
        raise NotAllowedError("grant-to-oneself")
    if role not in roles():
        raise UnknownReferenceError("role-unknown", role=role, known=", ".join(roles()))
    known = table("memberships")["hierarchy"].choices
    if hierarchy and hierarchy not in known:
        raise UnknownReferenceError("hierarchy-unknown", name=hierarchy, known=", ".join(known))
    found = _zone_to_grant(access, zone, hierarchy)
    held, made = Grant.objects.get_or_create(
        user=user,
        role=role,
        zone=found,
        hierarchy=hierarchy if found else "",
        defaults={"granted_by": access.name},
    )
    if made:
        _note("grant", user, access, origin, after=_said(held))
    return held


def _zone_to_grant(access: Access, code: str, hierarchy: str) -> Zone | None:
    if not code:
        access.require("administer")
        return None
    access.require("administer", code)
    zone = Zone.objects.filter(code=code).first()
    if zone is None:
        raise UnknownReferenceError("zone-not-seen", zone=code)
    own = access.zones("administer")
    beyond = selectors.reach([(code, hierarchy)])[(code, hierarchy)] - (own or frozenset())
    if own is not None and beyond:
        raise NotAllowedError("grant-too-wide", zone=code, beyond=", ".join(sorted(beyond)))
    return zone


def revoke(held: Grant, *, access: Access, origin: str = "") -> None:
    """Take a role away from somebody; one that is gone already stays gone.

    Raises
    ------
    UnknownReferenceError
        If who asks may not see the account.
    NotAllowedError
        If the role reaches beyond their zones.
    StateError
        If nobody could administer the workspace any more.
    """
    user = held.user
    _require_visible(access, user)
    with _leaving_an_administrator():
        kept = {item.grant.pk: item.is_kept for item in selectors.people(access, [user])[0].held}
        if not kept.get(held.pk, not Grant.objects.filter(pk=held.pk).exists()):
            raise NotAllowedError("grant-of-others")
        before = _said(held)
        if Grant.objects.filter(pk=held.pk).delete()[0]:
            _note("revoke", user, access, origin, before=before)


def demote(user: User, *, access: Access, origin: str = "") -> None:
    """Take the whole workspace away from an account that may do everything (made on the machine).

    Raises
    ------
    StateError
        If nobody could administer the workspace any more.
    """
    access.require("administer")
    with _leaving_an_administrator():
        if User.objects.filter(pk=user.pk, is_superuser=True).update(
            is_superuser=False, is_staff=False
        ):
            before = {"is_superuser": True}
            _note("revoke", user, access, origin, before=before)


def switch(user: User, *, on: bool, access: Access, origin: str = "") -> None:
    """Switch an account off, which ends its sessions and tokens at once, or on again.

    Raises
    ------
    NotAllowedError
        If the account is not in the hands of who asks, or their own.
    StateError
        If nobody could administer the workspace any more.
    """
    _require_keeper(access, user)
    if access.name == user.get_username():
        raise NotAllowedError("switch-oneself")
    with _leaving_an_administrator():
        if User.objects.filter(pk=user.pk, is_active=not on).update(is_active=on):
            _note(
                "switch on" if on else "switch off",
                user,
                access,
                origin,
                before={"is_active": not on},
                after={"is_active": on},
            )


def make_link(user: User, *, access: Access, origin: str = "") -> str:
    """Return the secret of a link by which the holder of an account sets a new password, once.

    Raises
    ------
    NotAllowedError
        If the account is not in the hands of who asks.
    StateError
        If it is switched off.
    """
    _require_keeper(access, user)
    if not user.is_active:
        raise StateError("person-off", name=user.get_username())
    with transaction.atomic():
        _note("make link", user, access, origin)
    return _links.make_token(user)


def opens(user: User, secret: str) -> bool:
    """Return whether a link's secret is still good for an account."""
    return user.is_active and _links.check_token(user, secret)


def set_password_by_link(user: User, secret: str, password: str, *, origin: str = "") -> None:
    """Set the password of an account by a link, which is used up by it.

    Raises
    ------
    StateError
        If the link is outdated or was used.
    InputError
        If the password is too weak.
    """
    with transaction.atomic():
        # Two requests with one link: the second waits here, then finds it used.
        locked = User.objects.select_for_update().get(pk=user.pk)
        if not opens(locked, secret):
            raise StateError("link-outdated")
        set_password(locked.get_username(), password, by=locked.get_username(), origin=origin)


def remove_second_factor(user: User, *, access: Access, origin: str = "") -> bool:
    """Remove the second factor of somebody who lost it; return whether there was one.

    Raises
    ------
    NotAllowedError
        If the account is not in the hands of who asks.
    """
    _require_keeper(access, user)
    with transaction.atomic():
        count, _ = TOTPDevice.objects.filter(user=user).delete()
        StaticDevice.objects.filter(user=user).delete()
        if count:
            _note("remove second factor", user, access, origin)
    return bool(count)


def revoke_tokens(user: User, *, access: Access, origin: str = "") -> int:
    """End every token of somebody; return how many there were.

    Raises
    ------
    NotAllowedError
        If the account is not in the hands of who asks.
    """
    _require_keeper(access, user)
    with transaction.atomic():
        valid = ApiToken.objects.filter(user=user, revoked_at=None).select_related("zone", "user")
        return sum(tokens.revoke(token, access=access, origin=origin) for token in valid)


@contextmanager
def _leaving_an_administrator() -> Iterator[None]:
    """Write in a transaction that fails if nobody could administer the workspace after it."""
    with transaction.atomic():
        # Two who take away each other's role must not both succeed.
        Workspace.objects.select_for_update().first()
        had_any = selectors.administrators().exists()
        yield
        if had_any and not selectors.administrators().exists():
            raise StateError("administrator-last")


def _require_administrator(access: Access) -> None:
    """Refuse with 404 who administers nothing: to them there are no people."""
    if not access.may_anywhere("administer"):
        raise UnknownReferenceError("person-unknown", name="*")


def _require_visible(access: Access, user: User) -> None:
    selectors.found(access, user.get_username())


def _require_keeper(access: Access, user: User) -> None:
    _require_visible(access, user)
    if not selectors.keeps(access, user):
        raise NotAllowedError("person-of-others", name=user.get_username())


def _said(held: Grant) -> dict[str, object]:
    return {
        "role": held.role,
        "zone": held.zone.code if held.zone is not None else "*",
        "hierarchy": held.hierarchy,
    }


def _note(
    action: str,
    user: User,
    access: Access,
    origin: str,
    *,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
) -> None:
    trail.note(
        action,
        by=access.name,
        origin=origin,
        table="users",
        code=user.get_username(),
        before=before,
        after=after,
    )
