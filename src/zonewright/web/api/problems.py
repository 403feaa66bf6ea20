"""Errors as problem details (RFC 9457), in the language that the program's user reads."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _

from zonewright.core.errors import EditConflictError, FindingsError, ZonewrightError
from zonewright.core.findings import Finding
from zonewright.core.texts import text_of
from zonewright.web import language
from zonewright.web.middleware import status_of

MEDIA_TYPE = "application/problem+json"
# What Django itself refuses, and the text that says how to mend it.
_CODES = {
    400: "api-unreadable",
    401: "api-sign-in",
    403: "not-allowed",
    404: "api-address-unknown",
    405: "api-method",
    413: "api-too-large",
    415: "api-media-type",
}


class ApiError(ZonewrightError):
    """A request that the API refuses, with its status and the headers of the answer."""

    def __init__(
        self, code: str, *, status: int, headers: Mapping[str, str] | None = None, **params: object
    ) -> None:
        self.status = status
        self.headers = dict(headers or {})
        super().__init__(code, **params)


def _title(status: int) -> str:
    titles = {
        400: _("The request cannot be read"),
        401: _("A token is needed"),
        403: _("Not allowed"),
        404: _("Not found"),
        405: _("Not possible at this address"),
        406: _("Not to be had in this form"),
        409: _("Not possible in this state"),
        412: _("Somebody else changed it"),
        413: _("Too large"),
        415: _("Sent in a form that is not read"),
        422: _("This input cannot be used"),
        428: _("The state that is changed must be named"),
        429: _("Too many requests"),
    }
    return titles.get(status, _("The desk failed to answer"))


def problem(
    status: int,
    code: str,
    *,
    detail: str,
    findings: tuple[Finding, ...] = (),
    headers: Mapping[str, str] | None = None,
    **more: object,
) -> JsonResponse:
    """Return a problem as a response.

    Parameters
    ----------
    status, code
        HTTP status, and the code of the text.
    detail
        What is wrong and how to mend it.
    findings
        Faults by field.
    more
        Further members, as plain values.
    """
    lang = language.current()
    body = {
        "type": f"urn:zonewright:problem:{code}",
        "title": _title(status),
        "status": status,
        "detail": detail,
        "code": code,
        "findings": [finding_body(item, lang) for item in findings],
        **more,
    }
    options = {"ensure_ascii": False, "default": plain}
    return JsonResponse(
        body, status=status, content_type=MEDIA_TYPE, headers=headers, json_dumps_params=options
    )


def of_error(error: ZonewrightError, **said: object) -> JsonResponse:
    """Return the problem that an error of the library is, with what else is to be said."""
    lang = language.current()
    findings = error.findings if isinstance(error, FindingsError) else ()
    more: dict[str, object] = dict(said)
    headers: Mapping[str, str] = {}
    status = status_of(error)
    if isinstance(error, ApiError):
        status, headers = error.status, error.headers
    elif isinstance(error, EditConflictError):
        status = 412
        more["theirs"] = {name: plain(value) for name, value in error.theirs.items()}
    return problem(
        status, error.code, detail=error.text(lang), findings=findings, headers=headers, **more
    )


def of_status(request: HttpRequest, status: int) -> JsonResponse:
    """Return the problem of an answer that Django itself gave."""
    code = _CODES.get(status, "api-failure")
    params = {"path": request.path, "method": request.method}
    return problem(status, code, detail=text_of(code, params, language.current()))


def plain(value: object) -> object:
    """Return a value of a record as JSON carries it."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return None
    return value


def finding_body(finding: Finding, lang: str) -> dict[str, object]:
    """Return a finding as plain values."""
    place = str(finding.place)
    return {
        "code": finding.code,
        "severity": finding.severity,
        "field": finding.field,
        "place": place,
        "text": finding.text(lang),
    }
