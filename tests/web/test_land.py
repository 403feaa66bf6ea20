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
import shapely
from django.test import Client

from tests.web.readers import reader_with
from tests.web.sample import NOW
from tests.web.test_every_page import CHINESE, read
from zonewright.store.models import NoGo, Parcel, ParcelEvent, Zone
from zonewright.store.places import locate
from zonewright.web import land_answers
from zonewright.web.land_asked import MOST_MU
from zonewright.web.theme import colours
from zonewright.workflows import land_standing

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
    """Four parcels of about 340 mu in a row: A and C ready, B waits, D is in a no-go area."""
    west, south, step = 113.12, 22.5, 0.005
    for place, (code, stage, on) in enumerate(
        (
            ("ROW-A", "L5", date(2023, 3, 1)),
            ("ROW-B", "L3", date(2023, 4, 5)),
            ("ROW-C", "L7", date(2023, 6, 1)),
            ("ROW-D", "L5", date(2023, 6, 1)),
        )
    ):
        box = shapely.box(west + place * step, south, west + (place + 1) * step, south + 0.004)
        parcel = Parcel.objects.create(
            code=code,
            zone=Zone.objects.get(code="D2"),
            geometry=shapely.MultiPolygon([box]).wkb,
            recorded_at=NOW,
        )
        ParcelEvent.objects.create(parcel=parcel, stage=stage, on=on, recorded_at=NOW)
    inside = shapely.box(west + 3.4 * step, south + 0.001, west + 3.6 * step, south + 0.002)
    NoGo.objects.create(
        code="N-ROW", kind="ecology", geometry=shapely.MultiPolygon([inside]).wkb, recorded_at=NOW
    )
    locate()


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


def test_levelled_land_in_a_no_go_area_is_told_apart(row: None, english: Client) -> None:
    page = english.get(f"/land/?{DAY}").content.decode()
    card = page[page.index("Levelled but not ready") :]
    card = card[: card.index("</li>")]
    assert "1 parcel" in card
    assert "in a no-go area" in card


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
    assert "became ready" in changes
    assert "2023-09-09" in changes
    assert "was ready; its group is large enough now" in changes
    later = english.get(f"/land/?{DAY}&since=2023-10-01&mu=900").content.decode()
    assert "No block changed between these days." in section(later, "changes-title")


def test_the_day_decides(row: None, english: Client) -> None:
    early = english.get("/land/?on=2023-02-28").content.decode()
    assert "No block of ready land reaches 500 mu here" in early


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
    assert book.sheetnames == ["Blocks", "Nearly blocks", "What blocks", "Blocking parcels"]
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
