"""Read settings from the environment; what cannot be understood fails at the start."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"", "0", "false", "no", "off"})


def env_bool(name: str, *, default: bool = False) -> bool:
    """Return a switch of the environment.

    Raises
    ------
    ImproperlyConfigured
        If the value is neither yes nor no.
    """
    given = os.environ.get(name)
    if given is None:
        return default
    value = given.strip().lower()
    if value in _TRUE:
        return True
    if value in _FALSE:
        return False
    raise ImproperlyConfigured(f"{name} must be 1 or 0, not {given!r}.")


def env_list(name: str, *, default: tuple[str, ...] = ()) -> list[str]:
    """Return the comma-separated values of a variable."""
    given = os.environ.get(name)
    if given is None:
        return list(default)
    return [part.strip() for part in given.split(",") if part.strip()]


def env_number(name: str, default: int, *, least: int = 1) -> int:
    """Return a whole number, not less than `least`.

    Raises
    ------
    ImproperlyConfigured
        If the value is none.
    """
    given = os.environ.get(name, "").strip()
    if not given:
        return default
    if not given.isdecimal() or int(given) < least:
        raise ImproperlyConfigured(
            f"{name} must be a whole number, {least} or more, not {given!r}."
        )
    return int(given)


def env_secret(name: str) -> str:
    """Return a secret from ``NAME``, or from the file that ``NAME_FILE`` names; else "".

    Raises
    ------
    ImproperlyConfigured
        If both are set, or the file cannot be read or is empty.
    """
    value = os.environ.get(name, "")
    file = os.environ.get(f"{name}_FILE", "")
    if value and file:
        raise ImproperlyConfigured(f"Set {name} or {name}_FILE, not both.")
    if not file:
        return value
    try:
        content = Path(file).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ImproperlyConfigured(f"{name}_FILE: {file} cannot be read: {error}.") from error
    if not content:
        raise ImproperlyConfigured(f"{name}_FILE: {file} is empty.")
    return content


def local_secret_key(workspace: Path) -> str:
    """Return the key kept beside a workspace file, making it at the first call.

    Only its owner may read the file ``NAME.sqlite.key``. Deleting it signs everybody out.
    """
    path = workspace.with_name(workspace.name + ".key")
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        key = path.read_text(encoding="ascii").strip()
        if len(key) < 50:
            raise ImproperlyConfigured(
                f"{path} holds no usable key; delete it and a new one is made."
            ) from None
        return key
    key = secrets.token_urlsafe(64)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(key + "\n")
    return key
