"""Tokens by which a person's programs reach the API; only the fingerprint of each is kept."""

from __future__ import annotations

import logging
import secrets
from datetime import timedelta
from hashlib import sha256

from django.db import OperationalError, transaction
from django.db.models import Q
from django.utils import timezone

from zonewright.core.errors import InputError, NotAllowedError, RangeError, UnknownReferenceError
from zonewright.store.access import Access, roles
from zonewright.store.actions import trail
from zonewright.store.models import ApiToken, User, Zone
from zonewright.store.selectors import people

log = logging.getLogger(__name__)

MARK = "zw_"
DEFAULT_DAYS = 90
MOST_DAYS = 365
_PREFIX = len(MARK) + 6
_RANDOM_BYTES = 32  # 43 characters in a URL
_USE_NOTED_EVERY = timedelta(minutes=1)


def issue(
    user: User,
    name: str,
    *,
    access: Access,
    origin: str = "",
    role: str = "",
    zone: Zone | None = None,
    hierarchy: str = "",
    days: int = DEFAULT_DAYS,
) -> tuple[str, ApiToken]:
    """Make a token for a person's program and return its text, which is never shown again.

    Parameters
    ----------
    user
        Whose token it is: people make tokens for themselves only.
    name
        What it is for.
    role, zone, hierarchy
        What the token may do at most, as in `Grant`; an empty role means as much as its holder.
    days
        For how long it is valid, at most a year.

    Raises
    ------
    NotAllowedError
        If somebody asks for another person's token.
    InputError
        If it has no name, its limit is no grant, or it would be valid for too long.
    """
    if access.name != user.get_username():
        raise NotAllowedError("token-of-another")
    if not name.strip():
        raise InputError("token-name-empty")
    if role and role not in roles():
        raise UnknownReferenceError("role-unknown", role=role, known=", ".join(roles()))
    if zone is not None and not role:
        raise InputError("token-limit-role")
    if not 1 <= days <= MOST_DAYS:
        raise RangeError("token-days", days=days, most=MOST_DAYS)
    text = MARK + secrets.token_urlsafe(_RANDOM_BYTES)
    with transaction.atomic():
        token = ApiToken.objects.create(
            user=user,
            name=name.strip(),
            prefix=text[:_PREFIX],
            digest=_digest(text),
            role=role,
            zone=zone,
            hierarchy=hierarchy if zone is not None else "",
            expires_at=timezone.now() + timedelta(days=days),
        )
        _note("create", token, access, origin, after=_limits(token))
    return text, token


def revoke(token: ApiToken, *, access: Access, origin: str = "") -> bool:
    """End a token at once; return False if it had been ended before.

    Raises
    ------
    NotAllowedError
        If who asks is neither its holder nor keeps the account.
    """
    holder = token.user
    if access.name != holder.get_username() and not people.keeps(access, holder):
        raise NotAllowedError("person-of-others", name=holder.get_username())
    with transaction.atomic():
        ended = ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(
            revoked_at=timezone.now()
        )
        if ended:
            _note("revoke", token, access, origin, before=_limits(token))
    return bool(ended)


def authenticate(text: str, *, address: str) -> tuple[User, ApiToken] | None:
    """Return the person and the token that a text stands for; None if it is good for nothing.

    Parameters
    ----------
    text
        The token as the program sent it.
    address
        Where the request came from, for the log.
    """
    if not text.startswith(MARK):
        return None
    token = ApiToken.objects.select_related("user", "zone").filter(digest=_digest(text)).first()
    if token is None:
        log.warning("A token that nobody was given came from %s", address)
        return None
    now = timezone.now()
    expired = token.expires_at is not None and token.expires_at <= now
    if token.revoked_at is not None or expired or not token.user.is_active:
        log.warning("Token %s…, no longer valid, came from %s", token.prefix, address)
        return None
    stale = now - _USE_NOTED_EVERY
    if token.last_used_at is None or token.last_used_at < stale:
        try:
            ApiToken.objects.filter(
                Q(last_used_at=None) | Q(last_used_at__lt=stale), pk=token.pk
            ).update(last_used_at=now)
        except OperationalError:
            # A long import holds the workspace: reading goes on, the use is noted next time.
            log.info("The use of token %s… could not be noted", token.prefix)
    return token.user, token


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _limits(token: ApiToken) -> dict[str, object]:
    """Return what the trail tells of a token: never the token, nor its fingerprint."""
    return {
        "name": token.name,
        "prefix": token.prefix,
        "role": token.role,
        "zone": token.zone.code if token.zone is not None else "",
        "hierarchy": token.hierarchy,
        "expires_at": token.expires_at.isoformat() if token.expires_at else "",
    }


def _note(
    action: str,
    token: ApiToken,
    access: Access,
    origin: str,
    *,
    before: dict[str, object] | None = None,
    after: dict[str, object] | None = None,
) -> None:
    trail.note(
        action,
        by=access.name,
        origin=origin,
        table="tokens",
        code=token.user.get_username(),
        before=before,
        after=after,
    )
