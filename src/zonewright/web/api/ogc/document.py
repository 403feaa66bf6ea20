"""The OpenAPI document of the map service (OpenAPI 3.0, as Part 1 of the standard asks)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from zonewright import __version__
from zonewright.web.api.ogc import crs
from zonewright.web.api.ogc.asking import DEFAULT_LIMIT, MOST, property_names
from zonewright.web.api.ogc.catalogue import Collection
from zonewright.web.api.ogc.filters import JSON, TEXT
from zonewright.web.api.ogc.queryables import property_schema
from zonewright.web.api.schemas import problem_schema

MEDIA_TYPE = "application/vnd.oai.openapi+json;version=3.0"
_GEOJSON = "application/geo+json"
_PROBLEM = "application/problem+json"
_ERRORS = {
    "400": "A parameter cannot be used",
    "401": "No token, or none that is valid",
    "404": "Not there, or not for this reader",
    "429": "Too many requests",
}
_OBJECT = {"type": "object"}


def document(found: Sequence[Collection], root: str) -> dict[str, object]:
    """Return the document for some collections.

    Parameters
    ----------
    found
        The collections that the reader may open.
    root
        Address of the service.
    """
    paths: dict[str, object] = {
        "/": _path("landing", "Where everything is", _LANDING),
        "/conformance": _path("conformance", "What the service keeps to", _CONFORMANCE),
        "/api": _path("document", "This document", _OBJECT, kind=MEDIA_TYPE),
        "/collections": _path("collections", "The collections", _COLLECTIONS),
    }
    for of in found:
        paths |= _paths(of)
    return {
        "openapi": "3.0.3",
        "info": {
            "title": "Zonewright maps",
            "version": __version__,
            "description": "OGC API - Features: Part 1 (core), Part 2 (CRS), Part 3 (filtering).",
        },
        "servers": [{"url": root}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {"Problem": problem_schema()},
        },
    }


def _paths(of: Collection) -> dict[str, object]:
    here = f"/collections/{of.id}"
    name = of.id.replace("-", "_")
    feature = {
        "name": "featureId", "in": "path", "required": True, "schema": {"type": "string"},
        "description": f"As in {of.record}:1",
    }  # fmt: skip
    return {
        here: _path(f"{name}_collection", f"{of.en}: the collection", _COLLECTION),
        f"{here}/queryables": _path(
            f"{name}_queryables", f"{of.en}: what a filter may name", _OBJECT,
            kind="application/schema+json",
        ),
        f"{here}/items": _path(
            f"{name}_items", of.en, _FEATURES, kind=_GEOJSON, parameters=_parameters(of)
        ),
        f"{here}/items/{{featureId}}": _path(
            f"{name}_item", f"{of.en}: one", _FEATURE, kind=_GEOJSON, parameters=[feature, _CRS]
        ),
    }  # fmt: skip


def _path(
    name: str,
    summary: str,
    schema: dict[str, Any],
    *,
    kind: str = "application/json",
    parameters: Sequence[dict[str, Any]] = (),
) -> dict[str, object]:
    problem = {_PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    errors: dict[str, Any] = {
        code: {"description": text, "content": problem} for code, text in _ERRORS.items()
    }
    return {
        "get": {
            "operationId": name,
            "summary": summary,
            "parameters": list(parameters),
            "responses": {"200": {"description": summary, "content": {kind: {"schema": schema}}}}
            | errors,
        }
    }


def _parameters(of: Collection) -> list[dict[str, Any]]:
    found = [_LIMIT, _OFFSET, _AFTER, _BBOX, _crs_parameter("bbox-crs"), _CRS, _DATETIME]
    found += [
        _parameter("filter", {"type": "string"}, "A condition in CQL2"),
        _parameter(
            "filter-lang", {"type": "string", "enum": [TEXT, JSON], "default": TEXT},
            "How the filter is written",
        ),
        _crs_parameter("filter-crs"),
    ]  # fmt: skip
    for name in property_names(of):
        item = of.properties[name]
        text = f"{item.en}: features that have this value"
        found.append(_parameter(name, property_schema(item, "en"), text))
    return found


def _parameter(name: str, schema: dict[str, Any], text: str) -> dict[str, Any]:
    return {
        "name": name, "in": "query", "required": False, "schema": schema, "description": text,
        "style": "form", "explode": False,
    }  # fmt: skip


def _crs_parameter(name: str) -> dict[str, Any]:
    schema = {"type": "string", "format": "uri", "enum": list(crs.KNOWN), "default": crs.CRS84}
    return _parameter(name, schema, "Reference system")


_CRS = _crs_parameter("crs")
_LIMIT = _parameter(
    "limit", {"type": "integer", "minimum": 1, "maximum": MOST, "default": DEFAULT_LIMIT},
    "Features on a page",
)  # fmt: skip
_OFFSET = _parameter("offset", {"type": "integer", "minimum": 0, "default": 0}, "Features skipped")
_AFTER = _parameter("after", {"type": "integer", "minimum": 0}, "Where a page begins; see next")
_BBOX = _parameter(
    "bbox",
    {"type": "array", "items": {"type": "number"}, "oneOf": [
        {"minItems": 4, "maxItems": 4}, {"minItems": 6, "maxItems": 6}]},
    "Features that meet a box",
)  # fmt: skip
_DATETIME = _parameter("datetime", {"type": "string"}, "A day, a time or an interval FROM/TO")

_LINK = {
    "type": "object",
    "required": ["href", "rel"],
    "properties": {name: {"type": "string"} for name in ("href", "rel", "type")},
}
_LINKS = {"type": "array", "items": _LINK}
_LANDING = {
    "type": "object",
    "required": ["links"],
    "properties": {"title": {"type": "string"}, "links": _LINKS},
}
_CONFORMANCE = {
    "type": "object",
    "required": ["conformsTo"],
    "properties": {"conformsTo": {"type": "array", "items": {"type": "string"}}},
}
_COLLECTION = {
    "type": "object",
    "required": ["id", "links"],
    "properties": {
        "id": {"type": "string"},
        "title": {"type": "string"},
        "description": {"type": "string"},
        "extent": _OBJECT,
        "crs": {"type": "array", "items": {"type": "string"}},
        "storageCrs": {"type": "string"},
        "links": _LINKS,
    },
}
_COLLECTIONS = {
    "type": "object",
    "required": ["links", "collections"],
    "properties": {"links": _LINKS, "collections": {"type": "array", "items": _COLLECTION}},
}
_FEATURE = {
    "type": "object",
    "required": ["type", "id", "geometry", "properties"],
    "properties": {
        "type": {"type": "string", "enum": ["Feature"]},
        "id": {"type": "string"},
        "geometry": {"type": "object", "nullable": True},
        "properties": _OBJECT,
        "links": _LINKS,
    },
}
_FEATURES = {
    "type": "object",
    "required": ["type", "features", "links"],
    "properties": {
        "type": {"type": "string", "enum": ["FeatureCollection"]},
        "features": {"type": "array", "items": _FEATURE},
        "links": _LINKS,
        "timeStamp": {"type": "string", "format": "date-time"},
        "numberMatched": {"type": "integer", "minimum": 0},
        "numberReturned": {"type": "integer", "minimum": 0},
    },
}
