"""Files beside records: checked by content, kept once, shown to whoever sees the record."""

from __future__ import annotations

from io import BytesIO
from zipfile import ZipFile

import pytest

from tests.unit.store.conftest import Made
from tests.unit.store.desk import OUTSIDER, PLANNER, REPORTER, VIEWER, land, seen
from zonewright.core.errors import InputError, NotAllowedError, UnknownReferenceError
from zonewright.store.actions import attach, detach
from zonewright.store.actions.attachments import DOCX, MAX_BYTES, XLSX
from zonewright.store.models import Attachment, AuditEntry, Blob
from zonewright.store.selectors import attachment, attachments

__all__ = ["land"]
PDF = b"%PDF-1.7 a permit"


def office(*names: str) -> bytes:
    out = BytesIO()
    with ZipFile(out, "w") as parts:
        for name in names:
            parts.writestr(name, "<x/>")
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "kind", "name"),
    [
        (PDF, "application/pdf", "a.pdf"),
        (b"\xff\xd8\xff\xe0....", "image/jpeg", "a.jpg"),
        (b"\x89PNG\r\n\x1a\n....", "image/png", "a.png"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp", "a.webp"),
        (office("[Content_Types].xml", "xl/workbook.xml"), XLSX, "a.xlsx"),
        (office("[Content_Types].xml", "word/document.xml"), DOCX, "a.docx"),
    ],
)
def test_a_kind_is_told_by_its_content(land: Made, content: bytes, kind: str, name: str) -> None:
    record = seen("parcel", code="P1").record
    made = attach(record, name=r"C:\photos\..\a", content=content, access=REPORTER, origin="")
    assert (made.blob.media_type, made.name, made.added_by) == (kind, name, "赵")
    assert bytes(attachment(made.pk, VIEWER).blob.content) == content


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "attach-empty"),
        (b"<html><script>alert(1)</script>", "attach-type"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "attach-type"),
        (b"  %PDF-1.7", "attach-type"),
        (b"MZ\x90\x00", "attach-type"),
        (office("index.html"), "attach-type"),
        (office("[Content_Types].xml", "xl/workbook.xml", "xl/vbaProject.bin"), "attach-type"),
        (b"PK\x03\x04 cut off", "attach-type"),
        (PDF + bytes(MAX_BYTES), "attach-large"),
    ],
)
def test_what_is_no_document_is_refused(land: Made, content: bytes, code: str) -> None:
    with pytest.raises(InputError) as caught:
        attach(seen("parcel", code="P1").record, name="a.pdf", content=content,
               access=REPORTER, origin="")  # fmt: skip
    assert caught.value.code == code
    assert not Attachment.objects.exists()


@pytest.mark.parametrize("name", ["", "/", "..", "\n"])
def test_a_file_needs_a_name(land: Made, name: str) -> None:
    with pytest.raises(InputError) as caught:
        attach(seen("parcel", code="P1").record, name=name, content=PDF, access=REPORTER, origin="")
    assert caught.value.code == "attach-name"


def test_the_same_file_twice_is_kept_once(land: Made) -> None:
    record, other = seen("parcel", code="P1").record, seen("parcel", code="P2").record
    first = attach(record, name="许可.pdf", content=PDF, access=REPORTER, origin="", note="批复")
    again = attach(record, name="许可.pdf", content=PDF, access=REPORTER, origin="")
    attach(other, name="许可.pdf", content=PDF, access=REPORTER, origin="")
    assert first.pk == again.pk
    assert [item.name for item in attachments(record, VIEWER)] == ["许可.pdf"]
    assert Blob.objects.filter(media_type="application/pdf").count() == 1
    assert AuditEntry.objects.filter(action="attach", record=record).count() == 1


def test_who_may_not_write_attaches_nothing_and_outsiders_see_nothing(land: Made) -> None:
    record = seen("parcel", code="P1").record
    made = attach(record, name="a.pdf", content=PDF, access=PLANNER, origin="")
    with pytest.raises(NotAllowedError):
        attach(record, name="b.pdf", content=PDF, access=VIEWER, origin="")
    with pytest.raises(NotAllowedError):
        detach(made.pk, access=VIEWER, origin="")
    for access in (OUTSIDER,):
        with pytest.raises(UnknownReferenceError):
            attach(record, name="b.pdf", content=PDF, access=access, origin="")
        with pytest.raises(UnknownReferenceError):
            attachments(record, access)
        with pytest.raises(UnknownReferenceError):
            attachment(made.pk, access)
        with pytest.raises(UnknownReferenceError):
            detach(made.pk, access=access, origin="")


def test_what_is_taken_off_stays_in_the_trail(land: Made) -> None:
    record = seen("parcel", code="P1").record
    made = attach(record, name="a.pdf", content=PDF, access=PLANNER, origin="")
    detach(made.pk, access=REPORTER, origin="", reason="错")
    assert attachments(record, VIEWER) == ()
    with pytest.raises(UnknownReferenceError):
        detach(made.pk, access=PLANNER, origin="")
    entry = AuditEntry.objects.get(action="detach")
    assert ((entry.before or {})["attachment"], entry.by, entry.reason) == ("a.pdf", "赵", "错")
