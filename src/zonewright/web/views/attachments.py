"""Files of records: sent, shown, saved by the reader, and taken off again."""

from __future__ import annotations

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from zonewright.core.errors import InputError, UnknownReferenceError
from zonewright.store import actions
from zonewright.store.actions.attachments import MAX_BYTES
from zonewright.store.models import Attachment
from zonewright.store.selectors.attachments import attachment
from zonewright.store.selectors.record import record_state
from zonewright.web import access as reader
from zonewright.web import language, ledgers

# Pictures a browser draws by itself; everything else is saved, never opened on this address.
IMAGES = ("image/jpeg", "image/png", "image/webp")
_ALONE = "sandbox; default-src 'none'; img-src 'self'; style-src 'none'; frame-ancestors 'none'"


@require_POST
def attach(request: HttpRequest, table: str, pk: int) -> HttpResponseBase:
    """Attach the file that was sent to a record."""
    mapped = ledgers.find(table)
    access = reader.of(request)
    record = record_state(f"{mapped.record}:{pk}", access).record
    sent = request.FILES.get("file")
    if not isinstance(sent, UploadedFile):
        messages.error(request, _("Choose a file first."))
        return _back(request, record)
    try:
        made = actions.attach(
            record, name=sent.name or "", content=_bytes(sent), access=access,
            origin=reader.origin(request), note=request.POST.get("note", "").strip()[:200],
        )  # fmt: skip
    except UnknownReferenceError:
        raise
    except InputError as error:
        messages.error(request, error.text(language.current()))
    else:
        messages.success(request, _("Attached: %(name)s") % {"name": made.name})
    return _back(request, record)


def _back(request: HttpRequest, record: str) -> HttpResponseBase:
    """Return to the record; a page that sent the file by itself reloads, and tells the message."""
    if request.headers.get("X-Requested-With") == "upload":
        return HttpResponse(status=204)
    return redirect(f"{ledgers.address(record)}#files")


def _bytes(sent: UploadedFile[bytes]) -> bytes:
    """Return a file's bytes, one more than is allowed at most: the action then refuses it."""
    return bytes(sent.read(MAX_BYTES + 1))


@require_safe
def download(request: HttpRequest, pk: int) -> HttpResponse:
    """Return a file to be saved."""
    found = attachment(pk, reader.of(request))
    return _answer(found, as_attachment=True)


@require_safe
def image(request: HttpRequest, pk: int) -> HttpResponse:
    """Return a picture to be drawn on a page.

    Raises
    ------
    Http404
        If the file is no picture.
    """
    found = attachment(pk, reader.of(request))
    if found.blob.media_type not in IMAGES:
        raise Http404(request.path)
    return _answer(found, as_attachment=False)


def _answer(found: Attachment, *, as_attachment: bool) -> HttpResponse:
    response = HttpResponse(bytes(found.blob.content), content_type=found.blob.media_type)
    response["Content-Disposition"] = str(content_disposition_header(as_attachment, found.name))
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = _ALONE
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Take a file off its record; its bytes stay in the trail's keeping."""
    found = attachment(pk, reader.of(request))
    actions.detach(found.pk, access=reader.of(request), origin=reader.origin(request))
    messages.success(request, _("Taken off: %(name)s") % {"name": found.name})
    return redirect(f"{ledgers.address(found.record)}#files")
