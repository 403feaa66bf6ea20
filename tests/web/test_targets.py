"""The targets of a year: trees, sums, the form that sets them, their versions."""

from __future__ import annotations

import io
import json
import re
from types import SimpleNamespace
from typing import get_args

import openpyxl
import pytest
from django.test import Client

from tests.web import sample
from tests.web.readers import names, reader_with
from zonewright.steering.catalogue import load
from zonewright.steering.targets import SumCheck, Verdict
from zonewright.store.models import Indicator, Target, TargetVersion, Work, Zone
from zonewright.web.target_rows import expected_text, spark, sum_view

pytestmark = pytest.mark.django_db
SET = "/targets/set/"


def form(**changed: str) -> dict[str, str]:
    return {
        "indicator": "works_invested", "zone": "Z1", "year": "2024", "subject": "", "value": "30",
        "unit": "亿元", "curve": "linear", "reason": "", "token": "", **changed,
    }  # fmt: skip


def opened(client: Client, zone: str = "Z1", year: int = 2023) -> dict[str, str]:
    """Return what the form of a target holds when it is opened."""
    page = client.get(f"{SET}?zone={zone}&indicator=works_invested&year={year}").content.decode()
    page = page[page.index('class="block target-form"') :]
    inputs = re.findall(r'<input[^>]*name="([\w-]+)"[^>]*?(?:value="([^"]*)")?[^>]*>', page)
    held = {name: value for name, value in inputs if name != "csrfmiddlewaretoken"}
    for tag in re.findall(r"<input[^>]*>", page):
        name, value = (re.search(rf'{key}="([^"]*)"', tag) for key in ("name", "value"))
        if name and value and name[1] != "csrfmiddlewaretoken":
            held[name[1]] = value[1]
    for select in re.findall(r'<select name="(\w+)".*?</select>', page, flags=re.S):
        found = re.search(
            rf'<select name="{select}".*?<option value="([^"]*)" selected', page, flags=re.S
        )
        held[select] = found[1] if found else ""
    return held


@pytest.fixture
def cascade(workspace: None) -> None:
    """Parts of Z1's 18.1: the groups G1 and G2 bring 10 and 4, G3 nothing yet; a work brings 2."""
    indicator = Indicator.objects.get(code="works_invested")
    for code, value, subject in (("G1", 10, ""), ("G2", 4, ""), ("Z1", 2, "W0")):
        Target.objects.create(
            indicator=indicator, zone=Zone.objects.get(code=code), year=2023, subject=subject,
            value=value, unit="亿元", curve="linear", recorded_at=sample.NOW,
        )  # fmt: skip


def test_the_tree_shows_who_brings_what_and_whether_it_adds_up(
    cascade: None, client: Client
) -> None:
    page = client.get("/targets/").content.decode()
    assert "2023 年目标" in page
    rows = re.findall(
        r'<th scope="row"><span class="zone-cell depth-(\d)"><a href="/targets/\d+/">([^<]+)</a>',
        page,
    )
    assert ("0", "大型产业集聚区") in rows
    assert ("1", "西组团") in rows
    assert ("1", "中组团") in rows
    assert ("1", "道路0") in rows
    assert "已分解 14.00亿元，尚有 4.10亿元 未分解" in page
    assert "55.2%" in page  # 10 of 18.1
    assert "1 个未下达" in page
    assert page.count('class="spark"') == len(rows)


def test_another_year_and_a_zone(cascade: None, client: Client) -> None:
    page = client.get("/targets/?year=2022").content.decode()
    assert "2022 年尚未下达目标" in page
    page = client.get("/targets/?year=2023&zone=G1").content.decode()
    listed = re.findall(r'<a href="/targets/\d+/">([^<]+)</a>', page)
    assert listed[0] == "西组团"
    assert "中组团" not in listed
    assert client.get("/targets/?zone=NONE").status_code == 404


def test_who_sees_a_zone_sees_its_targets_only(cascade: None) -> None:
    viewer = reader_with("viewer", "S1")
    page = viewer.get("/targets/").content.decode()
    assert "Start-up area across" in page
    assert not names(page, "Large industrial cluster")
    other = Target.objects.get(zone__code="G1")
    assert viewer.get(f"/targets/{other.pk}/").status_code == 404
    assert SET not in page


def test_a_target_is_set_and_shown_with_its_version(workspace: None, client: Client) -> None:
    answer = client.post(SET, form(value="3,000", unit="百万元"))
    target = Target.objects.get(year=2024)
    assert answer["Location"] == f"/targets/{target.pk}/"
    page = client.get(answer["Location"]).content.decode()
    assert "30.00亿元" in page
    assert 'id="changes-title"' in page
    assert sample.USER in page[page.index('id="changes-title"') :]


def test_saving_says_that_the_parts_no_longer_add_up(cascade: None, client: Client) -> None:
    held = opened(client) | {"value": "12", "reason": "年中调整"}
    page = client.post(SET, held, follow=True).content.decode()
    assert '<p class="message success" role="status">目标已保存。' in page
    warned = page[page.index('<p class="message warning"') :].partition("</p>")[0]
    assert "大型产业集聚区" in warned
    assert "+2.00" in warned


