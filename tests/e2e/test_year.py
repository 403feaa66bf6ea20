"""The year in the browser: handed in, refused, sent back, locked, given out, corrected, ordered.

January to November were played by the workflows, each step on its day, with a late return among
them. December is played here by five zones' reporters, the checker and the approver, each in a
session of their own; one zone types, the others drop workbooks. The tests follow one another.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Dialog

from tests.e2e.conftest import Desk, Open, Reader, serving
from tests.e2e.year import MAKE, MONTH, December, amount, asked_for, fetched, type_in
from zonewright.examples.jiangmen.year import ZONES
from zonewright.examples.jiangmen.year_books import evidence, keys
from zonewright.examples.jiangmen.year_script import (
    APPROVER,
    CHECKER,
    LATE,
    TOO_MUCH,
    flawed,
    reporter,
)

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TYPING, CORRECTING, GAPS, UNREADABLE, ORDERED = (
    "JM-QD-PH", "JM-PT-TS", "JM-PT-KP", "JM-PT-HS", "JM-QD-GX",
)  # fmt: skip
FLAWS = {CORRECTING: "too_much", GAPS: "gaps"}
TITLE = "2023年1—12月调度通报（示例）"
KINDS = ("works", "firms")
MADE_S = 420.0  # eleven months of five zones on a loaded machine


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Serve the workspace of the year as it stands after November."""
    with serving(tmp_path_factory.mktemp("year") / "year.sqlite", MAKE, within=MADE_S) as served:
        yield served


@pytest.fixture(scope="module")
def signed_in() -> dict[str, Any]:
    """Keep the sessions of the year's people apart from those of other desks."""
    return {}


@pytest.fixture
def december(desk: Desk, open_desk: Open, tmp_path: Path) -> December:
    """Return the month that is played here."""
    return December(desk, open_desk, tmp_path)


def test_five_zones_hand_in_december_by_workbook_and_by_hand(december: December) -> None:
    for zone in ZONES:
        reader = december.person(reporter(zone))
        blank = december.blank(reader, "works", zone)
        figures = december.figures("works")
        books = [
            december.book(
                december.blank(reader, "firms", zone), f"{zone} firms", december.figures("firms")
            )
        ]
        if zone == UNREADABLE:
            refuse(december, reader, blank)
        if zone != TYPING:
            told = flawed(figures, FLAWS.get(zone, ""), keys(blank))
            books.append(december.book(blank, f"{zone} works", told))
        december.drop(reader, *books)
        assert reader.page.locator(".answer-next a[href$='/step/submit/']").count() == len(books)
        if zone == TYPING:
            type_works(december, reader)
        for kind in KINDS:
            if (zone, kind) != (TYPING, "works"):
                december.step(reader, december.number(kind, zone), "submit")
            assert december.state(december.number(kind, zone)) == "submitted"
        # What the others report is not theirs to see.
        with reader.refused(404):
            reader.open(f"/returns/{MONTH}/works/{ZONES[ZONES.index(zone) - 1]}/")


def refuse(december: December, reader: Reader, blank: bytes) -> None:
    """Hand in what cannot be read: told with its cell, marked in the workbook, not submitted."""
    figures = {code: dict(row) for code, row in december.figures("works").items()}
    figures[asked_for(blank, figures)]["physical_pct"] = "近三成"
    december.drop(reader, december.book(blank, "无法识别", figures))
    cell = reader.page.locator(".finding-table tbody tr", has_text="近三成").locator("code")
    place = cell.first.inner_text()
    number = december.number("works", UNREADABLE)
    marked = load_workbook(
        io.BytesIO(fetched(reader, f"/returns/{number}/versions/1/marked.xlsx"))
    ).worksheets[0]
    assert marked[place].value == "近三成"
    assert marked[place].comment is not None
    reader.open(f"/returns/{number}/step/submit/")
    assert reader.page.locator(".step-form button").count() == 0
    assert december.state(number) == "draft"


def type_works(december: December, reader: Reader) -> None:
    """Type the works into the form, which saves them; what cannot be read keeps it from going."""
    reader.open(f"/returns/{MONTH}/works/{TYPING}/")
    reader.submit("form[action$='/begin/'] .button")
    number = december.number("works", TYPING)
    assert reader.page.url.endswith(f"/returns/{number}/form/")
    asked_to_stay: list[str] = []

    def go(dialog: Dialog) -> None:
        asked_to_stay.append(dialog.type)
        dialog.accept()

    reader.page.on("dialog", go)
    type_in(reader, december.told["works"])
    cell = reader.page.locator("table[data-sheet=works] tbody tr [name^='works|invested|']").first
    right, asked = cell.input_value(), "#return-form button[name=submit]"
    cell.fill("三百")
    reader.page.click(asked)
    cell.locator("xpath=ancestor::td").locator(".cell-told.refused").wait_for()
    reader.wait("document.activeElement.name.startsWith('works|invested|')")
    assert reader.page.url.endswith("/form/")
    cell.fill(right)
    reader.submit(asked)
    assert reader.page.url.endswith("/step/submit/")
    assert not asked_to_stay, "the page was left while cells were being saved"
    reader.submit(".step-form button.button")


