"""The map's vector tiles: what a reader may see, as it stands, or stood on a day."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.views.decorators.http import require_safe

from zonewright.store.models import User
from zonewright.store.selectors import bulk
from zonewright.web import access, tiles
from zonewright.web.views.maps import day_of

MEDIA_TYPE = "application/vnd.mapbox-vector-tile"
# What somebody may see rests on these.
_REACH = ("store_grant", "store_membership", "store_zone")
_MOST_READERS = 512
_scopes: dict[Hashable, frozenset[str] | None] = {}


@require_safe
def tile(request: HttpRequest, layer: str, z: int, x: int, y: int) -> HttpResponse:
    """Return a vector tile; 204 if nothing lies in it, 304 if the reader has it.

    ``?on=2023-06-30`` asks for the boundaries and stages of a day.
    """
    if not tiles.exists(layer, z, x, y):
        raise Http404(f"{layer}/{z}/{x}/{y}")
    on = day_of(request)
    tokens = bulk.tokens({*tiles.tables_of(layer), *_REACH})
    scope = _scope(request, tokens)
    found = tiles.tile(tiles.Asked(layer, z, x, y, scope, on), tokens)
    if found is None:
        raise Http404(layer)
    etag = f'"{found.tag}"'
    answer = get_conditional_response(request, etag=etag)
    if answer is None:
        answer = _answer(found, gzip="gzip" in request.headers.get("Accept-Encoding", ""))
    answer.headers["ETag"] = etag
    # Kept by the browser, and asked for again: an edit shows at once, what stayed is not sent.
    answer.headers["Cache-Control"] = "private, max-age=0, must-revalidate"
    patch_vary_headers(answer, ("Accept-Encoding", "Cookie"))
    return answer


def _answer(found: tiles.Tile, *, gzip: bool) -> HttpResponse:
    if not found.gzipped:
        return HttpResponse(status=204)
    if not gzip:
        return HttpResponse(found.content, content_type=MEDIA_TYPE)
    return HttpResponse(
        found.gzipped, content_type=MEDIA_TYPE, headers={"Content-Encoding": "gzip"}
    )


def _scope(request: HttpRequest, tokens: Mapping[str, str]) -> frozenset[str] | None:
    """Return the zones that the reader may see, None for all; read once for what it rests on."""
    user = request.user
    if not isinstance(user, User):
        return frozenset()
    today = timezone.localdate()
    state = tuple(tokens[name] for name in _REACH)
    key = (user.pk, user.is_superuser, user.is_active, state, today)
    if key not in _scopes:
        while len(_scopes) >= _MOST_READERS:
            _scopes.pop(next(iter(_scopes)), None)
        _scopes[key] = access.of(request).zones()
    return _scopes[key]
