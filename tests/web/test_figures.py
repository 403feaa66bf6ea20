"""The table of figures, the derivation of one, and its CSV."""

from __future__ import annotations

import csv
import io
import re
from datetime import date

import pytest
import shapely
from django.http import HttpResponse
from django.test import Client

from tests.web import sample
from tests.web.readers import reader_with
from zonewright.core.findings import Place
from zonewright.core.records import RecordCard
from zonewright.store.models import Indicator, Observation, OutlineItem, Zone, ZoneVersion
from zonewright.store.places import locate
from zonewright.web import lines
from zonewright.workflows.figures import DerivationLine, figure_set

pytestmark = pytest.mark.django_db


def main_of(answer: HttpResponse) -> str:
    """Return a page without what differs from request to request: tokens and its own address."""
    page = answer.content.decode()
    return page[page.index("<main") : page.index("</main>")]


def rows_of(client: Client, path: str) -> list[dict[str, str]]:
    answer = client.get(path)
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def codes(page: str) -> list[str]:
    return re.findall(r'<th scope="row"><code>([^<]+)</code>', page)


def test_the_table_has_every_figure_by_chapter(workspace: None, client: Client) -> None:
    page = client.get("/figures/").content.decode()
    chapters = re.findall(r'<section id="(\w+)"', page)
    assert chapters == ["scope", "mechanism", "projects", "guarantees"]
    assert len(set(re.findall(r'href="/figures/(F\d+)/"', page))) == 9
    assert "明范围" in page
    assert "暂无数据" in page


def test_the_derivation_names_formula_boundary_records_and_cells(
    workspace: None, client: Client
) -> None:
    page = client.get("/figures/F018/").content.decode()
    assert "Σ" in page
    assert "大型产业集聚区（2023-01-01）" in page
    assert len(codes(page)) == 36
    assert "=土地台账.xlsx" in page
    assert "<code>I4</code>" in page


def test_the_largest_contribution_comes_first_unless_asked(
    workspace: None, english: Client
) -> None:
    first = {
        order: codes(english.get(f"/figures/F018/?order={order}").content.decode())[0]
        for order in ("most", "least", "source", "nonsense")
    }
    assert first == {
        "most": "DK-0035",
        "least": "DK-0000",
        "source": first["source"],
        "nonsense": "DK-0035",
    }


def test_the_search_narrows_page_and_file_alike(workspace: None, english: Client) -> None:
    page = english.get("/figures/F018/?q=DK-001").content.decode()
    assert sorted(codes(page)) == [f"DK-001{digit}" for digit in range(10)]
    assert len(rows_of(english, "/figures/F018/records.csv?q=DK-001")) == 10
    assert "No record matches" in english.get("/figures/F018/?q=nowhere").content.decode()


