"""Plans in the browser: asked for, followed, read by budget, compared, questioned and cancelled."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.e2e import plans
from tests.e2e.conftest import Desk, Open, Reader
from tests.e2e.people import ROLES
from tests.e2e.pictures import pixels
from tests.web import plan_ground

pytestmark = [pytest.mark.browser, pytest.mark.slow]

UNLOCK, GRADING = "/land/unlock/", "/land/grading/"
PLAN_S = 90.0
PLANNER, VIEWER = ROLES["planner"].name, ROLES["viewer"].name


def made(desk: Desk, question: str) -> list[int]:
    """Return the plans of a kind that stand in the workspace from the beginning."""
    asked = "select id from store_run where question = ? and by = 'tests' order by id"
    return [number for (number,) in desk.ask(asked, question)]


def result(desk: Desk, number: int) -> dict[str, Any]:
    """Return what the database keeps of a plan."""
    ((text,),) = desk.ask("select result from store_run where id = ?", number)
    return dict(json.loads(text))


def number_of(reader: Reader) -> int:
    """Return the number of the plan that is shown."""
    return int(reader.page.url.partition("?")[0].strip("/").rpartition("/")[2])


def chosen(reader: Reader) -> list[str]:
    """Return the parcels that the page says are bought."""
    return list(json.loads(reader.page.get_attribute("#plan-step", "data-chosen") or "[]"))


def wait_for_answer(reader: Reader, end: str) -> None:
    """Wait until a plan is there; a fault ends the waiting too."""
    reader.page.locator(f"{end}, #plan-body [role=alert]").first.wait_for(timeout=PLAN_S * 1000)
    assert reader.page.locator("#plan-body [role=alert]").count() == 0, reader.page.inner_text(
        "#plan-body"
    )


def test_a_plan_is_asked_for_and_read_with_the_keyboard_alone(open_desk: Open, desk: Desk) -> None:
    reader = open_desk(lang="en-US", who=PLANNER)
    reader.open(f"{UNLOCK}?zone=P1")
    keyboard = reader.page.keyboard
    reader.page.focus("#id_on")
    reader.page.fill("#id_on", plans.ON)
    for name, text in (("threshold_mu", "300"), ("budget_wan", "2,000"), ("time_limit_s", "1")):
        for _ in range(12):
            if reader.page.evaluate("document.activeElement.name") == name:
                break
            keyboard.press("Tab")
        assert reader.page.evaluate("document.activeElement.name") == name
        keyboard.press("ControlOrMeta+a")
        keyboard.type(text)
    with reader.page.expect_navigation(wait_until="load"):
        keyboard.press("Enter")
    wait_for_answer(reader, "#plan-step")
    number = number_of(reader)
    assert desk.ask("select status, by from store_run where id = ?", number) == [("done", PLANNER)]
    kept = result(desk, number)
    assert chosen(reader) == kept["plans"][kept["main"]]["chosen"]
    assert reader.page.inner_text("#sum-title") == "With CNY 20 million"
    # The map that came with the answer shows what is bought.
    reader.wait("Number(document.getElementById('plan-map').dataset.idle || 0) > 0", seconds=60)
    count = reader.page.get_attribute("#plan-map", "data-bought")
    assert int(count or -1) == len(chosen(reader))


def test_the_slider_buys_what_its_budget_buys(open_desk: Open, desk: Desk) -> None:
    number = made(desk, "unlock")[0]
    kept = result(desk, number)
    reader = open_desk(who=PLANNER)
    reader.open(f"{UNLOCK}{number}/")
    reader.wait("Number(document.getElementById('plan-map').dataset.idle || 0) > 0", seconds=60)
    reader.page.focus("#budget-step")
    last, drawn = len(kept["plans"]) - 1, reader.page.locator("#plan-map")
    for press, place in (("Home", 0), ("ArrowRight", 1), ("End", last), ("ArrowLeft", last - 1)):
        reader.page.keyboard.press(press)
        plan = kept["plans"][place]
        title = f"预算 {plan['budget_cny'] / 1e4:,.1f}".removesuffix(".0") + "万元"
        reader.until(lambda title=title: reader.page.inner_text("#sum-title") == title, title)
        assert chosen(reader) == plan["chosen"]
        count = str(len(plan["chosen"]))
        reader.until(lambda count=count: drawn.get_attribute("data-bought") == count, press)
        gained = f"{plan['gain_m2'] * 3 / 2000:,.1f}亩"
        assert gained in reader.page.inner_text("#plan-sum .plan-figures")
        file = reader.page.get_attribute("#plan-sum .downloads a", "href") or ""
        assert file.endswith(f"?step={place}")
    assert kept["plans"][0]["chosen"] != kept["plans"][last]["chosen"]
    assert reader.page.evaluate("document.activeElement.id") == "budget-step"


def test_two_plans_stand_side_by_side(open_desk: Open, desk: Desk) -> None:
    reader = open_desk(lang="en-US", who=PLANNER)
    reader.open(UNLOCK)
    reader.submit(".plan-compare a")
    for number in made(desk, "unlock"):
        reader.page.check(f'input[name=run][value="{number}"]')
    reader.submit(".compare-form .button")
    table = reader.page.locator("table.compare")
    assert table.locator("thead th").count() == 3
    row = table.locator("tr", has_text="Budget").first
    assert "CNY 15 million" in row.inner_text()
    assert "CNY 30 million" in row.inner_text()
    assert "differs" in (row.get_attribute("class") or "")
    same = table.locator("tr", has_text="Zone").first
    assert "differs" not in (same.get_attribute("class") or "")


def test_why_not_is_answered_by_planning_again(open_desk: Open, desk: Desk) -> None:
    number = made(desk, "unlock")[0]
    kept = result(desk, number)
    plan = kept["plans"][kept["main"]]
    left = next(
        code
        for code, cost in kept["costs"].items()
        if code.startswith("U") and code not in plan["chosen"] and cost < plan["budget_cny"]
    )
    reader = open_desk(lang="en-US", who=PLANNER)
    reader.open(f"{UNLOCK}{number}/")
    reader.page.fill("#why-parcel", left)
    reader.page.keyboard.press("Enter")
    reader.page.locator("#why button").click()
    told = reader.page.locator("#why a")
    told.wait_for(timeout=PLAN_S * 1000)
    assert "With it" in reader.page.inner_text("#why")
    with reader.page.expect_navigation(wait_until="load"):
        told.click()
    assert left in chosen(reader)


def test_a_click_on_the_map_asks_why_not(open_desk: Open, desk: Desk) -> None:
    number = made(desk, "unlock")[0]
    reader = open_desk(lang="en-US", who=PLANNER)
    reader.open(f"{UNLOCK}{number}/")
    reader.wait("Number(document.getElementById('plan-map').dataset.idle || 0) > 0", seconds=60)
    canvas = reader.page.locator("#plan-map canvas").first
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    reader.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    reader.page.locator("#why strong").wait_for()
    code = reader.page.input_value("#why-parcel")
    assert code
    assert reader.page.inner_text("#why strong") == code


def test_a_plan_is_cancelled_and_nothing_of_it_is_lost(open_desk: Open, desk: Desk) -> None:
    reader = open_desk(lang="en-US", who=PLANNER)
    reader.open(f"{UNLOCK}?zone=P1")
    reader.page.fill("#id_on", "2023-11-01")
    reader.page.fill("#id_budget_wan", "2,718")
    reader.page.fill("#id_threshold_mu", "300")
    reader.page.fill("#id_time_limit_s", "60")
    reader.submit(".plan-form .buttons .button")
    number = number_of(reader)
    reader.submit("#run-cancel")
    reader.page.locator(".state-cancelled").wait_for(timeout=PLAN_S * 1000)
    assert desk.ask("select status from store_run where id = ?", number) == [("cancelled",)]
    reader.submit(".run-actions a")
    assert reader.page.input_value("#id_budget_wan") == "2718"
    assert reader.page.input_value("#id_on") == "2023-11-01"


def test_who_may_not_plan_reads_all_and_starts_nothing(open_desk: Open, desk: Desk) -> None:
    ((unlock, _),) = [made(desk, "unlock")]
    (grading,) = made(desk, "grade")
    reader = open_desk(lang="en-US", who=VIEWER)
    for path in (UNLOCK, GRADING):
        reader.open(path)
        assert reader.page.locator(".plan-form").count() == 0
    assert reader.page.locator(f'a[href="{GRADING}{grading}/"]').count() == 1
    reader.open(f"{GRADING}{grading}/")
    assert reader.page.locator(".cut-fill image").count() == 1
    assert "plan again" not in reader.page.inner_text("main")
    with reader.refused(404):
        reader.open(f"{UNLOCK}{unlock}/")  # of a zone that they do not see


def test_a_terrain_becomes_levels_and_a_picture_of_cut_and_fill(
    open_desk: Open, desk: Desk
) -> None:
    reader = open_desk(lang="en-US", who=PLANNER)
    reader.open(f"{GRADING}?zone=Z1")
    page = reader.page
    assert page.locator("#id_terraces").is_hidden()
    page.select_option("#id_pattern", "terraces")
    page.fill("#id_terraces", "3")
    assert page.locator("#id_width_m").is_hidden()
    ground = plan_ground.terrain_text(slope=0.005).encode()
    page.set_input_files(
        "#terrain-file", {"name": "ground.asc", "mimeType": "text/plain", "buffer": ground}
    )
    page.select_option("#id_block", "")
    page.fill("#id_parcels", "DK-0000")
    page.fill("#id_crs", plan_ground.CRS)
    page.fill("#id_min_width_m", "400")
    page.fill("#id_on", plans.ON)
    page.fill("#id_time_limit_s", "2")
    reader.submit(".plan-form .buttons .button")
    wait_for_answer(reader, ".cut-fill")
    number = number_of(reader)
    levels = [pad["level_m"] for pad in result(desk, number)["plan"]["pads"]]
    table = page.locator("table", has_text="Level (m)").first.inner_text()
    assert len(levels) == 3
    assert all(f"{level:.3f}" in table for level in levels)
    picture = page.locator(".cut-fill svg")
    picture.scroll_into_view_if_needed()
    seen = pixels(picture.screenshot()).astype(int)
    red, blue = seen[:, :, 0], seen[:, :, 2]
    assert (red - blue > 40).mean() > 0.02, "no cut is drawn"
    assert (blue - red > 40).mean() > 0.02, "no fill is drawn"
    reader.wait("!document.querySelector('[data-chart]:not([data-drawn])')")
    # Of the same terrain, at other prices: the file is not asked for again.
    reader.submit(".downloads a")
    page.click("details.plan-group > summary")
    page.fill("#id_cut_cny_m3", "12")
    reader.submit(".plan-form .buttons .button")
    wait_for_answer(reader, ".cut-fill")
    assert "changed; else 9" in page.inner_text("main")
    assert number_of(reader) != number
