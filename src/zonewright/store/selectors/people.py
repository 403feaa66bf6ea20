"""Who works with the workspace, as far as who asks may manage them.

An administrator of the whole workspace sees every account. One of some zones sees the people who
hold a role there; the account itself (its password, whether it is on) is in their hands only if
every role of it lies in their zones.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from zonewright.core.errors import UnknownReferenceError
from zonewright.land.hierarchy import Hierarchy
from zonewright.store.access import Access
from zonewright.store.models import ApiToken, Grant, User, Zone
from zonewright.store.selectors.places import memberships

ADMINISTRATOR = "administrator"
# What Django writes in place of a password that nobody has set.
UNSET = "!"


@dataclass(frozen=True, slots=True)
class Held:
    """A role that somebody holds, and whether who asks may take it away."""

    grant: Grant
    is_kept: bool


@dataclass(frozen=True, slots=True)
class Person:
    """An account as a list shows it.

    Parameters
    ----------
    has_password
        Whether its holder has set one: before, nobody can sign in with it.
    seen_at
        When they last signed in, or a program of theirs last asked.
    """

    user: User
    held: tuple[Held, ...]
    has_password: bool
    has_second_factor: bool
    seen_at: datetime | None


def visible(access: Access) -> QuerySet[User]:
    """Return the accounts that who asks may see, by name."""
    users = User.objects.order_by("username")
    zones = access.zones("administer")
    if zones is None:
        return users
    return users.filter(Exists(Grant.objects.filter(user=OuterRef("pk"), zone__code__in=zones)))


def found(access: Access, username: str) -> User:
    """Return an account.

    Raises
    ------
    UnknownReferenceError
        If there is none of that name, or who asks may not see it.
    """
    user = visible(access).filter(username=username).first()
    if user is None:
        raise UnknownReferenceError("person-unknown", name=username)
    return user


def sought(
    access: Access, *, text: str = "", role: str = "", zone: str = "", state: str = ""
) -> QuerySet[User]:
    """Return the accounts that fit a filter.

    Parameters
    ----------
    text
        Part of the name.
    role, zone
        A role they hold, a zone in which they hold one; ``*`` is the whole workspace.
    state
        ``on``, ``off`` or ``new`` (no password set yet).
    """
    users = visible(access)
    if text:
        users = users.filter(Q(username__icontains=text) | Q(first_name__icontains=text))
    if role or zone:
        users = users.filter(_holding(access, role, zone))
    if state == "new":
        return users.filter(is_active=True, password__startswith=UNSET)
    if state in ("on", "off"):
        return users.filter(is_active=state == "on")
    return users


def _holding(access: Access, role: str, zone: str) -> Q:
    grants = Grant.objects.filter(user=OuterRef("pk"))
    zones = access.zones("administer")
    if zones is not None:
        grants = grants.filter(zone__code__in=zones)
    if role:
        grants = grants.filter(role=role)
    if zone:
        grants = grants.filter(zone=None) if zone == "*" else grants.filter(zone__code=zone)
    held = Q(Exists(grants))
    is_everything = role in ("", ADMINISTRATOR) and zone in ("", "*")
    return held | Q(is_superuser=True) if is_everything else held


def people(access: Access, users: Iterable[User]) -> list[Person]:
    """Return accounts with the roles that who asks may see, in a fixed number of queries."""
    users = list(users)
    pks = [user.pk for user in users]
    grants = _grants(access, pks)
    secured = set(
        TOTPDevice.objects.filter(user__in=pks, confirmed=True).values_list("user", flat=True)
    )
    used = dict(
        ApiToken.objects.filter(user__in=pks).values_list("user").annotate(Max("last_used_at"))
    )
    return [
        Person(
            user=user,
            held=tuple(held for held in grants if held.grant.user_id == user.pk),
            has_password=user.has_usable_password(),
            has_second_factor=user.pk in secured,
            seen_at=max(filter(None, (user.last_login, used.get(user.pk))), default=None),
        )
        for user in users
    ]


def _grants(access: Access, users: list[int]) -> list[Held]:
    grants = Grant.objects.filter(user__in=users).select_related("zone")
    own = access.zones("administer")
    if own is None:
        return [Held(grant, is_kept=True) for grant in grants]
    grants = grants.filter(zone__code__in=own)
    reached = reach((grant.zone.code, grant.hierarchy) for grant in grants if grant.zone)
    return [
        Held(grant, is_kept=grant.zone is not None and reached[_area(grant)] <= own)
        for grant in grants
    ]


def keeps(access: Access, user: User) -> bool:
    """Return whether an account is in the hands of who asks: its password, whether it is on."""
    own = access.zones("administer")
    if own is None:
        return True
    grants = list(Grant.objects.filter(user=user).select_related("zone"))
    if user.is_superuser or not grants or any(grant.zone is None for grant in grants):
        return False
    reached = reach((grant.zone.code, grant.hierarchy) for grant in grants if grant.zone)
    return all(zones <= own for zones in reached.values())


def reach(areas: Iterable[tuple[str, str]]) -> dict[tuple[str, str], frozenset[str]]:
    """Return today's zones of each area: a zone and what lies in it in a hierarchy.

    Parameters
    ----------
    areas
        Zone code and hierarchy; an empty hierarchy means every one.
    """
    wanted = dict.fromkeys(areas)
    if not wanted:
        return {}
    members, today = memberships(), timezone.localdate()
    kept = {
        name: Hierarchy.of(members[members["hierarchy"] == name] if name else members, today)
        for name in {hierarchy for _, hierarchy in wanted}
    }
    return {
        (zone, hierarchy): frozenset((zone, *kept[hierarchy].below(zone)))
        for zone, hierarchy in wanted
    }


def _area(grant: Grant) -> tuple[str, str]:
    return (grant.zone.code if grant.zone else "", grant.hierarchy)


def administrators() -> QuerySet[User]:
    """Return who could sign in and administer the whole workspace."""
    everywhere = Grant.objects.filter(user=OuterRef("pk"), role=ADMINISTRATOR, zone=None)
    return User.objects.filter(
        Q(is_superuser=True) | Q(Exists(everywhere)), is_active=True
    ).exclude(password__startswith=UNSET)


def zones_to_grant(access: Access) -> QuerySet[Zone]:
    """Return the zones in which who asks may grant roles."""
    codes = access.zones("administer")
    return Zone.objects.all() if codes is None else Zone.objects.filter(code__in=codes)
