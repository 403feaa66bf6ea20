"""Slow down guessing of passwords: after five failures a name and address wait fifteen minutes."""

from __future__ import annotations

import hashlib

from django.core.cache import cache

LIMIT = 5
LOCKED_S = 15 * 60


def _key(username: str, address: str) -> str:
    digest = hashlib.sha256(f"{username.strip().casefold()}\0{address}".encode()).hexdigest()
    return f"sign-in:{digest}"


def is_locked(username: str, address: str) -> bool:
    """Return whether this name must wait at this address."""
    return int(cache.get(_key(username, address), 0)) >= LIMIT


def note_failure(username: str, address: str) -> None:
    """Count a failed attempt; the wait runs from the last one counted."""
    key = _key(username, address)
    cache.add(key, 0, LOCKED_S)
    cache.incr(key)
    cache.touch(key, LOCKED_S)


def forget(username: str, address: str) -> None:
    """Start again from none, after a sign-in."""
    cache.delete(_key(username, address))
