"""The addresses of the map service."""

from __future__ import annotations

import json
from urllib.parse import quote, urlencode

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from zonewright.core.errors import UnknownReferenceError
from zonewright.web import access as readers
from zonewright.web import language
from zonewright.web.api.ogc import asking, crs, items, queryables
from zonewright.web.api.ogc.catalogue import Collection, collection, collections
from zonewright.web.api.ogc.document import MEDIA_TYPE as OPENAPI
from zonewright.web.api.ogc.document import document
from zonewright.web.api.ogc.summary import root_of, summary

GEOJSON = "application/geo+json"
_SPEC = "http://www.opengis.net/spec/"
CONFORMANCE = (
    f"{_SPEC}ogcapi-common-1/1.0/conf/core",
    f"{_SPEC}ogcapi-common-2/1.0/conf/collections",
    f"{_SPEC}ogcapi-features-1/1.0/conf/core",
    f"{_SPEC}ogcapi-features-1/1.0/conf/geojson",
    f"{_SPEC}ogcapi-features-1/1.0/conf/oas30",
    f"{_SPEC}ogcapi-features-2/1.0/conf/crs",
    f"{_SPEC}ogcapi-features-3/1.0/conf/queryables",
    f"{_SPEC}ogcapi-features-3/1.0/conf/queryables-query-parameters",
    f"{_SPEC}ogcapi-features-3/1.0/conf/filter",
    f"{_SPEC}ogcapi-features-3/1.0/conf/features-filter",
    f"{_SPEC}cql2/1.0/conf/cql2-text",
    f"{_SPEC}cql2/1.0/conf/cql2-json",
    f"{_SPEC}cql2/1.0/conf/basic-cql2",
    f"{_SPEC}cql2/1.0/conf/advanced-comparison-operators",
    f"{_SPEC}cql2/1.0/conf/basic-spatial-functions",
)


def _json(body: object, *, media_type: str = "application/json") -> JsonResponse:
    return JsonResponse(body, content_type=media_type, json_dumps_params={"ensure_ascii": False})


@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """Return where everything is."""
    asking.check_plain(request.GET.dict())
    root = root_of(request)
    titled = (
        ("self", root, "application/json"),
        ("service-desc", f"{root}/api", OPENAPI),
        ("service-doc", request.build_absolute_uri("/api/v1/docs"), "text/html"),
        ("conformance", f"{root}/conformance", "application/json"),
        ("data", f"{root}/collections", "application/json"),
    )
    links = [{"rel": rel, "href": href, "type": kind} for rel, href, kind in titled]
    title = language.choose("园匠地图服务", "Zonewright maps")
    return _json({"title": title, "links": links})


@require_safe
def conformance(request: HttpRequest) -> HttpResponse:
    """Return what the service keeps to."""
    asking.check_plain(request.GET.dict())
    return _json({"conformsTo": CONFORMANCE})


@require_safe
def api(request: HttpRequest) -> HttpResponse:
    """Return the OpenAPI document."""
    asking.check_plain(request.GET.dict())
    found = collections(readers.of(request))
    return _json(document(found, root_of(request)), media_type=OPENAPI)


@require_safe
def collection_list(request: HttpRequest) -> HttpResponse:
    """Return every collection."""
    asking.check_plain(request.GET.dict())
    reader, root = readers.of(request), root_of(request)
    found = [summary(item, root, reader) for item in collections(reader)]
    here = {"rel": "self", "href": f"{root}/collections", "type": "application/json"}
    return _json({"links": [here], "crs": crs.KNOWN, "collections": found})


@require_safe
def collection_page(request: HttpRequest, name: str) -> HttpResponse:
    """Return what a collection is."""
    reader = readers.of(request)
    found = collection(name, reader)
    asking.check_plain(request.GET.dict())
    return _json(summary(found, root_of(request), reader))


@require_safe
def queryable_list(request: HttpRequest, name: str) -> HttpResponse:
    """Return the properties by which features may be chosen, as a JSON schema."""
    found = collection(name, readers.of(request))
    asking.check_plain(request.GET.dict())
    schema = queryables.schema(found, f"{root_of(request)}/collections/{name}/queryables")
    return _json(schema, media_type="application/schema+json")


@require_safe
def item_list(request: HttpRequest, name: str) -> HttpResponse:
    """Return a page of features."""
    reader = readers.of(request)
    found = collection(name, reader)
    wanted = asking.asked(request.GET.dict(), found)
    page = items.page(found, wanted, reader)
    head: dict[str, object] = {
        "type": "FeatureCollection",
        "timeStamp": timezone.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
        "numberReturned": len(page.features),
        "links": _links(request, found, page),
    }
    if page.matched is not None:
        head["numberMatched"] = page.matched
    # The features are text already: they are not read and written once more.
    text = json.dumps(head, ensure_ascii=False)[:-1]
    response = HttpResponse(
        f'{text},"features":[{",".join(page.features)}]}}', content_type=GEOJSON
    )
    response["Content-Crs"] = f"<{wanted.system}>"
    return response


@require_safe
def item(request: HttpRequest, name: str, feature: str) -> HttpResponse:
    """Return a feature."""
    reader = readers.of(request)
    found = collection(name, reader)
    system = asking.asked_of_item(request.GET.dict())
    record, _, number = feature.partition(":")
    text = None
    if record == found.record and number.isascii() and number.isdecimal() and len(number) < 19:
        text = items.one(found, int(number), system, reader)
    if text is None:
        raise UnknownReferenceError("ogc-feature-unknown", name=feature, collection=name)
    root = f"{root_of(request)}/collections/{name}"
    links = [
        {"rel": "self", "href": f"{root}/items/{quote(feature)}", "type": GEOJSON},
        {"rel": "collection", "href": root, "type": "application/json"},
    ]
    body = f'{text[:-1]},"links":{json.dumps(links, ensure_ascii=False)}}}'
    response = HttpResponse(body, content_type=GEOJSON)
    response["Content-Crs"] = f"<{system}>"
    return response


def _links(request: HttpRequest, of: Collection, page: items.Page) -> list[dict[str, str]]:
    root = f"{root_of(request)}/collections/{of.id}"
    here = f"{root}/items"
    query = request.GET.urlencode()
    links = [
        {"rel": "self", "href": f"{here}?{query}" if query else here, "type": GEOJSON},
        {"rel": "collection", "href": root, "type": "application/json"},
    ]
    if page.last is not None:
        given = request.GET.dict()
        kept = {name: given[name] for name in given if name not in ("offset", "after")}
        following = urlencode({**kept, "after": page.last})
        links.append({"rel": "next", "href": f"{here}?{following}", "type": GEOJSON})
    return links
