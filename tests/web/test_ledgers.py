"""The ledgers as tables: what is asked, in which order and units, for whom."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.web.readers import reader_with
from zonewright.store.mapping import NAMES
from zonewright.store.models import Parcel, Work, WorkMonth

pytestmark = pytest.mark.django_db
PARCELS = "/records/parcels/"


def text_of(client: Client, address: str, **headers: str) -> str:
    answer = client.get(address, headers=headers)
    assert answer.status_code == 200, address
    return answer.content.decode()


def codes(page: str) -> list[str]:
    return re.findall(r'<th scope="row"><a href="/records/parcels/\d+/">(DK-\d+)</a>', page)


def test_every_ledger_is_listed_with_what_the_reader_sees(workspace: None, client: Client) -> None:
    page = text_of(client, "/records/")
    for name in NAMES:
        assert f'href="/records/{name}/"' in page
    assert f'地块</a> <span class="count">{Parcel.objects.count()}</span>' in page


def test_an_empty_workspace_says_what_to_do_next(empty: None, client: Client) -> None:
    page = text_of(client, "/records/")
    assert "还没有记录" in page
    assert "/records/zones/new/" in page


@pytest.mark.parametrize("name", list(NAMES))
def test_every_ledger_opens_in_a_bounded_number_of_queries(
    workspace: None, client: Client, name: str
) -> None:
    client.get("/records/")
    with CaptureQueriesContext(
        connection,
    ) as few:
        text_of(client, f"/records/{name}/?size=25")
    with CaptureQueriesContext(connection) as many:
        text_of(client, f"/records/{name}/?size=200")
    assert len(few) <= 22
    assert len(many) <= len(few) + 1


def test_it_is_sorted_by_a_column_both_ways(workspace: None, client: Client) -> None:
    up = codes(text_of(client, f"{PARCELS}?sort=area_m2&size=100"))
    page = text_of(client, f"{PARCELS}?sort=-area_m2&size=100")
    assert len(up) == Parcel.objects.count()
    assert codes(page) == up[::-1]
    assert 'aria-sort="descending"' in page
    assert page.count("aria-sort") == 1


def test_pages_follow_one_another(workspace: None, client: Client) -> None:
    first = text_of(client, PARCELS)
    second = text_of(client, f"{PARCELS}?page=2")
    every = codes(first) + codes(second)
    assert (len(codes(first)), len(set(every))) == (25, 36)
    assert 'rel="next"' in first
    assert 'rel="next"' not in second
    assert codes(text_of(client, f"{PARCELS}?page=9999")) == codes(second)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=0007", {"DK-0007"}),
        ("f-code=000", {f"DK-000{n}" for n in range(10)}),
        ("f-stage=L8&f-code=000", {"DK-0005"}),
        ("f-stage=L8&f-stage=L7&f-code=000", {"DK-0004", "DK-0005"}),
        ("f-area_m2-min=1500.045&f-area_m2-max=1500.0475", {"DK-0030", "DK-0031"}),
        ("unit-area=ha&f-area_m2-min=100.0034&f-area_m2-max=100.0034", {"DK-0034"}),
        ("f-zone=Z1&f-code=0009", {"DK-0009"}),
        ("f-zone=E1", set()),
        ("f-town-is=empty", set()),
        ("f-use-is=filled", set()),
        ("f-basic_farmland=true", set()),
        ("f-available_on-min=2023-01-01", set()),
    ],
)  # fmt: skip
def test_filters_hold(workspace: None, client: Client, query: str, found: set[str]) -> None:
    assert set(codes(text_of(client, f"{PARCELS}?{query}&size=200"))) == found


def test_a_range_that_cannot_be_read_is_told_and_left_aside(
    workspace: None, english: Client
) -> None:
    page = text_of(english, f"{PARCELS}?f-area_m2-min=lots")
    assert "This range cannot be read" in page
    assert len(codes(page)) == 25


@pytest.mark.parametrize(
    "query",
    ["page=-1", "page=x", "size=7", "sort=nothing", "sort=services", "col=x", "f-stage=L99",
     "unit-area=furlong", "f-available_on-min=2023-02-31", "f-code=%25_'"],
)  # fmt: skip
def test_nonsense_in_the_address_does_no_harm(workspace: None, client: Client, query: str) -> None:
    assert client.get(f"{PARCELS}?{query}").status_code == 200


def test_the_reader_chooses_columns_and_the_address_keeps_them(
    workspace: None, english: Client
) -> None:
    page = text_of(english, f"{PARCELS}?col=code&col=owner")
    heads = re.findall(r'<th scope="col"[^>]*>.*?</th>', page)
    assert [re.sub("<[^>]+>", "", head).strip() for head in heads] == [
        "Parcel code", "Person in charge",
    ]  # fmt: skip
    assert "col=code&amp;col=owner&amp;sort=owner" in page


@pytest.mark.parametrize(
    ("language", "unit", "sum_text"),
    [("zh-hans", "亩", "54,000.9"), ("en", "ha", "3,600.06")],
)
def test_areas_are_shown_as_the_reader_is_used_to(
    workspace: None, language: str, unit: str, sum_text: str
) -> None:
    page = text_of(reader_with("viewer", None, language=language), PARCELS)
    assert f'<span class="unit">{unit}</span>' in page
    assert f'<td class="number">{sum_text}</td>' in page


def test_money_is_in_wan_for_chinese_and_millions_for_english(
    workspace: None, client: Client, english: Client
) -> None:
    Work.objects.filter(code="W0").update(total_cost_cny=123_456_000)
    assert "12,345.60" in text_of(client, "/records/works/")
    assert "123.46" in text_of(english, "/records/works/")
    assert "1.23" in text_of(client, "/records/works/?unit-money=亿元")


def test_htmx_gets_the_table_alone_and_a_clean_address(workspace: None, client: Client) -> None:
    address = f"{PARCELS}?q=&f-code=&f-stage=L5&size=25&unit-area=亩&sort=-code"
    answer = client.get(address, headers={"hx-request": "true"})
    assert "<html" not in answer.content.decode()
    assert answer["HX-Push-Url"] == f"{PARCELS}?f-stage=L5&sort=-code"


def test_a_reader_of_a_zone_sees_what_lies_in_it(workspace: None) -> None:
    page = text_of(reader_with("viewer", "G1"), f"{PARCELS}?size=200")
    assert 0 < len(codes(page)) < Parcel.objects.count()
    assert "Add a record" not in page
    assert "Add a record" in text_of(reader_with("planner", "G1"), PARCELS)


def test_an_outsider_sees_no_record(workspace: None) -> None:
    outsider = reader_with()
    assert codes(text_of(outsider, PARCELS)) == []
    assert "No zone is granted to you" in text_of(outsider, "/records/")


def test_anonymous_readers_sign_in_first(workspace: None, anonymous: Client) -> None:
    for address in ("/records/", PARCELS, "/records/choices/zone/", f"{PARCELS}chart.json"):
        assert anonymous.get(address).status_code == 302


def test_there_is_no_other_ledger(workspace: None, client: Client) -> None:
    assert client.get("/records/users/").status_code == 404
    assert client.get("/records/users/new/").status_code == 404
    assert client.get("/records/works/chart/").status_code == 404
    assert client.get("/records/choices/user/").status_code == 404
    assert client.post(PARCELS).status_code == 405


def test_references_are_offered_by_code_and_name(workspace: None, client: Client) -> None:
    assert '<option value="G2">中组团</option>' in text_of(client, "/records/choices/zone/?q=组团")
    assert "&lt;script&gt;" in text_of(client, "/records/choices/zone/?q=P1")
    viewer = reader_with("viewer", "G1")
    assert "G2" not in text_of(viewer, "/records/choices/zone/")


def test_a_chart_and_its_table_say_the_same(workspace: None, english: Client) -> None:
    page = text_of(english, f"{PARCELS}chart/?f-stage=L5")
    assert '<td class="number">6</td><td class="number">600.01</td>' in page
    spec = english.get(f"{PARCELS}chart.json?f-stage=L5").json()
    assert "600.0" in str(spec)
    assert english.get(f"{PARCELS}chart.json?theme=mauve").status_code == 400


def test_a_corrected_month_counts_once_in_the_chart(workspace: None, english: Client) -> None:
    before = text_of(english, "/records/work_months/chart/")
    assert (
        '<th scope="row">2023-01</th><td class="number">5</td><td class="number">150.00' in before
    )
    month = WorkMonth.objects.get(work__code="W0", month="2023-01-01")
    month.pk = None
    month.invested_cny = 20_000_000
    month.recorded_at = "2023-12-01T00:00:00Z"
    month.save()
    after = text_of(english, "/records/work_months/chart/")
    assert '<th scope="row">2023-01</th><td class="number">5</td><td class="number">160.00' in after
