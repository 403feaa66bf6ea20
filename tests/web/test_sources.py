"""The imported files and the runs."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.web import sample
from tests.web.readers import names, reader_with
from zonewright.store.models import Run

pytestmark = pytest.mark.django_db


def test_every_file_shows_fingerprint_notice_and_findings(workspace: None, client: Client) -> None:
    page = client.get("/sources/").content.decode()
    assert "=土地台账.xlsx" in page
    assert "1" * 16 in page
    assert sample.SECOND_NOTICE in page
    assert "不认识的单位“大洋”" in page
    assert names(page, "D7")
    assert "2023-11-02 11:00" in page  # 03:00 UTC on the clocks of the desk's time zone


def test_findings_are_told_in_the_readers_language(workspace: None, english: Client) -> None:
    assert "“大洋” is not a known unit" in english.get("/sources/").content.decode()


def test_runs_are_listed_the_latest_first(workspace: None, english: Client) -> None:
    english.get("/figures/")
    page = english.get("/runs/").content.decode()
    assert page.count("<tr>") == 1 + Run.objects.count()
    assert "ffffffffffffffff" in page


@pytest.mark.parametrize("number", ["2", "0", "x", "-1"])
def test_a_page_of_runs_beyond_the_ends_is_the_nearest(
    workspace: None, client: Client, number: str
) -> None:
    assert client.get("/runs/", {"page": number}).status_code == 200


@pytest.mark.parametrize("path", ["/sources/", "/runs/"])
def test_an_empty_workspace_says_so(empty: None, english: Client, path: str) -> None:
    page = english.get(path).content.decode()
    assert "No file has been imported yet" in page or "Nothing has been computed yet" in page


@pytest.mark.parametrize("path", ["/sources/", "/runs/"])
def test_strangers_and_writers_are_refused(
    workspace: None, client: Client, anonymous: Client, path: str
) -> None:
    assert anonymous.get(path)["Location"] == f"/sign-in/?next={path}"
    assert client.post(path).status_code == 405


@pytest.mark.parametrize("path", ["/sources/", "/runs/"])
def test_reading_asks_few_queries(
    workspace: None,
    client: Client,
    django_assert_max_num_queries: pytest.FixtureRequest,
    path: str,
) -> None:
    with django_assert_max_num_queries(10):
        client.get(path)


@pytest.mark.parametrize(
    ("role", "zone", "status"),
    [("viewer", None, 200), ("administrator", "Z1", 404), ("", None, 404)],
)
def test_the_files_are_for_who_sees_the_whole_workspace(
    workspace: None, role: str, zone: str | None, status: int
) -> None:
    reader = reader_with(role, *([zone] if role else []))
    assert reader.get("/sources/").status_code == status
