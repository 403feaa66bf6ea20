"""What every request passes: sign-in, private caching, and errors in the reader's words."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.core.exceptions import BadRequest, RequestDataTooBig
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control

from zonewright.core.errors import (
    InputError,
    NotAllowedError,
    StateError,
    UnknownReferenceError,
    ZonewrightError,
)
from zonewright.web.api.addresses import is_api
from zonewright.web.page import wants_partial
from zonewright.web.upload_limit import MOST_OF_STRANGERS
from zonewright.web.views.errors import error_page, takes_forms_only

Respond = Callable[[HttpRequest], HttpResponse]
log = logging.getLogger(__name__)


class SignInRequired(LoginRequiredMiddleware):
    """Send whoever has not signed in to the sign-in page, HTMX requests as a whole."""

    def process_view(
        self,
        request: HttpRequest,
        view_func: Callable[..., HttpResponseBase],
        view_args: tuple[object, ...],
        view_kwargs: dict[str, object],
    ) -> HttpResponseBase | None:
        """Leave the API to its own door (`web.api.door`), which has refused who is unknown."""
        if is_api(request.path):
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)

    def handle_no_permission(
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseRedirect:
        """Return the redirect; a fragment must not be replaced by a sign-in form."""
        response = super().handle_no_permission(request, view_func)
        if wants_partial(request):
            response.headers["HX-Redirect"] = response.url
            del response.headers["Location"]
            response.status_code = 401
        return response


class PlainText:
    """Refuse what no text may hold: PostgreSQL keeps no zero sign, and says so only when asked."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on.

        Raises
        ------
        RequestDataTooBig
            If whoever has not signed in sends more than a form of theirs holds.
        """
        size = request.headers.get("Content-Length", "")
        is_large = size.isdecimal() and int(size) > MOST_OF_STRANGERS
        if is_large and not is_api(request.path) and not request.user.is_authenticated:
            raise RequestDataTooBig("Strangers send no such form.")
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *view: object) -> None:
        """Look at address and form; the API looks at what it is sent itself (`web.api.door`).

        Raises
        ------
        BadRequest
            If a zero sign stands in one.
        """
        if is_api(request.path):
            return
        fields = [value for _, values in request.POST.lists() for value in values]
        if "\0" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest("zero sign")
        if any("\0" in value for value in fields):
            raise BadRequest("zero sign")


class PrivatePages:
    """Keep pages of signed-in readers out of shared caches."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Mark the answer private, unless its view said more."""
        response = self.get_response(request)
        response.headers.setdefault(
            "Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()"
        )
        if not response.has_header("Cache-Control"):
            patch_cache_control(response, private=True, no_cache=True)
        return response


class ErrorPages:
    """Turn the errors of the library into pages, or fragments, with their text."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and not is_api(request.path):
            return takes_forms_only(request, response)
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Return the page of an error of the library; leave the others to Django."""
        if not isinstance(error, ZonewrightError) or is_api(request.path):
            return None
        status = status_of(error)
        if status >= 500:
            log.error("%s %s: %s", request.method, request.path, error, exc_info=error)
        return error_page(request, status=status, error=error)


def status_of(error: ZonewrightError) -> int:
    """Return the HTTP status that says what kind of error it is."""
    if isinstance(error, UnknownReferenceError):
        return 404
    if isinstance(error, NotAllowedError):
        return 403
    if isinstance(error, InputError):
        return 422
    return 409 if isinstance(error, StateError) else 500
