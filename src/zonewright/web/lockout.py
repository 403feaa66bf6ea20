"""How guessing of passwords is slowed down, with django-axes; the database knows what was tried.

After five failures a name must wait a quarter of an hour at that address. One address that fails
thirty times in a quarter of an hour, whatever the names, waits as long: so many names cannot be
tried with one password each.
"""

from __future__ import annotations

from axes.attempts import get_cool_off_threshold
from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth import authenticate
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse

from zonewright.store.models import User


class Lockout(AxesDatabaseHandler):  # type: ignore[misc]  # axes has no types
    """Count failures of a name at an address, and of an address with all its names."""

    def get_failures(
        self, request: HttpRequest, credentials: dict[str, object] | None = None
    ) -> int:
        """Return how many failures count against an attempt."""
        failures = int(super().get_failures(request, credentials))
        if failures >= settings.AXES_FAILURE_LIMIT or not request.axes_ip_address:  # type: ignore[attr-defined]
            return failures
        sprayed = AccessAttempt.objects.filter(
            ip_address=request.axes_ip_address,  # type: ignore[attr-defined]
            attempt_time__gte=get_cool_off_threshold(request),
        ).aggregate(total=Sum("failures_since_start"))["total"]
        is_full = (sprayed or 0) >= settings.SIGN_IN_FAILURES_OF_ADDRESS
        return int(settings.AXES_FAILURE_LIMIT) if is_full else failures


def is_password(request: HttpRequest, user: User, password: str) -> bool:
    """Return whether somebody who has signed in knows their password; failures count as there."""
    return authenticate(request, username=user.get_username(), password=password) is not None


def was_refused(request: HttpRequest) -> bool:
    """Return whether an attempt was not even looked at, because it came too soon."""
    return _is_locked(request) and request.axes_failures_since_start is None  # type: ignore[attr-defined]


def has_begun(request: HttpRequest) -> bool:
    """Return whether the waiting begins with this failure."""
    return _is_locked(request) and not was_refused(request)


def _is_locked(request: HttpRequest) -> bool:
    return bool(getattr(request, "axes_locked_out", False))


def answer(
    request: HttpRequest, response: HttpResponse, credentials: dict[str, object] | None = None
) -> HttpResponse:
    """Keep the page that a view made (axes' own is a line of English); say that it is too early."""
    if was_refused(request):
        response.status_code = 429
        response.headers["Retry-After"] = str(int(settings.AXES_COOLOFF_TIME.total_seconds()))
    return response
