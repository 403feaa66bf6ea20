"""The map: what it draws, pixel by pixel, and what a reader does with it."""

from __future__ import annotations

import math
import re
import zlib
from dataclasses import dataclass

import numpy as np
import pytest
import shapely
from playwright.sync_api import Download

from tests.e2e.conftest import Desk, Open, Reader
from tests.e2e.people import ROLES
from tests.e2e.pictures import over, pixels, rgb, share_near
from tests.web import sample
from zonewright.web.theme import THEMES, Theme, colours

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ROWS = 24  # of the sample, and as many columns
WEST, SOUTH, EAST, NORTH = sample.ZONES["Z1"][3] or (0, 0, 0, 0)
WIDE, HIGH = (EAST - WEST) / ROWS, (NORTH - SOUTH) / ROWS
PARCEL_OPACITY = 0.9
NEAR = 4  # of a colour channel: rounding, and the screen's own blending
ZOOM = 12
# With the planned zones and the works switched off, parcels lie on the district alone.
BARE = "hide=cluster,group,startup,park,economic_zone,works,graticule"
DAYS = {"L3": "2023-01-31", "L5": "2023-03-31", "L8": "2023-06-30"}


@dataclass(frozen=True)
class Spot:
    lon: float
    lat: float


def centre(number: int) -> Spot:
    """Return the middle of a parcel of the sample."""
    column, row = number % ROWS, number // ROWS
    return Spot(WEST + (column + 0.48) * WIDE, SOUTH + (row + 0.48) * HIGH)


def stage_of(number: int) -> str:
    return sample.STAGES[number % len(sample.STAGES)]


def expected(stage: str, theme: Theme) -> np.ndarray:
    found = colours(theme)
    return over(found[f"stage-{stage}"], found["map-district"], PARCEL_OPACITY)


def address(spot: Spot, *, zoom: float = ZOOM, more: str = BARE) -> str:
    return f"/map/?at={spot.lon:.5f},{spot.lat:.5f},{zoom}&{more}"


def offset(spot: Spot, middle: Spot, zoom: float = ZOOM) -> tuple[float, float]:
    """Return how many pixels a spot lies right of and below the middle of the map."""

    def mercator(lat: float) -> float:
        return math.degrees(math.log(math.tan(math.pi / 4 + math.radians(lat) / 2)))

    size = 512 * 2**zoom / 360
    return (spot.lon - middle.lon) * size, (mercator(middle.lat) - mercator(spot.lat)) * size


def middle_of_map(reader: Reader) -> tuple[float, float]:
    box = reader.page.locator("#map canvas").first.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def colour_at(reader: Reader, right: float = 0, down: float = 0) -> np.ndarray:
    """Return the colour so many pixels from the middle of the map."""
    x, y = middle_of_map(reader)
    clip = {"x": round(x + right) - 2, "y": round(y + down) - 2, "width": 4, "height": 4}
    return np.median(pixels(reader.page.screenshot(clip=clip)).reshape(-1, 3), axis=0)  # type: ignore[arg-type]


def is_drawn(reader: Reader, wanted: np.ndarray, right: float = 0, down: float = 0) -> bool:
    return bool(np.abs(colour_at(reader, right, down) - wanted).max() <= NEAR)


def wait_for_colour(reader: Reader, wanted: np.ndarray) -> None:
    reader.until(lambda: is_drawn(reader, wanted), f"{wanted} in the middle of the map")


@pytest.mark.parametrize("theme", THEMES)
def test_each_parcel_has_the_colour_of_its_stage(open_desk: Open, theme: Theme) -> None:
    first = 10 * ROWS + 6  # six neighbours, each one stage further than the one before
    middle = centre(first + 3)
    reader = open_desk(theme=theme)
    reader.open(address(middle))
    reader.wait_for_map()
    wait_for_colour(reader, expected(stage_of(first + 3), theme))
    drawn = {}
    for number in range(first, first + len(sample.STAGES)):
        right, down = offset(centre(number), middle)
        drawn[stage_of(number)] = is_drawn(reader, expected(stage_of(number), theme), right, down)
    assert drawn == dict.fromkeys(sample.STAGES, True)
    gap = offset(Spot(WEST + (first % ROWS + 0.98) * WIDE, middle.lat), middle)
    assert is_drawn(reader, rgb(colours(theme)["map-district"]), *gap)


