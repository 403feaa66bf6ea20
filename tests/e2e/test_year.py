"""A month of the year in the browser: handed in, sent back, locked, given out, corrected, ordered.

The workspace has played January to March by the workflows; April is played here, by five zones'
reporters, the checker and the approver, one zone typing and the others dropping workbooks.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.e2e.conftest import Desk, Open, Reader, serving
from zonewright.examples.jiangmen.year import ZONES, Cell
from zonewright.examples.jiangmen.year_books import evidence, fill, keys
from zonewright.examples.jiangmen.year_script import APPROVER, CHECKER, reporter

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MONTH, TYPING, CORRECTING, WRONG = "2023-04", "JM-QD-PH", "JM-PT-TS", "JM-PT-KP"
TOO_MUCH = 300  # [万元]
MAKE = """
import json, sys
from pathlib import Path
from zonewright.store import workspace
workspace.create(sys.argv[1], title="t")
from tests.web import sample
from zonewright.cli import demo_year
from zonewright.examples.jiangmen.build import build_start
from zonewright.examples.jiangmen.year_script import script
from zonewright.workflows.importing import import_files
folder = Path(sys.argv[1]).parent
year, files = build_start(folder / "files")
import_files(files, by="demo", at=demo_year.BEGINNING)
people = demo_year.make_people(sample.PASSWORD)
demo_year.play(year, folder / "books", people, steps=script(3))
told = {kind: {code: {name: str(value) for name, value in row.items()}
        for code, row in year.figures(kind, 4).items()} for kind in ("works", "firms")}
(folder / "april.json").write_text(json.dumps(told), encoding="utf-8")
"""
Figures = dict[str, dict[str, dict[str, str]]]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Serve the workspace of the year, as it stands at the end of March."""
    with serving(tmp_path_factory.mktemp("year") / "year.sqlite", MAKE) as served:
        yield served


@pytest.fixture(scope="module")
def april(desk: Desk) -> Figures:
    """Return what works and firms report for April, by kind, code and field."""
    told: Figures = json.loads((desk.file.parent / "april.json").read_text(encoding="utf-8"))
    return told


def numbers(figures: dict[str, dict[str, str]]) -> dict[str, dict[str, Cell]]:
    """Return figures as a reporter types them into Excel."""
    return {
        code: {name: _number(text) for name, text in row.items()} for code, row in figures.items()
    }


def _number(text: str) -> Cell:
    if re.fullmatch(r"-?\d+", text):
        return int(text)
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return date.fromisoformat(text)
    return float(text) if re.fullmatch(r"-?\d+\.\d+", text) else text


def book(
    reader: Reader, kind: str, zone: str, april: Figures, folder: Path, *, more: int = 0
) -> Path:
    """Download a workbook from the desk and fill it in; `more` is too much for its first work."""
    with reader.page.expect_download() as caught:
        reader.page.evaluate(
            "address => { const a = document.createElement('a'); a.href = address; a.click(); }",
            f"/returns/blank.xlsx?kind={kind}&zone={zone}&period={MONTH}",
        )
    blank = Path(caught.value.path()).read_bytes()
    figures = numbers(april[kind])
    if more:
        first = next(code for code in keys(blank) if figures[code]["invested"])
        for name in ("invested", "invested_ytd"):
            figures[first][name] = int(str(figures[first][name])) + more
    path = folder / f"{zone} {kind} {more}.xlsx"
    path.write_bytes(fill(blank, figures))
    return path


def drop(reader: Reader, paths: list[Path]) -> None:
    """Upload workbooks on the page of returns, all at once."""
    reader.open(f"/returns/?month={MONTH}")
    reader.page.set_input_files("#upload-files", [str(path) for path in paths])
    reader.submit("form[data-upload] .button")


def number(desk: Desk, kind: str, zone: str) -> int:
    """Return the number of a return of April."""
    asked = (
        "select r.id from store_return r join store_zone z on z.id = r.zone_id"
        " where r.kind = ? and z.code = ? and r.period = ?"
    )
    ((found,),) = desk.ask(asked, kind, zone, MONTH)
    return int(found)


def state(desk: Desk, of: int) -> str:
    ((found,),) = desk.ask("select state from store_return where id = ?", of)
    return str(found)


def step(reader: Reader, of: int, name: str, remark: str = "") -> None:
    """Take a step of a return on its page."""
    reader.open(f"/returns/{of}/step/{name}/")
    if remark:
        reader.page.fill("#id_remark", remark)
    reader.submit(".step-form button.button")


def lock(open_desk: Open, desk: Desk, numbers_of: list[int]) -> None:
    checker, approver = open_desk(who=CHECKER), open_desk(who=APPROVER)
    for of in numbers_of:
        step(checker, of, "check")
        step(approver, of, "approve")
        assert state(desk, of) == "locked"


