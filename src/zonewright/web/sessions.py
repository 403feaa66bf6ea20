"""Whose a request is: nobody's once the session has ended, or before the second factor is shown."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse

from zonewright.store.actions import second_factor
from zonewright.store.models import User
from zonewright.web import moment, session_times

# In the session: why an earlier one ended, and the second factor that was shown.
ENDED = "ended"
_SHOWN = "second_factor"
# Who gave a right password has so long for the second factor.
_PENDING_S = 10 * 60


class SessionGuard:
    """End sessions that are too old or idle, and let nobody in without their second factor.

    A reader whose account has one is nobody (`AnonymousUser`) until it was shown: only the page
    that asks for it knows them, as `pending`.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on, perhaps as nobody's."""
        user = request.user
        if isinstance(user, User):
            why = session_times.why_ended(request)
            if why:
                _end(request, why)
            else:
                session_times.note_seen(request)
                _ask_for_second_factor(request, user)
        return self.get_response(request)


def pending(request: HttpRequest) -> User | None:
    """Return who gave a right password and must yet show the second factor."""
    found: User | None = getattr(request, "pending", None)
    return found


def accept(request: HttpRequest, device: int) -> None:
    """Note that the second factor was shown; the session gets another key."""
    request.session[_SHOWN] = device
    request.session.cycle_key()


def _end(request: HttpRequest, why: str) -> None:
    request.session.flush()
    request.session[ENDED] = why
    request.user = AnonymousUser()


def _ask_for_second_factor(request: HttpRequest, user: User) -> None:
    device = moment.kept(
        request,
        ("second factor", user.pk),
        ("otp_totp_totpdevice",),
        lambda: second_factor.device_of(user),
    )
    if device is None or request.session.get(_SHOWN) == device.pk:
        return
    if session_times.age_s(request) > _PENDING_S:
        _end(request, "second factor")
        return
    request.pending = user  # type: ignore[attr-defined]
    request.user = AnonymousUser()
