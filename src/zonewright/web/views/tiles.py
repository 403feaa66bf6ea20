"""The map's vector tiles: what a reader may see, as it stands, or stood on a day."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.views.decorators.http import require_safe

from zonewright.web import access, moment, tiles
from zonewright.web.views.maps import day_of

MEDIA_TYPE = "application/vnd.mapbox-vector-tile"


@require_safe
def tile(request: HttpRequest, layer: str, z: int, x: int, y: int) -> HttpResponse:
    """Return a vector tile; 204 if nothing lies in it, 304 if the reader has it.

    ``?on=2023-06-30`` asks for the boundaries and stages of a day.
    """
    if not tiles.exists(layer, z, x, y):
        raise Http404(f"{layer}/{z}/{x}/{y}")
    on = day_of(request)
    asked = tiles.Asked(layer, z, x, y, access.of(request).zones(), on)
    found = tiles.tile(asked, moment.tokens(request))
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
