"""Accounts of the desk."""

from __future__ import annotations

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from zonewright.core.errors import InputError
from zonewright.store.models import AuditEntry, User


def create_user(
    username: str,
    password: str,
    *,
    is_superuser: bool = False,
    language: str = "",
    by: str = "",
    origin: str = "",
) -> User:
    """Make an account.

    Parameters
    ----------
    username, password
        What the person signs in with.
    is_superuser
        Whether the account may do everything.
    language
        Language of the desk for this person; empty means the desk's own.
    by, origin
        Who makes it, and from where, for the audit trail.

    Raises
    ------
    InputError
        If the name is empty or taken, or the password is too weak.
    """
    if not username.strip():
        raise InputError("user-name-empty")
    try:
        validate_password(password, User(username=username))
    except ValidationError as error:
        raise InputError("user-password-weak", reasons=" ".join(error.messages)) from error
    with transaction.atomic():
        if User.objects.filter(username=username).exists():
            raise InputError("user-name-taken", name=username)
        user = User.objects.create_user(
            username,
            password=password,
            is_superuser=is_superuser,
            is_staff=is_superuser,
            language=language,
        )
        AuditEntry.objects.create(
            at=timezone.now(),
            by=by or username,
            origin=origin,
            action="create",
            table="users",
            code=username,
            after={"is_superuser": is_superuser},
        )
    return user


def set_password(username: str, password: str, *, by: str = "", origin: str = "") -> User:
    """Give an account a new password.

    Raises
    ------
    InputError
        If there is no such account, or the password is too weak.
    """
    user = User.objects.filter(username=username).first()
    if user is None:
        raise InputError("user-unknown", name=username)
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise InputError("user-password-weak", reasons=" ".join(error.messages)) from error
    with transaction.atomic():
        user.set_password(password)
        user.save(update_fields=["password"])
        AuditEntry.objects.create(
            at=timezone.now(),
            by=by or username,
            origin=origin,
            action="set password",
            table="users",
            code=username,
        )
    return user


def has_user(username: str) -> bool:
    """Return whether there is an account of that name."""
    return User.objects.filter(username=username).exists()
