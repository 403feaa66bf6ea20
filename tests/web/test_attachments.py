"""Files of records: kept once, told by their content, given back as nothing but a file."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.web.readers import reader_with
from zonewright.store.models import Attachment, Blob, Parcel

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n%test\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


def address(code: str = "DK-0000") -> str:
    return f"/records/parcels/{Parcel.objects.get(code=code).pk}"


def send(client: Client, name: str = "批文.pdf", content: bytes = PDF, **more: str) -> int:
    file = SimpleUploadedFile(name, content)
    return client.post(f"{address()}/attach/", {"file": file, **more}).status_code


def test_a_file_is_attached_shown_and_saved(workspace: None, client: Client) -> None:
    assert send(client, note="用地批文") == 302
    made = Attachment.objects.get()
    page = client.get(f"{address()}/").content.decode()
    assert "批文.pdf" in page
    assert "用地批文" in page
    answer = client.get(f"/attachments/{made.pk}/")
    assert answer.content == PDF
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"].startswith("sandbox")


def test_a_picture_is_drawn_and_nothing_else_is(workspace: None, client: Client) -> None:
    send(client)
    send(client, "photo.png", PNG)
    pdf, photo = Attachment.objects.order_by("pk")
    assert f"/attachments/{photo.pk}/image/" in client.get(f"{address()}/").content.decode()
    answer = client.get(f"/attachments/{photo.pk}/image/")
    assert (answer["Content-Type"], answer.content) == ("image/png", PNG)
    assert answer["Content-Security-Policy"].startswith("sandbox")
    assert client.get(f"/attachments/{pdf.pk}/image/").status_code == 404


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.pdf", b"<html><script>alert(1)</script>"), ("a.svg", b"<svg xmlns='x'/>"), ("a.pdf", b"")],
)
def test_other_kinds_are_refused_in_words(
    workspace: None, english: Client, name: str, content: bytes
) -> None:
    file = SimpleUploadedFile(name, content)
    answer = english.post(f"{address()}/attach/", {"file": file}, follow=True)
    assert 'class="message error"' in answer.content.decode()
    assert not Attachment.objects.exists()


def test_no_file_at_all_is_told(workspace: None, english: Client) -> None:
    answer = english.post(f"{address()}/attach/", {}, follow=True)
    assert "Choose a file first." in answer.content.decode()


def test_a_page_that_sends_by_itself_is_told_on_reload(workspace: None, english: Client) -> None:
    file = SimpleUploadedFile("a.pdf", PDF)
    answer = english.post(
        f"{address()}/attach/", {"file": file}, headers={"x-requested-with": "upload"}
    )
    assert answer.status_code == 204
    assert "Attached: a.pdf" in english.get(f"{address()}/").content.decode()


def test_the_same_file_twice_is_one(workspace: None, client: Client) -> None:
    send(client)
    send(client)
    assert (Attachment.objects.count(), Blob.objects.count()) == (1, 1)


def test_the_name_loses_its_folders(workspace: None, client: Client) -> None:
    send(client, "../../etc/批文.pdf")
    assert Attachment.objects.get().name == "批文.pdf"


def test_a_file_is_taken_off_once(workspace: None, client: Client) -> None:
    send(client)
    pk = Attachment.objects.get().pk
    assert client.get(f"/attachments/{pk}/remove/").status_code == 405
    assert client.post(f"/attachments/{pk}/remove/").status_code == 302
    page = client.get(f"{address()}/").content.decode()
    assert f"/attachments/{pk}/" not in page
    assert client.get(f"/attachments/{pk}/").status_code == 404
    assert client.post(f"/attachments/{pk}/remove/").status_code == 404


def test_who_may(workspace: None, anonymous: Client) -> None:
    assert send(reader_with("reporter", "G1")) == 302
    pk = Attachment.objects.get().pk
    viewer, outsider = reader_with("viewer", "G1"), reader_with("planner", "G3")
    assert viewer.get(f"/attachments/{pk}/").status_code == 200
    assert send(viewer, "b.pdf", PDF + b"2") == 403
    assert viewer.post(f"/attachments/{pk}/remove/").status_code == 403
    for path in (f"/attachments/{pk}/", f"/attachments/{pk}/image/"):
        assert outsider.get(path).status_code == 404
        assert anonymous.get(path).status_code == 302
    assert send(outsider) == 404
    assert outsider.post(f"/attachments/{pk}/remove/").status_code == 404
    assert send(anonymous) == 302
    assert Attachment.objects.count() == 1