def test_one_is_sent_back_and_comes_again_and_all_are_locked(december: December) -> None:
    numbers = {december.number(kind, zone) for kind in KINDS for zone in ZONES}
    checker = december.person(CHECKER)
    checker.open(f"/returns/?month={MONTH}&all=1")
    links = checker.page.locator(".waiting tbody a")
    waiting = links.evaluate_all("links => links.map(link => link.getAttribute('href'))")
    assert {f"/returns/{number}/" for number in numbers} == set(waiting)
    # In the dialog over the page, and not without a word.
    wrong, why = december.number("works", GAPS), "形象进度未填，请补齐后再报"
    checker.open(f"/returns/{wrong}/")
    checker.page.click("a[href$='/step/send-back/']")
    dialog = checker.page.locator("#step-dialog")
    dialog.locator("textarea[required]").fill(why)
    checker.submit("#step-dialog .button.danger")
    assert december.state(wrong) == "sent_back"
    reader = december.person(reporter(GAPS))
    reader.open("/returns/")
    assert why in reader.page.inner_text(".waiting .remark")
    blank = december.blank(reader, "works", GAPS)
    december.drop(reader, december.book(blank, "补齐", december.figures("works")))
    december.step(reader, wrong, "submit")
    for number in sorted(numbers):
        december.lock(number)
    # What locked the typed one: the workbook that was made of it says what was typed.
    book = december.kept(checker, december.number("works", TYPING)).worksheets[0]
    typed = december.figures("works")
    codes = {row[0].value: row for row in book.iter_rows(min_row=7) if row[0].value in typed}
    assert codes
    assert all(
        typed[code]["invested"] in [cell.value for cell in row] for code, row in codes.items()
    )


def test_the_year_is_complete_and_the_late_one_says_so(december: December) -> None:
    reader = december.person(APPROVER)
    for month in range(1, 13):
        reader.open(f"/returns/?month=2023-{month:02d}")
        cells = reader.page.locator("#completeness a.return-locked")
        # January's firms report with February's.
        assert cells.count() == len(ZONES) * (1 if month == 1 else 2), month
        # December comes when the browser runs, years after its day.
        late = len(ZONES) * 2 if month == 12 else int(month == LATE[2])
        assert cells.locator(".late").count() == late, month
        if month == LATE[2]:
            assert "逾期 5 天" in cells.locator(".late").inner_text()


def test_a_correction_is_told_against_what_was_given_out(december: December) -> None:
    approver = december.person(APPROVER)
    approver.open(f"/board/?month={MONTH}")
    approver.page.click("details.publish summary")
    approver.page.fill("#publish-title", TITLE)
    approver.submit("details.publish button.button")
    ((given_out,),) = december.desk.ask("select id from store_publication where title = ?", TITLE)
    before = figure(approver, CORRECTING, "works_invested")
    number = december.number("works", CORRECTING)
    december.step(approver, number, "reopen", f"首个项目多报{TOO_MUCH}万元，按支付凭证更正")
    assert december.state(number) == "reopened"
    reader = december.person(reporter(CORRECTING))
    blank = december.blank(reader, "works", CORRECTING)
    december.drop(reader, december.book(blank, "更正", december.figures("works")))
    december.step(reader, number, "submit")
    said = december.lock(number).page.inner_text("section[aria-labelledby=locked-title]")
    assert TITLE in said
    assert "基础设施" in said
    # The board has the new figure, the publication the old one, and their difference is told.
    after = figure(approver, CORRECTING, "works_invested")
    assert before - after == pytest.approx(TOO_MUCH / 1e4, abs=0.006)
    assert "−0.03" in approver.page.inner_text("[aria-labelledby=given-title]")
    approver.open(f"/publications/{given_out}/")
    changes = approver.page.locator("[aria-labelledby=changes-title] tbody tr")
    assert f"/zones/{CORRECTING}/" in str(
        changes.locator("th a").evaluate_all("links => links.map(a => a.getAttribute('href'))")
    )
    approver.page.click("a:has-text('发布时')")
    assert "as_of=" in approver.page.url
    as_published = approver.page.locator(f"#board a[href*='/{CORRECTING}/works_invested/']")
    assert amount(as_published.locator(".full").inner_text()) == before


