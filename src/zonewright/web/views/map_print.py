"""The map on paper: a sheet as PDF from the picture that the reader's browser drew."""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Mapping

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from zonewright.core.errors import EngineError, InputError, NotAllowedError, RangeError
from zonewright.report import mapsheet
from zonewright.report.mapsheet import Entry, MapSheet
from zonewright.store import selectors
from zonewright.store.models import Workspace
from zonewright.web import language
from zonewright.web.access import of
from zonewright.web.mapview import ground_sources
from zonewright.web.views.maps import day_of

MAX_BYTES = 20 * 1024 * 1024
MAX_SIDE = 8_192
# A few kilobytes can say that they are a picture of gigabytes: it is decoded to be typeset.
MAX_PIXELS = 30_000_000
MAX_ENTRIES = 80
MAX_TEXT = 160
MAX_WIDTH_M = 5e7
_PNG = b"\x89PNG\r\n\x1a\n"
_HEADER = b"IHDR"
_COLOUR = re.compile(r"^#[0-9a-f]{6}$")
_SHAPES = ("fill", "line", "point", "heading")


@require_POST
def make_pdf(request: HttpRequest) -> HttpResponse:
    """Return the sheet of the map that the reader sees.

    Raises
    ------
    RangeError
        If the picture is no PNG, or too large.
    InputError
        If it cannot be typeset.
    """
    access = of(request)
    if not access.may_anywhere("view"):
        raise NotAllowedError("not-allowed", permission="view", zone="*")
    picture = _picture(request.FILES.get("picture"))
    on = day_of(request) or timezone.localdate()
    workspace = Workspace.objects.first()
    owner = language.choose(workspace.title, workspace.title_en) if workspace else ""
    title = _short(request.POST.get("title", "")) or owner or _("Map")
    facts = tuple(filter(None, (owner if owner != title else "", on.isoformat())))
    paper = "a3" if request.POST.get("paper") == "a3" else "a4"
    sheet = MapSheet(
        title=title,
        facts=facts,
        legend=_legend(request.POST.get("legend", "[]")),
        legend_title=_("Legend"),
        sources=_sources(request, access.name),
        picture=picture,
        width_m=_width(request.POST.get("width_m", "")),
        paper="a3" if paper == "a3" else "a4",
        lang=language.current(),
    )
    try:
        made = mapsheet.write(sheet)
    except EngineError as error:
        # The picture came from outside: what cannot be drawn of it is no fault of the desk.
        raise InputError(error.code, **error.params) from error
    response = HttpResponse(made, content_type="application/pdf")
    name = f"map-{on.isoformat()}.pdf"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _picture(file: UploadedFile[bytes] | None) -> bytes:
    """Return the picture, known by its first bytes and of a size that can be typeset."""
    if file is None or (file.size or 0) > MAX_BYTES:
        raise RangeError("map-print-picture")
    content = bytes(file.read())
    if not content.startswith(_PNG) or content[12:16] != _HEADER or len(content) < 33:
        raise RangeError("map-print-picture")
    wide, high = struct.unpack_from(">II", content, 16)
    if not (0 < wide <= MAX_SIDE and 0 < high <= MAX_SIDE and wide * high <= MAX_PIXELS):
        raise RangeError("map-print-picture")
    return content


def _width(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = 0.0
    if not 1.0 <= found <= MAX_WIDTH_M:
        raise RangeError("map-print-picture")
    return found


def _legend(text: str) -> tuple[Entry, ...]:
    """Return the entries of the legend that can be drawn."""
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        return ()
    if not isinstance(given, list):
        return ()
    found = (_entry(item) for item in given[:MAX_ENTRIES] if isinstance(item, Mapping))
    return tuple(entry for entry in found if entry is not None)


def _entry(item: Mapping[object, object]) -> Entry | None:
    color, text = str(item.get("color", "")), _short(str(item.get("text", "")))
    shape = next((known for known in _SHAPES if known == item.get("shape")), None)
    if shape is None or not text or not (shape == "heading" or _COLOUR.match(color)):
        return None
    return Entry(color, shape, text)  # type: ignore[arg-type]


def _sources(request: HttpRequest, who: str) -> tuple[str, ...]:
    printed = timezone.localtime().strftime("%Y-%m-%d %H:%M")
    grounds = "；".join(ground_sources())
    lines = [
        *dict.fromkeys(selectors.notices()),
        _("Boundaries of the ground: %(note)s") % {"note": grounds} if grounds else "",
        _short(request.POST.get("attribution", "")),
        _("Printed by %(who)s, %(when)s") % {"who": who, "when": printed},
    ]
    return tuple(line for line in lines if line)


def _short(text: str) -> str:
    return " ".join(text.split())[:MAX_TEXT]
