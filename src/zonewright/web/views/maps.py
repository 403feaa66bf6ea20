"""The map: its style and its vector tiles."""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from zonewright.store import selectors
from zonewright.web import mapstyle, tiles
from zonewright.web.theme import THEMES

FRESH_S = 300
MEDIA_TYPE = "application/vnd.mapbox-vector-tile"


@require_safe
def style(request: HttpRequest) -> HttpResponse:
    """Return the map's style in the theme asked for."""
    asked = request.GET.get("theme", "light")
    theme = next((known for known in THEMES if known == asked), None)
    if theme is None:
        return HttpResponseBadRequest("theme: light or dark")
    zones = selectors.zone_versions(timezone.localdate())
    scheme = "https" if settings.HTTPS else request.scheme
    root = f"{scheme}://{request.get_host()}/tiles"
    return JsonResponse(mapstyle.style(zones, theme, tiles=root))


@require_safe
def tile(request: HttpRequest, layer: str, z: int, x: int, y: int) -> HttpResponse:
    """Return a vector tile; 204 if nothing lies in it, 304 if the reader has it."""
    if not tiles.exists(layer, z, x, y):
        raise Http404(f"{layer}/{z}/{x}/{y}")
    state = selectors.fingerprint()
    etag = f'"{hashlib.sha256(f"{state}/{layer}/{z}/{x}/{y}".encode()).hexdigest()[:32]}"'
    answer = get_conditional_response(request, etag=etag)
    if answer is None:
        content = tiles.tile(layer, z, x, y, state)
        answer = HttpResponse(content, content_type=MEDIA_TYPE, status=200 if content else 204)
    answer.headers["ETag"] = etag
    answer.headers["Cache-Control"] = f"private, max-age={FRESH_S}"
    return answer