def figure(reader: Reader, zone: str, indicator: str) -> float:
    """Return a figure of the month from the page that explains it [亿元]."""
    reader.open(f"/board/{zone}/{indicator}/?month={MONTH}")
    text = reader.page.inner_text(".figure-value")
    assert text.endswith("亿元")
    return amount(text)


def test_an_order_is_given_replied_to_with_evidence_and_closed(
    december: December, tmp_path: Path
) -> None:
    approver = december.person(APPROVER)
    approver.open(f"/orders/month/?month={MONTH}")
    approver.page.select_option("#order-zone", ORDERED)
    approver.submit(".filters .button")
    ticks = approver.page.locator("input[name=matter]")
    assert ticks.count()
    approver.page.click("[data-tick=none]")
    assert not approver.page.locator("input[name=matter]:checked").count()
    ticks.first.check()
    approver.submit(".give .button")
    ((number, zone, state),) = december.desk.ask(
        "select o.id, z.code, o.state from store_order o join store_zone z on z.id = o.zone_id"
    )
    assert (zone, state) == (ORDERED, "open")
    reader = december.person(reporter(ORDERED))
    reader.open(f"/orders/{number}/")
    reader.page.fill("#reply-text", "已组织施工单位进场，附开工令（示例）。")
    reader.page.set_input_files("#reply-files", str(evidence(tmp_path)))
    reader.submit("form[action$='/reply/'] .button")
    checker = december.person(CHECKER)
    checker.open(f"/orders/{number}/")
    checker.page.click("a[href$='/accept/']")
    checker.submit("main form button.button")
    assert december.desk.ask("select state from store_order") == [("closed",)]
    checker.open(f"/orders/{number}/")
    assert "办结材料" in checker.page.inner_text(".proofs")
    assert checker.page.locator(".course .step-accepted").count() == 1


def test_every_headline_of_the_board_opens_its_explanation(december: December) -> None:
    reader = december.person(APPROVER)
    reader.open(f"/board/?month={MONTH}")
    cells = reader.page.locator("#board td a").evaluate_all(
        "links => links.map(a => [a.getAttribute('href'), a.title,"
        " a.querySelector('.full')?.textContent ?? ''])"
    )
    assert len(cells) > 100
    for address, title, value in cells:
        # With a target the cell shows how much is done, and says the value when pointed at.
        said = value or title.partition(": ")[2].partition(" / ")[0]
        page = fetched(reader, address).decode()
        found = re.search(r'class="figure-value">([^<]*)<', page)
        assert found, address
        shown = unescape(found[1]).strip()
        assert shown == said if said else not re.search(r"\d", shown), (address, said, shown)
    # And by hand: each headline of the whole region, from the board and back.
    region = [(address, value) for address, _, value in cells if address.startswith("/board/JM/")]
    assert len(region) >= 5
    for address, value in region:
        reader.page.click(f"#board a[href='{address}']")
        reader.page.locator(".figure-value", has_text=value).wait_for()
        reader.page.locator("#forecast .waiting").wait_for(state="detached")
        reader.page.click("nav.trail a[href^='/board/']")
        reader.page.locator("#board").wait_for()


def test_a_figure_leads_to_the_cells_that_the_reporters_filled_in(december: December) -> None:
    reader = december.person(APPROVER)
    for zone in ZONES:
        here = f"/board/{zone}/works_invested/"
        shown = figure(reader, zone, "works_invested")
        book = december.kept(reader, december.number("works", zone))
        parts, of_december = [], 0.0
        while True:
            for row in reader.page.locator("table.records tbody tr").all():
                record, part, _, sheet, place = row.locator("td").all_inner_texts()
                parts.append(amount(part))
                assert re.fullmatch(r"[A-Z]+\d+", place.split()[0]), place
                if record.endswith(MONTH):
                    of_december += parts[-1]
                    if zone != CORRECTING:  # there only the row that changed is of the last file
                        value = book[sheet][place.split()[0]].value
                        assert value / 1e4 == pytest.approx(parts[-1], abs=6e-5), (zone, place)
            onward = reader.page.locator("nav.pages a[rel=next]")
            if not onward.count():
                break
            reader.open(here + str(onward.first.get_attribute("href")))
        assert of_december > 0
        assert sum(parts) == pytest.approx(shown, abs=0.005 + 5e-5 * len(parts))