def test_a_change_needs_a_reason_and_keeps_what_was(workspace: None, client: Client) -> None:
    held = opened(client)
    assert float(held["value"]) == pytest.approx(18.1)
    assert held["unit"] == "亿元"
    refused = client.post(SET, held | {"value": "20"})
    assert refused.status_code == 422
    assert 'href="#id_reason"' in refused.content.decode()
    assert 'value="20"' in refused.content.decode()  # what was typed is kept
    assert float(Target.objects.get(zone__code="Z1", unit="亿元").value) == pytest.approx(18.1)
    client.post(SET, held | {"value": "20", "reason": "年中调整：市政府第12次常务会议"})
    target = Target.objects.get(zone__code="Z1", unit="亿元")
    assert target.value == 20
    page = client.get(f"/targets/{target.pk}/").content.decode()
    changes = page[page.index('id="changes-title"') :]
    assert "年中调整：市政府第12次常务会议" in changes
    assert "18.10亿元" in changes
    assert "20.00亿元" in changes
    assert TargetVersion.objects.filter(target=target).count() >= 2
    assert "年中调整" in client.get("/targets/").content.decode()


def test_a_stepped_curve_keeps_its_shares(workspace: None, client: Client) -> None:
    held = opened(client) | {"reason": "半年要求", "curve": "stepped"}
    client.post(SET, held | {"points-6": "60", "points-12": "100"})
    target = Target.objects.get(zone__code="Z1", unit="亿元")
    assert {int(month): share for month, share in target.points.items()} == {6: 60, 12: 100}
    again = opened(client)
    assert (again["curve"], again["points-6"]) == ("stepped", "60")
    falling = client.post(SET, again | {"points-6": "60", "points-9": "40", "reason": "x"})
    assert falling.status_code == 422


def test_somebody_elses_change_is_not_overwritten_unseen(workspace: None, client: Client) -> None:
    held = opened(client)
    client.post(SET, held | {"value": "20", "reason": "first"})
    second = client.post(SET, held | {"value": "25", "reason": "second"})
    assert second.status_code == 409
    page = second.content.decode()
    assert "该目标现为 20.00亿元" in page
    assert 'value="25"' in page
    assert Target.objects.get(zone__code="Z1", unit="亿元").value == 20
    token = re.search(r'name="token" value="([^"]+)"', page)
    assert token is not None
    client.post(SET, held | {"value": "25", "reason": "second", "token": token[1]})
    assert Target.objects.get(zone__code="Z1", unit="亿元").value == 25


def test_a_new_one_does_not_replace_one_that_is_there(workspace: None, client: Client) -> None:
    answer = client.post(SET, form(year="2023", value="1", reason="x"))
    assert answer.status_code == 409
    assert float(Target.objects.get(zone__code="Z1", unit="亿元").value) == pytest.approx(18.1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"value": "many"}, {"value": ""}, {"value": "1" * 40}, {"unit": "ha"}, {"year": "soon"},
        {"year": "99999"}, {"indicator": "nothing"}, {"zone": ""}, {"curve": "round"},
        {"subject": "NO-SUCH-WORK"},
    ],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_saved_is_said(
    workspace: None, client: Client, wrong: dict[str, str]
) -> None:
    before = Target.objects.count()
    answer = client.post(SET, form(**wrong))
    assert answer.status_code == 422
    assert 'id="faults"' in answer.content.decode()
    assert Target.objects.count() == before


def test_a_planner_sets_targets_in_their_zones_only(workspace: None) -> None:
    planner = reader_with("planner", "S1")
    page = planner.get(SET).content.decode()
    zones = re.search(r'<select name="zone".*?</select>', page, flags=re.S)
    assert zones is not None
    assert re.findall(r'<option value="(\w+)"', zones[0]) == ["S1"]
    assert planner.post(SET, form()).status_code == 404
    assert planner.post(SET, form(zone="S1")).status_code == 302
    reporter = reader_with("reporter", "S1")
    assert reporter.post(SET, form(zone="S1")).status_code == 403
    assert reporter.get(SET).status_code == 403


def test_a_part_of_a_work(workspace: None, client: Client) -> None:
    answer = client.post(SET, form(year="2023", subject="W1", value="2"))
    page = client.get(answer["Location"]).content.decode()
    assert "道路1" in page
    assert "/forecast/" not in page[page.index('class="page-actions"') :]
    assert Work.objects.filter(code="W1").exists()


def test_curve_and_workbook(cascade: None, client: Client) -> None:
    target = Target.objects.get(zone__code="G1")
    spec = json.loads(client.get(f"/targets/{target.pk}/curve.json").content)
    rows = [row for values in spec["datasets"].values() for row in values]
    assert [row["value"] for row in rows if row["series"] == "目标进度"][5] == pytest.approx(50)
    answer = client.get("/targets/targets.xlsx?year=2023")
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    found = {(row[1], row[3]): row for row in book.active.iter_rows(min_row=2, values_only=True)}
    assert found["G1", None][5] == 10
    assert found["Z1", "道路0"][5] == 2
    assert found["G1", None][8 + 5] == pytest.approx(50)


def test_the_list_costs_a_bounded_number_of_queries(
    cascade: None, client: Client, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    client.get("/targets/")
    with django_assert_max_num_queries(40):  # type: ignore[operator]
        client.get("/targets/")


@pytest.mark.parametrize("verdict", get_args(Verdict))
def test_every_verdict_on_a_sum_has_its_words(verdict: Verdict) -> None:
    check = SumCheck(100.0, 90.0, -10.0, -10.0, (), verdict)
    cascade = SimpleNamespace(check=check, lacking=())
    shown = sum_view(cascade, load()["works_invested"])  # type: ignore[arg-type]
    assert "90.00" in shown.text
    assert shown.sign


def test_a_curve_says_its_quarters() -> None:
    shares = [5.0, 10, 20, 30, 45, 60, 65, 70, 80, 90, 95, 100]
    for part in ("20.0%", "60.0%", "80.0%", "100.0%"):
        assert part in expected_text(shares)
    assert expected_text(()) == ""
    assert spark(()) == ""
    assert spark(shares).split()[0] == "0.0,20.0"
    assert spark(shares).split()[-1] == "60.0,0.0"
