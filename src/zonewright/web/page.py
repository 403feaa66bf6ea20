"""A view's answer: the whole page, or for HTMX the named partial that the page includes."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers


def wants_partial(request: HttpRequest) -> bool:
    """Return whether HTMX asks for a part of a page."""
    return "HX-Request" in request.headers and "HX-History-Restore-Request" not in request.headers


def page(
    request: HttpRequest,
    template: str,
    context: Mapping[str, object],
    *,
    partial: str = "",
    status: int = 200,
) -> HttpResponse:
    """Render a page, or its partial if HTMX asks and the page has one."""
    name = partial if partial and wants_partial(request) else template
    response = render(request, f"desk/{name}", dict(context), status=status)
    patch_vary_headers(response, ("HX-Request",))
    return response
