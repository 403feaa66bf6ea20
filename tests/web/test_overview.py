"""The first page."""

from __future__ import annotations

import json
import re

import pytest
from django.test import Client

from tests.web import sample
from tests.web.readers import reader_with

pytestmark = pytest.mark.django_db


def test_it_states_the_headlines_with_their_pace(workspace: None, client: Client) -> None:
    page = client.get("/").content.decode()
    assert "江门园区再造" in page
    assert "基础设施完成投资" not in page  # the outline's own words go before the indicator's
    assert "超" in page
    assert "公顷" in page
    assert "滞后" in page
    assert "▼" in page
    assert 'href="/figures/F031/"' in page


def test_ahead_stands_before_behind(workspace: None, english: Client) -> None:
    page = english.get("/").content.decode()
    table = page[page.index("pace-table") :]
    order = re.findall(r'href="/figures/(F0\d\d)/"', table)
    assert order == ["F032", "F031", "F019"]


def test_every_notice_of_the_files_is_on_the_page(workspace: None, client: Client) -> None:
    page = client.get("/").content.decode()
    assert sample.NOTICE in page
    assert sample.SECOND_NOTICE in page


def test_the_legend_lists_the_kinds_that_are_there(workspace: None, english: Client) -> None:
    page = english.get("/").content.decode()
    kinds = set(re.findall(r'type="checkbox" data-kind="(\w+)"', page))
    assert {"cluster", "group", "startup", "park", "economic_zone"} <= kinds
    assert "cooperation" not in kinds
    assert "Start-up area" in page


def test_the_map_looks_at_the_planned_zones(workspace: None, client: Client) -> None:
    page = client.get("/").content.decode()
    bounds = json.loads(re.search(r'data-bounds="([^"]+)"', page)[1])
    assert bounds == [[112.65, 22.35], [113.1, 22.6]]


def test_an_empty_workspace_says_the_next_step(empty: None, client: Client) -> None:
    page = client.get("/").content.decode()
    assert "zonewright import" in page
    assert "工作区中还没有指标" in page


def test_anonymous_readers_are_sent_to_sign_in_and_back(empty: None, anonymous: Client) -> None:
    answer = anonymous.get("/")
    assert (answer.status_code, answer["Location"]) == (302, "/sign-in/?next=/")


def test_it_is_read_only(workspace: None, client: Client) -> None:
    assert client.post("/").status_code == 405


def test_a_second_reading_asks_few_queries(
    workspace: None, client: Client, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    client.get("/")
    with django_assert_max_num_queries(20):
        client.get("/")


def test_a_reader_of_a_zone_sees_its_figures_only(workspace: None) -> None:
    page = reader_with("viewer", "S1").get("/").content.decode()
    assert set(re.findall(r'href="/figures/(F\d+)/"', page)) == {"F030", "F031"}
    assert re.findall(r'data-kind="(\w+)"', page).count("startup") >= 1
    assert 'type="checkbox" data-kind="group"' not in page
    # City and districts are everybody's ground.
    assert 'type="checkbox" data-kind="city"' in page


def test_a_zone_without_figures_has_a_page_that_says_so(workspace: None) -> None:
    answer = reader_with("viewer", "G1").get("/")
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "No figure of the outline is of your zones" in page
    assert "/figures/F0" not in page


@pytest.mark.parametrize("path", ["/", "/figures/", "/zones/"])
def test_who_has_no_role_is_told_whom_to_ask(workspace: None, path: str) -> None:
    answer = reader_with().get(path)
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "Your account has no role yet" in page
    assert "nobody-" in page
    assert 'href="/figures/' not in page
    assert 'href="/zones/' not in page
    assert "Jiangmen" in page  # the workspace's title
    assert sample.NOTICE in page
    assert "尚未授予角色" in reader_with(language="zh-hans").get(path).content.decode()


@pytest.mark.parametrize(
    ("role", "zones", "shown", "missing"),
    [
        ("viewer", (None,), {"figures", "board", "zones", "report", "sources"}, {"people"}),
        ("viewer", ("Z1",), {"figures", "zones", "report"}, {"sources", "people"}),
        ("viewer", ("S1",), {"figures", "zones"}, {"report", "sources", "people"}),
        ("administrator", ("S1",), {"figures", "zones", "people"}, {"report", "sources"}),
        ("", (), set(), {"figures", "board", "zones", "report", "sources", "people", "runs"}),
    ],
)
def test_the_sections_are_those_that_the_reader_may_open(
    workspace: None, role: str, zones: tuple[str | None, ...], shown: set[str], missing: set[str]
) -> None:
    page = reader_with(role, *zones).get("/").content.decode()
    nav = page[page.index('<nav class="sections"') : page.index("</nav>")]
    entries = set(re.findall(r'href="/(\w+)/"', nav))
    assert shown <= entries
    assert not missing & entries


def test_access_costs_three_queries_at_most(
    workspace: None, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    """Grants, memberships, and the outline's zones for the entry of the look-back."""
    client = reader_with("viewer", "Z1")
    client.get("/")
    with django_assert_max_num_queries(23):
        client.get("/")
