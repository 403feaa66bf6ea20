"""The pages of errors, in the reader's language; as a fragment for HTMX."""

from __future__ import annotations

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from zonewright.core.errors import FindingsError, ZonewrightError
from zonewright.web import language
from zonewright.web.api.addresses import is_api
from zonewright.web.page import page


def error_page(
    request: HttpRequest,
    *,
    status: int,
    error: ZonewrightError | None = None,
    title: str = "",
    message: str = "",
) -> HttpResponse:
    """Return the page of an error, with the findings if it carries any."""
    if is_api(request.path):
        return HttpResponse(status=status)  # a program reads no page: `web.api.door` says more
    lang = language.current()
    findings = error.findings if isinstance(error, FindingsError) else ()
    context = {
        "status": status,
        "title": title or _titles().get(status, _("Something went wrong")),
        "message": message or (error.text(lang) if error else ""),
        "findings": [finding.as_dict(lang) for finding in findings],
    }
    if status >= 500:
        # The workspace may be what failed: draw the page without asking it for anything.
        context |= {"lang": lang, "html_lang": "en" if lang == "en" else "zh-CN"}
        return HttpResponse(render_to_string("desk/error.html", context), status=status)
    return page(request, "error.html", context, partial="partials/error.html", status=status)


def _titles() -> dict[int, str]:
    return {
        400: _("The request cannot be read"),
        403: _("Not allowed"),
        404: _("Not found"),
        405: _("Not a page"),
        409: _("Not possible in this state"),
        422: _("This input cannot be used"),
        500: _("The desk failed to answer"),
    }


def is_form_of_files(request: HttpRequest) -> bool:
    """Return whether a request is a form that sends files."""
    return request.content_type == "multipart/form-data"


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Return the page of an unreadable request."""
    if isinstance(exception, RequestDataTooBig) and is_form_of_files(request):
        message = _("The files are too large together; upload them in parts.")
    elif isinstance(exception, RequestDataTooBig | TooManyFieldsSent):
        message = _(
            "The form holds more than can be sent at once. Go back, shorten the longest texts or "
            "allow the browser scripts, which save each cell alone; a return can also be handed in "
            "as a workbook."
        )
    else:
        message = _("Go back to the overview and try again.")
    return error_page(request, status=400, message=message)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Return the page of a refused request."""
    message = _("Your account may not do this. Ask whoever keeps the workspace.")
    return error_page(request, status=403, message=message)


def csrf_refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Return the page of a form that was sent without its token."""
    message = _("The page was open for too long, or cookies are blocked. Reload it and try again.")
    return error_page(request, status=403, message=message)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Return the page of an address where nothing is."""
    message = _("There is nothing at this address. It may have been renamed or never existed.")
    return error_page(request, status=404, message=message)


def takes_forms_only(request: HttpRequest, refused: HttpResponse) -> HttpResponse:
    """Return the page of an address that was asked in a way it does not answer."""
    message = _("This address only takes what a form sends. Open the page anew from the menu.")
    answer = error_page(request, status=405, message=message)
    answer.headers["Allow"] = refused.headers["Allow"]
    return answer


def server_error(request: HttpRequest) -> HttpResponse:
    """Return the page of an unforeseen failure."""
    message = _("The fault was written to the log of the desk. Your data were not changed.")
    return error_page(request, status=500, message=message)
