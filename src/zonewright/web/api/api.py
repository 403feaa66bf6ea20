"""The API: one object that knows every operation, `api`."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI, Router
from ninja.errors import HttpError, ValidationError

from zonewright import __version__
from zonewright.core.errors import ZonewrightError
from zonewright.core.findings import Finding
from zonewright.core.texts import text_of
from zonewright.web import language
from zonewright.web.api import about, analyses, orders, problems, records, trail

DESCRIPTION = """\
Records, figures and runs of a workspace as JSON.

Send a token of your account in the header `Authorization: Bearer zw_…`; it may do what both you and
the token may. Errors are problem details (RFC 9457) in the language of `Accept-Language`. Lists are
`{"items": …, "next": …}`: follow `next` until it is null. To change a record send its `etag` in
`If-Match`. Numbers are in the unit that the field's description gives in brackets; days are
ISO 8601; geometries are GeoJSON, longitude before latitude.
"""


class _Api(NinjaAPI):
    """The API; its document says how errors look."""

    def get_openapi_schema(self, **options: Any) -> Any:
        """Return the OpenAPI document."""
        schema = super().get_openapi_schema(**options)
        refusals: dict[str, Any] = {}
        for methods in schema["paths"].values():
            for operation in methods.values():
                _declare_refusals(operation, refusals)
                for parameter in operation["parameters"]:
                    _shorten(parameter)
        schema["components"]["responses"] = refusals
        schema["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        schema["servers"] = [{"url": "/"}]
        return schema


def _declare_refusals(operation: dict[str, Any], refusals: dict[str, Any]) -> None:
    """Let an operation's refusals refer to one description each."""
    problem = {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for status, told in operation["responses"].items():
        if int(status) >= 400:
            refusals[f"Refused{status}"] = {**told, "content": problem}
            operation["responses"][status] = {"$ref": f"#/components/responses/Refused{status}"}


def _shorten(parameter: dict[str, Any]) -> None:
    """Leave out what a parameter says twice; one that may be left out is never null."""
    schema = parameter["schema"]
    kinds = [kind for kind in schema.pop("anyOf", []) if kind != {"type": "null"}]
    for kind in kinds[:1]:
        schema |= kind
    for name in ("title", "description"):
        schema.pop(name, None)
    if schema.get("default", "") is None:
        del schema["default"]


def make_api() -> NinjaAPI:
    """Return the API with every operation."""
    made = _Api(
        title="Zonewright",
        version=__version__,
        description=DESCRIPTION,
        docs_url=None,
        openapi_url=None,
        urls_namespace="api",
        openapi_extra={
            "security": [{"token": []}],
        },
    )
    router = Router()
    records.add_operations(router)
    # A zone's blocks stand before what is asked of any record.
    for part in (about.router, analyses.router, orders.router, trail.router, router):
        made.add_router("", part)
    made.add_exception_handler(ZonewrightError, _refused)
    made.add_exception_handler(ValidationError, _invalid)
    made.add_exception_handler(HttpError, _unreadable)
    made.add_exception_handler(Http404, _missing)
    return made


def _refused(request: HttpRequest, error: Any) -> HttpResponse:
    return problems.of_error(error)


def _missing(request: HttpRequest, error: Any) -> HttpResponse:
    return problems.of_status(request, 404)


def _unreadable(request: HttpRequest, error: Any) -> HttpResponse:
    return problems.of_status(request, error.status_code)


def _invalid(request: HttpRequest, error: Any) -> HttpResponse:
    """Return every fault of a request, each with its field."""
    findings = tuple(
        Finding("api-field", field=_field(fault["loc"]), params={"reason": _reason(fault)})
        for fault in error.errors
    )
    # A name in the address that can name nothing is as good as one that names nothing.
    status = 404 if any(fault["loc"][0] == "path" for fault in error.errors) else 422
    code = "record-unknown" if status == 404 else "input-refused"
    detail = text_of(code, {"count": len(findings), "record": request.path}, language.current())
    return problems.problem(status, code, detail=detail, findings=findings)


def _field(place: tuple[object, ...]) -> str:
    inner = [str(part) for part in place[2:] if part != "values"]
    return ".".join(inner) or str(place[-1])


def _reason(fault: dict[str, Any]) -> str:
    return str(fault["msg"]).rstrip(".")


api = make_api()
