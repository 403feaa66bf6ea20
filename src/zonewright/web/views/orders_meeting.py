"""The meeting list as a page, and as a file to print or to write in."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from zonewright.report.meeting_model import Meeting
from zonewright.report.meeting_view import document
from zonewright.store.actions.attachments import DOCX
from zonewright.web import language, order_view
from zonewright.web.access import of
from zonewright.web.page import page
from zonewright.web.views.runs import attachment
from zonewright.workflows.supervision_meeting import FORMATS, default_day, write_meeting
from zonewright.workflows.supervision_meeting import meeting as meeting_of

_TYPES = {"docx": DOCX, "pdf": "application/pdf"}


@require_safe
def meeting(request: HttpRequest) -> HttpResponse:
    """Show the meeting list of a day."""
    if not of(request).may_anywhere("view"):
        return page(request, "no-access.html", {})
    found = _meeting(request)
    context = {
        "doc": document(found, language.current()),
        "on": found.on.isoformat(),
        "zone": _zone(request),
        "zones": order_view.zone_choices(request),
        "may_give": of(request).may_anywhere("approve"),
    }
    return page(request, "meeting.html", context)


@require_safe
def file(request: HttpRequest, kind: str) -> HttpResponse:
    """Return the meeting list as DOCX or PDF, in the reader's language."""
    if kind not in FORMATS or not of(request).may_anywhere("view"):
        raise Http404(request.path)
    found, lang = _meeting(request), language.current()
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"meeting.{kind}"
        write_meeting(found, path, kind, lang)
        content = path.read_bytes()
    suffix = "" if lang == "zh" else f".{lang}"
    return attachment(content, _TYPES[kind], f"meeting-{found.on:%Y%m%d}{suffix}.{kind}")


def _meeting(request: HttpRequest) -> Meeting:
    on = order_view.day_of(request.GET.get("on", "")[:10], default_day(timezone.localdate()))
    return meeting_of(on, of(request), zone=_zone(request) or None)


def _zone(request: HttpRequest) -> str:
    return request.GET.get("zone", "").strip()[:200]
