"""The list of zones and the page of one."""

from __future__ import annotations

import json
import re

import pytest
from django.test import Client

from tests.web.readers import reader_with
from zonewright.web.theme import colours

pytestmark = pytest.mark.django_db


def test_the_list_names_every_zone(workspace: None, client: Client) -> None:
    page = client.get("/zones/").content.decode()
    assert len(re.findall(r'href="/zones/(\w+)/"', page)) == 11
    assert "200.00平方公里" in page


def test_a_zone_shows_boundary_place_land_and_figures(workspace: None, client: Client) -> None:
    page = client.get("/zones/Z1/").content.decode()
    assert "2023-01-01" in page
    assert "试验〔2023〕1号" in page
    for code in ("CITY", "G1", "G2", "G3", "S1"):
        assert f'href="/zones/{code}/"' in page
    assert "L5 平整" in page
    assert 'href="/figures/F018/"' in page
    assert "5 项工程" in page
    assert json.loads(re.search(r'data-bounds="([^"]+)"', page)[1]) == [
        [112.7, 22.4],
        [113.1, 22.6],
    ]


def test_the_land_adds_up_to_the_parcels(workspace: None, english: Client) -> None:
    page = english.get("/zones/Z1/").content.decode()
    table = page[page.index("stage-table-title") : page.index("blocks-title")]
    counts = re.findall(r'</th>\s*<td class="number" data-label="Parcels">([\d,]+)</td>', table)
    assert sum(int(count) for count in counts) == 36


def test_ready_blocks_of_500_mu_are_listed(workspace: None, english: Client) -> None:
    page = english.get("/zones/Z1/").content.decode()
    blocks = page[page.index("blocks-title") :]
    assert re.search(r"<code>DK-\d{4}</code>", blocks)


def test_a_zone_without_boundary_looks_at_its_members(workspace: None, client: Client) -> None:
    page = client.get("/zones/C1/").content.decode()
    assert "未登记边界" in page
    found = json.loads(re.search(r'data-bounds="([^"]+)"', page)[1])
    assert found == [[113.0, 22.45], [113.05, 22.5]]


def test_a_hostile_name_is_text(workspace: None, client: Client) -> None:
    page = client.get("/zones/P1/").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_htmx_gets_the_panel_only(workspace: None, english: Client) -> None:
    answer = english.get("/zones/S1/", headers={"HX-Request": "true"})
    page = answer.content.decode()
    assert "<html" not in page
    assert "Start-up area across" in page
    assert 'href="/zones/S1/"' in page
    assert "HX-Request" in answer["Vary"]


def test_the_chart_holds_the_same_areas(workspace: None, english: Client) -> None:
    spec = english.get("/zones/Z1/stages.json").json()
    assert "vega-lite" in spec["$schema"]
    assert "L5 Levelled" in json.dumps(spec)


@pytest.mark.parametrize("path", ["/zones/NONE/", "/zones/NONE/stages.json"])
def test_an_unknown_zone_is_not_found(workspace: None, client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/zones/", "/zones/Z1/", "/zones/Z1/stages.json"])
def test_strangers_and_writers_are_refused(
    workspace: None, client: Client, anonymous: Client, path: str
) -> None:
    assert anonymous.get(path)["Location"] == f"/sign-in/?next={path}"
    assert client.post(path).status_code == 405


def test_a_stranger_using_htmx_is_sent_as_a_whole(workspace: None, anonymous: Client) -> None:
    answer = anonymous.get("/zones/Z1/", headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert answer["HX-Redirect"].startswith("/sign-in/")
    assert "Location" not in answer


def test_an_empty_workspace_has_an_empty_list(empty: None, english: Client) -> None:
    assert "No zone has been imported yet" in english.get("/zones/").content.decode()


def test_a_second_reading_asks_few_queries(
    workspace: None, client: Client, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    client.get("/zones/Z1/")
    with django_assert_max_num_queries(20):
        client.get("/zones/Z1/")


def test_the_chart_takes_the_colours_of_the_page(workspace: None, client: Client) -> None:
    found = {
        theme: client.get(f"/zones/Z1/stages.json?theme={theme}").content.decode()
        for theme in ("light", "dark")
    }
    assert colours("dark")["blue"] in found["dark"]
    assert colours("light")["blue"] in found["light"]
    assert colours("light")["blue"] not in found["dark"]
    assert client.get("/zones/Z1/stages.json?theme=pink").status_code == 400


def test_members_stand_under_the_hierarchy_that_joins_them(workspace: None, client: Client) -> None:
    page = client.get("/zones/Z1/").content.decode()
    groups = re.findall(r'<p class="link-group"><span class="tag">([^<]+)</span>(.*?)</p>', page)
    names = [name for name, _ in groups]
    assert len(names) == len(set(names))
    assert any(links.count("<a ") == 3 for _, links in groups)


def test_the_list_names_the_readers_zones(workspace: None) -> None:
    page = reader_with("viewer", "Z1").get("/zones/").content.decode()
    assert set(re.findall(r'href="/zones/(\w+)/"', page)) == {"Z1", "G1", "G2", "G3", "S1"}
    one = reader_with("viewer", "Z1", hierarchy="startup").get("/zones/").content.decode()
    assert set(re.findall(r'href="/zones/(\w+)/"', one)) == {"Z1", "S1"}


@pytest.mark.parametrize("path", ["/zones/P1/", "/zones/CITY/", "/zones/P1/stages.json"])
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_a_zone_of_others_is_not_found(workspace: None, path: str, headers: dict[str, str]) -> None:
    outsider = reader_with("administrator", "Z1")
    told = []
    for asked in (path, path.replace("P1", "NONE").replace("CITY", "NONE")):
        answer = outsider.get(asked, headers=headers)
        assert answer.status_code == 404
        page = answer.content.decode()
        told.append(page[page.index("error-page") : page.index("</section>")])
    # Nothing tells it from one that does not exist.
    assert told[0] == told[1]


def test_zones_around_that_may_not_be_seen_are_names_without_a_link(workspace: None) -> None:
    page = reader_with("viewer", "S1").get("/zones/S1/").content.decode()
    assert "Large industrial cluster" in page
    assert 'href="/zones/Z1/"' not in page
    page = reader_with("viewer", "Z1").get("/zones/Z1/").content.decode()
    assert 'href="/zones/S1/"' in page
    assert "Jiangmen" in page
    assert 'href="/zones/CITY/"' not in page


def test_a_zones_map_shows_the_readers_zones(workspace: None) -> None:
    page = reader_with("viewer", "S1").get("/zones/S1/").content.decode()
    kinds = set(re.findall(r'type="checkbox" data-kind="(\w+)"', page))
    assert "startup" in kinds
    assert not {"cluster", "group", "park"} & kinds
