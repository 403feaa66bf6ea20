"""Forecasts: the list, a year's end by every method, and the track record behind it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.utils.translation import override

from tests.web import sample
from tests.web.readers import names, reader_with
from zonewright.steering.forecast_year import Outlook, PathPoint, Track, Trial, YearEnd
from zonewright.store.models import Work, WorkMonth
from zonewright.store.places import locate
from zonewright.web import forecast_rows
from zonewright.web.views import forecast as view

pytestmark = pytest.mark.django_db
HERE = "/forecast/Z1/works_invested/"


@pytest.fixture
def years(workspace: None) -> None:
    """Six earlier years of the work W1, with more in summer than in winter."""
    work = Work.objects.get(code="W1")
    for year in range(2017, 2023):
        WorkMonth.objects.bulk_create(
            WorkMonth(
                work=work, month=date(year, month, 1), recorded_at=sample.NOW,
                invested_cny=100_000_000 + 10_000_000 * (min(month, 13 - month) + year * month % 7),
            )
            for month in range(1, 13)
        )  # fmt: skip
    locate()


def year_end(probability: float | None = 0.9, **changed: object) -> YearEnd:
    track = Track(
        "run_rate", "years", (2021, 2022), 20, 1.5, 0.8, 1.2, 1.0, 0.9, {0.8: 0.75, 0.5: 0.2}, 18
    )
    spread: Any = None
    path = (PathPoint(11, 16.5, 16, 17),)
    best = Outlook("run_rate", 18.0, 17.0, 19.0, probability, path, spread, 15.0, track)
    told = {"target": 17.5, "by_method": (best,), **changed}
    return YearEnd("Z1", "works_invested", 2023, 10, "亿元", 15.0, level=0.8, **told)  # type: ignore[arg-type]


def test_the_list_has_every_target_of_the_year(workspace: None, client: Client) -> None:
    page = client.get("/forecast/").content.decode()
    found = set(re.findall(r'<th scope="row"><a href="/forecast/(\w+)/(\w+)/">', page))
    assert found == {("S1", "works_invested"), ("Z1", "works_invested"), ("Z1", "land_levelled")}


def test_what_takes_long_follows_row_by_row(
    workspace: None, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(view, "WAIT_S", 0.0)
    page = client.get("/forecast/").content.decode()
    assert 'hx-get="/forecast/Z1/works_invested/cells/"' in page
    row = client.get(f"{HERE}cells/").content.decode()
    assert "<html" not in row
    assert row.count("<td") in (2, 5)


def test_a_viewer_sees_forecasts_of_their_zones(workspace: None) -> None:
    viewer = reader_with("viewer", "S1")
    assert not names(viewer.get("/forecast/").content.decode(), "Z1")
    for path in (HERE, f"{HERE}back-test/", f"{HERE}back-test.json", f"{HERE}cells/"):
        assert viewer.get(path).status_code == 404
    assert client_nobody().get("/forecast/").status_code == 200
    assert "no role yet" in client_nobody().get("/forecast/").content.decode()


def client_nobody() -> Client:
    return reader_with()


def test_a_forecast_shows_methods_with_their_track_record(years: None, client: Client) -> None:
    page = client.get(HERE).content.decode()
    assert "2023 年全年预测" in page
    table = page[page.index('id="methods-title"') :]
    assert table.count('class="chosen"') == 1
    assert "均衡推算" in table
    assert "同上年各月" in table
    assert re.search(r"共 \d+ 次检验，平均误差", page)
    assert "80% 区间" in page
    part = client.get(HERE, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert 'data-chart="/board/Z1/works_invested/curve.json"' in part
    assert f'href="{HERE}back-test/"' in part


def test_no_forecast_without_a_track_record(workspace: None, client: Client) -> None:
    page = client.get("/forecast/Z1/works_invested/?month=2023-01").content.decode()
    assert 'id="methods-title"' not in page
    assert "预测须附检验记录" in page
    page = client.get("/forecast/Z1/ready_blocks/").content.decode()
    assert "不作预测" in page


def test_the_back_test_sets_told_beside_come(years: None, client: Client) -> None:
    page = client.get(f"{HERE}back-test/").content.decode()
    methods = re.findall(r'href="\?method=(\w+)"', page)
    assert {"run_rate", "seasonal_naive"} <= set(methods)
    trials = page[page.index('id="trials-title"') :]
    assert "2022-06" in trials
    assert "→" in page  # level of an interval to what it held
    other = client.get(f"{HERE}back-test/?method=run_rate").content.decode()
    assert "均衡推算：预测值与实际值" in other
    spec = json.loads(client.get(f"{HERE}back-test.json?method=run_rate").content)
    rows = [row for values in spec["datasets"].values() for row in values]
    told = [row for row in rows if row.get("series") == "预测"]
    came = [row for row in rows if row.get("series") == "实际"]
    assert len(told) == len(came) > 10
    assert client.get(f"{HERE}back-test.json?theme=pink").status_code == 400


def test_an_unknown_method_shows_the_best(years: None, client: Client) -> None:
    best = client.get(f"{HERE}back-test/").content.decode()
    again = client.get(f"{HERE}back-test/?method=<script>").content.decode()
    title = re.compile(r'id="trials-title">([^<]+)<')
    assert title.findall(best) == title.findall(again)
    assert "<script>&" not in again


@pytest.mark.parametrize("path", ["/forecast/NONE/tax/", "/forecast/Z1/nothing/"])
def test_what_is_not_there_is_not_found(workspace: None, client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


# ---- Words ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("probability", "colour"),
    [(0.95, "blue"), (0.8, "blue"), (0.79, "green"), (0.5, "green"), (0.3, "yellow"), (0.1, "red")],
)
def test_the_verdict_follows_the_probability(probability: float, colour: str) -> None:
    assert forecast_rows.verdict(year_end(probability))[0] == colour


def test_without_a_target_there_is_no_verdict() -> None:
    shown = forecast_rows.outlook(year_end(None, target=None))
    assert (shown.colour, shown.word, shown.gap, shown.probability) == ("", "", "", "")
    assert shown.told


def test_a_forecast_is_never_certain() -> None:
    assert forecast_rows.probability(1.0) == "> 99%"
    assert forecast_rows.probability(0.0) == "< 1%"
    assert forecast_rows.probability(0.25) == "25%"
    assert forecast_rows.probability(None) == ""


def test_coverage_far_from_its_level_is_called_poor() -> None:
    track = year_end().by_method[0].track
    found = {one.level: one.verdict for one in forecast_rows.coverage(track)}
    assert found == {"50%": "poor", "80%": "good"}
    with override("en"):
        words = {one.level: one.word for one in forecast_rows.coverage(track)}
        assert words == {"50%": "too narrow", "80%": ""}
        assert {one.word for one in forecast_rows.coverage(replace(track, banded=9))} == {
            "too few to judge"
        }


def test_an_interval_comes_with_how_often_it_held() -> None:
    with override("en"):
        shown = forecast_rows.outlook(year_end())
        assert shown.held == "held 75.0% of 18"
        track = year_end().by_method[0].track
        assert forecast_rows.held_text(track, 0.5) == "held 20.0% of 18, too narrow"
        assert "its 80% intervals held what came in 75.0% of 18" in shown.track
    with override("zh-hans"):
        assert "18 次附有 80% 区间，75.0% 包住实际值" in forecast_rows.outlook(year_end()).track


def test_a_year_without_targets_leads_to_those_of_that_year(
    workspace: None, client: Client
) -> None:
    page = client.get("/forecast/?month=2025-03").content.decode()
    assert "2025 年没有可预测的目标" in page
    assert 'href="/targets/set/?year=2025"' in page
    assert 'href="/forecast/?month=2023-11"' in page
    viewer = reader_with("viewer", "Z1").get("/forecast/?month=2025-03").content.decode()
    assert "/targets/set/" not in viewer
    assert 'href="/targets/?year=2025"' in viewer
    assert "Targets are set by: Planner, Administrator." in viewer


def test_a_trial_without_an_interval_says_so() -> None:
    with_band = Trial("run_rate", 2022, 6, 12, 20.0, 18.0, {0.8: (17.0, 19.0)})
    without = Trial("run_rate", 2022, 7, 12, 20.0, 18.0, {})
    rows = forecast_rows.trial_rows((with_band, without), "亿元", 0.8)
    assert [row["held"] for row in rows] == [True, None]
    assert rows[1]["interval"] == ""


@pytest.mark.parametrize(
    ("ends", "unit", "said"),
    [
        ((17.0, 19.0), "亿元", "17.00～19.00亿元"),
        ((-0.5, 2.0), "ha", "−0.50～2.00公顷"),
        ((72.0, 238.17), "项", "72～238项"),
    ],
)
def test_an_interval_names_its_unit_once(ends: tuple[float, float], unit: str, said: str) -> None:
    with override("zh-hans"):
        assert forecast_rows.interval(*ends, unit) == said


def test_a_forecast_names_its_zone(workspace: None, client: Client) -> None:
    page = client.get(HERE).content.decode()
    finding = page[page.index('<ul class="findings') :].partition("</ul>")[0]
    assert "Z1" not in finding
