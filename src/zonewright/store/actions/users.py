"""Accounts of the desk: made on the machine, and what their holders change of them."""

from __future__ import annotations

from axes.models import AccessAttempt
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from zonewright.core.errors import InputError
from zonewright.store.actions import trail
from zonewright.store.models import User

# A person's page stands at the address of their name; this one is taken by the form for a new one.
_TAKEN = frozenset({"new"})


def create_user(
    username: str,
    password: str,
    *,
    is_superuser: bool = False,
    language: str = "",
    by: str = "",
    origin: str = "",
) -> User:
    """Make an account that can sign in at once; whoever works on the machine may.

    Parameters
    ----------
    username, password
        What the person signs in with.
    is_superuser
        Whether the account may do everything: it is administrator of the whole workspace.
    language
        Language of the desk for this person; empty means the desk's own.
    by, origin
        Who makes it, and from where, for the audit trail.

    Raises
    ------
    InputError
        If the name is empty or taken, or the password is too weak.
    """
    require_name(username)
    require_strong(password, User(username=username))
    with transaction.atomic():
        user = User.objects.create_user(
            username,
            password=password,
            is_superuser=is_superuser,
            is_staff=is_superuser,
            language=language,
        )
        trail.note(
            "create",
            by=by or username,
            origin=origin,
            table="users",
            code=username,
            after={"is_superuser": is_superuser},
        )
    return user


def set_password(username: str, password: str, *, by: str = "", origin: str = "") -> User:
    """Give an account a new password: sessions end, and it need not wait after failed attempts.

    Raises
    ------
    InputError
        If there is no such account, or the password is too weak.
    """
    user = User.objects.filter(username=username).first()
    if user is None:
        raise InputError("user-unknown", name=username)
    require_strong(password, user)
    with transaction.atomic():
        user.set_password(password)
        user.save(update_fields=["password"])
        AccessAttempt.objects.filter(username=username).delete()
        trail.note("set password", by=by or username, origin=origin, table="users", code=username)
    return user


def set_language(user: User, language: str, *, origin: str = "") -> None:
    """Keep the language in which somebody reads the desk; empty means the browser's."""
    if user.language == language:
        return
    with transaction.atomic():
        before, user.language = user.language, language
        user.save(update_fields=["language"])
        trail.note(
            "update",
            by=user.get_username(),
            origin=origin,
            table="users",
            code=user.get_username(),
            before={"language": before},
            after={"language": language},
        )


def note_session(what: str, username: str, *, origin: str = "", reason: str = "") -> None:
    """Note in the trail that somebody signed in or out, failed to, or must wait.

    What was typed as a name is kept only if it is one: people type passwords there.

    Parameters
    ----------
    what
        ``sign in``, ``sign out``, ``fail to sign in`` or ``lock out``.
    reason
        What failed, if that is known.
    """
    known = username if has_user(username) else ""
    trail.note(what, by=known, origin=origin, table="sessions", code=known, reason=reason)


def has_user(username: str) -> bool:
    """Return whether there is an account of that name."""
    return User.objects.filter(username=username).exists()


def require_name(username: str) -> None:
    """Refuse a name that is empty, cannot be an account's, or is taken in any case of letters.

    Raises
    ------
    InputError
        Saying which.
    """
    if not username.strip():
        raise InputError("user-name-empty")
    try:
        User._meta.get_field("username").run_validators(username)
    except ValidationError as error:
        raise InputError("user-name-form", name=username) from error
    if username in _TAKEN or User.objects.filter(username__iexact=username).exists():
        raise InputError("user-name-taken", name=username)


def require_strong(password: str, user: User) -> None:
    """Refuse a password that is too weak.

    Raises
    ------
    InputError
        With what it lacks, in the language that is active.
    """
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise InputError("user-password-weak", reasons=" ".join(error.messages)) from error