def test_april_is_reported_by_five_zones(
    open_desk: Open, desk: Desk, april: Figures, tmp_path: Path
) -> None:
    made = []
    for zone in ZONES:
        reader = open_desk(who=reporter(zone))
        if zone == TYPING:
            made.append(type_in(reader, desk, zone, april))
            continue
        more = TOO_MUCH if zone == CORRECTING else 0
        paths = [
            book(reader, "works", zone, april, tmp_path, more=more),
            book(reader, "firms", zone, april, tmp_path),
        ]
        drop(reader, paths)
        assert reader.page.locator(".answer-next").count() == len(paths)
        for kind in ("works", "firms"):
            made.append(number(desk, kind, zone))
            step(reader, made[-1], "submit")
            assert state(desk, made[-1]) == "submitted"
    # One is sent back, and comes again.
    wrong = number(desk, "works", WRONG)
    step(open_desk(who=CHECKER), wrong, "send-back", "形象进度请核实")
    assert state(desk, wrong) == "sent_back"
    reader = open_desk(who=reporter(WRONG))
    reader.open(f"/returns/{wrong}/")
    assert "形象进度请核实" in reader.page.inner_text("main")
    step(reader, wrong, "submit")
    lock(open_desk, desk, made)
    # Every one of them came after its day: today is not May 2023.
    reader.open(f"/returns/?month={MONTH}")
    assert reader.page.locator("#completeness .return-locked").count() >= 2


def type_in(reader: Reader, desk: Desk, zone: str, april: Figures) -> int:
    """Type a zone's works into the form, which saves them, and submit it."""
    reader.open(f"/returns/{MONTH}/works/{zone}/")
    reader.submit("form[action$='/begin/'] .button")
    of = number(desk, "works", zone)
    reader.open(f"/returns/{of}/form/")
    total = {"invested": 0, "invested_ytd": 0}
    for key in reader.page.locator("table[data-sheet=works] tbody tr").evaluate_all(
        "rows => rows.map(row => row.dataset.key)"
    ):
        for name, text in april["works"][key].items():
            reader.page.fill(f'[name="works|{name}|{key}"]', text)
            if name in total:
                total[name] += int(text)
    for name, value in total.items():
        reader.page.fill(f'[name="total|{name}|all"]', str(value))
    reader.submit("#return-form button[name=submit]")
    reader.submit(".step-form button.button")
    assert state(desk, of) == "submitted"
    return of


def test_a_correction_after_the_lock_is_told_against_what_was_given_out(
    open_desk: Open, desk: Desk, april: Figures, tmp_path: Path
) -> None:
    approver = open_desk(who=APPROVER)
    approver.open(f"/board/?month={MONTH}")
    approver.page.click("details.publish summary")
    approver.page.fill("#publish-title", "2023年1—4月调度通报（示例）")
    approver.submit("details.publish button.button")
    assert desk.ask("select count(*) from store_publication") == [(1,)]
    of = number(desk, "works", CORRECTING)
    step(approver, of, "reopen", "首个项目多报300万元")
    assert state(desk, of) == "reopened"
    reader = open_desk(who=reporter(CORRECTING))
    drop(reader, [book(reader, "works", CORRECTING, april, tmp_path)])
    step(reader, of, "submit")
    step(open_desk(who=CHECKER), of, "check")
    step(approver, of, "approve")
    assert state(desk, of) == "locked"
    said = approver.page.inner_text("section[aria-labelledby=locked-title]")
    assert "更正" in said
    assert "基础设施" in said


def test_every_number_of_the_board_leads_to_its_cells(open_desk: Open, desk: Desk) -> None:
    reader = open_desk(who=APPROVER, lang="en-US")
    for zone in ZONES:
        reader.open(f"/board/{zone}/works_invested/?month={MONTH}")
        shown = amount(reader.page.inner_text(".figure-value"))
        rows = reader.page.locator("table.records tbody tr")
        assert rows.count()
        parts, cells = [], []
        while True:
            parts += [amount(text) for text in rows.locator("td.number").all_inner_texts()]
            cells += rows.locator("td:last-child code").all_inner_texts()
            onward = reader.page.locator("nav.pages a[rel=next]")
            if not onward.count():
                break
            reader.open(f"/board/{zone}/works_invested/{onward.first.get_attribute('href')}")
        assert all(re.fullmatch(r"[A-Z]+\d+", cell) for cell in cells), cells
        assert sum(parts) == pytest.approx(shown, abs=0.006 * max(1, len(parts)))


def amount(text: str) -> float:
    """Return the number that a text begins with."""
    found = re.search(r"-?\d[\d,]*(\.\d+)?", text)
    assert found, text
    return float(found[0].replace(",", ""))


def test_an_order_is_given_replied_to_with_evidence_and_closed(
    open_desk: Open, desk: Desk, tmp_path: Path
) -> None:
    approver = open_desk(who=APPROVER)
    approver.open(f"/orders/month/?month={MONTH}")
    ticks = approver.page.locator("input[name=matter]")
    names = {reporter(zone) for zone in ZONES}
    assert ticks.count()
    for tick in ticks.all()[1:]:
        tick.uncheck()
    approver.submit(".give .button")
    ((of, zone),) = desk.ask(
        "select o.id, z.code from store_order o join store_zone z on z.id = o.zone_id"
    )
    assert reporter(zone) in names
    reader = open_desk(who=reporter(zone))
    reader.open(f"/orders/{of}/")
    reader.page.fill("#reply-text", "已补报，附材料。")
    reader.page.set_input_files("#reply-files", str(evidence(tmp_path)))
    reader.submit("form[action$='/reply/'] .button")
    checker = open_desk(who=CHECKER)
    checker.open(f"/orders/{of}/accept/")
    checker.submit("main form button.button")
    assert desk.ask("select state from store_order") == [("closed",)]
    checker.open(f"/orders/{of}/")
    assert "办结材料" in checker.page.inner_text(".proofs")
