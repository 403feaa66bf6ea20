"""What belongs to any record: its history, its attachments, and taking a change back."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from ninja import Router
from ninja.files import UploadedFile
from ninja.params.functions import File, Form, Query

from zonewright.store import actions
from zonewright.store.models import Attachment, AuditEntry
from zonewright.store.selectors.attachments import attachment, attachments
from zonewright.store.selectors.audit import AuditFilter, audit_entries
from zonewright.store.selectors.history import HistoryItem, history
from zonewright.web.access import of
from zonewright.web.api import schemas
from zonewright.web.api.answers import (
    Cursor,
    Limit,
    Number,
    RecordName,
    Why,
    answer,
    answers,
    check_parameters,
    next_address,
    number_after,
    origin,
)
from zonewright.web.api.records import one_body

router = Router()


@router.get(
    "/records/{record}/history",
    response=answers(200, schemas.Changes),
    operation_id="history",
    summary="Changes of a record",
    tags=["changes"],
)
def record_history(request: HttpRequest, record: RecordName) -> HttpResponse:
    """Give every change of a record, the latest first."""
    check_parameters(request, ())
    items = [_change(item) for item in history(record, of(request))]
    return answer({"items": items, "next": None})


def _change(item: HistoryItem) -> dict[str, object]:
    return {
        "id": item.id,
        "at": item.at.isoformat(),
        "by": item.by,
        "origin": item.origin,
        "action": item.action,
        "reason": item.reason,
        "fields": [
            {"field": part.field, "before": part.before_text, "after": part.after_text}
            for part in item.changes
        ],
        "undoable": item.undoable,
        "undone": item.undone,
    }


@router.post(
    "/changes/{change}/undo",
    response=answers(200, schemas.Undone, writing=True),
    operation_id="undo",
    summary="Take a change back",
    tags=["changes"],
)
def undo(request: HttpRequest, change: Number, body: schemas.Reason) -> HttpResponse:
    """Take a change back; undoing that in turn does it again."""
    state = actions.undo(change, access=of(request), origin=origin(request), reason=body.reason)
    return answer({"record": one_body(state, of(request)) if state is not None else None})


@router.get(
    "/records/{record}/attachments",
    response=answers(200, schemas.Attachments),
    operation_id="attachments",
    summary="Files of a record",
    tags=["attachments"],
)
def attachment_list(request: HttpRequest, record: RecordName) -> HttpResponse:
    """Give the files of a record, the oldest first."""
    check_parameters(request, ())
    items = [as_attachment(item) for item in attachments(record, of(request))]
    return answer({"items": items, "next": None})


@router.post(
    "/records/{record}/attachments",
    response=answers(201, schemas.AttachmentOut, writing=True),
    operation_id="attach",
    summary="Attach a file",
    tags=["attachments"],
)
def attach(
    request: HttpRequest,
    record: RecordName,
    file: Annotated[UploadedFile, File(description="PDF, JPEG, PNG, WebP, XLSX or DOCX")],
    note: Annotated[str, Form(max_length=2000)] = "",
) -> HttpResponse:
    """Attach a file to a record; the same file a second time is the same attachment."""
    made = actions.attach(
        record, name=file.name or "", content=file.read(), access=of(request),
        origin=origin(request), note=note,
    )  # fmt: skip
    return answer(as_attachment(made), 201, {"Location": _address(made)})


@router.get(
    "/attachments/{number}",
    response=answers(200, None),
    operation_id="download",
    summary="The bytes of a file",
    tags=["attachments"],
    openapi_extra={"responses": {200: {"content": {"application/octet-stream": {}}}}},
)
def download(request: HttpRequest, number: Number) -> HttpResponse:
    """Give the bytes of a file, to be kept and not shown."""
    check_parameters(request, ())
    found = attachment(number, of(request))
    return as_file(bytes(found.blob.content), found.name)


def as_file(content: bytes, name: str) -> HttpResponse:
    """Return bytes that a browser keeps and never runs."""
    response = HttpResponse(content, content_type="application/octet-stream")
    response["Content-Disposition"] = content_disposition_header(True, name)
    return response


@router.delete(
    "/attachments/{number}",
    response=answers(204, None, writing=True),
    operation_id="detach",
    summary="Take a file off its record",
    tags=["attachments"],
)
def detach(
    request: HttpRequest,
    number: Number,
    reason: Why = "",
) -> HttpResponse:
    """Take a file off its record; the trail keeps its fingerprint."""
    check_parameters(request, ("reason",))
    actions.detach(number, access=of(request), origin=origin(request), reason=reason)
    return HttpResponse(status=204)


def _address(item: Attachment) -> str:
    return f"/api/v1/attachments/{item.pk}"


def as_attachment(item: Attachment) -> dict[str, object]:
    """Return a file as the API tells of it."""
    return {
        "id": item.pk,
        "name": item.name,
        "media_type": item.blob.media_type,
        "size": item.blob.size,
        "sha256": item.blob.sha256,
        "note": item.note,
        "added_at": item.added_at.isoformat(),
        "added_by": item.added_by,
        "href": _address(item),
    }


_AUDIT = ("by", "action", "table", "code", "since", "until", "limit", "after")


@router.get(
    "/audit",
    response=answers(200, schemas.AuditTrail),
    operation_id="audit",
    summary="The audit trail",
    tags=["audit"],
)
def audit(
    request: HttpRequest,
    by: Annotated[str, Query(max_length=150)] = "",
    action: Annotated[str, Query(max_length=100)] = "",
    table: Annotated[str, Query(max_length=100)] = "",
    code: Annotated[str, Query(max_length=200)] = "",
    since: Annotated[date | None, Query()] = None,
    until: Annotated[date | None, Query()] = None,
    limit: Limit = 100,
    after: Cursor = None,
) -> HttpResponse:
    """Give entries of the audit trail, the latest first; for administrators of everything."""
    check_parameters(request, _AUDIT)
    asked = AuditFilter(by, action, table, code, _usual(since), _usual(until))
    rows = audit_entries(asked, access=of(request)).order_by("-id")
    last = number_after(after)
    if last is not None:
        rows = rows.filter(pk__lt=last)
    found = list(rows[: limit + 1])
    cursor = str(found[limit - 1].pk) if len(found) > limit else None
    items = [_entry(item) for item in found[:limit]]
    return answer({"items": items, "next": next_address(request, cursor)})


def _usual(day: date | None) -> date | None:
    """Return a day whose midnight every time zone has."""
    return day if day is None else min(max(day, date(1900, 1, 1)), date(9000, 1, 1))


def _entry(item: AuditEntry) -> dict[str, object]:
    names = ("by", "origin", "action", "table", "code", "record", "before", "after", "reason")
    found: dict[str, object] = {name: getattr(item, name) for name in names}
    return {"id": item.pk, "at": item.at.isoformat(), **found, "undoes": item.undoes_id}
