"""The unlock planner on the desk: asked for, computed by a worker, shown by budget, compared."""

from __future__ import annotations

import io
import json
import re
import sqlite3
from pathlib import Path

import openpyxl
import pytest
from django.test import Client

from tests.web.plan_ground import means, plots
from tests.web.readers import reader_with
from zonewright.store.models import Run
from zonewright.web.unlock_view import curve_rows
from zonewright.workflows.worker import work_off

pytestmark = pytest.mark.django_db
ADDRESS = "/land/unlock/"
HTMX = {"HX-Request": "true"}


def ask(client: Client, **changed: object) -> Run:
    """Ask for a plan and let a worker compute it."""
    answer = client.post(ADDRESS, means(**changed))
    assert answer.status_code == 302, answer.content.decode()
    work_off()
    return Run.objects.get(pk=int(answer["Location"].split("/")[-2]))


@pytest.fixture
def made(workspace: None, english: Client) -> Run:
    """A finished plan of the plots."""
    plots()
    run = ask(english)
    assert run.status == "done", run.error
    return run


def test_a_plan_keeps_its_budget_and_is_checked_from_the_shapes(made: Run) -> None:
    result = made.result
    plan = result["plans"][result["main"]]
    assert plan["budget_cny"] == 15_000_000
    assert 0 < plan["cost_cny"] <= plan["budget_cny"]
    assert plan["verified"] is True
    assert plan["bound"] >= plan["value"] - 1e-6
    costs = [result["items"][code]["cost_cny"] for code in plan["chosen"]]
    assert sum(costs) == pytest.approx(plan["cost_cny"])
    # Levelling alone for what is acquired: 45 000 yuan for each of some 68 mu.
    bought = result["items"]["U02"]
    assert bought["cost_cny"] == pytest.approx(45_000 * bought["area_m2"] * 3 / 2000)
    assert "U20" not in plan["chosen"]


def test_more_money_never_brings_less(made: Run) -> None:
    gains = [plan["gain_m2"] for plan in made.result["plans"]]
    assert len(gains) > 3
    assert gains == sorted(gains)


def test_the_table_tells_what_the_next_money_brings(made: Run) -> None:
    rows = curve_rows(made.result)
    first = made.result["plans"][0]
    assert rows[0]["marginal"] == pytest.approx(first["gain_m2"] / first["budget_cny"])
    for row, plan in zip(rows, made.result["plans"], strict=True):
        assert row["most_m2"] == pytest.approx(plan["bound"] - plan["before"])
        assert row["most_m2"] >= plan["gain_m2"] - 1e-6


def test_each_reader_finds_the_units_of_their_office(
    made: Run, english: Client, client: Client
) -> None:
    plan = made.result["plans"][made.result["main"]]
    here = client.get(f"{ADDRESS}{made.pk}/?step=99").content.decode()
    there = english.get(f"{ADDRESS}{made.pk}/?step=99").content.decode()
    assert '面积 <span class="unit">亩</span>' in here
    assert 'Area <span class="unit">ha</span>' in there
    area = made.result["items"][plan["chosen"][0]]["area_m2"]
    assert f"{area * 3 / 2000:,.1f}</td>" in here
    assert f"{area / 1e4:,.1f}</td>" in there


def test_the_page_lists_what_to_buy_in_order(made: Run, english: Client) -> None:
    page = english.get(f"{ADDRESS}{made.pk}/").content.decode()
    plan = made.result["plans"][made.result["main"]]
    listed = re.findall(r'href="/records/parcels/\d+/">(U\d\d)</a>', page)
    assert listed == plan["chosen"]
    assert "not levelled" in page
    assert "checked again from the shapes" in page
    assert 'type="range"' in page
    assert f'data-chart="/land/unlock/{made.pk}/curve.json"' in page


def test_the_page_speaks_chinese_too(made: Run, client: Client) -> None:
    page = client.get(f"{ADDRESS}{made.pk}/").content.decode()
    for said in ("征地平整次序", "未平整", "各档预算的成效", "独立程序"):
        assert said in page


