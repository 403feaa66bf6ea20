"""A telephone of 390 px: nothing scrolls sideways, everything can be touched."""

from __future__ import annotations

import json

import pytest

from tests.e2e.conftest import Desk, Open
from tests.e2e.pages import visits

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WIDTH = 390
OVER = "document.scrollingElement.scrollWidth - innerWidth"
# Links and inputs to touch, smaller than 24 px either way. A box is touched by its label; a link
# in the middle of a sentence needs no size of its own (WCAG 2.2, 2.5.8).
SMALL = """
() => [...document.querySelectorAll(
  "nav a, nav button, header a, header button, form button, form a.button, form select, " +
  "form textarea, form input:not([type=hidden]), summary, .tool, .button"
)].filter((one) => one.checkVisibility({ checkVisibilityCSS: true, checkOpacity: true }))
  .map((one) => {
    const boxed = ["checkbox", "radio"].includes(one.type) && one.labels?.length;
    const target = boxed ? one.labels[0] : one;
    return { one, box: target.getBoundingClientRect() };
  })
  .filter(({ one, box }) => box.width > 1 && !one.closest(".hidden") &&
    Math.min(box.width, box.height) < 23.5)
  .map(({ one, box }) =>
    `${one.tagName} ${one.id || one.className} ` +
    `"${(one.innerText || one.name || "").slice(0, 20)}" ` +
    `${Math.round(box.width)}x${Math.round(box.height)}`)
"""


@pytest.mark.parametrize("lang", ["zh-CN", "en-US"])
def test_every_page_fits_a_telephone(open_desk: Open, desk: Desk, lang: str) -> None:
    reader = open_desk(width=WIDTH, lang=lang)
    wide, small = {}, {}
    for name, show in visits(desk):
        show(reader)
        if over := reader.page.evaluate(OVER):
            wide[name] = over
        if found := reader.page.evaluate(SMALL):
            small[name] = found
    assert wide == {}
    assert small == {}, json.dumps(small, ensure_ascii=False)


def test_the_map_on_a_telephone_opens_a_record_over_the_map(open_desk: Open, desk: Desk) -> None:
    ((key,),) = desk.ask("select id from store_parcel where code = 'DK-0012'")
    reader = open_desk(width=WIDTH, lang="en-US")
    reader.open(f"/map/?record=parcel:{key}")
    reader.wait_for_map()
    card = reader.page.locator("#map-panel .map-card")
    card.wait_for()
    assert "DK-0012" in card.inner_text()
    box = reader.page.locator("#map-side").bounding_box()
    assert box is not None
    assert box["width"] <= WIDTH
    reader.page.click("#map-close")
    assert reader.page.locator("#map-side").is_hidden()
    reader.page.click("#map-legend > summary")
    assert reader.page.locator('#map-legend input[data-kind="parcels"]').is_visible()
