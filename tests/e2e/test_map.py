"""The map's page and the drawing of geometries, in a real browser."""

from __future__ import annotations

import json
import random
import time

import pytest

from tests.e2e.conftest import Open, Reader
from zonewright.land.area import CGCS2000

pytestmark = [pytest.mark.browser, pytest.mark.slow]
START_FIELD = """kinds => {
  for (const address of ['/static/vendor/maplibre-gl.css', '/static/desk/draw-field.css']) {
    const link = document.createElement('link');
    link.rel = 'stylesheet';
    link.href = address;
    document.head.append(link);
  }
  document.querySelector('main').innerHTML = `<input type="hidden" id="shape">
    <div data-draw-field data-input="shape" data-style="/map/style.json"
         data-bounds="[[112.7,22.4],[113.1,22.6]]"></div>`;
  document.querySelector('[data-draw-field]').dataset.kinds = kinds;
}"""
WITH_HOLE = {
    "type": "MultiPolygon",
    "coordinates": [
        [
            [[112.8, 22.4], [112.9, 22.4], [112.9, 22.5], [112.8, 22.5], [112.8, 22.4]],
            [[112.81, 22.41], [112.81, 22.4123456789012], [112.82, 22.41], [112.81, 22.41]],
        ]
    ],
}


def open_map(open_desk: Open, path: str = "/map/", **options: object) -> Reader:
    reader = open_desk(lang="en-US", **options)
    reader.open(path)
    reader.wait_for_map()
    return reader


def click(reader: Reader, x: float, y: float) -> None:
    """Click on the map, at a share of its width and height."""
    box = reader.page.locator("#map canvas").bounding_box()
    assert box is not None
    left, top = box["x"] + box["width"] * x, box["y"] + box["height"] * y
    reader.page.mouse.move(left, top, steps=3)
    reader.page.mouse.click(left, top)


def test_lengths_and_areas_agree_with_the_ellipsoid(open_desk: Open) -> None:
    reader = open_desk()
    chance = random.Random(7)
    for _ in range(40):
        lon, lat = chance.uniform(75, 135), chance.uniform(4, 53)
        d = 10 ** chance.uniform(-4, 0)
        ring = [[lon, lat], [lon + d, lat + 0.1 * d], [lon + 0.9 * d, lat + d], [lon, lat + d]]
        area_m2, length_m = reader.page.evaluate(
            """async ring => {
              const measure = await import('/static/desk/map-geodesy.mjs');
              return [measure.ringArea(ring), measure.lineLength(ring)];
            }""",
            ring,
        )
        lons, lats = zip(*ring, strict=True)
        assert area_m2 == pytest.approx(
            abs(CGCS2000.polygon_area_perimeter(lons, lats)[0]), rel=1e-5
        )
        assert length_m == pytest.approx(CGCS2000.line_length(lons, lats), rel=1e-5)


def test_a_click_opens_the_panel_and_the_address_keeps_it(open_desk: Open) -> None:
    reader = open_map(open_desk, "/map/?at=112.87,22.5,12")
    click(reader, 0.5, 0.5)
    reader.wait("document.querySelector('#map-panel .map-card') !== null")
    reader.wait("new URLSearchParams(location.search).has('record')")
    title = reader.page.locator("#map-panel h2").first.inner_text()
    reader.page.reload()
    reader.wait("document.querySelector('#map-panel .map-card') !== null")
    assert reader.page.locator("#map-panel h2").first.inner_text() == title
    reader.page.click("#map-close")
    assert not reader.page.locator("#map-side").is_visible()


def test_the_search_is_used_by_keyboard_and_flies_there(open_desk: Open) -> None:
    reader = open_map(open_desk)
    before = reader.page.url
    reader.page.fill("#map-query", "DK-0042")
    reader.wait("document.querySelectorAll('#map-results li').length === 1")
    assert reader.page.get_attribute("#map-query", "aria-activedescendant") == "map-result-0"
    reader.page.keyboard.press("Enter")
    reader.wait("document.querySelector('#map-panel .map-card') !== null")
    reader.wait(f"location.href !== {json.dumps(before)} && location.search.includes('parcel')")


def test_land_in_a_rectangle_is_counted(open_desk: Open) -> None:
    reader = open_map(open_desk)
    reader.page.click("[data-tool=rectangle]")
    click(reader, 0.3, 0.15)
    click(reader, 0.9, 0.9)
    reader.wait("document.querySelector('#map-panel tfoot') !== null")
    assert int(reader.page.locator("#map-panel tfoot td").first.inner_text().replace(",", "")) > 100
    assert "mu" in reader.page.inner_text("#map-measure")
    reader.page.keyboard.press("Escape")
    assert not reader.page.locator("#map-measure").is_visible()


def test_the_day_changes_the_land_and_stays_in_the_address(open_desk: Open) -> None:
    reader = open_map(open_desk)
    reader.page.focus("#map-month")
    reader.page.keyboard.press("Home")
    reader.wait("location.search.includes('on=2023-01-31')")
    reader.page.reload()
    reader.wait_for_map()
    assert reader.page.input_value("#map-day") == "2023-01-31"


def test_a_shape_is_kept_to_the_digit_until_it_is_redrawn(open_desk: Open) -> None:
    reader = open_desk(lang="en-US")
    reader.page.evaluate(START_FIELD, "multipolygon")
    given = json.dumps(WITH_HOLE)
    reader.page.evaluate("value => { document.getElementById('shape').value = value; }", given)
    reader.page.evaluate("() => import('/static/desk/draw-field.mjs').then(() => 0)")
    reader.wait("document.querySelector('[data-draw-map]')?.dataset.ready === '1'")
    box = reader.page.locator("[data-draw-map] canvas").bounding_box()
    assert box is not None
    reader.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    time.sleep(0.3)
    value = "document.getElementById('shape').value"
    assert reader.page.evaluate(value) == given
    reader.page.click(".draw-text summary")
    reader.page.fill("textarea", "112.9 22.4\n112.95 22.4\n112.95 22.45")
    reader.page.click("[data-draw=apply]")
    drawn = json.loads(reader.page.evaluate(value))
    assert drawn["type"] == "MultiPolygon"
    assert len(drawn["coordinates"][0][0]) == 4
    reader.page.click("[data-draw=undo]")
    assert json.loads(reader.page.evaluate(value)) == WITH_HOLE
    reader.page.fill("textarea", "LINESTRING (112 22, 113 23)")
    reader.page.click("[data-draw=apply]")
    assert reader.page.locator("[data-draw=fault]").is_visible()
    assert json.loads(reader.page.evaluate(value)) == WITH_HOLE


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_telephone_does_not_scroll_sideways(open_desk: Open, theme: str) -> None:
    reader = open_map(open_desk, width=390, theme=theme)
    over = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert reader.page.evaluate(over) == 0