def test_the_slider_brings_another_budget_without_the_page(made: Run, english: Client) -> None:
    first = english.get(f"{ADDRESS}{made.pk}/?step=0", headers=HTMX).content.decode()
    last = english.get(f"{ADDRESS}{made.pk}/?step=99", headers=HTMX).content.decode()
    assert "<html" not in first
    assert first.startswith('<div id="plan-step"')
    # The figures beside the slider come with the list.
    assert '<div id="plan-sum" hx-swap-oob="true">' in first
    chosen = [json.loads(re.search(r'data-chosen="([^"]*)"', page)[1].replace("&quot;", '"'))
              for page in (first, last)]  # fmt: skip
    plans = made.result["plans"]
    assert chosen == [plans[0]["chosen"], plans[-1]["chosen"]]
    assert "<html" in english.get(f"{ADDRESS}{made.pk}/?step=0").content.decode()
    assert english.get(f"{ADDRESS}{made.pk}/?step=abc").status_code == 200


def test_files_hold_the_plan(made: Run, english: Client, tmp_path: Path) -> None:
    plan = made.result["plans"][made.result["main"]]
    answer = english.get(f"{ADDRESS}{made.pk}/plan.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    answer.close()
    rows = list(book["Parcels in buying order"].iter_rows(values_only=True))
    assert [row[1] for row in rows[1:]] == plan["chosen"]
    assert sum(row[9] for row in rows[1:]) == pytest.approx(plan["cost_cny"])
    path = tmp_path / "plan.gpkg"
    path.write_bytes(english.get(f"{ADDRESS}{made.pk}/plan.gpkg").content)
    with sqlite3.connect(path) as database:
        found = database.execute("SELECT parcel, buying_order FROM unlock_plan").fetchall()
    database.close()
    assert [code for code, _ in sorted(found, key=lambda row: row[1])] == plan["chosen"]


def test_the_map_gets_what_is_ready_and_what_is_bought(made: Run, english: Client) -> None:
    shapes = json.loads(english.get(f"{ADDRESS}{made.pk}/parcels.json").content)
    codes = {feature["properties"]["code"]: feature["properties"]["ready"]
             for feature in shapes["features"]}  # fmt: skip
    assert codes["U00"] is True
    assert not any(codes[code] for code in made.result["items"])


def test_the_curve_is_a_chart(made: Run, english: Client) -> None:
    spec = english.get(f"{ADDRESS}{made.pk}/curve.json?theme=dark").json()
    points = [row for rows in spec["datasets"].values() for row in rows if "series" in row]
    found = [row["y"] for row in points if row["series"] == "found"]
    assert found == pytest.approx([plan["value"] / 1e4 for plan in made.result["plans"]])
    assert english.get(f"{ADDRESS}{made.pk}/curve.json?theme=x").status_code == 400


@pytest.mark.parametrize(
    ("parcel", "said"),
    [
        ("U00", "ready already"),
        ("U20", "already supplied"),
        ("NONE", "no such parcel"),
        ("", "Write the code"),
    ],
)
def test_why_not_says_what_is_known(made: Run, english: Client, parcel: str, said: str) -> None:
    page = english.get(f"{ADDRESS}{made.pk}/why/", {"parcel": parcel}, headers=HTMX)
    assert said in page.content.decode()


def test_why_not_plans_again_with_the_parcel(made: Run, english: Client) -> None:
    result = made.result
    plan = result["plans"][result["main"]]
    left = [
        code
        for code, cost in result["costs"].items()
        if code.startswith("U") and code not in plan["chosen"] and cost < plan["budget_cny"]
    ]
    parcel = left[0]  # fmt: skip
    asked = english.get(f"{ADDRESS}{made.pk}/why/", {"parcel": parcel}, headers=HTMX)
    assert "hx-post" in asked.content.decode()
    waiting = english.post(f"{ADDRESS}{made.pk}/why/", {"parcel": parcel}, headers=HTMX)
    assert "every 1s" in waiting.content.decode()
    work_off()
    other = Run.objects.filter(question="unlock").latest("id")
    assert other.status == "done", other.error
    assert parcel in other.result["plans"][0]["chosen"]
    assert other.result["plans"][0]["gain_m2"] <= plan["gain_m2"] + 1e-6
    told = english.get(
        f"{ADDRESS}{made.pk}/why/", {"parcel": parcel, "run": other.pk}, headers=HTMX
    ).content.decode()
    assert "With it" in told
    # A plan that was only made to compare is none of the list.
    assert f"/land/unlock/{other.pk}/" not in english.get(ADDRESS).content.decode()


def test_two_plans_stand_side_by_side(made: Run, english: Client) -> None:
    other = ask(english, budget_wan="3000")
    page = english.get(f"{ADDRESS}compare/?run={made.pk}&run={other.pk}").content.decode()
    assert "What differs" in page
    assert "CNY 15 million" in page
    assert "CNY 30 million" in page
    assert english.get(f"{ADDRESS}compare/?run=999999").status_code == 404


def test_a_plan_is_changed_and_asked_again(made: Run, english: Client) -> None:
    changed = ask(english, level_cny_mu="50,000", budget_wan="1,600")
    page = english.get(f"{ADDRESS}?like={changed.pk}").content.decode()
    assert re.search(r'name="budget_wan" value="1600"', page)
    assert re.search(r'name="level_cny_mu" value="50000"', page)
    assert page.count('<details class="plan-group" open>') == 1  # the costs, not the lead times
    answer = english.get(f"{ADDRESS}{changed.pk}/").content.decode()
    assert "changed; else 45,000" in answer
    assert answer.count("changed; else") == 1
    assert "changed; else" not in english.get(f"{ADDRESS}{made.pk}/").content.decode()
    assert 'value="10000"' in english.get(f"{ADDRESS}?like=999999").content.decode()


def test_land_that_cannot_be_ready_by_the_day_is_left_out(made: Run, english: Client) -> None:
    run = ask(english, by="2024-05-15")
    assert run.status == "done", run.error
    late = run.result["late"]
    assert late
    assert not set(late) & {code for plan in run.result["plans"] for code in plan["chosen"]}
    code, day = sorted(late.items())[0]
    page = english.get(f"{ADDRESS}{run.pk}/why/", {"parcel": code}, headers=HTMX).content.decode()
    assert f"It could be ready on {day}, too late for 2024-05-15." in page
    assert "Ready on" in english.get(f"{ADDRESS}{run.pk}/").content.decode()
    assert "Ready on" not in english.get(f"{ADDRESS}{made.pk}/").content.decode()


def test_the_proof_is_told_in_the_readers_language(
    made: Run, english: Client, client: Client
) -> None:
    page = client.get(f"{ADDRESS}{made.pk}/").content.decode()
    steps = re.search(r'<ul class="hint plan-how">(.*?)</ul>', page, re.S)[1]
    assert steps.count("<li>") == len(made.result["plans"][made.result["main"]]["how"])
    for step in re.findall(r"<li>(.*?)</li>", steps, re.S):
        assert re.search(r"[\u4e00-\u9fff]", step), step
    there = english.get(f"{ADDRESS}{made.pk}/").content.decode()
    steps = re.search(r'<ul class="hint plan-how">(.*?)</ul>', there, re.S)[1]
    assert not re.search(r"[\u4e00-\u9fff]|unlock-how", steps)


def test_a_run_leads_to_its_plan_and_tells_what_was_asked(made: Run, english: Client) -> None:
    page = english.get(f"/runs/{made.pk}/").content.decode()
    assert f'href="{ADDRESS}{made.pk}/"' in page
    assert "<dt>Budget (10,000 yuan)</dt><dd>1,500</dd>" in page
    assert "<dt>Aim</dt><dd>Most land in blocks of that size</dd>" in page
    assert "budget_wan" not in page


def test_who_waits_knows_how_many_are_before(workspace: None, english: Client) -> None:
    plots()
    english.post(ADDRESS, means())
    last = english.post(ADDRESS, means(budget_wan="1600"))["Location"]
    assert "1 run is before it" in english.get(last).content.decode()
    work_off()
    assert "before it" not in english.get(last).content.decode()


def test_quota_binds(made: Run, english: Client) -> None:
    none = ask(english, budget_wan="6000", quota="given", quota_mu="0")
    free = ask(english, budget_wan="6000")
    plan = none.result["plans"][none.result["main"]]
    assert plan["quota_m2"] == 0
    assert plan["gain_m2"] <= free.result["plans"][free.result["main"]]["gain_m2"]


def test_the_quota_of_the_ledger_is_what_is_left_of_it(made: Run, english: Client) -> None:
    run = ask(english, quota="ledger")
    assert run.result["quota_limit_m2"] is None  # the ledger of the sample was never kept


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"budget_wan": "viel"}, "Write a number"),
        ({"budget_wan": "0"}, "0.01"),
        ({"quota": "given"}, "how much quota"),
        ({"on": "31.10.2023x"}, "valid date"),
    ],
)
def test_what_is_typed_wrongly_is_kept_and_explained(
    workspace: None, english: Client, changed: dict[str, str], said: str
) -> None:
    answer = english.post(ADDRESS, means(**changed))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert said in page
    assert 'value="65000"' in page


