"""The look-back report on the desk, and its files."""

from __future__ import annotations

import hashlib
from typing import get_args

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.safestring import mark_safe
from django.views.decorators.http import condition, require_safe

from zonewright.core.phrases import Lang
from zonewright.report import html
from zonewright.web import language, reports, run_view
from zonewright.web.access import of
from zonewright.web.page import page
from zonewright.workflows import lookback

LANGUAGES: tuple[Lang, ...] = get_args(Lang)
KINDS = reports.KINDS
NAMES = {"zh": ("中文", "zh-CN"), "en": ("English", "en")}


def require_reader(request: HttpRequest) -> None:
    """Refuse the look-back to whoever may not see every zone that it names.

    Raises
    ------
    Http404
        So that nobody learns of what concerns others.
    """
    if not lookback.may(of(request)):
        raise Http404(request.path)


@require_safe
def report(request: HttpRequest) -> HttpResponse:
    """Show the look-back of the present state; if there is none, how to make it."""
    require_reader(request)
    made = reports.made_run()
    context: dict[str, object] = {
        "made": made,
        "stale": not made and reports.was_made_before(),
        "may_make": lookback.may(of(request), "plan"),
    }
    at_work = None if made else reports.run_at_work()
    if at_work is not None:
        context |= run_view.progress(at_work)
    elif made is None:
        context["last"] = reports.last_run()
    if made is not None:
        # The report's own renderer escapes every text that it prints.
        context["fragment"] = mark_safe(reports.fragment(made, language.current()))  # noqa: S308
        context["downloads"] = [
            {"lang": lang, "name": NAMES[lang][0], "code": NAMES[lang][1], "kinds": (*KINDS,)}
            for lang in LANGUAGES
        ]
    return page(request, "report.html", context)


@require_safe
def download(request: HttpRequest, lang: str, kind: str) -> HttpResponse:
    """Return a file of the look-back; 404 before it is made."""
    require_reader(request)
    known = next((known for known in LANGUAGES if known == lang), None)
    made = reports.made_run() if known and kind in KINDS else None
    if known is None or made is None:
        raise Http404(f"{lang}/look-back.{kind}")
    file = reports.file_of(made, known, kind)
    response = HttpResponse(bytes(file.blob.content), content_type=file.blob.media_type)
    response["Content-Disposition"] = f'attachment; filename="{file.name}"'
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
