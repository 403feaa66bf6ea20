"""The look-back on the desk."""

from __future__ import annotations

import io
import zipfile

import pytest
from django.test import Client

from tests.web import sample
from tests.web.readers import reader_with
from zonewright.store.models import OutlineItem, Run, Target
from zonewright.workflows.worker import work_off

pytestmark = pytest.mark.django_db
FILES = [f"/report/{lang}/look-back.{kind}" for lang in ("zh", "en") for kind in ("html", "docx")]


def make(client: Client) -> str:
    """Ask for the look-back, let the worker make it, and return the report's page."""
    assert client.post("/report/make/").status_code == 302
    work_off()
    return client.get("/report/").content.decode()


def test_before_it_is_made_there_is_a_button_and_no_file(workspace: None, client: Client) -> None:
    page = client.get("/report/").content.decode()
    assert 'action="/report/make/"' in page
    assert "尚未生成" in page
    for path in FILES:
        assert client.get(path).status_code == 404


def test_making_it_keeps_one_run_and_shows_it(workspace: None, client: Client) -> None:
    answer = client.post("/report/make/", follow=True)
    assert answer.redirect_chain == [("/report/", 302)]
    waiting = answer.content.decode()
    assert "正在生成回头看" in waiting
    assert 'action="/report/make/"' not in waiting
    client.post("/report/make/")
    assert work_off() == 1
    page = client.get("/report/").content.decode()
    assert "江门园区再造回头看" in page
    assert sample.NOTICE in page
    assert 'action="/report/make/"' not in page
    client.post("/report/make/")
    runs = Run.objects.filter(question="look-back")
    assert [(run.by, run.status) for run in runs] == [(sample.USER, "done")]


def test_english_readers_get_the_english_report(workspace: None, english: Client) -> None:
    page = make(english)
    assert "Look-back: Jiangmen parks rebuilt" in page


def test_its_files_open(workspace: None, client: Client) -> None:
    make(client)
    page = client.get("/report/en/look-back.html")
    assert page.content.startswith(b"<!doctype html>") or page.content.startswith(b"<!DOCTYPE")
    assert page["Content-Disposition"] == 'attachment; filename="look-back.en.html"'
    document = client.get("/report/zh/look-back.docx").content
    assert "word/document.xml" in zipfile.ZipFile(io.BytesIO(document)).namelist()


def test_the_pdf_is_one(workspace: None, client: Client) -> None:
    make(client)
    assert client.get("/report/zh/look-back.pdf").content.startswith(b"%PDF-")


def test_a_change_of_the_records_makes_it_stale(workspace: None, english: Client) -> None:
    make(english)
    Target.objects.filter(zone__code="S1").delete()
    page = english.get("/report/").content.decode()
    assert "The records have changed" in page
    assert english.get("/report/en/look-back.html").status_code == 404


def test_hostile_names_stay_text(workspace: None, client: Client) -> None:
    page = make(client)
    assert "<script>alert" not in page


def test_the_fragment_brings_no_style_or_script_of_its_own(workspace: None, client: Client) -> None:
    page = make(client)
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
    make(client)
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
    make(client)
    with django_assert_max_num_queries(16):
        client.get("/report/")


@pytest.mark.parametrize(
    ("role", "zones", "status"),
    [
        ("viewer", (None,), 200),
        ("viewer", ("Z1",), 200),
        ("viewer", ("Z1", "P1"), 200),
        # The outline names the whole cluster, of which the start-up area is a part.
        ("administrator", ("S1",), 404),
        ("administrator", ("G1", "G2", "G3"), 404),
        ("", (), 404),
    ],
)
def test_it_is_for_who_sees_every_zone_that_it_names(
    workspace: None, client: Client, role: str, zones: tuple[str | None, ...], status: int
) -> None:
    make(client)
    made = client.get(FILES[0]).status_code
    reader = reader_with(role, *zones)
    assert reader.get("/report/").status_code == status
    for path in FILES:
        assert reader.get(path).status_code == (made if status == 200 else 404)


def test_only_who_plans_there_is_offered_to_make_it(workspace: None) -> None:
    offered = {
        (role, zone): 'action="/report/make/"'
        in reader_with(role, zone).get("/report/").content.decode()
        for role in ("viewer", "planner")
        for zone in (None, "Z1")
    }
    assert offered == {
        ("viewer", None): False,
        ("viewer", "Z1"): False,
        ("planner", None): True,
        ("planner", "Z1"): True,
    }


def test_without_an_outline_nobody_sees_every_zone_of_it(workspace: None) -> None:
    OutlineItem.objects.all().delete()
    assert reader_with("viewer", "Z1").get("/report/").status_code == 404
    assert reader_with("viewer", None).get("/report/").status_code == 200


def test_a_planner_of_its_zones_has_it_made_and_a_viewer_may_not(workspace: None) -> None:
    assert reader_with("viewer", "Z1", "P1").post("/report/make/").status_code == 403
    assert reader_with("planner", "G1").post("/report/make/").status_code == 404
    assert not Run.objects.filter(question="look-back").exists()
    assert "zr-report" in make(reader_with("planner", "Z1", "P1"))


def test_progress_is_told_on_its_page_until_it_is_there(workspace: None, english: Client) -> None:
    english.post("/report/make/")
    run = Run.objects.get(question="look-back")
    address = f"/report/making/{run.pk}/"
    assert f'hx-get="{address}"' in english.get("/report/").content.decode()
    answer = english.get(address, headers={"hx-request": "true"})
    assert "waiting" in answer.content.decode()
    assert "HX-Redirect" not in answer
    work_off()
    assert english.get(address)["HX-Redirect"] == "/report/"
    assert reader_with("viewer", "G1").get(address).status_code == 404
    assert english.get("/report/making/999999/").status_code == 404


def test_one_that_failed_or_is_of_an_earlier_state_is_named(
    workspace: None, english: Client
) -> None:
    make(english)
    first = Run.objects.get(question="look-back")
    Target.objects.filter(zone__code="S1").delete()
    page = english.get("/report/").content.decode()
    assert f'href="/runs/{first.pk}/"' in page
    assert english.get(f"/runs/{first.pk}/files/look-back.en.html").status_code == 200
    english.post("/report/make/")
    second = Run.objects.filter(question="look-back").latest("id")
    OutlineItem.objects.all().delete()
    work_off()
    second.refresh_from_db()
    assert (second.status, second.result["error"]["code"]) == ("failed", "outline-empty")
    assert english.get(f"/report/making/{second.pk}/")["HX-Redirect"] == f"/runs/{second.pk}/"
