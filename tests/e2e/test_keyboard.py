"""The desk without a mouse: every step can be reached, seen and left again."""

from __future__ import annotations

import pytest

from tests.e2e.conftest import Desk, Open, Reader
from tests.e2e.pages import opener
from tests.e2e.people import COLLEAGUES, PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MOST = 150  # tab stops on a page
# The outline, or the shadow, that says where the keyboard is; a box may show it on its label.
SEEN = """
() => {
  const one = document.activeElement;
  const style = getComputedStyle(one);
  const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1.5;
  return outlined || style.boxShadow !== "none" || one.tagName === "BODY";
}
"""
WHERE = """
() => {
  const one = document.activeElement;
  return one === document.body ? "" :
    `${one.tagName}.${one.className} ${one.id || one.name || one.innerText?.slice(0, 30)}`;
}
"""


def tab(reader: Reader, *, back: bool = False) -> str:
    """Go one stop on; return where, having seen that it shows."""
    reader.page.keyboard.press("Shift+Tab" if back else "Tab")
    where: str = reader.page.evaluate(WHERE)
    assert reader.page.evaluate(SEEN), f"the focus cannot be seen on {where}"
    return where


def tab_to(reader: Reader, selector: str) -> None:
    """Press Tab until an element has the focus."""
    for _ in range(MOST):
        tab(reader)
        if reader.page.evaluate("one => document.activeElement.matches(one)", selector):
            return
    raise AssertionError(f"never reached: {selector}")


def enter(reader: Reader) -> None:
    """Press Enter and wait for the page that follows."""
    with reader.page.expect_navigation(wait_until="load"):
        reader.page.keyboard.press("Enter")


def test_a_parcel_is_found_and_changed(open_desk: Open, desk: Desk) -> None:
    reader = open_desk(lang="en-US", sign_in=False)
    keyboard = reader.page.keyboard
    assert reader.page.evaluate("document.activeElement.id") == "id_username"
    keyboard.type(COLLEAGUES[0].name)
    tab(reader)
    keyboard.type(PASSWORD)
    enter(reader)
    assert tab(reader).startswith("A.skip")
    keyboard.press("Enter")
    assert reader.page.evaluate("document.activeElement.id") == "main"
    reader.page.reload()
    tab_to(reader, ".sections a[href='/records/']")
    enter(reader)
    tab_to(reader, "a[href='/records/parcels/']")
    enter(reader)
    tab_to(reader, "#asked-text")
    keyboard.type("DK-0333")
    reader.wait("document.querySelectorAll('#listing .listing-table tbody tr').length === 1")
    tab_to(reader, "#asked details summary")
    keyboard.press("Enter")
    tab_to(reader, ".filters input[type=checkbox]")
    keyboard.press("Space")
    reader.wait("new URLSearchParams(location.search).size > 1")
    keyboard.press("Space")
    reader.wait("document.querySelectorAll('#listing .listing-table tbody tr').length === 1")
    tab_to(reader, "#listing .listing-table tbody th a")
    enter(reader)
    tab_to(reader, "a.button[href$='/edit/']")
    enter(reader)
    tab_to(reader, "#id_owner")
    keyboard.press("ControlOrMeta+a")
    keyboard.type("without a mouse")
    tab_to(reader, ".record-form .button:not(.quiet)")
    enter(reader)
    assert "saved=" in reader.page.url
    assert desk.ask("select owner from store_parcel where code = 'DK-0333'") == [
        ("without a mouse",)
    ]


def test_the_map_is_reached_and_its_panel_closed(open_desk: Open, desk: Desk) -> None:
    reader = open_desk(lang="en-US")
    keyboard = reader.page.keyboard
    reader.open("/map/")
    reader.wait_for_map()
    tab_to(reader, "#map-query")
    keyboard.type("DK-0334")
    reader.page.locator("#map-results [role=option]").first.wait_for()
    keyboard.press("ArrowDown")
    keyboard.press("Enter")
    reader.page.locator("#map-panel .map-card").wait_for()
    assert "DK-0334" in reader.page.inner_text("#map-panel")
    tab_to(reader, "#map-legend input[data-kind=parcels]")
    keyboard.press("Space")
    assert not reader.page.is_checked("#map-legend input[data-kind=parcels]")
    reader.until(lambda: "hide=parcels" in reader.page.url, "the address follows the legend")
    tab_to(reader, "#map-panel a")
    keyboard.press("Escape")
    assert reader.page.locator("#map-side").is_hidden()
    assert reader.page.evaluate("document.activeElement.matches('#map canvas')")
    tab_to(reader, "#map-month")
    keyboard.press("Home")
    assert reader.page.input_value("#map-month") == "0"


PAGES = ("/", "/map/", "/records/parcels/", "/records/parcels/new/", "/report/", "/account/")


@pytest.mark.parametrize("path", PAGES)
def test_nobody_is_caught(open_desk: Open, path: str) -> None:
    reader = open_desk(lang="en-US")
    opener(path)(reader)
    reader.page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    seen: list[str] = []
    for _ in range(2 * MOST):
        where = tab(reader)
        if not where or (seen and where.startswith("A.skip")):
            break
        seen.append(where)
    else:
        raise AssertionError(f"the keyboard never leaves the page: {seen[-6:]}")
    assert len(seen) > 10
    assert tab(reader, back=True) or len(seen) > 10
