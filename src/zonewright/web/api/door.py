"""What every request to the API passes: its token, how often it asks, errors as problems."""

from __future__ import annotations

import json
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.functional import SimpleLazyObject

from zonewright.core.errors import ZonewrightError
from zonewright.store.access import access_of
from zonewright.store.actions.attachments import MAX_BYTES
from zonewright.store.actions.tokens import authenticate
from zonewright.store.models import User
from zonewright.web.api import problems, rates
from zonewright.web.api.addresses import is_api
from zonewright.web.api.problems import ApiError

# What a program must read before it can know how to sign in.
PUBLIC = frozenset({"/api/v1/openapi.json"})
# A file and the fields of the form that brings it [bytes].
_MOST_OF_FORM = MAX_BYTES + 64 * 1024
_MOST_OF_JSON = 2_500 * 1024
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_JSON = frozenset({"application/json", "application/merge-patch+json"})


class ApiDoor:
    """Let in who brings a token, or reads with the cookie of the desk; answer with problems."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request to the API; pass on what is none."""
        if not is_api(request.path):
            return self.get_response(request)
        try:
            gauge = _enter(request)
            _check_form(request)
        except ApiError as error:
            return _finished(problems.of_error(error))
        response = self.get_response(request)
        if response.status_code >= 400 and _is_page(response):
            told = problems.of_status(request, response.status_code)
            if response.has_header("Allow"):
                told["Allow"] = response["Allow"]
            response = told
        for name, value in gauge.headers.items():
            response[name] = value
        return _finished(response)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Return the problem that an error of the library is; leave the others to Django."""
        if not isinstance(error, ZonewrightError) or not is_api(request.path):
            return None
        return problems.of_error(error)


def _finished(response: HttpResponse) -> HttpResponse:
    patch_vary_headers(response, ("Authorization", "Accept-Language", "Cookie"))
    return response


def _is_page(response: HttpResponse) -> bool:
    return "json" not in response.get("Content-Type", "")


def _enter(request: HttpRequest) -> rates.Gauge:
    """Find out who asks, and count it."""
    address = str(request.META.get("REMOTE_ADDR", ""))
    kind = "read" if request.method in _SAFE else "write"
    # A program carries no cookies that another site could make a browser send.
    request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]
    text = request.headers.get("Authorization", "")
    if text:
        rates.refuse_above(rates.used(address, "refused"))
        found = authenticate(text.removeprefix("Bearer ").strip(), address=address)
        if found is None or not text.startswith("Bearer "):
            rates.count(address, "refused")
            raise _unknown("api-token-refused")
        user, token = found
        request.user = user
        request.api_token = token  # type: ignore[attr-defined]
        request.access = SimpleLazyObject(  # type: ignore[attr-defined]
            lambda: access_of(user, token=token)
        )
        return rates.count(f"token-{token.pk}", kind)
    if kind == "read" and _signed_in(request):
        return rates.count(f"user-{request.user.pk}", kind)
    if kind == "read" and request.path in PUBLIC:
        return rates.count(address, kind)
    rates.count(address, "refused")
    raise _unknown("api-sign-in")


def _signed_in(request: HttpRequest) -> bool:
    """Return whether the cookie of the desk says who asks (`web.sessions` has looked at it)."""
    return isinstance(request.user, User) and request.user.is_active


def _unknown(code: str) -> ApiError:
    headers = {"WWW-Authenticate": 'Bearer realm="zonewright"'}
    return ApiError(code, status=401, headers=headers)


def _check_form(request: HttpRequest) -> None:
    """Refuse a body that is no JSON (files come as a form), too large, or that no text may be."""
    if "%00" in request.META.get("QUERY_STRING", "") or "\0" in request.path:
        raise ApiError("api-unreadable", status=400)
    size = request.headers.get("Content-Length", "")
    if request.method in _SAFE or not size.isdecimal() or int(size) == 0:
        return
    of_files = request.path.endswith("/attachments")
    if int(size) > (_MOST_OF_FORM if of_files else _most_of_json()):
        raise ApiError("api-too-large", status=413)
    wanted = {"multipart/form-data"} if of_files else _JSON
    if request.content_type not in wanted:
        known = ", ".join(sorted(wanted))
        raise ApiError("api-media-type", status=415, given=request.content_type, known=known)
    if not of_files and b"\\u" in request.body and not _is_text(request.body):
        raise ApiError("api-unreadable", status=400)


def _most_of_json() -> int:
    """Return the most that a body of JSON may hold [bytes]; forms of the desk may hold more."""
    return min(_MOST_OF_JSON, settings.DATA_UPLOAD_MAX_MEMORY_SIZE)


def _is_text(body: bytes) -> bool:
    """Return whether JSON escapes only what a database keeps: no zero, no half of a pair."""
    try:
        told = json.dumps(json.loads(body), ensure_ascii=False)
        return "\\u0000" not in told and bool(told.encode())
    except (ValueError, RecursionError):
        return False
