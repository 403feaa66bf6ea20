"""What a reader chooses: light or dark. The language is chosen by Django's own view."""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import condition, require_POST, require_safe

from zonewright.web import theme

CHOICES = ("auto", *theme.THEMES)


def chosen_theme(request: HttpRequest) -> str:
    """Return ``auto``, ``light`` or ``dark``."""
    given = request.COOKIES.get(settings.THEME_COOKIE_NAME, "auto")
    return given if given in CHOICES else "auto"


@login_not_required
@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Keep the reader's choice in a cookie and go back to the page."""
    wanted = request.POST.get("theme", "")
    if wanted not in CHOICES:
        return HttpResponseBadRequest("theme: auto, light or dark")
    onward = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(
        onward, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        onward = "/"
    response = HttpResponseRedirect(onward)
    response.set_cookie(
        settings.THEME_COOKIE_NAME,
        wanted,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )
    return response


def _fingerprint(request: HttpRequest) -> str:
    return f'"{hashlib.sha256(theme.css().encode()).hexdigest()[:32]}"'


@login_not_required
@require_safe
@condition(etag_func=_fingerprint)
def theme_css(request: HttpRequest) -> HttpResponse:
    """Return the colours as a style sheet."""
    response = HttpResponse(theme.css(), content_type="text/css; charset=utf-8")
    response["Cache-Control"] = "public, max-age=300"
    return response
