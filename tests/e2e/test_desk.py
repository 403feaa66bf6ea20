"""What a reader does on the desk, in a real browser."""

from __future__ import annotations

import json
from collections import Counter

import numpy as np
import pytest

from tests.e2e.conftest import Open, Reader
from tests.e2e.pictures import pixels

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def colours(reader: Reader) -> Counter[tuple[int, int, int]]:
    """Return how many pixels of the map's picture have each colour."""
    picture = pixels(reader.page.locator("#map canvas").screenshot()).astype(np.uint32)
    packed = picture[..., 0] << 16 | picture[..., 1] << 8 | picture[..., 2]
    found, counts = np.unique(packed, return_counts=True)
    return Counter(
        {
            (int(c >> 16), int(c >> 8 & 255), int(c & 255)): int(n)
            for c, n in zip(found, counts, strict=True)
        }
    )


def areas(reader: Reader) -> int:
    """Return how many colours cover more than half a percent of the map each."""
    found = colours(reader)
    return sum(count > found.total() / 200 for count in found.values())


def test_the_map_draws_the_zones_and_the_layers_can_be_hidden(open_desk: Open) -> None:
    reader = open_desk()
    reader.wait_for_map()
    drawn = areas(reader)
    assert drawn >= 6  # ground, district, cluster, groups, start-up area, economic zone
    before = reader.page.evaluate("document.getElementById('map').dataset.idle")
    for box in reader.page.locator(".legend input[data-kind]").all():
        box.set_checked(False)
    reader.wait(f"document.getElementById('map').dataset.idle > {before}")
    assert areas(reader) < drawn - 2


def test_dark_differs_from_light(open_desk: Open) -> None:
    means = {}
    for theme in ("light", "dark"):
        reader = open_desk(theme=theme)
        reader.wait_for_map()
        found = colours(reader)
        means[theme] = sum(sum(c) * n for c, n in found.items()) / found.total() / 3
    assert means["light"] > 170
    assert means["dark"] < 90


def test_the_theme_can_be_chosen(open_desk: Open) -> None:
    reader = open_desk(theme="light")
    reader.submit("button[name=theme][value=dark]")
    ground = "getComputedStyle(document.body).backgroundColor"
    dark = reader.page.evaluate(ground)
    reader.submit("button[name=theme][value=light]")
    assert reader.page.evaluate(ground) != dark


def test_parcels_appear_when_near(open_desk: Open) -> None:
    reader = open_desk()
    reader.open("/zones/S1/")
    reader.wait_for_map()
    assert reader.page.locator("#stage-legend").is_visible()
    assert areas(reader) >= 8


def test_a_click_on_the_map_opens_the_panel_and_goes_through_the_zones(open_desk: Open) -> None:
    reader = open_desk(lang="en-US")
    reader.wait_for_map()
    canvas = reader.page.locator("#map canvas")
    box = canvas.bounding_box()
    assert box is not None
    spot = {"x": box["width"] * 0.62, "y": box["height"] * 0.5}
    names = []
    for _ in range(3):
        before = reader.page.locator("#zone-panel").inner_html()
        canvas.click(position=spot)
        reader.wait(f"document.getElementById('zone-panel').innerHTML !== {json.dumps(before)}")
        names.append(reader.page.locator("#zone-panel h2").inner_text())
    assert len(set(names)) >= 2
    reader.page.click("#zone-panel h2 a")
    assert "/zones/" in reader.page.url


def test_a_card_leads_to_records_that_can_be_searched(open_desk: Open) -> None:
    reader = open_desk(lang="en-US")
    reader.page.locator(".card", has_text="Land acquired").locator("a").click()
    reader.page.wait_for_url("**/figures/F018/")
    assert reader.page.locator("#records tbody tr").count() == 200
    reader.page.fill("#record-search", "DK-0042")
    reader.wait("document.querySelectorAll('#records tbody tr').length === 1")
    assert "q=DK-0042" in reader.page.url
    reader.page.fill("#record-search", "")
    reader.wait("document.querySelectorAll('#records tbody tr').length === 200")
    reader.page.click("#records .pages a[rel=next]")
    reader.wait("document.querySelector('#records .pages a[rel=prev]') !== null")
    reader.page.reload()
    assert reader.page.locator("#records .pages a[rel=prev]").count() == 1
    with reader.page.expect_download() as download:
        reader.page.click(".download")
    assert download.value.suggested_filename == "f018-records.csv"


def test_the_language_is_switched_and_kept(open_desk: Open) -> None:
    reader = open_desk(lang="zh-CN")
    assert "超前与滞后" in reader.page.inner_text("main")
    reader.submit("button[name=language]")
    assert "Ahead and behind" in reader.page.inner_text("main")
    reader.open("/figures/")
    assert reader.page.locator("html").get_attribute("lang") == "en"


def test_the_chart_is_drawn(open_desk: Open) -> None:
    reader = open_desk()
    reader.open("/zones/Z1/")
    reader.wait("document.querySelector('[data-chart]').dataset.drawn === '1'")
    assert reader.page.locator("[data-chart] svg path").count() > 10


def test_the_keyboard_reaches_the_content_first(open_desk: Open) -> None:
    reader = open_desk(lang="en-US")
    reader.page.keyboard.press("Tab")
    assert reader.page.evaluate("document.activeElement.className") == "skip"
    reader.page.keyboard.press("Enter")
    assert reader.page.evaluate("document.activeElement.id") == "main"


def test_a_stranger_signs_in_and_arrives_where_he_meant_to(open_desk: Open) -> None:
    reader = open_desk(sign_in=False)
    reader.open("/figures/F018/")
    assert "/sign-in/?next=/figures/F018/" in reader.page.url
    reader.page.fill("#id_username", "linh")
    reader.page.fill("#id_password", "correct-horse-battery")
    reader.page.keyboard.press("Enter")
    reader.page.wait_for_url("**/figures/F018/")
