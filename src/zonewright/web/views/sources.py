"""Where the records came from, and what was computed of them."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from zonewright.core.texts import text_of
from zonewright.store.models import SourceFile
from zonewright.web import language
from zonewright.web.access import require_everywhere
from zonewright.web.page import page


@require_safe
def source_list(request: HttpRequest) -> HttpResponse:
    """Show the imported files: fingerprint, notice, and what was noticed on reading."""
    require_everywhere(request)
    lang = language.current()
    files = [
        {"file": file, "findings": [_finding(found, lang) for found in file.findings]}
        for file in SourceFile.objects.all()
    ]
    return page(request, "sources.html", {"files": files})


def _finding(found: dict[str, object], lang: str) -> dict[str, object]:
    """Return a kept finding with its text in the reader's language."""
    params = found.get("params")
    named = dict(params) if isinstance(params, dict) else {}
    known = {name: found.get(name, "") for name in ("table", "field")}
    text = text_of(str(found.get("code", "")), {**known, **named}, lang)
    return {**found, "text": text if named or not found.get("text") else found["text"]}
