"""A year of returns in the browser: its ground, and what its people do on their pages."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from tests.e2e.conftest import Desk, Open, Reader
from zonewright.examples.jiangmen.year import Cell, Figures
from zonewright.examples.jiangmen.year_books import fill, keys
from zonewright.examples.jiangmen.year_script import APPROVER, CHECKER

MONTH = "2023-12"
TOTALLED = ("invested", "invested_ytd")
# January to November by the same workflows as the desk's, each step on its own day.
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
demo_year.play(year, folder / "books", people, steps=script(11))
told = {kind: {code: {name: str(value) for name, value in row.items()}
        for code, row in year.figures(kind, 12).items()} for kind in ("works", "firms")}
(folder / "december.json").write_text(json.dumps(told), encoding="utf-8")
"""


@dataclass(frozen=True)
class December:
    """The month that the browser plays: the desk, who opens it, and what is reported.

    Parameters
    ----------
    desk
        The desk and its workspace, as it stands after November.
    open_desk
        Opens it for a person of the year, each with a session of their own.
    folder
        Where the reporters keep their workbooks.
    """

    desk: Desk
    open_desk: Open
    folder: Path
    _readers: dict[str, Reader] = field(default_factory=dict)

    def person(self, name: str) -> Reader:
        """Return the browser of one of the year's people."""
        if name not in self._readers:
            self._readers[name] = self.open_desk(who=name)
        return self._readers[name]

    @cached_property
    def told(self) -> Mapping[str, Mapping[str, Mapping[str, str]]]:
        """What is reported, as text: by kind, code and field [万元, 万kWh, %]."""
        path = self.desk.file.parent / "december.json"
        found: dict[str, dict[str, dict[str, str]]] = json.loads(path.read_text(encoding="utf-8"))
        return found

    def figures(self, kind: str) -> Figures:
        """Return what is reported, as a reporter types it into Excel."""
        return {
            code: {name: _cell(text) for name, text in row.items()}
            for code, row in self.told[kind].items()
        }

    def blank(self, reader: Reader, kind: str, zone: str) -> bytes:
        """Download the workbook to fill in."""
        with reader.page.expect_download() as caught:
            reader.page.evaluate(
                "address => Object.assign(document.createElement('a'), {href: address}).click()",
                f"/returns/blank.xlsx?kind={kind}&zone={zone}&period={MONTH}",
            )
        return Path(caught.value.path()).read_bytes()

    def book(self, blank: bytes, name: str, figures: Figures) -> Path:
        """Fill in a workbook and keep it under a name."""
        path = self.folder / f"{name}.xlsx"
        path.write_bytes(fill(blank, figures))
        return path

    def drop(self, reader: Reader, *paths: Path) -> None:
        """Upload workbooks on the page of returns, all at once."""
        reader.open(f"/returns/?month={MONTH}")
        reader.page.set_input_files("#upload-files", [str(path) for path in paths])
        reader.submit("form[data-upload] .button")

    def number(self, kind: str, zone: str) -> int:
        """Return the number of a return of the month."""
        asked = (
            "select r.id from store_return r join store_zone z on z.id = r.zone_id"
            " where r.kind = ? and z.code = ? and r.period = ?"
        )
        ((found,),) = self.desk.ask(asked, kind, zone, MONTH)
        return int(found)

    def state(self, number: int) -> str:
        """Return the state of a return, as the workspace holds it."""
        ((found,),) = self.desk.ask("select state from store_return where id = ?", number)
        return str(found)

    def step(self, reader: Reader, number: int, name: str, remark: str = "") -> None:
        """Take a step of a return on its page."""
        reader.open(f"/returns/{number}/step/{name}/")
        if remark:
            reader.page.fill("#id_remark", remark)
        reader.submit(".step-form button.button")

    def lock(self, number: int) -> Reader:
        """Check a return and approve it, by two people; return the page that says so."""
        self.step(self.person(CHECKER), number, "check")
        approver = self.person(APPROVER)
        self.step(approver, number, "approve")
        assert self.state(number) == "locked"
        return approver

    def kept(self, reader: Reader, number: int) -> Any:
        """Return the workbook of a return's latest version, as it was handed in."""
        asked = "select max(number) from store_returnversion where of_id = ?"
        ((version,),) = self.desk.ask(asked, number)
        address = f"/returns/{number}/versions/{version}/workbook.xlsx"
        return load_workbook(io.BytesIO(fetched(reader, address)), data_only=True)


def fetched(reader: Reader, path: str) -> bytes:
    """Return what an address answers in the reader's session; it must answer well."""
    answer = reader.page.request.get(reader.root + path)
    assert answer.status == 200, (answer.status, path)
    return answer.body()


def type_in(reader: Reader, figures: Mapping[str, Mapping[str, str]]) -> None:
    """Type a zone's works into the open form, with their total."""
    rows = reader.page.locator("table[data-sheet=works] tbody tr")
    total = dict.fromkeys(TOTALLED, 0)
    for key in rows.evaluate_all("rows => rows.map(row => row.dataset.key)"):
        for name, text in figures[key].items():
            reader.page.fill(f'[name="works|{name}|{key}"]', text)
            if name in total:
                total[name] += int(text)
    for name, value in total.items():
        reader.page.fill(f'[name="total|{name}|all"]', str(value))


def amount(text: str) -> float:
    """Return the number that a text begins with."""
    found = re.search(r"[-−]?\d[\d,]*(\.\d+)?", text)
    assert found, text
    return float(found[0].replace(",", "").replace("−", "-"))


def asked_for(blank: bytes, figures: Figures) -> str:
    """Return the first record of a workbook that something was spent on."""
    return next(code for code in keys(blank) if figures[code]["invested"])


def _cell(text: str) -> Cell:
    if re.fullmatch(r"-?\d+", text):
        return int(text)
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return date.fromisoformat(text)
    return float(text) if re.fullmatch(r"-?\d+\.\d+", text) else text