@pytest.mark.parametrize("theme", THEMES)
def test_the_map_of_the_overview_draws_every_stage(open_desk: Open, theme: Theme) -> None:
    reader = open_desk(theme=theme)
    reader.wait_for_map()
    for box in reader.page.locator(".legend input[data-kind]").all():
        box.set_checked(box.get_attribute("data-kind") == "parcels")
    found = {}

    def all_there() -> bool:
        picture = pixels(reader.page.locator("#map canvas").screenshot())
        for stage in sample.STAGES:
            found[stage] = share_near(picture, expected(stage, theme), 6)
        return min(found.values()) > 0.01

    reader.until(all_there, f"every stage on a hundredth of the map: {found}")
    reader.page.uncheck(".legend input[data-kind=parcels]")

    def none_there() -> bool:
        picture = pixels(reader.page.locator("#map canvas").screenshot())
        return all(share_near(picture, expected(s, theme), 6) < 0.002 for s in ("L5", "L7", "L8"))

    reader.until(none_there, "no parcel once they are switched off")


def test_a_stage_that_is_entered_colours_its_parcel_at_once(open_desk: Open) -> None:
    number = 2 * ROWS + 12  # has reached L3 only
    reader = open_desk(lang="en-US")
    reader.open(address(centre(number)))
    reader.wait_for_map()
    wait_for_colour(reader, expected("L3", "light"))
    clerk = open_desk(lang="en-US", who=ROLES["reporter"].name)
    clerk.open(f"/records/parcel_events/new/?parcel=DK-{number:04d}")
    clerk.page.select_option("#id_stage", "L9")
    clerk.page.fill("#id_on", "2024-05-06")
    clerk.submit(".record-form .button:not(.quiet)")
    assert "/records/parcel_events/" in clerk.page.url
    assert "saved=" in clerk.page.url
    reader.page.reload()
    reader.wait_for_map()
    wait_for_colour(reader, expected("L9", "light"))


def test_the_day_changes_what_is_drawn(open_desk: Open) -> None:
    number = 12 * ROWS + 5  # reached L3 in January 2023, and L8 in June
    reader = open_desk()
    reader.open(address(centre(number)))
    reader.wait_for_map()
    wait_for_colour(reader, expected("L8", "light"))
    for stage in ("L5", "L3"):
        reader.page.fill("#map-day", DAYS[stage])
        reader.page.press("#map-day", "Tab")
        wait_for_colour(reader, expected(stage, "light"))
        assert f"on={DAYS[stage]}" in reader.page.url
    slider = reader.page.locator("#map-month")
    slider.focus()
    for _ in range(2):
        slider.press("ArrowRight")
    assert reader.page.input_value("#map-day") == DAYS["L5"]
    wait_for_colour(reader, expected("L5", "light"))
    slider.press("End")
    wait_for_colour(reader, expected("L8", "light"))


def test_a_click_opens_the_record_that_lies_there(open_desk: Open, desk: Desk) -> None:
    number = 8 * ROWS + 9
    ((key,),) = desk.ask("select id from store_parcel where code = ?", f"DK-{number:04d}")
    reader = open_desk(lang="en-US")
    reader.open(address(centre(number)))
    reader.wait_for_map()
    reader.page.mouse.click(*middle_of_map(reader))
    card = reader.page.locator(f"#map-panel .map-card[data-record='parcel:{key}']")
    card.wait_for()
    assert f"DK-{number:04d}" in card.inner_text()
    reached = card.locator("table", has_text="Stages reached").locator("tbody tr")
    assert reached.count() == 1 + number % len(sample.STAGES)
    reader.wait(f"document.getElementById('map-work').dataset.chosen === 'parcel:{key}'")
    card.locator("a.tool").click()
    reader.page.wait_for_url(f"**/records/parcels/{key}/")


