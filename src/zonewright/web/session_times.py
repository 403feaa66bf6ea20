"""When a session began and its reader last asked: how long a sign-in lasts."""

from __future__ import annotations

import logging
import time

from django.conf import settings
from django.contrib.sessions.backends.base import UpdateError
from django.db import OperationalError
from django.http import HttpRequest

from zonewright.store.workspace import brief_waits

log = logging.getLogger(__name__)

_BEGAN = "began"
_SEEN = "seen"
# The time of the last request is written this many times within the idle time, not every time.
_WRITES = 24
_LONGEST_WRITE_S = 1.0


def begin(sender: object, request: HttpRequest, **given: object) -> None:
    """Note that a session begins (a receiver of ``user_logged_in``)."""
    request.session[_BEGAN] = request.session[_SEEN] = time.time()


def age_s(request: HttpRequest) -> float:
    """Return how long ago the session began [s]."""
    return time.time() - float(request.session.get(_BEGAN, 0.0))


def why_ended(request: HttpRequest) -> str:
    """Return ``age`` or ``idle`` if the session has ended by the clock, else ""."""
    if age_s(request) > settings.SESSION_COOKIE_AGE:
        return "age"
    idle_s = time.time() - float(request.session.get(_SEEN, 0.0))
    return "idle" if idle_s > settings.SESSION_IDLE_S else ""


def note_seen(request: HttpRequest) -> None:
    """Note that the reader asks; written at most every few minutes."""
    now = time.time()
    if now - float(request.session[_SEEN]) < settings.SESSION_IDLE_S / _WRITES:
        return
    request.session[_SEEN] = now
    try:
        with brief_waits(_LONGEST_WRITE_S):
            request.session.save()
    except (OperationalError, UpdateError):
        # A long import holds the workspace, or they sign out just now: the next one is noted.
        log.info("A reader's session could not be noted")
    request.session.modified = False
