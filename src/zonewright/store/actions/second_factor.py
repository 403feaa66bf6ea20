"""The second factor of an account: codes of an app on its holder's phone, and recovery codes.

Of a recovery code only the fingerprint is kept. A code is good once; after a wrong one the next
must wait, twice as long each time.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from django.db import transaction
from django.utils import timezone
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from zonewright.core.errors import InputError, StateError
from zonewright.store.actions import trail
from zonewright.store.models import User

RECOVERY_CODES = 10
_NAME = "desk"
# Without letters and digits that are taken for one another; 12 of 31 are 59 bits.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _LENGTH = 3, 4
_KEPT = 16
_LONGEST_APP_CODE = 8


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a code was right; if not, for how long the next one must wait [s].

    Parameters
    ----------
    kind
        ``code`` of the app, ``recovery`` code, or empty if the code was refused.
    wait_s
        0 if the next attempt need not wait.
    """

    kind: Literal["code", "recovery", ""]
    wait_s: int = 0


def device_of(user: User) -> TOTPDevice | None:
    """Return the confirmed second factor of an account, if it has one."""
    return TOTPDevice.objects.filter(user=user, confirmed=True).order_by("pk").first()


def begin(user: User) -> TOTPDevice:
    """Return a second factor to be confirmed, the same one until it is.

    Raises
    ------
    StateError
        If the account has a confirmed one.
    """
    with transaction.atomic():
        _lock(user)
        if device_of(user) is not None:
            raise StateError("second-factor-on")
        waiting = TOTPDevice.objects.filter(user=user, confirmed=False).first()
        return waiting or TOTPDevice.objects.create(user=user, name=_NAME, confirmed=False)


def confirm(user: User, code: str, *, origin: str = "") -> tuple[TOTPDevice, tuple[str, ...]]:
    """Turn the second factor on by its first code; return it with the recovery codes.

    Raises
    ------
    StateError
        If none waits to be confirmed.
    InputError
        If the code is wrong, or comes too soon after a wrong one.
    """
    with transaction.atomic():
        _lock(user)
        waiting = TOTPDevice.objects.filter(user=user, confirmed=False).first()
        if waiting is None:
            raise StateError("second-factor-not-begun")
        is_right = waiting.verify_token(_digits(code))
        if is_right:
            TOTPDevice.objects.filter(user=user).exclude(pk=waiting.pk).delete()
            waiting.confirmed = True
            waiting.save(update_fields=["confirmed"])
            codes = _renew_codes(user)
            _note("turn on second factor", user, origin)
    if not is_right:
        raise InputError("second-factor-code")
    return waiting, codes


def renew_codes(user: User, *, origin: str = "") -> tuple[str, ...]:
    """Return new recovery codes; the earlier ones are no longer good.

    Raises
    ------
    StateError
        If the account has no second factor.
    """
    with transaction.atomic():
        _lock(user)
        if device_of(user) is None:
            raise StateError("second-factor-off")
        _note("renew recovery codes", user, origin)
        return _renew_codes(user)


def codes_left(user: User) -> int:
    """Return how many recovery codes have not been used."""
    return int(StaticToken.objects.filter(device__user=user).count())


def turn_off(user: User, *, origin: str = "") -> None:
    """Turn one's own second factor off; one that is off stays off."""
    with transaction.atomic():
        count, _ = TOTPDevice.objects.filter(user=user).delete()
        StaticDevice.objects.filter(user=user).delete()
        if count:
            _note("turn off second factor", user, origin)


def verify(user: User, code: str) -> Verdict:
    """Say whether a code of the app, or a recovery code, is right; either is good once."""
    text = code.strip().lower().replace(" ", "").replace("-", "")
    with transaction.atomic():
        # Of two requests with one code the second waits here, then finds it used.
        _lock(user)
        is_app = text.isdecimal() and len(text) <= _LONGEST_APP_CODE
        model = TOTPDevice if is_app else StaticDevice
        device = model.objects.filter(user=user, confirmed=True).order_by("pk").first()
        if device is None:
            return Verdict("")
        allowed, why = device.verify_is_allowed()
        if not allowed:
            until = (why or {}).get("locked_until")
            wait = (until - timezone.now()).total_seconds() if until else 1
            return Verdict("", max(1, round(wait)))
        if device.verify_token(text if is_app else _fingerprint(text)):
            return Verdict("code" if is_app else "recovery")
    return Verdict("")


def _lock(user: User) -> None:
    User.objects.select_for_update().get(pk=user.pk)


def _renew_codes(user: User) -> tuple[str, ...]:
    StaticDevice.objects.filter(user=user).delete()
    device = StaticDevice.objects.create(user=user, name=_NAME)
    texts = [
        "".join(secrets.choice(_LETTERS) for _ in range(_GROUPS * _LENGTH))
        for _ in range(RECOVERY_CODES)
    ]
    StaticToken.objects.bulk_create(
        StaticToken(device=device, token=_fingerprint(text)) for text in texts
    )
    return tuple(
        "-".join(text[start : start + _LENGTH] for start in range(0, len(text), _LENGTH))
        for text in texts
    )


def _fingerprint(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:_KEPT]


def _digits(code: str) -> str:
    return code.strip().replace(" ", "")


def _note(action: str, user: User, origin: str) -> None:
    name = user.get_username()
    trail.note(action, by=name, origin=origin, table="users", code=name)