def test_a_zone_without_land_on_the_map_fails_with_its_cause(
    workspace: None, english: Client
) -> None:
    run = ask(english, zone="C1")
    page = english.get(f"{ADDRESS}{run.pk}/").content.decode()
    assert run.status == "failed" or "buys no block" in page


def test_who_may_plan_and_who_may_look(made: Run) -> None:
    viewer, stranger = reader_with("viewer", "P1"), reader_with("viewer", "S1")
    page = viewer.get(f"{ADDRESS}{made.pk}/").content.decode()
    assert "Compare with another plan" not in page
    assert stranger.get(f"{ADDRESS}{made.pk}/").status_code == 404
    assert f"{ADDRESS}{made.pk}/" in viewer.get(ADDRESS).content.decode()
    assert f"{ADDRESS}{made.pk}/" not in stranger.get(ADDRESS).content.decode()
    for path in ("curve.json", "parcels.json", "plan.gpkg", "why/?parcel=U00"):
        assert stranger.get(f"{ADDRESS}{made.pk}/{path}").status_code == 404
        assert viewer.get(f"{ADDRESS}{made.pk}/{path}").status_code == 200
    assert stranger.get(f"{ADDRESS}compare/?run={made.pk}").status_code == 404
    assert viewer.post(ADDRESS, means()).status_code == 403
    assert stranger.post(ADDRESS, means()).status_code == 404
    assert viewer.post(f"{ADDRESS}{made.pk}/cancel/").status_code == 403
    left = next(code for code in made.result["costs"] if code.startswith("U"))
    assert "hx-post" not in viewer.get(
        f"{ADDRESS}{made.pk}/why/", {"parcel": left}
    ).content.decode()  # fmt: skip


def test_a_planner_of_a_zone_asks_cancels_and_sees(workspace: None) -> None:
    plots()
    planner = reader_with("planner", "P1")
    answer = planner.post(ADDRESS, means())
    run = Run.objects.get(question="unlock")
    page = planner.get(answer["Location"]).content.decode()
    assert "every 1s" in page
    assert f"{ADDRESS}{run.pk}/cancel/" in page
    planner.post(f"{ADDRESS}{run.pk}/cancel/")
    run.refresh_from_db()
    assert run.status == "cancelled"
    # What was asked is not lost.
    assert f"{ADDRESS}?like={run.pk}" in planner.get(answer["Location"]).content.decode()
    assert ask(planner).status == "done"
