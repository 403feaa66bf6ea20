"""Attach files to records and take them off: photos, permits, ledgers. Their content is checked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import PurePosixPath
from zipfile import BadZipFile, ZipFile

from django.db import transaction
from django.utils import timezone

from zonewright.core.errors import InputError, NotAllowedError, StateError
from zonewright.store.access import Access
from zonewright.store.actions import trail
from zonewright.store.actions.blobs import keep
from zonewright.store.models import Attachment
from zonewright.store.selectors.attachments import attachment
from zonewright.store.selectors.orders import REPLIED, evidence_step
from zonewright.store.selectors.record import parse_record, record_state

MAX_BYTES = 20 * 1024 * 1024
_MAX_NAME = 150
_OFFICE = "application/vnd.openxmlformats-officedocument."
XLSX = f"{_OFFICE}spreadsheetml.sheet"
DOCX = f"{_OFFICE}wordprocessingml.document"
# Kind to the endings that a name of it may have; the first is given where none fits.
_ENDINGS = {
    "application/pdf": (".pdf",),
    "image/jpeg": (".jpg", ".jpeg"),
    "image/png": (".png",),
    "image/webp": (".webp",),
    XLSX: (".xlsx",),
    DOCX: (".docx",),
}
_PARTS = {"xl/workbook.xml": XLSX, "word/document.xml": DOCX}


def attach(
    record: str, *, name: str, content: bytes, access: Access, origin: str, note: str = "",
    at: datetime | None = None,
) -> Attachment:  # fmt: skip
    """Attach a file to a record; the same file a second time is the same attachment.

    Parameters
    ----------
    record
        The record's name, as in ``parcel:12``; ``order_step:12`` for evidence of a reply to an
        order, which may change until the reply is judged.
    name
        The file's name; folders in it are left out.
    content
        Its bytes: PDF, JPEG, PNG, WebP, XLSX or DOCX, of at most `MAX_BYTES`.
    access, origin
        Who attaches it, and from where: whoever may report or plan where the record lies.
    note
        What it shows.
    at
        When it was attached, where kept files are replayed; None means now.

    Raises
    ------
    InputError
        If it is empty, too large, or of another kind.
    UnknownReferenceError, NotAllowedError
        If they may not see the record, or not attach anything to it.
    StateError
        If the reply that it is to prove was judged.
    """
    kind = _kind_of(_bare(name), content)
    with transaction.atomic():
        owner = _require_may_attach(record, access)
        blob = keep(content, kind)
        called = _with_ending(_bare(name), kind)
        there = Attachment.objects.filter(
            record=record, blob=blob, name=called, removed_at__isnull=True
        ).first()
        if there is not None:
            return there
        made = Attachment.objects.create(
            record=record, blob=blob, name=called, note=note.strip(), added_by=access.name,
            added_at=at or timezone.now(),
        )  # fmt: skip
        told = {"attachment": called, "sha256": blob.sha256, "size": blob.size}
        _note("attach", owner, access=access, origin=origin, after=told, reason=note)
    return made


def detach(number: int, *, access: Access, origin: str, reason: str = "") -> None:
    """Take a file off its record; its bytes stay, and the trail names them.

    Raises
    ------
    UnknownReferenceError, NotAllowedError
        As in `attach`.
    """
    with transaction.atomic():
        found = attachment(number, access)
        owner = _require_may_attach(found.record, access)
        found.removed_at, found.removed_by = timezone.now(), access.name
        found.save(update_fields=["removed_at", "removed_by"])
        told = {"attachment": found.name, "sha256": found.blob_id}
        _note("detach", owner, access=access, origin=origin, before=told, reason=reason)


@dataclass(frozen=True, slots=True)
class _Owner:
    """What files belong to: its name, its table and its code, as the trail tells them."""

    record: str
    table: str
    code: str


def _require_may_attach(record: str, access: Access) -> _Owner:
    step = evidence_step(record, access)
    if step is not None:
        access.require("report", step.of.zone.code)
        last = step.of.steps.order_by("at", "id").last()
        if step.of.state != REPLIED or last is None or last.pk != step.pk:
            raise StateError("order-evidence-judged", order=step.of.code)
        return _Owner(f"order:{step.of_id}", "orders", step.of.code)
    state = record_state(record, access)
    if not (access.sees(record, "report") or access.sees(record, "plan")):
        zones = ", ".join(sorted(access.among(state.zones))) or "*"
        raise NotAllowedError("not-allowed", permission="report", zone=zones)
    return _Owner(state.record, parse_record(state.record)[0].table, state.code)


def _note(
    action: str,
    owner: _Owner,
    *,
    access: Access,
    origin: str,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
    reason: str,
) -> None:
    trail.note(
        action, by=access.name, origin=origin, table=owner.table, code=owner.code,
        record=owner.record, before=before, after=after, reason=reason.strip(),
    )  # fmt: skip


def _bare(name: str) -> str:
    """Return a file's name without folders and signs that cannot be printed."""
    last = PurePosixPath(name.replace("\\", "/")).name
    clean = "".join(sign for sign in last if sign.isprintable()).strip().strip(".")
    clean = re.sub(r'[<>:"|?*]', "_", clean)
    if not clean:
        raise InputError("attach-name")
    return clean


def _with_ending(name: str, kind: str) -> str:
    stem, dot, ending = name.rpartition(".")
    if not dot or f".{ending.lower()}" not in _ENDINGS[kind]:
        stem, ending = name, _ENDINGS[kind][0].removeprefix(".")
    return f"{stem[:_MAX_NAME]}.{ending}"


def _kind_of(name: str, content: bytes) -> str:
    """Return what a file is by its content, whatever it is called."""
    if not content:
        raise InputError("attach-empty", name=name)
    if len(content) > MAX_BYTES:
        raise InputError("attach-large", name=name, most_mb=MAX_BYTES // 1024**2)
    kind = _picture_or_pdf(content) or _office(content)
    if kind is None:
        raise InputError("attach-type", name=name)
    return kind


def _picture_or_pdf(content: bytes) -> str | None:
    if content.startswith(b"%PDF-"):
        return "application/pdf"
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return None


def _office(content: bytes) -> str | None:
    """Return which kind of Office file a ZIP is, if it carries no macros."""
    if not content.startswith(b"PK\x03\x04"):
        return None
    try:
        with ZipFile(BytesIO(content)) as parts:
            names = set(parts.namelist())
    except (BadZipFile, ValueError, NotImplementedError):
        return None
    if "[Content_Types].xml" not in names or any("vbaProject" in name for name in names):
        return None
    return next((kind for part, kind in _PARTS.items() if part in names), None)
