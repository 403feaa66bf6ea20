"""Who asks: the account of the session, read once for as long as accounts stay as they are."""

from __future__ import annotations

from copy import copy

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from zonewright.web import moment


class ReaderOfSession(AuthenticationMiddleware):
    """Lay the reader beside the request, as Django does, without asking for the account again."""

    def process_request(self, request: HttpRequest) -> None:
        """Let ``request.user`` be found when somebody first asks."""
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: _reader(request))  # type: ignore[assignment]


def _reader(request: HttpRequest) -> AbstractBaseUser | AnonymousUser:
    # The session's fingerprint of the password is part of the key: what was found for it was
    # compared with the account, and an account that changes is read and compared again.
    names = (SESSION_KEY, BACKEND_SESSION_KEY, HASH_SESSION_KEY)
    known = tuple(request.session.get(name) for name in names)
    if None in known:
        return get_user(request)
    return copy(
        moment.kept(request, ("reader", *known), ("store_user",), lambda: get_user(request))
    )
