"""What the workspace was when a request began, and what a process keeps as long as that holds.

The change tokens come with the reader's session. What is read from some tables is kept until one of
their tokens changes, whoever wrote to them; a request that may write reads everything anew.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping
from threading import Lock
from typing import TypeVar

from django.http import HttpRequest

from zonewright.store.selectors.sessions import all_tokens
from zonewright.web.session_store import SessionStore

Value = TypeVar("Value")

MOST = 4096
_READING = ("GET", "HEAD")
_lock = Lock()
_kept: dict[Hashable, tuple[tuple[str | None, ...], object]] = {}


def tokens(request: HttpRequest) -> Mapping[str, str]:
    """Return the change tokens of all tables, as they were when the request began."""
    found: Mapping[str, str] | None = getattr(request, "change_tokens", None)
    if found is None:
        session = request.session
        session.is_empty()  # reads it, if that was not done yet
        known = session.tokens if isinstance(session, SessionStore) else None
        found = all_tokens() if known is None else known
        request.change_tokens = found  # type: ignore[attr-defined]
    return found


def kept(
    request: HttpRequest, what: Hashable, tables: Collection[str], make: Callable[[], Value]
) -> Value:
    """Return something that rests on some tables alone; made anew when one of them changed.

    Parameters
    ----------
    what
        Names it, with all that it depends on besides the tables: the day, the language, the reader.
    tables
        Tables that have a change token (`store.spatial`).
    make
        Reads it. What it returns is shared by threads: nobody may change it.
    """
    if request.method not in _READING:
        return make()
    now = tokens(request)
    state = tuple(now.get(name) for name in tables)
    found = _kept.get(what)
    if found is not None and found[0] == state and None not in state:
        return found[1]  # type: ignore[return-value]
    made = make()
    with _lock:
        _kept.pop(what, None)
        while len(_kept) >= MOST:
            del _kept[next(iter(_kept))]
        _kept[what] = (state, made)
    return made
