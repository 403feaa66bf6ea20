"""The look-back report on the desk, and its files."""

from __future__ import annotations

import hashlib
from typing import get_args

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import condition, require_POST, require_safe

from zonewright.core.phrases import Lang
from zonewright.report import html
from zonewright.store import selectors
from zonewright.web import language, reports
from zonewright.web.page import page
from zonewright.workflows.lookback import file_name

LANGUAGES: tuple[Lang, ...] = get_args(Lang)
KINDS = tuple(reports.MEDIA_TYPES)
NAMES = {"zh": ("中文", "zh-CN"), "en": ("English", "en")}


@require_safe
def report(request: HttpRequest) -> HttpResponse:
    """Show the look-back of the present state; if there is none, how to make it."""
    made = reports.made_run()
    context: dict[str, object] = {"made": made, "stale": not made and reports.was_made_before()}
    if made is not None and made.finished_at is not None:
        found = reports.fragment(selectors.fingerprint(), made.finished_at, language.current())
        # The report's own renderer escapes every text that it prints.
        context["fragment"] = mark_safe(found)  # noqa: S308
        context["downloads"] = [
            {"lang": lang, "name": NAMES[lang][0], "code": NAMES[lang][1], "kinds": (*KINDS,)}
            for lang in LANGUAGES
        ]
    return page(request, "report.html", context)


@require_POST
def make(request: HttpRequest) -> HttpResponse:
    """Make the look-back and show it."""
    reports.make(by=request.user.get_username())
    messages.success(request, _("Look-back made."))
    return HttpResponseRedirect(reverse("report"))


@require_safe
def download(request: HttpRequest, lang: str, kind: str) -> HttpResponse:
    """Return a file of the look-back; 404 before it is made."""
    known = next((known for known in LANGUAGES if known == lang), None)
    made = reports.made_run() if known and kind in KINDS else None
    if known is None or made is None or made.finished_at is None:
        raise Http404(f"{lang}/look-back.{kind}")
    content = reports.content(selectors.fingerprint(), made.finished_at, known, kind)
    response = HttpResponse(content, content_type=reports.MEDIA_TYPES[kind])
    response["Content-Disposition"] = f'attachment; filename="{file_name(kind, known)}"'
    return response


def _css_fingerprint(request: HttpRequest) -> str:
    return f'"{hashlib.sha256(html.css().encode()).hexdigest()[:32]}"'


@require_safe
@condition(etag_func=_css_fingerprint)
def style(request: HttpRequest) -> HttpResponse:
    """Return the style sheet of the report's fragment."""
    response = HttpResponse(html.css(), content_type="text/css; charset=utf-8")
    response["Cache-Control"] = "private, max-age=300"
    return response
