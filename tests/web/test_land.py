"""The land pages: stages, blocks, what keeps land from counting, what changed."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import date
from pathlib import Path

import geopandas as gpd
import openpyxl
import pytest
from django.test import Client

from tests.web import land_ground
from tests.web.readers import reader_with
from tests.web.sample import NOW
from tests.web.test_every_page import CHINESE, read
from zonewright.store.models import Parcel, ParcelEvent, Work, WorkMonth
from zonewright.store.places import locate
from zonewright.web import land_answers
from zonewright.web.land_asked import MOST_MU
from zonewright.web.theme import colours
from zonewright.web.views import land as views_land
from zonewright.web.views import land_files
from zonewright.workflows import land_standing, land_tested
from zonewright.workflows.kept import Kept

pytestmark = pytest.mark.django_db
DAY = "on=2023-10-31"
PAGES = (
    f"/land/?{DAY}", f"/land/?zone=S1&{DAY}", "/land/?zone=C1", f"/land/blocks/all/DK-0014/?{DAY}",
    f"/land/blocks/all/ROW-A/?{DAY}&mu=1500",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    """Keep no answer of another test, whose workspace was rolled back."""
    land_answers._answers.forget()
    yield
    land_answers._answers.forget()


@pytest.fixture
def row(workspace: None) -> None:
    """Four parcels in a row: A and C ready, B waits, D is in a no-go area."""
    land_ground.row()


def section(page: str, title: str) -> str:
    """Return a section of a page by the id of its heading."""
    begin = page.index(f'id="{title}"')
    return page[begin : page.index("</section>", begin)]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_is_whole_in_both_languages(
    row: None, reader: Callable[[str], Client], language: str
) -> None:
    client = reader(language)
    for path in PAGES:
        page = client.get(path).content.decode()
        found = read(page)
        tags = [tag for tag, _ in found.tags]
        assert not found.unbalanced, path
        assert tags.count("h1") == 1
        assert tags.count("table") == tags.count("caption")
        ids = [given["id"] for _, given in found.tags if "id" in given]
        assert len(ids) == len(set(ids)), path
        labels = {given.get("for") for tag, given in found.tags if tag == "label"}
        for tag, given in found.tags:
            assert "style" not in given
            if tag in ("input", "select") and given.get("type") not in ("hidden", "checkbox"):
                assert given["id"] in labels
        if language == "en":
            heads = re.findall(r"<(?:th scope=\"col\"|h2|h3|label|dt)[ >].*?</", page, flags=re.S)
            assert heads
            assert not [text for text in heads if CHINESE.search(text)], path


def test_blocks_are_listed_with_their_tests(row: None, english: Client) -> None:
    page = english.get(f"/land/?{DAY}").content.decode()
    blocks = section(page, "blocks-title")
    listed = re.findall(r'href="/land/blocks/all/(DK-\d{4})/', blocks)
    # Of 36 parcels every second, third and fourth of six is levelled and not supplied; a no-go area
    # lies in DK-0000 alone, which is not one of them.
    assert len(listed) == 18
    assert 'href="/zones/G2/"' in blocks
    assert blocks.count("passed</span>") >= 2 * len(listed)
    assert "ROW-A" not in blocks


def cards(page: str) -> list[str]:
    """Return the texts of the cards of a page, tags left out."""
    begin = page.index('class="cards land-cards"')
    listed = page[begin : page.index("</ul>\n", begin)].split('<div class="card">')[1:]
    return [" ".join(re.sub(r"<[^>]+>", " ", card).split()) for card in listed]


def test_levelled_and_ready_to_supply_are_two_numbers_with_the_reason(
    row: None, english: Client
) -> None:
    levelled, supply, between = cards(english.get(f"/land/?{DAY}&mu=300").content.decode())[:3]
    # ROW-A, ROW-C and ROW-D are levelled; ROW-D lies in a no-go area.
    assert levelled.startswith("Contiguous levelled land of 300 mu and more 20 blocks")
    assert supply.startswith("Blocks ready to supply of 300 mu and more 20 blocks")
    assert "in a no-go area: 1 levelled parcel" in between
    assert between.startswith("Levelled, not ready to supply and 1 block that is smaller 0 blocks")
    levelled, supply, between = cards(english.get(f"/land/?{DAY}&mu=500").content.decode())[:3]
    assert "19 blocks" in levelled
    assert "18 blocks" in supply
    assert between.startswith("Levelled, not ready to supply 1 block")
    assert "in a no-go area: 1 block · 1 levelled parcel" in between


def test_the_rule_that_is_asked_for_holds_on_every_page_and_file(
    row: None, english: Client
) -> None:
    given = f"{DAY}&mu=500&rule=levelled"
    page = english.get(f"/land/?{given}").content.decode()
    blocks = section(page, "blocks-title")
    assert "Contiguous levelled land: 500 mu and more" in blocks
    assert re.findall(r'href="/land/blocks/all/(ROW-\w)/[^"]*rule=levelled', blocks) == ["ROW-C"]
    shown = re.findall(r'href="([^"]+(?:map.json|xlsx|gpkg)[^"]*)"|data-shapes="([^"]+)"', page)
    assert all("rule=levelled" in "".join(address) for address in shown)
    assert english.get(f"/land/blocks/all/ROW-C/?{DAY}").status_code == 200
    supply = english.get(f"/land/blocks/all/ROW-D/?{given}")
    assert supply.status_code == 404
    assert "/land/blocks/all/ROW-C/?" in supply.content.decode()
    block = english.get(f"/land/blocks/all/ROW-C/?{given}").content.decode()
    assert "Levelled block" in block
    assert re.findall(r"<code>(ROW-\w)</code>", section(block, "parcels-title")) == [
        "ROW-C", "ROW-D",
    ]  # fmt: skip
    book = openpyxl.load_workbook(io.BytesIO(english.get(f"/land/blocks.xlsx?{given}").getvalue()))
    assert book.sheetnames[0] == "Contiguous levelled land"
    assert "ROW-C" in [line[0].value for line in book.worksheets[0].iter_rows(min_row=2)]
    assert "rule=supply" in english.get(f"/land/?{DAY}&rule=none").content.decode()


def test_what_is_not_measured_yet_is_said(
    row: None, english: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views_land, "MEASURE_S", -1.0)
    monkeypatch.setattr(land_files, "MEASURE_S", -1.0)
    monkeypatch.setattr(land_tested, "_measured", Kept(10))
    page = english.get(f"/land/?{DAY}").content.decode()
    assert "18 blocks of this page are not measured yet" in page
    assert section(page, "blocks-title").count("not yet measured") > 18
    content = english.get(f"/land/blocks.xlsx?{DAY}").getvalue()
    (first, *_) = openpyxl.load_workbook(io.BytesIO(content)).worksheets
    assert [cell.value for cell in first[2]].count("not yet measured") > 1
    monkeypatch.undo()
    page = english.get(f"/land/?{DAY}").content.decode()
    assert "not yet measured" not in page
    assert "not measured yet" not in page


def test_a_long_list_is_cut_into_pages(
    row: None, english: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views_land, "PAGE_BLOCKS", 7)
    seen: list[str] = []
    for number in (1, 2, 3):
        page = english.get(f"/land/?{DAY}&page={number}").content.decode()
        blocks = section(page, "blocks-title")
        assert f"Page {number} of 3" in blocks
        assert "not yet measured" not in blocks
        seen += re.findall(r'href="/land/blocks/all/([\w-]+)/', blocks)
    assert len(seen) == len(set(seen)) == 18


def test_a_parcel_that_keeps_others_from_counting_is_named(row: None, english: Client) -> None:
    page = english.get(f"/land/?{DAY}&mu=900").content.decode()
    options = section(page, "options-title")
    assert re.findall(r"<code>(ROW-\w)</code>", options) == ["ROW-B"]
    assert "not levelled" in options
    assert "since 2023-04-05" in options
    assert "one parcel, exact" in options
    code = re.search(r'href="(/records/parcels/\d+/)"', options)
    assert code is not None
    assert "ROW-B" in english.get(code[1]).content.decode()


def test_the_block_page_tells_what_would_make_it_grow(row: None, english: Client) -> None:
    page = english.get(f"/land/blocks/all/ROW-A/?{DAY}&mu=900").content.decode()
    assert "too small for 900 mu" in page
    around = section(page, "around-title")
    assert re.findall(r"<code>(ROW-\w)</code>", around) == ["ROW-B"]
    parcels = section(page, "parcels-title")
    assert re.findall(r"<code>(ROW-\w)</code>", parcels) == ["ROW-A"]
    assert "2023-03-01" in parcels
    shapes = english.get(f"/land/blocks/all/ROW-A/map.json?{DAY}&mu=900").json()["features"]
    kinds = [feature["properties"]["kind"] for feature in shapes]
    assert kinds == ["block", "rectangle", "blocker"]


def test_what_became_ready_is_told_with_its_day(row: None, english: Client) -> None:
    ParcelEvent.objects.create(
        parcel=Parcel.objects.get(code="ROW-B"), stage="L5", on=date(2023, 9, 9), recorded_at=NOW
    )
    page = english.get(f"/land/?{DAY}&since=2023-08-31&mu=900").content.decode()
    changes = section(page, "changes-title")
    assert "ROW-A" in changes
    assert "appeared" in changes
    assert "came to qualify" in changes
    assert "2023-09-09" in changes
    assert "qualified before; its group is large enough now" in changes
    later = english.get(f"/land/?{DAY}&since=2023-10-01&mu=900").content.decode()
    assert "No block changed between these days." in section(later, "changes-title")


def test_the_day_decides(row: None, english: Client) -> None:
    early = english.get("/land/?on=2023-02-28").content.decode()
    assert "No block by this rule reaches 500 mu here" in early


def test_what_cannot_be_read_is_said_beside_the_form(workspace: None, english: Client) -> None:
    for query, said in (
        ("on=yesterday", "The day cannot be read"),
        ("on=2023-10-31&since=2023-12-01", "The earlier day must lie before the day"),
        ("since=31.10.2023", "The earlier day cannot be read"),
        ("mu=-5", "The smallest block must be a number"),
        ("mu=nan", "The smallest block must be a number"),
        (f"mu={MOST_MU * 2:.0f}", "The smallest block must be a number"),
    ):
        answer = english.get(f"/land/?{query}")
        assert answer.status_code == 200
        assert said in answer.content.decode(), query


def test_a_gap_is_bridged_over_a_road_alone_and_stays_in_the_address(
    row: None, english: Client
) -> None:
    WorkMonth.objects.all().delete()
    Work.objects.all().delete()  # among them roads
    page = english.get(f"/land/?{DAY}&gap=20").content.decode()
    assert "gap=20" in page
    assert 'id="land-gap" name="gap" value="20"' in page
    assert "No gap was bridged" in section(page, "findings-title")
    for bad in ("-1", "101", "wide"):
        said = english.get(f"/land/?{DAY}&gap={bad}").content.decode()
        assert "The gap must be a number of metres from 0 to 100." in said
    assert "gap=" not in english.get(f"/land/?{DAY}").content.decode()


def test_overlaps_are_told_and_counted_once(row: None, english: Client) -> None:
    one = Parcel.objects.get(code="ROW-A")
    over = Parcel.objects.create(code="ROW-Z", geometry=one.geometry, recorded_at=NOW)
    ParcelEvent.objects.create(parcel=over, stage="L5", on=date(2023, 3, 1), recorded_at=NOW)
    locate()
    page = english.get(f"/land/blocks/all/ROW-A/?{DAY}&mu=300").content.decode()
    told = section(page, "overlaps-title")
    assert re.findall(r"<code>(ROW-\w)</code>", told) == ["ROW-A", "ROW-Z"]
    measures = section(page, "measures-title")
    area_ha = float(re.search(r"<dt>Area</dt><dd>([\d.]+) ha", measures)[1])  # type: ignore[index]
    assert area_ha == pytest.approx(22.8, abs=0.3)
    assert "ROW-Z" in section(english.get(f"/land/?{DAY}").content.decode(), "findings-title")


def test_a_reader_of_a_zone_sees_its_land_alone(row: None) -> None:
    reader = reader_with("viewer", "S1")
    page = reader.get(f"/land/?{DAY}").content.decode()
    assert set(re.findall(r"DK-\d{4}", page)) == {"DK-0014", "DK-0020"}
    assert "ROW-" not in page
    assert reader.get("/land/?zone=D2").status_code == 404
    assert reader.get("/land/blocks/all/DK-0002/").status_code == 404
    assert reader.get("/land/blocks/D2/ROW-A/").status_code == 404
    shapes = reader.get(f"/land/map.json?{DAY}").json()["features"]
    assert {shape["properties"]["code"] for shape in shapes} == {"DK-0014", "DK-0020"}


def test_an_unknown_block_or_zone_is_not_found(workspace: None, english: Client) -> None:
    answer = english.get("/land/blocks/all/NONE/")
    assert answer.status_code == 404
    assert "all blocks" in answer.content.decode()
    assert english.get("/land/blocks/NONE/DK-0014/").status_code == 404
    assert english.get("/land/?zone=NONE").status_code == 404


def test_an_empty_workspace_tells_the_next_step(empty: None, english: Client) -> None:
    page = english.get("/land/").content.decode()
    assert "No parcel lies here yet." in page
    assert 'href="/import/"' in page


def test_the_funnel_only_narrows(row: None, english: Client) -> None:
    spec = english.get(f"/land/stages.json?{DAY}").json()
    assert "vega-lite" in spec["$schema"]
    (rows,) = spec["datasets"].values()
    values = [item["value"] for item in rows]
    assert values == sorted(values, reverse=True)
    assert values[0] > values[-1]
    dark = english.get(f"/land/stages.json?{DAY}&theme=dark").content.decode()
    assert colours("dark")["blue"] in dark
    assert english.get("/land/stages.json?theme=pink").status_code == 400


def test_the_workbook_holds_no_formula(row: None, english: Client) -> None:
    Parcel.objects.filter(code="ROW-A").update(code="=1+1")
    content = english.get(f"/land/blocks.xlsx?{DAY}&mu=900").getvalue()
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames == [
        "Blocks ready to supply", "Nearly blocks", "What blocks", "Blocking parcels",
    ]  # fmt: skip
    cells = [cell for sheet in book for line in sheet.iter_rows() for cell in line]
    assert not [cell for cell in cells if cell.data_type == "f"]
    hostile = [cell for cell in cells if cell.value == "=1+1"]
    assert hostile
    assert all(cell.quotePrefix for cell in hostile)
    assert [line[0].value for line in book["Blocking parcels"].iter_rows(min_row=2)] == ["ROW-B"]


def test_the_geopackage_holds_the_same(row: None, english: Client, tmp_path: Path) -> None:
    path = tmp_path / "blocks.gpkg"
    path.write_bytes(english.get(f"/land/blocks.gpkg?{DAY}&mu=900").content)
    blocks = gpd.read_file(path, layer="blocks")
    assert len(blocks) == 18
    assert json.loads(blocks["passed"][0])[0] == "area_500_mu"
    parcels = gpd.read_file(path, layer="blocking_parcels")
    assert parcels["code"].tolist() == ["ROW-B"]
    assert json.loads(parcels["lacks"][0])[-1] == "not_levelled"
    assert parcels.geometry[0].bounds == pytest.approx((113.125, 22.5, 113.13, 22.504))


def test_a_hostile_zone_name_is_text(workspace: None, client: Client) -> None:
    for path in ("/land/", "/land/?zone=P1", "/land/quota/?zone=P1"):
        assert "<script>alert" not in client.get(path).content.decode()


def test_a_second_reading_asks_few_queries(
    row: None,
    client: Client,
    django_assert_max_num_queries: Callable[[int], AbstractContextManager[object]],
) -> None:
    client.get(f"/land/?{DAY}")
    with django_assert_max_num_queries(20):
        client.get(f"/land/?{DAY}")


def test_what_takes_long_is_waited_for(
    workspace: None, english: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(land_standing.Answers, "get", lambda *_: None)
    page = english.get("/land/").content.decode()
    assert "being computed" in page
    assert english.get("/land/", headers={"HX-Request": "true"}).status_code == 204
    assert english.get("/land/map.json").status_code == 503
    assert english.get("/land/blocks.xlsx?zone=S1")["Location"].startswith("/land/?on=")
    monkeypatch.undo()
    assert english.get("/land/", headers={"HX-Request": "true"})["HX-Refresh"] == "true"