def test_htmx_gets_the_table_only(workspace: None, english: Client) -> None:
    page = english.get("/figures/F018/?q=0007", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in page
    assert codes(page) == ["DK-0007"]


@pytest.mark.parametrize("number", ["0", "-3", "99999999999999999999", "x", "²", ""])
def test_a_page_beyond_the_ends_is_the_nearest(
    workspace: None, english: Client, number: str
) -> None:
    answer = english.get("/figures/F018/", {"page": number})
    assert answer.status_code == 200
    assert len(codes(answer.content.decode())) == 36


def test_more_than_200_records_are_cut_into_pages(empty: None, english: Client) -> None:
    sample.fill(rows=15)
    first = english.get("/figures/F018/").content.decode()
    second = english.get("/figures/F018/?page=2").content.decode()
    assert (len(codes(first)), len(codes(second))) == (200, 25)
    assert not set(codes(first)) & set(codes(second))
    assert "Records 201 to 225 of 225" in second
    assert len(rows_of(english, "/figures/F018/records.csv")) == 225


def test_the_contributions_of_the_file_add_up_to_the_figure(
    workspace: None, english: Client
) -> None:
    rows = rows_of(english, "/figures/F018/records.csv")
    assert sum(float(row["contribution"]) for row in rows) == pytest.approx(
        figure_set().item("F018").value
    )
    assert {row["unit"] for row in rows} == {"ha"}


def test_no_cell_of_the_file_is_a_formula(workspace: None, english: Client) -> None:
    row = rows_of(english, "/figures/F018/records.csv")[0]
    assert row["file"] == "'=土地台账.xlsx"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1"])
def test_whatever_a_spreadsheet_would_run_is_quoted(text: str) -> None:
    card = RecordCard("parcel:1", text, text, {}, Place(text, text, 3, "B"))
    written = "".join(lines.to_csv([DerivationLine(card, -1.5)], unit="ha"))
    row = list(csv.reader(io.StringIO(written.removeprefix("\ufeff"))))[1]
    assert row[1] == row[2] == row[5] == row[6] == "'" + text
    assert row[3] == "-1.5"


def test_what_only_counts_comes_last_in_either_order() -> None:
    found = [
        DerivationLine(RecordCard(f"parcel:{n}", str(n), "", {}, Place()), amount)
        for n, amount in enumerate((1.0, None, 3.0, float("nan"), 2.0))
    ]
    assert [line.card.code for line in lines.arrange(found, "most")] == ["2", "4", "0", "1", "3"]
    assert [line.card.code for line in lines.arrange(found, "least")] == ["0", "4", "2", "1", "3"]


def test_a_reported_figure_leads_to_its_observation(workspace: None, english: Client) -> None:
    page = english.get("/figures/F040/").content.decode()
    assert "as reported" in page
    assert "+8.7%" in page
    assert len(codes(page)) == 1


def test_a_figure_without_data_says_why_and_what_it_is_made_of(
    workspace: None, english: Client
) -> None:
    page = english.get("/figures/F051/").content.decode()
    assert 'class="findings"' in page
    assert "Gross output of above-scale industry" in page


@pytest.mark.parametrize("path", ["/figures/NONE/", "/figures/NONE/records.csv"])
def test_an_unknown_figure_is_not_found(workspace: None, client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/figures/", "/figures/F018/", "/figures/F018/records.csv"])
def test_strangers_and_writers_are_refused(
    workspace: None, client: Client, anonymous: Client, path: str
) -> None:
    assert anonymous.get(path)["Location"] == f"/sign-in/?next={path}"
    assert client.post(path).status_code == 405


@pytest.mark.parametrize("path", ["/figures/", "/figures/F018/"])
def test_a_second_reading_asks_few_queries(
    workspace: None,
    client: Client,
    django_assert_max_num_queries: pytest.FixtureRequest,
    path: str,
) -> None:
    client.get(path)
    with django_assert_max_num_queries(20):
        client.get(path)


def test_a_formula_names_zones_not_their_codes(workspace: None, client: Client) -> None:
    page = client.get("/figures/F018/").content.decode()
    formula = re.search(r'<p class="formula">([^<]+)</p>', page)[1]
    assert "大型产业集聚区" in formula
    assert "Z1" not in formula


def test_a_chapter_without_targets_has_no_columns_for_them(
    workspace: None, english: Client
) -> None:
    page = english.get("/figures/").content.decode()
    for section in re.findall(r'<section id="\w+".*?</section>', page, re.S):
        paced = 'class="pace ' in section
        assert (">Target</th>" in section) == (">Pace</th>" in section) == paced


def move_the_start_up_area() -> None:
    """Let the start-up area be smaller since 2024: a work of 2023 lies outside it now."""
    zone, day = Zone.objects.get(code="S1"), date(2024, 1, 1)
    wide, narrow = (
        shapely.MultiPolygon([shapely.box(west, 22.46, 112.9, 22.54)]) for west in (112.78, 112.86)
    )
    ZoneVersion.objects.filter(zone=zone).update(valid_to=day, geometry=wide.wkb)
    ZoneVersion.objects.create(zone=zone, valid_from=day, geometry=narrow.wkb)
    locate()


def test_only_figures_of_the_readers_zones_are_listed(workspace: None) -> None:
    page = reader_with("viewer", "S1").get("/figures/").content.decode()
    assert set(re.findall(r'href="/figures/(F\d+)/"', page)) == {"F030", "F031"}
    page = reader_with("viewer", "G1").get("/figures/").content.decode()
    assert "No figure of the outline is of your zones" in page


@pytest.mark.parametrize("path", ["/figures/F018/", "/figures/F018/records.csv"])
def test_a_figure_of_another_zone_is_not_found(workspace: None, path: str) -> None:
    outsider = reader_with("administrator", "S1")
    answer = outsider.get(path)
    assert answer.status_code == 404
    # Nothing tells it from one that does not exist.
    unknown = outsider.get(path.replace("F018", "F099"))
    assert unknown.status_code == 404
    assert main_of(unknown) == main_of(answer)
    assert reader_with("viewer", "Z1").get(path).status_code == 200


def test_records_beyond_the_readers_zones_are_counted_not_shown(workspace: None) -> None:
    move_the_start_up_area()
    client = reader_with("viewer", "S1")
    page = client.get("/figures/F031/").content.decode()
    # Of the two works within the old boundary, one lies within the new.
    assert set(codes(page)) == {"W2"}
    assert "10 further records lie outside your zones." in page
    assert "道路1" not in page
    whole = reader_with("viewer", "Z1").get("/figures/F031/").content.decode()
    assert set(codes(whole)) == {"W1", "W2"}
    assert "outside your zones" not in whole


def test_the_file_says_how_many_records_it_leaves_out(workspace: None) -> None:
    move_the_start_up_area()
    rows = rows_of(reader_with("viewer", "S1"), "/figures/F031/records.csv")
    assert {row["code"] for row in rows[:-1]} == {"W2"}
    assert rows[-1]["title"] == "10 further records lie outside your zones."
    assert not any(value for name, value in rows[-1].items() if name != "title")
    whole = rows_of(reader_with("viewer", None), "/figures/F031/records.csv")
    assert {row["code"] for row in whole} == {"W1", "W2"}


def test_of_an_input_of_another_zone_name_and_value_are_told(workspace: None) -> None:
    entry = OutlineItem.objects.get(code="F051")
    entry.indicator = Indicator.objects.get(code="value_added_city_share")
    entry.zone = Zone.objects.get(code="Z1")
    entry.save()
    Observation.objects.create(
        indicator=Indicator.objects.get(code="value_added_published"),
        zone=Zone.objects.get(code="CITY"),
        period="2023-01..2023-10",
        value=1234,
        unit="亿元",
    )
    inputs = {}
    for zone in ("CITY", "Z1"):
        page = reader_with("viewer", zone).get("/figures/F051/").content.decode()
        tree = page[page.index('<ul class="tree">') :]
        inputs[zone] = re.findall(r"<li>.*?</li>", tree[: tree.index("</section>")], re.S)
    city, cluster = (found[1] for found in inputs.values())
    assert "Jiangmen" in city
    assert "Jiangmen" in cluster
    value = re.search(r'<span class="number">([^<]+)</span>', city)
    assert value[1] in cluster
    assert re.search(r"\d", value[1])
    assert "1 record" in city
    assert "record" not in cluster
    assert "formula-line" in city
    assert "formula-line" not in cluster


def test_a_reader_of_a_zone_asks_few_queries(
    workspace: None, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    client = reader_with("viewer", "Z1")
    client.get("/figures/F018/")
    with django_assert_max_num_queries(24):
        client.get("/figures/F018/")