def test_a_drawn_rectangle_selects_what_lies_in_it(open_desk: Open, desk: Desk) -> None:
    middle = centre(11 * ROWS + 11)
    reader = open_desk(lang="en-US")
    reader.open(address(middle))
    reader.wait_for_map()
    reader.page.click('[data-tool="rectangle"]')
    low, high = centre(10 * ROWS + 9), centre(12 * ROWS + 12)
    corners = (
        Spot(low.lon - WIDE / 4, low.lat - HIGH / 4),
        Spot(high.lon + WIDE / 4, high.lat + HIGH / 4),
    )
    x, y = middle_of_map(reader)
    for corner in corners:
        right, down = offset(corner, middle)
        reader.page.mouse.move(x + right, y + down, steps=4)
        reader.page.mouse.click(x + right, y + down)
    total = reader.page.locator("#map-panel tfoot td").first
    total.wait_for()
    area = shapely.box(corners[0].lon, corners[0].lat, corners[1].lon, corners[1].lat)
    shapes = [shapely.from_wkb(row[0]) for row in desk.ask("select geometry from store_parcel")]
    inside = sum(area.contains(shape.centroid) for shape in shapes)
    assert inside == 12
    assert total.inner_text() == str(inside)
    assert "DK-0249" in reader.page.inner_text("#map-panel")
    with reader.page.expect_download() as download:
        reader.page.click("#map-panel button[value=xlsx]")
    assert content(download.value).startswith(b"PK\x03\x04")
    assert reader.page.locator("#map-measure").is_visible()
    assert "ha" in reader.page.inner_text("#map-measure")


def test_a_link_shows_the_same_map_again(open_desk: Open, desk: Desk) -> None:
    number = 5 * ROWS + 15
    ((key,),) = desk.ask("select id from store_parcel where code = ?", f"DK-{number:04d}")
    reader = open_desk()
    reader.open(address(centre(number)))
    reader.wait_for_map()
    reader.page.uncheck('#map-legend input[data-filter="parcels"][data-value="L8"]')
    reader.page.mouse.click(*middle_of_map(reader))
    reader.wait(f"document.getElementById('map-work').dataset.chosen === 'parcel:{key}'")
    reader.page.fill("#map-day", "2023-05-31")
    reader.page.press("#map-day", "Tab")
    reader.until(lambda: "on=2023-05-31" in reader.page.url, "the day in the address")
    kept = reader.page.url
    assert f"record=parcel:{key}" in kept
    before = settled(reader)
    other = open_desk()
    other.page.goto(kept)
    other.wait_for_map()
    other.wait(f"document.getElementById('map-work').dataset.chosen === 'parcel:{key}'")
    assert not other.page.is_checked('#map-legend input[data-filter="parcels"][data-value="L8"]')
    assert other.page.input_value("#map-day") == "2023-05-31"
    other.until(lambda: difference(before, settled(other)) < 0.01, "the same picture")


def settled(reader: Reader) -> np.ndarray:
    """Return the middle of the map once two pictures of it are alike."""
    x, y = middle_of_map(reader)
    clip = {"x": x - 120, "y": y - 120, "width": 240, "height": 240}
    last = pixels(reader.page.screenshot(clip=clip))  # type: ignore[arg-type]
    for _ in range(40):
        reader.page.wait_for_timeout(250)
        now = pixels(reader.page.screenshot(clip=clip))  # type: ignore[arg-type]
        if difference(last, now) == 0:
            return now
        last = now
    raise AssertionError("the map is never still")


def difference(one: np.ndarray, other: np.ndarray) -> float:
    """Return which share of two pictures differs."""
    apart = np.abs(one.astype(int) - other.astype(int)).max(axis=2)
    return float((apart > NEAR).mean())


def content(download: Download) -> bytes:
    return download.path().read_bytes()


def test_the_map_is_saved_as_a_picture(open_desk: Open) -> None:
    made = printed(open_desk(theme="dark"), "png")
    assert made.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = (int.from_bytes(made[at : at + 4]) for at in (16, 20))
    assert width >= 2240  # an A4 sheet at twice the screen's fineness, and its legend
    assert height >= 1660
    assert made.endswith(b"IEND\xaeB`\x82")
    assert len(made) > 50_000  # more than an empty sheet


def test_the_map_is_printed_as_pdf(open_desk: Open) -> None:
    made = printed(open_desk(), "pdf")
    assert made.startswith(b"%PDF-")
    assert b"%%EOF" in made[-64:]
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", made, re.S)
    plain = made + b"".join(filter(None, map(inflated, streams)))
    assert len(re.findall(rb"/Type\s*/Page(?![a-zA-Z])", plain)) == 1
    assert b"/Subtype/Image" in plain.replace(b" ", b"")


def inflated(stream: bytes) -> bytes:
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return b""  # a stream of another kind


def printed(reader: Reader, kind: str) -> bytes:
    reader.open(address(centre(11 * ROWS + 11), zoom=11))
    reader.wait_for_map()
    reader.page.click('[data-tool="print"]')
    with reader.page.expect_download(timeout=90_000) as download:
        reader.page.click(f'[data-print="{kind}"]')
    assert download.value.suggested_filename.endswith(f".{kind}")
    return content(download.value)
