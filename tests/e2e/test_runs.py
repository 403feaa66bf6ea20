"""Background runs, with the worker that the desk itself starts: to the end, and cancelled."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import Error as PlaywrightError

from tests.e2e.conftest import Desk, Open, Reader
from tests.e2e.people import ROLES

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MAGIC = {"html": b"<!doctype html", "docx": b"pk\x03\x04", "pdf": b"%pdf-"}
RUN_S = 180.0


def seen_until(reader: Reader, end: str) -> list[int]:
    """Return each state of the bar until an element is there."""
    seen: list[int] = []
    stop = time.monotonic() + RUN_S
    while not reader.page.locator(end).count():
        assert time.monotonic() < stop, seen
        try:
            shown = reader.page.evaluate("document.querySelector('.run-progress')?.dataset.percent")
        except PlaywrightError:
            continue  # the page went on to what came of the run
        if shown is not None and (not seen or int(shown) != seen[-1]):
            seen.append(int(shown))
        time.sleep(0.05)
    return seen


def test_the_look_back_is_followed_to_its_end(open_desk: Open, desk: Desk) -> None:
    reader = open_desk(lang="en-US", who=ROLES["planner"].name)
    reader.open("/report/")
    if reader.page.locator(".report-sheet").count():  # made by a test before: change a record
        touch(reader, desk)
        reader.open("/report/")
    reader.submit(".report-tools .button")
    seen = seen_until(reader, ".report-sheet")
    assert seen == sorted(seen)
    assert len(seen) >= 2, "the bar never moved"
    assert max(seen) > 0
    assert "Look-back" in reader.page.inner_text(".report-sheet")
    links = reader.page.locator(".downloads a").all()
    assert len(links) == 6
    for link in links:
        with reader.page.expect_download() as download:
            link.click()
        name = download.value.suggested_filename
        content = download.value.path().read_bytes()
        assert content[:15].lower().startswith(MAGIC[name.rpartition(".")[2]]), name
        assert len(content) > 20_000
    ((status, progress, worker),) = desk.ask(
        "select status, progress, worker from store_run where question = 'look-back' "
        "order by id desc limit 1"
    )
    assert (status, progress) == ("done", 1.0)
    assert worker
    reader.open("/runs/")
    row = reader.page.locator("main tbody tr", has_text="Make the look-back").first
    assert ROLES["planner"].name in row.inner_text()


def touch(reader: Reader, desk: Desk) -> None:
    """Enter a stage, so that the figures are no longer those of the report."""
    reader.open("/records/parcel_events/new/?parcel=DK-0570")
    reader.page.select_option("#id_stage", "L9")
    reader.page.fill("#id_on", "2023-09-09")
    reader.submit(".record-form .button:not(.quiet)")


def test_a_run_is_cancelled_by_who_asked(open_desk: Open, desk: Desk) -> None:
    reader = open_desk(lang="en-US", who=ROLES["planner"].name)
    other = open_desk(lang="en-US", who=ROLES["viewer"].name)
    touched = touch_again(reader)
    reader.open("/report/")
    reader.submit(".report-tools .button")  # keeps the worker busy
    reader.open("/runs/")
    reader.page.fill("#export-on", "2023-07-01")
    reader.submit("form[action='/runs/start/export-gpkg/'] .button")
    address = reader.page.url.removeprefix(reader.root)
    number = int(address.strip("/").rpartition("/")[2])
    reader.page.locator("#run-cancel").wait_for()
    with other.refused(404):
        other.open(address)
    reader.submit("#run-cancel")
    reader.page.locator(".state-cancelled").wait_for(timeout=RUN_S * 1000)
    assert reader.page.locator("#run-cancel").count() == 0
    assert desk.ask("select status from store_run where id = ?", number) == [("cancelled",)]
    assert desk.ask("select count(*) from store_runfile where run_id = ?", number) == [(0,)]
    reader.submit(".run-actions .button")  # asked again, it is carried out
    again = reader.page.url.removeprefix(reader.root)
    seen_until(reader, ".run-files a")
    with reader.page.expect_download() as download:
        reader.page.locator(".run-files a").first.click()
    content = download.value.path().read_bytes()
    assert content.startswith(b"SQLite format 3\x00")
    assert again != address
    assert touched


def touch_again(reader: Reader) -> bool:
    reader.open("/records/parcel_events/new/?parcel=DK-0571")
    reader.page.select_option("#id_stage", "L9")
    reader.page.fill("#id_on", "2023-09-10")
    reader.submit(".record-form .button:not(.quiet)")
    return "saved=" in reader.page.url
