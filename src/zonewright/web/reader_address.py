"""From where a reader asks: behind proxies that are trusted, what the outermost of them saw."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse


class ReaderAddress:
    """Put the reader's address in place of the proxy's (``ZONEWRIGHT_PROXIES``).

    Each proxy appends to ``X-Forwarded-For`` the address from which it was asked; what stands
    before the trusted proxies' entries was written by the reader, and is not believed.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        if settings.PROXIES:
            passed = request.headers.get("X-Forwarded-For", "").split(",")
            address = _address(passed[-settings.PROXIES]) if len(passed) >= settings.PROXIES else ""
            if address:
                request.META["REMOTE_ADDR"] = address
        return self.get_response(request)


def address_of(request: HttpRequest) -> str | None:
    """Return the reader's address; None if the server tells none (a socket file)."""
    return _address(request.META.get("REMOTE_ADDR", "")) or None


def _address(text: str) -> str:
    """Return an address as Python writes it, without port or brackets; "" if it is none."""
    text = text.strip()
    bare = text[1:].partition("]")[0] if text.startswith("[") else text
    if bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        return str(ipaddress.ip_address(bare))
    except ValueError:
        return ""
