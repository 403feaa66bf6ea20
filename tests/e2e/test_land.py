"""The land pages in a real browser: from the funnel to the parcel in the way, dates, files."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import openpyxl
import pytest

from tests.e2e.conftest import Open, Reader
from tests.e2e.pictures import pixels
from tests.e2e.test_keyboard import enter, tab_to
from tests.e2e.test_narrow import OVER, WIDTH

pytestmark = [pytest.mark.browser, pytest.mark.slow]
# The plots of `plots`: Q00, Q01, Q10 and Q11 are levelled and touch; Q02 and Q12 lie beside.
LAND = "/land/?zone=D2&on=2023-10-31&mu=5000"
BLOCK = "/land/blocks/D2/Q00/?on=2023-10-31&mu=5000"
DRAWN = "Number(document.getElementById('land-map').dataset.idle || 0) > 0"
SHOWN = "document.getElementById('land-map').dataset.shown !== undefined"


def open_land(open_desk: Open, path: str, **options: object) -> Reader:
    reader = open_desk(lang="en-US", **options)
    reader.open(path)
    reader.wait(SHOWN)
    reader.wait(DRAWN)
    return reader


def blocks_of(reader: Reader) -> list[str]:
    """Return the codes of the blocks that the page lists."""
    listed = reader.page.locator("section[aria-labelledby=blocks-title] tbody th code")
    return listed.all_inner_texts()


def test_from_the_funnel_to_the_parcel_in_the_way(open_desk: Open) -> None:
    reader = open_land(open_desk, LAND)
    page = reader.page
    reader.wait("!document.querySelector('[data-chart]:not([data-drawn])')")
    assert page.locator(".chart :is(svg, canvas)").count() == 1
    titles = page.locator(".land-cards h3").all_inner_texts()
    assert titles[:2] == ["Contiguous levelled land", "Blocks ready to supply"]
    page.click("section[aria-labelledby=blocks-title] a:has-text('Q00')")
    page.wait_for_url("**/land/blocks/D2/Q00/**")
    assert "Block ready to supply" in page.inner_text(".page-head")
    parcels = page.locator("section[aria-labelledby=parcels-title] tbody th").all_inner_texts()
    assert parcels == ["Q00", "Q01", "Q10", "Q11"]
    beside = page.locator("section[aria-labelledby=around-title] tbody tr")
    rows = {row.locator("th").inner_text(): row.inner_text() for row in beside.all()}
    assert "not levelled" in rows["Q02"]
    # Asked for more than the four plots have, the block says what would let it count.
    page.fill("#land-mu", "9000")
    reader.submit(".land-asked .button")
    assert "too small for 9000 mu" in page.inner_text(".page-head")
    options = page.locator("section[aria-labelledby=options-title] tbody th").all_inner_texts()
    assert [code.strip() for code in options] == ["Q02", "Q12"]  # nothing mends what is supplied
    reader.submit("section[aria-labelledby=options-title] a:has-text('Q02')")
    assert "Q02" in page.inner_text("h1")


def test_the_map_draws_the_block_and_what_lies_beside_it(open_desk: Open) -> None:
    reader = open_land(open_desk, BLOCK)
    frame = reader.page.locator("#land-map")

    def picture() -> bytes:
        reader.page.mouse.move(2, 2)
        reader.until(lambda: _still(frame.screenshot, frame.screenshot), "the map stands still")
        return frame.screenshot()

    whole = pixels(picture()).astype(int)
    changed = {}
    for kind in ("block", "beside"):
        box = reader.page.locator(f".legend input[data-land={kind}]")
        box.uncheck()
        without = pixels(picture()).astype(int)
        box.check()
        apart = abs(whole - without).max(axis=2) > 12
        changed[kind] = float(apart.mean())
        if kind == "block":
            # The block fills the middle of its map, and is a surface, not a line alone.
            middle = apart[apart.shape[0] // 3 : -apart.shape[0] // 3, apart.shape[1] // 2]
            assert middle.mean() > 0.5
    assert changed["block"] > 0.05
    assert changed["beside"] > 0.0005


def _still(first: object, second: object) -> bool:
    return bool(first() == second())  # type: ignore[operator]


def test_the_day_and_the_day_before_decide(open_desk: Open) -> None:
    reader = open_land(open_desk, LAND)
    page = reader.page
    assert "Q00" in blocks_of(reader)
    page.fill("#land-since", "2023-01-20")
    reader.submit(".land-asked .button")
    assert "since=2023-01-20" in page.url
    row = page.locator("section[aria-labelledby=changes-title] tbody tr:has-text('Q00')")
    assert "appeared" in row.inner_text()
    assert "4 parcels came to qualify" in row.inner_text()
    assert "2023-02-01" in row.inner_text()
    page.fill("#land-on", "2023-01-31")
    page.fill("#land-since", "2023-01-01")
    reader.submit(".land-asked .button")
    assert "Q00" not in blocks_of(reader)
    reader.wait(SHOWN)


def test_files_are_downloaded_and_open(open_desk: Open, tmp_path: Path) -> None:
    reader = open_land(open_desk, f"{LAND}&rule=levelled")
    listed = blocks_of(reader)
    assert "Q00" in listed
    paths = {}
    for name in ("Excel", "GeoPackage"):
        with reader.page.expect_download() as waiting:
            reader.page.click(f".downloads a:text-is('{name}')")
        paths[name] = tmp_path / waiting.value.suggested_filename
        waiting.value.save_as(paths[name])
    assert {path.name for path in paths.values()} == {
        "land-D2-levelled-2023-10-31.xlsx", "land-D2-levelled-2023-10-31.gpkg",
    }  # fmt: skip
    book = openpyxl.load_workbook(paths["Excel"])
    assert book.sheetnames[0] == "Contiguous levelled land"
    assert [row[0].value for row in book.worksheets[0].iter_rows(min_row=2)] == listed
    layer = gpd.read_file(paths["GeoPackage"], layer="blocks").set_index("block_id")
    assert list(layer.index) == listed
    assert set(layer["rule"]) == {"levelled"}
    assert json.loads(layer.at["Q00", "parcels"]) == ["Q00", "Q01", "Q10", "Q11"]
    assert layer.geometry.is_valid.all()


def test_a_reader_of_another_zone_finds_nothing(open_desk: Open) -> None:
    reader = open_desk(lang="en-US", who="otto")
    reader.open("/land/?on=2023-10-31&mu=5000")
    reader.wait(SHOWN)
    assert "Q00" not in reader.page.content()
    for path in (LAND, BLOCK, "/land/blocks/all/Q00/?on=2023-10-31&mu=5000"):
        with reader.refused(404):
            reader.open(path)
        assert "Q00" not in reader.page.inner_text("main").replace("No block Q00", "")


def test_the_rule_is_chosen_without_a_mouse(open_desk: Open) -> None:
    reader = open_land(open_desk, LAND)
    page = reader.page
    assert page.input_value("#land-rule") == "supply"
    tab_to(reader, "#land-rule")
    page.keyboard.press("ArrowDown")
    tab_to(reader, ".land-asked .button")
    enter(reader)
    assert "rule=levelled" in page.url
    assert page.input_value("#land-rule") == "levelled"
    tab_to(reader, "section[aria-labelledby=blocks-title] tbody th a")
    enter(reader)
    assert "/land/blocks/D2/" in page.url
    assert "rule=levelled" in page.url
    assert "Levelled block" in page.inner_text(".page-head")
    reader.wait(SHOWN)


def test_a_telephone_shows_all_of_it(open_desk: Open) -> None:
    for theme in ("light", "dark"):
        reader = open_land(open_desk, LAND, width=WIDTH, theme=theme)
        assert reader.page.evaluate(OVER) == 0
        for path in (BLOCK, "/land/quota/", "/zones/D2/"):
            reader.open(path)
            assert reader.page.evaluate(OVER) == 0, path
