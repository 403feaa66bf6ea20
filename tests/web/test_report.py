"""The look-back on the desk."""

from __future__ import annotations

import io
import zipfile

import pytest
from django.test import Client

from tests.web import sample
from zonewright.store.models import Run, Target

pytestmark = pytest.mark.django_db
FILES = [f"/report/{lang}/look-back.{kind}" for lang in ("zh", "en") for kind in ("html", "docx")]


def test_before_it_is_made_there_is_a_button_and_no_file(workspace: None, client: Client) -> None:
    page = client.get("/report/").content.decode()
    assert 'action="/report/make/"' in page
    assert "尚未生成" in page
    for path in FILES:
        assert client.get(path).status_code == 404


def test_making_it_keeps_one_run_and_shows_it(workspace: None, client: Client) -> None:
    answer = client.post("/report/make/", follow=True)
    assert answer.redirect_chain == [("/report/", 302)]
    page = answer.content.decode()
    assert "江门园区再造回头看" in page
    assert sample.NOTICE in page
    assert 'action="/report/make/"' not in page
    client.post("/report/make/")
    runs = Run.objects.filter(question="look-back")
    assert [(run.by, run.status) for run in runs] == [(sample.USER, "done")]


def test_english_readers_get_the_english_report(workspace: None, english: Client) -> None:
    page = english.post("/report/make/", follow=True).content.decode()
    assert "Look-back: Jiangmen parks rebuilt" in page


def test_its_files_open(workspace: None, client: Client) -> None:
    client.post("/report/make/")
    page = client.get("/report/en/look-back.html")
    assert page.content.startswith(b"<!doctype html>") or page.content.startswith(b"<!DOCTYPE")
    assert page["Content-Disposition"] == 'attachment; filename="look-back.en.html"'
    document = client.get("/report/zh/look-back.docx").content
    assert "word/document.xml" in zipfile.ZipFile(io.BytesIO(document)).namelist()


def test_the_pdf_is_one(workspace: None, client: Client) -> None:
    client.post("/report/make/")
    assert client.get("/report/zh/look-back.pdf").content.startswith(b"%PDF-")


def test_a_change_of_the_records_makes_it_stale(workspace: None, english: Client) -> None:
    english.post("/report/make/")
    Target.objects.filter(zone__code="S1").delete()
    page = english.get("/report/").content.decode()
    assert "The records have changed" in page
    assert english.get("/report/en/look-back.html").status_code == 404


def test_hostile_names_stay_text(workspace: None, client: Client) -> None:
    page = client.post("/report/make/", follow=True).content.decode()
    assert "<script>alert" not in page


def test_the_fragment_brings_no_style_or_script_of_its_own(workspace: None, client: Client) -> None:
    page = client.post("/report/make/", follow=True).content.decode()
    sheet = page[page.index("report-sheet") : page.index("<footer")]
    assert " style=" not in sheet
    assert "<style" not in sheet
    assert "<script" not in sheet
    assert "zr-" in client.get("/report/style.css").content.decode()


def test_an_empty_workspace_cannot_make_one_and_says_why(empty: None, english: Client) -> None:
    answer = english.post("/report/make/")
    assert answer.status_code == 422
    assert "This input cannot be used" in answer.content.decode()
    assert not Run.objects.filter(question="look-back").exists()


@pytest.mark.parametrize("path", ["/report/fr/look-back.html", "/report/zh/look-back.exe"])
def test_other_languages_and_kinds_are_not_found(
    workspace: None, client: Client, path: str
) -> None:
    client.post("/report/make/")
    assert client.get(path).status_code == 404


def test_strangers_and_wrong_methods_are_refused(
    workspace: None, client: Client, anonymous: Client
) -> None:
    for path in ("/report/", "/report/style.css", *FILES):
        assert anonymous.get(path).status_code == 302
        assert client.post(path).status_code == 405
    assert anonymous.post("/report/make/").status_code == 302
    assert client.get("/report/make/").status_code == 405
    assert not Run.objects.filter(question="look-back").exists()


def test_a_second_reading_asks_few_queries(
    workspace: None, client: Client, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    client.post("/report/make/")
    client.get("/report/")
    with django_assert_max_num_queries(16):
        client.get("/report/")
